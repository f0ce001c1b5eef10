package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Reads one attribute of some nodes in one service call. */
final class ReadCommand extends ServerCommand {
    private static final int VALUE = 13;
    private static final String ATTRIBUTE = "--attribute";

    /** The attributes by their ids, from 1 on (Part 6, A.1). */
    private static final List<String> ATTRIBUTES = List.of(
            "NodeId",
            "NodeClass",
            "BrowseName",
            "DisplayName",
            "Description",
            "WriteMask",
            "UserWriteMask",
            "IsAbstract",
            "Symmetric",
            "InverseName",
            "ContainsNoLoops",
            "EventNotifier",
            "Value",
            "DataType",
            "ValueRank",
            "ArrayDimensions",
            "AccessLevel",
            "UserAccessLevel",
            "MinimumSamplingInterval",
            "Historizing",
            "Executable",
            "UserExecutable",
            "DataTypeDefinition",
            "RolePermissions",
            "UserRolePermissions",
            "AccessRestrictions",
            "AccessLevelEx");

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.arguments(
                1,
                "NODE",
                "node ids (ns=2;s=Speed, i=2258, nsu=http://example.org/;s=Speed) or paths (/Objects/2:Speed)"));
        spec.addOption(Syntax.value("NAME", "the attribute, by name or number (Value)", ATTRIBUTE));
    }

    @Override
    Work prepare(ParseResult given) {
        List<String> nodes = given.matchedPositionalValue(1, List.of());
        if (nodes.isEmpty()) {
            throw new UsageException("NODE: expected at least one node id, such as i=2258");
        }
        int attribute = attribute(given.matchedOptionValue(ATTRIBUTE, "Value"));
        return call -> read(call, nodes, attribute);
    }

    private static ExitCode read(Call call, List<String> nodes, int attribute) {
        List<Map<String, Object>> items = new ArrayList<>();
        nodes.forEach(node -> items.add(Map.of("nodeId", call.node(node), "attributeId", attribute)));
        long start = System.nanoTime();
        List<JsonValue.Obj> values = Shown.objects(call.query("readMulti", items));
        double readMs = millisSince(start);
        if (call.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("readMs", readMs);
            answer.put("results", results(nodes, values));
            call.printJson(answer);
        } else {
            print(call, nodes, values, enumerations(call, items, values, attribute));
            call.suggest(unknown(nodes, values));
            for (int i = 0; i < values.size(); i++) {
                StatusAdvice.give(call, nodes.get(i), Shown.status(values.get(i)));
            }
        }
        return values.stream().anyMatch(value -> Shown.status(value).isBad()) ? ExitCode.BAD_STATUS : ExitCode.OK;
    }

    private static int attribute(String text) {
        for (int i = 0; i < ATTRIBUTES.size(); i++) {
            if (ATTRIBUTES.get(i).equalsIgnoreCase(text)
                    || Integer.toString(i + 1).equals(text)) {
                return i + 1;
            }
        }
        throw new UsageException(ATTRIBUTE + ": got " + text + ", expected a name or 1 to 27"
                + NearestName.to(text, ATTRIBUTES)
                        .map(name -> "; did you mean " + name + "?")
                        .orElse(""));
    }

    private static List<Object> results(List<String> nodes, List<JsonValue.Obj> values) {
        List<Object> results = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("nodeId", nodes.get(i));
            result.putAll(values.get(i).members());
            result.put("typeName", Shown.typeName(values.get(i)));
            result.put("status", Shown.status(values.get(i)).name());
            results.add(result);
        }
        return results;
    }

    /** For people: how the enumerations among the values call their numbers, by the place of the value. */
    private static Map<Integer, Map<BigInteger, String>> enumerations(
            Call call, List<Map<String, Object>> items, List<JsonValue.Obj> values, int attribute) {
        List<Integer> places = new ArrayList<>();
        List<Object> nodes = new ArrayList<>();
        for (int i = 0; attribute == VALUE && i < values.size(); i++) {
            if (BuiltinType.INT32.displayName().equals(Shown.typeName(values.get(i)))) {
                places.add(i);
                nodes.add(items.get(i).get("nodeId"));
            }
        }
        Map<Integer, Map<BigInteger, String>> names = new HashMap<>();
        if (!nodes.isEmpty()) {
            List<@Nullable ValueType> types = call.types().ofNodes(nodes);
            for (int i = 0; i < places.size(); i++) {
                ValueType type = types.get(i);
                names.put(places.get(i), type == null ? Map.of() : type.names());
            }
        }
        return names;
    }

    private static void print(
            Call call,
            List<String> nodes,
            List<JsonValue.Obj> values,
            Map<Integer, Map<BigInteger, String>> enumerations) {
        var table = new Table().cuttingAtBegin(0).status(3);
        for (int i = 0; i < values.size(); i++) {
            JsonValue.Obj value = values.get(i);
            String type = Shown.typeName(value);
            JsonValue timestamp = value.get("sourceTimestamp");
            table.row(
                    nodes.get(i),
                    ValueText.of(value, enumerations.getOrDefault(i, Map.of())),
                    type == null ? "-" : type,
                    Shown.status(Shown.status(value)),
                    timestamp == null ? "" : Shown.plain(timestamp));
        }
        table.print(call.console());
    }
}
