package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.Variant;
import org.jspecify.annotations.Nullable;

/**
 * Values at times where there need be no sample (Part 13, 3.1.8 and 3.1.9). Each is found in constant time: {@link Samples}
 * knows the neighbours.
 *
 * <p>An <em>interpolated</em> bound lies between the nearest usable samples, however far away, and is Uncertain if there
 * is a Bad one between them. A <em>simple</em> bound takes the two nearest samples as they are; of it only the quality is
 * asked for here.
 */
final class Bounds {
    private final Samples samples;
    private final boolean stepped;
    private final boolean slopedExtrapolation;

    /** Quality of a simple bound. */
    enum Quality {
        GOOD,
        UNCERTAIN,
        BAD
    }

    /**
     * An interpolated bound: on the line through two samples, or with the value of one.
     *
     * @param from the sample that it has its value from
     * @param to another sample on its line; {@code from} if the value holds
     * @param isRaw whether {@code from} lies at that very time
     * @param isUncertain whether it is Uncertain; for a raw one that is the sample's own severity
     */
    record Bound(long time, int from, int to, boolean isRaw, boolean isUncertain) {
        boolean isHeld() {
            return from == to;
        }
    }

    Bounds(Samples samples, boolean stepped, boolean slopedExtrapolation) {
        this.samples = samples;
        this.stepped = stepped;
        this.slopedExtrapolation = slopedExtrapolation;
    }

    /**
     * The interpolated bound; null where no usable sample comes before or on the edge. Of several samples on it the last
     * one holds: if that is Bad, one before it is only what a line is drawn from.
     */
    @Nullable
    Bound interpolated(Edge edge) {
        int before = samples.usableBefore(edge.to());
        if (before >= edge.from() && before == edge.to() - 1) {
            return new Bound(edge.time(), before, before, true, samples.isUncertain(before));
        }
        return before < 0 ? null : between(edge, before);
    }

    /** As {@link #interpolated}, with what comes up to the edge: of several samples on it the first. */
    @Nullable
    Bound interpolatedUpTo(Edge edge) {
        int on = samples.usableFrom(edge.from());
        return on < edge.to() ? new Bound(edge.time(), on, on, true, samples.isUncertain(on)) : interpolated(edge);
    }

    /** The number at a bound. */
    double number(Bound bound) {
        return bound.isHeld()
                ? samples.number(bound.from())
                : Numbers.line(
                        samples.time(bound.from()),
                        samples.number(bound.from()),
                        samples.time(bound.to()),
                        samples.number(bound.to()),
                        bound.time());
    }

    /** The value at a bound, in the type of the samples. */
    Variant value(Bound bound) {
        Variant from = samples.value(bound.from()).variant();
        return bound.isHeld()
                ? from
                : Numbers.line(
                        samples.time(bound.from()),
                        from,
                        samples.time(bound.to()),
                        samples.value(bound.to()).variant(),
                        bound.time());
    }

    /** The quality of the simple bound. One that had to be held because the next sample is Bad is Uncertain. */
    Quality simple(Edge edge) {
        int before = edge.to() - 1;
        if (before < 0 || !samples.isUsable(before)) {
            return Quality.BAD;
        }
        if (before >= edge.from()) {
            return quality(before);
        }
        int after = edge.to();
        if (after == samples.size()) {
            return Quality.BAD;
        }
        boolean sound = isHeldFrom(before) || samples.isGood(after);
        return sound ? quality(before) : Quality.UNCERTAIN;
    }

    /** Whether the value of a sample holds until the next one. */
    boolean isHeldFrom(int sample) {
        return stepped || !samples.isSloped(sample);
    }

    private Quality quality(int usable) {
        return samples.isGood(usable) ? Quality.GOOD : Quality.UNCERTAIN;
    }

    private Bound between(Edge edge, int before) {
        boolean skipped = before < edge.to() - 1;
        if (isHeldFrom(before)) {
            boolean behindData = edge.to() == samples.size();
            boolean uncertain = behindData || skipped || samples.isUncertain(before);
            return new Bound(edge.time(), before, before, false, uncertain);
        }
        int after = samples.usableFrom(edge.to());
        if (after == samples.size() || !samples.isSloped(after)) {
            return extrapolated(edge, before);
        }
        boolean uncertain = skipped || after > edge.to() || samples.isUncertain(before) || samples.isUncertain(after);
        return new Bound(edge.time(), before, after, false, uncertain);
    }

    private Bound extrapolated(Edge edge, int last) {
        int other = slopedExtrapolation ? samples.usableEarlierThan(last) : -1;
        boolean line = other >= 0 && samples.isSloped(other);
        return new Bound(edge.time(), line ? other : last, last, false, true);
    }
}
