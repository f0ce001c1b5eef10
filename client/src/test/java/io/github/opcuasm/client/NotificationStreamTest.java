package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NotificationStreamTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final String GRANTED =
            "{\"subscriptionId\":3,\"revisedPublishingInterval\":100.0,\"revisedLifetimeCount\":2400,"
                    + "\"revisedMaxKeepAliveCount\":10,\"items\":[{\"statusCode\":0,\"monitoredItemId\":1,"
                    + "\"revisedSamplingInterval\":50.0,\"revisedQueueSize\":1},{\"statusCode\":2150891520,"
                    + "\"monitoredItemId\":0,\"revisedSamplingInterval\":0.0,\"revisedQueueSize\":0}],\"events\":[]}";

    @Test
    void theAnswerSaysWhatWasGrantedAndTheEventsFollow() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.succeed(id, GRANTED);
                    peer.send(change(id, 1, 5) + event(id, "{\"type\":\"KeepAlive\"}"));
                });
                DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS.withToken("t"));
                NotificationStream stream = client.subscribe(StreamRequest.ofSession("abc")
                        .publishingInterval(Duration.ofMillis(100))
                        .subscription("priority", 7)
                        .item("ns=2;s=a", 1)
                        .item(Map.of("nodeId", "ns=2;s=b", "queueSize", 10)))) {
            assertThat(stream.subscription()).isEqualTo(new SubscriptionResult(3, 100.0, 2400, 10));
            assertThat(stream.items())
                    .containsExactly(
                            new MonitoredItemResult(StatusCode.GOOD, 1, 50.0, 1),
                            new MonitoredItemResult(new StatusCode(0x80340000L), 0, 0.0, 0));
            assertThat(stream.events()).isEmpty();

            assertThat(stream.next(LONG)).isEqualTo(changed(1, 5));
            assertThat(stream.next(LONG)).isEqualTo(new StreamEvent.KeepAlive());
            assertThat(stream.next(SHORT)).isNull();

            JsonValue.Obj request = daemon.requests().get(0);
            assertThat(request.get("command")).isEqualTo(new JsonValue.Str("subscribe"));
            assertThat(request.get("authToken")).isEqualTo(new JsonValue.Str("t"));
            assertThat(request.get("sessionId")).isEqualTo(new JsonValue.Str("abc"));
            assertThat(Json.text(Objects.requireNonNull(request.get("subscription"))))
                    .isEqualTo("{\"publishingInterval\":100.0,\"priority\":7}");
            assertThat(Objects.requireNonNull(request.get("items")).asArray()).hasSize(2);
        }
    }

    @Test
    void aStreamHasAConnectionOfItsOwnSoThatCallsGoOnBesideOneThatIsNotRead() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (request.get("command") instanceof JsonValue.Str command
                            && command.value().equals("subscribe")) {
                        peer.succeed(id, GRANTED);
                        for (int i = 1; i <= 1000; i++) {
                            peer.send(change(id, i, i));
                        }
                    } else {
                        peer.succeed(id, "{\"status\":\"ok\"}");
                    }
                });
                DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
                NotificationStream stream = client.subscribe(StreamRequest.ofConnection("plc1"))) {
            assertThat(client.ping().get("status")).isEqualTo(new JsonValue.Str("ok"));
            assertThat(daemon.connections()).isEqualTo(2);
            for (int i = 1; i <= 1000; i++) {
                assertThat(stream.next(LONG)).isEqualTo(changed(i, i));
            }
        }
    }

    @Test
    void theIteratorEndsAfterTheLastEvent() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.succeed(id, GRANTED);
                    peer.send(change(id, 1, 1));
                    peer.send(
                            event(id, "{\"type\":\"End\",\"error\":{\"type\":\"shutting_down\",\"message\":\"bye\"}}"));
                });
                DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
                NotificationStream stream = client.subscribe(StreamRequest.ofServer("opc.tcp://plc:4840", Map.of()))) {
            List<StreamEvent> all = new ArrayList<>();
            stream.forEach(all::add);

            assertThat(all)
                    .containsExactly(
                            changed(1, 1),
                            new StreamEvent.End(new StreamEvent.StreamError("shutting_down", "bye", null)));
            assertThatThrownBy(() -> stream.next(SHORT)).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void aRefusalIsThrownAndTheConnectionClosed() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.send("{\"id\":" + id
                            + ",\"success\":false,\"error\":{\"type\":\"access_denied\",\"message\":\"no\"}}\n");
                    if (peer.socket().getInputStream().read() < 0) {
                        closed.countDown();
                    }
                });
                DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            assertThatThrownBy(() -> client.subscribe(StreamRequest.ofSession("abc")))
                    .isInstanceOfSatisfying(
                            RequestFailedException.class,
                            e -> assertThat(e.type()).isEqualTo("access_denied"));
            assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anAnswerThatDoesNotComeIsATimeout() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {});
                DaemonClient client = DaemonClient.connect(
                        daemon.endpoint(), ClientOptions.DEFAULTS.withRequestTimeout(Duration.ofMillis(1)))) {
            assertThatThrownBy(() -> client.subscribe(StreamRequest.ofSession("abc")))
                    .isInstanceOf(AnswerTimeoutException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense\n", "{\"id\":1,\"event\":"})
    void aConnectionThatBreaksOrSaysNonsenseIsLost(String last) throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.succeed(id, GRANTED);
                    peer.send(last);
                    peer.socket().shutdownOutput();
                });
                DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
                NotificationStream stream = client.subscribe(StreamRequest.ofSession("abc"))) {
            assertThatThrownBy(() -> stream.next(LONG)).isInstanceOf(ConnectionLostException.class);
        }
    }

    @Test
    void anErrorThatEndsTheConnectionIsThrown() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.succeed(id, GRANTED);
                    peer.send("{\"success\":false,\"error\":{\"type\":\"auth_failed\",\"message\":\"revoked\"}}\n");
                });
                DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
                NotificationStream stream = client.subscribe(StreamRequest.ofSession("abc"))) {
            assertThatThrownBy(() -> stream.next(LONG))
                    .isInstanceOfSatisfying(
                            RequestFailedException.class,
                            e -> assertThat(e.type()).isEqualTo("auth_failed"));
        }
    }

    @Test
    void anEventOfAnySizeUpToTheBoundIsTakenAndNoLargerOne() throws Exception {
        String large = "\"" + "x".repeat(200_000) + "\"";
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.succeed(id, GRANTED);
                    String text = "{\"value\":" + large + ",\"type\":12,\"dimensions\":null,\"statusCode\":0}";
                    peer.send(notifications(
                            id, 1, "{\"type\":\"DataChange\",\"clientHandle\":1,\"dataValue\":" + text + "}"));
                    peer.send(event(
                            id, "{\"type\":\"State\",\"state\":\"Live\",\"reason\":\"" + "y".repeat(400_000) + "\"}"));
                });
                DaemonClient client =
                        DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS.withMaxAnswerBytes(256 * 1024));
                NotificationStream stream = client.subscribe(StreamRequest.ofSession("abc"))) {
            assertThat(stream.next(LONG)).isInstanceOf(StreamEvent.Notifications.class);
            assertThatThrownBy(() -> stream.next(LONG)).hasMessageContaining("maxAnswerBytes");
        }
    }

    @Test
    void closingEndsTheWaitOfAnotherThread() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.succeed(id, GRANTED);
                    peer.send(change(id, 1, 1));
                });
                DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
                NotificationStream stream = client.subscribe(StreamRequest.ofSession("abc"))) {
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> stream.forEach(e -> begun.countDown()));
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

            Runnable close = stream::close;
            close.run();

            assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("was closed");
        }
    }

    @Test
    void nothingListeningIsSaidSo() throws IOException {
        var daemon = new ScriptedDaemon((id, request, peer) -> {});
        try (DaemonClient client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            daemon.close();

            assertThatThrownBy(() -> client.subscribe(StreamRequest.ofSession("abc")))
                    .isInstanceOf(DaemonNotRunningException.class);
        }
    }

    private static StreamEvent changed(long sequenceNumber, int value) {
        return new StreamEvent.Notifications(
                3,
                sequenceNumber,
                0,
                null,
                List.of(new Notification.DataChange(1, DataValue.of(Variant.scalar(BuiltinType.INT32, value)))));
    }

    private static String change(String id, long sequenceNumber, int value) {
        return notifications(
                id,
                sequenceNumber,
                "{\"type\":\"DataChange\",\"clientHandle\":1,\"dataValue\":{\"value\":" + value
                        + ",\"type\":6,\"dimensions\":null,\"statusCode\":0,\"sourceTimestamp\":null,"
                        + "\"serverTimestamp\":null}}");
    }

    private static String notifications(String id, long sequenceNumber, String notification) {
        return event(
                id,
                "{\"type\":\"Notifications\",\"subscriptionId\":3,\"sequenceNumber\":" + sequenceNumber
                        + ",\"epoch\":0,\"publishTime\":null,\"notifications\":[" + notification + "]}");
    }

    private static String event(String id, String event) {
        return "{\"id\":" + id + ",\"event\":" + event + "}\n";
    }
}
