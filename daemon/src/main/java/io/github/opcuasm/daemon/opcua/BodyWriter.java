package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.UaEncoder;

/** The body of one structure as it is encoded: its built-in types. On the heap, so nothing to release. */
public final class BodyWriter {
    private static final int FIRST_BYTES = 256;

    private final ByteBuf buffer = Unpooled.buffer(FIRST_BYTES);
    private final UaEncoder encoder = WireEncoder.of(buffer, DefaultEncodingContext.INSTANCE);

    public UaEncoder encoder() {
        return encoder;
    }

    /** What was written so far. */
    public byte[] toBytes() {
        return ByteBufUtil.getBytes(buffer);
    }
}
