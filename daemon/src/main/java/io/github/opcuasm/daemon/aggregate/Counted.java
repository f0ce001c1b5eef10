package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.Variant;

/**
 * Average, Count and StandardDeviationSample (Part 13, 5.4.3.5, 5.4.3.21 and 5.4.3.37): of the Good samples in the interval,
 * each of the same weight.
 *
 * <p>The status of the first two goes by the shares of Good and Bad samples, where an Uncertain one is neither: first
 * whether there are too many Bad ones, then whether there are enough Good ones. The deviation is Uncertain as soon as one
 * sample is not Good.
 */
final class Counted implements Calculation {
    /** A power of 2, of which the squares of the largest numbers have room. */
    private static final double SMALL = 0x1p-540;

    private final Samples samples;
    private final AggregateConfiguration configuration;
    private final AggregateFunction function;

    Counted(Samples samples, AggregateConfiguration configuration, AggregateFunction function) {
        this.samples = samples;
        this.configuration = configuration;
        this.function = function;
    }

    @Override
    public DataValue of(Interval interval) {
        int good = 0;
        int bad = 0;
        int unfit = 0;
        for (int i = interval.first(); i < interval.end(); i++) {
            good += samples.isGood(i) ? 1 : 0;
            bad += samples.isBad(i) ? 1 : 0;
            unfit += samples.isUnfit(i) ? 1 : 0;
        }
        int all = interval.end() - interval.first();
        boolean partial = function != AggregateFunction.AVERAGE
                && (interval.holdsStartOfData(samples) || interval.holdsEndOfData(samples));
        long bits = ResultStatus.CALCULATED | (partial ? ResultStatus.PARTIAL : 0);
        if (function == AggregateFunction.COUNT) {
            return ResultStatus.of(
                    Variant.scalar(BuiltinType.INT32, good), byShare(good, bad, all), bits, interval.begin());
        }
        if (good == 0) {
            return ResultStatus.bad(
                    unfit > 0 ? ResultStatus.INVALID_INPUTS : ResultStatus.NO_DATA, bits, interval.begin());
        }
        return function == AggregateFunction.AVERAGE
                ? ResultStatus.of(mean(interval, good), byShare(good, bad, all), bits, interval.begin())
                : ResultStatus.of(
                        deviation(interval, good), ResultStatus.goodUnless(good < all), bits, interval.begin());
    }

    private long byShare(int good, int bad, int all) {
        if (bad > 0 && bad * 100L >= (long) configuration.percentDataBad() * all) {
            return ResultStatus.BAD;
        }
        return good * 100L >= (long) configuration.percentDataGood() * all ? ResultStatus.GOOD : ResultStatus.UNCERTAIN;
    }

    /** Summed up with the rounding errors carried along (Neumaier); in any case between the least and the greatest. */
    private double mean(Interval interval, int good) {
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double lost = 0;
        double scaled = 0;
        for (int i = interval.first(); i < interval.end(); i++) {
            if (samples.isGood(i)) {
                double value = samples.number(i);
                double next = sum + value;
                lost += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
                sum = next;
                scaled += value / good;
                least = Math.min(least, value);
                greatest = Math.max(greatest, value);
            }
        }
        if (Double.isInfinite(least) || Double.isInfinite(greatest)) {
            return scaled;
        }
        double mean = Double.isFinite(sum + lost) ? (sum + lost) / good : scaled;
        return Math.max(least, Math.min(greatest, mean));
    }

    private double deviation(Interval interval, int good) {
        if (good == 1) {
            return 0;
        }
        double mean = mean(interval, good);
        double deviation = deviation(interval, good, mean, 1);
        return Double.isFinite(deviation) ? deviation : deviation(interval, good, mean, SMALL) / SMALL;
    }

    /** @param scale of the values: the squares of small ones do not overflow */
    private double deviation(Interval interval, int good, double mean, double scale) {
        double squares = 0;
        for (int i = interval.first(); i < interval.end(); i++) {
            if (samples.isGood(i)) {
                double distance = samples.number(i) * scale - mean * scale;
                squares += distance * distance;
            }
        }
        return Math.sqrt(squares / (good - 1));
    }
}
