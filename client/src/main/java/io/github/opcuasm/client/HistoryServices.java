package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * History: reading it, changing it, and what is computed of it (Part 11, Part 13). Each call has an asynchronous twin: see {@link
 * SessionQueries}. What changes history is sent once; the status code of each value or event is a result, no exception. {@link
 * RequestFailedException.Service} says that the server refused all of it: the node is unknown, or its history is not for this
 * user, and {@link RequestFailedException.ServiceUnsupported} that the server has no such service.
 */
public sealed interface HistoryServices extends SessionQueries permits ManagedClient {

    /** The values that were stored from one time to another (Part 11, 6.5.3): all, at most 1,000,000. */
    default List<ReadResult> historyReadRaw(NodeReference node, Instant from, Instant to) {
        return historyReadRaw(node, from, to, 0, false);
    }

    default CompletableFuture<List<ReadResult>> historyReadRawAsync(NodeReference node, Instant from, Instant to) {
        return historyReadRawAsync(node, from, to, 0, false);
    }

    /**
     * The values that were stored.
     *
     * @param from null: backwards from {@code to}, with a count
     * @param to null: from {@code from} on, with a count
     * @param count at most so many; 0 = all
     * @param returnBounds the values right before and behind too
     */
    default List<ReadResult> historyReadRaw(
            NodeReference node, @Nullable Instant from, @Nullable Instant to, long count, boolean returnBounds) {
        return query(HistoryQueries.historyReadRaw(node, from, to, count, returnBounds));
    }

    default CompletableFuture<List<ReadResult>> historyReadRawAsync(
            NodeReference node, @Nullable Instant from, @Nullable Instant to, long count, boolean returnBounds) {
        return queryAsync(HistoryQueries.historyReadRaw(node, from, to, count, returnBounds));
    }

    /**
     * One value for each interval, made of those that were stored (Part 13).
     *
     * @param aggregate for example i=2342 (Average)
     */
    default List<ReadResult> historyReadProcessed(
            NodeReference node, Instant from, Instant to, Duration interval, NodeReference aggregate) {
        return query(HistoryQueries.historyReadProcessed(node, from, to, interval, aggregate));
    }

    default CompletableFuture<List<ReadResult>> historyReadProcessedAsync(
            NodeReference node, Instant from, Instant to, Duration interval, NodeReference aggregate) {
        return queryAsync(HistoryQueries.historyReadProcessed(node, from, to, interval, aggregate));
    }

    /** The values at these times, stored or interpolated. */
    default List<ReadResult> historyReadAtTime(NodeReference node, List<Instant> times) {
        return query(HistoryQueries.historyReadAtTime(node, times));
    }

    default CompletableFuture<List<ReadResult>> historyReadAtTimeAsync(NodeReference node, List<Instant> times) {
        return queryAsync(HistoryQueries.historyReadAtTime(node, times));
    }

    // Changed values and events

    /** Values that were replaced or deleted since, or came later, from one time to another: all of them. */
    default List<ModifiedResult> historyReadModified(NodeReference node, Instant from, Instant to) {
        return historyReadModified(node, from, to, 0);
    }

    default CompletableFuture<List<ModifiedResult>> historyReadModifiedAsync(
            NodeReference node, Instant from, Instant to) {
        return historyReadModifiedAsync(node, from, to, 0);
    }

    /**
     * Values that were changed since (Part 11, 6.5.3).
     *
     * @param from null: backwards from {@code to}, with a count
     * @param to null: from {@code from} on, with a count
     * @param count at most so many; 0 = all
     */
    default List<ModifiedResult> historyReadModified(
            NodeReference node, @Nullable Instant from, @Nullable Instant to, long count) {
        return query(HistoryQueries.historyReadModified(node, from, to, count));
    }

    default CompletableFuture<List<ModifiedResult>> historyReadModifiedAsync(
            NodeReference node, @Nullable Instant from, @Nullable Instant to, long count) {
        return queryAsync(HistoryQueries.historyReadModified(node, from, to, count));
    }

    /** The events that were stored from one time to another: all of them. */
    default List<HistoricEvent> historyReadEvents(EventRequest events, Instant from, Instant to) {
        return historyReadEvents(events, from, to, 0);
    }

    default CompletableFuture<List<HistoricEvent>> historyReadEventsAsync(
            EventRequest events, Instant from, Instant to) {
        return historyReadEventsAsync(events, from, to, 0);
    }

    /**
     * The events that were stored (Part 11, 6.5.2).
     *
     * @param events of which node, which of them, and what of each; its client handle means nothing here
     * @param from null: backwards from {@code to}, with a count
     * @param to null: from {@code from} on, with a count
     * @param count at most so many; 0 = all
     */
    default List<HistoricEvent> historyReadEvents(
            EventRequest events, @Nullable Instant from, @Nullable Instant to, long count) {
        return query(HistoryQueries.historyReadEvents(events, from, to, count));
    }

    default CompletableFuture<List<HistoricEvent>> historyReadEventsAsync(
            EventRequest events, @Nullable Instant from, @Nullable Instant to, long count) {
        return queryAsync(HistoryQueries.historyReadEvents(events, from, to, count));
    }

    // Changing values (Part 11, 6.8)

    /**
     * Adds values to history. One whose time history has already is refused: Bad_EntryExists.
     *
     * @param values each with its source timestamp: {@link TypedValue#at}
     */
    default List<StatusCode> historyInsertData(NodeReference node, List<DataValue> values) {
        return query(HistoryQueries.changeData("historyInsertData", node, values));
    }

    default CompletableFuture<List<StatusCode>> historyInsertDataAsync(NodeReference node, List<DataValue> values) {
        return queryAsync(HistoryQueries.changeData("historyInsertData", node, values));
    }

    /** Puts values in the place of those of the same times; where there is none: Bad_NoEntryExists. */
    default List<StatusCode> historyReplaceData(NodeReference node, List<DataValue> values) {
        return query(HistoryQueries.changeData("historyReplaceData", node, values));
    }

    default CompletableFuture<List<StatusCode>> historyReplaceDataAsync(NodeReference node, List<DataValue> values) {
        return queryAsync(HistoryQueries.changeData("historyReplaceData", node, values));
    }

    /** Adds values, or puts them in the place of those of the same times; the codes say which: Good_EntryInserted or Good_EntryReplaced. */
    default List<StatusCode> historyUpdateData(NodeReference node, List<DataValue> values) {
        return query(HistoryQueries.changeData("historyUpdateData", node, values));
    }

    default CompletableFuture<List<StatusCode>> historyUpdateDataAsync(NodeReference node, List<DataValue> values) {
        return queryAsync(HistoryQueries.changeData("historyUpdateData", node, values));
    }

    /**
     * Deletes the values from one time to another, the later one excluded.
     *
     * @param isDeleteModified what was kept of values changed before instead: {@link #historyReadModified}
     * @return Good_NoData or a bad code where there was nothing, as the server has it
     */
    default StatusCode historyDeleteRawModified(
            NodeReference node, Instant from, Instant to, boolean isDeleteModified) {
        return query(HistoryQueries.historyDeleteRawModified(node, from, to, isDeleteModified));
    }

    default CompletableFuture<StatusCode> historyDeleteRawModifiedAsync(
            NodeReference node, Instant from, Instant to, boolean isDeleteModified) {
        return queryAsync(HistoryQueries.historyDeleteRawModified(node, from, to, isDeleteModified));
    }

    /** Deletes the values of exactly these times; where there is none: Bad_NoEntryExists. */
    default List<StatusCode> historyDeleteAtTime(NodeReference node, List<Instant> times) {
        return query(HistoryQueries.historyDeleteAtTime(node, times));
    }

    default CompletableFuture<List<StatusCode>> historyDeleteAtTimeAsync(NodeReference node, List<Instant> times) {
        return queryAsync(HistoryQueries.historyDeleteAtTime(node, times));
    }

    // Changing events

    /**
     * Adds events to the history of an object.
     *
     * @param fields what the values are of, by the names that {@link EventRequest} selects with
     * @param events a value for each field; {@code Variant.NULL} for one that the event does not have
     * @throws IllegalArgumentException if an event has more or fewer values
     */
    default List<StatusCode> historyInsertEvent(
            NodeReference node, List<String> fields, List<? extends List<Variant>> events) {
        return query(HistoryQueries.changeEvents("historyInsertEvent", node, fields, events));
    }

    default CompletableFuture<List<StatusCode>> historyInsertEventAsync(
            NodeReference node, List<String> fields, List<? extends List<Variant>> events) {
        return queryAsync(HistoryQueries.changeEvents("historyInsertEvent", node, fields, events));
    }

    /** Puts events in the place of those with the same EventId, which must be among the fields. */
    default List<StatusCode> historyReplaceEvent(
            NodeReference node, List<String> fields, List<? extends List<Variant>> events) {
        return query(HistoryQueries.changeEvents("historyReplaceEvent", node, fields, events));
    }

    default CompletableFuture<List<StatusCode>> historyReplaceEventAsync(
            NodeReference node, List<String> fields, List<? extends List<Variant>> events) {
        return queryAsync(HistoryQueries.changeEvents("historyReplaceEvent", node, fields, events));
    }

    /** Adds events, or puts them in the place of those with the same EventId. */
    default List<StatusCode> historyUpdateEvent(
            NodeReference node, List<String> fields, List<? extends List<Variant>> events) {
        return query(HistoryQueries.changeEvents("historyUpdateEvent", node, fields, events));
    }

    default CompletableFuture<List<StatusCode>> historyUpdateEventAsync(
            NodeReference node, List<String> fields, List<? extends List<Variant>> events) {
        return queryAsync(HistoryQueries.changeEvents("historyUpdateEvent", node, fields, events));
    }

    /** Deletes the events with these EventIds. */
    default List<StatusCode> historyDeleteEvent(NodeReference node, List<ByteString> eventIds) {
        return query(HistoryQueries.historyDeleteEvent(node, eventIds));
    }

    default CompletableFuture<List<StatusCode>> historyDeleteEventAsync(NodeReference node, List<ByteString> eventIds) {
        return queryAsync(HistoryQueries.historyDeleteEvent(node, eventIds));
    }

    // Aggregates (Part 13)

    /**
     * Computes one value for each interval of values that the program has; no server is asked.
     *
     * @param values raw ones, in the order of their source timestamps
     * @param interval zero: one from {@code from} to {@code to}
     */
    default List<DataValue> aggregate(
            List<DataValue> values,
            Instant from,
            Instant to,
            Duration interval,
            AggregateFunction function,
            AggregateOptions options) {
        return query(HistoryQueries.aggregate(values, from, to, interval, function, options));
    }

    default CompletableFuture<List<DataValue>> aggregateAsync(
            List<DataValue> values,
            Instant from,
            Instant to,
            Duration interval,
            AggregateFunction function,
            AggregateOptions options) {
        return queryAsync(HistoryQueries.aggregate(values, from, to, interval, function, options));
    }

    /** One value for each interval of a node's history, everything else as the server or Part 13 has it. */
    default List<ReadResult> historyAggregate(
            NodeReference node, Instant from, Instant to, Duration interval, AggregateFunction function) {
        return historyAggregate(node, from, to, interval, function, AggregateOptions.DEFAULTS);
    }

    default CompletableFuture<List<ReadResult>> historyAggregateAsync(
            NodeReference node, Instant from, Instant to, Duration interval, AggregateFunction function) {
        return historyAggregateAsync(node, from, to, interval, function, AggregateOptions.DEFAULTS);
    }

    /**
     * One value for each interval of a node's history, computed by the server where it offers the aggregate, else by the daemon
     * from the raw values.
     *
     * @param interval zero: one from {@code from} to {@code to}
     * @param options how, and by whom
     */
    default List<ReadResult> historyAggregate(
            NodeReference node,
            Instant from,
            Instant to,
            Duration interval,
            AggregateFunction function,
            AggregateOptions options) {
        return query(HistoryQueries.historyAggregate(node, from, to, interval, function, options));
    }

    default CompletableFuture<List<ReadResult>> historyAggregateAsync(
            NodeReference node,
            Instant from,
            Instant to,
            Duration interval,
            AggregateFunction function,
            AggregateOptions options) {
        return queryAsync(HistoryQueries.historyAggregate(node, from, to, interval, function, options));
    }
}
