package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StatusCode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Reads one attribute of some nodes in one service call. */
final class ReadCommand implements Command {
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
    public void declare(CommandSpec spec) {
        Target.declare(spec);
        spec.addPositional(
                Syntax.arguments(1, "NODE", "node ids: ns=2;s=Speed, i=2258 or nsu=http://example.org/;s=Speed"));
        spec.addOption(Syntax.value("NAME", "the attribute, by name or number (Value)", ATTRIBUTE));
        SessionConfig.declare(spec);
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.BAD_STATUS);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        String target = Target.check(given);
        List<String> nodes = given.matchedPositionalValue(1, List.of());
        if (nodes.isEmpty()) {
            throw new UsageException("NODE: expected at least one node id, such as i=2258");
        }
        int attribute = attribute(given.matchedOptionValue(ATTRIBUTE, "Value"));
        try (ManagedClient client = access.connect()) {
            long start = System.nanoTime();
            OpenedSession session = Target.session(client, given);
            long opened = System.nanoTime();
            List<JsonValue.Obj> values = client.readMulti(session.sessionId(), nodes, attribute);
            long read = System.nanoTime();
            if (access.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("target", target);
                answer.put("sessionId", session.sessionId());
                answer.put("reused", session.reused());
                answer.put("openMs", millis(opened - start));
                answer.put("readMs", millis(read - opened));
                answer.put("results", results(nodes, values));
                console.out().println(Json.text(Json.of(answer)));
            } else {
                print(nodes, values, console);
            }
            return values.stream().anyMatch(value -> status(value).isBad()) ? ExitCode.BAD_STATUS : ExitCode.OK;
        }
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
            result.put("typeName", typeName(values.get(i)));
            result.put("status", status(values.get(i)).name());
            results.add(result);
        }
        return results;
    }

    private static void print(List<String> nodes, List<JsonValue.Obj> values, Console console) {
        var table = new Table();
        for (int i = 0; i < values.size(); i++) {
            JsonValue.Obj value = values.get(i);
            StatusCode status = status(value);
            String type = typeName(value);
            JsonValue timestamp = value.get("sourceTimestamp");
            table.row(
                    nodes.get(i),
                    plain(value.get("value")),
                    type == null ? "-" : type,
                    status.isGood() ? status.name() : status.toString(),
                    timestamp == null ? "" : plain(timestamp));
        }
        table.print(console.out());
    }

    private static String plain(@Nullable JsonValue value) {
        if (value == null) {
            return "null";
        }
        return value instanceof JsonValue.Str text ? text.value() : Json.text(value);
    }

    private static @Nullable String typeName(JsonValue.Obj value) {
        BigInteger id = value.get("type") instanceof JsonValue.Num number ? number.whole() : null;
        return id == null
                ? null
                : BuiltinType.of(id.intValue()).map(BuiltinType::displayName).orElse(id.toString());
    }

    private static StatusCode status(JsonValue.Obj value) {
        BigInteger code = value.get("statusCode") instanceof JsonValue.Num number ? number.whole() : null;
        return code == null ? StatusCode.GOOD : new StatusCode(code.longValue() & 0xFFFF_FFFFL);
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
