package io.github.opcuasm.client;

import java.time.Duration;

/** Points of {@link System#nanoTime()}. */
final class Deadline {
    /** As good as for ever, and far from the ends of a long. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Deadline() {}

    /** So long from now; a century if it is longer. */
    static long in(Duration time) {
        return System.nanoTime() + nanos(time);
    }

    /** The duration in nanoseconds; a century if it is longer. */
    static long nanos(Duration time) {
        return time.compareTo(LONGEST) < 0 ? time.toNanos() : LONGEST.toNanos();
    }
}
