package io.github.opcuasm.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server on which a daemon has many sessions goes away and comes back: how soon all of them are activated again, how many
 * handshakes the server sees at once meanwhile, and how long pings take. They are sent one after the other with a pause of
 * 1 ms between them, so that they ask for the processors now and then, as short-lived programs do, and do not occupy one.
 */
final class ServerOutage {
    private static final Duration GIVE_UP = Duration.ofMinutes(3);
    private static final long POLL_NANOS = 20_000_000;
    private static final long PING_PAUSE_NANOS = 1_000_000;

    /**
     * What was seen.
     *
     * @param footprint of the sessions before the outage
     * @param backSeconds from the first connection that the server accepts until the last session is activated
     * @param mostHandshakes at once, as the server counts them
     * @param pingMillis the 99th percentile of pings from the server's return until then
     */
    record Result(SessionFootprint.Result footprint, double backSeconds, long mostHandshakes, double pingMillis) {}

    private ServerOutage() {}

    /**
     * On a daemon and a server of its own.
     *
     * @param away how long the server is gone
     */
    static Result run(Path launcher, Path directory, RestartableServer.Security security, int sessions, Duration away)
            throws Exception {
        Path socket = directory.resolve("outage.sock");
        try (RestartableServer server = RestartableServer.start(security);
                Program process = Program.daemon(launcher, directory, socket, "--max-sessions", "0")) {
            DaemonCallers daemon = new DaemonCallers(socket);
            SessionFootprint.Result footprint =
                    SessionFootprint.of(process, daemon, server.endpointUrl(), security.config(), sessions);
            server.goAway();
            pause(away);
            try (Pinger pinger = Pinger.start(daemon)) {
                server.comeBack();
                awaitAll(server, sessions);
                double seconds = server.secondsSinceFirstConnection();
                return new Result(footprint, seconds, server.mostHandshakes(), pinger.p99() / 1e6);
            }
        }
    }

    private static void awaitAll(RestartableServer server, int sessions) throws IOException {
        long start = System.nanoTime();
        while (server.back() < sessions) {
            if (System.nanoTime() - start > GIVE_UP.toNanos()) {
                throw new IOException(server.back() + " of " + sessions + " sessions came back in " + GIVE_UP);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Pings on a connection of its own until it is asked for what it has seen. */
    private static final class Pinger implements AutoCloseable {
        private static final int END_SECONDS = 60;

        private final Latencies latencies = new Latencies();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private volatile boolean stopped;

        static Pinger start(DaemonCallers daemon) throws IOException {
            Pinger pinger = new Pinger();
            Caller caller = daemon.kept(DaemonCallers.PING);
            Thread thread = new Thread(() -> pinger.ping(caller), "pinger");
            thread.setDaemon(true);
            thread.start();
            return pinger;
        }

        /** In nanoseconds; ends the pings. */
        long p99() throws Exception {
            stopped = true;
            ended.get(END_SECONDS, TimeUnit.SECONDS);
            return latencies.quantile(0.99);
        }

        private void ping(Caller caller) {
            try (caller) {
                while (!stopped) {
                    long before = System.nanoTime();
                    caller.call();
                    latencies.record(System.nanoTime() - before);
                    LockSupport.parkNanos(PING_PAUSE_NANOS);
                }
                ended.complete(null);
            } catch (Exception e) {
                ended.completeExceptionally(e);
            }
        }

        @Override
        public void close() {
            stopped = true;
        }
    }
}
