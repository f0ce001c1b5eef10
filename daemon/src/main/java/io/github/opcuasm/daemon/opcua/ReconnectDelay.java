package io.github.opcuasm.daemon.opcua;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt to restore a session: full jitter over a bound that doubles from 0.25 s to
 * 2 s. The jitter spreads the sessions that one server's restart broke at the same instant.
 */
final class ReconnectDelay {
    private static final long FIRST_BOUND_MS = 250;
    private static final long LAST_BOUND_MS = 2_000;

    private ReconnectDelay() {}

    /** @param failedAttempts 0 for the first attempt */
    static Duration before(int failedAttempts, RandomGenerator random) {
        long bound = Math.min(LAST_BOUND_MS, FIRST_BOUND_MS << Math.min(failedAttempts, 8));
        return Duration.ofMillis(random.nextLong(bound + 1));
    }
}
