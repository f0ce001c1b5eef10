package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A config file that names servers, the daemon's process, and clients' processes that know no URL and no password. */
class ConnectionsIT {
    private static final String NODE = Simulator.node("Scalars/Int32").toParseableString();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void clientsReadByNameAndTheDaemonOpensByItself() throws Exception {
        try (Simulator server = Simulator.builder()
                .secured(options -> options.user("joe", "planted-right"))
                .build()) {
            server.start();
            Path config = config("""
                    connections:
                      plc1:
                        endpoint: URL
                        config: {securityPolicy: Basic256Sha256, username: joe, password: ${PLC1_PASSWORD}}
                    auto-connect:
                      hmi:
                        endpoint: URL
                        config: {security_policy: Basic256Sha256, username: joe, password: "${PLC1_PASSWORD}", sessionName: hmi}
                      wrong:
                        endpoint: URL
                        config: {securityPolicy: Basic256Sha256, username: joe, password: planted-wrong}
                    """.replace("URL", server.endpointUrl()));
            try (var daemon = DaemonProcess.in(directory)
                    .environment("PLC1_PASSWORD", "planted-right")
                    .start("--config", config.toString())) {
                awaitLog(daemon, "Connection hmi to ");
                awaitLog(daemon, "Connection wrong to ");
                String auto = id(IpcProbe.ask(daemon.endpoint(), "{\"command\":\"open\",\"connection\":\"hmi\"}"));

                Outcome read = client(daemon, "read", "plc1", NODE);
                Outcome opened = client(daemon, "open", "hmi", "--json");
                Outcome unknown = client(daemon, "read", "plc2", NODE);
                Outcome listed = client(daemon, "list");

                assertThat(read.code()).as(read.stderr()).isZero();
                assertThat(read.stdout()).startsWith(NODE + "  ");
                assertThat(opened.stdout()).isEqualTo("{\"sessionId\":\"" + auto + "\",\"reused\":true}\n");
                assertThat(unknown.code()).isEqualTo(1);
                assertThat(unknown.stderr()).contains("got 'plc2'", "did you mean plc1?");
                assertThat(listed.stdout()).contains("CONNECTION", " plc1 ", " hmi ");
                // Its next attempt is 10 s away at least, and would not be logged.
                assertThat(daemon.stderr().lines().filter(line -> line.contains("Connection wrong to")))
                        .singleElement()
                        .asString()
                        .contains("[WARNING]", "is tried again, with long pauses, until it can");
                assertThat(daemon.stderr() + read.stderr() + listed.stdout()).doesNotContain("planted");
                daemon.signal("TERM");
                assertThat(daemon.awaitExit()).isZero();
            }
        }
    }

    @Test
    void aServerThatIsAwayDelaysNobodyAndIsOpenedWhenItComes() throws Exception {
        try (Simulator server = Simulator.builder().build();
                // Takes connections and never answers.
                var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            server.start();
            String url = server.endpointUrl();
            server.stop();
            Path config = config("""
                    auto-connect:
                      silent: {endpoint: "opc.tcp://127.0.0.1:SILENT", config: {opcua_timeout: 20}}
                      late: {endpoint: "URL"}
                    """.replace("SILENT", Integer.toString(silent.getLocalPort()))
                    .replace("URL", url));
            try (var daemon = DaemonProcess.in(directory).start("--config", config.toString())) {
                awaitLog(daemon, "Connection late to ");
                String ping = IpcProbe.ask(daemon.endpoint(), "{\"command\":\"ping\"}");

                server.start();
                awaitLog(daemon, "is open as session");
                String opened = IpcProbe.ask(daemon.endpoint(), "{\"command\":\"open\",\"connection\":\"late\"}");

                assertThat(ping).contains("\"status\":\"ok\"");
                assertThat(daemon.stderr()).doesNotContain("Connection silent to");
                assertThat(opened).contains("\"reused\":true");
            }
        }
    }

    @Test
    void aWrongSectionEndsTheStart() throws Exception {
        Path config = config("auto-connect:\n  plc1:\n    endpoint: opc.tcp://plc-1\n    subscriptions: [{}]\n");

        try (var daemon = DaemonProcess.in(directory).run("--config", config.toString())) {
            assertThat(daemon.awaitExit()).isEqualTo(1);
            assertThat(daemon.stderr())
                    .contains(config + ":4: auto-connect.plc1.subscriptions: a subscription to nothing");
        }
    }

    private Path config(String yaml) throws Exception {
        return Files.writeString(directory.resolve("daemon.yaml"), yaml);
    }

    private static void awaitLog(DaemonProcess daemon, String text) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(daemon.stderr()).contains(text));
    }

    private static String id(String answer) {
        return Pattern.compile("[0-9a-f]{32}")
                .matcher(answer)
                .results()
                .map(MatchResult::group)
                .findFirst()
                .orElseThrow(() -> new AssertionError(answer));
    }

    private record Outcome(int code, String stdout, String stderr) {}

    private Outcome client(DaemonProcess daemon, String... arguments) throws Exception {
        try (var process = DaemonProcess.in(directory)
                .environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri())
                .run(arguments)) {
            return new Outcome(process.awaitExit(), process.stdout(), process.stderr());
        }
    }
}
