package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StatusCode;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Adds a node (AddNodes, Part 4, 5.8.2), once. What is not said is what most people want: an object, in the namespace of its
 * parent, below a folder by Organizes and elsewhere by HasComponent, of the base type of its class.
 */
final class NodeAddCommand extends ServerCommand {
    private static final String CLASS = "--class";
    private static final String FOLDER = "--folder";
    private static final String TYPE = "--type";
    private static final String VALUE = "--value";
    private static final String WRITABLE = "--writable";
    private static final String ID = "--id";
    private static final String TYPE_DEFINITION = "--type-definition";
    private static final String DISPLAY_NAME = "--display-name";
    private static final String DESCRIPTION = "--description";
    private static final String ABSTRACT = "--abstract";
    private static final String INVERSE_NAME = "--inverse-name";

    private static final String BASE_OBJECT_TYPE = "i=58";
    private static final String FOLDER_TYPE = "i=61";
    private static final String BASE_DATA_VARIABLE_TYPE = "i=63";
    private static final String PROPERTY_TYPE = "i=68";

    private static final Map<String, String> TYPE_DEFINITIONS = Map.of(
            "BaseObjectType", BASE_OBJECT_TYPE,
            "FolderType", FOLDER_TYPE,
            "BaseDataVariableType", BASE_DATA_VARIABLE_TYPE,
            "PropertyType", PROPERTY_TYPE);

    private static final int OBJECT = 1;
    private static final int VARIABLE = 2;
    private static final int METHOD = 4;
    private static final int VARIABLE_TYPE = 16;
    private static final int REFERENCE_TYPE = 32;
    private static final int VIEW = 128;
    private static final int READ_ONLY = 1;
    private static final int READ_AND_WRITE = 3;

    private static final Pattern QUALIFIED = Pattern.compile("([0-9]{1,5}):(.+)", Pattern.DOTALL);
    private static final Pattern NAMESPACE = Pattern.compile("ns=([0-9]{1,5});.*", Pattern.DOTALL);

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "PARENT", "below which node, by node id or path"));
        spec.addPositional(Syntax.argument(2, "NAME", "its browse name, 2:Speed, or Speed in the namespace of PARENT"));
        spec.addOption(Syntax.value(
                "CLASS",
                String.join(", ", Shown.nodeClassNames()) + " (Object, or Variable with " + TYPE + ")",
                CLASS));
        spec.addOption(Syntax.flag("an object that is a folder", FOLDER));
        spec.addOption(Syntax.value("TYPE", "a variable's data type: Double, or a node id", TYPE));
        spec.addOption(Syntax.value("VALUE", "its first value, as write takes it (none)", VALUE));
        spec.addOption(Syntax.flag("its value may be written", WRITABLE));
        spec.addOption(Syntax.value("NODE", "its node id (the server chooses)", ID));
        spec.addOption(Syntax.value(
                "NAME",
                "the reference from PARENT: Organizes, HasProperty or a node id (Organizes below folders, else HasComponent)",
                ReferenceTypes.OPTION));
        spec.addOption(Syntax.value(
                "NODE",
                "the type of an object or variable (BaseObjectType, FolderType, BaseDataVariableType)",
                TYPE_DEFINITION));
        spec.addOption(Syntax.value("TEXT", "what people are shown (its name)", DISPLAY_NAME));
        spec.addOption(Syntax.value("TEXT", "what it is", DESCRIPTION));
        spec.addOption(Syntax.flag("a type that nothing is of, but its subtypes", ABSTRACT));
        spec.addOption(Syntax.value("TEXT", "of a reference type, seen from the other end", INVERSE_NAME));
    }

    @Override
    Map<String, String> labels() {
        return Map.of(
                "nodes[0].requestedNewNodeId", ID,
                "nodes[0].typeDefinition", TYPE_DEFINITION,
                "nodes[0].value.value", VALUE,
                "nodes[0].browseName", "NAME",
                "nodes[0].parentNodeId", "PARENT",
                "nodes[0].dataType", TYPE,
                "nodes[0].referenceTypeId", ReferenceTypes.OPTION);
    }

    @Override
    Work prepare(ParseResult given) {
        String parent = given.matchedPositionalValue(1, "");
        String name = given.matchedPositionalValue(2, "");
        int nodeClass = nodeClass(given);
        String reference = given.matchedOptionValue(ReferenceTypes.OPTION, (String) null);
        String referenceNode = reference == null ? null : ReferenceTypes.of(reference);
        Map<String, Object> attributes = attributes(given, nodeClass);
        String id = given.matchedOptionValue(ID, (String) null);
        if (id != null && !isNodeId(id)) {
            throw new UsageException(ID + ": got " + id + ", expected a node id such as ns=2;s=Speed");
        }
        if (name.isEmpty() || name.matches("[0-9]{1,5}:")) {
            throw new UsageException("NAME: got \"" + name + "\", expected a name such as Speed or 2:Speed");
        }
        String typeDefinition = typeDefinition(given.matchedOptionValue(TYPE_DEFINITION, (String) null));
        boolean folder = given.hasMatchedOption(FOLDER);
        return call -> {
            Object parentId = call.nodeNow(parent);
            Object referenceId =
                    referenceNode == null ? reference(call, parentId, nodeClass) : call.node(referenceNode);
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("parentNodeId", parentId);
            item.put("referenceTypeId", referenceId);
            if (id != null) {
                item.put("requestedNewNodeId", id);
            }
            item.put("browseName", browseName(name, id, parentId));
            item.put("nodeClass", nodeClass);
            if (nodeClass == OBJECT || nodeClass == VARIABLE) {
                item.put(
                        "typeDefinition",
                        typeDefinition == null
                                ? typeDefinition(nodeClass, folder, referenceId)
                                : call.node(typeDefinition));
            }
            item.putAll(attributes);
            return add(call, name, item);
        };
    }

    private static ExitCode add(Call call, String name, Map<String, Object> item) {
        List<JsonValue.Obj> results = Shown.objects(call.query("addNodes", List.of(item)));
        JsonValue.Obj result = results.isEmpty() ? JsonValue.Obj.EMPTY : results.get(0);
        StatusCode status = Shown.status(result);
        String added = status.isBad() ? name : Shown.nodeId(result.get("addedNodeId"));
        var statuses = new ItemStatuses(call);
        statuses.add(
                added,
                status,
                status.isBad() ? Map.of("name", name) : Shown.members("name", name, "addedNodeId", added));
        return statuses.print();
    }

    private static int nodeClass(ParseResult given) {
        boolean variable = given.hasMatchedOption(TYPE) || given.hasMatchedOption(VALUE);
        String name = given.matchedOptionValue(CLASS, variable ? "Variable" : "Object");
        int bit = Shown.nodeClassBit(name);
        if (bit == 0) {
            throw new UsageException(CLASS + ": got " + name
                    + NearestName.hint(
                            name,
                            Shown.nodeClassNames(),
                            "expected one of " + String.join(", ", Shown.nodeClassNames())));
        }
        boolean hasValue = bit == VARIABLE || bit == VARIABLE_TYPE;
        refuse(given, hasValue, "a variable", name, TYPE, VALUE);
        refuse(given, bit == VARIABLE, "a variable", name, WRITABLE);
        refuse(given, bit == OBJECT, "an object", name, FOLDER);
        refuse(given, bit == OBJECT || bit == VARIABLE, "an object or a variable", name, TYPE_DEFINITION);
        refuse(given, bit >= 8 && bit < VIEW, "a type", name, ABSTRACT);
        refuse(given, bit == REFERENCE_TYPE, "a reference type", name, INVERSE_NAME);
        return bit;
    }

    private static void refuse(ParseResult given, boolean fits, String what, String nodeClass, String... options) {
        for (String option : options) {
            if (!fits && given.hasMatchedOption(option)) {
                throw new UsageException(option + " is for " + what + ", got the class " + nodeClass);
            }
        }
    }

    private static Map<String, Object> attributes(ParseResult given, int nodeClass) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        put(attributes, "displayName", given.matchedOptionValue(DISPLAY_NAME, (String) null));
        put(attributes, "description", given.matchedOptionValue(DESCRIPTION, (String) null));
        put(attributes, "inverseName", given.matchedOptionValue(INVERSE_NAME, (String) null));
        if (given.hasMatchedOption(ABSTRACT)) {
            attributes.put("isAbstract", true);
        }
        if (nodeClass == VARIABLE) {
            int access = given.hasMatchedOption(WRITABLE) ? READ_AND_WRITE : READ_ONLY;
            attributes.put("accessLevel", access);
            attributes.put("userAccessLevel", access);
        }
        if (nodeClass == VARIABLE || nodeClass == VARIABLE_TYPE) {
            value(attributes, given.matchedOptionValue(TYPE, (String) null), given.matchedOptionValue(VALUE, (String)
                    null));
        }
        return attributes;
    }

    private static void put(Map<String, Object> attributes, String name, @Nullable String text) {
        if (text != null) {
            attributes.put(name, text);
        }
    }

    /** The data type, and the value with as many dimensions as it has. */
    private static void value(Map<String, Object> attributes, @Nullable String type, @Nullable String text) {
        BuiltinType prefix = type == null && text != null ? ValueInput.prefix(text) : null;
        BuiltinType builtin = prefix != null
                ? prefix
                : type == null ? null : BuiltinType.ofName(type).orElse(null);
        if (type != null && builtin == null && !ReferenceTypes.isNode(type)) {
            List<String> names = new ArrayList<>();
            for (BuiltinType valid : BuiltinType.values()) {
                names.add(valid.displayName());
            }
            throw new UsageException(TYPE + ": got " + type
                    + NearestName.hint(
                            type, names, "expected a built-in type such as Double, or the node id of a type"));
        }
        if (builtin != null || type != null) {
            attributes.put("dataType", builtin != null ? "i=" + builtin.id() : String.valueOf(type));
        }
        if (text == null) {
            return;
        }
        if (builtin == null) {
            throw new UsageException(VALUE + ": expected a built-in type beside it, such as " + TYPE
                    + " Double, or in front, Double:1.5");
        }
        String literal = prefix != null ? text.substring(text.indexOf(':') + 1) : text;
        JsonValue value =
                new ValueInput(VALUE, Instant.now(), ZoneId.systemDefault()).parse(literal, ValueType.of(builtin));
        attributes.put("value", Map.of("type", builtin.id(), "value", value));
        int dimensions = 0;
        List<JsonValue> elements = value.asArray();
        while (elements != null) {
            dimensions++;
            elements = elements.isEmpty() ? null : elements.get(0).asArray();
        }
        attributes.put("valueRank", dimensions == 0 ? ValueType.SCALAR : dimensions);
    }

    /** Below folders Organizes (Part 3, 7.11), below types HasSubtype, else HasComponent. */
    private static Object reference(Call call, Object parentId, int nodeClass) {
        if (nodeClass >= 8 && nodeClass < VIEW) {
            return ReferenceTypes.HAS_SUBTYPE;
        }
        if (nodeClass == VIEW) {
            return ReferenceTypes.ORGANIZES;
        }
        if (nodeClass == METHOD) {
            return ReferenceTypes.HAS_COMPONENT;
        }
        List<JsonValue.Obj> types = Shown.objects(
                call.query("browseAll", parentId, 0, ReferenceTypes.HAS_TYPE_DEFINITION, true, List.of(), false));
        boolean isFolder =
                types.stream().anyMatch(type -> Shown.nodeId(type.get("nodeId")).equals(FOLDER_TYPE));
        return isFolder ? ReferenceTypes.ORGANIZES : ReferenceTypes.HAS_COMPONENT;
    }

    private static boolean isNodeId(String text) {
        return ReferenceTypes.isNode(text) && !text.startsWith("/");
    }

    /** By one of the names that {@code --help} has, or by its node. */
    private static @Nullable String typeDefinition(@Nullable String text) {
        if (text == null || ReferenceTypes.isNode(text)) {
            return text;
        }
        for (Map.Entry<String, String> type : TYPE_DEFINITIONS.entrySet()) {
            if (type.getKey().equalsIgnoreCase(text)) {
                return type.getValue();
            }
        }
        throw new UsageException(TYPE_DEFINITION + ": got " + text
                + NearestName.hint(
                        text,
                        TYPE_DEFINITIONS.keySet(),
                        "expected BaseObjectType, FolderType, BaseDataVariableType, PropertyType, or a node id"));
    }

    private static String typeDefinition(int nodeClass, boolean folder, Object reference) {
        if (nodeClass == OBJECT) {
            return folder ? FOLDER_TYPE : BASE_OBJECT_TYPE;
        }
        return reference.equals(ReferenceTypes.HAS_PROPERTY) ? PROPERTY_TYPE : BASE_DATA_VARIABLE_TYPE;
    }

    /** With the namespace that it has, else that of the id, else that of the parent. */
    private static Map<String, Object> browseName(String name, @Nullable String id, Object parentId) {
        Matcher qualified = QUALIFIED.matcher(name);
        if (qualified.matches()) {
            return Map.of("ns", Integer.parseInt(qualified.group(1)), "name", qualified.group(2));
        }
        String given = id != null && NAMESPACE.matcher(id).matches() ? id : parentId.toString();
        if (parentId instanceof JsonValue.Obj parent && !given.equals(id)) {
            BigInteger index = DataTypes.whole(parent.get("ns"));
            return Map.of("ns", index == null ? 0 : index.intValue(), "name", name);
        }
        Matcher namespace = NAMESPACE.matcher(given);
        return Map.of("ns", namespace.matches() ? Integer.parseInt(namespace.group(1)) : 0, "name", name);
    }
}
