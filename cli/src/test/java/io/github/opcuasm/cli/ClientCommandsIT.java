package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon and its client commands, each a process of its own, against the simulator. */
class ClientCommandsIT {
    @TempDir
    private Path directory;

    @Test
    void readsWritesAndClosesThroughOneSession() throws Exception {
        try (Simulator server = Simulator.builder().build();
                var daemon = DaemonProcess.in(directory).start()) {
            server.start();
            String node = Simulator.node("Scalars/Int32").toParseableString();

            String opened = ok(daemon, "open", server.endpointUrl());
            String session = opened.substring(0, 32);
            String written = ok(daemon, "write", server.endpointUrl(), node, "4711");
            String read = ok(daemon, "read", "--json", server.endpointUrl(), node);
            String listed = ok(daemon, "list", "--json");
            String closed = ok(daemon, "close", "--all", "--force");

            assertThat(opened).matches("[0-9a-f]{32} {2}opened\\n");
            assertThat(written).isEqualTo(node + "  Good\n");
            assertThat(read).contains("\"sessionId\":\"" + session + "\"", "\"reused\":true", "\"value\":4711");
            assertThat(listed).contains("\"count\":1", session);
            assertThat(closed).isEqualTo(session + "  closed\n");
        }
    }

    @Test
    void aBadStatusIsAnExitCodeOfItsOwn() throws Exception {
        try (Simulator server = Simulator.builder().build();
                var daemon = DaemonProcess.in(directory).start()) {
            server.start();

            try (var read = client(daemon, "read", server.endpointUrl(), "ns=2;s=No/Such/Node")) {
                assertThat(read.awaitExit()).isEqualTo(3);
                assertThat(read.stdout()).contains("Bad_NodeIdUnknown (0x80340000)");
            }
        }
    }

    @Test
    void withoutADaemonTheNextStepIsSaid() throws Exception {
        String uri = "unix://" + directory.resolve("none.sock");

        try (var ping = DaemonProcess.in(directory).run("ping", "--json", "--socket", uri)) {

            assertThat(ping.awaitExit()).isEqualTo(1);
            assertThat(ping.stdout()).isEmpty();
            assertThat(ping.stderr())
                    .startsWith("{\"error\":{")
                    .contains("No daemon is listening on " + uri, "`opcua-session-manager --socket " + uri + "`");
        }
    }

    @Test
    void pingNeedsTheToken() throws Exception {
        try (var daemon = DaemonProcess.in(directory)
                .environment("OPCUA_AUTH_TOKEN", "geheim")
                .start()) {
            Path token = Files.writeString(directory.resolve("token"), "geheim\n");

            String allowed = ok(daemon, "ping", "--auth-token-file", token.toString());
            try (var refused = client(daemon, "ping")) {
                assertThat(refused.awaitExit()).isEqualTo(1);
                assertThat(refused.stderr()).contains("set OPCUA_AUTH_TOKEN or pass --auth-token-file");
            }

            assertThat(allowed).startsWith("ok: ").contains("PID " + daemon.pid());
        }
    }

    @Test
    void theLogHasItsFormatAndSigtermEndsWithZero() throws Exception {
        try (var daemon = DaemonProcess.in(directory).start()) {
            daemon.signal("TERM");

            assertThat(daemon.awaitExit()).isZero();
            assertThat(daemon.stderr().lines())
                    .allMatch(line -> line.matches("\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d] \\[[A-Z]+] .+"));
            assertThat(daemon.stderr())
                    .contains(
                            "[INFO] OPC UA Session Manager started on " + daemon.endpoint(),
                            "[INFO] Timeout: 600s, Cleanup interval: 30s, Max sessions: 100",
                            "[INFO] Socket permissions: 600",
                            "[WARNING] ");
            assertThat(directory.resolve("d.sock")).doesNotExist();
        }
    }

    @Test
    void sighupReopensTheLogFile() throws Exception {
        Path log = directory.resolve("daemon.log");
        Path rotated = directory.resolve("daemon.log.1");
        try (var daemon = DaemonProcess.in(directory).start("--log-file", log.toString())) {
            Files.move(log, rotated);

            daemon.signal("HUP");

            await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(log));
            assertThat(Files.readString(rotated)).contains("started on");
        }
    }

    @Test
    void theDemoEndsWithZeroAndShowsTheReuse() throws Exception {
        try (var demo = DaemonProcess.in(directory).run("demo", "--once")) {

            assertThat(demo.awaitExit()).as(demo.stderr()).isZero();
            assertThat(demo.stdout()).contains("reused: true").doesNotContain("reused: false");
            assertThat(demo.stderr()).isEmpty();
        }
    }

    private String ok(DaemonProcess daemon, String... arguments) throws Exception {
        try (var process = client(daemon, arguments)) {
            assertThat(process.awaitExit()).as(process.stderr()).isZero();
            return process.stdout();
        }
    }

    private DaemonProcess client(DaemonProcess daemon, String... arguments) throws Exception {
        return DaemonProcess.in(directory)
                .environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri())
                .run(arguments);
    }
}
