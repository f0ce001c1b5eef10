package io.github.opcuasm.protocol.type;

import java.math.BigInteger;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A value with its type: a scalar, an array or a matrix (Part 6, 5.1.6).
 *
 * <table>
 * <caption>Java classes of the values</caption>
 * <tr><td>Boolean</td><td>{@link Boolean}</td></tr>
 * <tr><td>SByte, Int16, Int32, Int64</td><td>{@link Byte}, {@link Short}, {@link Integer}, {@link Long}</td></tr>
 * <tr><td>Byte, UInt16, UInt32, UInt64</td>
 *     <td>{@link Short}, {@link Integer}, {@link Long}, {@link BigInteger}: the next class that holds the range</td></tr>
 * <tr><td>Float, Double, String</td><td>{@link Float}, {@link Double}, {@link String}</td></tr>
 * <tr><td>Guid</td><td>{@link UUID}</td></tr>
 * <tr><td>any other</td><td>the class of this package with its name</td></tr>
 * </table>
 *
 * <p>An array is a {@link List} of these; elements of String, ByteString and XmlElement may be null. A matrix is the
 * list of its elements in row-major order with {@code dimensions}. A <em>null array</em> has a type, no value, and
 * {@code dimensions} that are the empty list; a null scalar (String, ByteString, XmlElement) has no dimensions at all.
 *
 * <p>The class of a scalar and its range are checked here. Elements of a list are not walked through: they are checked
 * where they are written. The list is kept, not copied; who gives it lets it go.
 *
 * @param type null only without a value
 * @param value null for no value, a null scalar and a null array
 * @param dimensions null for scalars and one-dimensional arrays; the length of each dimension for matrices
 */
public record Variant(
        @Nullable BuiltinType type,
        @Nullable Object value,
        @Nullable List<Integer> dimensions) {
    /** No value. */
    public static final Variant NULL = new Variant(null, null, null);

    private static final BigInteger MAX_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    public Variant {
        if (type == null && (value != null || dimensions != null)) {
            throw new IllegalArgumentException("type: got none, expected one for a value");
        }
        if (type != null && value != null && !(value instanceof List) && !isScalar(type, value)) {
            throw new IllegalArgumentException("value: got " + value.getClass().getSimpleName() + " " + value
                    + ", which is no " + type.displayName());
        }
        if (dimensions != null) {
            dimensions = List.copyOf(dimensions);
            checkDimensions(value, dimensions);
        }
    }

    /** A scalar; null is taken for String, ByteString and XmlElement. */
    public static Variant scalar(BuiltinType type, @Nullable Object value) {
        return new Variant(type, value, null);
    }

    /** A one-dimensional array. */
    public static Variant array(BuiltinType type, List<?> elements) {
        return new Variant(type, elements, null);
    }

    /** A matrix; {@code elements} row by row, as many as the product of {@code dimensions}. */
    public static Variant matrix(BuiltinType type, List<?> elements, List<Integer> dimensions) {
        return new Variant(type, elements, dimensions);
    }

    /** An array of length -1, which is not the same as an empty one. */
    public static Variant nullArray(BuiltinType type) {
        return new Variant(type, null, List.of());
    }

    /** Whether there is nothing in it, not even a type. */
    public boolean isNull() {
        return type == null;
    }

    /** Whether it is an array or a matrix; a null array is one. */
    public boolean isArray() {
        return value instanceof List || (value == null && dimensions != null);
    }

    /** Whether it is an array of length -1. */
    public boolean isNullArray() {
        return value == null && dimensions != null;
    }

    /** The elements; none for a scalar and a null array. */
    public List<?> elements() {
        return value instanceof List<?> list ? list : List.of();
    }

    private static void checkDimensions(@Nullable Object value, List<Integer> dimensions) {
        if (value == null && dimensions.isEmpty()) {
            return;
        }
        long product = 1;
        for (int length : dimensions) {
            if (length < 0) {
                throw new IllegalArgumentException("dimensions: got " + length + ", expected at least 0");
            }
            // Saturating: an overflow must not look like a fit.
            product = length != 0 && product > Integer.MAX_VALUE / length ? Integer.MAX_VALUE + 1L : product * length;
        }
        if (dimensions.contains(0)) {
            product = 0;
        }
        if (!(value instanceof List<?> list) || dimensions.isEmpty() || list.size() != product) {
            throw new IllegalArgumentException("dimensions: got " + dimensions + " for "
                    + (value instanceof List<?> list ? list.size() + " elements" : "a scalar"));
        }
    }

    private static boolean isScalar(BuiltinType type, Object value) {
        return switch (type) {
            case BOOLEAN -> value instanceof Boolean;
            case SBYTE -> value instanceof Byte;
            case BYTE -> value instanceof Short number && number >= 0 && number <= 255;
            case INT16 -> value instanceof Short;
            case UINT16 -> value instanceof Integer number && number >= 0 && number <= 65_535;
            case INT32 -> value instanceof Integer;
            case UINT32 -> value instanceof Long number && number >= 0 && number <= 0xFFFF_FFFFL;
            case INT64 -> value instanceof Long;
            case UINT64 ->
                value instanceof BigInteger number && number.signum() >= 0 && number.compareTo(MAX_UINT64) <= 0;
            case FLOAT -> value instanceof Float;
            case DOUBLE -> value instanceof Double;
            case STRING -> value instanceof String;
            case DATE_TIME -> value instanceof DateTime;
            case GUID -> value instanceof UUID;
            case BYTE_STRING -> value instanceof ByteString;
            case XML_ELEMENT -> value instanceof XmlElement;
            case NODE_ID -> value instanceof NodeId;
            case EXPANDED_NODE_ID -> value instanceof ExpandedNodeId;
            case STATUS_CODE -> value instanceof StatusCode;
            case QUALIFIED_NAME -> value instanceof QualifiedName;
            case LOCALIZED_TEXT -> value instanceof LocalizedText;
            case EXTENSION_OBJECT -> value instanceof ExtensionObject;
            case DATA_VALUE -> value instanceof DataValue;
            // Only as elements of an array (Part 6, 5.1.6).
            case VARIANT -> false;
            case DIAGNOSTIC_INFO -> value instanceof DiagnosticInfo;
        };
    }
}
