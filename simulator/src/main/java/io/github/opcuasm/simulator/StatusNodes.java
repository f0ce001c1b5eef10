package io.github.opcuasm.simulator;

import java.util.Set;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/** Quality: values with other than good status or without timestamps. Access: variables that refuse something. */
final class StatusNodes {
    static final String QUALITY = "Quality";
    static final String ACCESS = "Access";

    private static final Set<AccessLevel> WRITE = Set.of(AccessLevel.CurrentWrite);
    private static final Set<AccessLevel> NONE = Set.of();

    private StatusNodes() {}

    static void addTo(NodeBuilder nodes) {
        addQuality(nodes, nodes.folderOf(QUALITY));
        addAccess(nodes, nodes.folderOf(ACCESS));
    }

    private static void addQuality(NodeBuilder nodes, NodeBuilder.Folder quality) {
        quality.readOnly("Bad", OpcUaDataType.Double, with(nodes, Variant.NULL_VALUE, StatusCodes.Bad_SensorFailure));
        quality.readOnly(
                "BadWithValue", OpcUaDataType.Double, with(nodes, new Variant(1.5), StatusCodes.Bad_OutOfService));
        quality.readOnly(
                "Uncertain",
                OpcUaDataType.Double,
                with(nodes, new Variant(1.5), StatusCodes.Uncertain_LastUsableValue));
        quality.readOnly(
                "GoodOverride", OpcUaDataType.Double, with(nodes, new Variant(1.5), StatusCodes.Good_LocalOverride));
        quality.readOnly(
                "WithoutSourceTime", OpcUaDataType.Double, nodes.good(1.5).withSourceTime(null));
    }

    private static void addAccess(NodeBuilder nodes, NodeBuilder.Folder access) {
        add(nodes, access, "ReadOnly", NodeBuilder.READ, NodeBuilder.READ);
        add(nodes, access, "WriteOnly", WRITE, WRITE);
        add(nodes, access, "None", NONE, NONE);
        add(nodes, access, "UserReadOnly", NodeBuilder.READ_WRITE, NodeBuilder.READ);
        add(nodes, access, "UserNone", NodeBuilder.READ_WRITE, NONE);
    }

    private static void add(
            NodeBuilder nodes,
            NodeBuilder.Folder access,
            String name,
            Set<AccessLevel> level,
            Set<AccessLevel> userLevel) {
        access.add(name, NodeIds.Int32, ValueRanks.Scalar, nodes.good(1), level, userLevel);
    }

    private static DataValue with(NodeBuilder nodes, Variant value, long status) {
        return new DataValue(value, new StatusCode(status), nodes.now(), nodes.now());
    }
}
