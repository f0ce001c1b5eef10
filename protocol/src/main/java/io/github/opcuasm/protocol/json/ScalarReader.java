package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one value of one built-in type, in every shape that the protocol takes for it. */
final class ScalarReader {
    /** PHP's {@code timezone_type} of CEST and the like. */
    private static final BigInteger ABBREVIATED = BigInteger.TWO;

    private static final BigInteger MAX_UINT16 = BigInteger.valueOf(65_535);
    private static final BigInteger MAX_UINT32 = BigInteger.valueOf(0xFFFF_FFFFL);
    private static final BigInteger MAX_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** No integer type needs more digits, and longer texts cost time to convert. */
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,64}");

    private static final Set<String> ENVELOPE = Set.of("typeId", "encoding", "body", "bodyB64", "value");

    private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,400}(\\.[0-9]{1,400})?([eE][+-]?[0-9]{1,9})?");

    private final ErrorType errorType;
    private final String name;

    /** Errors are of {@code errorType} and start with {@code name}. */
    ScalarReader(ErrorType errorType, String name) {
        this.errorType = errorType;
        this.name = name;
    }

    ErrorType errorType() {
        return errorType;
    }

    /** As {@link #scalar}, for a type that has no null. */
    Object required(JsonValue json, BuiltinType type) {
        Object value = scalar(json, type);
        if (value == null) {
            throw misfit(json, type, "no null");
        }
        return value;
    }

    @Nullable
    Object scalar(JsonValue json, BuiltinType type) {
        if (json instanceof JsonValue.Null) {
            return nullOf(type);
        }
        return switch (type) {
            case BOOLEAN -> bool(json);
            case SBYTE -> whole(json, type, -128, 127).byteValueExact();
            case BYTE -> whole(json, type, 0, 255).shortValueExact();
            case INT16 -> whole(json, type, Short.MIN_VALUE, Short.MAX_VALUE).shortValueExact();
            case UINT16 -> whole(json, type, 0, 65_535).intValueExact();
            case INT32 ->
                whole(json, type, Integer.MIN_VALUE, Integer.MAX_VALUE).intValueExact();
            case UINT32 -> whole(json, type, 0, 0xFFFF_FFFFL).longValueExact();
            case INT64 -> whole(json, type, Long.MIN_VALUE, Long.MAX_VALUE).longValueExact();
            case UINT64 -> whole(json, type, BigInteger.ZERO, MAX_UINT64);
            case FLOAT -> float32(json);
            case DOUBLE -> float64(json);
            case STRING -> string(json, type);
            case DATE_TIME -> dateTime(json);
            case GUID -> guid(json);
            case BYTE_STRING -> byteString(json);
            case XML_ELEMENT -> new XmlElement(string(json, type));
            case NODE_ID -> NodeIdReader.failingWith(errorType).local(json, name);
            case EXPANDED_NODE_ID -> NodeIdReader.failingWith(errorType).expanded(json, name);
            case STATUS_CODE -> statusCode(json);
            case QUALIFIED_NAME -> qualifiedName(json);
            case LOCALIZED_TEXT -> localizedText(json);
            case EXTENSION_OBJECT -> extensionObject(json);
            case DATA_VALUE -> dataValue(json);
            case VARIANT -> ArrayReader.typed(errorType, Members.of(json, name, errorType), name);
            case DIAGNOSTIC_INFO -> throw misfit(json, type, "it cannot be written");
        };
    }

    DateTime dateTime(JsonValue json) {
        DateTime value = null;
        if (json instanceof JsonValue.Str text) {
            value = DateTimeText.parse(text.value());
        } else if (json.asObject() != null) {
            Members members = Members.of(json, name, errorType);
            value = DateTimeText.parsePhp(
                    members.string("date"), members.string("timezone"), isAbbreviated(members.get("timezone_type")));
        }
        if (value == null) {
            throw misfit(
                    json, BuiltinType.DATE_TIME, "an ISO 8601 date and time with an offset: 2026-05-15T10:30:00+00:00");
        }
        return value;
    }

    private static boolean isAbbreviated(@Nullable JsonValue timezoneType) {
        return timezoneType instanceof JsonValue.Num number && ABBREVIATED.equals(number.whole());
    }

    StatusCode statusCode(JsonValue json) {
        return new StatusCode(whole(json, BuiltinType.STATUS_CODE, BigInteger.ZERO, MAX_UINT32)
                .longValueExact());
    }

    DataValue dataValue(JsonValue json) {
        Members members = Members.of(json, name, errorType);
        JsonValue status = members.get("statusCode");
        return new DataValue(
                ArrayReader.typed(errorType, members, name),
                status == null ? StatusCode.GOOD : member(members, "statusCode").statusCode(status),
                timestamp(members, "sourceTimestamp"),
                timestamp(members, "serverTimestamp"));
    }

    CommandException misfit(JsonValue json, BuiltinType type, String taken) {
        return misfit(json.excerpt(), type, taken);
    }

    CommandException misfit(String got, BuiltinType type, String taken) {
        return new CommandException(
                errorType, name + ": " + got + " does not fit " + type.displayName() + " (" + taken + ")");
    }

    private @Nullable DateTime timestamp(Members members, String name) {
        JsonValue json = members.get(name);
        return json == null ? null : member(members, name).dateTime(json);
    }

    /** For a member of a value. Answers, which come in thousands, do without its path. */
    private ScalarReader member(Members members, String member) {
        return errorType == ErrorType.ENCODING ? this : new ScalarReader(errorType, members.path(member));
    }

    private @Nullable Object nullOf(BuiltinType type) {
        return switch (type) {
            case STRING, BYTE_STRING, XML_ELEMENT -> null;
            case DATE_TIME -> DateTime.NULL;
            case NODE_ID -> NodeId.NULL;
            case EXPANDED_NODE_ID -> ExpandedNodeId.NULL;
            case QUALIFIED_NAME -> QualifiedName.NULL;
            case LOCALIZED_TEXT -> LocalizedText.NULL;
            case EXTENSION_OBJECT -> ExtensionObject.NULL;
            case VARIANT -> Variant.NULL;
            case DATA_VALUE -> DataValue.of(Variant.NULL);
            case DIAGNOSTIC_INFO -> {
                if (errorType != ErrorType.ENCODING) {
                    throw misfit("null", type, "it cannot be written");
                }
                yield DiagnosticInfo.PRESENT;
            }
            default -> throw misfit("null", type, "it has no null");
        };
    }

    private Boolean bool(JsonValue json) {
        if (json instanceof JsonValue.Bool value) {
            return value.value();
        }
        if (json instanceof JsonValue.Num number) {
            BigInteger whole = number.whole();
            if (whole != null && (whole.signum() == 0 || whole.equals(BigInteger.ONE))) {
                return whole.signum() != 0;
            }
        }
        throw misfit(json, BuiltinType.BOOLEAN, "true or false, 1 or 0");
    }

    private BigInteger whole(JsonValue json, BuiltinType type, long min, long max) {
        return whole(json, type, BigInteger.valueOf(min), BigInteger.valueOf(max));
    }

    private BigInteger whole(JsonValue json, BuiltinType type, BigInteger min, BigInteger max) {
        BigInteger value = null;
        if (json instanceof JsonValue.Num number) {
            value = number.whole();
        } else if (json instanceof JsonValue.Str text
                && INTEGER.matcher(text.value()).matches()) {
            value = new BigInteger(text.value());
        }
        if (value == null || value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw misfit(json, type, min + " to " + max);
        }
        return value;
    }

    private Float float32(JsonValue json) {
        String text = decimal(json, BuiltinType.FLOAT);
        float value = Float.parseFloat(text);
        if (Float.isInfinite(value) && !text.endsWith("y")) {
            throw misfit(json, BuiltinType.FLOAT, "at most 3.4028235E38 in magnitude");
        }
        return value;
    }

    private Double float64(JsonValue json) {
        String text = decimal(json, BuiltinType.DOUBLE);
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value) && !text.endsWith("y")) {
            throw misfit(json, BuiltinType.DOUBLE, "at most 1.7976931348623157E308 in magnitude");
        }
        return value;
    }

    /** Text that Java's parsers take: a decimal number, or one of the three names, of which two end in {@code y}. */
    private String decimal(JsonValue json, BuiltinType type) {
        if (json instanceof JsonValue.Num number) {
            return number.literal();
        }
        if (json instanceof JsonValue.Str string) {
            String text = string.value();
            if (text.equals("NaN")
                    || text.equals("Infinity")
                    || text.equals("-Infinity")
                    || DECIMAL.matcher(text).matches()) {
                return text;
            }
        }
        throw misfit(json, type, "a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    }

    private String string(JsonValue json, BuiltinType type) {
        if (!(json instanceof JsonValue.Str text)) {
            throw misfit(json, type, "a string");
        }
        if (errorType != ErrorType.ENCODING && !WellFormed.isWellFormed(text.value())) {
            throw misfit("text with half of a surrogate pair", type, "Unicode text");
        }
        return text.value();
    }

    private UUID guid(JsonValue json) {
        if (json instanceof JsonValue.Str text) {
            try {
                return Identifier.Guid.parse(text.value()).value();
            } catch (IllegalArgumentException e) {
                throw misfit(json, BuiltinType.GUID, "8-4-4-4-12 hexadecimal digits");
            }
        }
        throw misfit(json, BuiltinType.GUID, "8-4-4-4-12 hexadecimal digits");
    }

    private ByteString byteString(JsonValue json) {
        if (json instanceof JsonValue.Str text) {
            try {
                return ByteString.fromBase64(text.value());
            } catch (IllegalArgumentException e) {
                throw misfit(json, BuiltinType.BYTE_STRING, "strict base64");
            }
        }
        throw misfit(json, BuiltinType.BYTE_STRING, "strict base64");
    }

    private QualifiedName qualifiedName(JsonValue json) {
        Members members = Members.of(json, name, errorType);
        int namespaceIndex =
                members.get("ns") == null ? 0 : members.whole("ns", MAX_UINT16).intValueExact();
        // PHP's objects call it n.
        JsonValue text = members.get("name") == null ? members.get("n") : members.get("name");
        if (text == null && !members.has("name") && !members.has("n")) {
            throw misfit(json, BuiltinType.QUALIFIED_NAME, "{\"ns\",\"name\"}");
        }
        return new QualifiedName(namespaceIndex, text == null ? "" : string(text, BuiltinType.QUALIFIED_NAME));
    }

    private LocalizedText localizedText(JsonValue json) {
        if (json.asObject() == null) {
            throw misfit(json, BuiltinType.LOCALIZED_TEXT, "{\"locale\",\"text\"}");
        }
        Members members = Members.of(json, name, errorType);
        return new LocalizedText(
                optional(members.get("locale"), BuiltinType.LOCALIZED_TEXT),
                optional(members.get("text"), BuiltinType.LOCALIZED_TEXT));
    }

    private @Nullable String optional(@Nullable JsonValue json, BuiltinType type) {
        return json == null ? null : string(json, type);
    }

    /**
     * The envelope {@code {"typeId","encoding","body","value"}}. In requests an object with any other member is a
     * structure's own fields, of a type that the caller leaves to the variable: these, and the {@code value} of an
     * envelope, stay as they came ({@link ValueReader#fieldsToEncode}), for whoever knows the type.
     */
    private ExtensionObject extensionObject(JsonValue json) {
        Members members = Members.of(json, name, errorType);
        if (errorType == ErrorType.ENCODING) {
            return new ExtensionObject(
                    typeId(members),
                    members.whole("encoding", BigInteger.TWO).intValueExact(),
                    body(members),
                    plain(members.raw("value")));
        }
        if (!members.has("typeId") || !members.areAmong(ENVELOPE)) {
            return new ExtensionObject(NodeId.NULL, 1, null, json);
        }
        ByteString body = body(members);
        JsonValue value = members.get("value");
        boolean bare = value != null && body == null && members.get("encoding") == null;
        int encoding = bare ? 1 : members.whole("encoding", BigInteger.TWO).intValueExact();
        if (encoding == 0 && body != null) {
            throw members.wrong("encoding", "1 or 2 with a body");
        }
        if (value == null) {
            return new ExtensionObject(typeId(members), encoding, body, null);
        }
        if (encoding != 1) {
            throw members.wrong("encoding", "1 with a value: only the binary form can be made from fields");
        }
        return new ExtensionObject(typeId(members), 1, body, value);
    }

    private NodeId typeId(Members members) {
        return NodeIdReader.failingWith(errorType).local(members.required("typeId"), members.path("typeId"));
    }

    /** PHP's objects call it bodyB64. */
    private @Nullable ByteString body(Members members) {
        if (members.get("body") != null && members.get("bodyB64") != null) {
            throw members.wrong("bodyB64", "nothing beside a body");
        }
        JsonValue body = members.get("body") == null ? members.get("bodyB64") : members.get("body");
        return body == null ? null : byteString(body);
    }

    private static @Nullable Object plain(JsonValue json) {
        if (json instanceof JsonValue.Bool bool) {
            return bool.value();
        } else if (json instanceof JsonValue.Num number) {
            BigInteger whole = number.literal().indexOf('.') < 0 ? number.whole() : null;
            return whole == null ? (Object) Double.valueOf(number.literal()) : whole;
        } else if (json instanceof JsonValue.Str text) {
            return text.value();
        } else if (json instanceof JsonValue.Arr array) {
            List<@Nullable Object> list = new ArrayList<>(array.elements().size());
            for (JsonValue element : array.elements()) {
                list.add(plain(element));
            }
            return Collections.unmodifiableList(list);
        } else if (json instanceof JsonValue.Obj object) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            object.members().forEach((key, value) -> map.put(key, plain(value)));
            return Collections.unmodifiableMap(map);
        }
        return null;
    }
}
