package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeId;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * Which software a server is: the components of {@code Server_ServerStatus_BuildInfo}, i=2260 (Part 5, 12.4). Each is a
 * variable of its own, so that a server that keeps one of them to itself still tells the others.
 *
 * <p>What the server does not have, or leaves empty, is null; what it refuses to tell is a {@code ServiceException}.
 */
public final class ServerInfoService {
    private static final int VALUE = 13;

    private final AttributeService attributes;

    /** A variable below BuildInfo. */
    public enum Component {
        PRODUCT_NAME(2261, "ProductName"),
        MANUFACTURER_NAME(2263, "ManufacturerName"),
        SOFTWARE_VERSION(2264, "SoftwareVersion"),
        BUILD_NUMBER(2265, "BuildNumber"),
        BUILD_DATE(2266, "BuildDate");

        private final long id;
        private final String browseName;

        Component(long id, String browseName) {
            this.id = id;
            this.browseName = browseName;
        }

        private ReadItem item() {
            return new ReadItem(NodeId.numeric(0, id), VALUE);
        }
    }

    public ServerInfoService(AttributeService attributes) {
        this.attributes = attributes;
    }

    /** One component: a String, or a DateTime for the build date; null if the server gives none. */
    public CompletableFuture<@Nullable Object> component(CallContext context, Component component) {
        return attributes.read(context, component.item()).thenApply(value -> valueOf(component, value));
    }

    /** All components, in one request if the server's limits let it. */
    public CompletableFuture<BuildInfo> buildInfo(CallContext context) {
        Component[] components = Component.values();
        List<ReadItem> items = Arrays.stream(components).map(Component::item).toList();
        return attributes.readMulti(context, items).thenApply(values -> {
            Object[] parts = new Object[components.length];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = valueOf(components[i], values.get(i));
            }
            return new BuildInfo(
                    (String) parts[0], (String) parts[1], (String) parts[2], (String) parts[3], (DateTime) parts[4]);
        });
    }

    static @Nullable Object valueOf(Component component, DataValue read) {
        long code = read.statusCode().value();
        if (code == StatusCodes.Bad_NodeIdUnknown) {
            return null;
        }
        if (read.statusCode().isBad()) {
            throw OpcUaErrors.service("The server's " + component.browseName + " cannot be read", code);
        }
        Object value = read.variant().value();
        if (component == Component.BUILD_DATE) {
            return value instanceof DateTime date && !date.isNull() ? date : null;
        }
        return value instanceof String ? value : null;
    }
}
