package io.github.opcuasm.client;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What has come on a connection and was not taken yet: whole answers first, then the beginning of one. Grows with the
 * largest answer, up to a bound, and shrinks again when it is empty. One thread at a time.
 */
final class AnswerInbox {
    private static final int FIRST_BYTES = 16 * 1024;

    private final int maxAnswerBytes;
    private byte[] bytes = new byte[FIRST_BYTES];
    private int start;
    private int scanned;
    private int filled;

    /** What came is no answer, or a larger one than may be: asking once more would bring it once more. */
    static final class UnreadableAnswer extends IOException {
        private static final long serialVersionUID = 1L;

        UnreadableAnswer(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    AnswerInbox(int maxAnswerBytes) {
        this.maxAnswerBytes = maxAnswerBytes;
    }

    /**
     * Takes in what has come, without waiting; every whole answer must have been taken before.
     *
     * @return whether anything came
     * @throws IOException at the end of the stream too
     */
    boolean fill(SocketChannel channel) throws IOException {
        if (filled == bytes.length) {
            grow();
        }
        int count = channel.read(ByteBuffer.wrap(bytes, filled, bytes.length - filled));
        if (count < 0) {
            throw new IOException(
                    filled == 0 ? "it closed the connection" : "it closed the connection in the middle of an answer");
        }
        filled += count;
        return count > 0;
    }

    /** The next whole answer, taken out; null if there is none. */
    JsonValue.@Nullable Obj next() throws IOException {
        for (int at = scanned; at < filled; at++) {
            if (bytes[at] == '\n') {
                JsonValue.Obj answer = answer(start, at - start);
                start = at + 1;
                scanned = start;
                return answer;
            }
        }
        System.arraycopy(bytes, start, bytes, 0, filled - start);
        filled -= start;
        start = 0;
        scanned = filled;
        if (filled == 0 && bytes.length > FIRST_BYTES * 64) {
            bytes = new byte[FIRST_BYTES];
        }
        return null;
    }

    private JsonValue.Obj answer(int from, int length) throws IOException {
        try {
            if (JsonReader.readValue(bytes, from, length) instanceof JsonValue.Obj object) {
                return object;
            }
            throw new UnreadableAnswer("what it sent is no answer of a daemon: expected a JSON object", null);
        } catch (CommandException e) {
            throw new UnreadableAnswer("what it sent is no answer of a daemon: " + e.getMessage(), e);
        }
    }

    private void grow() throws IOException {
        if (bytes.length >= maxAnswerBytes) {
            throw new UnreadableAnswer(
                    "an answer exceeds " + maxAnswerBytes + " bytes: raise maxAnswerBytes or ask for less at a time",
                    null);
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(bytes.length * 2L, maxAnswerBytes));
    }
}
