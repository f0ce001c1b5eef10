package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.daemon.aggregate.Bounds.Bound;
import io.github.opcuasm.protocol.type.DataValue;

/** Interpolative (Part 13, 5.4.3.4): the interpolated bound where the interval begins. Never Partial. */
final class Interpolation implements Calculation {
    private final Samples samples;
    private final Bounds bounds;

    Interpolation(Samples samples, Bounds bounds) {
        this.samples = samples;
        this.bounds = bounds;
    }

    @Override
    public DataValue of(Interval interval) {
        Bound bound = bounds.interpolated(interval.begins());
        if (bound == null) {
            boolean unfit = samples.size() > 0
                    && interval.begins().to() > 0
                    && samples.isUnfit(interval.begins().to() - 1);
            return ResultStatus.bad(
                    unfit ? ResultStatus.INVALID_INPUTS : ResultStatus.NO_DATA, ResultStatus.RAW, interval.begin());
        }
        if (bound.isRaw()) {
            return ResultStatus.raw(samples.value(bound.from()), ResultStatus.RAW, interval.begin());
        }
        return ResultStatus.of(
                bounds.value(bound),
                ResultStatus.goodUnless(bound.isUncertain()),
                ResultStatus.INTERPOLATED,
                interval.begin());
    }
}
