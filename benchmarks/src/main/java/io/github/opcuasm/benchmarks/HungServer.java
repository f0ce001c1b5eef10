package io.github.opcuasm.benchmarks;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pings while nothing else happens, against pings while another client keeps reading from a server that has stopped
 * answering Read. The reads time out one after the other, and the session is found dead and restored again and again.
 */
final class HungServer {
    /** In seconds: short, so that many reads run into it. */
    private static final String CALL_TIMEOUT = "0.2";

    /**
     * 99th percentiles of a ping, in microseconds.
     *
     * @param readsTimedOut reads that failed meanwhile, in all
     */
    record Result(double undisturbed, double besideHung, long readsTimedOut) {
        double ratio() {
            return besideHung / undisturbed;
        }
    }

    private HungServer() {}

    static Result run(DaemonCallers daemon, int rounds, int pings) throws Exception {
        List<Double> quiet = new ArrayList<>();
        List<Double> disturbed = new ArrayList<>();
        AtomicLong timedOut = new AtomicLong();
        try (Simulator hung = Simulator.builder().build()) {
            hung.start();
            String session = daemon.open(hung.endpointUrl(), "\"config\":{\"opcuaTimeout\":" + CALL_TIMEOUT + "}");
            String read = DaemonCallers.read(session, Simulator.NAMESPACE_INDEX, "Scalars/Int32");
            for (int round = 0; round < rounds; round++) {
                try (Caller pinger = daemon.kept(DaemonCallers.PING)) {
                    Latencies unused = ClosedLoop.run(pinger, pings / 10);
                    quiet.add(p99(pinger, pings));
                    disturbed.add(besideHung(hung, Reading.start(daemon, read, timedOut), pinger, pings));
                }
            }
        }
        return new Result(Report.median(quiet), Report.median(disturbed), timedOut.get());
    }

    private static double besideHung(Simulator hung, Reading reading, Caller pinger, int pings) throws Exception {
        Fault hanging = hung.faults().hang(Service.READ);
        try {
            reading.awaitFailure();
            return p99(pinger, pings);
        } finally {
            reading.stop();
            hanging.close();
        }
    }

    private static double p99(Caller pinger, int pings) throws Exception {
        return ClosedLoop.run(pinger, pings).quantile(0.99) / 1_000.0;
    }

    /** The other client: reads until it is stopped, whatever becomes of it. */
    private static final class Reading {
        private final DaemonCallers daemon;
        private final String request;
        private final AtomicLong failures;
        private final CountDownLatch failed = new CountDownLatch(1);
        private final Thread thread = new Thread(this::read, "reader-of-hung-server");
        private volatile boolean stopped;

        private Reading(DaemonCallers daemon, String request, AtomicLong failures) {
            this.daemon = daemon;
            this.request = request;
            this.failures = failures;
        }

        static Reading start(DaemonCallers daemon, String request, AtomicLong failures) {
            Reading reading = new Reading(daemon, request, failures);
            reading.thread.setDaemon(true);
            reading.thread.start();
            return reading;
        }

        void awaitFailure() throws InterruptedException, IOException {
            if (!failed.await(10, TimeUnit.SECONDS)) {
                throw new IOException("no read from the hung server has failed");
            }
        }

        void stop() throws InterruptedException {
            stopped = true;
            thread.join();
        }

        private void read() {
            while (!stopped) {
                try {
                    daemon.ask(request);
                } catch (IOException expected) {
                    failures.incrementAndGet();
                    failed.countDown();
                }
            }
        }
    }
}
