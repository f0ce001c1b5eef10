package io.github.opcuasm.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one run of a workload brought.
 *
 * @param perSecond calls answered per second, by all callers together
 * @param p50 median latency in microseconds
 * @param p99 99th percentile in microseconds
 */
record Measurement(double perSecond, double p50, double p99) {
    static Measurement of(Latencies latencies, long elapsedNanos) {
        return new Measurement(
                latencies.count() * 1e9 / elapsedNanos,
                latencies.quantile(0.5) / 1_000.0,
                latencies.quantile(0.99) / 1_000.0);
    }

    /** The median of each figure by itself. */
    static Measurement median(List<Measurement> rounds) {
        return new Measurement(
                median(rounds, Measurement::perSecond),
                median(rounds, Measurement::p50),
                median(rounds, Measurement::p99));
    }

    private static double median(List<Measurement> rounds, ToDoubleFunction<Measurement> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
