package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values as one line of text, which {@link ValueInput} takes back: what {@code read} shows, {@code write} writes. A scalar is
 * shown as its type is written (a node id as {@code ns=2;s=Speed}, a qualified name as {@code 2:Speed}, a status as
 * {@code Bad_NodeIdUnknown}), a matrix as arrays in arrays, a structure as the JSON of its fields. Text is quoted, as JSON is,
 * where it could be taken for something else or would not stay on its line.
 */
final class ValueText {
    private static final Set<String> EXTENSION_OBJECT = Set.of("typeId", "encoding", "body", "value");

    private ValueText() {}

    /** The value of a DataValue or Variant. */
    static String of(JsonValue.Obj holder) {
        return of(holder, Map.of());
    }

    /** The same; numbers that an enumeration has names for as {@code Name (number)}. */
    static String of(JsonValue.Obj holder, Map<BigInteger, String> names) {
        JsonValue value = holder.get("value");
        if (value == null || value instanceof JsonValue.Null) {
            return "null";
        }
        BuiltinType type = type(holder.get("type"));
        if (!(value instanceof JsonValue.Arr array)) {
            return scalar(value, type, names);
        }
        List<JsonValue> elements = new ArrayList<>();
        array.elements().forEach(element -> elements.add(element(element, type, names)));
        return Json.text(new JsonValue.Arr(nested(elements, holder.get("dimensions"))));
    }

    private static @Nullable BuiltinType type(@Nullable JsonValue id) {
        BigInteger whole = id instanceof JsonValue.Num number ? number.whole() : null;
        return whole == null ? null : BuiltinType.of(whole.intValue()).orElse(null);
    }

    private static String scalar(JsonValue value, @Nullable BuiltinType type, Map<BigInteger, String> names) {
        JsonValue shown = element(value, type, names);
        if (!(shown instanceof JsonValue.Str text)) {
            return Json.text(shown);
        }
        boolean isText = type == BuiltinType.STRING || type == BuiltinType.LOCALIZED_TEXT;
        boolean plain = isText ? isPlain(text.value()) : !text.value().isEmpty() && isOneLine(text.value());
        return plain ? text.value() : Json.text(text);
    }

    /** Whether a text is what it is without quotes. */
    private static boolean isPlain(String text) {
        return !text.isEmpty()
                && !text.equals("null")
                && "\"[{".indexOf(text.charAt(0)) < 0
                && text.equals(text.strip())
                && isOneLine(text);
    }

    private static boolean isOneLine(String text) {
        return CellText.line(text).equals(text);
    }

    /** One value as JSON: a string where its type has a text form of its own. */
    private static JsonValue element(JsonValue value, @Nullable BuiltinType type, Map<BigInteger, String> names) {
        if (type == null || value instanceof JsonValue.Null) {
            return value;
        }
        return switch (type) {
            case NODE_ID, EXPANDED_NODE_ID ->
                value instanceof JsonValue.Obj id && id.get("serverIndex") == null
                        ? new JsonValue.Str(Shown.nodeId(id))
                        : value;
            case QUALIFIED_NAME -> qualifiedName(value);
            case LOCALIZED_TEXT -> localizedText(value);
            case STATUS_CODE -> new JsonValue.Str(status(value));
            case EXTENSION_OBJECT -> fields(value);
            default -> named(value, names);
        };
    }

    private static JsonValue named(JsonValue value, Map<BigInteger, String> names) {
        BigInteger whole = value instanceof JsonValue.Num number ? number.whole() : null;
        String name = whole == null ? null : names.get(whole);
        return name == null ? value : new JsonValue.Str(name + " (" + whole + ")");
    }

    /** {@code Speed}, {@code 2:Speed}; the index also where the name would else be read as having one. */
    private static JsonValue qualifiedName(JsonValue value) {
        String shown = Shown.qualifiedName(value);
        String name = value instanceof JsonValue.Obj object ? Shown.plain(object.get("name")) : shown;
        return new JsonValue.Str(shown.equals(name) && name.matches("[0-9]+:.*") ? "0:" + name : shown);
    }

    /** Without a locale the text alone. */
    private static JsonValue localizedText(JsonValue value) {
        return value instanceof JsonValue.Obj object
                        && object.get("locale") == null
                        && object.get("text") instanceof JsonValue.Str text
                ? text
                : value;
    }

    private static String status(JsonValue value) {
        var status = Shown.statusCode(value);
        boolean exact = (status.value() & 0xFFFF) == 0;
        return exact ? status.name() : status.hex();
    }

    private static JsonValue fields(JsonValue value) {
        boolean known = value instanceof JsonValue.Obj object
                && object.members().keySet().equals(EXTENSION_OBJECT);
        JsonValue fields = known ? ((JsonValue.Obj) value).get("value") : null;
        return fields == null || fields instanceof JsonValue.Null ? value : fields;
    }

    /** Flat elements as arrays in arrays, if there are dimensions and they are true. */
    private static List<JsonValue> nested(List<JsonValue> flat, @Nullable JsonValue dimensions) {
        List<JsonValue> lengths = dimensions instanceof JsonValue.Arr array ? array.elements() : List.of();
        List<JsonValue> level = flat;
        for (int i = lengths.size() - 1; i > 0; i--) {
            BigInteger length = lengths.get(i) instanceof JsonValue.Num number ? number.whole() : null;
            int row = length == null || length.bitLength() > 31 ? 0 : length.intValue();
            if (row < 1 || level.size() % row != 0) {
                return flat;
            }
            List<JsonValue> rows = new ArrayList<>();
            for (int at = 0; at < level.size(); at += row) {
                rows.add(new JsonValue.Arr(level.subList(at, at + row)));
            }
            level = rows;
        }
        return level;
    }
}
