package io.github.opcuasm.benchmarks;

import io.github.opcuasm.benchmarks.Workload.Kind;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Compares reads and pings through the daemon with reads by Milo's own client, all against one simulator.
 *
 * <p>Simulator and daemon are processes of their own, started by the launcher; this process makes the load and holds the
 * direct client. All workloads are warmed up first. Then each round runs every workload for a moment, so that whatever
 * else the machine does touches all of them alike, and the medians of the rounds are compared.
 */
public final class LoadBenchmark {
    private static final String NODE = "Scalars/Int32";
    private static final Set<String> OPTIONS = Set.of("--quick", "--storms", "--subscriptions", "--startup");
    private static final Set<String> ALONE = Set.of("--storms", "--subscriptions", "--startup");
    private static final int[] CLIENTS = {1, 8, 32};

    private final BenchmarkPlan plan;
    private final Path launcher;
    private final PrintStream out;

    private LoadBenchmark(BenchmarkPlan plan, Path launcher, PrintStream out) {
        this.plan = plan;
        this.launcher = launcher;
        this.out = out;
    }

    /** Exits with 0 if all targets are met, 1 if not or if something broke, 2 for a wrong argument. */
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<String> options = List.of(args);
        if (!OPTIONS.containsAll(options)
                || options.stream().filter(ALONE::contains).count() > 1) {
            out.println(
                    "Usage: benchmarks/run [--quick] [--storms | --subscriptions | --startup]   (docs/benchmarks.md)");
            System.exit(options.equals(List.of("--help")) ? 0 : 2);
        }
        BenchmarkPlan plan = options.contains("--quick") ? BenchmarkPlan.QUICK : BenchmarkPlan.FULL;
        Path launcher = Path.of(System.getProperty("opcuasm.launcher", "opcua-session-manager"));
        LoadBenchmark benchmark = new LoadBenchmark(plan, launcher, out);
        boolean allMet;
        if (options.contains("--storms")) {
            allMet = benchmark.runStorms();
        } else if (options.contains("--subscriptions")) {
            allMet = benchmark.runSubscriptions();
        } else if (options.contains("--startup")) {
            allMet = benchmark.runStartUp();
        } else {
            allMet = benchmark.run();
        }
        System.exit(allMet ? 0 : 1);
    }

    private boolean runStartUp() throws Exception {
        Path directory = Files.createTempDirectory("opcua-bench");
        try {
            return new StartUp(launcher, directory, plan.equals(BenchmarkPlan.QUICK) ? 7 : 31).run(out);
        } finally {
            delete(directory);
        }
    }

    private boolean run() throws Exception {
        long start = System.nanoTime();
        Path directory = Files.createTempDirectory("opcua-bench");
        try (Program simulator = Program.simulator(launcher, directory)) {
            String endpointUrl = simulator.endpointUrl();
            Path socket = directory.resolve("d.sock");
            Report report;
            HungServer.Result hung;
            try (Program daemon = Program.daemon(launcher, directory, socket);
                    DirectMilo milo = DirectMilo.connect(endpointUrl)) {
                out.printf(
                        Locale.ROOT,
                        "%d processors, Java %s, daemon %d, simulator %d; %d rounds of %d ms%n",
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.version(),
                        daemon.pid(),
                        simulator.pid(),
                        plan.rounds(),
                        plan.measured().toMillis());
                DaemonCallers callers = new DaemonCallers(socket);
                report = measure(workloads(milo, callers, endpointUrl));
                hung = HungServer.run(callers, plan.rounds(), plan.pings());
            }
            SessionFootprint.Result footprint =
                    SessionFootprint.measure(launcher, directory, endpointUrl, plan.sessions());
            ServerOutage.Result restart = ServerOutage.run(
                    launcher, directory, RestartableServer.Security.SIGN_AND_ENCRYPT, plan.secured(), Duration.ZERO);
            Storms storms = Storms.run(launcher, directory, plan.storming(), plan.away());
            return print(report, hung, footprint, restart, storms, (System.nanoTime() - start) / 1e9);
        } finally {
            delete(directory);
        }
    }

    private boolean runStorms() throws Exception {
        Path directory = Files.createTempDirectory("opcua-bench");
        try {
            Storms storms = Storms.run(launcher, directory, plan.storming(), plan.away());
            storms.lines().forEach(out::println);
            out.println();
            storms.targets().forEach(out::println);
            return storms.targets().stream().allMatch(Target::isMet);
        } finally {
            delete(directory);
        }
    }

    private boolean runSubscriptions() throws Exception {
        Path directory = Files.createTempDirectory("opcua-bench");
        try {
            return Subscriptions.run(launcher, directory, plan.streaming(), out);
        } finally {
            delete(directory);
        }
    }

    private static List<Workload> workloads(DirectMilo milo, DaemonCallers daemon, String endpointUrl)
            throws IOException {
        String session = daemon.open(endpointUrl, "\"config\":{}");
        String read = DaemonCallers.read(session, Simulator.NAMESPACE_INDEX, NODE);
        List<Workload> workloads = new ArrayList<>();
        for (int clients : CLIENTS) {
            workloads.add(new Workload(Kind.DIRECT_READ, clients, () -> milo.reader(Simulator.node(NODE))));
            workloads.add(new Workload(Kind.KEPT_READ, clients, () -> daemon.kept(read)));
            workloads.add(new Workload(Kind.SINGLE_READ, clients, () -> daemon.single(read)));
            workloads.add(new Workload(Kind.KEPT_PING, clients, () -> daemon.kept(DaemonCallers.PING)));
            workloads.add(new Workload(Kind.SINGLE_PING, clients, () -> daemon.single(DaemonCallers.PING)));
        }
        return workloads;
    }

    private Report measure(List<Workload> workloads) throws Exception {
        for (Workload workload : workloads) {
            Measurement unused = ClosedLoop.run(workload, plan.warmUp());
        }
        Report report = new Report();
        for (int round = 0; round < plan.rounds(); round++) {
            for (Workload workload : workloads) {
                report.add(workload, ClosedLoop.run(workload, plan.measured()));
            }
        }
        return report;
    }

    private boolean print(
            Report report,
            HungServer.Result hung,
            SessionFootprint.Result footprint,
            ServerOutage.Result restart,
            Storms storms,
            double seconds) {
        out.println();
        report.table().forEach(out::println);
        out.println();
        out.printf(
                Locale.ROOT,
                "ping p99 undisturbed %.1f µs, beside a hung server %.1f µs (x %.2f; %d reads timed out)%n",
                hung.undisturbed(),
                hung.besideHung(),
                hung.ratio(),
                hung.readsTimedOut());
        out.printf(
                Locale.ROOT,
                "%d open sessions: %.0f bytes of heap each, %.0f of resident memory; opened in %.1f s%n",
                footprint.sessions(),
                footprint.heap(),
                footprint.resident(),
                footprint.openSeconds());
        SessionFootprint.Result secured = restart.footprint();
        out.printf(
                Locale.ROOT,
                "%d secured ones: %.0f bytes of heap each (x %.2f), %.0f of resident memory; opened in %.1f s%n",
                secured.sessions(),
                secured.heap(),
                secured.heap() / footprint.heap(),
                secured.resident(),
                secured.openSeconds());
        out.printf(
                Locale.ROOT,
                "restart of their server: all back in %.1f s, at most %d handshakes at once, ping p99 %.1f ms%n",
                restart.backSeconds(),
                restart.mostHandshakes(),
                restart.pingMillis());
        storms.lines().forEach(out::println);
        out.println();
        List<Target> targets = new ArrayList<>(report.targets(hung, footprint, restart));
        targets.addAll(storms.targets());
        targets.forEach(out::println);
        out.printf(Locale.ROOT, "%ntook %.0f s%n", seconds);
        return targets.stream().allMatch(Target::isMet);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
