package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;

/**
 * Start, End and Delta (Part 13, 5.4.3.25 to 5.4.3.27). Earliest and latest go by time, in intervals that count backwards
 * too. Start and End are samples as they are, Bad ones as well, with their own time; Delta is the difference between the
 * Good ones that come nearest, and Uncertain if that are not the first and the last.
 */
final class Ends implements Calculation {
    private final Samples samples;
    private final AggregateFunction function;

    Ends(Samples samples, AggregateFunction function) {
        this.samples = samples;
        this.function = function;
    }

    @Override
    public DataValue of(Interval interval) {
        boolean partial = interval.holdsStartOfData(samples) || interval.holdsEndOfData(samples);
        long bits = partial ? ResultStatus.PARTIAL : ResultStatus.RAW;
        if (function == AggregateFunction.DELTA) {
            return delta(interval, bits);
        }
        if (interval.first() == interval.end()) {
            return ResultStatus.bad(ResultStatus.NO_DATA, bits, interval.begin());
        }
        int end = function == AggregateFunction.START ? interval.first() : interval.end() - 1;
        return ResultStatus.raw(samples.value(end), bits, samples.time(end));
    }

    private DataValue delta(Interval interval, long bits) {
        int first = interval.first();
        int last = interval.end() - 1;
        boolean unfit = false;
        while (first <= last && !samples.isGood(first)) {
            unfit |= samples.isUnfit(first);
            first++;
        }
        if (first > last) {
            return ResultStatus.bad(unfit ? ResultStatus.INVALID_INPUTS : ResultStatus.NO_DATA, bits, interval.begin());
        }
        while (!samples.isGood(last)) {
            last--;
        }
        boolean skipped = first > interval.first() || last < interval.end() - 1;
        return ResultStatus.of(
                Numbers.difference(
                        samples.value(last).variant(), samples.value(first).variant()),
                ResultStatus.goodUnless(skipped),
                bits | ResultStatus.CALCULATED,
                interval.begin());
    }
}
