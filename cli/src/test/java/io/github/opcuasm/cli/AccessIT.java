package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what, from the config file and the tokens file to the exit codes of clients. The daemon is a process. */
@Timeout(120)
class AccessIT {
    private static final String NODE = Simulator.node("Scalars/Int32").toParseableString();

    @TempDir
    private static Path directory;

    private static Simulator server;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theRulesOfTheConfigFileHoldAndAreExplained() throws Exception {
        Path config = Files.writeString(directory.resolve("rules.yaml"), """
                access:
                  rules:
                    - {name: watchers, who: anyone, may: [read], endpoints: ["opc.tcp://localhost:*", "opc.tcp://127.0.0.1:*"]}
                """);
        try (var daemon = DaemonProcess.in(directory).start("--config", config.toString())) {
            Outcome read = client(daemon, Map.of(), "read", server.endpointUrl(), NODE);
            Outcome write = client(daemon, Map.of(), "write", server.endpointUrl(), NODE, "7");
            Outcome mayRead = client(daemon, Map.of(), "policy", "explain", "read", "--endpoint", server.endpointUrl());
            Outcome mayWrite = client(daemon, Map.of(), "policy", "explain", "write", "--node", NODE, "--json");

            assertThat(read.code()).as(read.stderr()).isZero();
            assertThat(write.code()).isEqualTo(1);
            assertThat(write.stderr()).contains("watchers", "`opcua-session-manager policy explain write`");
            assertThat(mayRead.code()).as(mayRead.stderr()).isZero();
            assertThat(mayRead.stdout()).startsWith("allowed to user:").contains("watchers");
            assertThat(mayWrite.code()).isEqualTo(1);
            assertThat(mayWrite.stdout()).startsWith("{\"allowed\":false,").contains("watchers");
        }
    }

    @Test
    void aTokenDoesWhatItsScopesSayUntilItIsRemoved() throws Exception {
        String file = directory.resolve("tokens").toString();
        String token = offline("token", "add", "hmi", "--scope", "read", "--tokens-file", file)
                .strip();
        String unused = offline("token", "add", "other", "--scope", "admin", "--tokens-file", file);
        try (var daemon = DaemonProcess.in(directory).start("--tokens-file", file)) {
            Map<String, String> environment = Map.of("OPCUA_AUTH_TOKEN", token);

            Outcome without = client(daemon, Map.of(), "read", server.endpointUrl(), NODE);
            Outcome read = client(daemon, environment, "read", server.endpointUrl(), NODE);
            Outcome write = client(daemon, environment, "write", server.endpointUrl(), NODE, "7");

            assertThat(without.code()).isEqualTo(1);
            assertThat(without.stderr()).contains("set OPCUA_AUTH_TOKEN or pass --auth-token-file");
            assertThat(read.code()).as(read.stderr()).isZero();
            assertThat(write.code()).isEqualTo(1);
            assertThat(write.stderr()).contains("hmi").doesNotContain(token);

            String removed = offline("token", "remove", "hmi", "--tokens-file", file);
            daemon.signal("HUP");

            assertThat(removed).isEqualTo("hmi  removed\n");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                Outcome refused = client(daemon, environment, "list");
                assertThat(refused.code()).isEqualTo(1);
                assertThat(refused.stderr()).contains("the daemon has another token than OPCUA_AUTH_TOKEN");
            });
            assertThat(daemon.stderr()).doesNotContain(token);
        }
    }

    @Test
    void secretsOfTheConfigFileShowNowhere() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "planted-in-file\n");
        Path config = Files.writeString(
                directory.resolve("secrets.yaml"), "auth-token: ${PLANTED}-${file:secret}\nmax-sessions: 3\n");
        String token = "planted-in-variable-planted-in-file";
        var launcher = DaemonProcess.in(directory).environment("PLANTED", "planted-in-variable");
        try (var daemon = launcher.start("--config", config.toString());
                var check = launcher.run("--check-config", "--config", config.toString())) {
            Outcome right = client(daemon, Map.of("OPCUA_AUTH_TOKEN", token), "list");
            Outcome wrong = client(daemon, Map.of("OPCUA_AUTH_TOKEN", "planted-elsewhere"), "list");

            assertThat(check.awaitExit()).isZero();
            assertThat(right.code()).as(right.stderr()).isZero();
            assertThat(wrong.code()).isEqualTo(1);
            String commandLine = Files.readString(Path.of("/proc", Long.toString(daemon.pid()), "cmdline"));
            assertThat(commandLine).contains("secrets.yaml").doesNotContain("planted");
            assertThat(daemon.stderr()).contains("others can read " + secret).doesNotContain("planted");
            assertThat(check.stdout()).contains("(set)").doesNotContain("planted");
            assertThat(wrong.stdout() + wrong.stderr()).doesNotContain("planted");
        }
    }

    @Test
    void aPasswordIsInNoCommandLineAndNoOutput() throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "planted-password\n");
        // Nobody answers: the client waits long enough to be looked at, and then has to say what went wrong.
        try (var silent = AnsweringDaemon.silent();
                var process = DaemonProcess.in(directory)
                        .run(
                                "read",
                                "opc.tcp://plc",
                                "i=2258",
                                "--user",
                                "joe",
                                "--password-file",
                                file.toString(),
                                "--timeout",
                                "2",
                                "--socket",
                                silent.uri())) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !silent.requests().isEmpty());
            String commandLine = Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));

            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(silent.requests().get(0)).contains("planted-password");
            assertThat(commandLine).contains("--password-file").doesNotContain("planted-password");
            assertThat(process.stdout() + process.stderr()).doesNotContain("planted-password");
        }
    }

    private record Outcome(int code, String stdout, String stderr) {}

    private static Outcome client(DaemonProcess daemon, Map<String, String> environment, String... arguments) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("OPCUA_SOCKET_PATH", daemon.endpoint().uri());
        return run(all, arguments);
    }

    private static String offline(String... arguments) {
        Outcome outcome = run(Map.of(), arguments);
        assertThat(outcome.code()).as(outcome.stderr()).isZero();
        return outcome.stdout();
    }

    /** In this JVM: what a process shows of its command line is another test's. */
    private static Outcome run(Map<String, String> environment, String... arguments) {
        var command = new CommandRun();
        environment.forEach(command::environment);
        int code = command.run(arguments);
        return new Outcome(code, command.stdout(), command.stderr());
    }
}
