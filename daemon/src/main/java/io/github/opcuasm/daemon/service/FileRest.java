package io.github.opcuasm.daemon.service;

import java.util.Arrays;

/**
 * The bytes of a character that a text read cut at its end, where the server does not set the position back: they come
 * before what the next read gets. Guarded by the turns of its file.
 */
final class FileRest {
    private static final byte[] NONE = {};

    private byte[] bytes = NONE;

    /** How many bytes the server's position is ahead of the caller's. */
    int size() {
        return bytes.length;
    }

    /** Takes the first ones out. */
    byte[] take(int most) {
        byte[] taken = Arrays.copyOf(bytes, Math.min(most, bytes.length));
        bytes = Arrays.copyOfRange(bytes, taken.length, bytes.length);
        return taken;
    }

    /** Puts some before those that there are. */
    void putBack(byte[] first) {
        byte[] all = Arrays.copyOf(first, first.length + bytes.length);
        System.arraycopy(bytes, 0, all, first.length, bytes.length);
        bytes = all;
    }

    /** The position is elsewhere now. */
    void clear() {
        bytes = NONE;
    }
}
