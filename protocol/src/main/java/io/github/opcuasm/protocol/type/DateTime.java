package io.github.opcuasm.protocol.type;

import java.time.Instant;

/**
 * A point in time as OPC UA counts it (Part 6, 5.2.2.5).
 *
 * @param ticks 100 ns since 1601-01-01T00:00:00Z; 0 and less mean "none", everything from {@link #MAX_INSTANT} on "the
 *     end of time"
 */
public record DateTime(long ticks) implements Comparable<DateTime> {
    /** No time. */
    public static final DateTime NULL = new DateTime(0);

    /** The end of time: what is after {@link #MAX_INSTANT}. */
    public static final DateTime MAX = new DateTime(Long.MAX_VALUE);

    public static final Instant MIN_INSTANT = Instant.parse("1601-01-01T00:00:00Z");
    public static final Instant MAX_INSTANT = Instant.parse("9999-12-31T23:59:59Z");

    private static final long TICKS_PER_SECOND = 10_000_000L;
    private static final long MAX_SECONDS = MAX_INSTANT.getEpochSecond() - MIN_INSTANT.getEpochSecond();

    /** The tick that holds {@code instant}; the ends of the range stand for what lies beyond. */
    public static DateTime of(Instant instant) {
        if (!instant.isAfter(MIN_INSTANT)) {
            return NULL;
        }
        if (!instant.isBefore(MAX_INSTANT)) {
            return MAX;
        }
        long seconds = instant.getEpochSecond() - MIN_INSTANT.getEpochSecond();
        return new DateTime(seconds * TICKS_PER_SECOND + instant.getNano() / 100);
    }

    /** Whether this stands for no time. */
    public boolean isNull() {
        return ticks <= 0;
    }

    /** The time, exactly; {@link #MIN_INSTANT} for none, {@link #MAX_INSTANT} for the end of time. */
    public Instant toInstant() {
        if (ticks <= 0) {
            return MIN_INSTANT;
        }
        long seconds = ticks / TICKS_PER_SECOND;
        if (seconds >= MAX_SECONDS) {
            return MAX_INSTANT;
        }
        return Instant.ofEpochSecond(MIN_INSTANT.getEpochSecond() + seconds, (ticks % TICKS_PER_SECOND) * 100);
    }

    @Override
    public int compareTo(DateTime other) {
        return Long.compare(ticks, other.ticks);
    }

    /** ISO 8601, UTC. */
    @Override
    public String toString() {
        return isNull() ? "null" : toInstant().toString();
    }
}
