package io.github.opcuasm.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one answer with one {@link Corruption}. Milo's codec of the answer goes through its fields in order and
 * calls back for each; a call for a part that the corruption is about writes something else. The response header
 * stays as it is unless the corruption is about it.
 */
@SuppressWarnings("NullAway") // Milo's encoder takes null where its signatures, not annotated, do not say so.
final class CorruptEncoder extends OpcUaBinaryEncoder {
    private static final String RESULTS = "Results";
    private static final int NEGATIVE = -2;
    private static final int BEYOND = 0x1000_0000;
    private static final int NESTED_DIAGNOSTICS = 1_000;
    private static final int NESTED_VARIANTS = 200;
    private static final int INNER_DIAGNOSTICS = 0x40;
    private static final int UNKNOWN_TYPE = 63;
    private static final int TRAILING = 64;
    private static final byte[] NOT_UTF8 = {(byte) 0xC3, 0x28, (byte) 0xFF, 0x41};

    private final Corruption corruption;
    private final ByteBuf buffer = Unpooled.buffer();
    private boolean inHeader;
    private int headerEnd;
    private boolean corrupted;

    private CorruptEncoder(EncodingContext context, Corruption corruption) {
        super(context);
        this.corruption = corruption;
        setBuffer(buffer);
    }

    /** The body of this answer with this corruption, or nothing if the answer has no part to corrupt. */
    static Optional<byte[]> encode(EncodingContext context, UaResponseMessageType answer, Corruption corruption) {
        CorruptEncoder encoder = new CorruptEncoder(context, corruption);
        NodeId encodingId = answer.getBinaryEncodingId()
                .toNodeId(context.getNamespaceTable())
                .orElseThrow();
        DataTypeCodec codec = context.getDataTypeManager().getCodec(encodingId);
        if (codec == null) {
            return Optional.empty();
        }
        codec.encode(context, encoder, answer);
        return encoder.finish();
    }

    private Optional<byte[]> finish() {
        if (corruption == Corruption.TRUNCATED_BODY) {
            corrupted = true;
            buffer.writerIndex(headerEnd + (buffer.writerIndex() - headerEnd) / 2);
        } else if (corruption == Corruption.TRAILING_BYTES) {
            corrupted = true;
            for (int i = 0; i < TRAILING; i++) {
                buffer.writeByte(0xA5);
            }
        }
        return corrupted ? Optional.of(ByteBufUtil.getBytes(buffer)) : Optional.empty();
    }

    @Override
    public void encodeStruct(String field, UaStructuredType value, NodeId dataTypeId) {
        inHeader = value instanceof ResponseHeader;
        super.encodeStruct(field, value, dataTypeId);
        if (inHeader) {
            inHeader = false;
            headerEnd = buffer.writerIndex();
        }
    }

    @Override
    public void encodeStructArray(String field, UaStructuredType[] values, NodeId dataTypeId) {
        array(field, values, these -> super.encodeStructArray(field, these, dataTypeId));
    }

    @Override
    public void encodeDataValueArray(String field, DataValue[] values) {
        array(field, values, these -> super.encodeDataValueArray(field, these));
    }

    @Override
    public void encodeStatusCodeArray(String field, StatusCode[] values) {
        array(field, values, these -> super.encodeStatusCodeArray(field, these));
    }

    private <T> void array(String field, T @Nullable [] values, Consumer<T @Nullable []> encode) {
        if (!RESULTS.equals(field) || values == null) {
            encode.accept(values);
            return;
        }
        int start = buffer.writerIndex();
        switch (corruption) {
            case RESULTS_LENGTH_HUGE -> {
                encode.accept(values);
                buffer.setIntLE(start, Integer.MAX_VALUE);
                corrupted = true;
            }
            case RESULTS_LENGTH_NEGATIVE -> {
                encode.accept(values);
                buffer.setIntLE(start, NEGATIVE);
                corrupted = true;
            }
            case RESULTS_NULL -> {
                encode.accept(null);
                corrupted = true;
            }
            case RESULTS_MISSING -> resized(values, values.length - 1, encode);
            case RESULTS_EXTRA -> resized(values, values.length + 1, encode);
            default -> encode.accept(values);
        }
    }

    private <T> void resized(T[] values, int length, Consumer<T @Nullable []> encode) {
        if (values.length == 0) {
            encode.accept(values);
            return;
        }
        T[] resized = Arrays.copyOf(values, length);
        if (length > values.length) {
            resized[length - 1] = values[values.length - 1];
        }
        encode.accept(resized);
        corrupted = true;
    }

    @Override
    public void encodeDiagnosticInfo(@Nullable DiagnosticInfo value) {
        if (!inHeader || corruption != Corruption.NESTED_DIAGNOSTICS) {
            super.encodeDiagnosticInfo(value);
            return;
        }
        for (int i = 0; i < NESTED_DIAGNOSTICS; i++) {
            buffer.writeByte(INNER_DIAGNOSTICS);
        }
        buffer.writeByte(0);
        corrupted = true;
    }

    @Override
    public void encodeVariant(Variant value) {
        byte[] malformed = inHeader ? null : malformedVariant();
        if (malformed == null) {
            super.encodeVariant(value);
        } else {
            write(malformed);
        }
    }

    private byte @Nullable [] malformedVariant() {
        BodyWriter variant = new BodyWriter();
        switch (corruption) {
            case NESTED_VARIANTS -> {
                for (int i = 0; i < NESTED_VARIANTS; i++) {
                    variant.uint8(BodyWriter.VARIANT | BodyWriter.ARRAY).int32(1);
                }
                variant.uint8(0);
            }
            case UNKNOWN_BUILTIN_TYPE -> variant.uint8(UNKNOWN_TYPE).int32(0);
            case ARRAY_LENGTH_HUGE -> ints(variant, BodyWriter.ARRAY).int32(Integer.MAX_VALUE);
            case ARRAY_LENGTH_NEGATIVE -> ints(variant, BodyWriter.ARRAY).int32(NEGATIVE);
            case DIMENSIONS_MISMATCHED -> matrix(variant).int32s(2, 4);
            case DIMENSIONS_NEGATIVE -> matrix(variant).int32s(-2, -3);
            case DIMENSIONS_OVERFLOWING ->
                ints(variant, BodyWriter.ARRAY | BodyWriter.DIMENSIONS).int32s().int32s(65_536, 65_536);
            default -> {
                return null;
            }
        }
        return variant.toBytes();
    }

    private static BodyWriter matrix(BodyWriter variant) {
        return ints(variant, BodyWriter.ARRAY | BodyWriter.DIMENSIONS).int32s(1, 2, 3, 4, 5, 6);
    }

    private static BodyWriter ints(BodyWriter variant, int flags) {
        return variant.uint8(BodyWriter.INT32 | flags);
    }

    @Override
    public void encodeString(@Nullable String value) {
        if (inHeader || value == null) {
            super.encodeString(value);
            return;
        }
        switch (corruption) {
            case STRING_NOT_UTF8 -> write(new BodyWriter().bytes(NOT_UTF8).toBytes());
            case STRING_BEYOND_MESSAGE ->
                write(new BodyWriter().int32(BEYOND).raw(NOT_UTF8).toBytes());
            case STRING_LENGTH_NEGATIVE ->
                write(new BodyWriter().int32(NEGATIVE).toBytes());
            default -> super.encodeString(value);
        }
    }

    @Override
    public void encodeDateTime(@Nullable DateTime value) {
        if (inHeader || (corruption != Corruption.DATE_TIME_LOWEST && corruption != Corruption.DATE_TIME_HIGHEST)) {
            super.encodeDateTime(value);
            return;
        }
        write(new BodyWriter()
                .int64(corruption == Corruption.DATE_TIME_LOWEST ? Long.MIN_VALUE : Long.MAX_VALUE)
                .toBytes());
    }

    @Override
    public void encodeExtensionObject(@Nullable ExtensionObject value) {
        if (inHeader || !(value instanceof ExtensionObject.Binary binary) || binary.isNull()) {
            super.encodeExtensionObject(value);
            return;
        }
        byte[] body = binary.getBody().bytesOrEmpty();
        switch (corruption) {
            case EXTENSION_BODY_SHORT -> extension(binary, Arrays.copyOf(body, body.length / 2));
            case EXTENSION_BODY_LONG -> extension(binary, Arrays.copyOf(body, body.length + Long.BYTES));
            case EXTENSION_BODY_BEYOND_MESSAGE -> {
                int end = body.length + Integer.BYTES;
                super.encodeExtensionObject(value);
                buffer.setIntLE(buffer.writerIndex() - end, BEYOND);
                corrupted = true;
            }
            default -> super.encodeExtensionObject(value);
        }
    }

    private void extension(ExtensionObject.Binary original, byte[] body) {
        super.encodeExtensionObject(ExtensionObject.of(ByteString.of(body), original.getEncodingOrTypeId()));
        corrupted = true;
    }

    private void write(byte[] malformed) {
        buffer.writeBytes(malformed);
        corrupted = true;
    }
}
