package io.github.opcuasm.daemon;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AtomicHistogram;

/**
 * How long things took, since it was made: counts in buckets whose width is at most 1 % of what they count, from 1 µs to an
 * hour; what takes longer counts as an hour. Recording neither locks nor allocates, and what is kept is 27 KB however much is
 * recorded. Thread-safe.
 */
public final class LatencyHistogram {
    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int SIGNIFICANT_DIGITS = 2;
    private static final double MICROS_PER_MILLI = 1_000;

    private final AtomicHistogram micros = new AtomicHistogram(LONGEST_MICROS, SIGNIFICANT_DIGITS);

    /**
     * What was recorded up to one moment; the times are milliseconds, and 0 while {@code count} is 0.
     *
     * @param p50 half of them took no longer than this; {@code p90}, {@code p99} and {@code p999} likewise
     */
    public record Snapshot(long count, double p50, double p90, double p99, double p999, double max) {
        /** Of nothing. */
        public static final Snapshot EMPTY = new Snapshot(0, 0, 0, 0, 0, 0);
    }

    /** One more that took so long. */
    public void record(long nanos) {
        micros.recordValue(Math.max(0, Math.min(nanos / 1_000, LONGEST_MICROS)));
    }

    /** What was recorded so far. */
    public Snapshot snapshot() {
        AtomicHistogram counted = micros.copy();
        long count = counted.getTotalCount();
        return count == 0
                ? Snapshot.EMPTY
                : new Snapshot(
                        count,
                        counted.getValueAtPercentile(50) / MICROS_PER_MILLI,
                        counted.getValueAtPercentile(90) / MICROS_PER_MILLI,
                        counted.getValueAtPercentile(99) / MICROS_PER_MILLI,
                        counted.getValueAtPercentile(99.9) / MICROS_PER_MILLI,
                        counted.getMaxValue() / MICROS_PER_MILLI);
    }
}
