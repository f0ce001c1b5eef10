package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may do, and what it never should: each ends in one exception that says it, and in time. */
@Timeout(60)
class MisbehavingDaemonTest {
    private static final String HTTP =
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>400</html>\r\n";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatIsNoDaemonIsSaidToBeNone(boolean asynchronous) throws Exception {
        try (var server = new ScriptedDaemon((id, request, peer) -> peer.answerAndClose(HTTP));
                var client = DaemonClient.connect(server.endpoint(), ClientOptions.DEFAULTS)) {

            var failure = catchThrowableOfType(ConnectionLostException.class, () -> ping(client, asynchronous));

            assertThat(failure).hasMessageContaining("what it sent is no answer of a daemon");
            assertThat(failure.getMessage()).doesNotContain("\n");
            // What cannot be read once cannot be read twice.
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void jsonThatIsNoAnswerIsNone() throws Exception {
        try (var server = new ScriptedDaemon((id, request, peer) -> peer.send("[1,2]\n"));
                var client = DaemonClient.connect(server.endpoint(), ClientOptions.DEFAULTS)) {

            assertThatThrownBy(client::ping)
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("expected a JSON object");
        }
    }

    @Test
    void whatAcceptsAndSaysNothingIsNotWaitedForForEver() throws Exception {
        // Nobody ever accepts from the queue of this listener, nor reads.
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = DaemonClient.connect(
                        new IpcEndpoint.Tcp("127.0.0.1", listener.getInetAddress(), listener.getLocalPort()),
                        ClientOptions.DEFAULTS.withRequestTimeout(Duration.ofMillis(50)))) {

            var failure = catchThrowableOfType(AnswerTimeoutException.class, client::ping);

            assertThat(failure).hasMessageContaining("did not answer in time");
            assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
        }
    }

    @Test
    void whatTakesNoRequestsGetsNone() throws Exception {
        // The buffers of the two sockets fill up, as they do when too many requests are under way.
        try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                var client = DaemonClient.connect(
                        new IpcEndpoint.Tcp("127.0.0.1", listener.getInetAddress(), listener.getLocalPort()),
                        ClientOptions.DEFAULTS
                                .withProtocol(ProtocolVersion.TWO)
                                .withRequestTimeout(Duration.ofSeconds(1)))) {
            Map<String, JsonValue> large = Map.of("value", Json.of("x".repeat(32 * 1024 * 1024)));

            var failure =
                    catchThrowableOfType(AnswerTimeoutException.class, () -> client.command("write", large, false));

            assertThat(failure).hasMessageContaining("did not take the whole request in time");
            assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
        }
    }

    @ParameterizedTest
    @CsvSource({"overloaded,false", "overloaded,true", "rate_limited,false", "max_sessions_reached,false"})
    void aBusyDaemonIsNotAskedAgain(String type, boolean asynchronous) throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.send("{\"id\":" + id
                        + ",\"success\":false,\"error\":{\"type\":\"" + type + "\",\"message\":\"Busy\"}}\n"));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            var failure = catchThrowableOfType(RequestFailedException.class, () -> ping(client, asynchronous));

            assertThat(failure.type()).isEqualTo(type);
            assertThat(daemon.requests()).hasSize(1);
        }
    }

    @Test
    void anAnswerThatBreaksOffIsALostConnection() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.send("{\"id\":" + id + ",\"success\":true,\"da");
                    peer.socket().close();
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            var failure =
                    catchThrowableOfType(ConnectionLostException.class, () -> client.command("write", Map.of(), false));

            assertThat(failure).hasMessageEndingWith("it closed the connection in the middle of an answer");
            assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
        }
    }

    @Test
    void answersMayComeByteByByteAndSeveralAtOnce() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    String answer = "{\"id\":" + id + ",\"success\":true,\"data\":\"äö\"}\r\n";
                    byte[] bytes =
                            (answer + "{\"id\":99999,\"success\":true,\"data\":0}\n").getBytes(StandardCharsets.UTF_8);
                    peer.socket().setTcpNoDelay(true);
                    for (byte each : bytes) {
                        peer.socket().getOutputStream().write(each);
                        peer.socket().getOutputStream().flush();
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            for (int i = 0; i < 3; i++) {

                assertThat(client.command("read", Map.of(), true)).isEqualTo(Json.of("äö"));
            }
            assertThat(daemon.connections()).isEqualTo(1);
        }
    }

    @Test
    void anAnswerAboveTheBoundEndsAllThatIsUnderWayAndTheNextCallWorks() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(
                        id,
                        AsyncCallsTest.command(request).equals("large") ? "\"" + "x".repeat(200_000) + "\"" : "1"));
                var client =
                        DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS.withMaxAnswerBytes(64 * 1024))) {
            assertThatThrownBy(() -> client.command("large", Map.of(), true))
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("exceeds 65536 bytes: raise maxAnswerBytes or ask for less at a time");
            assertThat(daemon.requests()).hasSize(1);

            assertThat(client.command("read", Map.of(), true)).hasToString("1");
        }
    }

    private static JsonValue ping(DaemonClient client, boolean asynchronous) throws Exception {
        if (!asynchronous) {
            return client.ping();
        }
        CompletableFuture<JsonValue> answer = client.commandAsync("ping", Map.of(), true);
        try {
            return answer.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClientException failure ? failure : e;
        }
    }
}
