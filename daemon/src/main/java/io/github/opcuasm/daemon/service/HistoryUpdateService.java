package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteAtTimeDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteRawModifiedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEventFieldList;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateDataDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateEventDetails;

/**
 * HistoryUpdate of one node (Part 4, 5.11.5; Part 11, 6.9): one request, sent once, on the activation that it came on.
 *
 * <p>A server answers with a status of the node and one for each value, event or time. The latter are the result. Where it
 * refuses the node as a whole and gives none, that is a {@code ServiceException}, but where the result is the node's own
 * status. Its outcome is {@code unknown}: the request was sent, and an archive that gives up may have done a part.
 */
public final class HistoryUpdateService {
    private static final long BAD = 0x8000_0000L;
    private static final int VALUE = 13;

    private final AttributeService attributes;

    /** What becomes of what is there already (Part 11, 6.9.2 and 6.9.3). */
    public enum Update {
        /** Only where there is nothing. */
        INSERT(PerformUpdateType.Insert),
        /** Only where there is something. */
        REPLACE(PerformUpdateType.Replace),
        /** Either. */
        UPDATE(PerformUpdateType.Update);

        private final PerformUpdateType type;

        Update(PerformUpdateType type) {
            this.type = type;
        }
    }

    /** @param attributes finds out which type a variable takes */
    public HistoryUpdateService(AttributeService attributes) {
        this.attributes = attributes;
    }

    /**
     * Puts values into the history of a variable.
     *
     * @return one status code a value, in order
     */
    public CompletableFuture<List<StatusCode>> updateData(
            CallContext context, NodeReference nodeId, Update update, List<HistoricalValue> values) {
        Batches.requireSome(values, "values");
        SessionState.Active active = context.requireActive();
        return encoded(context, nodeId, values)
                .thenCompose(encoded -> each(
                        context,
                        active,
                        values.size(),
                        node(
                                context,
                                nodeId,
                                node -> new UpdateDataDetails(
                                        node,
                                        update.type,
                                        encoded.toArray(
                                                org.eclipse.milo.opcua.stack.core.types.builtin.DataValue[]::new)))));
    }

    /**
     * Deletes the values of a time range.
     *
     * @param isDeleteModified whether those go that were replaced or deleted before, instead of the present ones
     * @param startTime not after {@code endTime}
     * @return what the server says of the whole, bad or not
     */
    public CompletableFuture<StatusCode> deleteRawModified(
            CallContext context, NodeReference nodeId, DateTime startTime, DateTime endTime, boolean isDeleteModified) {
        SessionState.Active active = context.requireActive();
        return send(
                        context,
                        active,
                        node(
                                context,
                                nodeId,
                                node -> new DeleteRawModifiedDetails(
                                        node,
                                        isDeleteModified,
                                        TypeMapper.toMilo(startTime),
                                        TypeMapper.toMilo(endTime))))
                .thenApply(result -> TypeMapper.toWire(result.getStatusCode()));
    }

    /**
     * Deletes the values of these times.
     *
     * @return one status code a time, in order
     */
    public CompletableFuture<List<StatusCode>> deleteAtTime(
            CallContext context, NodeReference nodeId, List<DateTime> times) {
        Batches.requireSome(times, "timestamps");
        SessionState.Active active = context.requireActive();
        var requested = times.stream()
                .map(TypeMapper::toMilo)
                .toArray(org.eclipse.milo.opcua.stack.core.types.builtin.DateTime[]::new);
        return each(
                context, active, times.size(), node(context, nodeId, node -> new DeleteAtTimeDetails(node, requested)));
    }

    /**
     * Puts events into the history of an object.
     *
     * @param fields which fields the events have; their types have been looked for ({@link EventTypeNames})
     * @param events of each as many values as there are fields
     * @return one status code an event, in order
     */
    public CompletableFuture<List<StatusCode>> updateEvents(
            CallContext context,
            NodeReference nodeId,
            Update update,
            MonitoringFilter.Event fields,
            List<List<Variant>> events) {
        Batches.requireSome(events, "events");
        SessionState.Active active = context.requireActive();
        return InOrder.each(
                        IntStream.range(0, events.size()).boxed().toList(),
                        index -> event(context, events.get(index), "events[" + index + "]"))
                .thenCompose(encoded -> each(
                        context,
                        active,
                        events.size(),
                        node(
                                context,
                                nodeId,
                                node -> new UpdateEventDetails(
                                        node,
                                        update.type,
                                        fields.filter(context.session().encodingContext(), context.namespaces()),
                                        encoded.toArray(HistoryEventFieldList[]::new)))));
    }

    /**
     * Deletes events.
     *
     * @param eventIds the EventId of each
     * @return one status code an event, in order
     */
    public CompletableFuture<List<StatusCode>> deleteEvents(
            CallContext context, NodeReference nodeId, List<io.github.opcuasm.protocol.type.ByteString> eventIds) {
        Batches.requireSome(eventIds, "eventIds");
        SessionState.Active active = context.requireActive();
        ByteString[] ids =
                eventIds.stream().map(id -> ByteString.of(id.toByteArray())).toArray(ByteString[]::new);
        return each(context, active, eventIds.size(), node(context, nodeId, node -> new DeleteEventDetails(node, ids)));
    }

    private static HistoryUpdateDetails node(
            CallContext context, NodeReference nodeId, Function<NodeId, HistoryUpdateDetails> details) {
        return details.apply(TypeMapper.toMilo(nodeId, context.namespaces()));
    }

    /** The variable is asked for its type at most once, for the first value that has none beside it. */
    private CompletableFuture<List<org.eclipse.milo.opcua.stack.core.types.builtin.DataValue>> encoded(
            CallContext context, NodeReference nodeId, List<HistoricalValue> values) {
        CompletableFuture<Optional<WriteType>> detected = values.stream()
                .filter(value -> value.type() == null && !isAbsent(value))
                .findFirst()
                .map(value -> attributes.typeOf(context, item(nodeId, value)).thenApply(Optional::of))
                .orElse(CompletableFuture.completedFuture(Optional.empty()));
        return detected.thenCompose(type -> InOrder.each(values, value -> encoded(context, value, type)));
    }

    private static CompletableFuture<org.eclipse.milo.opcua.stack.core.types.builtin.DataValue> encoded(
            CallContext context, HistoricalValue value, Optional<WriteType> detected) {
        WriteType type =
                value.type() == null ? detected.orElse(null) : new WriteType(value.type(), null, WriteType.ANY_RANK);
        CompletableFuture<Variant> variant = type == null || isAbsent(value)
                ? CompletableFuture.completedFuture(Variant.NULL)
                : AttributeService.encoded(context, value.value(), type, value.name());
        return variant.thenApply(encoded -> TypeMapper.toMilo(
                new DataValue(encoded, value.statusCode(), value.sourceTimestamp(), value.serverTimestamp())));
    }

    private static WriteItem item(NodeReference nodeId, HistoricalValue value) {
        return new WriteItem(nodeId, value.value(), value.type(), VALUE, value.name());
    }

    private static boolean isAbsent(HistoricalValue value) {
        return value.value() instanceof JsonValue.Null;
    }

    private static CompletableFuture<HistoryEventFieldList> event(
            CallContext context, List<Variant> fields, String name) {
        return InOrder.each(
                        IntStream.range(0, fields.size()).boxed().toList(),
                        index -> context.encoded(fields.get(index), name + "[" + index + "]"))
                .thenApply(encoded -> new HistoryEventFieldList(encoded.stream()
                        .map(TypeMapper::toMilo)
                        .toArray(org.eclipse.milo.opcua.stack.core.types.builtin.Variant[]::new)));
    }

    private static CompletableFuture<List<StatusCode>> each(
            CallContext context, SessionState.Active active, int count, HistoryUpdateDetails details) {
        return send(context, active, details).thenApply(result -> {
            var results = result.getOperationResults();
            if (results != null && results.length == count) {
                return Arrays.stream(results).map(TypeMapper::toWire).toList();
            }
            StatusCode whole = TypeMapper.toWire(result.getStatusCode());
            if (results != null && results.length > 0) {
                throw OpcUaErrors.service(
                                "The server answered " + count + " changes of history with " + results.length
                                        + " results",
                                StatusCodes.Bad_UnexpectedError)
                        .withOutcome(Outcome.UNKNOWN);
            }
            if (whole.value() >= BAD) {
                throw OpcUaErrors.service("The server refused the history update", whole.value())
                        .withOutcome(Outcome.UNKNOWN);
            }
            // What holds for all needs no list.
            return Collections.nCopies(count, whole);
        });
    }

    private static CompletableFuture<HistoryUpdateResult> send(
            CallContext context, SessionState.Active active, HistoryUpdateDetails details) {
        return context.change(
                        active,
                        HistoryUpdateResponse.class,
                        header -> new HistoryUpdateRequest(header, new ExtensionObject[] {
                            ExtensionObject.encode(context.session().encodingContext(), details)
                        }))
                .thenApply(response -> {
                    HistoryUpdateResult[] results = response.getResults();
                    if (results == null || results.length != 1 || results[0] == null) {
                        throw OpcUaErrors.service(
                                        "The server answered the history update without a result",
                                        StatusCodes.Bad_UnexpectedError)
                                .withOutcome(Outcome.UNKNOWN);
                    }
                    return results[0];
                });
    }
}
