package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StatusCode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values as people type them, read by their type into the JSON that the protocol has for them; the other direction of
 * {@link ValueText}. What is JSON already is taken too. Nothing is rounded: whether a number is in range, the daemon says.
 *
 * <ul>
 *   <li>numbers also in hexadecimal ({@code 0x1F}), enumerations by name, {@code NaN} and {@code Infinity};
 *   <li>dates with an offset, else in local time, {@code now}, {@code 2h} for two hours ago;
 *   <li>bytes as base64, {@code hex:00ff}, {@code @FILE};
 *   <li>node ids, qualified names and statuses in their text forms; text without quotes, {@code null} for none;
 *   <li>arrays as JSON ({@code [1,2]}, matrices {@code [[1,2],[3,4]]}) or, where an array is expected, {@code 1,2}.
 * </ul>
 */
final class ValueInput {
    /** More does not fit into a request however large the daemon lets it be. */
    private static final int MAX_FILE_BYTES = 64 * 1024 * 1024;

    private static final Pattern HEX = Pattern.compile("([-+]?)0[xX]([0-9a-fA-F]{1,16})");
    private static final Pattern NAME_AND_NUMBER = Pattern.compile(".*\\(([-+]?[0-9]{1,20})\\)");
    private static final Pattern QUALIFIED = Pattern.compile("([0-9]{1,5}):(.*)", Pattern.DOTALL);
    private static final Pattern GUID = Pattern.compile("\\{?([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})}?");

    /** The upper 16 bits of the statuses that have names, by those. */
    private static final int[] STATUS_GROUPS = {0x0000, 0x4000, 0x8000};

    private static final int STATUSES_OF_A_GROUP = 0x200;

    private final String label;
    private final Instant now;
    private final ZoneId zone;

    /**
     * @param label names the argument in messages
     * @param zone of dates without an offset
     */
    ValueInput(String label, Instant now, ZoneId zone) {
        this.label = label;
        this.now = now;
        this.zone = zone;
    }

    /** A value whose type nobody knows: JSON if it is JSON, else text. */
    static JsonValue untyped(String text) {
        JsonValue json = json(text);
        return json == null ? new JsonValue.Str(text) : json;
    }

    /** The text as JSON; null if it is none. */
    static @Nullable JsonValue json(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        try {
            return JsonReader.readValue(utf8, 0, utf8.length);
        } catch (CommandException e) {
            return null;
        }
    }

    /**
     * Reads a value.
     *
     * @throws UsageException naming the argument, what was given and what would fit
     */
    JsonValue parse(String text, ValueType type) {
        BuiltinType builtin = type.builtin();
        if (builtin == null || builtin == BuiltinType.VARIANT || builtin == BuiltinType.DATA_VALUE) {
            return untyped(text);
        }
        if (text.equals("null")) {
            return JsonValue.Null.INSTANCE;
        }
        if (!type.isScalar() && text.startsWith("[") && json(text) instanceof JsonValue.Arr array) {
            return elements(array, builtin, type);
        }
        if (!type.isArray()) {
            return scalar(text, builtin, type);
        }
        JsonValue json = json(text);
        if (json instanceof JsonValue.Obj) {
            return json; // a matrix with its dimensions
        }
        if (text.isEmpty() || builtin == BuiltinType.EXTENSION_OBJECT || type.valueRank() > 1) {
            throw misfit(text, type, "an array such as " + (type.valueRank() > 1 ? "[[1,2],[3,4]]" : "[1,2]"));
        }
        List<JsonValue> elements = new ArrayList<>();
        for (String element : text.split(",", -1)) {
            elements.add(scalar(element.strip(), builtin, type));
        }
        return new JsonValue.Arr(elements);
    }

    private JsonValue.Arr elements(JsonValue.Arr array, BuiltinType builtin, ValueType type) {
        List<JsonValue> elements = new ArrayList<>();
        for (JsonValue element : array.elements()) {
            if (element instanceof JsonValue.Arr row) {
                elements.add(elements(row, builtin, type));
            } else if (element instanceof JsonValue.Str text && builtin != BuiltinType.STRING) {
                elements.add(scalar(text.value(), builtin, type));
            } else {
                elements.add(element);
            }
        }
        return new JsonValue.Arr(elements);
    }

    private JsonValue scalar(String text, BuiltinType builtin, ValueType type) {
        return switch (builtin) {
            case BOOLEAN -> bool(text, type);
            case SBYTE, BYTE, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> whole(text, type);
            case FLOAT, DOUBLE -> decimal(text, type);
            case STRING, XML_ELEMENT -> new JsonValue.Str(unquoted(text));
            case DATE_TIME -> new JsonValue.Str(dateTime(unquoted(text)));
            case GUID -> guid(unquoted(text), type);
            case BYTE_STRING -> new JsonValue.Str(base64(unquoted(text), type));
            case NODE_ID, EXPANDED_NODE_ID ->
                json(text) instanceof JsonValue.Obj id ? id : nodeId(unquoted(text), type);
            case STATUS_CODE -> status(unquoted(text), type);
            case QUALIFIED_NAME -> json(text) instanceof JsonValue.Obj name ? name : qualifiedName(unquoted(text));
            case LOCALIZED_TEXT -> json(text) instanceof JsonValue.Obj given ? given : localizedText(unquoted(text));
            case EXTENSION_OBJECT -> structure(text, type);
            case DATA_VALUE, VARIANT, DIAGNOSTIC_INFO -> untyped(text);
        };
    }

    /** Without the quotes of a JSON string, in which anything can be written. */
    private static String unquoted(String text) {
        return text.startsWith("\"") && json(text) instanceof JsonValue.Str string ? string.value() : text;
    }

    private JsonValue bool(String text, ValueType type) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1", "on" -> new JsonValue.Bool(true);
            case "false", "0", "off" -> new JsonValue.Bool(false);
            default -> throw misfit(text, type, "true or false");
        };
    }

    private JsonValue whole(String text, ValueType type) {
        Matcher hex = HEX.matcher(text);
        if (hex.matches()) {
            return new JsonValue.Num(new BigInteger(hex.group(1) + hex.group(2), 16).toString());
        }
        if (text.matches("[-+]?[0-9]{1,40}")) {
            return new JsonValue.Num(new BigInteger(text).toString());
        }
        if (json(text) instanceof JsonValue.Num number) {
            return number; // 3.0, 3e2
        }
        for (Map.Entry<BigInteger, String> named : type.names().entrySet()) {
            if (named.getValue().equalsIgnoreCase(text)) {
                return new JsonValue.Num(named.getKey().toString());
            }
        }
        Matcher shown = NAME_AND_NUMBER.matcher(text);
        if (!type.names().isEmpty() && shown.matches()) {
            return new JsonValue.Num(new BigInteger(shown.group(1)).toString());
        }
        if (!type.names().isEmpty()) {
            Collection<String> names = type.names().values();
            throw misfit(text, type, "one of " + String.join(", ", names) + nearest(text, names));
        }
        throw misfit(text, type, "a whole number such as 42");
    }

    private JsonValue decimal(String text, ValueType type) {
        String lower = text.toLowerCase(Locale.ROOT);
        switch (lower) {
            case "nan" -> {
                return new JsonValue.Str("NaN");
            }
            case "infinity", "+infinity", "inf" -> {
                return new JsonValue.Str("Infinity");
            }
            case "-infinity", "-inf" -> {
                return new JsonValue.Str("-Infinity");
            }
            default -> {
                if (text.equals("-0") || text.equals("-0.0")) {
                    return new JsonValue.Num("-0.0");
                }
                try {
                    // Never expanded: the exponent may be anything.
                    return new JsonValue.Num(new BigDecimal(unquoted(text)).toString());
                } catch (NumberFormatException e) {
                    throw misfit(text, type, "a number such as 12.5, NaN or Infinity");
                }
            }
        }
    }

    /** A date with an offset as it stands, for its digits; others in the daemon's form. */
    private String dateTime(String text) {
        try {
            if (OffsetDateTime.parse(text).toInstant() != null) {
                return text;
            }
        } catch (DateTimeException e) {
            // One of the other forms, or none.
        }
        return PointInTime.parse(label, text, now, zone).toString();
    }

    private JsonValue guid(String text, ValueType type) {
        Matcher guid = GUID.matcher(text);
        if (!guid.matches()) {
            throw misfit(text, type, "8-4-4-4-12 hexadecimal digits");
        }
        return new JsonValue.Str(guid.group(1).toLowerCase(Locale.ROOT));
    }

    private String base64(String text, ValueType type) {
        if (text.startsWith("@")) {
            return Base64.getEncoder().encodeToString(content(text.substring(1)));
        }
        try {
            if (text.startsWith("hex:")) {
                String digits = text.substring(4).replaceAll("[\\s:]", "");
                return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(digits));
            }
            return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw misfit(text, type, "base64, hex:00ff or @FILE");
        }
    }

    private byte[] content(String file) {
        Path path = SessionOption.path(label, file);
        try (InputStream stream = Files.newInputStream(path)) {
            byte[] bytes = stream.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new UsageException(label + ": " + path + " is larger than 64 MiB, which no request can hold");
            }
            return bytes;
        } catch (IOException e) {
            throw new UsageException(label + ": cannot read " + path + " ("
                    + e.getClass().getSimpleName() + "); write @FILE with a file that is there");
        }
    }

    private JsonValue nodeId(String text, ValueType type) {
        if (!text.matches("((ns=[0-9]{1,5}|nsu=[^;]+);)?[isgb]=.*")) {
            throw misfit(text, type, "a node id such as ns=2;s=Speed or i=85");
        }
        return new JsonValue.Str(text);
    }

    private JsonValue status(String text, ValueType type) {
        if (text.matches("0[xX][0-9a-fA-F]{1,8}")) {
            return new JsonValue.Num(Long.toString(Long.parseLong(text.substring(2), 16)));
        }
        if (text.matches("[0-9]{1,10}")) {
            return new JsonValue.Num(text);
        }
        Map<String, Long> statuses = statuses();
        for (Map.Entry<String, Long> status : statuses.entrySet()) {
            if (status.getKey().equalsIgnoreCase(text)
                    || status.getKey().replace("_", "").equalsIgnoreCase(text)) {
                return new JsonValue.Num(status.getValue().toString());
            }
        }
        throw misfit(text, type, "a name such as Bad_NodeIdUnknown, or a number" + nearest(text, statuses.keySet()));
    }

    private static Map<String, Long> statuses() {
        Map<String, Long> statuses = new LinkedHashMap<>();
        for (int group : STATUS_GROUPS) {
            for (int code = 0; code < STATUSES_OF_A_GROUP; code++) {
                StatusCode status = new StatusCode((long) (group + code) << 16);
                if (!status.name().startsWith("0x")) {
                    statuses.put(status.name(), status.value());
                }
            }
        }
        return statuses;
    }

    private static JsonValue qualifiedName(String text) {
        Matcher qualified = QUALIFIED.matcher(text);
        boolean hasIndex = qualified.matches();
        Map<String, JsonValue> name = new LinkedHashMap<>();
        name.put("ns", new JsonValue.Num(hasIndex ? Integer.toString(Integer.parseInt(qualified.group(1))) : "0"));
        name.put("name", new JsonValue.Str(hasIndex ? qualified.group(2) : text));
        return new JsonValue.Obj(name);
    }

    private static JsonValue localizedText(String text) {
        Map<String, JsonValue> localized = new LinkedHashMap<>();
        localized.put("locale", JsonValue.Null.INSTANCE);
        localized.put("text", new JsonValue.Str(text));
        return new JsonValue.Obj(localized);
    }

    private JsonValue structure(String text, ValueType type) {
        JsonValue json = json(text);
        if (!(json instanceof JsonValue.Obj)) {
            throw misfit(text, type, "its fields as JSON, such as {\"X\":1.5}; `types` shows them");
        }
        return json;
    }

    private static String nearest(String text, Collection<String> names) {
        return NearestName.to(text, names)
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    private UsageException misfit(String text, ValueType type, String expected) {
        return new UsageException(label + ": got " + new JsonValue.Str(text).excerpt() + " for " + type.shown()
                + ", expected " + expected + " (nothing was sent)");
    }

    /** A type in front of a value: {@code Double:1.5}; null if there is none. */
    static @Nullable BuiltinType prefix(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? null : BuiltinType.ofName(text.substring(0, colon)).orElse(null);
    }
}
