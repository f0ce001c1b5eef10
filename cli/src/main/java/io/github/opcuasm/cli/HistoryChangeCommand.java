package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StatusCode;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Changes values in a variable's history (HistoryUpdate, Part 11, 6.9.2). All that was given is read by the variable's type
 * before anything is sent, in requests of a bounded size, each of them once. CSV may have the header that {@code history
 * --csv} prints; without one its columns are time, value and status.
 */
final class HistoryChangeCommand extends ServerCommand {
    private static final String STATUS = "--status";
    private static final String STANDARD_INPUT = "-";
    private static final int MAX_VALUES = 100_000;
    private static final int VALUES_AT_ONCE = 500;

    /** Characters of the values in a request: with what else is in it, it stays below the smallest limit of a frame. */
    private static final int CHARACTERS_AT_ONCE = 40_000;

    private static final int MAX_SHOWN = 20;
    private static final List<String> USUAL = List.of("time", "value", "status");

    private final String method;

    /** @param method of the protocol: what becomes of times that have a value, and of those that have none */
    HistoryChangeCommand(String method) {
        this.method = method;
    }

    /** A value as it was given. */
    private record Entry(
            Instant time, String text, @Nullable String status, String place) {}

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "NODE", "the variable, by node id or path"));
        spec.addPositional(Syntax.arguments(
                2,
                "TIME VALUE",
                "when, and what it was then, as write takes it: 2026-05-15T10:30:00Z 1.5; several pairs; or - for CSV from"
                        + " standard input: time,value[,status], or with the header of `history --csv`"));
        spec.addOption(Syntax.value("STATUS", "of the values, such as Uncertain (Good)", STATUS));
    }

    @Override
    Work prepare(ParseResult given) {
        String node = given.matchedPositionalValue(1, "");
        List<String> words = given.matchedPositionalValue(2, List.of());
        String status = given.matchedOptionValue(STATUS, (String) null);
        Instant now = Instant.now();
        boolean csv = words.equals(List.of(STANDARD_INPUT));
        List<Entry> pairs = csv ? List.of() : pairs(words, status, now);
        return call -> {
            List<Entry> entries = csv ? rows(call, status, now) : pairs;
            Object nodeId = call.node(node);
            List<Map<String, Object>> values = values(call, node, nodeId, entries, now);
            List<StatusCode> statuses = send(call, nodeId, values);
            return report(call, node, entries, statuses, csv);
        };
    }

    private static List<Entry> pairs(List<String> words, @Nullable String status, Instant now) {
        if (words.size() % 2 != 0) {
            throw new UsageException("VALUE: expected one behind " + words.get(words.size() - 1)
                    + ": TIME VALUE [TIME VALUE …], or - for CSV from standard input");
        }
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < words.size(); i += 2) {
            Instant time = PointInTime.parse("TIME", words.get(i), now, ZoneId.systemDefault());
            entries.add(new Entry(time, words.get(i + 1), status, "VALUE"));
        }
        return entries;
    }

    private static List<Entry> rows(Call call, @Nullable String status, Instant now) {
        var input = new CsvInput(call.console().in());
        List<String> columns = USUAL;
        List<Entry> entries = new ArrayList<>();
        try {
            for (List<String> row = input.next(); row != null; row = input.next()) {
                if (entries.isEmpty() && isHeader(row)) {
                    columns = row.stream()
                            .map(name -> name.strip().toLowerCase(Locale.ROOT))
                            .toList();
                    if (!columns.contains("value")) {
                        throw new UsageException("line " + input.line() + ": got the columns " + String.join(",", row)
                                + ", expected time and value among them");
                    }
                    continue;
                }
                String place = "line " + input.line();
                if (row.size() > columns.size()) {
                    throw new UsageException(place + ": got " + row.size() + " cells, expected " + shown(columns)
                            + " (nothing was sent)");
                }
                String time = cell(columns, row, "time");
                String value = cell(columns, row, "value");
                if (time == null || value == null) {
                    throw new UsageException(place + ": got " + row.size() + " cells, expected " + shown(columns)
                            + " (nothing was sent)");
                }
                String own = cell(columns, row, "status");
                entries.add(new Entry(
                        PointInTime.parse(place, time.strip(), now, ZoneId.systemDefault()),
                        value,
                        own == null || own.isBlank() ? status : own.strip(),
                        place));
                if (entries.size() > MAX_VALUES) {
                    throw new UsageException("standard input: more than " + MAX_VALUES
                            + " values: send them in parts (nothing was sent)");
                }
            }
        } catch (IOException e) {
            throw new UsageException("standard input: cannot be read (" + e.getMessage() + ")");
        }
        if (entries.isEmpty()) {
            throw new UsageException("standard input: expected rows of time,value[,status]");
        }
        return entries;
    }

    private static String shown(List<String> columns) {
        return columns.equals(USUAL) ? "time,value[,status]" : String.join(",", columns);
    }

    private static boolean isHeader(List<String> row) {
        return row.stream().anyMatch(cell -> cell.strip().equalsIgnoreCase("time"));
    }

    private static @Nullable String cell(List<String> columns, List<String> row, String column) {
        int index = columns.indexOf(column);
        return index < 0 || index >= row.size() ? null : row.get(index);
    }

    /** The values as requests have them: all of them, before the first one is sent. */
    private static List<Map<String, Object>> values(
            Call call, String node, Object nodeId, List<Entry> entries, Instant now) {
        List<@Nullable ValueType> types = call.types().ofNodes(List.of(nodeId));
        ValueType type = types.isEmpty() ? null : types.get(0);
        if (type == null) {
            List<JsonValue.Obj> answers =
                    Shown.objects(call.query("readMulti", List.of(Map.of("nodeId", nodeId, "attributeId", 1))));
            if (!answers.isEmpty() && Shown.status(answers.get(0)).isBad()) {
                throw new UsageException(
                        "NODE: there is no node " + node + call.suggestion(node) + " (nothing was sent)");
            }
        }
        boolean any = type == null || type.builtin() == null || type.builtin() == BuiltinType.VARIANT;
        List<Map<String, Object>> values = new ArrayList<>();
        for (Entry entry : entries) {
            ValueInput input = new ValueInput(entry.place(), now, ZoneId.systemDefault());
            BuiltinType prefix = any ? ValueInput.prefix(entry.text()) : null;
            Map<String, Object> value = new LinkedHashMap<>();
            if (prefix != null) {
                String text = entry.text().substring(entry.text().indexOf(':') + 1);
                value.putAll(CallCommand.variant(prefix, input.parse(text, ValueType.of(prefix))));
            } else if (type == null || any) {
                throw new UsageException(entry.place() + ": the server does not say of which type " + node
                        + " is: give one in front, such as Double:1.5 (nothing was sent)");
            } else {
                value.putAll(CallCommand.variant(type, input.parse(entry.text(), type)));
            }
            value.put("sourceTimestamp", entry.time().toString());
            if (entry.status() != null) {
                value.put(
                        "statusCode",
                        new ValueInput(
                                        entry.place().equals("VALUE") ? STATUS : entry.place(),
                                        now,
                                        ZoneId.systemDefault())
                                .parse(entry.status(), ValueType.of(BuiltinType.STATUS_CODE)));
            }
            values.add(value);
        }
        return values;
    }

    private List<StatusCode> send(Call call, Object nodeId, List<Map<String, Object>> values) {
        List<StatusCode> statuses = new ArrayList<>();
        int from = 0;
        while (from < values.size()) {
            int to = from;
            int characters = 0;
            while (to < values.size() && to - from < VALUES_AT_ONCE) {
                int length = Json.text(Json.of(values.get(to))).length();
                if (to > from && characters + length > CHARACTERS_AT_ONCE) {
                    break;
                }
                characters += length;
                to++;
            }
            try {
                statuses.addAll(ItemStatuses.of(call.query(method, nodeId, values.subList(from, to))));
            } catch (ClientException e) {
                String before =
                        from == 0 ? "" : "; the first " + from + " of " + values.size() + " values were sent before";
                throw new AdvisedException(e, advice(e) + before);
            }
            from = to;
        }
        return statuses;
    }

    /** Why a history cannot be changed at all. */
    static String advice(ClientException e) {
        String status = e instanceof RequestFailedException failed
                ? failed.status().map(StatusCode::name).orElse("")
                : "";
        return status.equals("Bad_HistoryOperationUnsupported")
                ? ": the server changes no history of this node, or not in this way; `read` with --attribute AccessLevel"
                        + " tells what is allowed"
                : "";
    }

    private static ExitCode report(
            Call call, String node, List<Entry> entries, List<StatusCode> statuses, boolean summary) {
        List<Map<String, @Nullable Object>> results = new ArrayList<>();
        var table = new Table().status(1);
        Map<StatusCode, Integer> counts = new LinkedHashMap<>();
        int shown = 0;
        for (int i = 0; i < Math.min(entries.size(), statuses.size()); i++) {
            StatusCode status = statuses.get(i);
            String time = entries.get(i).time().toString();
            counts.merge(status, 1, Integer::sum);
            results.add(Shown.members("time", time, "statusCode", status.value(), "status", status.name()));
            if (!summary || (status.isBad() && shown++ < MAX_SHOWN)) {
                table.row(time, Shown.status(status), summary ? entries.get(i).place() : "");
            }
        }
        if (call.json()) {
            call.printJson(Shown.members("nodeId", node, "results", results));
        } else {
            table.print(call.console());
            if (summary) {
                List<String> parts = new ArrayList<>();
                counts.forEach((status, count) -> parts.add(count + " " + Shown.status(status)));
                call.print(
                        results.size() + (results.size() == 1 ? " value: " : " values: ") + String.join(", ", parts));
            }
            Set<StatusCode> distinct = new LinkedHashSet<>(counts.keySet());
            distinct.forEach(status -> StatusAdvice.give(call, node, status));
        }
        return statuses.stream().anyMatch(StatusCode::isBad) ? ExitCode.BAD_STATUS : ExitCode.OK;
    }
}
