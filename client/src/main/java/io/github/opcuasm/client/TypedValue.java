package io.github.opcuasm.client;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value of OPC UA that becomes what a Java program wants, exactly or not at all.
 *
 * <table>
 * <caption>What may be asked for</caption>
 * <tr><td>{@code boolean}</td><td>of Boolean</td></tr>
 * <tr><td>{@code byte}, {@code short}, {@code int}, {@code long}, {@code float}, {@code double}, {@code BigInteger}</td>
 *     <td>of any number that fits without loss: a UInt64 of 2^63 is no {@code long}, an Int64 of 2^53 + 1 no {@code
 *     double}, 2.5 no {@code int}; -0.0 is 0</td></tr>
 * <tr><td>{@code BigDecimal}</td><td>of any finite number; of Float and Double the short decimal that reads back</td></tr>
 * <tr><td>{@code String}</td><td>of String and XmlElement</td></tr>
 * <tr><td>{@code Instant}</td><td>of DateTime, to its 100 ns</td></tr>
 * <tr><td>{@code UUID}</td><td>of Guid</td></tr>
 * <tr><td>{@code byte[]}</td><td>of ByteString, and of an array of Byte (its octets) or SByte</td></tr>
 * <tr><td>an {@code enum}</td><td>of its number, without loss, if it is an {@link java.util.function.IntSupplier}; of its name, if not</td></tr>
 * <tr><td>an array of these, {@code double[]}, {@code double[][]}</td><td>of an array, of a matrix of that many dimensions</td></tr>
 * <tr><td>{@code List}</td><td>of an array; of a matrix, lists of lists</td></tr>
 * <tr><td>{@code Map}</td><td>of a structure: its fields; whole numbers are {@code BigInteger}, others {@code Double}</td></tr>
 * <tr><td>a class of {@code protocol.type}</td><td>of the built-in type with its name</td></tr>
 * <tr><td>{@code JsonValue}</td><td>of everything</td></tr>
 * <tr><td>{@code Object}</td><td>of everything: the class that {@link Variant} documents</td></tr>
 * </table>
 */
public final class TypedValue {
    /** Scalar, array or matrix (Part 3, 5.6.2). */
    private static final int ANY_RANK = -2;

    private final String name;
    private final Variant variant;

    TypedValue(String name, Variant variant) {
        this.name = name;
        this.variant = variant;
    }

    /** A value as the protocol has it, for example an output argument of a call. */
    public static TypedValue of(Variant variant) {
        return new TypedValue("value", variant);
    }

    /**
     * A value of a type, of what {@link Json#of} takes: {@code of(21.5, BuiltinType.DOUBLE)}, {@code of(new int[] {1, 2},
     * BuiltinType.INT16)}.
     *
     * @throws RequestFailedException.WriteTypeMismatch if it does not fit the type
     */
    public static TypedValue of(@Nullable Object value, BuiltinType type) {
        JsonValue json = Json.of(Queries.written(value, type).get("value"));
        try {
            return of(ValueReader.readVariant(json, type, ANY_RANK, "value"));
        } catch (CommandException e) {
            throw RequestFailedException.local(e.type(), e.messageText());
        }
    }

    /** The value, good, as its source had it at a time: what is stored in history. */
    public DataValue at(Instant time) {
        return new DataValue(variant, StatusCode.GOOD, DateTime.of(time), null);
    }

    /**
     * The value as this class.
     *
     * @throws ValueConversionException if it is none, or not without loss, or there is no value ({@link #asOptional})
     */
    public <T> T as(Class<T> type) {
        T value = new Conversion(name, variant).to(type);
        if (value == null) {
            throw new ValueConversionException(name + ": got no value, expected one for " + type.getSimpleName()
                    + ": ask with asOptional where there may be none");
        }
        return value;
    }

    /**
     * The value as this class; empty if there is none, a null String, a DateTime that stands for no time, or a null array.
     *
     * @throws ValueConversionException if it is none, or not without loss
     */
    public <T> Optional<T> asOptional(Class<T> type) {
        return Optional.ofNullable(new Conversion(name, variant).to(type));
    }

    /**
     * The elements of an array, each as this class; null ones (String, ByteString) are null.
     *
     * @throws ValueConversionException if it is no array, or a matrix, or an element does not fit
     */
    public <T> List<@Nullable T> asList(Class<T> elementType) {
        return new Conversion(name, variant).toList(elementType);
    }

    /** The built-in type; empty if there is no value. */
    public Optional<BuiltinType> type() {
        return Optional.ofNullable(variant.type());
    }

    /** Whether there is no value, not even a type. */
    public boolean isNull() {
        return variant.isNull();
    }

    /** The value as the protocol has it. */
    public Variant variant() {
        return variant;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TypedValue that && variant.equals(that.variant);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(variant);
    }

    /** Type and value on one line. */
    @Override
    public String toString() {
        BuiltinType type = variant.type();
        return type == null ? "null" : type.displayName() + " " + variant.value();
    }
}
