package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.UaDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.UaEncoder;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;

/**
 * A codec that puts our decoder and encoder between the codec of a structure and Milo's, where Milo calls it with its
 * own: for messages on a channel, and for the bodies of ExtensionObjects.
 */
record WireCodec(DataTypeCodec codec) implements DataTypeCodec {
    @Override
    public Class<?> getType() {
        return codec.getType();
    }

    @Override
    public UaStructuredType decode(EncodingContext context, UaDecoder decoder) {
        if (decoder instanceof OpcUaBinaryDecoder source) {
            // How many bytes the source has cannot be asked; no more than its context allows.
            int available = source.getEncodingContext().getEncodingLimits().getMaxMessageSize();
            return new WireDecoder(source, context, available).decodeStruct("body", codec);
        }
        return codec.decode(context, decoder);
    }

    @Override
    public void encode(EncodingContext context, UaEncoder encoder, UaStructuredType value) {
        if (encoder instanceof OpcUaBinaryEncoder target && !(encoder instanceof WireEncoder)) {
            ByteBuf body = Unpooled.buffer();
            codec.encode(context, WireEncoder.of(body, context), value);
            append(body, target);
        } else {
            codec.encode(context, encoder, value);
        }
    }

    /** Milo's encoder does not give its buffer away: eight bytes at a time are the most it takes as they are. */
    private static void append(ByteBuf body, OpcUaBinaryEncoder target) {
        while (body.readableBytes() >= Long.BYTES) {
            target.encodeInt64(body.readLongLE());
        }
        while (body.isReadable()) {
            target.encodeSByte(body.readByte());
        }
    }
}
