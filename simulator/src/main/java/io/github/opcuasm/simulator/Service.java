package io.github.opcuasm.simulator;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseNextRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CancelRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.FindServersRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifyMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifySubscriptionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RegisterNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.SetMonitoringModeRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.SetPublishingModeRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.SetTriggeringRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.UnregisterNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;

/**
 * The services of Part 4 that the simulator counts and can disturb. {@link #OTHER} stands for every request
 * that has no constant of its own.
 */
public enum Service {
    FIND_SERVERS(FindServersRequest.class),
    GET_ENDPOINTS(GetEndpointsRequest.class),
    CREATE_SESSION(CreateSessionRequest.class),
    ACTIVATE_SESSION(ActivateSessionRequest.class),
    CLOSE_SESSION(CloseSessionRequest.class),
    CANCEL(CancelRequest.class),
    ADD_NODES(AddNodesRequest.class),
    ADD_REFERENCES(AddReferencesRequest.class),
    DELETE_NODES(DeleteNodesRequest.class),
    DELETE_REFERENCES(DeleteReferencesRequest.class),
    BROWSE(BrowseRequest.class),
    BROWSE_NEXT(BrowseNextRequest.class),
    TRANSLATE_BROWSE_PATHS_TO_NODE_IDS(TranslateBrowsePathsToNodeIdsRequest.class),
    REGISTER_NODES(RegisterNodesRequest.class),
    UNREGISTER_NODES(UnregisterNodesRequest.class),
    READ(ReadRequest.class),
    HISTORY_READ(HistoryReadRequest.class),
    WRITE(WriteRequest.class),
    HISTORY_UPDATE(HistoryUpdateRequest.class),
    CALL(CallRequest.class),
    CREATE_MONITORED_ITEMS(CreateMonitoredItemsRequest.class),
    MODIFY_MONITORED_ITEMS(ModifyMonitoredItemsRequest.class),
    SET_MONITORING_MODE(SetMonitoringModeRequest.class),
    SET_TRIGGERING(SetTriggeringRequest.class),
    DELETE_MONITORED_ITEMS(DeleteMonitoredItemsRequest.class),
    CREATE_SUBSCRIPTION(CreateSubscriptionRequest.class),
    MODIFY_SUBSCRIPTION(ModifySubscriptionRequest.class),
    SET_PUBLISHING_MODE(SetPublishingModeRequest.class),
    PUBLISH(PublishRequest.class),
    REPUBLISH(RepublishRequest.class),
    TRANSFER_SUBSCRIPTIONS(TransferSubscriptionsRequest.class),
    DELETE_SUBSCRIPTIONS(DeleteSubscriptionsRequest.class),
    OTHER(UaRequestMessageType.class);

    private static final Map<Class<?>, Service> BY_REQUEST = byRequest();

    private final Class<? extends UaRequestMessageType> request;

    Service(Class<? extends UaRequestMessageType> request) {
        this.request = request;
    }

    /**
     * The service of this name, in the spelling of Part 4 ({@code CreateSession}) or of this enum, any case.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Service named(String name) {
        String wanted = name.replace("_", "").toLowerCase(Locale.ROOT);
        for (Service service : values()) {
            if (service.name().replace("_", "").toLowerCase(Locale.ROOT).equals(wanted)) {
                return service;
            }
        }
        throw new IllegalArgumentException("Unknown service: " + name);
    }

    static Service of(UaRequestMessageType request) {
        return BY_REQUEST.getOrDefault(request.getClass(), OTHER);
    }

    private static Map<Class<?>, Service> byRequest() {
        Map<Class<?>, Service> services = new HashMap<>();
        for (Service service : values()) {
            services.put(service.request, service);
        }
        return services;
    }
}
