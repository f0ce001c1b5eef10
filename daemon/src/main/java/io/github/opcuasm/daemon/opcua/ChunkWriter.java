package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;

/**
 * Makes chunks of messages on an open channel (Part 6, 6.7.2). A message that fits into one is encoded where it stays,
 * behind room for the header, and signed and encrypted there; only longer ones are copied. What cannot be sent takes no
 * sequence number and leaves nothing behind. Confined to the event loop.
 */
final class ChunkWriter {
    private static final int BODY = ChunkReader.HEADER_BYTES + ChunkReader.SEQUENCE_BYTES;

    private final long channelId;
    private final TransportLimits limits;
    private final SecurityTokens tokens;
    private final SequenceNumbers numbers;
    private final EncodingContext context;

    ChunkWriter(
            long channelId,
            TransportLimits limits,
            SecurityTokens tokens,
            SequenceNumbers numbers,
            EncodingContext context) {
        this.channelId = channelId;
        this.limits = limits;
        this.tokens = tokens;
        this.numbers = numbers;
        this.context = context;
    }

    /**
     * Appends the chunks of one message.
     *
     * @param type MSG or CLO
     * @param out on the heap if the channel is secured
     * @throws UaException if it cannot be encoded or the server takes none so long; nothing was appended then
     */
    void write(int type, long requestId, UaRequestMessageType message, ByteBuf out) throws UaException {
        ChunkKeys keys = tokens.current().sending();
        int start = out.writerIndex();
        boolean written = false;
        try {
            out.writeZero(BODY);
            WireEncoder.of(out, context).encodeMessage(null, message);
            int bodyBytes = out.writerIndex() - start - BODY;
            checkSize(bodyBytes, longestBody(keys));
            if (bodyBytes <= longestBody(keys)) {
                seal(out, start, type, MessageHeader.FINAL, requestId, keys);
            } else {
                split(out, start, type, requestId, keys);
            }
            written = true;
        } catch (UaSerializationException e) {
            throw new UaException(e.getStatusCode().getValue(), e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new UaException(StatusCodes.Bad_EncodingError, e);
        } finally {
            if (!written) {
                out.writerIndex(start);
            }
        }
    }

    private void split(ByteBuf out, int start, int type, long requestId, ChunkKeys keys) throws UaException {
        int longest = longestBody(keys);
        ByteBuf body = Unpooled.buffer(out.writerIndex() - start - BODY);
        body.writeBytes(out, start + BODY, out.writerIndex() - start - BODY);
        out.writerIndex(start);
        while (body.isReadable()) {
            int chunk = out.writerIndex();
            out.writeZero(BODY);
            out.writeBytes(body, Math.min(longest, body.readableBytes()));
            int chunkType = body.isReadable() ? MessageHeader.CONTINUED : MessageHeader.FINAL;
            seal(out, chunk, type, chunkType, requestId, keys);
        }
    }

    /** Completes the chunk that begins at {@code start} and whose body ends where {@code out} does. */
    private void seal(ByteBuf out, int start, int type, int chunkType, long requestId, ChunkKeys keys)
            throws UaException {
        int secured = start + ChunkReader.HEADER_BYTES;
        if (keys.encrypts()) {
            Padding.write(out, out.writerIndex() - secured + keys.signatureBytes(), keys.blockBytes(), 1);
        }
        int signature = out.writerIndex();
        out.writeZero(keys.signatureBytes());
        int end = out.writerIndex();
        out.writerIndex(start);
        MessageHeader.write(out, type, chunkType, end - start);
        out.writeIntLE((int) channelId);
        out.writeIntLE((int) tokens.current().id());
        out.writeIntLE((int) numbers.next());
        out.writeIntLE((int) requestId);
        out.writerIndex(end);
        if (keys.signatureBytes() > 0) {
            byte[] bytes = out.array();
            int offset = out.arrayOffset();
            keys.sign(bytes, offset + start, offset + signature);
            keys.crypt(bytes, offset + secured, offset + end);
        }
    }

    /** The most bytes of a body that one chunk holds. */
    private int longestBody(ChunkKeys keys) {
        int secured = limits.sentChunkBytes() - ChunkReader.HEADER_BYTES;
        return secured / keys.blockBytes() * keys.blockBytes()
                - ChunkReader.SEQUENCE_BYTES
                - keys.signatureBytes()
                - (keys.encrypts() ? 1 : 0);
    }

    private void checkSize(int bodyBytes, int longestBody) throws UaException {
        if (bodyBytes > limits.sentMessageBytes()
                || (bodyBytes + longestBody - 1) / longestBody > limits.sentChunks()) {
            throw new UaException(
                    StatusCodes.Bad_RequestTooLarge,
                    "the request has " + bodyBytes + " bytes, more than the server takes");
        }
    }
}
