package io.github.opcuasm.simulator.link;

/** What holds for every connection of a link in one direction. Belongs to the event loop. */
final class Conditions {
    private boolean held;
    private boolean swallowing;
    private long delayNanos;
    private long lostBytes;
    private int bytesPerSecond = Integer.MAX_VALUE;

    boolean held() {
        return held;
    }

    void held(boolean value) {
        held = value;
    }

    boolean swallowing() {
        return swallowing;
    }

    void swallowing(boolean value) {
        swallowing = value;
    }

    /** Bytes that have vanished on any connection. */
    long lostBytes() {
        return lostBytes;
    }

    void lost(int bytes) {
        lostBytes += bytes;
    }

    long delayNanos() {
        return delayNanos;
    }

    void delayNanos(long value) {
        delayNanos = value;
    }

    /** {@link Integer#MAX_VALUE} while nothing slows bytes down. */
    int bytesPerSecond() {
        return bytesPerSecond;
    }

    boolean throttled() {
        return bytesPerSecond != Integer.MAX_VALUE;
    }

    void bytesPerSecond(int value) {
        bytesPerSecond = value;
    }

    void clear() {
        held = false;
        swallowing = false;
        delayNanos = 0;
        bytesPerSecond = Integer.MAX_VALUE;
    }
}
