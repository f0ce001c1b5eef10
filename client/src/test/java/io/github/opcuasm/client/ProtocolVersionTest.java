package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ProtocolVersionTest {
    private static final String PONG = "{\"success\":true,\"data\":{\"status\":\"ok\"}}";
    private static final ScriptedDaemon.Script BARE = (id, request, peer) -> peer.answerAndClose(PONG);

    @Test
    void theFirstAnswerShowsThatTheDaemonSpeaksProtocol1AndNothingIsSentTwice() throws Exception {
        try (var daemon = new ScriptedDaemon(BARE);
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS.withToken("t"))) {

            for (String command : List.of("open", "query", "close")) {
                assertThat(client.command(command, Map.of(), false)).hasToString("{status=\"ok\"}");
            }

            assertThat(daemon.requests()).extracting(AsyncCallsTest::command).containsExactly("open", "query", "close");
            assertThat(daemon.requests().get(0).members()).containsKeys("id", "timeoutMs", "authToken");
            assertThat(daemon.requests().subList(1, 3))
                    .allSatisfy(request -> assertThat(request.members())
                            .doesNotContainKeys("id", "timeoutMs")
                            .containsKey("authToken"));
            assertThat(daemon.connections()).isEqualTo(3);
        }
    }

    @Test
    void anErrorOfProtocol1IsTheAnswerToo() throws Exception {
        try (var daemon = new ScriptedDaemon(
                        (id, request, peer) -> peer.answerAndClose(
                                "{\"success\":false,\"error\":{\"type\":\"session_not_found\",\"message\":\"Session not found: x\"}}"));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            for (int i = 0; i < 2; i++) {

                var failure =
                        catchThrowableOfType(RequestFailedException.class, () -> client.write("x", "i=1", 1, null));

                assertThat(failure.type()).isEqualTo("session_not_found");
            }
            assertThat(daemon.requests()).hasSize(2);
            assertThat(daemon.requests().get(1).members()).doesNotContainKey("id");
        }
    }

    @Test
    void whoAsksForProtocol1GetsItFromTheFirstRequestOn() throws Exception {
        try (var daemon = new ScriptedDaemon(BARE);
                var client = DaemonClient.connect(daemon.endpoint(), protocol(ProtocolVersion.ONE))) {

            client.ping();
            client.ping();

            assertThat(daemon.requests())
                    .hasSize(2)
                    .allSatisfy(request -> assertThat(request.members()).containsOnlyKeys("command"));
            assertThat(daemon.connections()).isEqualTo(2);
        }
    }

    @Test
    void whoAsksForProtocol2IsToldThatThereIsNone() throws Exception {
        try (var daemon = new ScriptedDaemon(BARE);
                var client = DaemonClient.connect(daemon.endpoint(), protocol(ProtocolVersion.TWO))) {

            var failure =
                    catchThrowableOfType(ConnectionLostException.class, () -> client.command("write", Map.of(), false));

            assertThat(failure).hasMessageContaining("answered without the request's id, as one of protocol 1 does");
            assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "ONE"})
    void aRefusalThatEndsTheConnectionShowsNothing(ProtocolVersion asked) throws Exception {
        var count = new AtomicInteger();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (count.incrementAndGet() == 1) {
                        peer.answerAndClose(
                                "{\"success\":false,\"error\":{\"type\":\"too_many_connections\",\"message\":\"Too many\"}}");
                    } else if (id.equals("null")) {
                        peer.answerAndClose(PONG);
                    } else {
                        peer.succeed(id, "7");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), protocol(asked))) {

            var failure = catchThrowableOfType(RequestFailedException.class, client::ping);

            assertThat(failure.type()).isEqualTo("too_many_connections");
            assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
            assertThat(client.command("query", Map.of(), false))
                    .hasToString(asked == ProtocolVersion.ONE ? "{status=\"ok\"}" : "7");
        }
    }

    @Test
    void whoComesWhileTheFirstAnswerIsAwaitedFindsOutByAPing() throws Exception {
        var asked = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (AsyncCallsTest.command(request).equals("publish")) {
                        asked.countDown();
                        awaitQuietly(release);
                        peer.answerAndClose("{\"success\":true,\"data\":\"published\"}");
                    } else {
                        peer.answerAndClose(PONG);
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            CompletableFuture<JsonValue> published = client.commandAsync("publish", Map.of(), false);
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();

            assertThat(client.command("write", Map.of(), false)).hasToString("{status=\"ok\"}");
            release.countDown();

            assertThat(published.get(20, TimeUnit.SECONDS)).hasToString("\"published\"");
            assertThat(daemon.requests())
                    .extracting(AsyncCallsTest::command)
                    .containsExactly("publish", "ping", "write");
        }
    }

    @Test
    void aLateAnswerIsNotTakenForTheNextRequests() throws Exception {
        var release = new CountDownLatch(1);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (AsyncCallsTest.command(request).equals("write")) {
                        awaitQuietly(release);
                        peer.answerAndClose("{\"success\":true,\"data\":\"late\"}");
                    } else {
                        release.countDown();
                        peer.answerAndClose("{\"success\":true,\"data\":\"in time\"}");
                    }
                });
                var client = DaemonClient.connect(
                        daemon.endpoint(), ClientOptions.DEFAULTS.withRequestTimeout(Duration.ofMillis(50)))) {
            assertThatThrownBy(() -> client.command("write", Map.of(), false))
                    .isInstanceOf(AnswerTimeoutException.class);

            JsonValue next = client.command("query", Map.of(), false);

            assertThat(next).hasToString("\"in time\"");
        }
    }

    @Test
    void asynchronousCallsOfProtocol1AreABoundedNumberOfConnections() throws Exception {
        var open = new AtomicInteger();
        var most = new AtomicInteger();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    most.accumulateAndGet(open.incrementAndGet(), Math::max);
                    open.decrementAndGet();
                    peer.answerAndClose(PONG);
                });
                var client = DaemonClient.connect(daemon.endpoint(), protocol(ProtocolVersion.ONE))) {
            List<CompletableFuture<JsonValue>> answers = new ArrayList<>();

            for (int i = 0; i < 100; i++) {
                answers.add(client.commandAsync("ping", Map.of(), true));
            }

            for (CompletableFuture<JsonValue> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).hasToString("{status=\"ok\"}");
            }
            assertThat(daemon.requests()).hasSize(100);
            assertThat(most).hasValueLessThanOrEqualTo(32);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "ONE"})
    void streamsAreRefusedWithTheWayOut(ProtocolVersion asked) throws Exception {
        try (var daemon = new ScriptedDaemon(
                        (id, request, peer) -> peer.answerAndClose(
                                "{\"success\":false,\"error\":{\"type\":\"unknown_command\",\"message\":\"Unknown command: subscribe\"}}"));
                var client = DaemonClient.connect(daemon.endpoint(), protocol(asked))) {

            assertThatThrownBy(() -> client.subscribe(
                            StreamRequest.of(Target.connection("plc1")).item("i=1", 1)))
                    .isInstanceOf(UnsupportedDaemonException.class)
                    .hasMessageContaining(
                            "has no streams, which need protocol 2: create a subscription and call publish");
        }
    }

    private static ClientOptions protocol(ProtocolVersion version) {
        return ClientOptions.DEFAULTS.withProtocol(version);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            boolean unused = latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
