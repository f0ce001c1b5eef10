package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfigLimits;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.filters.AttributeFilters;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

/**
 * {@link Limits} as Milo sees them: Milo asks at each request, so a change holds at once, and the nodes under
 * ServerCapabilities read through to the same numbers. Milo takes 0 literally where OPC UA means "no limit",
 * hence the two readings.
 */
final class PublishedLimits implements OpcUaServerConfigLimits {
    private static final double DEFAULT_INTERVAL = 250;

    private final Limits limits;

    PublishedLimits(Limits limits) {
        this.limits = limits;
    }

    /** Lets the properties of ServerCapabilities show the limits as they are at each read. */
    void publish(OpcUaServer server) {
        for (OperationLimit limit : OperationLimit.values()) {
            publish(server, limit.nodeId(), () -> uint(limits.operations(limit)));
        }
        publish(server, NodeIds.Server_ServerCapabilities_MaxSessions, this::getMaxSessions);
        publish(
                server,
                NodeIds.HistoryServerCapabilities_MaxReturnDataValues,
                () -> uint(limits.maxHistoryValuesPerNode()));
        publish(
                server,
                NodeIds.HistoryServerCapabilities_MaxReturnEventValues,
                () -> uint(limits.maxHistoryValuesPerNode()));
    }

    private static void publish(OpcUaServer server, NodeId property, java.util.function.Supplier<UInteger> limit) {
        UaNode node = server.getAddressSpaceManager()
                .getManagedNode(property)
                .orElseThrow(() -> new IllegalStateException("The server has no node " + property.toParseableString()));
        node.getFilterChain().addFirst(AttributeFilters.getValue(context -> new DataValue(new Variant(limit.get()))));
    }

    private UInteger enforced(OperationLimit limit) {
        int operations = limits.operations(limit);
        return uint(operations == 0 ? Integer.MAX_VALUE : operations);
    }

    @Override
    public UInteger getMaxSessions() {
        return uint(limits.maxSessions());
    }

    @Override
    public Double getMaxSessionTimeout() {
        return (double) limits.sessionTimeout().highest().toMillis();
    }

    @Override
    public UInteger getMaxSubscriptionsPerSession() {
        int most = limits.maxSubscriptionsPerSession();
        return uint(most == 0 ? Integer.MAX_VALUE : most);
    }

    @Override
    public Double getMinPublishingInterval() {
        return (double) limits.publishingInterval().lowest().toMillis();
    }

    /** What Milo takes for an interval that is too short. */
    @Override
    public Double getDefaultPublishingInterval() {
        return Math.min(Math.max(DEFAULT_INTERVAL, getMinPublishingInterval()), getMaxPublishingInterval());
    }

    @Override
    public Double getMaxPublishingInterval() {
        return (double) limits.publishingInterval().highest().toMillis();
    }

    @Override
    public Double getMinSubscriptionLifetime() {
        return (double) limits.subscriptionLifetime().lowest().toMillis();
    }

    @Override
    public Double getMaxSubscriptionLifetime() {
        return (double) limits.subscriptionLifetime().highest().toMillis();
    }

    @Override
    public UInteger getMaxNodesPerRead() {
        return enforced(OperationLimit.MAX_NODES_PER_READ);
    }

    @Override
    public UInteger getMaxNodesPerWrite() {
        return enforced(OperationLimit.MAX_NODES_PER_WRITE);
    }

    @Override
    public UInteger getMaxNodesPerBrowse() {
        return enforced(OperationLimit.MAX_NODES_PER_BROWSE);
    }

    @Override
    public UInteger getMaxNodesPerTranslateBrowsePathsToNodeIds() {
        return enforced(OperationLimit.MAX_NODES_PER_TRANSLATE_BROWSE_PATHS_TO_NODE_IDS);
    }

    @Override
    public UInteger getMaxNodesPerRegisterNodes() {
        return enforced(OperationLimit.MAX_NODES_PER_REGISTER_NODES);
    }

    @Override
    public UInteger getMaxNodesPerMethodCall() {
        return enforced(OperationLimit.MAX_NODES_PER_METHOD_CALL);
    }

    @Override
    public UInteger getMaxNodesPerNodeManagement() {
        return enforced(OperationLimit.MAX_NODES_PER_NODE_MANAGEMENT);
    }

    @Override
    public UInteger getMaxMonitoredItemsPerCall() {
        return enforced(OperationLimit.MAX_MONITORED_ITEMS_PER_CALL);
    }
}
