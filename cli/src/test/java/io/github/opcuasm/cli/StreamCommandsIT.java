package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code watch} and {@code events}, against a daemon in a process of its own. */
@Timeout(90)
class StreamCommandsIT {
    private static final String COUNTER = "ns=2;s=Dynamic/Counter";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @Test
    void aLineIsWrittenForEachChange() {
        CommandRun run = new CommandRun();

        int code = run(run, "watch", server.endpointUrl(), COUNTER, "--interval", "50", "--count", "3");

        assertThat(code).as(run.stderr()).isZero();
        assertThat(run.stdout().lines()).hasSize(3).allMatch(line -> line.matches("ns=2;s=Dynamic/Counter {2}[0-9]+"));
    }

    @Test
    void jsonAndCsvHaveTimesAndStatus() {
        CommandRun json = new CommandRun();
        CommandRun csv = new CommandRun();

        int first = run(json, "watch", server.endpointUrl(), COUNTER, "--count", "1", "--json");
        int second = run(csv, "watch", server.endpointUrl(), COUNTER, "--count", "1", "--csv");

        assertThat(first + second).isZero();
        assertThat(json.stdout())
                .startsWith("{\"nodeId\":\"" + COUNTER + "\",\"value\":")
                .contains("\"typeName\":\"UInt32\",\"status\":\"Good\"", "\"sequenceNumber\":1");
        assertThat(csv.stdout().lines().toList())
                .hasSize(2)
                .element(1)
                .asString()
                .matches("20[^,]+,ns=2;s=Dynamic/Counter,[0-9]+,UInt32,Good");
    }

    @Test
    void refusedNodeIsSaidAndTheOthersAreShown() {
        CommandRun run = new CommandRun();

        int code = run(run, "watch", server.endpointUrl(), "ns=2;s=Nope", COUNTER, "--count", "1");

        assertThat(code).isEqualTo(3);
        assertThat(run.stderr()).contains("ns=2;s=Nope: Bad_NodeIdUnknown (0x80340000)");
        assertThat(run.stdout()).startsWith(COUNTER);
    }

    @Test
    void deadbandHoldsBackAllButTheFirstValue() {
        CommandRun run = new CommandRun();

        int code = run(
                run,
                "watch",
                server.endpointUrl(),
                COUNTER,
                "--interval",
                "50",
                "--deadband",
                "1000000",
                "--trigger",
                "status-value",
                "--duration",
                "2");

        assertThat(code).as(run.stderr()).isZero();
        assertThat(run.stdout().lines()).hasSize(1);
    }

    @Test
    void wrongOptionsAreNamedBeforeAnythingIsConnected() {
        for (List<String> wrong : List.of(
                List.of("--deadband", "101%"),
                List.of("--deadband", "x"),
                List.of("--trigger", "value"),
                List.of("--interval", "fast"),
                List.of("--count", "0"),
                List.of("--queue", "-1"))) {
            CommandRun run = new CommandRun();

            int code = run.run(
                    "watch",
                    "opc.tcp://127.0.0.1:1",
                    COUNTER,
                    wrong.get(0) + "=" + wrong.get(1),
                    "--socket",
                    "tcp://127.0.0.1:1");

            assertThat(code).as(wrong.toString()).isEqualTo(2);
            assertThat(run.stderr()).contains(wrong.get(0) + ": got " + wrong.get(1));
        }
    }

    /** Nothing is written that could show it: this node never changes. */
    @Test
    void readerThatIsGoneEndsAStreamThatHasNothingToSay() throws Exception {
        Process watch = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.github.opcuasm.cli.Main",
                        "watch",
                        server.endpointUrl(),
                        "ns=2;s=Scalars/Int32",
                        "--socket",
                        daemon.endpoint().uri())
                .redirectError(directory.resolve("quiet").toFile())
                .start();
        assertThat(watch.getInputStream().read()).isPositive();

        watch.getInputStream().close();

        assertThat(watch.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(watch.exitValue()).isZero();
        assertThat(directory.resolve("quiet")).hasContent("");
    }

    /** As in {@code watch … | head -1}: no word on standard error, and no failure. */
    @Test
    void readerThatHasReadEnoughEndsItQuietly() throws Exception {
        var process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "\"$@\" 2>\"$ERRORS\" | head -n 2; exit 0",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.github.opcuasm.cli.Main",
                        "watch",
                        server.endpointUrl(),
                        COUNTER,
                        "--interval",
                        "50",
                        "--socket",
                        daemon.endpoint().uri())
                .redirectErrorStream(true);
        Path errors = directory.resolve("errors");
        process.environment().put("ERRORS", errors.toString());

        Process running = process.start();
        String out = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(out.lines()).hasSize(2).allMatch(line -> line.startsWith(COUNTER));
        assertThat(errors).hasContent("");
    }

    @Test
    void interruptEndsRepeatedStatistics() throws Exception {
        try (var stats = DaemonProcess.in(directory)
                .environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri())
                .run("stats", "--watch", "0.05", "--json")) {
            await().atMost(PATIENCE).until(() -> stats.stdout().contains("\n"));

            stats.signal("INT");

            assertThat(stats.awaitExit()).isEqualTo(130);
            assertThat(stats.stderr()).isEmpty();
        }
    }

    @Test
    void interruptEndsTheStreamAndWithItWhatTheServerHasOfIt() throws Exception {
        try (var watch = DaemonProcess.in(directory)
                .environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri())
                .run("watch", server.endpointUrl(), "ns=2;s=Scalars/Int32", "--interval", "77")) {
            await().atMost(PATIENCE).until(() -> watch.stdout().contains("Scalars/Int32"));

            watch.signal("INT");

            assertThat(watch.awaitExit()).isEqualTo(130);
            assertThat(watch.stderr()).isEmpty();
        }
    }

    @Test
    void eventsAreShownThatTheConditionIsTrueFor() throws Exception {
        PipedReader shown = new PipedReader();
        PrintWriter out = new PrintWriter(new PipedWriter(shown), false);
        StringWriter errors = new StringWriter();
        Console console = new Console(
                out,
                new PrintWriter(errors),
                Map.of("OPCUA_SOCKET_PATH", daemon.endpoint().uri()),
                question -> null);
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> Main.run(
                new String[] {
                    "events",
                    server.endpointUrl(),
                    "--severity",
                    "500",
                    "--select",
                    "Severity,Message",
                    "--interval",
                    "50",
                    "--count",
                    "1"
                },
                console));
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> firstLine(shown));

        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
            server.events().emit("low", 100);
            server.events().emit("high", 700);
            return line.isDone();
        });

        assertThat(line.get()).isEqualTo("700  high");
        assertThat(code.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(errors.toString()).isEmpty();
    }

    @Test
    void whatTheServerDoesNotEvaluateAndWhatCannotBeReadIsSaid() {
        CommandRun unsupported = new CommandRun();
        CommandRun malformed = new CommandRun();

        int first = run(unsupported, "events", server.endpointUrl(), "--where", "Message like 'x%'");
        int second = run(malformed, "events", server.endpointUrl(), "--where", "Severity >> 5");

        assertThat(first).isEqualTo(3);
        assertThat(unsupported.stderr())
                .contains("may report nothing: where: Message like 'x%': Bad_FilterOperatorUnsupported");
        assertThat(second).isEqualTo(2);
        assertThat(malformed.stderr()).contains("--where: got \"> 5\" at character 11, expected a field");
    }

    @Test
    void placeInAConditionCountsFromItsBeginningWhateverElseIsAsked() {
        CommandRun run = new CommandRun();

        int code = run(run, "events", server.endpointUrl(), "--severity", "3", "--where", "Severity >> 5", "--json");

        assertThat(code).isEqualTo(2);
        assertThat(run.stderr()).contains("--where: got \\\"> 5\\\" at character 11, expected a field");
    }

    @Test
    void fieldThatNoEventHasIsWarnedOf() {
        CommandRun run = new CommandRun();

        int code = run(
                run,
                "events",
                server.endpointUrl(),
                "--select",
                "Mesage,2:Machine,2:Machin",
                "--where",
                "Sevrity > 5 or ofType(2:MachineEventType)",
                "--duration",
                "0.1");

        assertThat(code).as(run.stderr()).isNotEqualTo(2);
        assertThat(run.stderr())
                .contains("has a field Mesage; did you mean Message?", "2:Machin; did you mean 2:Machine?")
                .contains("has a field Sevrity; did you mean Severity?")
                .doesNotContain("field 2:Machine;", "MachineEventType");
    }

    private static int run(CommandRun run, String... arguments) {
        return run.environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri()).run(arguments);
    }

    private static String firstLine(PipedReader reader) {
        try {
            return String.valueOf(new BufferedReader(reader).readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
