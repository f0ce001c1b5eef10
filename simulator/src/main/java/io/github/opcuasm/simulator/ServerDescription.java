package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.time.Instant;
import java.util.List;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.BuildInfo;

/**
 * What the server says of itself: definite values in ServerStatus/BuildInfo, whatever the version of Milo, and in
 * ServerCapabilities and HistoryServerCapabilities what the simulator can do beyond Milo.
 */
final class ServerDescription {
    static final BuildInfo BUILD_INFO = new BuildInfo(
            Simulator.APPLICATION_URI,
            "opcua-session-manager",
            "OPC UA simulator",
            "1.0.0",
            "1",
            new DateTime(Instant.parse("2026-01-01T00:00:00Z")));

    private static final List<NodeId> ABLE = List.of(
            NodeIds.HistoryServerCapabilities_AccessHistoryDataCapability,
            NodeIds.HistoryServerCapabilities_AccessHistoryEventsCapability,
            NodeIds.HistoryServerCapabilities_InsertDataCapability,
            NodeIds.HistoryServerCapabilities_ReplaceDataCapability,
            NodeIds.HistoryServerCapabilities_UpdateDataCapability,
            NodeIds.HistoryServerCapabilities_DeleteRawCapability,
            NodeIds.HistoryServerCapabilities_DeleteAtTimeCapability,
            NodeIds.HistoryServerCapabilities_InsertEventCapability,
            NodeIds.HistoryServerCapabilities_ReplaceEventCapability,
            NodeIds.HistoryServerCapabilities_UpdateEventCapability,
            NodeIds.HistoryServerCapabilities_DeleteEventCapability,
            NodeIds.HistoryServerCapabilities_ServerTimestampSupported);

    private ServerDescription() {}

    /** @param aggregates whether aggregates are computed */
    static void publish(OpcUaServer server, boolean aggregates) {
        ABLE.forEach(capability -> set(server, capability, true));
        set(server, NodeIds.HistoryServerCapabilities_InsertAnnotationCapability, false);
        set(
                server,
                NodeIds.Server_ServerCapabilities_MaxHistoryContinuationPoints,
                ushort(HistoryContinuations.MAX_PER_SESSION));
        if (!aggregates) {
            return;
        }
        for (NodeId folder : List.of(
                NodeIds.Server_ServerCapabilities_AggregateFunctions,
                NodeIds.HistoryServerCapabilities_AggregateFunctions)) {
            for (NodeId aggregate : HistoryAggregates.supported()) {
                node(server, folder)
                        .addReference(new Reference(
                                folder, NodeIds.Organizes, aggregate.expanded(), Reference.Direction.FORWARD));
            }
        }
    }

    private static void set(OpcUaServer server, NodeId property, Object value) {
        ((UaVariableNode) node(server, property)).setValue(new DataValue(new Variant(value)));
    }

    private static UaNode node(OpcUaServer server, NodeId nodeId) {
        return server.getAddressSpaceManager()
                .getManagedNode(nodeId)
                .orElseThrow(() -> new IllegalStateException("The server has no node " + nodeId.toParseableString()));
    }
}
