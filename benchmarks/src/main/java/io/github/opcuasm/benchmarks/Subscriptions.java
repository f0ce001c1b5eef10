package io.github.opcuasm.benchmarks;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * 50,000 changes of values a second to one reader, alone at first, then beside one that has stalled: it asks for one message
 * every ten seconds, just enough for the daemon not to disconnect it. The stalled one asks for other publishing intervals,
 * so that nothing is shared on the way to the two but the OPC UA session.
 */
final class Subscriptions {
    private static final int VARIABLES = 500;
    private static final int PER_SECOND = 50_000;
    private static final int QUEUE = 1_000;
    private static final Duration INTERVAL = Duration.ofMillis(50);
    private static final Duration STALLED_ASKS_EVERY = Duration.ofSeconds(10);
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
    private static final double MIN_PER_SECOND = 0.98 * PER_SECOND;

    /** What may wait for a reader is a share of it. */
    private static final String HEAP = "512m";

    /** Of it a stream may take a 16th by the daemon's own, rough, estimate; one message is on its way besides. */
    private static final double MAX_STALLED_MEBIBYTES = 64;

    private static final double MAX_GROWTH_MEBIBYTES = 8;
    private static final double MEBIBYTE = 1024 * 1024;

    /**
     * One stretch of time.
     *
     * @param perSecond values read per second
     * @param queued values that the server queued for every reader meanwhile, per second
     * @param processors that the daemon used, on average
     * @param heap live bytes of the daemon at the end
     */
    private record Phase(StreamedChanges.Result read, double perSecond, double queued, double processors, long heap) {
        double lagMillis(double share) {
            return read.lags().quantile(share) / 1e6;
        }
    }

    private final RestartableServer server;
    private final Program daemon;
    private final StreamedChanges reader;

    private Subscriptions(RestartableServer server, Program daemon, StreamedChanges reader) {
        this.server = server;
        this.daemon = daemon;
        this.reader = reader;
    }

    /** Prints what it finds; true if the targets are met. */
    static boolean run(Path launcher, Path directory, Duration phase, PrintStream out) throws Exception {
        Path socket = directory.resolve("streams.sock");
        try (RestartableServer server = RestartableServer.producing(VARIABLES);
                Program daemon = Program.daemonOfHeap(launcher, directory, socket, HEAP);
                DaemonClient client = DaemonClient.connect(
                        new IpcEndpoint.Unix(socket), ClientOptions.DEFAULTS.withMaxAnswerBytes(MAX_MESSAGE_BYTES));
                NotificationStream stream = client.subscribe(request(server, INTERVAL))) {
            requireAll(stream);
            StreamedChanges reader = new StreamedChanges(stream, VARIABLES);
            Subscriptions benchmark = new Subscriptions(server, daemon, reader);
            reader.start();
            server.produce(PER_SECOND);
            try {
                return benchmark.measure(client, phase, out);
            } finally {
                server.halt();
                reader.stop();
            }
        }
    }

    private boolean measure(DaemonClient client, Duration phase, PrintStream out) throws Exception {
        out.printf(
                Locale.ROOT,
                "%d processors, Java %s; %d variables, %d changes per s, %d s each%n%n",
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                VARIABLES,
                PER_SECOND,
                phase.toSeconds());
        Phase unused = phase(WARM_UP);
        Phase alone = phase(phase);
        print(out, "alone", alone);
        Phase begun;
        Phase beside;
        try (NotificationStream stalled = client.subscribe(request(server, INTERVAL.multipliedBy(2)))) {
            requireAll(stalled);
            Thread asking = new Thread(() -> askNowAndThen(stalled), "stalled-reader");
            asking.setDaemon(true);
            asking.start();
            begun = phase(phase.dividedBy(2));
            print(out, "beside a stalled reader", begun);
            beside = phase(phase);
            print(out, "the same, later", beside);
            asking.interrupt();
            asking.join();
        }
        out.println();
        List<Target> targets = targets(alone, begun, beside);
        targets.forEach(out::println);
        return targets.stream().allMatch(Target::isMet);
    }

    private static List<Target> targets(Phase alone, Phase begun, Phase beside) {
        List<Target> targets = new ArrayList<>();
        targets.add(Target.atLeast("changes read alone", MIN_PER_SECOND, alone.perSecond, "per s"));
        targets.add(Target.atLeast("changes read beside a stalled reader", MIN_PER_SECOND, beside.perSecond, "per s"));
        targets.add(Target.atMost(
                "lost", 0, (double) alone.read.lost() + begun.read.lost() + beside.read.lost(), "changes"));
        targets.add(Target.atMost(
                "told of as dropped or missing",
                0,
                (double) alone.read.interruptions() + begun.read.interruptions() + beside.read.interruptions(),
                "times"));
        targets.add(Target.atMost(
                "heap for the stalled reader", MAX_STALLED_MEBIBYTES, (beside.heap - alone.heap) / MEBIBYTE, "MiB"));
        targets.add(Target.atMost(
                "growth of the heap while it stalls",
                MAX_GROWTH_MEBIBYTES,
                (beside.heap - begun.heap) / MEBIBYTE,
                "MiB"));
        return targets;
    }

    private Phase phase(Duration length) throws Exception {
        // What weighing the heap before has held up is not of this stretch.
        LockSupport.parkNanos(SETTLING.toNanos());
        StreamedChanges.Result before = reader.take();
        long queuedBefore = server.queuedRounds();
        Duration cpuBefore = cpu();
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < length.toNanos()) {
            LockSupport.parkNanos(length.toNanos() - (System.nanoTime() - begin));
        }
        StreamedChanges.Result read = reader.take();
        double seconds = (System.nanoTime() - begin) / 1e9;
        double processors = cpu().minus(cpuBefore).toNanos() / 1e9 / seconds;
        double queued = (server.queuedRounds() - queuedBefore) * (double) VARIABLES / seconds;
        return new Phase(
                new StreamedChanges.Result(
                        read.changes(),
                        before.lost() + read.lost(),
                        before.interruptions() + read.interruptions(),
                        read.lags()),
                read.changes() / seconds,
                queued,
                processors,
                SessionFootprint.liveHeap(daemon.pid()));
    }

    private static void print(PrintStream out, String name, Phase phase) {
        out.printf(
                Locale.ROOT,
                "%-24s %,7.0f changes per s of %,7.0f, %d lost; lag p50 %.0f ms, p99 %.0f ms; daemon: %.2f processors,"
                        + " %.1f MiB of heap%n",
                name,
                phase.perSecond,
                phase.queued,
                phase.read.lost(),
                phase.lagMillis(0.5),
                phase.lagMillis(0.99),
                phase.processors,
                phase.heap / MEBIBYTE);
    }

    private Duration cpu() throws IOException {
        return ProcessHandle.of(daemon.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IOException("the system does not tell what CPU the daemon has used"));
    }

    private static StreamRequest request(RestartableServer server, Duration interval) {
        StreamRequest request =
                StreamRequest.ofServer(server.endpointUrl(), Map.of()).publishingInterval(interval);
        for (int i = 0; i < VARIABLES; i++) {
            request.item(Map.of("nodeId", RestartableServer.variable(i), "clientHandle", i, "queueSize", QUEUE));
        }
        return request;
    }

    private static void requireAll(NotificationStream stream) throws IOException {
        if (stream.items().size() != VARIABLES
                || !stream.items().stream().allMatch(item -> item.statusCode().value() == 0)) {
            throw new IOException("not every variable is monitored: " + stream.items());
        }
    }

    private static void askNowAndThen(NotificationStream stalled) {
        while (!Thread.interrupted()) {
            Object unused = stalled.next(STALLED_ASKS_EVERY);
            LockSupport.parkNanos(STALLED_ASKS_EVERY.toNanos());
        }
    }
}
