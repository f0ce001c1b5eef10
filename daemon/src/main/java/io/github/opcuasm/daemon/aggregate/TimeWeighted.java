package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.daemon.aggregate.Bounds.Bound;
import io.github.opcuasm.protocol.type.DataValue;
import org.jspecify.annotations.Nullable;

/**
 * TimeAverage and Total (Part 13, 5.4.3.6 and 5.4.3.8): the area below the line from the interpolated bound at one edge
 * through the usable samples to the bound at the other; for the average divided by the time that the line covers.
 *
 * <p>The line is a sloped one whatever Stepped says (5.4.3.6), except that Booleans hold. It covers the whole interval but
 * for what comes before the first usable sample: then it is a partial one. The area is summed up as the difference to the line's first value: a
 * constant one has itself for average, to the last bit.
 */
final class TimeWeighted implements Calculation {
    private static final double TICKS_PER_SECOND = 10_000_000;

    /** A power of 2: what is multiplied with it loses no digits, and the area of the largest numbers has room. */
    private static final double SMALL = 0x1p-100;

    private final Samples samples;
    private final Bounds bounds;
    private final boolean average;

    /** @param bounds sloped */
    TimeWeighted(Samples samples, Bounds bounds, boolean average) {
        this.samples = samples;
        this.bounds = bounds;
        this.average = average;
    }

    @Override
    public DataValue of(Interval interval) {
        Bound start = bounds.interpolated(interval.lower());
        Bound end = bounds.interpolatedUpTo(interval.upper());
        int first = samples.usableFrom(interval.lower().to());
        if (end == null || (start == null && first >= interval.upper().from())) {
            return withoutArea(interval);
        }
        boolean uncertain = start == null || start.isUncertain() || end.isUncertain();
        for (int i = interval.lower().to(); i < interval.upper().from(); i++) {
            uncertain |= !samples.isGood(i);
        }
        double value = value(interval, start, end, 1);
        if (!Double.isFinite(value)) {
            value = value(interval, start, end, SMALL) / SMALL;
        }
        return ResultStatus.of(
                value,
                ResultStatus.goodUnless(uncertain),
                ResultStatus.CALCULATED | (start == null ? ResultStatus.PARTIAL : 0),
                interval.begin());
    }

    /** @param scale of the values: small ones do not overflow */
    private double value(Interval interval, @Nullable Bound start, Bound end, double scale) {
        int first = samples.usableFrom(interval.lower().to());
        Line line = start == null
                ? new Line(samples.time(first), samples.number(first) * scale, bounds.isHeldFrom(first))
                : new Line(interval.lower().time(), bounds.number(start) * scale, bounds.isHeldFrom(start.from()));
        for (int i = first; i < interval.upper().from(); i = samples.usableFrom(i + 1)) {
            line.to(samples.time(i), samples.number(i) * scale, bounds.isHeldFrom(i));
        }
        line.to(interval.upper().time(), bounds.number(end) * scale, true);
        return average ? line.average() : line.area();
    }

    private DataValue withoutArea(Interval interval) {
        for (int i = interval.first(); i < interval.end(); i++) {
            if (samples.isUnfit(i)) {
                return ResultStatus.bad(ResultStatus.INVALID_INPUTS, ResultStatus.RAW, interval.begin());
            }
        }
        return ResultStatus.bad(ResultStatus.NO_DATA, ResultStatus.RAW, interval.begin());
    }

    /** A line through values, and the area below it. */
    private static final class Line {
        private final long startTime;
        private final double startValue;
        private long time;
        private double rise;
        private boolean held;
        private double risenArea;

        Line(long time, double value, boolean held) {
            this.startTime = time;
            this.startValue = value;
            this.time = time;
            this.held = held;
        }

        void to(long nextTime, double nextValue, boolean nextHeld) {
            double nextRise = nextValue - startValue;
            double width = nextTime - time;
            risenArea += held ? rise * width : (rise / 2 + nextRise / 2) * width;
            time = nextTime;
            rise = nextRise;
            held = nextHeld;
        }

        double average() {
            return startValue + risenArea / (time - startTime);
        }

        /** Value times seconds. */
        double area() {
            return (startValue * (time - startTime) + risenArea) / TICKS_PER_SECOND;
        }
    }
}
