package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Shows the methods of an object: what they take and give, and how each is called, ready to be pasted. */
final class MethodsCommand extends ServerCommand {
    private static final int FORWARD = 0;
    private static final String HIERARCHICAL_REFERENCES = "i=33";
    private static final int METHOD = 4;

    private record Method(
            String name,
            String nodeId,
            List<MethodArguments.Declared> inputs,
            List<MethodArguments.Declared> outputs) {}

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "OBJECT", "node id (ns=2;s=Pump) or path (/Objects/2:Pump)"));
    }

    @Override
    Work prepare(ParseResult given) {
        String object = given.matchedPositionalValue(1, "");
        return call -> {
            List<Method> methods = methods(call, call.node(object));
            if (call.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("nodeId", object);
                answer.put(
                        "methods",
                        methods.stream().map(method -> members(call, method)).toList());
                call.printJson(answer);
            } else if (methods.isEmpty()) {
                call.print("(no methods; `" + Console.PROGRAM + " browse " + call.target() + " " + quoted(object)
                        + "` shows what is there)");
            } else {
                methods.forEach(method -> print(call, object, method));
            }
            return ExitCode.OK;
        };
    }

    private static List<Method> methods(Call call, Object objectId) {
        List<Method> methods = new ArrayList<>();
        JsonValue found = call.query("browseAll", objectId, FORWARD, HIERARCHICAL_REFERENCES, true, List.of(METHOD));
        for (JsonValue.Obj reference : Shown.objects(found)) {
            JsonValue nodeId = reference.get("nodeId");
            if (nodeId != null) {
                methods.add(new Method(
                        Shown.qualifiedName(reference.get("browseName")),
                        Shown.nodeId(nodeId),
                        MethodArguments.inputs(call, nodeId),
                        MethodArguments.outputs(call, nodeId)));
            }
        }
        return methods;
    }

    private static void print(Call call, String object, Method method) {
        String outputs = method.outputs().isEmpty() ? "" : " → " + signature(call, method.outputs());
        call.printCut(method.name() + "(" + signature(call, method.inputs()) + ")" + outputs);
        // Whole, whatever the width: half a command is of no use.
        call.print(CellText.line("  " + Console.PROGRAM + " call " + call.target() + " " + quoted(object) + " "
                + quoted(method.nodeId())
                + method.inputs().stream()
                        .map(argument -> " " + quoted(sample(argument.type())))
                        .collect(Collectors.joining())));
    }

    private static String signature(Call call, List<MethodArguments.Declared> arguments) {
        return arguments.stream()
                .map(argument -> argument.name() + ": " + call.types().name(argument.type()))
                .collect(Collectors.joining(", "));
    }

    private static Map<String, Object> members(Call call, Method method) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("browseName", method.name());
        members.put("nodeId", method.nodeId());
        members.put("inputArguments", arguments(call, method.inputs()));
        members.put("outputArguments", arguments(call, method.outputs()));
        return members;
    }

    private static List<Map<String, @Nullable Object>> arguments(Call call, List<MethodArguments.Declared> declared) {
        List<Map<String, @Nullable Object>> arguments = new ArrayList<>();
        for (MethodArguments.Declared argument : declared) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            ValueType type = argument.type();
            BuiltinType builtin = type.builtin();
            members.put("name", argument.name());
            members.put("dataType", type.dataType() == null ? null : Shown.nodeId(type.dataType()));
            members.put("typeName", call.types().name(type));
            members.put("type", builtin == null ? null : builtin.id());
            members.put("valueRank", type.valueRank());
            members.put("description", argument.description());
            arguments.add(members);
        }
        return arguments;
    }

    /** A value of a type, for the user to replace. */
    private static String sample(ValueType type) {
        BuiltinType builtin = type.builtin();
        String one = builtin == null ? "Int32:0" : sample(builtin, type);
        return type.isArray() ? "[" + one + "]" : one;
    }

    private static String sample(BuiltinType type, ValueType declared) {
        return switch (type) {
            case BOOLEAN -> "false";
            case SBYTE, BYTE, INT16, UINT16, UINT32, INT64, UINT64 -> "0";
            case INT32 ->
                declared.names().isEmpty()
                        ? "0"
                        : declared.names().values().iterator().next();
            case FLOAT, DOUBLE -> "0.0";
            case STRING, XML_ELEMENT, LOCALIZED_TEXT -> declared.isArray() ? "\"text\"" : "text";
            case DATE_TIME -> "now";
            case GUID -> "00000000-0000-0000-0000-000000000000";
            case BYTE_STRING -> "hex:00";
            case NODE_ID, EXPANDED_NODE_ID -> "i=85";
            case STATUS_CODE -> "Good";
            case QUALIFIED_NAME -> "0:Name";
            case EXTENSION_OBJECT -> "{}";
            case DATA_VALUE, VARIANT, DIAGNOSTIC_INFO -> "Int32:0";
        };
    }

    /** For a shell, where a node id's semicolon would end the command. */
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./:=,@+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
