package io.github.opcuasm.benchmarks;

import java.time.Duration;

/**
 * How long everything takes.
 *
 * @param warmUp of each workload, once
 * @param measured of each workload in each round
 * @param pings of each run beside the hung server
 * @param sessions that are opened to weigh them
 * @param secured sessions that are opened to weigh them and to see them come back
 * @param storming sessions on a server that goes away for a while
 * @param away how long it is gone
 * @param streaming how long a reader of a stream is watched, alone and beside another
 */
record BenchmarkPlan(
        int rounds,
        Duration warmUp,
        Duration measured,
        int pings,
        int sessions,
        int secured,
        int storming,
        Duration away,
        Duration streaming) {
    static final BenchmarkPlan FULL = new BenchmarkPlan(
            5,
            Duration.ofMillis(2_500),
            Duration.ofMillis(1_500),
            10_000,
            1_000,
            1_000,
            400,
            Duration.ofSeconds(5),
            Duration.ofSeconds(60));

    /** Enough to see that it works and roughly where it stands. */
    static final BenchmarkPlan QUICK = new BenchmarkPlan(
            3,
            Duration.ofMillis(600),
            Duration.ofMillis(300),
            3_000,
            300,
            100,
            100,
            Duration.ofSeconds(2),
            Duration.ofSeconds(10));
}
