package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.daemon.aggregate.Bounds.Quality;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;

/**
 * DurationGood, DurationBad and PercentGood (Part 13, 5.4.3.31 to 5.4.3.33). The samples cut the interval into regions,
 * each of the quality of the sample that it starts with; the first one has that of the last sample until then, so that the
 * parts of an interval add up to the whole. The last sample of all stands for a millisecond: nothing is known of the time
 * behind it, which then is no part of the interval either.
 *
 * <p>Where Uncertain does not count as Bad, Uncertain regions are neither Good nor Bad, and the first one is that of the
 * simple bound: the figures of A.29, against the text. There the Good parts do not add up to the whole.
 */
final class Durations implements Calculation {
    private static final long TICKS_PER_MS = 10_000;

    private final Samples samples;
    private final Bounds bounds;
    private final boolean uncertainIsBad;
    private final AggregateFunction function;

    Durations(Samples samples, Bounds bounds, boolean uncertainIsBad, AggregateFunction function) {
        this.samples = samples;
        this.bounds = bounds;
        this.uncertainIsBad = uncertainIsBad;
        this.function = function;
    }

    @Override
    public DataValue of(Interval interval) {
        Quality counted = function == AggregateFunction.DURATION_BAD ? Quality.BAD : Quality.GOOD;
        long ticks = 0;
        long start = interval.lower().time();
        Quality quality = first(interval.lower());
        for (int i = interval.lower().to(); i < interval.upper().from(); i++) {
            ticks += quality == counted ? samples.time(i) - start : 0;
            start = samples.time(i);
            quality = qualityOf(i);
        }
        long end = end(interval);
        ticks += quality == counted ? end - start : 0;
        boolean partial = interval.holdsStartOfData(samples) || interval.holdsEndOfData(samples);
        return ResultStatus.of(
                function == AggregateFunction.PERCENT_GOOD
                        ? 100.0 * ticks / (end - interval.lower().time())
                        : (double) ticks / TICKS_PER_MS,
                ResultStatus.GOOD,
                ResultStatus.CALCULATED | (partial ? ResultStatus.PARTIAL : 0),
                interval.begin());
    }

    /** Where the interval ends, or what is known of it. */
    private long end(Interval interval) {
        long end = interval.upper().time();
        int size = samples.size();
        return interval.upper().from() == size ? Math.min(end, samples.time(size - 1) + TICKS_PER_MS) : end;
    }

    private Quality first(Edge edge) {
        if (!uncertainIsBad) {
            return bounds.simple(edge);
        }
        return edge.to() == 0 ? Quality.BAD : qualityOf(edge.to() - 1);
    }

    private Quality qualityOf(int i) {
        if (samples.isGood(i)) {
            return Quality.GOOD;
        }
        return samples.isBad(i) || uncertainIsBad ? Quality.BAD : Quality.UNCERTAIN;
    }
}
