package io.github.opcuasm.daemon.subscription;

import java.util.concurrent.atomic.AtomicLong;

/** How much heap the messages take that wait in all streams of a daemon. Thread-safe. */
final class StreamBudget {
    private final AtomicLong bytes = new AtomicLong();
    private final long limit;

    /** @param limit bytes */
    StreamBudget(long limit) {
        this.limit = limit;
    }

    void add(long delta) {
        bytes.addAndGet(delta);
    }

    boolean isExceeded() {
        return bytes.get() > limit;
    }

    long bytes() {
        return bytes.get();
    }
}
