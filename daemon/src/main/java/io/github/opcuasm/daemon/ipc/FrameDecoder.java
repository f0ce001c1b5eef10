package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into frames at {@code \n}; a {@code \r} before it belongs to the line's end.
 *
 * <p>Frames are taken out one at a time, so a connection that may not take more leaves the rest where it is. Held at
 * most: the beginning of one frame, of the limit and one byte (which may be the {@code \r}), and what is left of the
 * last read. Nothing is held while the peer is between two frames. The limit is checked as bytes come in, so an endless
 * line is refused when it passes the limit.
 */
final class FrameDecoder {
    private static final byte[] NOTHING = new byte[0];
    private static final int FIRST_PART = 256;

    private final int maxFrameBytes;
    private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
    private byte[] part = NOTHING;
    private int partLength;

    FrameDecoder(int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    /** Takes over what was read. */
    void feed(ByteBuf read) {
        if (chunk.isReadable()) {
            // A read that was under way when reading was stopped.
            ByteBuf joined = Unpooled.wrappedBuffer(chunk, read);
            chunk = joined;
        } else {
            chunk.release();
            chunk = read;
        }
    }

    /**
     * The next complete frame without its line end, or null until more is fed.
     *
     * @throws CommandException {@code payload_too_large}
     */
    byte @Nullable [] next() {
        int start = chunk.readerIndex();
        int readable = chunk.readableBytes();
        int newline = chunk.indexOf(start, start + readable, (byte) '\n');
        if (newline < 0) {
            keep(readable);
            return null;
        }
        int length = partLength + newline - start;
        if (length > maxFrameBytes + 1) {
            throw tooLarge();
        }
        byte[] frame = length == 0 ? NOTHING : Arrays.copyOf(part, length);
        chunk.readBytes(frame, partLength, newline - start);
        chunk.skipBytes(1);
        part = NOTHING;
        partLength = 0;
        if (!chunk.isReadable()) {
            dropChunk();
        }
        if (length > 0 && frame[length - 1] == '\r') {
            frame = Arrays.copyOf(frame, length - 1);
        }
        if (frame.length > maxFrameBytes) {
            throw tooLarge();
        }
        return frame;
    }

    /** Forgets everything; idempotent. */
    void release() {
        dropChunk();
        part = NOTHING;
        partLength = 0;
    }

    /** Bytes held of a frame that is not complete yet. */
    int heldBytes() {
        return partLength;
    }

    private void keep(int readable) {
        if (readable == 0) {
            return;
        }
        int length = partLength + readable;
        if (length > maxFrameBytes + 1) {
            throw tooLarge();
        }
        if (part.length < length) {
            int doubled = Math.max(FIRST_PART, Math.max(length, part.length * 2));
            part = Arrays.copyOf(part, Math.min(doubled, maxFrameBytes + 1));
        }
        chunk.readBytes(part, partLength, readable);
        partLength = length;
        dropChunk();
        if (length == maxFrameBytes + 1 && part[length - 1] != '\r') {
            throw tooLarge();
        }
    }

    private void dropChunk() {
        chunk.release();
        chunk = Unpooled.EMPTY_BUFFER;
    }

    private CommandException tooLarge() {
        return new CommandException(
                ErrorType.PAYLOAD_TOO_LARGE, "Request frame exceeds maximum size of " + maxFrameBytes + " bytes");
    }
}
