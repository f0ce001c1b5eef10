package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * A TCP connection that knows how many bytes came for the message that is being decoded, or a few more. Messages are
 * decoded while the read that completed them is handled, so what follows one has come with that read too: the count of
 * the next begins there. Confined to the event loop.
 */
final class CountingSocketChannel extends NioSocketChannel {
    private long sinceLastMessage;
    private int lastRead;

    /** No message that is complete now is longer. */
    int messageBytes() {
        return (int) Math.min(sinceLastMessage, Integer.MAX_VALUE);
    }

    /** The next message begins with the current read at the earliest. */
    void messageDecoded() {
        sinceLastMessage = lastRead;
    }

    @Override
    protected int doReadBytes(ByteBuf buffer) throws Exception {
        int read = super.doReadBytes(buffer);
        if (read > 0) {
            lastRead = read;
            sinceLastMessage += read;
        }
        return read;
    }
}
