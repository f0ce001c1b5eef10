package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StatusCode;
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
 * Writes values, once: what may have been sent is never sent again. The text of each is read by the type of its variable,
 * which the server is asked for, or by {@code --type}. Several values go in one request; if the text of one does not fit,
 * none is sent.
 */
final class WriteCommand extends ServerCommand {
    private static final String TYPE = "--type";

    /** One value to write. */
    private record Assignment(String node, String text) {}

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.arguments(
                1,
                "NODE VALUE",
                "node id (ns=2;s=Speed) or path (/Objects/2:Speed), and what to write: 42, true, [1,2], NaN, text,"
                        + " 2026-05-15T10:30, now, an enumeration's name, base64, hex:00ff, @FILE, a structure as JSON;"
                        + " several pairs are written at once"));
        spec.addOption(Syntax.value("TYPE", "the type to write it as, such as Byte; else the server is asked", TYPE));
    }

    @Override
    Work prepare(ParseResult given) {
        List<Assignment> assignments = assignments(given.matchedPositionalValue(1, List.of()));
        BuiltinType type = type(given.matchedOptionValue(TYPE, (String) null));
        ValueInput input = new ValueInput("VALUE", Instant.now(), ZoneId.systemDefault());
        if (type == null) {
            return call -> {
                List<Object> nodes = nodes(call, assignments);
                return write(
                        call,
                        assignments,
                        items(nodes, assignments, call.types().ofNodes(nodes), input));
            };
        }
        List<JsonValue> values = new ArrayList<>();
        assignments.forEach(assignment -> values.add(input.parse(assignment.text(), ValueType.of(type))));
        return call -> {
            List<Object> nodes = nodes(call, assignments);
            List<Map<String, Object>> items = new ArrayList<>();
            for (int i = 0; i < nodes.size(); i++) {
                items.add(item(nodes.get(i), values.get(i), type));
            }
            return write(call, assignments, items);
        };
    }

    private static List<Assignment> assignments(List<String> given) {
        if (given.size() % 2 != 0 || given.isEmpty()) {
            String last = given.isEmpty() ? "a node" : given.get(given.size() - 1);
            throw new UsageException("VALUE: expected one behind " + last + ": write TARGET NODE VALUE [NODE VALUE …]");
        }
        List<Assignment> assignments = new ArrayList<>();
        for (int i = 0; i < given.size(); i += 2) {
            assignments.add(new Assignment(given.get(i), given.get(i + 1)));
        }
        return assignments;
    }

    private static List<Object> nodes(Call call, List<Assignment> assignments) {
        List<Object> nodes = new ArrayList<>();
        assignments.forEach(assignment -> nodes.add(call.node(assignment.node())));
        return nodes;
    }

    private static List<Map<String, Object>> items(
            List<Object> nodes, List<Assignment> assignments, List<@Nullable ValueType> types, ValueInput input) {
        List<Map<String, Object>> items = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            String text = assignments.get(i).text();
            ValueType type = types.get(i);
            boolean any = type == null || type.builtin() == null || type.builtin() == BuiltinType.VARIANT;
            BuiltinType prefix = any ? ValueInput.prefix(text) : null;
            if (prefix != null) {
                String value = text.substring(text.indexOf(':') + 1);
                items.add(item(nodes.get(i), input.parse(value, ValueType.of(prefix)), prefix));
            } else {
                JsonValue value = type == null ? ValueInput.untyped(text) : input.parse(text, type);
                items.add(item(nodes.get(i), value, null));
            }
        }
        return items;
    }

    private static Map<String, Object> item(Object node, JsonValue value, @Nullable BuiltinType type) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("nodeId", node);
        item.put("value", value);
        if (type != null) {
            item.put("type", type.id());
        }
        return item;
    }

    private static ExitCode write(Call call, List<Assignment> assignments, List<Map<String, Object>> items) {
        List<StatusCode> statuses = new ArrayList<>();
        if (items.size() == 1) {
            Map<String, Object> only = items.get(0);
            statuses.add(
                    Shown.statusCode(call.query("write", only.get("nodeId"), only.get("value"), only.get("type"))));
        } else {
            List<JsonValue> codes = call.query("writeMulti", items).asArray();
            (codes == null ? List.<JsonValue>of() : codes).forEach(code -> statuses.add(Shown.statusCode(code)));
        }
        print(call, assignments, statuses);
        return statuses.stream().anyMatch(StatusCode::isBad) ? ExitCode.BAD_STATUS : ExitCode.OK;
    }

    private static void print(Call call, List<Assignment> assignments, List<StatusCode> statuses) {
        List<Map<String, Object>> results = new ArrayList<>();
        var table = new Table().cuttingAtBegin(0).status(1);
        for (int i = 0; i < statuses.size(); i++) {
            StatusCode status = statuses.get(i);
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("nodeId", assignments.get(i).node());
            result.put("statusCode", status.value());
            result.put("status", status.name());
            results.add(result);
            table.row(assignments.get(i).node(), Shown.status(status));
        }
        if (call.json()) {
            call.printJson(results.size() == 1 ? results.get(0) : Map.of("results", results));
            return;
        }
        table.print(call.console());
        for (int i = 0; i < statuses.size(); i++) {
            StatusAdvice.give(call, assignments.get(i).node(), statuses.get(i));
        }
    }

    private static @Nullable BuiltinType type(@Nullable String text) {
        if (text == null) {
            return null;
        }
        var type = BuiltinType.ofName(text);
        if (type.isEmpty()) {
            List<String> names = new ArrayList<>();
            for (BuiltinType valid : BuiltinType.values()) {
                names.add(valid.displayName());
            }
            throw new UsageException(
                    TYPE + ": got " + text + NearestName.hint(text, names, "expected a built-in type such as Int32"));
        }
        return type.get();
    }
}
