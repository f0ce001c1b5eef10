package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.UaDecoder;

/** The body of one structure as it is decoded: its built-in types, and how many bytes are left. */
public final class BodyReader {
    private final ByteBuf buffer;
    private final UaDecoder decoder;

    /** @param body read where it is, not copied */
    public BodyReader(byte[] body) {
        this.buffer = Unpooled.wrappedBuffer(body);
        this.decoder = WireDecoder.of(buffer, DefaultEncodingContext.INSTANCE);
    }

    public UaDecoder decoder() {
        return decoder;
    }

    /** How many bytes are still to be decoded. */
    public int remaining() {
        return buffer.readableBytes();
    }
}
