package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.Variant;

/**
 * Minimum, Maximum and Range (Part 13, 5.4.3.10, 5.4.3.11 and 5.4.3.14): of the Good samples in the interval, exactly as
 * they are. A Bad one among them, or an Uncertain one beyond them, makes the result Uncertain.
 */
final class Extremes implements Calculation {
    private final Samples samples;
    private final AggregateFunction function;

    Extremes(Samples samples, AggregateFunction function) {
        this.samples = samples;
        this.function = function;
    }

    @Override
    public DataValue of(Interval interval) {
        Extreme least = new Extreme(-1);
        Extreme greatest = new Extreme(1);
        boolean skipped = false;
        boolean unfit = false;
        for (int i = interval.first(); i < interval.end(); i++) {
            if (samples.isUsable(i)) {
                least.take(i, interval.begin());
                greatest.take(i, interval.begin());
            } else {
                skipped = true;
                unfit |= samples.isUnfit(i);
            }
        }
        boolean partial = interval.holdsStartOfData(samples) || interval.holdsEndOfData(samples);
        long bits = partial ? ResultStatus.PARTIAL : ResultStatus.RAW;
        if (least.good < 0) {
            return ResultStatus.bad(unfit ? ResultStatus.INVALID_INPUTS : ResultStatus.NO_DATA, bits, interval.begin());
        }
        if (function == AggregateFunction.RANGE) {
            boolean uncertain = skipped || least.isPassed() || greatest.isPassed();
            return ResultStatus.of(
                    Numbers.difference(variant(greatest.good), variant(least.good)),
                    ResultStatus.goodUnless(uncertain),
                    bits | ResultStatus.CALCULATED,
                    interval.begin());
        }
        Extreme extreme = function == AggregateFunction.MINIMUM ? least : greatest;
        boolean uncertain = skipped || extreme.isPassed();
        boolean raw = extreme.onBegin && !uncertain;
        return ResultStatus.of(
                variant(extreme.good),
                ResultStatus.goodUnless(uncertain),
                bits
                        | (raw ? ResultStatus.RAW : ResultStatus.CALCULATED)
                        | (extreme.repeated ? ResultStatus.MULTI_VALUE : 0),
                interval.begin());
    }

    private Variant variant(int i) {
        return samples.value(i).variant();
    }

    /** The least (-1) or the greatest (1) so far, among the Good and among the Uncertain samples. */
    private final class Extreme {
        private final int direction;
        private int good = -1;
        private int uncertain = -1;
        /** Whether it occurs at another time, too. */
        private boolean repeated;

        private boolean onBegin;

        Extreme(int direction) {
            this.direction = direction;
        }

        void take(int i, long begin) {
            if (!samples.isGood(i)) {
                uncertain = uncertain < 0 || compare(i, uncertain) > 0 ? i : uncertain;
                return;
            }
            int order = good < 0 ? 1 : compare(i, good);
            if (order > 0) {
                good = i;
                repeated = false;
                onBegin = samples.time(i) == begin;
            } else if (order == 0) {
                repeated |= samples.time(i) != samples.time(good);
                onBegin |= samples.time(i) == begin;
            }
        }

        /** Whether an Uncertain sample lies beyond the Good ones. */
        boolean isPassed() {
            return uncertain >= 0 && compare(uncertain, good) > 0;
        }

        private int compare(int one, int other) {
            return direction * Numbers.compare(variant(one), variant(other));
        }
    }
}
