package io.github.opcuasm.simulator.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/**
 * Finds the chunks in a stream of bytes by their headers. A header is kept back until it is whole, so that a chunk can be
 * stopped before its first byte; everything else is passed on as it comes. Bytes that are no header end the search for
 * good, and pass, as does all that follows them.
 */
final class Chunks {
    /** Bytes of type, kind and size (Part 6, 7.1.2.2). */
    static final int HEADER = 8;

    private static final int SIZE_AT = 4;

    /** What becomes of a chunk. Each method returns whether the stream goes on. */
    interface Sink {
        /**
         * A chunk.
         *
         * @param chunkBytes of the whole chunk, its header included
         */
        boolean begins(MessageType type, long chunkBytes);

        boolean bytes(ByteBuf part);

        boolean ends();
    }

    private final byte[] header = new byte[HEADER];
    private final Sink sink;
    private int headerBytes;
    private long missing;
    private boolean opaque;

    Chunks(Sink sink) {
        this.sink = sink;
    }

    /** Takes the bytes and releases them. */
    void pass(ByteBuf bytes) {
        try {
            boolean goesOn = true;
            while (goesOn && bytes.isReadable()) {
                if (opaque) {
                    goesOn = sink.bytes(bytes.readRetainedSlice(bytes.readableBytes()));
                } else if (missing > 0) {
                    goesOn = body(bytes.readRetainedSlice((int) Math.min(missing, bytes.readableBytes())));
                } else {
                    goesOn = header(bytes);
                }
            }
        } finally {
            bytes.release();
        }
    }

    /** What was kept back of a header that never became whole. */
    ByteBuf rest() {
        return Unpooled.wrappedBuffer(Arrays.copyOf(header, headerBytes));
    }

    private boolean header(ByteBuf bytes) {
        int taken = Math.min(HEADER - headerBytes, bytes.readableBytes());
        bytes.readBytes(header, headerBytes, taken);
        headerBytes += taken;
        if (headerBytes >= MessageType.LENGTH && MessageType.of(header) == null) {
            return giveUp();
        }
        if (headerBytes < HEADER) {
            return true;
        }
        headerBytes = 0;
        long size = Unpooled.wrappedBuffer(header).getUnsignedIntLE(SIZE_AT);
        MessageType type = MessageType.of(header);
        if (type == null || size < HEADER) {
            headerBytes = HEADER;
            return giveUp();
        }
        missing = size - HEADER;
        return sink.begins(type, size)
                && sink.bytes(Unpooled.wrappedBuffer(header.clone()))
                && (missing > 0 || sink.ends());
    }

    private boolean giveUp() {
        opaque = true;
        ByteBuf kept = rest();
        headerBytes = 0;
        return sink.bytes(kept);
    }

    private boolean body(ByteBuf part) {
        missing -= part.readableBytes();
        return sink.bytes(part) && (missing > 0 || sink.ends());
    }
}
