package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.json.WireReader;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a method, or one member of an item among them, read with the protocol's leniency: null is absent, a
 * whole number may come as {@code 3.0}, an object stands for the array of its values (protocol, section 1). What does not
 * fit is {@code invalid_argument} and names the parameter by its path: {@code items[2].nodeId}.
 */
final class Argument {
    private static final long MAX_UINT32 = 0xFFFF_FFFFL;

    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,20}");

    private final String name;
    private final @Nullable JsonValue given;
    private final boolean isTyped;

    /** @param given as it came; null if it did not come at all */
    Argument(String name, @Nullable JsonValue given) {
        this(name, given, false);
    }

    /** @param isTyped whether the text of a NodeId is that of the typed notation */
    Argument(String name, @Nullable JsonValue given, boolean isTyped) {
        this.name = name;
        this.given = given;
        this.isTyped = isTyped;
    }

    /** The path, for messages of the caller's own. */
    String name() {
        return name;
    }

    boolean isAbsent() {
        return value() == null;
    }

    NodeReference nodeId() {
        return nodeId(required("a NodeId"));
    }

    @Nullable
    NodeReference nodeIdOrNull() {
        JsonValue value = value();
        return value == null ? null : nodeId(value);
    }

    NodeReference nodeId(NodeReference otherwise) {
        NodeReference nodeId = nodeIdOrNull();
        return nodeId == null ? otherwise : nodeId;
    }

    int whole(int from, int to) {
        return (int) wholeOf(required("a whole number"), from, to);
    }

    int whole(int from, int to, int otherwise) {
        JsonValue value = value();
        return value == null ? otherwise : (int) wholeOf(value, from, to);
    }

    @Nullable
    Integer wholeOrNull(int from, int to) {
        JsonValue value = value();
        return value == null ? null : (int) wholeOf(value, from, to);
    }

    /** 0 to 2^32 - 1. */
    long uint32() {
        return wholeOf(required("a whole number"), 0, MAX_UINT32);
    }

    /** 0 to 2^32 - 1. */
    long uint32(long otherwise) {
        JsonValue value = value();
        return value == null ? otherwise : wholeOf(value, 0, MAX_UINT32);
    }

    /** 0 to 2^64 - 1; as a decimal string too, for those whose numbers are not that exact. */
    BigInteger uint64() {
        JsonValue value = required("a whole number");
        BigInteger whole = null;
        if (value instanceof JsonValue.Num number) {
            whole = number.whole();
        } else if (value instanceof JsonValue.Str text
                && DECIMAL.matcher(text.value()).matches()) {
            whole = new BigInteger(text.value());
        }
        if (whole == null || whole.signum() < 0 || whole.bitLength() > 64) {
            throw misfit(value, "a whole number from 0 to 18446744073709551615");
        }
        return whole;
    }

    /** Whether an array came. */
    boolean isArray() {
        return given instanceof JsonValue.Arr;
    }

    /** A finite number that is at least {@code from}. */
    double number(double from) {
        return numberOf(required("a number"), from);
    }

    /** A finite number that is at least {@code from}. */
    double number(double from, double otherwise) {
        JsonValue value = value();
        return value == null ? otherwise : numberOf(value, from);
    }

    boolean flag(boolean otherwise) {
        JsonValue value = value();
        if (value == null) {
            return otherwise;
        }
        if (value instanceof JsonValue.Bool flag) {
            return flag.value();
        }
        throw misfit(value, "true or false");
    }

    /**
     * The index of one of these names, which may also come as that number itself.
     *
     * @throws CommandException naming all of them, and the one that was most likely meant
     */
    int named(List<String> names, int otherwise) {
        JsonValue value = value();
        if (!(value instanceof JsonValue.Str name)) {
            return whole(0, names.size() - 1, otherwise);
        }
        int index = names.indexOf(name.value());
        if (index < 0) {
            throw misfit(
                    value,
                    "one of " + String.join(", ", names)
                            + NearestName.to(name.value(), names)
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse(""));
        }
        return index;
    }

    String text() {
        if (required("a string") instanceof JsonValue.Str text) {
            return text.value();
        }
        throw misfit(required("a string"), "a string");
    }

    @Nullable
    String textOrNull() {
        return value() == null ? null : text();
    }

    DateTime dateTime() {
        return ValueReader.readDateTime(required("a date and time"), name);
    }

    @Nullable
    DateTime dateTimeOrNull() {
        return value() == null ? null : dateTime();
    }

    QualifiedName qualifiedName() {
        return ValueReader.readQualifiedName(required("a QualifiedName"), name);
    }

    /** {@code {"locale","text"}}, or the text alone. */
    LocalizedText localizedText() {
        JsonValue value = required("a string");
        return value instanceof JsonValue.Str text
                ? new LocalizedText(null, text.value())
                : ValueReader.readLocalizedText(value, name);
    }

    /** Strict base64. */
    ByteString byteString() {
        try {
            return ByteString.fromBase64(text());
        } catch (IllegalArgumentException e) {
            throw misfit("strict base64");
        }
    }

    /** {@code {"type","value","dimensions"}}. */
    Variant variant() {
        return ValueReader.readTypedVariant(required("a Variant"), name);
    }

    /** As {@link #variant}, where nobody but the caller knows the type: it stands there also where there is no value. */
    Variant typedVariant() {
        Argument type = member("type");
        if (type.isAbsent()) {
            throw type.misfit("a BuiltinType, 1 to 25, beside each value");
        }
        return variant();
    }

    /** {@code {"value","type","dimensions","statusCode","sourceTimestamp","serverTimestamp"}}. */
    DataValue dataValue() {
        return ValueReader.readDataValue(required("a DataValue"), name);
    }

    /** A BuiltinType, 1 to 25. */
    @Nullable
    BuiltinType builtinTypeOrNull() {
        JsonValue value = value();
        return value == null ? null : ValueReader.readBuiltinType(value, name);
    }

    /** As it came: JSON's null stays null, absence is an error. */
    JsonValue raw() {
        if (given == null) {
            throw misfit(null, "a value");
        }
        return given;
    }

    /** The elements of an array; absent = none. */
    List<Argument> list() {
        JsonValue value = value();
        return value == null ? List.of() : elements(value);
    }

    List<Argument> requiredList() {
        return elements(required("an array"));
    }

    /** Each element of an array, read; absent = none. */
    <T> List<T> list(Function<Argument, T> read) {
        return list().stream().map(read).toList();
    }

    /** A member of this object, which may be absent. */
    Argument member(String member) {
        JsonValue value = required("an object");
        JsonValue.Obj object = value.asObject();
        if (object == null) {
            throw misfit(value, "an object");
        }
        return new Argument(name + "." + member, object.members().get(member), isTyped);
    }

    CommandException misfit(String expected) {
        return misfit(given, expected);
    }

    private CommandException misfit(@Nullable JsonValue value, String expected) {
        return CommandException.invalidArgument(name, value == null ? "nothing" : value.excerpt(), expected);
    }

    private @Nullable JsonValue value() {
        return given instanceof JsonValue.Null ? null : given;
    }

    private JsonValue required(String expected) {
        JsonValue value = value();
        if (value == null) {
            throw misfit(null, expected);
        }
        return value;
    }

    private NodeReference nodeId(JsonValue value) {
        return isTyped ? WireReader.readNodeReference(value, name) : ValueReader.readNodeReference(value, name);
    }

    private long wholeOf(JsonValue value, long from, long to) {
        BigInteger whole = value instanceof JsonValue.Num number ? number.whole() : null;
        if (whole == null || whole.bitLength() > 62 || whole.longValue() < from || whole.longValue() > to) {
            throw misfit(value, "a whole number from " + from + " to " + to);
        }
        return whole.longValue();
    }

    private double numberOf(JsonValue value, double from) {
        double number =
                value instanceof JsonValue.Num literal ? literal.decimal().doubleValue() : Double.NaN;
        if (Double.isInfinite(number) || !(number >= from)) {
            throw misfit(value, "a number of at least " + from);
        }
        return number;
    }

    private List<Argument> elements(JsonValue value) {
        List<JsonValue> elements = value.asArray();
        if (elements == null) {
            throw misfit(value, "an array");
        }
        List<Argument> arguments = new ArrayList<>(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            arguments.add(new Argument(name + "[" + i + "]", elements.get(i), isTyped));
        }
        return arguments;
    }
}
