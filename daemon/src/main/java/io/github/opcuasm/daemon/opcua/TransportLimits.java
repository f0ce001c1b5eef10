package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;

/**
 * What the two ends of a connection take, in bytes and chunks (Part 6, 7.1.2.3 and 7.1.2.4).
 *
 * @param receivedChunkBytes largest chunk that the server may send
 * @param receivedMessageBytes longest body of a message that the server may send
 * @param receivedChunks most chunks of such a message
 * @param sentChunkBytes largest chunk that the server takes
 * @param sentMessageBytes longest body of a message that the server takes
 * @param sentChunks most chunks of such a message
 */
record TransportLimits(
        int receivedChunkBytes,
        int receivedMessageBytes,
        int receivedChunks,
        int sentChunkBytes,
        int sentMessageBytes,
        int sentChunks) {

    private static final int SMALLEST_BUFFER = 8192;
    private static final int LONGEST_URL = 4096;
    private static final int ACKNOWLEDGE_BYTES = 28;

    /** Appends the Hello that tells of our limits. */
    static void writeHello(ByteBuf out, EncodingLimits ours, String url) throws UaException {
        byte[] endpoint = url.getBytes(StandardCharsets.UTF_8);
        if (endpoint.length >= LONGEST_URL) {
            throw new UaException(StatusCodes.Bad_TcpEndpointUrlInvalid, "the endpoint's URL is too long");
        }
        MessageHeader.write(out, MessageHeader.HELLO, MessageHeader.FINAL, 32 + endpoint.length);
        out.writeIntLE(0);
        out.writeIntLE(ours.getMaxChunkSize());
        out.writeIntLE(ours.getMaxChunkSize());
        out.writeIntLE(ours.getMaxMessageSize());
        out.writeIntLE(ours.getMaxChunkCount());
        out.writeIntLE(endpoint.length);
        out.writeBytes(endpoint);
    }

    /**
     * What both take, after the server's Acknowledge.
     *
     * @throws UaException if the server's buffers are smaller than any may be
     */
    static TransportLimits agreed(EncodingLimits ours, ByteBuf acknowledge) throws UaException {
        if (acknowledge.readableBytes() < ACKNOWLEDGE_BYTES) {
            throw new UaException(StatusCodes.Bad_DecodingError, "the server's Acknowledge is too short");
        }
        int start = acknowledge.readerIndex() + MessageHeader.BYTES;
        long receives = acknowledge.getUnsignedIntLE(start + 4);
        long sends = acknowledge.getUnsignedIntLE(start + 8);
        long messageBytes = acknowledge.getUnsignedIntLE(start + 12);
        long chunks = acknowledge.getUnsignedIntLE(start + 16);
        if (receives < SMALLEST_BUFFER || sends < SMALLEST_BUFFER) {
            throw new UaException(
                    StatusCodes.Bad_ConnectionRejected,
                    "the server's buffers have " + Math.min(receives, sends) + " bytes; the least is "
                            + SMALLEST_BUFFER);
        }
        return new TransportLimits(
                (int) Math.min(sends, ours.getMaxChunkSize()),
                ours.getMaxMessageSize(),
                ours.getMaxChunkCount(),
                (int) Math.min(receives, ours.getMaxChunkSize()),
                orUnlimited(messageBytes),
                orUnlimited(chunks));
    }

    private static int orUnlimited(long limit) {
        return limit == 0 ? Integer.MAX_VALUE : (int) Math.min(limit, Integer.MAX_VALUE);
    }
}
