package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Shows the data types of a server, or what one of them is: the fields of a structure with their types, the names of an
 * enumeration (DataTypeDefinition, Part 3, 8.47 and following).
 */
final class TypesCommand extends ServerCommand {
    private static final String ALL = "--all";
    private static final String BASE_DATA_TYPE = "i=24";
    private static final String HAS_SUBTYPE = "i=45";
    private static final int DATA_TYPE_CLASS = 64;
    private static final int DEFINITION = 23;
    private static final int BROWSE_NAME = 3;

    /** What the types below these are; the last one on the way down counts. */
    private static final Map<String, String> KINDS = Map.of(
            "i=22", "structure",
            "i=12756", "union",
            "i=12755", "option set",
            "i=29", "enumeration");

    /** A data type among its subtypes. */
    private record Found(String name, String nodeId, String kind, boolean standard) {}

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(
                Syntax.optionalArgument(1, "TYPE", "one of them, by name (2:Color, Range) or node id (all of them)"));
        spec.addOption(Syntax.flag("those of the OPC UA specification too", ALL));
    }

    @Override
    Work prepare(ParseResult given) {
        String type = given.matchedPositionalValue(1, (String) null);
        boolean all = given.hasMatchedOption(ALL);
        return call -> type == null ? list(call, all) : show(call, type);
    }

    private static ExitCode list(Call call, boolean all) {
        List<Found> types = new ArrayList<>();
        for (Found found : found(call)) {
            if (all || !found.standard()) {
                types.add(found);
            }
        }
        if (call.json()) {
            call.printJson(
                    Map.of("types", types.stream().map(TypesCommand::members).toList()));
            return ExitCode.OK;
        }
        if (types.isEmpty()) {
            call.print("(no types of its own; " + ALL + " shows those of the specification)");
            return ExitCode.OK;
        }
        var table = new Table("TYPE", "KIND", "NODE").cuttingAtBegin(2);
        types.forEach(found -> table.row(found.name(), found.kind(), found.nodeId()));
        table.print(call.console());
        return ExitCode.OK;
    }

    private static Map<String, Object> members(Found found) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", found.name());
        members.put("nodeId", found.nodeId());
        members.put("kind", found.kind());
        return members;
    }

    /** Every data type, with a stack of its own: a server decides how deep its types go. */
    private static List<Found> found(Call call) {
        record Branch(JsonValue.Obj node, String kind) {}
        JsonValue tree =
                call.query("browseRecursive", BASE_DATA_TYPE, 0, -1, HAS_SUBTYPE, true, List.of(DATA_TYPE_CLASS));
        List<Branch> stack = new ArrayList<>();
        Shown.objects(tree).forEach(node -> stack.add(0, new Branch(node, "")));
        List<Found> found = new ArrayList<>();
        while (!stack.isEmpty()) {
            Branch branch = stack.remove(stack.size() - 1);
            JsonValue.Obj reference = DataTypes.object(branch.node().get("reference"));
            String nodeId = Shown.nodeId(reference.get("nodeId"));
            String name = Shown.qualifiedName(reference.get("browseName"));
            boolean builtin = BuiltinType.ofName(name).isPresent() && nodeId.matches("i=[0-9]{1,2}");
            String kind = KINDS.getOrDefault(nodeId, builtin ? name : branch.kind());
            boolean standard = !nodeId.startsWith("ns");
            found.add(new Found(name, nodeId, kind.isEmpty() ? "abstract" : kind, standard));
            List<JsonValue.Obj> children = Shown.objects(branch.node().get("children"));
            for (int i = children.size() - 1; i >= 0; i--) {
                stack.add(new Branch(children.get(i), kind));
            }
        }
        return found;
    }

    private static ExitCode show(Call call, String type) {
        boolean isId = type.matches("((ns=[0-9]+|nsu=[^;]+);)?[isgb]=.*") || type.startsWith("/");
        Object nodeId = isId ? call.node(type) : byName(found(call), type);
        List<Map<String, Object>> items = List.of(
                Map.of("nodeId", nodeId, "attributeId", BROWSE_NAME),
                Map.of("nodeId", nodeId, "attributeId", DEFINITION));
        List<JsonValue.Obj> answers = Shown.objects(call.query("readMulti", items));
        Set<String> unknown = unknown(List.of(type), answers);
        if (!unknown.isEmpty()) {
            throw new UsageException("TYPE: there is no node " + type + call.suggestion(type));
        }
        String name = Shown.qualifiedName(answers.get(0).get("value"));
        JsonValue.Obj definition =
                DataTypes.object(DataTypes.object(answers.get(1).get("value")).get("value"));
        if (call.json()) {
            Map<String, @Nullable Object> answer = new LinkedHashMap<>();
            answer.put("name", name);
            answer.put("definition", definition.members().isEmpty() ? null : definition);
            call.printJson(answer);
        } else {
            call.printCut(name + "  " + (nodeId instanceof JsonValue json ? Shown.nodeId(json) : nodeId));
            print(call, definition);
        }
        return ExitCode.OK;
    }

    private static String byName(List<Found> types, String given) {
        List<String> names = new ArrayList<>();
        for (Found found : types) {
            boolean plain =
                    found.name().substring(found.name().indexOf(':') + 1).equalsIgnoreCase(given);
            if (plain || found.name().equalsIgnoreCase(given)) {
                return found.nodeId();
            }
            // Who gives no index need not be near one.
            names.add(
                    given.indexOf(':') < 0 ? found.name().substring(found.name().indexOf(':') + 1) : found.name());
        }
        throw new UsageException("TYPE: got " + given
                + NearestName.hint(given, names, "`types` without one shows them, " + ALL + " the standard ones too"));
    }

    private static void print(Call call, JsonValue.Obj definition) {
        List<JsonValue.Obj> fields = Shown.objects(definition.get("Fields"));
        boolean isStructure = definition.get("StructureType") != null;
        if (fields.isEmpty()) {
            call.print(isStructure ? "  (no fields)" : "  (the server gives no definition of it)");
            return;
        }
        var table = new Table();
        for (JsonValue.Obj field : fields) {
            JsonValue description = DataTypes.object(field.get("Description")).get("text");
            String comment = description == null ? "" : Shown.plain(description);
            String fieldName = Shown.plain(field.get("Name"));
            if (isStructure) {
                table.row("  " + fieldName, typeOf(call, field), optional(field), comment);
            } else {
                table.row("  " + Shown.plain(field.get("Value")), fieldName, comment);
            }
        }
        table.print(call.console());
    }

    private static String typeOf(Call call, JsonValue.Obj field) {
        JsonValue dataType = field.get("DataType");
        BigInteger rank = DataTypes.whole(field.get("ValueRank"));
        int valueRank = rank == null ? ValueType.SCALAR : rank.intValue();
        return dataType == null ? "-" : call.types().name(new ValueType(null, valueRank, dataType, Map.of()));
    }

    private static String optional(JsonValue.Obj field) {
        boolean optional = field.get("IsOptional") instanceof JsonValue.Bool flag && flag.value();
        return optional ? "optional" : "";
    }
}
