package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the data types of a server are: which built-in type stands behind one, found by going up its supertypes (Part 3,
 * 5.8.2), and how an enumeration calls its numbers. Each type is asked for once. What cannot be found out is nothing: the
 * daemon judges every value again before it is sent.
 */
final class DataTypes {
    private static final int ENUMERATION = 29;
    private static final int BROWSE_NAME = 3;
    private static final int DATA_TYPE = 14;
    private static final int VALUE_RANK = 15;
    private static final int DEFINITION = 23;
    private static final int MAX_SUPERTYPES = 16;
    private static final String HAS_SUBTYPE = "i=45";
    private static final String HAS_PROPERTY = "i=46";
    private static final int INVERSE = 1;

    private final Call call;
    private final Map<String, ValueType> known = new HashMap<>();
    private final Map<String, String> called = new HashMap<>();

    DataTypes(Call call) {
        this.call = call;
    }

    /** The types of variables, in their order; null for those that cannot be asked. */
    List<@Nullable ValueType> ofNodes(List<?> nodeIds) {
        List<Map<String, Object>> items = new ArrayList<>();
        for (Object nodeId : nodeIds) {
            items.add(Map.of("nodeId", nodeId, "attributeId", DATA_TYPE));
            items.add(Map.of("nodeId", nodeId, "attributeId", VALUE_RANK));
        }
        List<JsonValue.Obj> answers = Shown.objects(call.query("readMulti", items));
        List<@Nullable ValueType> types = new ArrayList<>();
        for (int i = 0; i + 1 < answers.size(); i += 2) {
            JsonValue dataType = answers.get(i).get("value");
            BigInteger rank = whole(answers.get(i + 1).get("value"));
            types.add(dataType == null ? null : of(dataType, rank == null ? ValueType.ANY_RANK : rank.intValue()));
        }
        return types;
    }

    /** The type by its NodeId. */
    ValueType of(JsonValue dataType, int valueRank) {
        ValueType type = known.computeIfAbsent(Shown.nodeId(dataType), unused -> find(dataType));
        return new ValueType(type.builtin(), valueRank, dataType, type.names());
    }

    private ValueType find(JsonValue dataType) {
        try {
            JsonValue current = dataType;
            for (int i = 0; i < MAX_SUPERTYPES && current != null; i++) {
                Integer id = standard(current);
                if (id != null && id == BuiltinType.VARIANT.id()) {
                    break;
                }
                if (id != null && id <= BuiltinType.EXTENSION_OBJECT.id()) {
                    BuiltinType builtin = BuiltinType.of(id).orElse(null);
                    return new ValueType(builtin, ValueType.ANY_RANK, dataType, Map.of());
                }
                if (id != null && id == ENUMERATION) {
                    return new ValueType(BuiltinType.INT32, ValueType.ANY_RANK, dataType, names(dataType));
                }
                current = supertype(current);
            }
        } catch (RequestFailedException e) {
            // A server that does not tell: the daemon's judgement is all there is.
        }
        return new ValueType(null, ValueType.ANY_RANK, dataType, Map.of());
    }

    /** What people call a data type: {@code Double}, {@code 2:Color}; its NodeId where the server does not tell. */
    String name(ValueType type) {
        JsonValue dataType = type.dataType();
        if (dataType == null) {
            return type.shown();
        }
        String name = called.computeIfAbsent(Shown.nodeId(dataType), id -> {
            Integer standard = standard(dataType);
            if (standard != null && standard < BuiltinType.EXTENSION_OBJECT.id()) {
                return BuiltinType.of(standard).map(BuiltinType::displayName).orElse(id);
            }
            JsonValue read = object(call.query("read", dataType, BROWSE_NAME)).get("value");
            return read == null ? id : Shown.qualifiedName(read);
        });
        return name + (type.isArray() ? "[]".repeat(Math.max(1, Math.min(3, type.valueRank()))) : "");
    }

    /** The identifier of a type of the specification; null for others, and 0 for none. */
    private static @Nullable Integer standard(JsonValue nodeId) {
        if (nodeId instanceof JsonValue.Obj object && BigInteger.ZERO.equals(whole(object.get("ns")))) {
            BigInteger id = whole(object.get("id"));
            return id == null || id.signum() < 1 || id.bitLength() > 30 ? null : (Integer) id.intValue();
        }
        return null;
    }

    private @Nullable JsonValue supertype(JsonValue dataType) {
        List<JsonValue.Obj> supertypes =
                Shown.objects(call.query("browseAll", dataType, INVERSE, HAS_SUBTYPE, true, List.of()));
        return supertypes.isEmpty() ? null : supertypes.get(0).get("nodeId");
    }

    /** An enumeration's names, from its definition (1.04) or else its property EnumStrings or EnumValues. */
    private Map<BigInteger, String> names(JsonValue dataType) {
        JsonValue.Obj read = object(call.query("read", dataType, DEFINITION));
        Map<BigInteger, String> names =
                fields(object(object(read.get("value")).get("value")).get("Fields"));
        return names.isEmpty() ? properties(dataType) : names;
    }

    private static Map<BigInteger, String> fields(@Nullable JsonValue fields) {
        Map<BigInteger, String> names = new LinkedHashMap<>();
        for (JsonValue.Obj field : Shown.objects(fields)) {
            BigInteger number = whole(field.get("Value"));
            if (number != null && field.get("Name") instanceof JsonValue.Str name) {
                names.put(number, name.value());
            }
        }
        return names;
    }

    private Map<BigInteger, String> properties(JsonValue dataType) {
        Map<BigInteger, String> names = new LinkedHashMap<>();
        JsonValue strings = property(dataType, "EnumStrings");
        List<JsonValue.Obj> texts = Shown.objects(strings);
        for (int i = 0; i < texts.size(); i++) {
            names.put(BigInteger.valueOf(i), Shown.plain(texts.get(i).get("text")));
        }
        if (names.isEmpty()) {
            for (JsonValue.Obj element : Shown.objects(property(dataType, "EnumValues"))) {
                JsonValue.Obj value = object(element.get("value"));
                BigInteger number = whole(value.get("Value"));
                if (number != null) {
                    names.put(
                            number, Shown.plain(object(value.get("DisplayName")).get("text")));
                }
            }
        }
        return names;
    }

    /** The value of a node's property; null if it has none. */
    @Nullable
    JsonValue property(Object nodeId, String name) {
        Map<String, Object> element =
                Map.of("referenceTypeId", HAS_PROPERTY, "targetName", Map.of("ns", 0, "name", name));
        JsonValue paths = call.query(
                "translateBrowsePaths", List.of(Map.of("startingNodeId", nodeId, "relativePath", List.of(element))));
        List<JsonValue.Obj> results = Shown.objects(paths);
        List<JsonValue.Obj> targets =
                results.isEmpty() ? List.of() : Shown.objects(results.get(0).get("targets"));
        return targets.isEmpty()
                ? null
                : object(call.query("read", targets.get(0).get("targetId"))).get("value");
    }

    static JsonValue.Obj object(@Nullable JsonValue value) {
        return value instanceof JsonValue.Obj object ? object : JsonValue.Obj.EMPTY;
    }

    static @Nullable BigInteger whole(@Nullable JsonValue value) {
        return value instanceof JsonValue.Num number ? number.whole() : null;
    }
}
