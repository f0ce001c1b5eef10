package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.SessionListener;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadAtTimeDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadProcessedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.jspecify.annotations.Nullable;

/**
 * HistoryRead (Part 4, 5.11.3 and Part 11, 6.4) of the simulator's own variables: raw, at times and processed;
 * modified values, annotations and events are Bad_HistoryOperationUnsupported. An answer holds a page of values
 * for each node, the rest waits behind a continuation point.
 */
final class SimulatorHistory {
    private static final StatusCode NO_DATA = new StatusCode(StatusCodes.Good_NoData);

    private final OpcUaServer server;
    private final SimulatorNamespace namespace;
    private final HistoryNodes history;
    private final Limits limits;
    private final HistoryContinuations continuations = new HistoryContinuations();

    SimulatorHistory(OpcUaServer server, SimulatorNamespace namespace, HistoryNodes history, Limits limits) {
        this.server = server;
        this.namespace = namespace;
        this.history = history;
        this.limits = limits;
        server.getSessionManager().addSessionListener(new SessionListener() {
            @Override
            public void onSessionClosed(Session session) {
                continuations.release(session.getSessionId());
            }
        });
    }

    /**
     * The results of these operations, in their order.
     *
     * @throws UaException if the request as a whole is wrong
     */
    List<HistoryReadResult> read(Session session, HistoryReadRequest request, List<Operation> operations)
            throws UaException {
        TimestampsToReturn timestamps = request.getTimestampsToReturn();
        Object details = detailsOf(request);
        List<HistoryReadResult> results = new ArrayList<>(operations.size());
        for (Operation operation : operations) {
            try {
                results.add(
                        Boolean.TRUE.equals(request.getReleaseContinuationPoints())
                                ? release(session, operation.node())
                                : read(session, timestamps, details, operation));
            } catch (UaException e) {
                results.add(new HistoryReadResult(e.getStatusCode(), ByteString.NULL_VALUE, null));
            }
        }
        return results;
    }

    /** The operations of a request with their place in it, by which processed reads name the aggregate. */
    static List<Operation> operations(HistoryReadRequest request) {
        HistoryReadValueId[] nodes = Objects.requireNonNull(request.getNodesToRead());
        return IntStream.range(0, nodes.length)
                .mapToObj(place -> new Operation(place, nodes.length, nodes[place]))
                .toList();
    }

    private Object detailsOf(HistoryReadRequest request) throws UaException {
        try {
            return request.getHistoryReadDetails().decode(server.getStaticEncodingContext());
        } catch (UaSerializationException | NullPointerException e) {
            throw new UaException(StatusCodes.Bad_HistoryOperationInvalid, e);
        }
    }

    private HistoryReadResult release(Session session, HistoryReadValueId node) throws UaException {
        var unused = continuations.take(node.getContinuationPoint(), session.getSessionId(), node.getNodeId());
        return new HistoryReadResult(StatusCode.GOOD, ByteString.NULL_VALUE, null);
    }

    private HistoryReadResult read(Session session, TimestampsToReturn timestamps, Object details, Operation operation)
            throws UaException {
        HistoryReadValueId node = operation.node();
        ByteString point = node.getContinuationPoint();
        HistoryContinuations.Rest rest = point != null && point.isNotNull()
                ? continuations.take(point, session.getSessionId(), node.getNodeId())
                : begin(session, details, operation);
        ByteString next = rest.hasMore() ? continuations.keep(rest.next()) : ByteString.NULL_VALUE;
        DataValue[] page =
                rest.page().stream().map(value -> stamped(value, timestamps)).toArray(DataValue[]::new);
        return new HistoryReadResult(
                page.length == 0 ? NO_DATA : StatusCode.GOOD,
                next,
                ExtensionObject.encode(server.getStaticEncodingContext(), new HistoryData(page)));
    }

    private HistoryContinuations.Rest begin(Session session, Object details, Operation operation) throws UaException {
        HistoryStore store = readable(operation.node());
        int limit = limits.maxHistoryValuesPerNode();
        int page = limit == 0 ? Integer.MAX_VALUE : limit;
        List<DataValue> values;
        if (details instanceof ReadRawModifiedDetails raw && !raw.getIsReadModified()) {
            DateTime start = given(raw.getStartTime());
            DateTime end = given(raw.getEndTime());
            long wanted = raw.getNumValuesPerNode().longValue();
            int atMost = wanted == 0 ? Integer.MAX_VALUE : (int) Math.min(wanted, Integer.MAX_VALUE);
            boolean ranged = start != null && end != null;
            if (!ranged && (wanted == 0 || (start == null && end == null))) {
                throw new UaException(StatusCodes.Bad_HistoryOperationInvalid);
            }
            values = store.raw(start, end, raw.getReturnBounds());
            if (ranged) {
                page = Math.min(page, atMost);
            } else {
                values = values.subList(0, Math.min(atMost, values.size()));
            }
        } else if (details instanceof ReadAtTimeDetails times) {
            values = atTimes(store, times);
        } else if (details instanceof ReadProcessedDetails processed) {
            values = processed(store, processed, operation);
        } else {
            throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
        }
        return new HistoryContinuations.Rest(
                session.getSessionId(), operation.node().getNodeId(), values, page);
    }

    private static List<DataValue> atTimes(HistoryStore store, ReadAtTimeDetails details) throws UaException {
        DateTime[] times = details.getReqTimes();
        if (times == null || times.length == 0) {
            throw new UaException(StatusCodes.Bad_HistoryOperationInvalid);
        }
        HistoryAggregates aggregates = new HistoryAggregates(store);
        return Stream.of(times)
                .map(time -> aggregates.at(time.utcTime(), details.getUseSimpleBounds()))
                .toList();
    }

    private static List<DataValue> processed(HistoryStore store, ReadProcessedDetails details, Operation operation)
            throws UaException {
        NodeId[] aggregates = details.getAggregateType();
        if (aggregates == null || aggregates.length != operation.count()) {
            throw new UaException(StatusCodes.Bad_AggregateListMismatch);
        }
        DateTime start = given(details.getStartTime());
        DateTime end = given(details.getEndTime());
        if (start == null || end == null) {
            throw new UaException(StatusCodes.Bad_HistoryOperationInvalid);
        }
        return new HistoryAggregates(store)
                .processed(aggregates[operation.place()], start, end, details.getProcessingInterval());
    }

    /** The history of a node, unless the node has none or this user may not see it. */
    private HistoryStore readable(HistoryReadValueId node) throws UaException {
        UaNode found = namespace.find(node.getNodeId());
        if (found == null) {
            throw new UaException(StatusCodes.Bad_NodeIdUnknown);
        }
        HistoryStore store = history.store(node.getNodeId());
        if (store == null || !(found instanceof UaVariableNode variable)) {
            throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
        }
        if ((variable.getUserAccessLevel().intValue() & AccessLevel.HistoryRead.getValue()) == 0) {
            throw new UaException(StatusCodes.Bad_UserAccessDenied);
        }
        if (node.getIndexRange() != null && !node.getIndexRange().isEmpty()) {
            throw new UaException(StatusCodes.Bad_IndexRangeNoData);
        }
        return store;
    }

    private static DataValue stamped(DataValue value, TimestampsToReturn timestamps) {
        return switch (timestamps) {
            case Source -> value.withServerTime(null);
            case Server -> value.withSourceTime(null);
            default -> value;
        };
    }

    private static @Nullable DateTime given(DateTime time) {
        return time.isNull() ? null : time;
    }

    /**
     * One node of a request.
     *
     * @param place its index in the request
     * @param count how many nodes the request has
     */
    record Operation(int place, int count, HistoryReadValueId node) {}
}
