package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.kept;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may talk to a daemon that has a token. */
class TokenIT {
    private static final String TOKEN = "correct-horse-ß";
    private static final String REFUSED =
            "{\"success\":false,\"error\":{\"type\":\"auth_failed\",\"message\":\"Invalid or missing auth token\"}}";

    @TempDir
    private static Path directory;

    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws Exception {
        Path file = Files.writeString(directory.resolve("token"), "  " + TOKEN + "\n");
        daemon = DaemonProcess.in(directory).start("--auth-token-file", file.toString(), "--allow-anonymous-ping");
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"command\":\"list\"}",
                "{\"command\":\"list\",\"authToken\":null}",
                "{\"command\":\"list\",\"authToken\":\"\"}",
                "{\"command\":\"list\",\"authToken\":\"correct-horse\"}",
                "{\"command\":\"list\",\"authToken\":\"correct-horse-ßß\"}",
                "{\"command\":\"list\",\"authToken\":7}",
                "{\"command\":\"list\",\"authToken\":[\"correct-horse-ß\"]}",
                "{\"command\":\"list\",\"authToken\":true}",
                "{\"command\":\"ping\",\"authToken\":\"wrong\"}",
                "{\"command\":[\"ping\"]}",
                "{\"command\":\"no such command\"}",
                "{}",
            })
    void withoutTheTokenARequestIsRefusedAndTheConnectionEnds(String request) throws Exception {
        try (IpcProbe peer = IpcProbe.connect(daemon.endpoint())) {
            peer.send(request + "\n");

            assertThat(peer.readLine()).isEqualTo(REFUSED);
            assertThat(peer.readLine()).isNull();
        }
    }

    @Test
    void theTokenOpensEveryCommand() throws Exception {
        assertThat(ask("{\"command\":\"list\",\"authToken\":\"" + TOKEN + "\"}"))
                .contains("\"count\":0");
        assertThat(ask("{\"command\":\"ping\",\"authToken\":\"" + TOKEN + "\"}"))
                .contains("\"sessions\":0");
    }

    @Test
    void aLivenessProbeLearnsThatTheDaemonLivesAndNothingElse() throws Exception {
        assertThat(ask("{\"command\":\"ping\"}"))
                .contains("\"status\":\"ok\"", "\"time\":")
                .doesNotContain("sessions");
    }

    @Test
    void aProbeDoesNotOpenItsConnectionForMore() throws Exception {
        try (IpcProbe peer = IpcProbe.connect(daemon.endpoint())) {
            peer.send(kept(1, "{\"command\":\"ping\"}"));
            assertThat(peer.readLine()).contains("\"status\":\"ok\"");

            peer.send(kept(2, "{\"command\":\"list\"}"));

            assertThat(peer.readLine()).contains("\"id\":2", "\"auth_failed\"");
            assertThat(peer.readLine()).isNull();
        }
    }

    @Test
    void aTokenInHelloHoldsForItsConnection() throws Exception {
        try (IpcProbe peer = IpcProbe.connect(daemon.endpoint())) {
            peer.send(kept(1, "{\"command\":\"hello\",\"authToken\":\"" + TOKEN + "\"}"));
            assertThat(peer.readLine()).contains("\"protocol\":2");

            peer.send(kept(2, "{\"command\":\"list\"}"));

            assertThat(peer.readLine()).contains("\"id\":2", "\"count\":0");
            assertThat(ask("{\"command\":\"list\"}")).isEqualTo(REFUSED);
        }
    }

    @Test
    void aWrongTokenIsRefusedOnAConnectionThatHasShownTheRightOne() throws Exception {
        try (IpcProbe peer = IpcProbe.connect(daemon.endpoint())) {
            peer.send(kept(1, "{\"command\":\"hello\",\"authToken\":\"" + TOKEN + "\"}"));
            assertThat(peer.readLine()).contains("\"protocol\":2");

            peer.send(kept(2, "{\"command\":\"list\",\"authToken\":\"wrong\"}"));

            assertThat(peer.readLine()).contains("\"auth_failed\"");
            assertThat(peer.readLine()).isNull();
        }
    }

    @Test
    void helloItselfNeedsTheToken() throws Exception {
        try (IpcProbe peer = IpcProbe.connect(daemon.endpoint())) {
            peer.send(kept(1, "{\"command\":\"hello\"}"));

            assertThat(peer.readLine()).contains("\"auth_failed\"");
            assertThat(peer.readLine()).isNull();
        }
    }

    @Test
    void aRefusalIsLoggedAndTokensAreNot() throws Exception {
        String refused = ask("{\"command\":\"list\",\"authToken\":\"guess-4711\"}");

        assertThat(refused).isEqualTo(REFUSED);
        assertThat(daemon.stderr())
                .containsPattern("\\[WARNING] .*refused.*token")
                .doesNotContain("guess-4711", TOKEN);
    }

    private static String ask(String request) throws Exception {
        return IpcProbe.ask(daemon.endpoint(), request);
    }
}
