package io.github.opcuasm.simulator;

import java.util.Collection;
import java.util.NavigableMap;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * Values at times that need not have a sample (Part 13, 3.1.8 and 3.1.9). Interpolated bounds look past bad samples
 * to the next usable ones and go on after the last sample; simple bounds take the next samples as they are, and there
 * are none after the last.
 */
final class BoundingValues {
    private final NavigableMap<Long, HistorySample> samples;
    private final AggregateSettings settings;

    BoundingValues(NavigableMap<Long, HistorySample> samples, AggregateSettings settings) {
        this.samples = samples;
        this.settings = settings;
    }

    /**
     * The interpolated bound.
     *
     * @param stepped whether values hold until the next one; TimeAverage and Total never have it so
     */
    Bound interpolated(long time, boolean stepped) {
        HistorySample exact = samples.get(time);
        if (exact != null && usable(exact)) {
            return Bound.of(exact);
        }
        HistorySample before = firstUsable(samples.headMap(time, false).descendingMap());
        if (before == null) {
            return Bound.NONE;
        }
        if (stepped) {
            boolean sound = before.isGood()
                    && samples.lastKey() >= time
                    && !anyBad(samples.subMap(before.time(), false, time, true).values());
            return Bound.computed(before.number(), sound);
        }
        HistorySample after = firstUsable(samples.tailMap(time, false));
        if (after == null) {
            return Bound.computed(extrapolated(before, time), false);
        }
        boolean sound = before.isGood()
                && after.isGood()
                && !anyBad(samples.subMap(before.time(), false, after.time(), false)
                        .values());
        return Bound.computed(between(before, after, time), sound);
    }

    /** The last sample at or before a time, of any quality; null if there is none. */
    @Nullable
    HistorySample atOrBefore(long time) {
        var entry = samples.floorEntry(time);
        return entry == null ? null : entry.getValue();
    }

    /** The simple bound. */
    Bound simple(long time) {
        HistorySample exact = samples.get(time);
        if (exact != null) {
            return usable(exact) ? Bound.of(exact) : Bound.NONE;
        }
        var earlier = samples.lowerEntry(time);
        var later = samples.higherEntry(time);
        if (earlier == null || later == null || !usable(earlier.getValue())) {
            return Bound.NONE;
        }
        HistorySample before = earlier.getValue();
        HistorySample after = later.getValue();
        if (settings.stepped()) {
            return Bound.computed(before.number(), before.isGood());
        }
        return usable(after)
                ? Bound.computed(between(before, after, time), before.isGood() && after.isGood())
                : Bound.computed(before.number(), false);
    }

    private double extrapolated(HistorySample last, long time) {
        HistorySample secondLast = settings.slopedExtrapolation()
                ? firstUsable(samples.headMap(last.time(), false).descendingMap())
                : null;
        return secondLast == null ? last.number() : between(secondLast, last, time);
    }

    /** On the line through both; there is none to or from infinity. */
    private static double between(HistorySample one, HistorySample other, long time) {
        if (Double.isInfinite(one.number()) || Double.isInfinite(other.number())) {
            return Double.NaN;
        }
        double share = (double) (time - one.time()) / (other.time() - one.time());
        return one.number() + share * (other.number() - one.number());
    }

    private boolean usable(HistorySample sample) {
        return !sample.isBad(settings);
    }

    private @Nullable HistorySample firstUsable(NavigableMap<Long, HistorySample> outwards) {
        for (HistorySample sample : outwards.values()) {
            if (usable(sample)) {
                return sample;
            }
        }
        return null;
    }

    private boolean anyBad(Collection<HistorySample> between) {
        return between.stream().anyMatch(sample -> !usable(sample));
    }

    /**
     * A value at a time.
     *
     * @param status its code without information bits; Bad_NoData if there is none
     * @param sample the sample of that time, null if the value was computed
     */
    record Bound(double number, long status, @Nullable HistorySample sample) {
        static final Bound NONE = new Bound(Double.NaN, StatusCodes.Bad_NoData, null);

        private static Bound of(HistorySample sample) {
            return new Bound(sample.number(), sample.data().statusCode().getValue(), sample);
        }

        private static Bound computed(double number, boolean sound) {
            return new Bound(number, sound ? StatusCodes.Good : StatusCodes.Uncertain_DataSubNormal, null);
        }

        boolean exists() {
            return status != StatusCodes.Bad_NoData;
        }

        boolean isGood() {
            return sample != null ? sample.isGood() : status == StatusCodes.Good;
        }
    }
}
