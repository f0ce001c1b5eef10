package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request without what each attempt to send it adds, its {@code id} and its {@code timeoutMs}: encoded once, before
 * there is a connection for it, so that what no daemon would take is refused without harm to anybody.
 */
final class EncodedRequest {
    /** A frame that every daemon takes, if it was not told otherwise. */
    private static final int USUAL_FRAME_BYTES = 65_536;

    /** The longest time that a daemon may be given. */
    private static final long MAX_TIMEOUT_MS = 86_400_000;

    /** Room for the id, at most 20 digits, the time, and their names. */
    private static final int ADDED_BYTES = 64;

    private final byte[] object;

    private EncodedRequest(byte[] object) {
        this.object = object;
    }

    /**
     * @param token null = none
     * @throws RequestFailedException.InvalidJson if it is nested deeper than a request may be
     * @throws IllegalArgumentException if it cannot be encoded
     */
    static EncodedRequest of(String command, @Nullable String token, Map<String, JsonValue> members) {
        for (String given : new String[] {"id", "timeoutMs"}) {
            if (members.containsKey(given)) {
                throw new IllegalArgumentException("members: got " + given + ", which the client gives itself");
            }
        }
        Map<String, JsonValue> request = new LinkedHashMap<>();
        request.put("command", Json.of(command));
        if (token != null) {
            request.put("authToken", Json.of(token));
        }
        request.putAll(members);
        return new EncodedRequest(RequestWriter.bytes(new JsonValue.Obj(request), JsonReader.MAX_REQUEST_DEPTH));
    }

    /** Whether a daemon may refuse it for its length, and end the connection that it comes on. */
    boolean isLarge() {
        return object.length + ADDED_BYTES > USUAL_FRAME_BYTES;
    }

    /** As a frame of protocol 1. */
    ByteBuffer bare() {
        return frame("", "");
    }

    /**
     * As a frame of protocol 2.
     *
     * @param timeoutMs milliseconds; brought into what a daemon takes, 1 to a day
     */
    ByteBuffer frame(long id, long timeoutMs) {
        long millis = Math.max(1, Math.min(timeoutMs, MAX_TIMEOUT_MS));
        return frame("\"id\":" + id + ",", ",\"timeoutMs\":" + millis);
    }

    private ByteBuffer frame(String before, String after) {
        return ByteBuffer.allocate(object.length + before.length() + after.length() + 1)
                .put((byte) '{')
                .put(before.getBytes(StandardCharsets.US_ASCII))
                .put(object, 1, object.length - 2)
                .put(after.getBytes(StandardCharsets.US_ASCII))
                .put((byte) '}')
                .put((byte) '\n')
                .flip();
    }
}
