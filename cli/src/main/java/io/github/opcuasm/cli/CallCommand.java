package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StatusCode;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Calls a method, once. Arguments take their types from the method's InputArguments, or from a prefix:
 * {@code Double:1.5}.
 */
final class CallCommand extends ServerCommand {
    private static final int NODE_ID = 1;

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "OBJECT", "the object or type that has the method"));
        spec.addPositional(Syntax.argument(2, "METHOD", "the method; `methods` shows those of an object"));
        spec.addPositional(Syntax.optionalArguments(
                3,
                "ARG",
                "values, as write takes them; with their type in front where the server cannot be asked: Double:1.5"));
    }

    @Override
    Work prepare(ParseResult given) {
        String object = given.matchedPositionalValue(1, "");
        String method = given.matchedPositionalValue(2, "");
        List<String> arguments = given.matchedPositionalValue(3, List.of());
        return call -> {
            Object objectId = call.node(object);
            Object methodId = call.node(method);
            List<Map<String, Object>> inputs = inputs(call, method, methodId, arguments);
            JsonValue answer = call.query("call", objectId, methodId, inputs);
            return report(call, method, DataTypes.object(answer));
        };
    }

    private static List<Map<String, Object>> inputs(Call call, String method, Object methodId, List<String> arguments) {
        List<Map<String, Object>> inputs = new ArrayList<>();
        List<MethodArguments.Declared> declared = null;
        Instant now = Instant.now();
        for (int i = 0; i < arguments.size(); i++) {
            String text = arguments.get(i);
            BuiltinType prefix = ValueInput.prefix(text);
            ValueInput input = new ValueInput("ARG " + (i + 1), now, ZoneId.systemDefault());
            if (prefix != null) {
                String value = text.substring(text.indexOf(':') + 1);
                inputs.add(variant(prefix, input.parse(value, ValueType.of(prefix))));
            } else {
                declared = declared == null ? declared(call, method, methodId) : declared;
                ValueType type = typeOf(call, i, declared);
                inputs.add(variant(type, input.parse(text, type)));
            }
        }
        return inputs;
    }

    static Map<String, Object> variant(@Nullable BuiltinType type, JsonValue value) {
        return Map.of("type", type == null ? BuiltinType.VARIANT.id() : type.id(), "value", value);
    }

    /** Here no variable says which structure it is: the value must. */
    static Map<String, Object> variant(ValueType type, JsonValue value) {
        JsonValue dataType = type.dataType();
        if (type.builtin() != BuiltinType.EXTENSION_OBJECT || dataType == null) {
            return variant(type.builtin(), value);
        }
        List<JsonValue> elements = value instanceof JsonValue.Arr array ? array.elements() : null;
        Object whole = elements == null
                ? structure(dataType, value)
                : elements.stream().map(element -> structure(dataType, element)).toList();
        return Map.of("type", BuiltinType.EXTENSION_OBJECT.id(), "value", whole);
    }

    private static Object structure(JsonValue dataType, JsonValue fields) {
        boolean saysItself = fields instanceof JsonValue.Obj object && object.get("typeId") != null;
        return saysItself || fields instanceof JsonValue.Null ? fields : Map.of("typeId", dataType, "value", fields);
    }

    private static List<MethodArguments.Declared> declared(Call call, String method, Object methodId) {
        List<MethodArguments.Declared> declared = MethodArguments.inputs(call, methodId);
        if (declared.isEmpty()) {
            JsonValue answers = call.query("readMulti", List.of(Map.of("nodeId", methodId, "attributeId", NODE_ID)));
            Set<String> unknown = unknown(List.of(method), Shown.objects(answers));
            if (!unknown.isEmpty()) {
                throw new UsageException(
                        "METHOD: there is no node " + method + call.suggestion(method) + " (nothing was sent)");
            }
        }
        return declared;
    }

    private static ValueType typeOf(Call call, int index, List<MethodArguments.Declared> declared) {
        if (index >= declared.size()) {
            throw new UsageException(
                    "ARG " + (index + 1) + ": the method takes " + declared.size()
                            + " arguments, as far as it says; give the type in front to send it all the same, such as Double:1.5");
        }
        MethodArguments.Declared argument = declared.get(index);
        if (argument.type().builtin() == null) {
            throw new UsageException("ARG " + (index + 1) + " (" + argument.name() + "): its data type is "
                    + call.types().name(argument.type())
                    + ", which is no built-in type; give one in front, such as Int32:1");
        }
        return argument.type();
    }

    private static ExitCode report(Call call, String method, JsonValue.Obj result) {
        StatusCode status = Shown.status(result);
        List<JsonValue.Obj> outputs = Shown.objects(result.get("outputArguments"));
        if (call.json()) {
            Map<String, Object> answer = new LinkedHashMap<>(result.members());
            answer.put("status", status.name());
            call.printJson(answer);
        } else {
            call.print(call.style().status(Shown.status(status)));
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
            table.print(call.console());
            StatusAdvice.give(call, method, status);
        }
        return status.isBad() ? ExitCode.BAD_STATUS : ExitCode.OK;
    }
}
