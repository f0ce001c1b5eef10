package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.kept;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that are too long, too deep, broken, late, or whose answers nobody reads. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FramesIT {
    private static final int LIMIT = 65_536;
    private static final byte[] PING = kept(7, "{\"command\":\"ping\"}").getBytes(StandardCharsets.US_ASCII);
    private static final int LAST = Integer.MAX_VALUE;

    /** More than the daemon and both kernels' buffers hold for a peer that does not read. */
    private static final int FAR_TOO_MUCH = 64 * 1024 * 1024;

    @TempDir
    private static Path directory;

    private static DaemonProcess daemon;
    private static ProtocolPeer peer;
    private static IpcProbe silent;
    private static IpcProbe unfinished;
    private static SocketChannel unread;

    @BeforeAll
    static void start() throws Exception {
        daemon = DaemonProcess.in(directory).start();
        peer = new ProtocolPeer(daemon);
        // Their 30 s pass while the other tests run.
        silent = IpcProbe.connect(daemon.endpoint());
        unfinished = IpcProbe.connect(daemon.endpoint());
        unfinished.send("{\"command\":\"pi");
        unread = connect();
        assertThat(sendUntilTheDaemonStopsReading(unread)).isLessThan(FAR_TOO_MUCH);
    }

    @AfterAll
    static void stop() throws Exception {
        silent.close();
        unfinished.close();
        unread.close();
        daemon.close();
    }

    @AfterEach
    void theDaemonStillServes() throws Exception {
        peer.expectPing();
    }

    @Test
    void theSenderOfAnOversizedFrameReadsWhy() throws Exception {
        try (IpcProbe sender = IpcProbe.connect(daemon.endpoint())) {
            sender.send("{\"command\":\"" + "x".repeat(1024 * 1024) + "\"}\n");

            assertThat(sender.readLine())
                    .isEqualTo("{\"success\":false,\"error\":{\"type\":\"payload_too_large\",\"message\":"
                            + "\"Request frame exceeds maximum size of 65536 bytes\"}}");
            assertThat(sender.readLine()).isNull();
        }
    }

    @Test
    void aFrameOfTheLimitIsTakenAndOneByteMoreIsNot() throws Exception {
        String fits = padded(LIMIT);

        assertThat(peer.ask(fits)).contains("\"status\":\"ok\"");
        assertThat(peer.ask(fits + "\r")).contains("\"status\":\"ok\"");
        assertThat(peer.ask(padded(LIMIT + 1))).contains("\"payload_too_large\"");
    }

    @Test
    void anEndlessFrameIsRefusedWhenItPassesTheLimit() throws Exception {
        try (IpcProbe sender = IpcProbe.connect(daemon.endpoint())) {
            sender.send("x".repeat(LIMIT + 2));

            assertThat(sender.readLine()).contains("\"payload_too_large\"");
            assertThat(sender.readLine()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "7",
                "null",
                "\"ping\"",
                "[1]",
                "{",
                "{\"command\":\"ping\"",
                "{\"command\":\"ping\"}}",
                "{\"command\":\"ping\"} {\"command\":\"ping\"}",
                "{\"command\":\"ping\",}",
                "{\"command\":\"ping\",\"command\":\"list\"}",
                "{\"config\":{\"a\":1,\"a\":2},\"command\":\"ping\"}",
                "{'command':'ping'}",
                "{command:\"ping\"}",
                "{\"command\":\"ping\"}//",
                "{\"command\":\"pi\\xng\"}",
                "{\"n\":01}",
                "{\"n\":+1}",
                "{\"n\":.5}",
                "{\"n\":NaN}",
                "{\"s\":\"\u0001\"}",
                "\uFEFF{\"command\":\"ping\"}",
            })
    void aMalformedFrameIsRefusedAndEndsTheConnection(String frame) throws Exception {
        try (IpcProbe sender = IpcProbe.connect(daemon.endpoint())) {
            sender.send(frame + "\n" + kept(1, "{\"command\":\"ping\"}"));

            assertThat(sender.readLine()).startsWith("{\"success\":false,\"error\":{\"type\":\"invalid_json\"");
            assertThat(sender.readLine()).isNull();
        }
    }

    @Test
    void bytesThatAreNoUtf8AreRefused() throws Exception {
        byte[] frame = "{\"command\":\"p?ng\"}\n".getBytes(StandardCharsets.US_ASCII);
        frame[13] = (byte) 0xC3;

        try (IpcProbe sender = IpcProbe.connect(daemon.endpoint())) {
            sender.send(frame);

            assertThat(sender.readLine()).contains("\"invalid_json\"");
        }
    }

    @Test
    void nestingIsTakenToTheBoundAndNoFurther() throws Exception {
        // The frame itself is the first level.
        assertThat(peer.ask(nested(31))).contains("\"status\":\"ok\"");
        assertThat(peer.ask(nested(32))).contains("\"invalid_json\"");
        assertThat(peer.ask("[".repeat(LIMIT))).contains("\"invalid_json\"");
        assertThat(peer.ask("{\"a\":".repeat(10_000))).contains("\"invalid_json\"");
    }

    @Test
    void aPeerThatHalfClosesStillGetsItsAnswer() throws Exception {
        try (IpcProbe sender = IpcProbe.connect(daemon.endpoint())) {
            sender.send("{\"command\":\"ping\"}\n");
            sender.shutdownOutput();

            assertThat(sender.readLine()).contains("\"status\":\"ok\"");
            assertThat(sender.readLine()).isNull();
        }
    }

    @Test
    void halfAFrameBeforeTheEndOfTheStreamIsNotAnswered() throws Exception {
        try (IpcProbe sender = IpcProbe.connect(daemon.endpoint())) {
            sender.send("{\"command\":\"ping\"}");
            sender.shutdownOutput();

            assertThat(sender.readLine()).isNull();
        }
    }

    @Test
    void aPeerThatDoesNotReadIsNoLongerReadFromAndLosesNothing() throws Exception {
        try (SocketChannel channel = connect()) {

            long sent = sendUntilTheDaemonStopsReading(channel);

            assertThat(sent).isLessThan(FAR_TOO_MUCH);
            // A last frame that was cut has no answer.
            assertThat(countLines(channel, sent / PING.length)).isEqualTo(sent / PING.length);
        }
    }

    @Test
    @Order(LAST)
    void whoSendsNoCompleteFrameIsToldAfterHalfAMinute() {
        for (IpcProbe late : List.of(silent, unfinished)) {
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .untilAsserted(() ->
                            assertThat(late.readLine()).contains("\"connection_timeout\"", "IPC connection timed out"));
        }
    }

    @Test
    @Order(LAST)
    void whoReadsNothingForHalfAMinuteIsDisconnected() {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            try {
                unread.write(ByteBuffer.wrap(PING));
                return false;
            } catch (IOException disconnected) {
                return true;
            }
        });
    }

    private static SocketChannel connect() throws IOException {
        IpcEndpoint.Unix endpoint = (IpcEndpoint.Unix) daemon.endpoint();
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(endpoint.path()));
        channel.configureBlocking(false);
        return channel;
    }

    /** Full is what takes nothing more while another peer is served 200 times. */
    private static long sendUntilTheDaemonStopsReading(SocketChannel channel) throws Exception {
        long sent = 0;
        int refusals = 0;
        while (refusals < 200 && sent < FAR_TOO_MUCH) {
            int offset = (int) (sent % PING.length);
            int count = channel.write(ByteBuffer.wrap(PING, offset, PING.length - offset));
            sent += count;
            if (count == 0) {
                refusals++;
                peer.expectPing();
            } else {
                refusals = 0;
            }
        }
        return sent;
    }

    private static long countLines(SocketChannel channel, long wanted) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        channel.configureBlocking(true);
        long lines = 0;
        while (lines < wanted && channel.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                if (buffer.get() == '\n') {
                    lines++;
                }
            }
            buffer.clear();
        }
        return lines;
    }

    private static String padded(int bytes) {
        String frame = "{\"command\":\"ping\",\"padding\":\"\"}";
        return frame.replace("\"\"", "\"" + "x".repeat(bytes - frame.length()) + "\"");
    }

    private static String nested(int arrays) {
        return "{\"command\":\"ping\",\"deep\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}";
    }
}
