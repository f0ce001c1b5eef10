package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.daemon.filter.FilterExpression.Literal;
import io.github.opcuasm.daemon.filter.FilterExpression.Node;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Literals of where clauses. A plain one has the type of the field that it is compared with, where the specification tells
 * that type and the value fits it: servers are to convert what they compare (Part 4, 7.7.3), but not all do. Else whole
 * numbers are Int32, Int64 or UInt64, the first that holds them, others Double, and texts String.
 */
final class LiteralText {
    /** The types whose values can be written as {@code Type(…)}. */
    static final Set<BuiltinType> WRITABLE = EnumSet.range(BuiltinType.BOOLEAN, BuiltinType.BYTE_STRING);

    static {
        WRITABLE.addAll(EnumSet.of(
                BuiltinType.NODE_ID, BuiltinType.STATUS_CODE, BuiltinType.QUALIFIED_NAME, BuiltinType.LOCALIZED_TEXT));
    }

    private static final List<BuiltinType> WHOLE = List.of(BuiltinType.INT32, BuiltinType.INT64, BuiltinType.UINT64);
    private static final Set<BuiltinType> TEXTUAL =
            EnumSet.of(BuiltinType.DATE_TIME, BuiltinType.GUID, BuiltinType.BYTE_STRING, BuiltinType.NODE_ID);
    private static final Set<BuiltinType> NUMERIC = EnumSet.range(BuiltinType.SBYTE, BuiltinType.DOUBLE);
    private static final Pattern INDEXED = Pattern.compile("([0-9]{1,5}):(.*)", Pattern.DOTALL);
    private static final int HEXADECIMAL = 16;

    static {
        NUMERIC.add(BuiltinType.STATUS_CODE);
    }

    private LiteralText() {}

    /** A number as JSON has it: {@code 0x1F} is 31. */
    static JsonValue number(String text) {
        boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
        return new JsonValue.Num(hexadecimal ? new BigInteger(text.substring(2), HEXADECIMAL).toString() : text);
    }

    /**
     * A plain literal.
     *
     * @param given a number, a string, true or false
     * @param text as it is written
     * @param wanted the type of what it is compared with; null if that is not known
     * @throws IllegalArgumentException with what was expected, if no text of that type looks like this
     */
    static FilterExpression plain(JsonValue given, String text, @Nullable BuiltinType wanted) {
        if (given instanceof JsonValue.Str && wanted != null && TEXTUAL.contains(wanted)) {
            return typed(given, text, wanted);
        }
        if (given instanceof JsonValue.Str) {
            return literal(given, text, BuiltinType.STRING);
        }
        if (given instanceof JsonValue.Bool) {
            return literal(given, text, BuiltinType.BOOLEAN);
        }
        if (wanted != null && NUMERIC.contains(wanted)) {
            try {
                return literal(given, text, wanted);
            } catch (IllegalArgumentException e) {
                // A number that no such field can have: the server compares it all the same.
            }
        }
        for (BuiltinType type : WHOLE) {
            try {
                return literal(given, text, type);
            } catch (IllegalArgumentException e) {
                // The next one may hold it.
            }
        }
        return literal(given, text, BuiltinType.DOUBLE);
    }

    /**
     * {@code Type(…)}.
     *
     * @param text of what stands between the parentheses
     * @throws IllegalArgumentException with what was expected
     */
    static FilterExpression explicit(JsonValue given, String text, BuiltinType type) {
        FilterExpression value = typed(given, text, type);
        return value instanceof Literal literal
                ? new Literal(literal.value(), type.displayName() + "(" + text + ")")
                : value;
    }

    private static FilterExpression typed(JsonValue given, String text, BuiltinType type) {
        if (type != BuiltinType.NODE_ID) {
            return literal(given, text, type);
        }
        try {
            return new Node(NodeReference.parse(given instanceof JsonValue.Str string ? string.value() : ""));
        } catch (CommandException e) {
            throw new IllegalArgumentException("a NodeId such as 'ns=2;s=Pump'", e);
        }
    }

    private static Literal literal(JsonValue given, String text, BuiltinType type) {
        return new Literal(Variant.scalar(type, value(given, type)), text);
    }

    private static Object value(JsonValue given, BuiltinType type) {
        if (given instanceof JsonValue.Str string && type == BuiltinType.LOCALIZED_TEXT) {
            return new LocalizedText(null, string.value());
        }
        if (given instanceof JsonValue.Str string && type == BuiltinType.QUALIFIED_NAME) {
            return qualifiedName(string.value());
        }
        Object value = null;
        try {
            value = ValueReader.readScalar(given, type, "");
        } catch (CommandException e) {
            // Said below, in the grammar's own words.
        }
        if (value == null) {
            throw new IllegalArgumentException(expected(type));
        }
        return value;
    }

    private static QualifiedName qualifiedName(String text) {
        Matcher matcher = INDEXED.matcher(text);
        try {
            return matcher.matches()
                    ? new QualifiedName(Integer.parseInt(matcher.group(1)), matcher.group(2))
                    : new QualifiedName(0, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(expected(BuiltinType.QUALIFIED_NAME), e);
        }
    }

    private static String expected(BuiltinType type) {
        return switch (type) {
            case BOOLEAN -> "true or false";
            case FLOAT, DOUBLE -> "a number, 'NaN', 'Infinity' or '-Infinity' in the range of " + type.displayName();
            case DATE_TIME -> "a date and time with an offset, such as '2026-05-15T10:30:00Z'";
            case GUID -> "a Guid of 8-4-4-4-12 hexadecimal digits in single quotes";
            case BYTE_STRING -> "base64 in single quotes";
            case QUALIFIED_NAME -> "a browse name such as '2:Batch'";
            case STRING, LOCALIZED_TEXT -> "a text in single quotes";
            default -> "a whole number in the range of " + type.displayName();
        };
    }
}
