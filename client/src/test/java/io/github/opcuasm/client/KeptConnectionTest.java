package io.github.opcuasm.client;

import static io.github.opcuasm.client.AsyncCallsTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Senders that the daemon holds up, and the others on their connection. */
@Timeout(60)
class KeptConnectionTest {
    /** More than the buffers of two sockets take. */
    private static final int MUCH = 16 * 1024 * 1024;

    private ServerSocket listener;
    private KeptConnection connection;
    private Socket peer;

    @BeforeEach
    void connect() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        connection = KeptConnection.connect(
                new IpcEndpoint.Tcp("127.0.0.1", listener.getInetAddress(), listener.getLocalPort()),
                Duration.ofSeconds(20),
                ClientOptions.DEFAULTS.withProtocol(ProtocolVersion.TWO));
        peer = listener.accept();
    }

    @AfterEach
    void close() throws IOException {
        connection.close();
        peer.close();
        listener.close();
    }

    @Test
    void theNextReaderIsOneThatWaitsAndNotOneThatStillSends() throws Exception {
        var reads = new Caller(2, line());
        awaitLine();
        answer(99);
        // Nobody else can have read this.
        await(() -> connection.spoken() == ProtocolVersion.TWO);
        var waits = new Caller(3, line());
        awaitLine();
        await(() -> waits.getState() == Thread.State.TIMED_WAITING);
        var sends = new Caller(1, ByteBuffer.allocate(MUCH));
        assertThat(peer.getInputStream().read()).isZero();

        answer(2);
        assertThat(reads.answer.get(20, TimeUnit.SECONDS).get("id")).hasToString("2");
        answer(3);

        assertThat(waits.answer.get(20, TimeUnit.SECONDS).get("id")).hasToString("3");
        assertThat(sends.answer).isNotDone();
    }

    @Test
    void aSenderReadsWhileTheDaemonWaitsForItsAnswersToBeTaken() throws Exception {
        var sends = new Caller(1, ByteBuffer.allocate(MUCH));
        assertThat(peer.getInputStream().read()).isZero();
        byte[] unwanted = ("{\"id\":99,\"success\":true,\"data\":\"" + "x".repeat(1024 * 1024) + "\"}\n")
                .getBytes(StandardCharsets.US_ASCII);

        for (int sent = 0; sent < MUCH; sent += unwanted.length) {
            peer.getOutputStream().write(unwanted);
        }
        peer.getInputStream().skipNBytes(MUCH - 1);
        answer(1);

        assertThat(sends.answer.get(20, TimeUnit.SECONDS).get("id")).hasToString("1");
    }

    @Test
    void aSenderHearsWhyTheDaemonTakesNoMore() throws Exception {
        var sends = new Caller(1, ByteBuffer.allocate(MUCH));
        assertThat(peer.getInputStream().read()).isZero();

        peer.getOutputStream()
                .write("{\"success\":false,\"error\":{\"type\":\"payload_too_large\",\"message\":\"x\"}}\n"
                        .getBytes(StandardCharsets.US_ASCII));

        var failure = failure(
                RequestFailedException.PayloadTooLarge.class, sends.answer.thenApply(answer -> (JsonValue) answer));
        assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
    }

    private static ByteBuffer line() {
        return ByteBuffer.wrap(new byte[] {'\n'});
    }

    private void awaitLine() throws IOException {
        assertThat(peer.getInputStream().read()).isEqualTo('\n');
    }

    private void answer(long id) throws IOException {
        peer.getOutputStream().write(("{\"id\":" + id + ",\"success\":true}\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static void await(BooleanSupplier condition) {
        long end = Deadline.in(Duration.ofSeconds(20));
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** A thread with a blocking call. */
    private final class Caller extends Thread {
        final CompletableFuture<JsonValue.Obj> answer = new CompletableFuture<>();
        private final long id;
        private final ByteBuffer frame;

        Caller(long id, ByteBuffer frame) {
            super("caller " + id);
            this.id = id;
            this.frame = frame;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try {
                answer.complete(connection.exchange(id, frame, Deadline.in(Duration.ofSeconds(40))));
            } catch (InterruptedException | ClientException e) {
                answer.completeExceptionally(e);
            }
        }
    }
}
