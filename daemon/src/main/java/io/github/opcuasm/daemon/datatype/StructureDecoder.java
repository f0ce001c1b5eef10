package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.opcua.BodyReader;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.ArrayView;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StructureValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.encoding.UaDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one body by the shape of its type (Part 6, 5.2.5 to 5.2.8).
 *
 * <p>The bytes are a server's and may be anything. No array is larger than the bytes that are left, but for one of
 * structures without fields, which take no bytes: that is one value, seen as often as the array is long. Elements are
 * added while they decode, nesting is bounded, and every value, such a repeated one too, is charged to a
 * {@link DecodingBudget}. What does not fit fails; the body itself is handed on to the caller in any case. Used once, by
 * one thread.
 */
final class StructureDecoder {
    static final int MAX_DEPTH = 24;

    private static final int BYTES_PER_VALUE = 8;
    private static final int ABSENT_FIELDS_PER_VALUE = 8;
    private static final int FIRST_CAPACITY = 1_024;

    private final BodyReader body;
    private final UaDecoder decoder;
    private final ServerTypes nested;
    private final DecodingBudget budget;
    private int depth;

    /** Of a body that is not part of an answer. */
    StructureDecoder(byte[] body, ServerTypes nested, int depth) {
        this(body, nested, depth, DecodingBudget.ofBody(body.length));
    }

    /**
     * @param nested decodes the ExtensionObjects within
     * @param depth how deep in others the body is
     * @param budget what may be made of it, and of all that it is nested in
     * @throws DecodingBudget.SpentException if that is not even enough to read the bytes
     */
    StructureDecoder(byte[] body, ServerTypes nested, int depth, DecodingBudget budget) {
        budget.spend(body.length / BYTES_PER_VALUE);
        this.budget = budget;
        this.body = new BodyReader(body);
        this.decoder = this.body.decoder();
        this.nested = nested;
        this.depth = depth;
    }

    /**
     * Decodes the whole body.
     *
     * @throws RuntimeException of this or of Milo's decoder, if it does not fit or if bytes are left
     */
    StructureValue decode(StructureShape shape) {
        StructureValue value = structure(shape);
        if (body.remaining() != 0) {
            throw new BodyMismatchException(body.remaining() + " bytes are left");
        }
        return value;
    }

    private StructureValue structure(StructureShape shape) {
        if (++depth > MAX_DEPTH) {
            throw new BodyMismatchException("more than " + MAX_DEPTH + " structures in each other");
        }
        budget.spend(1 + shape.fields().size() / ABSENT_FIELDS_PER_VALUE);
        StructureValue.Builder fields = shape.layout().builder();
        switch (shape.kind()) {
            case PLAIN -> all(shape, fields, 0xFFFF_FFFFL);
            case OPTIONAL_FIELDS -> {
                long mask = decoder.decodeUInt32("EncodingMask").longValue();
                long optional = shape.fields().stream()
                        .filter(StructureShape.Field::optional)
                        .count();
                if (mask >>> optional != 0) {
                    throw new BodyMismatchException("the mask names more than " + optional + " optional fields");
                }
                all(shape, fields, mask);
            }
            case UNION -> {
                long number = decoder.decodeUInt32("SwitchField").longValue();
                if (number > shape.fields().size()) {
                    throw new BodyMismatchException("the union has no field " + number);
                }
                if (number > 0) {
                    int index = (int) number - 1;
                    fields.set(index, field(shape.fields().get(index)));
                }
            }
        }
        depth--;
        return fields.build();
    }

    private void all(StructureShape shape, StructureValue.Builder fields, long mask) {
        int bit = 0;
        List<StructureShape.Field> declared = shape.fields();
        for (int i = 0; i < declared.size(); i++) {
            StructureShape.Field field = declared.get(i);
            if (!field.optional() || (mask >>> bit++ & 1) == 1) {
                fields.set(i, field(field));
            }
        }
    }

    private @Nullable Object field(StructureShape.Field field) {
        budget.spend(1);
        if (field.valueRank() < 1) {
            return one(field.name(), field.type());
        }
        int length = decoder.decodeInt32(field.name());
        if (length == -1) {
            return null;
        }
        return field.valueRank() == 1 ? elements(field, length) : matrix(field, length);
    }

    /** Part 6, 5.2.5: the dimensions as an array of Int32, then the elements, as many as the product. */
    private StructureValue matrix(StructureShape.Field field, int rank) {
        if (rank != field.valueRank() && rank != 0) {
            throw new BodyMismatchException(field.name() + " has " + rank + " dimensions");
        }
        List<Integer> dimensions = new ArrayList<>();
        long product = rank == 0 ? 0 : 1;
        for (int i = 0; i < rank; i++) {
            int length = Math.max(0, decoder.decodeInt32(field.name()));
            dimensions.add(length);
            product = Math.min(product * length, Integer.MAX_VALUE);
        }
        // The cut product must not hide a zero behind it.
        int length = dimensions.contains(0) ? 0 : (int) product;
        BuiltinType type =
                field.type() instanceof StructureShape ? null : field.type().builtinType();
        return StructureValue.matrix(type, elements(field, length), List.copyOf(dimensions));
    }

    private List<?> elements(StructureShape.Field field, int length) {
        if (length > 0
                && field.type() instanceof StructureShape shape
                && shape.kind() == StructureShape.Kind.PLAIN
                && shape.fields().isEmpty()) {
            budget.spend(length);
            return Collections.nCopies(length, structure(shape));
        }
        if (length < 0 || length > body.remaining()) {
            throw new BodyMismatchException(
                    field.name() + " has " + length + " elements and " + body.remaining() + " bytes");
        }
        return switch (field.type().builtinType()) {
            case INT32 -> ints(field.name(), length);
            case FLOAT -> floats(field.name(), length);
            case DOUBLE -> doubles(field.name(), length);
            case INT64, UINT32 -> longs(field, length);
            default -> {
                List<@Nullable Object> all = new ArrayList<>(Math.min(length, FIRST_CAPACITY));
                for (int i = 0; i < length; i++) {
                    budget.spend(1);
                    all.add(one(field.name(), field.type()));
                }
                yield Collections.unmodifiableList(all);
            }
        };
    }

    private List<Integer> ints(String name, int length) {
        int[] all = new int[Math.min(length, FIRST_CAPACITY)];
        for (int i = 0; i < length; i++) {
            all = i < all.length ? all : Arrays.copyOf(all, grown(i, length));
            all[i] = decoder.decodeInt32(name);
        }
        return ArrayView.ofInts(all);
    }

    private List<Long> longs(StructureShape.Field field, int length) {
        boolean signed = field.type().builtinType() == BuiltinType.INT64;
        long[] all = new long[Math.min(length, FIRST_CAPACITY)];
        for (int i = 0; i < length; i++) {
            all = i < all.length ? all : Arrays.copyOf(all, grown(i, length));
            all[i] = signed
                    ? decoder.decodeInt64(field.name())
                    : decoder.decodeUInt32(field.name()).longValue();
        }
        return ArrayView.ofLongs(all);
    }

    private List<Float> floats(String name, int length) {
        float[] all = new float[Math.min(length, FIRST_CAPACITY)];
        for (int i = 0; i < length; i++) {
            all = i < all.length ? all : Arrays.copyOf(all, grown(i, length));
            all[i] = decoder.decodeFloat(name);
        }
        return ArrayView.ofFloats(all);
    }

    private List<Double> doubles(String name, int length) {
        double[] all = new double[Math.min(length, FIRST_CAPACITY)];
        for (int i = 0; i < length; i++) {
            all = i < all.length ? all : Arrays.copyOf(all, grown(i, length));
            all[i] = decoder.decodeDouble(name);
        }
        return ArrayView.ofDoubles(all);
    }

    /** Twice as many as have decoded, but never more than there shall be. */
    private static int grown(int decoded, int length) {
        return (int) Math.min(length, 2L * decoded);
    }

    private @Nullable Object one(String name, ValueType type) {
        if (type instanceof StructureShape shape) {
            return structure(shape);
        }
        Object value = builtin(name, type.builtinType());
        return value == null ? null : TypeMapper.scalarToWire(value, nested);
    }

    private @Nullable Object builtin(String name, BuiltinType type) {
        return switch (type) {
            case BOOLEAN -> decoder.decodeBoolean(name);
            case SBYTE -> decoder.decodeSByte(name);
            case BYTE -> decoder.decodeByte(name);
            case INT16 -> decoder.decodeInt16(name);
            case UINT16 -> decoder.decodeUInt16(name);
            case INT32 -> decoder.decodeInt32(name);
            case UINT32 -> decoder.decodeUInt32(name);
            case INT64 -> decoder.decodeInt64(name);
            case UINT64 -> decoder.decodeUInt64(name);
            case FLOAT -> decoder.decodeFloat(name);
            case DOUBLE -> decoder.decodeDouble(name);
            case STRING -> decoder.decodeString(name);
            case DATE_TIME -> decoder.decodeDateTime(name);
            case GUID -> decoder.decodeGuid(name);
            case BYTE_STRING -> decoder.decodeByteString(name);
            case XML_ELEMENT -> decoder.decodeXmlElement(name);
            case NODE_ID -> decoder.decodeNodeId(name);
            case EXPANDED_NODE_ID -> decoder.decodeExpandedNodeId(name);
            case STATUS_CODE -> decoder.decodeStatusCode(name);
            case QUALIFIED_NAME -> decoder.decodeQualifiedName(name);
            case LOCALIZED_TEXT -> decoder.decodeLocalizedText(name);
            case EXTENSION_OBJECT -> decoder.decodeExtensionObject(name);
            case DATA_VALUE -> decoder.decodeDataValue(name);
            case VARIANT -> decoder.decodeVariant(name);
            case DIAGNOSTIC_INFO -> decoder.decodeDiagnosticInfo(name);
        };
    }
}
