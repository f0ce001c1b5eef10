package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultReader;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of history and aggregates (protocol, sections 5 and 6), one row each. */
final class HistoryQueries {
    private HistoryQueries() {}

    static Query<List<ReadResult>> historyReadRaw(
            NodeReference node, @Nullable Instant from, @Nullable Instant to, long count, boolean returnBounds) {
        return Query.reading(
                "historyReadRaw", json -> Results.results(node, json), node, from, to, count, returnBounds);
    }

    static Query<List<ReadResult>> historyReadProcessed(
            NodeReference node, Instant from, Instant to, Duration interval, NodeReference aggregate) {
        return Query.reading(
                "historyReadProcessed",
                json -> Results.results(node, json),
                node,
                from,
                to,
                Results.millis(interval),
                aggregate);
    }

    static Query<List<ReadResult>> historyReadAtTime(NodeReference node, List<Instant> times) {
        return Query.reading("historyReadAtTime", json -> Results.results(node, json), node, times);
    }

    static Query<List<ModifiedResult>> historyReadModified(
            NodeReference node, @Nullable Instant from, @Nullable Instant to, long count) {
        return Query.reading(
                        "historyReadModified",
                        json -> Results.list(
                                json, value -> new ModifiedResult(node.toString(), ResultReader.modifiedValue(value))),
                        node,
                        from,
                        to,
                        count)
                .ofSection6();
    }

    static Query<List<HistoricEvent>> historyReadEvents(
            EventRequest events, @Nullable Instant from, @Nullable Instant to, long count) {
        return Query.reading(
                        "historyReadEvents",
                        json -> Results.list(json, row -> event(events.selectFields(), row)),
                        events.node(),
                        from,
                        to,
                        count,
                        events.selectFields(),
                        events.where())
                .ofSection6();
    }

    /** @param method {@code historyInsertData}, {@code historyReplaceData} or {@code historyUpdateData} */
    static Query<List<StatusCode>> changeData(String method, NodeReference node, List<DataValue> values) {
        return Query.changing(method, Results::statusCodes, node, values).ofSection6();
    }

    static Query<StatusCode> historyDeleteRawModified(
            NodeReference node, Instant from, Instant to, boolean isDeleteModified) {
        return Query.changing("historyDeleteRawModified", Results::statusCode, node, from, to, isDeleteModified)
                .ofSection6();
    }

    static Query<List<StatusCode>> historyDeleteAtTime(NodeReference node, List<Instant> times) {
        return Query.changing("historyDeleteAtTime", Results::statusCodes, node, times)
                .ofSection6();
    }

    /** @param method {@code historyInsertEvent}, {@code historyReplaceEvent} or {@code historyUpdateEvent} */
    static Query<List<StatusCode>> changeEvents(
            String method, NodeReference node, List<String> fields, List<? extends List<Variant>> events) {
        List<List<@Nullable Variant>> rows = new ArrayList<>(events.size());
        for (List<Variant> event : events) {
            if (event.size() != fields.size()) {
                throw new IllegalArgumentException("events: got one of " + event.size() + " values, expected "
                        + fields.size() + ", one for each field");
            }
            List<@Nullable Variant> row = new ArrayList<>(event.size());
            event.forEach(value -> row.add(value.isNull() ? null : value));
            rows.add(row);
        }
        return Query.changing(method, Results::statusCodes, node, fields, rows).ofSection6();
    }

    static Query<List<StatusCode>> historyDeleteEvent(NodeReference node, List<ByteString> eventIds) {
        return Query.changing("historyDeleteEvent", Results::statusCodes, node, eventIds)
                .ofSection6();
    }

    static Query<List<DataValue>> aggregate(
            List<DataValue> values,
            Instant from,
            Instant to,
            Duration interval,
            AggregateFunction function,
            AggregateOptions options) {
        return Query.reading(
                        "aggregate",
                        json -> Results.list(json, ValueReader::readDataValue),
                        values,
                        from,
                        to,
                        Results.millis(interval),
                        function,
                        options.members())
                .ofSection6();
    }

    static Query<List<ReadResult>> historyAggregate(
            NodeReference node,
            Instant from,
            Instant to,
            Duration interval,
            AggregateFunction function,
            AggregateOptions options) {
        return Query.reading(
                        "historyAggregate",
                        json -> Results.results(node, json),
                        node,
                        from,
                        to,
                        Results.millis(interval),
                        function,
                        options.members())
                .ofSection6();
    }

    private static HistoricEvent event(List<String> names, JsonValue row) {
        List<Variant> values = Results.list(
                row, field -> field instanceof JsonValue.Null ? Variant.NULL : ValueReader.readVariant(field));
        if (values.size() != names.size()) {
            throw new IllegalArgumentException(
                    "got an event of " + values.size() + " fields, expected " + names.size());
        }
        Map<String, TypedValue> fields = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            fields.put(names.get(i), new TypedValue(names.get(i), values.get(i)));
        }
        return new HistoricEvent(Collections.unmodifiableMap(fields));
    }
}
