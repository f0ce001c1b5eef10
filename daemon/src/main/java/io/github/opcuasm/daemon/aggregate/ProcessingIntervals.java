package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.DateTime;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What a time range is cut into (Part 13, 5.4.2.2). Interval k lasts from {@code edge(k)}, which is in it, to {@code
 * edge(k + 1)}, which is not. An end before the start counts backwards: then the edges go down, and the <em>later</em> one
 * of each interval is in it. The last interval is what is left.
 *
 * <p>Each edge is the start plus k times the exact interval, rounded to 100 ns once: the sum of thousands of intervals of
 * 33.3333 ms does not drift. Edges of neighbours always differ.
 */
public final class ProcessingIntervals {
    /** As many results as a history has values at most. */
    public static final int MAX_INTERVALS = 1_000_000;

    private static final BigDecimal TICKS_PER_MS = BigDecimal.valueOf(10_000);

    private final double processingInterval;
    private final long start;
    private final long end;
    private final BigDecimal step;
    /** The step, if it is a whole number of ticks; else 0. */
    private final long wholeStep;

    private final int count;

    private ProcessingIntervals(
            double processingInterval, long start, long end, BigDecimal step, long wholeStep, int count) {
        this.processingInterval = processingInterval;
        this.start = start;
        this.end = end;
        this.step = step;
        this.wholeStep = wholeStep;
        this.count = count;
    }

    /**
     * The intervals of a request.
     *
     * @param processingInterval milliseconds, at least 100 ns of them; 0 = one interval
     * @throws CommandException {@code invalid_argument} for times that are none or the same, for an interval that is none,
     *     and for more than {@value #MAX_INTERVALS} of them
     */
    public static ProcessingIntervals of(DateTime startTime, DateTime endTime, double processingInterval) {
        time("startTime", startTime);
        time("endTime", endTime);
        if (startTime.equals(endTime)) {
            throw CommandException.invalidArgument(
                    "endTime", endTime.toString(), "another time than startTime: there is nothing between them");
        }
        if (!(processingInterval >= 0) || Double.isInfinite(processingInterval)) {
            throw CommandException.invalidArgument(
                    "processingInterval", String.valueOf(processingInterval), "0 (one interval), or milliseconds");
        }
        long length = Math.abs(endTime.ticks() - startTime.ticks());
        BigDecimal step = BigDecimal.valueOf(processingInterval).multiply(TICKS_PER_MS);
        BigDecimal whole = BigDecimal.valueOf(length);
        if (step.signum() == 0 || step.compareTo(whole) >= 0) {
            return new ProcessingIntervals(processingInterval, startTime.ticks(), endTime.ticks(), whole, length, 1);
        }
        if (step.compareTo(BigDecimal.ONE) < 0) {
            throw CommandException.invalidArgument(
                    "processingInterval",
                    String.valueOf(processingInterval),
                    "0 (one interval), or at least 0.0001 ms: OPC UA counts in 100 ns");
        }
        BigDecimal parts = whole.divide(step, 0, RoundingMode.CEILING);
        if (parts.compareTo(BigDecimal.valueOf(MAX_INTERVALS)) > 0) {
            throw CommandException.invalidArgument(
                    "processingInterval",
                    String.valueOf(processingInterval),
                    "at most " + MAX_INTERVALS + " intervals, which is at least "
                            + whole.divide(TICKS_PER_MS.movePointRight(6), 4, RoundingMode.CEILING)
                                    .stripTrailingZeros()
                                    .toPlainString()
                            + " ms from startTime to endTime");
        }
        int count = parts.intValueExact();
        // What is left may round to nothing.
        while (count > 1
                && step.multiply(BigDecimal.valueOf(count - 1L))
                                .setScale(0, RoundingMode.HALF_UP)
                                .compareTo(whole)
                        >= 0) {
            count--;
        }
        boolean ticks = step.stripTrailingZeros().scale() <= 0;
        return new ProcessingIntervals(
                processingInterval, startTime.ticks(), endTime.ticks(), step, ticks ? step.longValueExact() : 0, count);
    }

    /** Milliseconds, as they were asked for; 0 = one interval. */
    public double processingInterval() {
        return processingInterval;
    }

    /** Where the first interval begins. */
    public DateTime start() {
        return new DateTime(start);
    }

    /** Where the last interval ends: before {@link #start} if they count backwards. */
    public DateTime end() {
        return new DateTime(end);
    }

    /** The earlier of both. */
    public DateTime earliest() {
        return new DateTime(Math.min(start, end));
    }

    /** The later of both. */
    public DateTime latest() {
        return new DateTime(Math.max(start, end));
    }

    /** How many there are; at least 1. */
    public int count() {
        return count;
    }

    boolean isForwards() {
        return end > start;
    }

    /** @param k 0 to {@link #count} */
    long edge(int k) {
        if (k == count) {
            return end;
        }
        long offset = wholeStep != 0
                ? wholeStep * k
                : step.multiply(BigDecimal.valueOf(k))
                        .setScale(0, RoundingMode.HALF_UP)
                        .longValueExact();
        return isForwards() ? start + offset : start - offset;
    }

    private static void time(String name, DateTime time) {
        if (time.isNull()) {
            throw CommandException.invalidArgument(name, "no time", "a date and time after 1601-01-01");
        }
    }
}
