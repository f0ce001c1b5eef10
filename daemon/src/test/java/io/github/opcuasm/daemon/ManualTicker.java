package io.github.opcuasm.daemon;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A monotonic clock that moves only when a test says so. */
public final class ManualTicker implements Ticker {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

    @Override
    public long read() {
        return nanos.get();
    }

    /** Starts close to the overflow of nanoseconds, which must not matter. */
    public void advance(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }
}
