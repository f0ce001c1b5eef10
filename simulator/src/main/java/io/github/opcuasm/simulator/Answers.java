package io.github.opcuasm.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the answers of one connection on their way to Milo's transport: one with a {@link RawValues raw
 * value} or under a {@link Corruption} is encoded here, every other one passes as it is.
 */
final class Answers {
    private static final ExpandedNodeId UNKNOWN_ENCODING = new NodeId(0, 64_999).expanded();

    private static final byte[][] NO_RAW = {};

    private final RawAnswerCodecs codecs;
    private final RawValues values;
    private final Faults faults;

    Answers(EncodingContext context, RawValues values, Faults faults) {
        this.codecs = new RawAnswerCodecs(context);
        this.values = values;
        this.faults = faults;
    }

    /** The context in which the transport has to encode the answers. */
    EncodingContext encodingContext() {
        return codecs;
    }

    UaResponseMessageType prepared(Service service, UaRequestMessageType request, UaResponseMessageType answer) {
        CorruptionFault fault = faults.corruptionOf(service);
        if (fault != null && fault.isAbout(request)) {
            Optional<UaResponseMessageType> corrupted = corrupted(service, answer, fault.corruption());
            if (corrupted.isPresent() && fault.take()) {
                return corrupted.get();
            }
        }
        byte[][] raw = values.in(request, answer);
        return raw == null
                ? answer
                : codecs.answer(answer.getResponseHeader(), answer.getBinaryEncodingId(), encoded(answer, raw));
    }

    private Optional<UaResponseMessageType> corrupted(
            Service service, UaResponseMessageType answer, Corruption corruption) {
        ResponseHeader header = answer.getResponseHeader();
        return switch (corruption) {
            case WRONG_RESPONSE_TYPE ->
                Optional.of(
                        service == Service.BROWSE
                                ? new ReadResponse(header, new DataValue[0], new DiagnosticInfo[0])
                                : new BrowseResponse(header, new BrowseResult[0], new DiagnosticInfo[0]));
            case UNKNOWN_RESPONSE_TYPE -> Optional.of(codecs.answer(header, UNKNOWN_ENCODING, encoded(answer, NO_RAW)));
            case WRONG_REQUEST_HANDLE -> {
                // Part 6, 5.2.2.5 and Part 4, 7.33: a time of 8 bytes, then the handle.
                byte[] body = encoded(answer, NO_RAW);
                byte[] handle = new BodyWriter()
                        .int32(~header.getRequestHandle().intValue())
                        .toBytes();
                System.arraycopy(handle, 0, body, Long.BYTES, handle.length);
                yield Optional.of(codecs.answer(header, answer.getBinaryEncodingId(), body));
            }
            default ->
                CorruptEncoder.encode(codecs.plain(), answer, corruption)
                        .map(body -> codecs.answer(header, answer.getBinaryEncodingId(), body));
        };
    }

    private byte[] encoded(UaResponseMessageType answer, byte[] @Nullable [] raw) {
        EncodingContext context = codecs.plain();
        NodeId encodingId = answer.getBinaryEncodingId()
                .toNodeId(context.getNamespaceTable())
                .orElseThrow();
        DataTypeCodec codec = context.getDataTypeManager().getCodec(encodingId);
        if (codec == null) {
            throw new IllegalStateException("No codec for " + encodingId.toParseableString());
        }
        ByteBuf buffer = Unpooled.buffer();
        codec.encode(context, new RawValueEncoder(context, buffer, raw), answer);
        return ByteBufUtil.getBytes(buffer);
    }

    /** Writes the given bytes instead of the Variants of the results; their other parts stay. */
    private static final class RawValueEncoder extends OpcUaBinaryEncoder {
        private final ByteBuf buffer;
        private final byte[] @Nullable [] raw;
        private byte @Nullable [] next;

        RawValueEncoder(EncodingContext context, ByteBuf buffer, byte[] @Nullable [] raw) {
            super(context);
            this.buffer = buffer;
            this.raw = raw;
            setBuffer(buffer);
        }

        @Override
        public void encodeDataValueArray(String field, DataValue[] values) {
            if (values == null || values.length != raw.length) {
                super.encodeDataValueArray(field, values);
                return;
            }
            encodeInt32(values.length);
            for (int i = 0; i < values.length; i++) {
                next = raw[i];
                encodeDataValue(next == null ? values[i] : withSomeValue(values[i]));
            }
        }

        /** Milo leaves a null value out of the mask and hence out altogether. */
        private static DataValue withSomeValue(DataValue value) {
            return new DataValue(
                    Variant.ofInt32(0),
                    value.statusCode(),
                    value.sourceTime(),
                    value.sourcePicoseconds(),
                    value.serverTime(),
                    value.serverPicoseconds());
        }

        @Override
        public void encodeVariant(Variant value) {
            if (next == null) {
                super.encodeVariant(value);
            } else {
                buffer.writeBytes(next);
                next = null;
            }
        }
    }
}
