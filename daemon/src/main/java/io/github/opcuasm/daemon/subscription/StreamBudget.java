package io.github.opcuasm.daemon.subscription;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much heap the messages take that wait in the streams of a daemon, and how much each stream may take: half of it all,
 * and once all is taken, its equal share. So one reader that stalls leaves room for those beside it, and many that stall
 * give way as soon as another needs room. Thread-safe.
 */
final class StreamBudget {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicInteger streams = new AtomicInteger();

    /** @param limit bytes */
    StreamBudget(long limit) {
        this.limit = limit;
    }

    /** One more stream. */
    void opened() {
        streams.incrementAndGet();
    }

    /** One stream less. */
    void closed() {
        streams.decrementAndGet();
    }

    void add(long bytes) {
        taken.addAndGet(bytes);
    }

    /**
     * Whether a stream may take so much more.
     *
     * @param own what it takes now
     */
    boolean hasRoomFor(long bytes, long own) {
        long wanted = own + bytes;
        return wanted <= limit / 2 && (taken.get() + bytes <= limit || wanted <= limit / Math.max(1, streams.get()));
    }

    long taken() {
        return taken.get();
    }
}
