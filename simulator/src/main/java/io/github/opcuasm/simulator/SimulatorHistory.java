package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
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
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEvent;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEventFieldList;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryModifiedData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ModificationInfo;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadAtTimeDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadProcessedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.jspecify.annotations.Nullable;

/**
 * HistoryRead (Part 4, 5.11.3 and Part 11, 6.5) of the simulator's own nodes: raw and modified values, at times,
 * processed, and events; annotations are Bad_HistoryOperationUnsupported. An answer holds a page of entries for each
 * node, the rest waits behind a continuation point.
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
        HistoryContinuations.Rest<?> rest = point != null && point.isNotNull()
                ? continuations.take(point, session.getSessionId(), node.getNodeId())
                : begin(session, timestamps, details, operation);
        ByteString next = rest.hasMore() ? continuations.keep(rest.next()) : ByteString.NULL_VALUE;
        return new HistoryReadResult(
                rest.isEmpty() ? NO_DATA : StatusCode.GOOD,
                next,
                ExtensionObject.encode(server.getStaticEncodingContext(), rest.page()));
    }

    private HistoryContinuations.Rest<?> begin(
            Session session, TimestampsToReturn timestamps, Object details, Operation operation) throws UaException {
        if (details instanceof ReadEventDetails events) {
            return events(session, events, operation);
        }
        HistoryStore store = readable(operation.node());
        if (details instanceof ReadRawModifiedDetails raw) {
            Span span = Span.of(raw.getStartTime(), raw.getEndTime(), raw.getNumValuesPerNode());
            if (!raw.getIsReadModified()) {
                List<DataValue> values = store.raw(span.start(), span.end(), raw.getReturnBounds());
                return rest(session, operation, span.cut(values), span.page(), page -> data(page, timestamps));
            }
            if (Boolean.TRUE.equals(raw.getReturnBounds())) {
                throw new UaException(StatusCodes.Bad_InvalidArgument);
            }
            List<ModifiedSample> values = store.modified(span.start(), span.end());
            return rest(session, operation, span.cut(values), span.page(), page -> modified(page, timestamps));
        }
        List<DataValue> values;
        if (details instanceof ReadAtTimeDetails times) {
            values = atTimes(store, times);
        } else if (details instanceof ReadProcessedDetails processed) {
            values = processed(store, timestamps, processed, operation);
        } else {
            throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
        }
        return rest(session, operation, values, Integer.MAX_VALUE, page -> data(page, timestamps));
    }

    private HistoryContinuations.Rest<HistoricalEvent> events(
            Session session, ReadEventDetails details, Operation operation) throws UaException {
        EventHistory store = readableEvents(operation.node());
        Span span = Span.of(details.getStartTime(), details.getEndTime(), details.getNumValuesPerNode());
        EventQuery query = new EventQuery(server, details.getFilter());
        List<HistoricalEvent> events = store.read(span.start(), span.end()).stream()
                .filter(query::matches)
                .toList();
        return rest(
                session,
                operation,
                span.cut(events),
                span.page(),
                page -> new HistoryEvent(page.stream()
                        .map(event -> new HistoryEventFieldList(query.select(event)))
                        .toArray(HistoryEventFieldList[]::new)));
    }

    private <T> HistoryContinuations.Rest<T> rest(
            Session session, Operation operation, List<T> entries, int page, Function<List<T>, UaStructuredType> form) {
        return new HistoryContinuations.Rest<>(
                session.getSessionId(), operation.node().getNodeId(), entries, form, Math.min(page, mostPerAnswer()));
    }

    private int mostPerAnswer() {
        int limit = limits.maxHistoryValuesPerNode();
        return limit == 0 ? Integer.MAX_VALUE : limit;
    }

    private static HistoryData data(List<DataValue> page, TimestampsToReturn timestamps) {
        return new HistoryData(
                page.stream().map(value -> stamped(value, timestamps)).toArray(DataValue[]::new));
    }

    private static HistoryModifiedData modified(List<ModifiedSample> page, TimestampsToReturn timestamps) {
        return new HistoryModifiedData(
                page.stream().map(entry -> stamped(entry.sample(), timestamps)).toArray(DataValue[]::new),
                page.stream().map(ModifiedSample::modification).toArray(ModificationInfo[]::new));
    }

    private static List<DataValue> atTimes(HistoryStore store, ReadAtTimeDetails details) throws UaException {
        DateTime[] times = details.getReqTimes();
        if (times == null || times.length == 0) {
            throw new UaException(StatusCodes.Bad_HistoryOperationInvalid);
        }
        HistoryAggregates aggregates = new HistoryAggregates(store, store.settings());
        return Stream.of(times)
                .map(time -> aggregates.at(time.utcTime(), details.getUseSimpleBounds()))
                .toList();
    }

    /** Part 13, 5.4.3.1: aggregates have a source timestamp and no other. */
    private List<DataValue> processed(
            HistoryStore store, TimestampsToReturn timestamps, ReadProcessedDetails details, Operation operation)
            throws UaException {
        if (timestamps != TimestampsToReturn.Source) {
            throw new UaException(StatusCodes.Bad_TimestampsToReturnInvalid);
        }
        NodeId[] aggregates = details.getAggregateType();
        if (aggregates == null || aggregates.length != operation.count()) {
            throw new UaException(StatusCodes.Bad_AggregateListMismatch);
        }
        if (!history.hasAggregates()) {
            throw new UaException(StatusCodes.Bad_AggregateNotSupported);
        }
        DateTime start = details.getStartTime();
        DateTime end = details.getEndTime();
        if (start.isNull() || end.isNull()) {
            throw new UaException(StatusCodes.Bad_InvalidArgument);
        }
        return new HistoryAggregates(store, store.settings().overriddenBy(details.getAggregateConfiguration()))
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

    /** The stored events of a node, unless it has none. */
    private EventHistory readableEvents(HistoryReadValueId node) throws UaException {
        UaNode found = namespace.find(node.getNodeId());
        if (found == null) {
            throw new UaException(StatusCodes.Bad_NodeIdUnknown);
        }
        EventHistory events = history.events(node.getNodeId());
        if (events == null) {
            throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
        }
        return events;
    }

    private static DataValue stamped(DataValue value, TimestampsToReturn timestamps) {
        return switch (timestamps) {
            case Source -> value.withServerTime(null);
            case Server -> value.withSourceTime(null);
            default -> value;
        };
    }

    /**
     * One node of a request.
     *
     * @param place its index in the request
     * @param count how many nodes the request has
     */
    record Operation(int place, int count, HistoryReadValueId node) {}

    /**
     * What a read of entries by time is about (Part 11, 6.5.3): two of start, end and number.
     *
     * @param most 0 for all
     */
    private record Span(@Nullable DateTime start, @Nullable DateTime end, long most) {
        static Span of(DateTime start, DateTime end, UInteger most) throws UaException {
            Span span = new Span(start.isNull() ? null : start, end.isNull() ? null : end, most.longValue());
            boolean none = span.start == null && span.end == null;
            if (none || (!span.isRange() && span.most == 0)) {
                throw new UaException(StatusCodes.Bad_HistoryOperationInvalid);
            }
            return span;
        }

        /** With both times a number is the size of a page, with one it is all there is. */
        boolean isRange() {
            return start != null && end != null;
        }

        int page() {
            return most == 0 ? Integer.MAX_VALUE : (int) Math.min(most, Integer.MAX_VALUE);
        }

        <T> List<T> cut(List<T> entries) {
            return isRange() ? entries : entries.subList(0, Math.min(page(), entries.size()));
        }
    }
}
