package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.StatusCode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Parts of answers as people read them. */
final class Shown {
    private static final List<String> NODE_CLASSES =
            List.of("Object", "Variable", "Method", "ObjectType", "VariableType", "ReferenceType", "DataType", "View");

    private Shown() {}

    /** Text as it is, everything else as JSON. */
    static String plain(@Nullable JsonValue value) {
        if (value == null) {
            return "null";
        }
        return value instanceof JsonValue.Str text ? text.value() : Json.text(value);
    }

    /** The value of a DataValue or Variant as one line of text. */
    static String value(JsonValue.Obj holder) {
        return ValueText.of(holder);
    }

    /** The name of a DataValue's or Variant's built-in type; null if there is none. */
    static @Nullable String typeName(JsonValue.Obj value) {
        BigInteger id = whole(value.get("type"));
        return id == null
                ? null
                : BuiltinType.of(id.intValue()).map(BuiltinType::displayName).orElse(id.toString());
    }

    /** The {@code statusCode} of an answer; Good if it has none. */
    static StatusCode status(JsonValue.Obj answer) {
        JsonValue code = answer.get("statusCode");
        return code == null ? StatusCode.GOOD : statusCode(code);
    }

    /** A bare status code. */
    static StatusCode statusCode(JsonValue code) {
        BigInteger whole = whole(code);
        return new StatusCode(whole == null ? 0 : whole.longValue() & 0xFFFF_FFFFL);
    }

    /** {@code Good}, or the name with the number. */
    static String status(StatusCode status) {
        return status.isGood() ? status.name() : status.toString();
    }

    /** {@code ns=2;s=Speed} for {@code {"ns","id","type"}}. */
    static String nodeId(@Nullable JsonValue nodeId) {
        if (!(nodeId instanceof JsonValue.Obj object)) {
            return plain(nodeId);
        }
        BigInteger index = whole(object.get("ns"));
        String uri = object.get("nsu") instanceof JsonValue.Str text ? text.value() : null;
        String namespace =
                uri != null ? "nsu=" + uri + ";" : index == null || index.signum() == 0 ? "" : "ns=" + index + ";";
        String id = plain(object.get("id"));
        return namespace
                + switch (plain(object.get("type"))) {
                    case "string" -> new Identifier.Text(id).text();
                    case "guid" -> new Identifier.Guid(UUID.fromString(id)).text();
                    case "opaque" ->
                        "b=" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(id));
                    default -> "i=" + id;
                };
    }

    /** {@code Variable} for 2. */
    static String nodeClass(@Nullable JsonValue nodeClass) {
        BigInteger bit = whole(nodeClass);
        int index = bit == null ? -1 : bit.getLowestSetBit();
        return index >= 0 && index < NODE_CLASSES.size() ? NODE_CLASSES.get(index) : "-";
    }

    /** The bit of a node class by its name, whatever its case; 0 if there is none. */
    static int nodeClassBit(String name) {
        for (int i = 0; i < NODE_CLASSES.size(); i++) {
            if (NODE_CLASSES.get(i).equalsIgnoreCase(name)) {
                return 1 << i;
            }
        }
        return 0;
    }

    static List<String> nodeClassNames() {
        return NODE_CLASSES;
    }

    /** {@code Speed}, or {@code 2:Speed} outside of namespace 0. */
    static String qualifiedName(@Nullable JsonValue name) {
        if (!(name instanceof JsonValue.Obj object)) {
            return plain(name);
        }
        BigInteger index = whole(object.get("ns"));
        String text = plain(object.get("name"));
        return index == null || index.signum() == 0 ? text : index + ":" + text;
    }

    /** Names and values by turns, in this order: what {@code --json} prints is the same in every run. */
    static Map<String, @Nullable Object> members(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return members;
    }

    /** The objects of an array. */
    static List<JsonValue.Obj> objects(@Nullable JsonValue array) {
        List<JsonValue.Obj> objects = new ArrayList<>();
        List<JsonValue> elements = array == null ? null : array.asArray();
        for (JsonValue element : elements == null ? List.<JsonValue>of() : elements) {
            objects.add(element instanceof JsonValue.Obj object ? object : JsonValue.Obj.EMPTY);
        }
        return objects;
    }

    private static @Nullable BigInteger whole(@Nullable JsonValue value) {
        return value instanceof JsonValue.Num number ? number.whole() : null;
    }
}
