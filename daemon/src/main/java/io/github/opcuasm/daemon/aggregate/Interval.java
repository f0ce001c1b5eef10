package io.github.opcuasm.daemon.aggregate;

/**
 * A processing interval among the samples. Forwards the lower edge is in it and begins it; backwards the upper one.
 *
 * @param lower the earlier edge
 * @param upper the later edge
 */
record Interval(Edge lower, Edge upper, boolean isForwards) {
    /** Index of its first sample. */
    int first() {
        return isForwards ? lower.from() : lower.to();
    }

    /** Index behind its last sample. */
    int end() {
        return isForwards ? upper.from() : upper.to();
    }

    /** Where it begins, which is the timestamp of most results; in ticks. */
    long begin() {
        return begins().time();
    }

    Edge begins() {
        return isForwards ? lower : upper;
    }

    /** Whether there is no sample in it, nor before it. */
    boolean isBeforeData() {
        return end() == 0;
    }

    /** Whether all samples come before it. */
    boolean isBehindData(Samples samples) {
        return first() == samples.size();
    }

    /** Whether the first sample of all lies in it, and not at its very start: what came before may be missing. */
    boolean holdsStartOfData(Samples samples) {
        return first() == 0 && end() > 0 && samples.time(0) > lower.time();
    }

    /** Whether the last sample of all lies in it, and not at its very end: there may be more to come. */
    boolean holdsEndOfData(Samples samples) {
        int size = samples.size();
        return end() == size && first() < size && samples.time(size - 1) < upper.time();
    }
}
