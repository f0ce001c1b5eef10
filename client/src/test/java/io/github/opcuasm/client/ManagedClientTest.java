package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.StatusCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of calls when the daemon loses the session, or hangs up. */
final class ManagedClientTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String VALUE =
            "{\"value\":7,\"type\":6,\"dimensions\":null,\"statusCode\":0,\"sourceTimestamp\":null,\"serverTimestamp\":null}";

    /** Gives sessions the ids 1, 2, 3 … and forgets all but the newest when it is told to. */
    private static final class Sessions {
        final AtomicInteger opened = new AtomicInteger();
        private final AtomicInteger known = new AtomicInteger(1);

        void forget() {
            known.set(opened.get() + 1);
        }

        void answer(String id, JsonValue.Obj request, ScriptedDaemon.Peer peer, String result) throws IOException {
            if (text(request, "command").equals("open")) {
                peer.succeed(id, "{\"sessionId\":\"" + opened.incrementAndGet() + "\",\"reused\":false}");
            } else if (text(request, "command").equals("close")) {
                peer.succeed(id, "null");
            } else if (Integer.parseInt(text(request, "sessionId")) < known.get()) {
                fail(id, peer, "session_not_found");
            } else {
                peer.succeed(id, result);
            }
        }
    }

    private static String text(JsonValue.Obj request, String member) {
        return request.get(member) instanceof JsonValue.Str text ? text.value() : "";
    }

    private static void fail(String id, ScriptedDaemon.Peer peer, String type) throws IOException {
        peer.send("{\"id\":" + id + ",\"success\":false,\"error\":{\"type\":\"" + type + "\",\"message\":\"m\"}}\n");
    }

    private static ManagedClient client(ScriptedDaemon daemon) {
        return ManagedClient.builder().socket(daemon.endpoint()).build();
    }

    private static List<String> commands(ScriptedDaemon daemon) {
        return daemon.requests().stream()
                .map(request -> text(request, "command") + " " + text(request, "method"))
                .map(String::strip)
                .toList();
    }

    @Test
    void aSessionThatTheDaemonForgotIsOpenedAgainForAnyCall() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> sessions.answer(
                        id, request, peer, text(request, "method").equals("read") ? VALUE : "0"));
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            sessions.forget();

            int read = client.read("i=1").as(int.class);
            sessions.forget();
            boolean written = client.write("i=1", 1).isGood();

            assertThat(read).isEqualTo(7);
            assertThat(written).isTrue();
            assertThat(client.sessionId()).isEqualTo("3");
            assertThat(commands(daemon))
                    .containsExactly("open", "query read", "open", "query read", "query write", "open", "query write");
        }
    }

    @Test
    void asynchronousCallsThatNoticeTogetherOpenItOnce() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> sessions.answer(id, request, peer, VALUE));
                var client = client(daemon)) {
            client.connectForceNew("opc.tcp://plc:4840", SessionOptions.DEFAULTS);
            sessions.forget();

            var first = client.readAsync("i=1");
            var second = client.readAsync("i=2");

            assertThat(first.join().as(int.class) + second.join().as(int.class)).isEqualTo(14);
            assertThat(sessions.opened).hasValue(2);
        }
    }

    @Test
    void whatBelongsToTheOldSessionIsNotAskedOfTheNewOne() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> sessions.answer(id, request, peer, "null"));
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            sessions.forget();

            assertThatThrownBy(() -> client.browseNext("point"))
                    .isInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThatThrownBy(() -> client.publishAsync().join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThat(client.isConnected()).isFalse();
            assertThat(client.isConnectedAsync().join()).isFalse();
            assertThat(sessions.opened).hasValue(1);
        }
    }

    @Test
    void aWriteUnderWhichTheConnectionIsLostIsNotRepeatedAndAReadIs() throws Exception {
        var sessions = new Sessions();
        var hangUps = new AtomicInteger();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    boolean opening = text(request, "command").equals("open");
                    if (!opening && hangUps.getAndIncrement() % 2 == 0) {
                        peer.socket().close();
                    } else {
                        sessions.answer(id, request, peer, VALUE);
                    }
                });
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");

            int read = client.read("i=1").as(int.class);

            assertThat(read).isEqualTo(7);
            assertThatThrownBy(() -> client.write("i=1", 1))
                    .isInstanceOfSatisfying(
                            ConnectionLostException.class,
                            e -> assertThat(e.outcome()).contains(Outcome.UNKNOWN));
            assertThat(commands(daemon)).containsExactly("open", "query read", "query read", "query write");
        }
    }

    @Test
    void anotherConnectGivesUpTheSessionThatThereWas() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> sessions.answer(id, request, peer, VALUE));
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            client.connectNamedAsync("plc2").join();
            client.disconnect();
            client.disconnect();

            assertThat(commands(daemon)).containsExactly("open", "open", "close", "close");
            assertThatThrownBy(() -> client.read("i=1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("connect");
            assertThat(client.isConnected()).isFalse();
        }
    }

    @Test
    void aCallThatReopensMayBeMadeOnTheThreadThatEndsTheFutures() throws Exception {
        var sessions = new Sessions();
        ExecutorService only = Executors.newSingleThreadExecutor();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> sessions.answer(id, request, peer, VALUE));
                var client = ManagedClient.builder()
                        .socket(daemon.endpoint())
                        .callbacks(only)
                        .build()) {
            client.connect("opc.tcp://plc:4840");
            sessions.forget();

            Future<Integer> read = only.submit(() -> client.read("i=1").as(int.class));

            assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(7);
            sessions.forget();
            assertThat(client.readAsync("i=1")
                            .thenApply(again ->
                                    again.as(int.class) + client.read("i=1").as(int.class))
                            .get(20, TimeUnit.SECONDS))
                    .isEqualTo(14);
        } finally {
            only.shutdownNow();
        }
    }

    @Test
    void whatIsSentWhileTheSessionIsGivenUpIsNotMovedToAnotherOne() throws Exception {
        var sessions = new Sessions();
        var written = new LinkedBlockingQueue<String>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (text(request, "method").equals("write")) {
                        written.add(id);
                    } else if (text(request, "command").equals("close")) {
                        fail(written.remove(), peer, "session_not_found");
                        sessions.answer(id, request, peer, "null");
                    } else {
                        sessions.answer(id, request, peer, "0");
                    }
                });
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            CompletableFuture<StatusCode> write = CompletableFuture.supplyAsync(() -> client.write("i=1", 1));
            awaitRequests(daemon, 2);

            client.disconnect();

            assertThat(write)
                    .failsWithin(LONG)
                    .withThrowableThat()
                    .withCauseInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThat(commands(daemon)).containsExactly("open", "query write", "close");
        }
    }

    @Test
    void aSessionThatComesWhenItIsNotWantedAnyMoreIsClosed() throws Exception {
        var sessions = new Sessions();
        var opening = new LinkedBlockingQueue<String>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (text(request, "command").equals("open") && sessions.opened.get() == 1) {
                        opening.add(id);
                        sessions.opened.incrementAndGet();
                    } else if (text(request, "sessionId").equals("1")
                            && text(request, "command").equals("close")) {
                        peer.succeed(opening.remove(), "{\"sessionId\":\"2\",\"reused\":false}");
                        peer.succeed(id, "null");
                    } else {
                        sessions.answer(id, request, peer, "0");
                    }
                });
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            sessions.forget();
            CompletableFuture<StatusCode> write = client.writeAsync("i=1", 1);
            awaitRequests(daemon, 3);

            client.disconnect();

            assertThat(write)
                    .failsWithin(LONG)
                    .withThrowableThat()
                    .withCauseInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThat(commands(daemon)).containsExactly("open", "query write", "open", "close", "close");
            assertThat(text(daemon.requests().get(4), "sessionId")).isEqualTo("2");
        }
    }

    @Test
    void aSessionThatIsNotOpenedAgainInTimeIsATimeout() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (!text(request, "command").equals("open") || sessions.opened.get() == 0) {
                        sessions.answer(id, request, peer, VALUE);
                    }
                });
                var client = ManagedClient.builder()
                        .socket(daemon.endpoint())
                        .requestTimeout(Duration.ofMillis(200))
                        .build()) {
            client.connect("opc.tcp://plc:4840");
            sessions.forget();

            CompletableFuture<ReadResult> read = client.readAsync("i=1");

            assertThatThrownBy(() -> client.read("i=1"))
                    .isInstanceOfSatisfying(
                            AnswerTimeoutException.class,
                            e -> assertThat(e.outcome()).isPresent());
            assertThat(read).failsWithin(LONG).withThrowableThat().withCauseInstanceOf(AnswerTimeoutException.class);
        }
    }

    @Test
    void nobodyWaitsForTheSessionWhileItWaitsToBeOpenedAgain() throws Exception {
        var completions = new LinkedBlockingQueue<Runnable>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (text(request, "command").equals("open")) {
                        peer.answerAndClose("{\"success\":true,\"data\":{\"sessionId\":\"1\",\"reused\":false}}");
                    } else if (text(request, "method").equals("read")) {
                        peer.answerAndClose(
                                "{\"success\":false,\"error\":{\"type\":\"session_not_found\",\"message\":\"m\"}}");
                    }
                });
                var client = ManagedClient.builder()
                        .socket(daemon.endpoint())
                        .protocol(ProtocolVersion.ONE)
                        .callbacks(completions::add)
                        .build()) {
            client.connect("opc.tcp://plc:4840");
            CompletableFuture<ReadResult> lost = client.readAsync("i=1");
            Runnable completion = completions.poll(LONG.toSeconds(), TimeUnit.SECONDS);
            for (int i = 0; i < 32; i++) { // all that may be under way in protocol 1: opening has to wait
                CompletableFuture<StatusCode> unused = client.writeAsync("i=1", 1);
            }

            Thread reopening = new Thread(completion);
            reopening.setDaemon(true);
            reopening.start();
            awaitRest(reopening);

            assertThat(CompletableFuture.supplyAsync(client::sessionId)).succeedsWithin(Duration.ofSeconds(20));
            assertThat(lost).isNotDone();
        }
    }

    /** Until it waits or has ended. */
    private static void awaitRest(Thread thread) {
        long end = System.nanoTime() + LONG.toNanos();
        while (thread.getState() == Thread.State.NEW || thread.getState() == Thread.State.RUNNABLE) {
            assertThat(System.nanoTime() - end).isNegative();
            Thread.onSpinWait();
        }
    }

    @Test
    void aCallThatReopensTakesNoLongerThanAnyOther() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    for (long end = System.nanoTime() + 30_000_000; System.nanoTime() - end < 0; ) {
                        Thread.onSpinWait(); // the answers take 30 ms
                    }
                    sessions.answer(id, request, peer, VALUE);
                });
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            sessions.forget();
            client.read("i=1");
            sessions.forget();
            client.readAsync("i=1").join();

            List<JsonValue.Obj> requests = daemon.requests();
            for (int first : new int[] {1, 4}) {
                assertThat(millis(requests.get(first + 1))).isLessThan(millis(requests.get(first)) - 28);
                assertThat(millis(requests.get(first + 2))).isLessThan(millis(requests.get(first)) - 58);
            }
        }
    }

    private static long millis(JsonValue.Obj request) {
        return request.get("timeoutMs") instanceof JsonValue.Num number ? Long.parseLong(number.literal()) : -1;
    }

    @Test
    void connectingAgainToTheSameSessionKeepsItAndGivesBackBothUses() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(
                        id,
                        text(request, "command").equals("open") ? "{\"sessionId\":\"7\",\"reused\":true}" : VALUE));
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            client.connect("opc.tcp://plc:4840");
            client.connectAsync("opc.tcp://plc:4840").join();
            client.read("i=1");
            client.disconnect();

            assertThat(commands(daemon))
                    .containsExactly("open", "open", "open", "query read", "close", "close", "close");
        }
    }

    @Test
    void aSessionThatCannotBeClosedDoesNotKeepAnotherFromBeingUsed() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (text(request, "command").equals("close")) {
                        fail(id, peer, "access_denied");
                    } else {
                        sessions.answer(id, request, peer, VALUE);
                    }
                });
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");
            client.connect("opc.tcp://plc2:4840");
            client.connectAsync("opc.tcp://plc3:4840").join();

            assertThat(client.sessionId()).isEqualTo("3");
            assertThatThrownBy(client::disconnect).isInstanceOf(RequestFailedException.AccessDenied.class);
        }
    }

    private static void awaitRequests(ScriptedDaemon daemon, int count) {
        long end = System.nanoTime() + LONG.toNanos();
        while (daemon.requests().size() < count) {
            assertThat(System.nanoTime() - end).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void aMisshapenAnswerIsSaidToBeOne() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> sessions.answer(id, request, peer, "\"what\""));
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");

            assertThatThrownBy(() -> client.read("i=1"))
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("read");
            assertThatThrownBy(() -> client.write("i=1", 2))
                    .isInstanceOfSatisfying(
                            ConnectionLostException.class,
                            e -> assertThat(e.outcome()).contains(Outcome.UNKNOWN));
            assertThatThrownBy(client::getServerBuildInfo).isInstanceOf(ConnectionLostException.class);
        }
    }

    @Test
    void aNodeIdThatCannotBeReadIsNotSent() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> sessions.answer(id, request, peer, VALUE));
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");

            assertThatThrownBy(() -> client.read("Speed"))
                    .isInstanceOfSatisfying(
                            RequestFailedException.InvalidNodeId.class,
                            e -> assertThat(e.outcome()).contains(Outcome.NOT_SENT));
            assertThat(commands(daemon)).containsExactly("open");
        }
    }

    @Test
    void aSubscriptionOutlivesItsConnectionAndSaysWhatIsMissing() throws Exception {
        var sessions = new Sessions();
        var streams = new AtomicInteger();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (!text(request, "command").equals("subscribe")) {
                        sessions.answer(id, request, peer, VALUE);
                    } else if (streams.incrementAndGet() == 2) {
                        fail(id, peer, "session_not_found");
                    } else {
                        peer.succeed(
                                id,
                                "{\"subscriptionId\":3,\"revisedPublishingInterval\":500.0,\"revisedLifetimeCount\":1,"
                                        + "\"revisedMaxKeepAliveCount\":1,\"items\":[{\"statusCode\":0,\"monitoredItemId\":1,"
                                        + "\"revisedSamplingInterval\":1.0,\"revisedQueueSize\":1}],\"events\":[]}");
                        peer.send("{\"id\":" + id + ",\"event\":{\"type\":\"Notifications\",\"subscriptionId\":3,"
                                + "\"sequenceNumber\":1,\"epoch\":0,\"publishTime\":\"2026-05-15T10:30:00.1+00:00\","
                                + "\"notifications\":[{\"type\":\"DataChange\",\"clientHandle\":1,\"dataValue\":"
                                + VALUE
                                + "}]}}\n");
                        if (streams.get() == 1) {
                            peer.socket().close();
                        }
                    }
                });
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");

            try (Subscription subscription = client.monitor()
                    .item(MonitoredItemRequest.of("ns=2;s=Speed").clientHandle(99))
                    .open()) {
                assertThat(subscription.items()).hasSize(1);
                assertThat(subscription.next(Duration.ofSeconds(30)))
                        .isInstanceOfSatisfying(SubscriptionEvent.Change.class, change -> {
                            assertThat(change.node()).isEqualTo(NodeId.text(2, "Speed"));
                            assertThat(change.clientHandle()).isEqualTo(99);
                            assertThat(change.as(int.class)).isEqualTo(7);
                        });
                assertThat(subscription.next(Duration.ofSeconds(30)))
                        .isInstanceOfSatisfying(SubscriptionEvent.Gap.class, gap -> {
                            assertThat(gap.from()).isEqualTo("2026-05-15T10:30:00.1Z");
                            assertThat(gap.reason()).contains("Lost the connection");
                        });
                assertThat(subscription.next(Duration.ofSeconds(30))).isInstanceOf(SubscriptionEvent.Change.class);
                assertThat(client.sessionId()).isEqualTo("2");
            }
        }
    }

    @Test
    void aSubscriptionThatIsNotToBeMadeAgainEndsWithTheReason() throws Exception {
        var sessions = new Sessions();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (text(request, "command").equals("subscribe")) {
                        peer.succeed(
                                id,
                                "{\"subscriptionId\":3,\"revisedPublishingInterval\":500.0,\"revisedLifetimeCount\":1,"
                                        + "\"revisedMaxKeepAliveCount\":1,\"items\":[],\"events\":[]}");
                        peer.socket().close();
                    } else {
                        sessions.answer(id, request, peer, VALUE);
                    }
                });
                var client = client(daemon)) {
            client.connect("opc.tcp://plc:4840");

            Subscription subscription =
                    client.monitor().item("i=1").resubscribeFor(Duration.ZERO).open();

            List<SubscriptionEvent> events = new ArrayList<>();
            subscription.forEach(events::add);
            assertThat(events)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            SubscriptionEvent.End.class,
                            end -> assertThat(end.failure()).isInstanceOf(ConnectionLostException.class));
        }
    }

    @Test
    void theEnvironmentSaysWhereTheDaemonIs(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("token"), " secret\n");

        var given = new DaemonEnvironment(
                Map.of("OPCUA_SOCKET_PATH", "/run/opcua.sock", "OPCUA_AUTH_TOKEN_FILE", file.toString()));
        var both = new DaemonEnvironment(Map.of("OPCUA_AUTH_TOKEN", "t", "OPCUA_AUTH_TOKEN_FILE", "/nowhere"));

        assertThat(given.socket()).hasToString("unix:///run/opcua.sock");
        assertThat(given.token()).isEqualTo("secret");
        assertThat(both.token()).isEqualTo("t");
        assertThat(new DaemonEnvironment(Map.of()).token()).isNull();
        assertThatThrownBy(() -> new DaemonEnvironment(Map.of("OPCUA_SOCKET_PATH", "relative")).socket())
                .hasMessageStartingWith("OPCUA_SOCKET_PATH: ");
    }
}
