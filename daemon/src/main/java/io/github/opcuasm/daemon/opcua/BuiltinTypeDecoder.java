package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.type.BuiltinType;
import java.lang.reflect.Array;
import java.util.Arrays;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryDecoder;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/**
 * The built-in types of the binary encoding (Part 6, 5.2.2) and arrays of them. Milo's decoder reads what is flat; what
 * can nest or has a length is read here, so that memory follows the bytes that came and not the lengths that they claim:
 *
 * <ul>
 *   <li>A length above {@code available}, the bytes that came at most, fails before anything is allocated. Milo holds
 *       strings to the same limit (see {@link BoundedContext}).
 *   <li>An array of Variants or DataValues starts small and doubles while its elements really decode: arrays that nest
 *       cannot multiply their claims. Other arrays hold none, so at most one of them is unfulfilled at any time: it is
 *       allocated at once, if so many elements fit into {@code available}.
 *   <li>Empty values (a Variant, DataValue, LocalizedText or ExtensionObject of one to three bytes) are shared, so a byte
 *       on the wire costs a reference.
 *   <li>{@link #enter} bounds the depth of all that nests, together.
 * </ul>
 *
 * <p>Whatever is wrong with the bytes ends as an {@link UaSerializationException} with Bad_DecodingError. After that the
 * decoder must not be used any more. Not thread-safe.
 */
final class BuiltinTypeDecoder {
    private static final int FIRST_CAPACITY = 256;

    private static final int VARIANT_TYPE = 0x3F;
    private static final int VARIANT_DIMENSIONS = 0x40;
    private static final int VARIANT_ARRAY = 0x80;
    private static final int LAST_RESERVED_TYPE = 31;

    private static final DataValue NO_DATA_VALUE =
            new DataValue(Variant.NULL_VALUE, StatusCode.GOOD, DateTime.MIN_VALUE, null, DateTime.MIN_VALUE, null);
    private static final ExtensionObject NO_EXTENSION_OBJECT =
            ExtensionObject.of(ByteString.NULL_VALUE, NodeId.NULL_VALUE);

    private final OpcUaBinaryDecoder source;
    private final int maxDepth;
    private final int available;
    private int depth;

    /** @param available how many bytes the source has, or more; lengths above are refused */
    BuiltinTypeDecoder(OpcUaBinaryDecoder source, int maxDepth, int available) {
        this.source = source;
        this.maxDepth = maxDepth;
        this.available = available;
    }

    /**
     * A decoder of bytes inside of these, one level deeper.
     *
     * @throws UaSerializationException if that is too deep
     */
    BuiltinTypeDecoder nested(OpcUaBinaryDecoder inner, int innerAvailable) {
        if (depth >= maxDepth) {
            throw tooDeep();
        }
        return new BuiltinTypeDecoder(inner, maxDepth - depth - 1, innerAvailable);
    }

    /** A scalar, of the class that Milo has for the type; null for a null String and an empty DiagnosticInfo. */
    @Nullable
    Object scalar(BuiltinType type) {
        try {
            return read(type);
        } catch (UaSerializationException e) {
            throw e.getStatusCode().getValue() == StatusCodes.Bad_DecodingError ? e : invalid(e);
        } catch (RuntimeException e) {
            // The bytes ended, or Milo met a length below -1.
            throw invalid(e);
        }
    }

    /** A length and as many elements, in an array of the class that Milo has for the type; null for a length below 0. */
    Object @Nullable [] array(BuiltinType type) {
        int length = length();
        return length < 0 ? null : elements(type, length);
    }

    /** As many elements, without a length before them. */
    Object[] elements(BuiltinType type, int length) {
        checkLength(length * (long) leastBytes(type));
        Class<?> component = OpcUaDataType.fromTypeId(type.id()).getBackingClass();
        boolean nests = type == BuiltinType.VARIANT || type == BuiltinType.DATA_VALUE;
        Object[] array = nests ? newArray(component, length) : (Object[]) Array.newInstance(component, length);
        for (int i = 0; i < length; i++) {
            array = withRoomFor(i, array, length);
            array[i] = scalar(type);
        }
        return array;
    }

    /** The length of an array, negative for a null one (Part 6, 5.2.5); no more than there are bytes. */
    int length() {
        int length = (Integer) required(BuiltinType.INT32);
        checkLength(length);
        return length;
    }

    /**
     * The dimensions of a multi-dimensional field and how many elements they make; null for none (Part 6, 5.2.5).
     *
     * @throws UaSerializationException for a single dimension, or more elements than there are bytes
     */
    int @Nullable [] dimensions() {
        int rank = length();
        if (rank <= 0) {
            return null;
        }
        int[] dimensions = ints(rank);
        if (rank == 1) {
            throw invalid("a matrix of one dimension");
        }
        checkLength(product(dimensions));
        return dimensions;
    }

    /** The number of elements; a dimension below 1 means none (Part 6, 5.2.5). Stops at what no message can hold. */
    static long product(int[] dimensions) {
        long product = 1;
        for (int length : dimensions) {
            if (length <= 0) {
                return 0;
            }
            product = Math.min(product * length, Integer.MAX_VALUE);
        }
        return product;
    }

    /** An array to begin with; {@link #withRoomFor} lets it grow to {@code length}. */
    static Object[] newArray(Class<?> component, int length) {
        return (Object[]) Array.newInstance(component, Math.min(length, FIRST_CAPACITY));
    }

    static Object[] withRoomFor(int index, Object[] array, int length) {
        return index < array.length ? array : Arrays.copyOf(array, (int) Math.min(length, 2L * index));
    }

    /** One level deeper; {@link #leave} in a finally block. */
    void enter() {
        if (depth >= maxDepth) {
            throw tooDeep();
        }
        depth++;
    }

    void leave() {
        depth--;
    }

    static UaSerializationException invalid(String what) {
        return new UaSerializationException(StatusCodes.Bad_DecodingError, what);
    }

    static UaSerializationException invalid(RuntimeException cause) {
        return new UaSerializationException(StatusCodes.Bad_DecodingError, cause);
    }

    private static UaSerializationException tooDeep() {
        return invalid("nested too deeply");
    }

    private void checkLength(long length) {
        if (length > available) {
            throw invalid("a length of " + length + " bytes or more in a message of at most " + available);
        }
    }

    /** A scalar of a type that is never null. */
    Object required(BuiltinType type) {
        Object value = scalar(type);
        if (value == null) {
            throw invalid("no " + type.displayName());
        }
        return value;
    }

    private @Nullable Object read(BuiltinType type) {
        return switch (type) {
            case BOOLEAN -> source.decodeBoolean();
            case SBYTE -> source.decodeSByte();
            case BYTE -> source.decodeByte();
            case INT16 -> source.decodeInt16();
            case UINT16 -> source.decodeUInt16();
            case INT32 -> source.decodeInt32();
            case UINT32 -> source.decodeUInt32();
            case INT64 -> source.decodeInt64();
            case UINT64 -> source.decodeUInt64();
            case FLOAT -> source.decodeFloat();
            case DOUBLE -> source.decodeDouble();
            case STRING -> source.decodeString();
            case DATE_TIME -> source.decodeDateTime();
            case GUID -> source.decodeGuid();
            case BYTE_STRING -> source.decodeByteString();
            case XML_ELEMENT -> source.decodeXmlElement();
            case NODE_ID -> source.decodeNodeId();
            case EXPANDED_NODE_ID -> source.decodeExpandedNodeId();
            case STATUS_CODE -> source.decodeStatusCode();
            // A name of more than 512 characters, which Part 3, 8.3 forbids and Milo cannot hold, becomes null.
            case QUALIFIED_NAME -> source.decodeQualifiedName();
            case LOCALIZED_TEXT -> localizedText();
            case EXTENSION_OBJECT -> extensionObject();
            case DATA_VALUE -> dataValue();
            case VARIANT -> variant();
            case DIAGNOSTIC_INFO -> diagnosticInfo();
        };
    }

    /** What an element takes at least; 1 where that is not known at a glance. */
    private static int leastBytes(BuiltinType type) {
        return switch (type) {
            case INT16, UINT16 -> 2;
            case INT32, UINT32, FLOAT, STATUS_CODE, STRING, BYTE_STRING, XML_ELEMENT -> 4;
            case INT64, UINT64, DOUBLE, DATE_TIME -> 8;
            case GUID -> 16;
            default -> 1;
        };
    }

    private int mask() {
        return source.decodeSByte() & 0xFF;
    }

    private LocalizedText localizedText() {
        int mask = mask();
        if ((mask & 0x03) == 0) {
            return LocalizedText.NULL_VALUE;
        }
        String locale = (mask & 0x01) != 0 ? source.decodeString() : null;
        String text = (mask & 0x02) != 0 ? source.decodeString() : null;
        return new LocalizedText(locale, text);
    }

    /** The body stays encoded (Part 6, 5.2.2.15). */
    private ExtensionObject extensionObject() {
        NodeId typeId = source.decodeNodeId();
        int encoding = mask();
        return switch (encoding) {
            case 0 ->
                NodeId.NULL_VALUE.equals(typeId)
                        ? NO_EXTENSION_OBJECT
                        : ExtensionObject.of(ByteString.NULL_VALUE, typeId);
            case 1 -> ExtensionObject.of(source.decodeByteString(), typeId);
            case 2 -> ExtensionObject.of(source.decodeXmlElement(), typeId);
            default -> throw invalid("an ExtensionObject of encoding " + encoding);
        };
    }

    /** Absent fields are what Milo makes of them: Good, and timestamps of 0 (Part 6, 5.2.2.17). */
    private DataValue dataValue() {
        enter();
        try {
            int mask = mask();
            if ((mask & 0x3F) == 0) {
                return NO_DATA_VALUE;
            }
            Variant value = (mask & 0x01) != 0 ? variant() : Variant.NULL_VALUE;
            StatusCode status = (mask & 0x02) != 0 ? source.decodeStatusCode() : StatusCode.GOOD;
            DateTime sourceTime = (mask & 0x04) != 0 ? source.decodeDateTime() : DateTime.MIN_VALUE;
            UShort sourcePicoseconds = (mask & 0x10) != 0 ? source.decodeUInt16() : null;
            DateTime serverTime = (mask & 0x08) != 0 ? source.decodeDateTime() : DateTime.MIN_VALUE;
            UShort serverPicoseconds = (mask & 0x20) != 0 ? source.decodeUInt16() : null;
            return new DataValue(value, status, sourceTime, sourcePicoseconds, serverTime, serverPicoseconds);
        } finally {
            leave();
        }
    }

    /** Null if nothing is in it, as in Milo (Part 6, 5.2.2.12). */
    private @Nullable DiagnosticInfo diagnosticInfo() {
        enter();
        try {
            int mask = mask();
            if ((mask & 0x7F) == 0) {
                return null;
            }
            int symbolicId = (mask & 0x01) != 0 ? source.decodeInt32() : -1;
            int namespaceUri = (mask & 0x02) != 0 ? source.decodeInt32() : -1;
            int localizedText = (mask & 0x04) != 0 ? source.decodeInt32() : -1;
            int locale = (mask & 0x08) != 0 ? source.decodeInt32() : -1;
            String additionalInfo = (mask & 0x10) != 0 ? source.decodeString() : null;
            StatusCode innerStatusCode = (mask & 0x20) != 0 ? source.decodeStatusCode() : null;
            DiagnosticInfo inner = (mask & 0x40) != 0 ? diagnosticInfo() : null;
            return new DiagnosticInfo(
                    namespaceUri, symbolicId, locale, localizedText, additionalInfo, innerStatusCode, inner);
        } finally {
            leave();
        }
    }

    private Variant variant() {
        enter();
        try {
            int mask = mask();
            if (mask == 0) {
                return Variant.NULL_VALUE;
            }
            BuiltinType type = typeOf(mask & VARIANT_TYPE);
            if ((mask & VARIANT_ARRAY) != 0) {
                return new Variant(arrayOf(type, (mask & VARIANT_DIMENSIONS) != 0));
            }
            if ((mask & VARIANT_DIMENSIONS) != 0) {
                throw invalid("array dimensions of a scalar");
            }
            return new Variant(scalarOf(type));
        } finally {
            leave();
        }
    }

    /** Part 6, 5.2.2.16: what has one of the reserved ids 26 to 31 is taken for a ByteString. */
    private static BuiltinType typeOf(int id) {
        return BuiltinType.of(
                        id > BuiltinType.DIAGNOSTIC_INFO.id() && id <= LAST_RESERVED_TYPE
                                ? BuiltinType.BYTE_STRING.id()
                                : id)
                .orElseThrow(() -> invalid("a Variant of type " + id));
    }

    private Object scalarOf(BuiltinType type) {
        if (type == BuiltinType.VARIANT) {
            // Part 6, 5.1.6: only in an array.
            throw invalid("a Variant directly in a Variant");
        }
        Object value = read(type);
        if (value == null) {
            return type == BuiltinType.DIAGNOSTIC_INFO ? DiagnosticInfo.NULL_VALUE : new TypedNull(type, false);
        }
        boolean none = (value instanceof ByteString bytes && bytes.isNull())
                || (value instanceof XmlElement element && element.isNull());
        return none ? new TypedNull(type, false) : value;
    }

    private Object arrayOf(BuiltinType type, boolean withDimensions) {
        Object[] elements = array(type);
        int rank = withDimensions ? length() : 0;
        if (rank <= 0) {
            return elements == null ? new TypedNull(type, true) : elements;
        }
        int[] dimensions = ints(rank);
        if (product(dimensions) != (elements == null ? 0 : elements.length)) {
            // Part 6, 5.2.2.16: the decoder shall stop here.
            throw invalid("an array of " + (elements == null ? "no" : elements.length) + " elements with dimensions "
                    + Arrays.toString(Arrays.copyOf(dimensions, Math.min(rank, 8))));
        }
        if (elements == null) {
            return new TypedNull(type, true);
        }
        return rank == 1 ? elements : new Matrix(elements, dimensions, OpcUaDataType.fromTypeId(type.id()));
    }

    private int[] ints(int length) {
        Object[] values = elements(BuiltinType.INT32, length);
        int[] ints = new int[length];
        for (int i = 0; i < length; i++) {
            ints[i] = (Integer) values[i];
        }
        return ints;
    }
}
