package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Reads a variable's history: as it was recorded, at points in time, or aggregated over intervals. */
final class HistoryCommand extends ServerCommand {
    private static final String FROM = "--from";
    private static final String TO = "--to";
    private static final String AT = "--at";
    private static final String COUNT = "--count";
    private static final String AGGREGATE = "--aggregate";
    private static final String EVERY = "--every";
    private static final String BOUNDS = "--bounds";
    private static final int MAX_COUNT = 1_000_000;

    /** The standard aggregates that people ask for, by the ids of namespace 0 (Part 13, A.1). */
    private static final Map<String, Integer> AGGREGATES = aggregates();

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
                "NAME", "one value an interval instead: Average, Minimum, Maximum, Count, … or a node id", AGGREGATE));
        spec.addOption(Syntax.value("LENGTH", "the length of an interval, such as 5m", EVERY));
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
        int count = count(given.matchedOptionValue(COUNT, "1000"));
        boolean bounds = given.hasMatchedOption(BOUNDS);
        boolean csv = Csv.of(given);
        if (!at.isEmpty()) {
            return call -> print(call, node, csv, call.query("historyReadAtTime", call.node(node), at));
        }
        if (name != null && every != null) {
            String aggregate = aggregate(name);
            Duration interval = PointInTime.length(EVERY, every);
            return call -> print(
                    call,
                    node,
                    csv,
                    call.query("historyReadProcessed", call.node(node), from, to, interval.toNanos() / 1e6, aggregate));
        }
        return call -> print(call, node, csv, call.query("historyReadRaw", call.node(node), from, to, count, bounds));
    }

    private static ExitCode print(Call call, String node, boolean csv, JsonValue values) {
        List<JsonValue.Obj> found = Shown.objects(values);
        if (call.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("nodeId", node);
            answer.put("values", values);
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
        return ExitCode.OK;
    }

    private static int count(String text) {
        if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) > MAX_COUNT) {
            throw new UsageException(COUNT + ": got " + text + ", expected 0 to " + MAX_COUNT);
        }
        return Integer.parseInt(text);
    }

    private static String aggregate(String name) {
        Integer id = null;
        for (Map.Entry<String, Integer> known : AGGREGATES.entrySet()) {
            if (known.getKey().equalsIgnoreCase(name)) {
                id = known.getValue();
            }
        }
        if (id != null) {
            return "i=" + id;
        }
        if (name.toLowerCase(Locale.ROOT).matches("(ns=|nsu=|i=|s=|g=|b=).*")) {
            return name;
        }
        throw new UsageException(AGGREGATE + ": got " + name
                + NearestName.hint(name, AGGREGATES.keySet(), "expected one such as Average, or a node id"));
    }

    private static Map<String, Integer> aggregates() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        ids.put("Interpolative", 2341);
        ids.put("Average", 2342);
        ids.put("TimeAverage", 2343);
        ids.put("Total", 2344);
        ids.put("Minimum", 2346);
        ids.put("Maximum", 2347);
        ids.put("MinimumActualTime", 2348);
        ids.put("MaximumActualTime", 2349);
        ids.put("Range", 2350);
        ids.put("Count", 2352);
        ids.put("Start", 2357);
        ids.put("End", 2358);
        ids.put("Delta", 2359);
        ids.put("DurationGood", 2360);
        ids.put("DurationBad", 2361);
        ids.put("PercentGood", 2362);
        ids.put("PercentBad", 2363);
        return ids;
    }
}
