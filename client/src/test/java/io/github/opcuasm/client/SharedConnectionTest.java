package io.github.opcuasm.client;

import static io.github.opcuasm.client.AsyncCallsTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one call does to the others that share its connection, and what becomes of a connection that none uses. */
@Timeout(60)
class SharedConnectionTest {
    private static final String TOO_LARGE =
            "{\"success\":false,\"error\":{\"type\":\"payload_too_large\",\"message\":\"Too large\"}}";
    private static final String SHUTTING_DOWN =
            ",\"success\":false,\"error\":{\"type\":\"shutting_down\",\"message\":\"Ends\"}}\n";
    private static final ClientOptions TWO = ClientOptions.DEFAULTS.withProtocol(ProtocolVersion.TWO);

    private final LinkedBlockingQueue<Held> held = new LinkedBlockingQueue<>();

    /** A request that a test answers. */
    private record Held(String id, ScriptedDaemon.Peer peer) {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theRefusalOfOneRequestSaysNothingOfAWriteUnderWay(boolean asynchronous) throws Exception {
        // A daemon of a small --max-frame-bytes ends the connection with one error, which has no id.
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    switch (AsyncCallsTest.command(request)) {
                        case "write" -> held.add(new Held(id, peer));
                        default -> peer.answerAndClose(TOO_LARGE);
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), TWO)) {
            CompletableFuture<JsonValue> write = asynchronous
                    ? client.commandAsync("write", Map.of(), false)
                    : CompletableFuture.supplyAsync(() -> client.command("write", Map.of(), false));
            next();

            var refused = catchThrowableOfType(ClientException.class, () -> client.command("invoke", Map.of(), false));

            var failure = failure(ConnectionLostException.class, write);
            assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
            assertThat(failure).hasMessage("The daemon ended the connection: payload_too_large: Too large");
            assertThat(refused.outcome()).contains(Outcome.UNKNOWN);
        }
    }

    @Test
    void theOnlyRequestOfAConnectionIsTheOneThatWasRefused() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.answerAndClose(TOO_LARGE));
                var client = DaemonClient.connect(daemon.endpoint(), TWO)) {

            var failure = catchThrowableOfType(
                    RequestFailedException.PayloadTooLarge.class, () -> client.command("write", Map.of(), false));

            assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRequestThatMayBeTooLargeHarmsNoOther(boolean asynchronous) throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    switch (AsyncCallsTest.command(request)) {
                        case "large" -> peer.answerAndClose(TOO_LARGE);
                        default -> held.add(new Held(id, peer));
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), TWO)) {
            CompletableFuture<JsonValue> write = client.commandAsync("write", Map.of(), false);
            Held written = next();
            Map<String, JsonValue> large = Map.of("value", Json.of("x".repeat(65_536)));

            var failure = failure(
                    RequestFailedException.PayloadTooLarge.class,
                    asynchronous
                            ? client.commandAsync("large", large, false)
                            : CompletableFuture.supplyAsync(() -> client.command("large", large, false)));
            written.peer().succeed(written.id(), "\"written\"");

            assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
            assertThat(write.get(20, TimeUnit.SECONDS)).hasToString("\"written\"");
        }
    }

    @Test
    void aRequestThatIsNestedTooDeepIsNotSent() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, "1"));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            Map<String, JsonValue> deepest = Map.of("value", nested(JsonReader.MAX_REQUEST_DEPTH - 1));
            Map<String, JsonValue> tooDeep = Map.of("value", nested(JsonReader.MAX_REQUEST_DEPTH));

            var failure = catchThrowableOfType(
                    RequestFailedException.InvalidJson.class, () -> client.command("write", tooDeep, false));
            failure(RequestFailedException.InvalidJson.class, client.commandAsync("write", tooDeep, false));

            assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
            assertThat(failure).hasMessageContaining("nested deeper than 32 levels");
            assertThat(daemon.requests()).isEmpty();
            assertThat(client.command("write", deepest, false)).hasToString("1");
        }
    }

    @Test
    void textThatCannotBeEncodedFailsItsOwnCallOnly() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, "1"));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            Map<String, JsonValue> members = Map.of("value", new JsonValue.Str("\ud800"));

            assertThatThrownBy(() -> client.command("write", members, false))
                    .isInstanceOf(IllegalArgumentException.class);
            CompletableFuture<JsonValue> asynchronous = client.commandAsync("write", members, false);

            assertThatThrownBy(asynchronous::join).hasCauseInstanceOf(IllegalArgumentException.class);
            assertThat(client.command("write", Map.of(), false)).hasToString("1");
        }
    }

    @Test
    void aConnectionWhoseDaemonShutsDownIsClosedWhenItsLastCallHasEnded() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    switch (AsyncCallsTest.command(request)) {
                        case "publish" -> held.add(new Held(id, peer));
                        case "refused" -> peer.send("{\"id\":" + id + SHUTTING_DOWN);
                        default -> peer.succeed(id, "2");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), TWO)) {
            CompletableFuture<JsonValue> published = client.commandAsync("publish", Map.of(), false);
            Held request = next();
            assertThatThrownBy(() -> client.command("refused", Map.of(), false))
                    .isInstanceOf(RequestFailedException.ShuttingDown.class);

            assertThat(client.command("read", Map.of(), true)).hasToString("2");
            assertThat(daemon.connections()).isEqualTo(2);
            assertThat(daemon.hangUps()).isZero();
            request.peer().succeed(request.id(), "1");

            assertThat(published.get(20, TimeUnit.SECONDS)).hasToString("1");
            assertThat(daemon.awaitHangUp()).isTrue();
            assertThat(client.command("read", Map.of(), true)).hasToString("2");
            assertThat(daemon.connections()).isEqualTo(2);
        }
    }

    @Test
    void closingTheClientEndsTheCallThatFoundOutWhatTheDaemonSpeaks() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
            switch (AsyncCallsTest.command(request)) {
                case "publish" -> held.add(new Held(id, peer));
                default -> peer.answerAndClose("{\"success\":true,\"data\":1}");
            }
        })) {
            var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
            CompletableFuture<JsonValue> published = client.commandAsync("publish", Map.of(), false);
            next();
            assertThat(client.command("write", Map.of(), false)).hasToString("1");

            client.close();

            assertThat(failure(ConnectionLostException.class, published)).hasMessage("This client was closed");
        }
    }

    @Test
    void aCallIsNotSentBeforeItsProbeIsAnswered() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> held.add(new Held(id, peer)));
                var client = DaemonClient.connect(
                        daemon.endpoint(), ClientOptions.DEFAULTS.withRequestTimeout(Duration.ofMillis(50)))) {
            CompletableFuture<JsonValue> first = client.commandAsync("publish", Map.of(), false);
            next();

            var failure =
                    catchThrowableOfType(AnswerTimeoutException.class, () -> client.command("write", Map.of(), false));

            assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
            assertThat(failure).hasMessageEndingWith("did not answer a ping in time; the request was not sent");
            assertThat(daemon.requests()).extracting(AsyncCallsTest::command).containsExactly("publish", "ping");
            assertThat(failure(AnswerTimeoutException.class, first).outcome()).contains(Outcome.UNKNOWN);
        }
    }

    @Test
    void aProbeHasTheTimeOfItsCallAndMayBeLostOnce() throws Exception {
        var pings = new CountDownLatch(2);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    switch (AsyncCallsTest.command(request)) {
                        case "publish" -> held.add(new Held(id, peer));
                        case "ping" -> {
                            pings.countDown();
                            if (pings.getCount() == 1) {
                                peer.socket().close();
                            } else {
                                held.add(new Held(id, peer));
                            }
                        }
                        default -> peer.succeed(id, "\"written\"");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            CompletableFuture<JsonValue> first = client.commandAsync("publish", Map.of(), false);
            next();

            CompletableFuture<JsonValue> write =
                    CompletableFuture.supplyAsync(() -> client.command("write", Map.of(), false));
            Held ping = next();
            ping.peer().succeed(ping.id(), "1");

            assertThat(write.get(20, TimeUnit.SECONDS)).hasToString("\"written\"");
            assertThat(first).isNotDone();
            assertThat(timeoutMs(daemon.requests().get(1)))
                    .isGreaterThan(ClientOptions.DEFAULTS.connectTimeout().toMillis());
        }
    }

    @ParameterizedTest
    @CsvSource({"PT5S,5000", "PT9H,32400000", "P20D,86400000", "P300000D,86400000", "FOREVER,86400000"})
    void timesMayBeAsLongAsTheyLike(String time, long told) throws Exception {
        Duration duration =
                time.equals("FOREVER") ? Duration.ofSeconds(Long.MAX_VALUE, 999_999_999) : Duration.parse(time);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, "1"));
                var client = DaemonClient.connect(
                        daemon.endpoint(),
                        TWO.withRequestTimeout(duration)
                                .withConnectTimeout(duration)
                                .withReconnectFor(duration))) {

            assertThat(client.command("read", Map.of(), true)).hasToString("1");
            assertThat(client.commandAsync("read", Map.of(), true).get(20, TimeUnit.SECONDS))
                    .hasToString("1");

            assertThat(daemon.requests())
                    .extracting(SharedConnectionTest::timeoutMs)
                    .allSatisfy(millis -> assertThat(millis).isBetween(1L, told));
        }
    }

    private Held next() throws InterruptedException {
        Held next = held.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return Objects.requireNonNull(next);
    }

    private static long timeoutMs(JsonValue.Obj request) {
        return Answers.whole(Objects.requireNonNull(request.get("timeoutMs")), "timeoutMs");
    }

    private static JsonValue nested(int levels) {
        JsonValue value = Json.of(List.of());
        for (int level = 1; level < levels; level++) {
            value = Json.of(List.of(value));
        }
        return value;
    }
}
