package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * What the daemon is for, in one command: a simulator and a daemon, a session opened once, and a second process that
 * reads through it. Everything it starts and creates is gone when it ends.
 */
final class DemoCommand implements Command {
    private static final String ONCE = "--once";
    private static final String SOCKET = "--socket";
    private static final String NODE = "Scalars/Int32";
    private static final int KEPT_READS = 10;

    @Override
    public void declare(CommandSpec spec) {
        spec.addOption(Syntax.flag("end after the tour", ONCE));
        spec.addOption(Syntax.value("URI", "where the daemon listens (a temporary Unix socket)", SOCKET));
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) throws Exception {
        LogOutput unused =
                LogOutput.install(new LogSettings(LogSettings.Threshold.ERROR, LogSettings.Format.TEXT, null));
        String uri = given.matchedOptionValue(SOCKET, (String) null);
        Path directory = uri == null ? Files.createTempDirectory("opcua-demo-") : null;
        StopSignal stop = StopSignal.install();
        try {
            IpcEndpoint endpoint = Endpoints.parse(uri != null ? uri : directory + "/daemon.sock");
            run(endpoint, given.hasMatchedOption(ONCE), stop, console);
        } finally {
            if (directory != null) {
                Files.deleteIfExists(directory);
            }
        }
        return ExitCode.OK;
    }

    private static void run(IpcEndpoint endpoint, boolean once, StopSignal stop, Console console) throws Exception {
        DaemonConfig config = DaemonConfig.builder().socket(endpoint).build();
        try (Simulator simulator = Simulator.builder().build();
                SessionManagerDaemon daemon = new SessionManagerDaemon(config)) {
            simulator.start();
            daemon.start();
            IpcEndpoint bound = daemon.boundEndpoints().get(0);
            tour(bound, simulator.endpointUrl(), console);
            if (!once) {
                suggest(bound, simulator.endpointUrl(), console);
                console.out().flush();
                stop.await();
            }
        }
    }

    private static void tour(IpcEndpoint endpoint, String server, Console console)
            throws IOException, InterruptedException {
        String node = Simulator.node(NODE).toParseableString();
        console.out().println("server   " + server + "   (simulator)");
        console.out().println("daemon   " + endpoint);
        console.out().println();
        console.out().flush();
        try (DaemonClient client = DaemonClient.connect(endpoint, ClientOptions.DEFAULTS)) {
            var unusedPing =
                    client.ping(); // so that the cold open shows the handshake and not this JVM's first request
            long start = System.nanoTime();
            OpenedSession session = client.open(server, Map.of(), false);
            step(
                    console,
                    "open, cold: channel, session, activation",
                    millis(start),
                    "session " + shortened(session.sessionId()));

            start = System.nanoTime();
            OpenedSession again = client.open(server, Map.of(), false);
            step(console, "open, again", millis(start), "reused: " + again.reused());

            start = System.nanoTime();
            SecondReader.Reading reading = SecondReader.read(endpoint, server, node);
            double process = millis(start);
            boolean same = reading.sessionId().equals(session.sessionId());
            step(
                    console,
                    "a second process, a new JVM: open",
                    reading.openMs(),
                    "reused: " + (reading.reused() && same));
            step(console, "                             read", reading.readMs(), NODE + " = " + reading.value());
            step(console, "                             all of it", process, "");
            if (!same) {
                throw new ConfigurationException(
                        "demo: the second process got another session, " + reading.sessionId());
            }

            double[] micros = new double[KEPT_READS];
            for (int i = 0; i < KEPT_READS; i++) {
                start = System.nanoTime();
                var unused = client.read(session.sessionId(), node);
                micros[i] = (System.nanoTime() - start) / 1e3;
            }
            Arrays.sort(micros);
            double median = (micros[KEPT_READS / 2 - 1] + micros[KEPT_READS / 2]) / 2;
            step(
                    console,
                    "ten more reads on a kept connection, median",
                    median / 1e3,
                    String.format(Locale.ROOT, "%.0f µs", median));
        }
        console.out().println();
        console.out().flush();
    }

    private static void step(Console console, String what, double millis, String result) {
        console.out()
                .println(String.format(Locale.ROOT, "  %-44s %9.2f ms   %s", what, millis, result)
                        .stripTrailing());
        console.out().flush();
    }

    private static void suggest(IpcEndpoint endpoint, String server, Console console) {
        String program = System.getProperty("opcuasm.program", Console.PROGRAM);
        String writable = Simulator.node(NODE).toParseableString();
        String counter = Simulator.node("Dynamic/Counter").toParseableString();
        console.out().println("Try next, in another terminal:");
        console.out().println("  export " + Endpoints.ENVIRONMENT + "=" + endpoint.uri());
        console.out().println("  " + program + " read " + server + " '" + counter + "'");
        console.out().println("  " + program + " write " + server + " '" + writable + "' 42");
        console.out().println("  " + program + " list");
        String raw = raw(endpoint);
        if (raw != null) {
            console.out().println("  echo '{\"command\":\"ping\"}' | " + raw);
        }
        console.out().println();
        console.out().println("Ctrl-C ends both.");
    }

    private static @Nullable String raw(IpcEndpoint endpoint) {
        if (endpoint instanceof IpcEndpoint.Unix unix) {
            return "nc -U " + unix.path();
        }
        return endpoint instanceof IpcEndpoint.Tcp tcp
                ? "nc " + tcp.address().getHostAddress() + " " + tcp.port()
                : null;
    }

    private static double millis(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    private static String shortened(String sessionId) {
        return sessionId.substring(0, Math.min(8, sessionId.length())) + "…";
    }
}
