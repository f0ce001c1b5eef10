package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AggregateFunction;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Reads a variable's history: as it was recorded, at points in time, or aggregated over intervals; what values were before they
 * were changed; or an object's events. Aggregates that the daemon can make are the server's where that has them, else the
 * daemon's, unless {@code --calculated-by} says whose; others only a server makes.
 */
final class HistoryCommand extends ServerCommand {
    private static final String FROM = "--from";
    private static final String TO = "--to";
    private static final String AT = "--at";
    private static final String COUNT = "--count";
    private static final String AGGREGATE = Aggregates.OPTION;
    private static final String EVERY = "--every";
    private static final String BOUNDS = "--bounds";
    private static final String CALCULATED_BY = "--calculated-by";
    private static final String MODIFIED = "--modified";
    private static final String EVENTS = "--events";
    private static final int MAX_COUNT = 1_000_000;
    private static final List<String> CALCULATORS = List.of("server", "daemon");

    /** What became of a value (HistoryUpdateType, Part 11, 6.9.2). */
    private static final List<String> UPDATES = List.of("-", "inserted", "replaced", "updated", "deleted");

    /**
     * How many are shown. One more is asked for, which tells whether there are more.
     *
     * @param count 0 = all
     * @param given whether that was asked for: what somebody wanted to be cut is no news
     */
    private record Limit(int count, boolean given) {
        static final Limit NONE = new Limit(0, true);

        int asked() {
            return count == 0 ? 0 : count + 1;
        }

        boolean cuts(List<?> all) {
            return count > 0 && all.size() > count;
        }

        <T> List<T> cut(List<T> all) {
            return cuts(all) ? all.subList(0, count) : all;
        }

        void tell(Call call, List<?> all, String what) {
            if (cuts(all) && !given && !call.json()) {
                call.console().out().flush();
                call.console().complain(count + " " + what + " are shown, there are more: " + COUNT + " 0 shows all");
            }
        }
    }

    @Override
    Map<String, String> labels() {
        return Map.of("startTime", FROM, "endTime", TO, "processingInterval", EVERY);
    }

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "NODE", "node id (ns=2;s=Speed) or path (/Objects/2:Speed)"));
        spec.addOption(Syntax.value(
                "TIME", "the beginning: 2026-05-15T10:30:00Z, 2026-05-15 or 2h for two hours ago (1h)", FROM));
        spec.addOption(Syntax.value("TIME", "the end (now)", TO));
        spec.addOption(Syntax.value("N", "at most so many values, 0 = all (1000)", COUNT));
        spec.addOption(Syntax.flag("the values at or around both ends too", BOUNDS));
        spec.addOption(Syntax.values("TIME", "the value at this time instead; may be repeated", AT));
        spec.addOption(Syntax.value(
                "NAME",
                "one value an interval instead: " + String.join(", ", Aggregates.names()) + ", or a node id",
                AGGREGATE));
        spec.addOption(Syntax.value("LENGTH", "the length of an interval, such as 5m", EVERY));
        spec.addOption(Syntax.value(
                "WHO", "who makes the aggregate, server or daemon (the server where it can)", CALCULATED_BY));
        spec.addOption(Syntax.flag("what values were before they were changed or deleted, and by whom", MODIFIED));
        spec.addOption(Syntax.flag("the events of an object", EVENTS));
        spec.addOption(Syntax.values("FIELDS", "what of events, as `events` takes it", EventsCommand.SELECT));
        spec.addOption(Syntax.value("CONDITION", "which events, as `events` takes it", EventsCommand.WHERE));
        Csv.declare(spec);
    }

    @Override
    Work prepare(ParseResult given) {
        String node = given.matchedPositionalValue(1, "");
        Instant now = Instant.now();
        ZoneId zone = ZoneId.systemDefault();
        String from = PointInTime.parse(FROM, given.matchedOptionValue(FROM, "1h"), now, zone)
                .toString();
        String to = PointInTime.parse(TO, given.matchedOptionValue(TO, "now"), now, zone)
                .toString();
        List<String> at = new ArrayList<>();
        for (String time : given.matchedOptionValue(AT, List.<String>of())) {
            at.add(PointInTime.parse(AT, time, now, zone).toString());
        }
        String name = given.matchedOptionValue(AGGREGATE, (String) null);
        String every = given.matchedOptionValue(EVERY, (String) null);
        if ((name == null) != (every == null)) {
            throw new UsageException(AGGREGATE + " and " + EVERY + " belong together: expected both or none");
        }
        if (name != null && !at.isEmpty()) {
            throw new UsageException(AT + " and " + AGGREGATE + " exclude each other");
        }
        if (given.hasMatchedOption(COUNT) && (name != null || !at.isEmpty())) {
            throw new UsageException(COUNT + " and " + (name != null ? AGGREGATE : AT) + " exclude each other");
        }
        var limit = new Limit(count(given.matchedOptionValue(COUNT, "1000")), given.hasMatchedOption(COUNT));
        boolean bounds = given.hasMatchedOption(BOUNDS);
        boolean csv = Csv.of(given);
        exclude(given);
        if (given.hasMatchedOption(EVENTS)) {
            List<String> fields = EventsCommand.fields(given.matchedOptionValue(EventsCommand.SELECT, List.of()));
            String where = given.matchedOptionValue(EventsCommand.WHERE, (String) null);
            return call -> events(call, node, from, to, limit, fields, where);
        }
        if (given.hasMatchedOption(MODIFIED)) {
            return call -> printModified(
                    call, node, limit, call.query("historyReadModified", call.node(node), from, to, limit.asked()));
        }
        if (!at.isEmpty()) {
            return call ->
                    print(call, node, csv, Limit.NONE, call.query("historyReadAtTime", call.node(node), at), Map.of());
        }
        if (name != null && every != null) {
            double interval = PointInTime.length(EVERY, every).toNanos() / 1e6;
            return aggregated(given, node, from, to, interval, name, csv);
        }
        return call -> print(
                call,
                node,
                csv,
                limit,
                call.query("historyReadRaw", call.node(node), from, to, limit.asked(), bounds),
                Map.of());
    }

    /** What does not go together. */
    private static void exclude(ParseResult given) {
        for (String one : List.of(EVENTS, MODIFIED)) {
            for (String other : List.of(EVENTS, MODIFIED, AT, AGGREGATE, BOUNDS, "--csv")) {
                if (!one.equals(other) && given.hasMatchedOption(one) && given.hasMatchedOption(other)) {
                    throw new UsageException(one + " and " + other + " exclude each other");
                }
            }
        }
        for (String option : List.of(EventsCommand.SELECT, EventsCommand.WHERE)) {
            if (given.hasMatchedOption(option) && !given.hasMatchedOption(EVENTS)) {
                throw new UsageException(option + ": expected " + EVENTS + " beside it");
            }
        }
        if (given.hasMatchedOption(CALCULATED_BY) && !given.hasMatchedOption(AGGREGATE)) {
            throw new UsageException(CALCULATED_BY + ": expected " + AGGREGATE + " beside it");
        }
    }

    private static Work aggregated(
            ParseResult given, String node, String from, String to, double interval, String name, boolean csv) {
        String by = given.matchedOptionValue(CALCULATED_BY, (String) null);
        if (by != null && !CALCULATORS.contains(by)) {
            throw new UsageException(
                    CALCULATED_BY + ": got " + by + NearestName.hint(by, CALCULATORS, "expected server or daemon"));
        }
        AggregateFunction function = Aggregates.function(name);
        if (function == null) {
            String aggregate = Aggregates.node(name);
            if ("daemon".equals(by)) {
                throw new UsageException(CALCULATED_BY + ": the daemon does not make " + name + ", but "
                        + String.join(", ", Aggregates.daemonNames()));
            }
            return call -> print(
                    call,
                    node,
                    csv,
                    Limit.NONE,
                    call.query("historyReadProcessed", call.node(node), from, to, interval, aggregate),
                    Shown.members("aggregate", name, "calculatedBy", "server"));
        }
        Map<String, String> configuration = by == null ? null : Map.of("calculatedBy", by);
        // Who made it is known only where that was asked for.
        Map<String, @Nullable Object> note = Shown.members("aggregate", function.browseName(), "calculatedBy", by);
        return call -> print(
                call,
                node,
                csv,
                Limit.NONE,
                call.query("historyAggregate", call.node(node), from, to, interval, function.wireName(), configuration),
                note);
    }

    private static ExitCode events(
            Call call, String node, String from, String to, Limit limit, List<String> fields, @Nullable String where) {
        JsonValue found;
        try {
            found = call.query("historyReadEvents", call.node(node), from, to, limit.asked(), fields, where);
        } catch (RequestFailedException e) {
            throw EventsCommand.misread(e, message -> message);
        }
        List<JsonValue> all = found.asArray() == null ? List.of() : found.asArray();
        List<JsonValue> rows = limit.cut(all);
        List<Map<String, Object>> events = new ArrayList<>();
        var table = new Table();
        for (JsonValue row : rows) {
            List<JsonValue.Obj> values = Shown.objects(row);
            Map<String, Object> event = new LinkedHashMap<>();
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < Math.min(fields.size(), values.size()); i++) {
                JsonValue value = values.get(i).get("value");
                event.put(fields.get(i), value == null ? JsonValue.Null.INSTANCE : value);
                cells.add(EventLines.shown(values.get(i)));
            }
            events.add(event);
            table.row(cells.toArray(String[]::new));
        }
        if (call.json()) {
            call.printJson(Shown.members("nodeId", node, "truncated", limit.cuts(all), "events", events));
            return ExitCode.OK;
        }
        table.print(call.console());
        if (rows.isEmpty()) {
            call.print("(no events in that time)");
        }
        List<String> names = new ArrayList<>();
        fields.forEach(field -> names.add(EventFields.first(field)));
        names.addAll(where == null ? List.of() : EventFields.ofClause(where));
        call.console().out().flush();
        EventFields.warnings(call, names).forEach(call.console()::complain);
        limit.tell(call, all, "events");
        return ExitCode.OK;
    }

    private static ExitCode printModified(Call call, String node, Limit limit, JsonValue found) {
        List<JsonValue> all = found.asArray() == null ? List.of() : found.asArray();
        if (call.json()) {
            call.printJson(Shown.members("nodeId", node, "truncated", limit.cuts(all), "values", limit.cut(all)));
            return ExitCode.OK;
        }
        var table = new Table().status(2);
        List<JsonValue.Obj> values = limit.cut(Shown.objects(found));
        for (JsonValue.Obj modified : values) {
            JsonValue.Obj value = DataTypes.object(modified.get("value"));
            BigInteger update = DataTypes.whole(modified.get("updateType"));
            int index = update == null || update.bitLength() > 3 ? 0 : update.intValue();
            String time = Changes.time(value);
            table.row(
                    time.isEmpty() ? "-" : time,
                    Shown.value(value),
                    Shown.status(Shown.status(value)),
                    index < UPDATES.size() ? UPDATES.get(index) : "-",
                    text(modified.get("modificationTime")),
                    text(modified.get("userName")));
        }
        table.print(call.console());
        if (values.isEmpty()) {
            call.print("(nothing was changed in that time)");
        }
        limit.tell(call, all, "values");
        return ExitCode.OK;
    }

    private static String text(@Nullable JsonValue value) {
        return value == null ? "-" : Shown.plain(value);
    }

    private static ExitCode print(
            Call call, String node, boolean csv, Limit limit, JsonValue values, Map<String, ?> note) {
        List<JsonValue.Obj> all = Shown.objects(values);
        List<JsonValue.Obj> found = limit.cut(all);
        if (call.json()) {
            Map<String, @Nullable Object> answer = new LinkedHashMap<>();
            answer.put("nodeId", node);
            answer.putAll(note);
            answer.put("truncated", limit.cuts(all));
            answer.put("values", found);
            call.printJson(answer);
        } else if (csv) {
            Csv.printHeader(call.console().out());
            found.forEach(value -> Csv.print(call.console().out(), node, value));
        } else {
            var table = new Table().status(2);
            for (JsonValue.Obj value : found) {
                String time = Changes.time(value);
                table.row(time.isEmpty() ? "-" : time, Shown.value(value), Shown.status(Shown.status(value)));
            }
            table.print(call.console());
            if (found.isEmpty()) {
                call.print("(no values in that time)");
            }
        }
        limit.tell(call, all, "values");
        return found.stream().anyMatch(value -> Shown.status(value).isBad()) ? ExitCode.BAD_STATUS : ExitCode.OK;
    }

    private static int count(String text) {
        if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) > MAX_COUNT) {
            throw new UsageException(COUNT + ": got " + text + ", expected 0 to " + MAX_COUNT);
        }
        return Integer.parseInt(text);
    }
}
