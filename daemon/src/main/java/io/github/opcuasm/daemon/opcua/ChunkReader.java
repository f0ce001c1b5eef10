package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of the chunks that come on an open channel (Part 6, 6.7.2). Of each are checked the channel's id, the
 * token, the signature and the sequence number; a message of several chunks is bounded in bytes and in chunks, and no
 * other may come between them. Decryption happens where the bytes are. A message of one chunk is read where it came;
 * several are put together in a buffer that is released once the message was handed on. Confined to the event loop.
 */
final class ChunkReader {
    static final int HEADER_BYTES = 16;
    static final int SEQUENCE_BYTES = 8;

    private final long channelId;
    private final TransportLimits limits;
    private final SecurityTokens tokens;
    private final SequenceNumbers numbers;
    private final Ticker ticker;
    private final Messages messages;

    private @Nullable ByteBuf gathered;
    private int gatheredChunks;
    private long gatheredRequest;

    /** Takes messages. */
    interface Messages {
        /**
         * An answer.
         *
         * @param body to be decoded before this returns
         */
        void received(long requestId, ByteBuf body);

        /** The server gave up in the middle of an answer. */
        void aborted(long requestId, UaException cause);
    }

    ChunkReader(
            long channelId,
            TransportLimits limits,
            SecurityTokens tokens,
            SequenceNumbers numbers,
            Ticker ticker,
            Messages messages) {
        this.channelId = channelId;
        this.limits = limits;
        this.tokens = tokens;
        this.numbers = numbers;
        this.ticker = ticker;
        this.messages = messages;
    }

    /**
     * Takes one whole chunk, without keeping the buffer.
     *
     * @throws UaException if the chunk is not what it should be: the channel is of no use any more
     */
    void read(ByteBuf chunk, ByteBufAllocator buffers) throws UaException {
        if (chunk.readableBytes() < HEADER_BYTES + SEQUENCE_BYTES) {
            throw new UaException(StatusCodes.Bad_DecodingError, "the server sent a truncated chunk");
        }
        int start = chunk.readerIndex();
        long id = chunk.getUnsignedIntLE(start + 8);
        if (id != channelId) {
            throw new UaException(
                    StatusCodes.Bad_SecureChannelIdInvalid, "a chunk names the channel " + id + ", not " + channelId);
        }
        SecurityToken token = tokens.accept(chunk.getUnsignedIntLE(start + 12), ticker.read());
        int chunkType = MessageHeader.chunkType(chunk);
        ByteBuf body = unsealed(chunk, token.receiving());
        tokens.used(token);
        numbers.check(body.readUnsignedIntLE());
        long requestId = body.readUnsignedIntLE();
        if (gathered != null && requestId != gatheredRequest) {
            throw new UaException(StatusCodes.Bad_SecurityChecksFailed, "a message came between the chunks of another");
        }
        switch (chunkType) {
            case MessageHeader.FINAL -> finish(requestId, body);
            case MessageHeader.CONTINUED -> gather(requestId, body, buffers);
            case MessageHeader.ABORTED -> {
                release();
                messages.aborted(requestId, MessageHeader.error(body));
            }
            default ->
                throw new UaException(
                        StatusCodes.Bad_TcpMessageTypeInvalid, "a chunk is neither final nor continued nor aborted");
        }
    }

    /** Drops what was gathered of a message. */
    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }

    /** Sequence header and body. */
    private static ByteBuf unsealed(ByteBuf chunk, ChunkKeys keys) throws UaException {
        int start = chunk.readerIndex();
        int end = chunk.writerIndex();
        if (keys.signatureBytes() == 0) {
            return chunk.slice(start + HEADER_BYTES, end - start - HEADER_BYTES);
        }
        // Reads of secured channels are on the heap.
        byte[] bytes = chunk.array();
        int offset = chunk.arrayOffset();
        int secured = start + HEADER_BYTES;
        keys.crypt(bytes, offset + secured, offset + end);
        int bodyEnd = end - keys.signatureBytes();
        if (bodyEnd < secured + SEQUENCE_BYTES) {
            throw new UaException(StatusCodes.Bad_SecurityChecksFailed, "a chunk is too short to be signed");
        }
        keys.verify(bytes, offset + start, offset + bodyEnd);
        if (keys.encrypts()) {
            bodyEnd = Padding.bodyEnd(bytes, offset + secured + SEQUENCE_BYTES, offset + bodyEnd, 1) - offset;
        }
        return chunk.slice(secured, bodyEnd - secured);
    }

    private void finish(long requestId, ByteBuf body) throws UaException {
        ByteBuf whole = gathered;
        if (whole == null) {
            checkSize(body.readableBytes());
            messages.received(requestId, body);
            return;
        }
        append(whole, body);
        gathered = null;
        try {
            messages.received(requestId, whole);
        } finally {
            whole.release();
        }
    }

    private void gather(long requestId, ByteBuf body, ByteBufAllocator buffers) throws UaException {
        if (gathered == null) {
            gathered = buffers.buffer(2 * body.readableBytes());
            gatheredRequest = requestId;
            gatheredChunks = 0;
        }
        append(gathered, body);
    }

    private void append(ByteBuf whole, ByteBuf body) throws UaException {
        gatheredChunks++;
        if (gatheredChunks > limits.receivedChunks()) {
            throw new UaException(
                    StatusCodes.Bad_TcpMessageTooLarge,
                    "the server sent a message of more than " + limits.receivedChunks() + " chunks");
        }
        checkSize((long) whole.readableBytes() + body.readableBytes());
        whole.writeBytes(body);
    }

    private void checkSize(long bytes) throws UaException {
        if (bytes > limits.receivedMessageBytes()) {
            throw new UaException(
                    StatusCodes.Bad_TcpMessageTooLarge,
                    "the server sent a message of more than " + limits.receivedMessageBytes() + " bytes");
        }
    }
}
