package io.github.opcuasm.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Drives the callers of a workload, each on a thread of its own that makes one call after the other. All callers exist
 * and wait before the first one calls; every call that starts within the duration is counted, and the time that counts
 * ends with the last of them.
 */
final class ClosedLoop {
    private ClosedLoop() {}

    static Measurement run(Workload workload, Duration duration) throws Exception {
        List<Caller> callers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(workload.clients());
        try {
            for (int i = 0; i < workload.clients(); i++) {
                callers.add(workload.newCaller().call());
            }
            CountDownLatch go = new CountDownLatch(1);
            List<Future<Latencies>> results = new ArrayList<>();
            for (Caller caller : callers) {
                results.add(threads.submit(() -> {
                    go.await();
                    return loop(caller, duration);
                }));
            }
            long start = System.nanoTime();
            go.countDown();
            Latencies all = new Latencies();
            for (Future<Latencies> result : results) {
                all.add(result.get());
            }
            return Measurement.of(all, System.nanoTime() - start);
        } finally {
            threads.shutdownNow();
            for (Caller caller : callers) {
                caller.close();
            }
        }
    }

    /** So many calls, one after the other, on this thread. */
    static Latencies run(Caller caller, int calls) throws Exception {
        Latencies latencies = new Latencies();
        for (int i = 0; i < calls; i++) {
            long before = System.nanoTime();
            caller.call();
            latencies.record(System.nanoTime() - before);
        }
        return latencies;
    }

    private static Latencies loop(Caller caller, Duration duration) throws Exception {
        Latencies latencies = new Latencies();
        long end = System.nanoTime() + duration.toNanos();
        long now = System.nanoTime();
        while (now - end < 0) {
            long before = now;
            caller.call();
            now = System.nanoTime();
            latencies.record(now - before);
        }
        return latencies;
    }
}
