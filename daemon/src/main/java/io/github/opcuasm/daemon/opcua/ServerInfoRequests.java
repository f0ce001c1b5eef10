package io.github.opcuasm.daemon.opcua;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.jspecify.annotations.Nullable;

/** Asks a server about itself (Part 5, 6.3): namespaces, start time, limits. What it does not tell stays unknown. */
record ServerInfoRequests(ChannelCalls calls) {
    /** What the server tells about itself, in one Read: order matters to {@link #serverInfo}. */
    private static final List<NodeId> SERVER_INFO = List.of(
            NodeIds.Server_NamespaceArray,
            NodeIds.Server_ServerStatus_StartTime,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerNodeManagement);

    private static final DataValue NOTHING = new DataValue(new StatusCode(StatusCodes.Bad_NotReadable));

    /** Asks for all at once; a server that refuses so many is asked one by one. */
    CompletableFuture<ServerInfo> serverInfo(UascChannel channel, EstablishedSession session) {
        return read(channel, session, SERVER_INFO)
                .thenCompose(values -> values.size() == SERVER_INFO.size()
                        ? CompletableFuture.completedFuture(values)
                        : readOneByOne(channel, session, new ArrayList<>()))
                .thenApply(ServerInfoRequests::serverInfo);
    }

    /** The NamespaceArray as it is now; empty if the server does not tell. */
    CompletableFuture<List<String>> namespaces(UascChannel channel, EstablishedSession session) {
        return read(channel, session, List.of(NodeIds.Server_NamespaceArray))
                .thenApply(values -> values.isEmpty() ? List.of() : namespaces(values.get(0)));
    }

    private CompletableFuture<List<DataValue>> readOneByOne(
            UascChannel channel, EstablishedSession session, List<DataValue> found) {
        if (found.size() == SERVER_INFO.size()) {
            return CompletableFuture.completedFuture(found);
        }
        return read(channel, session, List.of(SERVER_INFO.get(found.size()))).thenCompose(values -> {
            found.add(values.size() == 1 ? values.get(0) : NOTHING);
            return readOneByOne(channel, session, found);
        });
    }

    /** Empty if the server refuses the call. */
    private CompletableFuture<List<DataValue>> read(
            UascChannel channel, EstablishedSession session, List<NodeId> nodes) {
        ReadValueId[] items = nodes.stream()
                .map(node -> new ReadValueId(node, AttributeId.Value.uid(), null, QualifiedName.NULL_VALUE))
                .toArray(ReadValueId[]::new);
        return calls.call(
                        channel,
                        session.authenticationToken(),
                        ReadResponse.class,
                        header -> new ReadRequest(header, 0.0, TimestampsToReturn.Neither, items))
                .handle((response, failure) -> {
                    if (failure == null) {
                        return response.getResults() == null ? List.of() : Arrays.asList(response.getResults());
                    }
                    if (OpcUaErrors.unwrap(failure) instanceof UaServiceFaultException) {
                        return List.of();
                    }
                    throw new CompletionException(OpcUaErrors.unwrap(failure));
                });
    }

    private static ServerInfo serverInfo(List<DataValue> values) {
        DateTime startTime = valueOf(values.get(1)) instanceof DateTime time ? time : null;
        return ServerInfo.of(
                namespaces(values.get(0)),
                startTime,
                limit(values.get(2)),
                limit(values.get(3)),
                limit(values.get(4)),
                limit(values.get(5)),
                limit(values.get(6)));
    }

    private static List<String> namespaces(@Nullable DataValue value) {
        return valueOf(value) instanceof String[] known
                ? Arrays.stream(known).map(uri -> uri == null ? "" : uri).toList()
                : List.of();
    }

    private static @Nullable Long limit(DataValue value) {
        return valueOf(value) instanceof UInteger limit ? limit.longValue() : null;
    }

    private static @Nullable Object valueOf(@Nullable DataValue value) {
        return value == null || value.getValue() == null
                ? null
                : value.getValue().getValue();
    }
}
