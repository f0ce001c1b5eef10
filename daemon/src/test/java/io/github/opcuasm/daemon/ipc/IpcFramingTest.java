package io.github.opcuasm.daemon.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.ipc.RunningServer.Transport;
import io.github.opcuasm.protocol.Response;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol, section 1: one request, one response, and the errors that end a connection. */
@Timeout(120)
class IpcFramingTest {
    private static final String PONG = "{\"success\":true,\"data\":\"pong\"}";
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void oneRequestGetsOneAnswerAndTheEnd(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            peer.send("{\"command\":\"ping\"}\n");

            assertThat(peer.rest()).isEqualTo(PONG + "\n");
            assertThat(running.handler.loopThreads).containsEntry("in loop", true);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatHalfClosesStillGetsItsAnswer(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            peer.send("{\"command\":\"hold\"}\r\n").halfClose();
            Exchange exchange = running.handler.nextHeld();

            exchange.respond(Response.success(out -> out.string("late")));

            assertThat(peer.rest()).isEqualTo("{\"success\":true,\"data\":\"late\"}\n");
            await().untilAsserted(() -> assertThat(running.counters().open()).isZero());
        }
    }

    @Test
    void framesAfterAProtocol1RequestAreIgnored() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"command\":\"ping\"}\n{\"command\":\"ping\"}\nnonsense\n{\"id\":1,\"command\":\"ping\"}\n");

            assertThat(peer.rest()).isEqualTo(PONG + "\n");
            assertThat(running.handler.handled).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r",
                "nonsense",
                "[1]",
                "1",
                "\"text\"",
                "{\"command\":\"ping\"} x",
                "{\"a\":1,\"a\":2}",
                "{\"a\":\"\\",
                "{\"command\":\"ping\"",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
            })
    void whatIsNoJsonObjectEndsTheConnection(String frame) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(frame + "\n");

            assertThat(peer.rest())
                    .startsWith("{\"success\":false,\"error\":{\"type\":\"invalid_json\",")
                    .endsWith("}}\n");
            assertThat(running.handler.handled).hasValue(0);
        }
    }

    @Test
    void bytesThatAreNoUtf8EndTheConnection() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send(new byte[] {'{', '"', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}', '\n'});

            assertThat(peer.rest()).contains("invalid_json");
        }
    }

    @Test
    void aFrameOfExactlyTheLimitIsTaken() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            String head = "{\"command\":\"ping\",\"filler\":\"";
            String frame = head + "x".repeat(65_536 - head.length() - 2) + "\"}";

            peer.send(frame + "\r\n");

            assertThat(peer.rest()).isEqualTo(PONG + "\n");
        }
    }

    // A reset would destroy the answer: the daemon takes in, and throws away, what such a peer still sends.
    @ParameterizedTest
    @EnumSource
    void aPeerThatSendsTooMuchReadsTheErrorAfterwards(Transport transport) throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.endpoint(transport))) {
            byte[] megabyte = new byte[1024 * 1024];
            Arrays.fill(megabyte, (byte) 'x');

            peer.send(megabyte);

            assertThat(peer.rest())
                    .isEqualTo("{\"success\":false,\"error\":{\"type\":\"payload_too_large\","
                            + "\"message\":\"Request frame exceeds maximum size of 65536 bytes\"}}\n");
        }
    }

    @Test
    void anEndlessSenderIsCutOff() throws Exception {
        IpcLimits limits = new IpcLimits(LONG, LONG, LONG, LONG, 256 * 1024, 1 << 20, 1 << 30);
        try (RunningServer running = RunningServer.in(directory, config -> config, limits);
                TestPeer peer = TestPeer.connect(running.unix())) {
            byte[] piece = new byte[64 * 1024];
            Arrays.fill(piece, (byte) 'x');

            assertThat(catchThrowable(() -> {
                        for (int i = 0; i < 1000; i++) {
                            peer.send(piece);
                        }
                    }))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
            await().untilAsserted(() -> assertThat(running.counters().open()).isZero());
        }
    }

    @Test
    void aPeerThatStaysAfterItsErrorIsClosedInTheEnd() throws Exception {
        IpcLimits limits = RunningServer.times(LONG, LONG, Duration.ofMillis(100));
        try (RunningServer running = RunningServer.in(directory, config -> config, limits);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("nonsense\n");

            await().untilAsserted(
                            () -> assertThat(running.counters().accepted()).isEqualTo(1));
            await().untilAsserted(() -> assertThat(running.counters().open()).isZero());
            assertThat(peer.rest()).contains("invalid_json");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSlowBeginnerIsToldThatItsTimeIsOver(Transport transport) throws Exception {
        IpcLimits limits = RunningServer.times(Duration.ofMillis(200), LONG, LONG);
        try (RunningServer running = RunningServer.in(directory, config -> config, limits);
                TestPeer silent = TestPeer.connect(running.endpoint(transport));
                TestPeer dripping = TestPeer.connect(running.endpoint(transport))) {
            dripping.send("{\"comm");
            String expected = "{\"success\":false,\"error\":{\"type\":\"connection_timeout\","
                    + "\"message\":\"IPC connection timed out\"}}";

            assertThat(silent.line()).isEqualTo(expected);
            assertThat(dripping.line()).isEqualTo(expected);
            assertThat(running.counters().timedOut()).isEqualTo(2);
        }
    }

    @Test
    void everyByteSplitApartIsOneRequest() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.tcp())) {
            for (byte b : "{\"command\":\"ping\"}\n".getBytes(StandardCharsets.UTF_8)) {
                peer.send(new byte[] {b});
            }

            assertThat(peer.rest()).isEqualTo(PONG + "\n");
        }
    }

    @Test
    void aDefectIsAnsweredUnderAnIncidentIdWithoutDetails() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"command\":\"explode\"}\n");

            assertThat(peer.rest())
                    .contains("\"internal_error\"")
                    .containsPattern("incident [0-9a-f]{8}")
                    .doesNotContain("secret", "Exception");
        }
    }

    @Test
    void anAnswerThatCannotBeWrittenBecomesAnError() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"command\":\"broken\"}\n");

            assertThat(peer.rest())
                    .startsWith("{\"success\":false,\"error\":{\"type\":\"internal_error\",")
                    .endsWith("}}\n")
                    .doesNotContain("secret");
        }
    }

    // A part of it is out, so no valid answer can follow: the line must not look complete.
    @Test
    void anAnswerThatBreaksHalfWayEndsTheConnection() throws Exception {
        try (RunningServer running = RunningServer.in(directory);
                TestPeer peer = TestPeer.connect(running.unix())) {
            peer.send("{\"id\":1,\"command\":\"broken late\"}\n");

            assertThat(peer.rest())
                    .startsWith("{\"id\":1,\"success\":true,\"data\":[1234567,")
                    .doesNotContain("\n");
            await().untilAsserted(() -> assertThat(running.counters().open()).isZero());
        }
    }
}
