package io.github.opcuasm.cli;

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

/**
 * Calls a method, once. Arguments take their types from the method's InputArguments, or from a prefix:
 * {@code Double:1.5}.
 */
final class CallCommand extends ServerCommand {
    private static final String HAS_PROPERTY = "i=46";

    /** One argument of the method, as the server describes it. */
    private record Declared(
            String name, String dataType, @Nullable Integer type) {}

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "OBJECT", "the object or type that has the method"));
        spec.addPositional(Syntax.argument(2, "METHOD", "the method"));
        spec.addPositional(Syntax.optionalArguments(
                3,
                "ARG",
                "values, as JSON or text; with their type in front where the server cannot be asked: Double:1.5"));
    }

    @Override
    Work prepare(ParseResult given) {
        String object = given.matchedPositionalValue(1, "");
        String method = given.matchedPositionalValue(2, "");
        List<String> arguments = given.matchedPositionalValue(3, List.of());
        return call -> {
            Object methodId = call.node(method);
            List<Map<String, Object>> inputs = inputs(call, methodId, arguments);
            JsonValue answer = call.query("call", call.node(object), methodId, inputs);
            return report(call, answer instanceof JsonValue.Obj result ? result : JsonValue.Obj.EMPTY);
        };
    }

    private static List<Map<String, Object>> inputs(Call call, Object methodId, List<String> arguments) {
        List<Map<String, Object>> inputs = new ArrayList<>();
        List<Declared> declared = null;
        for (int i = 0; i < arguments.size(); i++) {
            String text = arguments.get(i);
            int colon = text.indexOf(':');
            BuiltinType prefix = colon < 0
                    ? null
                    : BuiltinType.ofName(text.substring(0, colon)).orElse(null);
            String value = prefix == null ? text : text.substring(colon + 1);
            int type;
            if (prefix != null) {
                type = prefix.id();
            } else {
                declared = declared == null ? declared(call, methodId) : declared;
                type = typeOf(i, declared);
            }
            inputs.add(Map.of("type", type, "value", PlainValue.parse(value, type)));
        }
        return inputs;
    }

    private static int typeOf(int index, List<Declared> declared) {
        if (index >= declared.size()) {
            throw new UsageException(
                    "ARG " + (index + 1) + ": the method takes " + declared.size()
                            + " arguments, as far as it says; give the type in front to send it all the same, such as Double:1.5");
        }
        Declared argument = declared.get(index);
        if (argument.type() == null) {
            throw new UsageException("ARG " + (index + 1) + " (" + argument.name() + "): its data type is "
                    + argument.dataType() + ", which is no built-in type; give one in front, such as Int32:1");
        }
        return argument.type();
    }

    /** The method's InputArguments; none if it has no such property. */
    private static List<Declared> declared(Call call, Object methodId) {
        Map<String, Object> element =
                Map.of("referenceTypeId", HAS_PROPERTY, "targetName", Map.of("ns", 0, "name", "InputArguments"));
        JsonValue paths = call.query(
                "translateBrowsePaths", List.of(Map.of("startingNodeId", methodId, "relativePath", List.of(element))));
        List<JsonValue.Obj> targets = Shown.objects(Shown.objects(paths).get(0).get("targets"));
        List<Declared> declared = new ArrayList<>();
        if (!targets.isEmpty()) {
            JsonValue property = call.query("read", targets.get(0).get("targetId"));
            JsonValue value = property instanceof JsonValue.Obj object ? object.get("value") : null;
            for (JsonValue.Obj argument : Shown.objects(value)) {
                JsonValue fields = argument.get("value");
                if (fields instanceof JsonValue.Obj object) {
                    JsonValue dataType = object.get("DataType");
                    declared.add(
                            new Declared(Shown.plain(object.get("Name")), Shown.nodeId(dataType), builtin(dataType)));
                }
            }
        }
        return declared;
    }

    private static @Nullable Integer builtin(@Nullable JsonValue dataType) {
        if (dataType instanceof JsonValue.Obj nodeId
                && nodeId.get("ns") instanceof JsonValue.Num ns
                && BigInteger.ZERO.equals(ns.whole())
                && nodeId.get("id") instanceof JsonValue.Num id) {
            BigInteger whole = id.whole();
            // Below Structure: a value of a structure type must say which one.
            return whole != null && whole.signum() > 0 && whole.intValue() < BuiltinType.EXTENSION_OBJECT.id()
                    ? (Integer) whole.intValue()
                    : null;
        }
        return null;
    }

    private static ExitCode report(Call call, JsonValue.Obj result) {
        StatusCode status = Shown.status(result);
        List<JsonValue.Obj> outputs = Shown.objects(result.get("outputArguments"));
        if (call.json()) {
            Map<String, Object> answer = new LinkedHashMap<>(result.members());
            answer.put("status", status.name());
            call.printJson(answer);
        } else {
            call.print(Shown.status(status));
            JsonValue inputResults = result.get("inputArgumentResults");
            List<JsonValue> codes = inputResults == null ? null : inputResults.asArray();
            for (int i = 0; codes != null && i < codes.size(); i++) {
                StatusCode code = Shown.statusCode(codes.get(i));
                if (code.isBad()) {
                    call.print("  argument " + (i + 1) + ": " + Shown.status(code));
                }
            }
            var table = new Table();
            for (JsonValue.Obj output : outputs) {
                String type = Shown.typeName(output);
                table.row("  " + Shown.value(output), type == null ? "-" : type);
            }
            table.print(call.console().out());
        }
        return status.isBad() ? ExitCode.BAD_STATUS : ExitCode.OK;
    }
}
