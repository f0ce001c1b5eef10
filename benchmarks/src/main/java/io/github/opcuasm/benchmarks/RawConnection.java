package io.github.opcuasm.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A blocking connection to the daemon's Unix socket that costs as little as it can: the request is a finished buffer,
 * and of the answer, one line, only the beginning and the end are looked at.
 */
final class RawConnection implements AutoCloseable {
    private static final byte[] SUCCESS = "\"success\":true".getBytes(StandardCharsets.US_ASCII);

    /** An id may stand before the outcome; this is room for a short one. */
    private static final int SUCCESS_WITHIN = 24;

    private final SocketChannel channel;
    private final ByteBuffer answer;

    private RawConnection(SocketChannel channel, ByteBuffer answer) {
        this.channel = channel;
        this.answer = answer;
    }

    /** @param answer a direct buffer that the longest answer fits in */
    static RawConnection to(UnixDomainSocketAddress address, ByteBuffer answer) throws IOException {
        return new RawConnection(SocketChannel.open(address), answer);
    }

    /**
     * Sends a request and reads its answer, which stays in the buffer.
     *
     * @throws IOException if it is not a success
     */
    void exchange(ByteBuffer request) throws IOException {
        request.rewind();
        while (request.hasRemaining()) {
            int unused = channel.write(request);
        }
        answer.clear();
        do {
            if (channel.read(answer) < 0) {
                throw new EOFException("the daemon closed the connection after: " + text());
            }
        } while (answer.get(answer.position() - 1) != '\n');
        if (!isSuccess()) {
            throw new IOException("not a success: " + text());
        }
    }

    private boolean isSuccess() {
        for (int start = 0; start < SUCCESS_WITHIN && start + SUCCESS.length <= answer.position(); start++) {
            int matching = 0;
            while (matching < SUCCESS.length && answer.get(start + matching) == SUCCESS[matching]) {
                matching++;
            }
            if (matching == SUCCESS.length) {
                return true;
            }
        }
        return false;
    }

    private String text() {
        return StandardCharsets.UTF_8.decode(answer.duplicate().flip()).toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
