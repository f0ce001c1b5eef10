package io.github.opcuasm.daemon.audit;

import io.github.opcuasm.daemon.Ticker;

/**
 * How many refusals are recorded one by one. Anybody who can reach the socket can cause them, and the disk that they fill
 * is the one without which nothing may be changed. A bucket of {@value #BURST} that refills at one a second; what does not
 * fit is counted, and the count goes out with the next one that does. Guarded by its log.
 */
final class RefusalQuota {
    static final int BURST = 60;
    private static final long REFILL_NANOS = 1_000_000_000L;

    private final Ticker ticker;
    private long left = BURST;
    private long refilledAt;
    private long suppressed;

    RefusalQuota(Ticker ticker) {
        this.ticker = ticker;
        this.refilledAt = ticker.read();
    }

    /** How many were suppressed since the last one that was recorded; -1 if this one is suppressed too. */
    long take() {
        long refills = (ticker.read() - refilledAt) / REFILL_NANOS;
        refilledAt += refills * REFILL_NANOS;
        left = Math.min(BURST, left + refills);
        if (left == 0) {
            suppressed++;
            return -1;
        }
        left--;
        long untold = suppressed;
        suppressed = 0;
        return untold;
    }
}
