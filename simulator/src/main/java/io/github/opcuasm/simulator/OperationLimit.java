package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/** The properties of Server/ServerCapabilities/OperationLimits that the simulator publishes and enforces (Part 5, 6.3.11). */
public enum OperationLimit {
    MAX_NODES_PER_READ(NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead, 10_000),
    MAX_NODES_PER_WRITE(NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite, 10_000),
    MAX_NODES_PER_BROWSE(NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse, 1_000),
    MAX_NODES_PER_TRANSLATE_BROWSE_PATHS_TO_NODE_IDS(
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds, 1_000),
    MAX_NODES_PER_REGISTER_NODES(NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRegisterNodes, 1_000),
    MAX_NODES_PER_METHOD_CALL(NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerMethodCall, 250),
    MAX_NODES_PER_NODE_MANAGEMENT(NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerNodeManagement, 1_000),
    MAX_MONITORED_ITEMS_PER_CALL(NodeIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall, 10_000);

    @SuppressWarnings("ImmutableEnumChecker") // A NodeId is immutable, it only does not say so.
    private final NodeId property;

    private final int standard;

    OperationLimit(NodeId property, int standard) {
        this.property = property;
        this.standard = standard;
    }

    /** The node id of the property that shows this limit. */
    public NodeId nodeId() {
        return property;
    }

    /** The limit of a simulator that was not told otherwise, in operations of one request. */
    public int standard() {
        return standard;
    }
}
