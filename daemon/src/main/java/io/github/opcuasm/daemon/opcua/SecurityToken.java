package io.github.opcuasm.daemon.opcua;

import java.util.concurrent.TimeUnit;

/**
 * A security token of a channel (Part 4, 5.5.2) with the keys that belong to it.
 *
 * @param requestedAt the ticker's nanoseconds; the server's clock began to run later
 * @param lifetimeMs from then on
 */
record SecurityToken(long id, long requestedAt, long lifetimeMs, ChunkKeys sending, ChunkKeys receiving) {

    /** Whether the server may still send under it: a quarter of its lifetime longer than we may. */
    boolean isAccepted(long now) {
        return now - requestedAt < TimeUnit.MILLISECONDS.toNanos(lifetimeMs + lifetimeMs / 4);
    }

    /** Until when we may send under it; not above 0 if that is over. */
    long nanosLeft(long now) {
        return TimeUnit.MILLISECONDS.toNanos(lifetimeMs) - (now - requestedAt);
    }
}
