package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.sdk.server.AddressSpace.ReadContext;
import org.eclipse.milo.opcua.sdk.server.AddressSpace.WriteContext;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.servicesets.impl.DefaultAttributeServiceSet;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;

/**
 * Read and Write for the simulator's own nodes without Milo's access controller, which reads six attributes of
 * every node for each operation and knows neither Bad_NotReadable nor Bad_NotWritable; {@link SimulatorNamespace}
 * checks access instead. Requests for no own node go to Milo as they are; of mixed requests, Milo gets its part.
 * HistoryRead of own nodes is {@link SimulatorHistory}'s, since Milo knows no release of continuation points, and
 * HistoryUpdate is {@link HistoryUpdates}'.
 */
final class SimulatorAttributes extends DefaultAttributeServiceSet {
    private static final DiagnosticInfo[] NO_DIAGNOSTICS = new DiagnosticInfo[0];

    private final OpcUaServer server;
    private final SimulatorNamespace namespace;
    private final SimulatorHistory history;
    private final HistoryUpdates updates;

    SimulatorAttributes(
            OpcUaServer server, SimulatorNamespace namespace, SimulatorHistory history, HistoryUpdates updates) {
        super(server);
        this.server = server;
        this.namespace = namespace;
        this.history = history;
        this.updates = updates;
    }

    @Override
    public ReadResponse onRead(ServiceRequestContext context, ReadRequest request) throws UaException {
        List<ReadValueId> nodesToRead = listOf(request.getNodesToRead());
        List<ReadValueId> own =
                nodesToRead.stream().filter(n -> namespace.owns(n.getNodeId())).toList();
        if (own.isEmpty() || request.getMaxAge() < 0 || request.getTimestampsToReturn() == null) {
            return super.onRead(context, request);
        }
        checkCount(
                nodesToRead.size(),
                server.getConfig().getLimits().getMaxNodesPerRead().longValue());
        Session session = server.getSessionManager().getSession(context, request.getRequestHeader());
        List<DataValue> values = namespace.read(
                new ReadContext(server, session), request.getMaxAge(), request.getTimestampsToReturn(), own);
        if (own.size() == nodesToRead.size()) {
            session.getSessionDiagnostics().getReadCount().incrementTotalCount();
            session.getSessionDiagnostics().getTotalRequestCount().incrementTotalCount();
        } else {
            ReadRequest foreign = new ReadRequest(
                    request.getRequestHeader(),
                    request.getMaxAge(),
                    request.getTimestampsToReturn(),
                    nodesToRead.stream()
                            .filter(n -> !namespace.owns(n.getNodeId()))
                            .toArray(ReadValueId[]::new));
            values = merged(
                    nodesToRead.stream().map(n -> namespace.owns(n.getNodeId())).toList(),
                    values,
                    listOf(super.onRead(context, foreign).getResults()));
        }
        return new ReadResponse(createResponseHeader(request), values.toArray(DataValue[]::new), NO_DIAGNOSTICS);
    }

    @Override
    public WriteResponse onWrite(ServiceRequestContext context, WriteRequest request) throws UaException {
        List<WriteValue> nodesToWrite = listOf(request.getNodesToWrite());
        List<WriteValue> own =
                nodesToWrite.stream().filter(n -> namespace.owns(n.getNodeId())).toList();
        if (own.isEmpty()) {
            return super.onWrite(context, request);
        }
        checkCount(
                nodesToWrite.size(),
                server.getConfig().getLimits().getMaxNodesPerWrite().longValue());
        Session session = server.getSessionManager().getSession(context, request.getRequestHeader());
        List<StatusCode> results = namespace.write(new WriteContext(server, session), own);
        if (own.size() == nodesToWrite.size()) {
            session.getSessionDiagnostics().getWriteCount().incrementTotalCount();
            session.getSessionDiagnostics().getTotalRequestCount().incrementTotalCount();
        } else {
            WriteRequest foreign = new WriteRequest(
                    request.getRequestHeader(),
                    nodesToWrite.stream()
                            .filter(n -> !namespace.owns(n.getNodeId()))
                            .toArray(WriteValue[]::new));
            results = merged(
                    nodesToWrite.stream()
                            .map(n -> namespace.owns(n.getNodeId()))
                            .toList(),
                    results,
                    listOf(super.onWrite(context, foreign).getResults()));
        }
        return new WriteResponse(createResponseHeader(request), results.toArray(StatusCode[]::new), NO_DIAGNOSTICS);
    }

    @Override
    public HistoryReadResponse onHistoryRead(ServiceRequestContext context, HistoryReadRequest request)
            throws UaException {
        List<HistoryReadValueId> nodesToRead = listOf(request.getNodesToRead());
        TimestampsToReturn timestamps = request.getTimestampsToReturn();
        List<Boolean> owned =
                nodesToRead.stream().map(n -> namespace.owns(n.getNodeId())).toList();
        if (!owned.contains(true) || timestamps == null) {
            return super.onHistoryRead(context, request);
        }
        checkCount(
                nodesToRead.size(),
                server.getConfig().getLimits().getMaxNodesPerRead().longValue());
        Session session = server.getSessionManager().getSession(context, request.getRequestHeader());
        if (timestamps == TimestampsToReturn.Neither) {
            throw new UaException(StatusCodes.Bad_TimestampsToReturnInvalid);
        }
        List<HistoryReadResult> results = history.read(
                session,
                request,
                SimulatorHistory.operations(request).stream()
                        .filter(operation -> owned.get(operation.place()))
                        .toList());
        if (!owned.contains(false)) {
            session.getSessionDiagnostics().getHistoryReadCount().incrementTotalCount();
            session.getSessionDiagnostics().getTotalRequestCount().incrementTotalCount();
        } else {
            HistoryReadRequest foreign = new HistoryReadRequest(
                    request.getRequestHeader(),
                    request.getHistoryReadDetails(),
                    timestamps,
                    request.getReleaseContinuationPoints(),
                    nodesToRead.stream()
                            .filter(n -> !namespace.owns(n.getNodeId()))
                            .toArray(HistoryReadValueId[]::new));
            results = merged(
                    owned, results, listOf(super.onHistoryRead(context, foreign).getResults()));
        }
        return new HistoryReadResponse(
                createResponseHeader(request), results.toArray(HistoryReadResult[]::new), NO_DIAGNOSTICS);
    }

    @Override
    public HistoryUpdateResponse onHistoryUpdate(ServiceRequestContext context, HistoryUpdateRequest request)
            throws UaException {
        List<HistoryUpdateDetails> details = decoded(request);
        List<Boolean> owned = details.stream()
                .map(d -> namespace.owns(HistoryUpdates.nodeOf(d)))
                .toList();
        if (!owned.contains(true)) {
            return super.onHistoryUpdate(context, request);
        }
        checkCount(
                details.size(),
                server.getConfig().getLimits().getMaxNodesPerWrite().longValue());
        Session session = server.getSessionManager().getSession(context, request.getRequestHeader());
        List<HistoryUpdateResult> results = details.stream()
                .filter(d -> namespace.owns(HistoryUpdates.nodeOf(d)))
                .map(d -> updates.update(session, d))
                .toList();
        if (!owned.contains(false)) {
            session.getSessionDiagnostics().getHistoryUpdateCount().incrementTotalCount();
            session.getSessionDiagnostics().getTotalRequestCount().incrementTotalCount();
        } else {
            HistoryUpdateRequest foreign = new HistoryUpdateRequest(
                    request.getRequestHeader(),
                    IntStream.range(0, details.size())
                            .filter(i -> !owned.get(i))
                            .mapToObj(i -> request.getHistoryUpdateDetails()[i])
                            .toArray(ExtensionObject[]::new));
            results = merged(
                    owned,
                    results,
                    listOf(super.onHistoryUpdate(context, foreign).getResults()));
        }
        return new HistoryUpdateResponse(
                createResponseHeader(request), results.toArray(HistoryUpdateResult[]::new), NO_DIAGNOSTICS);
    }

    private List<HistoryUpdateDetails> decoded(HistoryUpdateRequest request) throws UaException {
        List<HistoryUpdateDetails> details = new ArrayList<>();
        for (ExtensionObject encoded : listOf(request.getHistoryUpdateDetails())) {
            try {
                details.add((HistoryUpdateDetails) encoded.decode(server.getStaticEncodingContext()));
            } catch (UaSerializationException | NullPointerException | ClassCastException e) {
                throw new UaException(StatusCodes.Bad_HistoryOperationInvalid, e);
            }
        }
        return details;
    }

    private static void checkCount(int operations, long limit) throws UaException {
        if (operations > limit) {
            throw new UaException(StatusCodes.Bad_TooManyOperations);
        }
    }

    private static <T> List<T> merged(List<Boolean> owned, List<T> own, List<T> foreign) {
        List<T> merged = new ArrayList<>(owned.size());
        var nextOwn = own.iterator();
        var nextForeign = foreign.iterator();
        for (boolean isOwn : owned) {
            merged.add(isOwn ? nextOwn.next() : nextForeign.next());
        }
        return merged;
    }

    private static <T> List<T> listOf(T[] array) {
        return array == null ? List.of() : Arrays.asList(array);
    }
}
