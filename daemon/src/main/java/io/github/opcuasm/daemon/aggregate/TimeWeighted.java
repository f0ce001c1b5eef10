package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.daemon.aggregate.Bounds.Bound;
import io.github.opcuasm.protocol.type.DataValue;

/**
 * TimeAverage and Total (Part 13, 5.4.3.6 and 5.4.3.8): the area below the line from the interpolated bound at one edge
 * through the usable samples to the bound at the other; for the average divided by the time that the line covers.
 *
 * <p>The line is a sloped one whatever Stepped says (5.4.3.6), except that Booleans hold. It covers the whole interval but
 * for what comes before the first usable sample. The area is summed up as the difference to the line's first value: a
 * constant one has itself for average, to the last bit.
 */
final class TimeWeighted implements Calculation {
    private static final double TICKS_PER_SECOND = 10_000_000;

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
        long bits = interval.holdsStartOfData(samples) ? ResultStatus.PARTIAL : ResultStatus.RAW;
        Bound start = bounds.interpolated(interval.lower());
        Bound end = bounds.interpolatedUpTo(interval.upper());
        int first = samples.usableFrom(interval.lower().to());
        if (end == null || (start == null && first >= interval.upper().from())) {
            return withoutArea(interval, bits);
        }
        Line line;
        boolean uncertain = end.isUncertain();
        int next = interval.lower().to();
        if (start == null) {
            line = new Line(samples.time(first), samples.number(first), bounds.isHeldFrom(first));
            uncertain = true;
        } else {
            line = new Line(interval.lower().time(), bounds.number(start), bounds.isHeldFrom(start.from()));
            uncertain |= start.isUncertain();
        }
        for (int i = next; i < interval.upper().from(); i++) {
            uncertain |= !samples.isGood(i);
            if (samples.isUsable(i)) {
                line.to(samples.time(i), samples.number(i), bounds.isHeldFrom(i));
            }
        }
        line.to(interval.upper().time(), bounds.number(end), true);
        double value = average ? line.average() : line.area();
        return ResultStatus.of(
                value, ResultStatus.goodUnless(uncertain), bits | ResultStatus.CALCULATED, interval.begin());
    }

    private DataValue withoutArea(Interval interval, long bits) {
        for (int i = interval.first(); i < interval.end(); i++) {
            if (samples.isUnfit(i)) {
                return ResultStatus.bad(ResultStatus.INVALID_INPUTS, bits, interval.begin());
            }
        }
        return ResultStatus.bad(ResultStatus.NO_DATA, bits, interval.begin());
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
