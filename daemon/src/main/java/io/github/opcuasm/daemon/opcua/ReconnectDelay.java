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

    private static final long FIRST_BOUND_AFTER_REFUSAL_MS = 2_000;
    private static final long LAST_BOUND_AFTER_REFUSAL_MS = 60_000;

    private static final long SHORTEST_WHILE_FULL_MS = 1_000;
    private static final long LONGEST_WHILE_FULL_MS = 5_000;

    private ReconnectDelay() {}

    /** @param failedAttempts 0 for the first attempt */
    static Duration before(int failedAttempts, RandomGenerator random) {
        long bound = Math.min(LAST_BOUND_MS, FIRST_BOUND_MS << Math.min(failedAttempts, 8));
        return Duration.ofMillis(random.nextLong(bound + 1));
    }

    /**
     * After the server refused the user, or we the server: half to all of a bound that grows from 2 s to 60 s. Servers lock
     * out whoever comes with a wrong password too often.
     *
     * @param failedAttempts 1 or more
     */
    static Duration afterRefusal(int failedAttempts, RandomGenerator random) {
        long bound =
                Math.min(LAST_BOUND_AFTER_REFUSAL_MS, FIRST_BOUND_AFTER_REFUSAL_MS << Math.min(failedAttempts - 1, 8));
        return Duration.ofMillis(bound / 2 + random.nextLong(bound / 2 + 1));
    }

    /** While the server has no slot left: somebody may give one up at any time, and nobody is to blame. */
    static Duration whileFull(RandomGenerator random) {
        return Duration.ofMillis(random.nextLong(SHORTEST_WHILE_FULL_MS, LONGEST_WHILE_FULL_MS + 1));
    }
}
