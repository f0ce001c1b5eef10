package io.github.opcuasm.daemon.subscription;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses that double with each failure up to a longest one, half of each by chance. */
final class Pauses {
    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;

    Pauses(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /** How long to wait after so many failures in a row, at least 1. */
    Duration after(int failures) {
        long bound = Math.min(longest.toNanos(), first.toNanos() << Math.min(failures - 1, 20));
        return Duration.ofNanos(bound / 2 + random.nextLong(bound / 2 + 1));
    }
}
