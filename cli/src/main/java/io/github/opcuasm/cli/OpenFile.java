package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A file that is open on a server, by the handle that the server gave (Part 20, 4.2.2). It is open until {@link #close}, and
 * must be closed however its use ends: a server that has it open for writing lets nobody else open it. Requests end early
 * for an {@link Interruption}; the one that closes it does not.
 */
final class OpenFile {
    static final int READ = 1;
    static final int WRITE = 2;
    static final int ERASE_EXISTING = 4;
    static final int APPEND = 8;

    private final Call call;
    private final Interruption interruption;
    private final Object nodeId;
    private final Object handle;
    private boolean closed;

    /** @param handle as the server gave it */
    OpenFile(Call call, Interruption interruption, Object nodeId, Object handle) {
        this.call = call;
        this.interruption = interruption;
        this.nodeId = nodeId;
        this.handle = handle;
    }

    /**
     * Opens it.
     *
     * @param mode {@link #READ} and so on, added up
     * @return null if the interruption came before the server had done it
     */
    static @Nullable OpenFile open(Call call, Interruption interruption, Object nodeId, int mode) {
        JsonValue handle = interruption.await(call.queryAsync("openFile", nodeId, mode, true));
        return handle == null ? null : new OpenFile(call, interruption, nodeId, handle);
    }

    Object nodeId() {
        return nodeId;
    }

    /** Asks for the next bytes; {@link #bytes} waits for them. Only one such request may be under way. */
    CompletableFuture<JsonValue> read(int length) {
        return call.queryAsync("readFile", nodeId, handle, length);
    }

    /** Waits for what {@link #read} asked for: none at the end of the file; null for the interruption. */
    byte @Nullable [] bytes(CompletableFuture<JsonValue> read) {
        JsonValue answer = interruption.isRequested() ? null : interruption.await(read);
        return answer == null ? null : Base64.getDecoder().decode(Shown.plain(answer));
    }

    /** As many bytes as there are up to this number, however few the server gives at once; null for the interruption. */
    byte @Nullable [] readFully(int length) {
        byte[] whole = new byte[length];
        int filled = 0;
        while (filled < length) {
            byte[] some = bytes(read(length - filled));
            if (some == null) {
                return null;
            }
            if (some.length == 0) {
                return Arrays.copyOf(whole, filled);
            }
            int taken = Math.min(some.length, length - filled);
            System.arraycopy(some, 0, whole, filled, taken);
            filled += taken;
        }
        return whole;
    }

    /** Writes at the position; false if the interruption came before the answer: it may have been written then. */
    boolean write(byte[] bytes, int length) {
        byte[] exact = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        String base64 = Base64.getEncoder().encodeToString(exact);
        return interruption.await(call.queryAsync("writeFile", nodeId, handle, base64)) != null;
    }

    void position(long position) {
        JsonValue unused = call.query("setFilePosition", nodeId, handle, position);
    }

    /** Where the next byte goes; -1 if the server says nothing of use. */
    long position() {
        BigInteger position = DataTypes.whole(call.query("getFilePosition", nodeId, handle));
        return position == null || position.bitLength() > 62 ? -1 : position.longValue();
    }

    /** Closes it; what was written may be lost if that fails. */
    void close() {
        if (!closed) {
            closed = true;
            JsonValue unused = call.query("closeFile", nodeId, handle);
        }
    }

    /** Closes it for somebody who has something worse to tell. */
    void abandon() {
        try {
            close();
        } catch (ClientException e) {
            // The session's end closes it.
        }
    }
}
