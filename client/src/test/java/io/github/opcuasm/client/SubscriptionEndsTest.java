package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a subscription is made again, when it ends, and that nobody waits longer than he wants to. */
final class SubscriptionEndsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    /** What a daemon does with a stream once it has begun. */
    @FunctionalInterface
    private interface Stream {
        void begun(String id, ScriptedDaemon.Peer peer) throws IOException;
    }

    private static ScriptedDaemon daemon(Stream stream) throws IOException {
        return new ScriptedDaemon((id, request, peer) -> {
            if (isSubscribe(request)) {
                peer.succeed(
                        id,
                        "{\"subscriptionId\":3,\"revisedPublishingInterval\":500.0,\"revisedLifetimeCount\":1,"
                                + "\"revisedMaxKeepAliveCount\":1,\"items\":[],\"events\":[]}");
                stream.begun(id, peer);
            } else {
                peer.succeed(id, "{\"sessionId\":\"1\",\"reused\":false}");
            }
        });
    }

    private static boolean isSubscribe(JsonValue.Obj request) {
        return new JsonValue.Str("subscribe").equals(request.get("command"));
    }

    private static long streams(ScriptedDaemon daemon) {
        return daemon.requests().stream()
                .filter(SubscriptionEndsTest::isSubscribe)
                .count();
    }

    private static ManagedClient client(ScriptedDaemon daemon) {
        ManagedClient client = ManagedClient.builder()
                .socket(daemon.endpoint())
                .maxAnswerBytes(64 * 1024)
                .build();
        client.connect("opc.tcp://plc:4840");
        return client;
    }

    /** What there was before the end; the end must come within so many events. */
    private static SubscriptionEvent.End end(Subscription subscription) {
        List<SubscriptionEvent> events = new ArrayList<>();
        for (SubscriptionEvent event : subscription) {
            events.add(event);
            assertThat(events).hasSizeLessThan(100);
        }
        return (SubscriptionEvent.End) events.get(events.size() - 1);
    }

    @Test
    void aStreamThatBreaksEachTimeItIsMadeIsGivenUpInTime() throws Exception {
        try (var daemon = daemon((id, peer) -> peer.socket().close());
                var client = client(daemon);
                Subscription subscription = client.monitor()
                        .item("i=1")
                        .resubscribeFor(Duration.ofMillis(500))
                        .open()) {

            SubscriptionEvent.End end = end(subscription);

            assertThat(end.failure()).isInstanceOf(ConnectionLostException.class);
            assertThat(streams(daemon)).isBetween(2L, 5L); // at once, after 0.1, 0.3 and 0.7 s
        }
    }

    @Test
    void aStreamOfASessionThatWasGivenUpIsNotMadeAgain() throws Exception {
        var streams = new LinkedBlockingQueue<ScriptedDaemon.Peer>();
        try (var daemon = daemon((id, peer) -> streams.add(peer));
                var client = client(daemon);
                Subscription subscription = client.monitor().item("i=1").open()) {
            client.disconnect();
            streams.take().socket().close();

            assertThat(subscription.next(LONG)).isInstanceOf(SubscriptionEvent.End.class);
            assertThat(streams(daemon)).isEqualTo(1);
        }
    }

    @Test
    void aSessionThatIsConnectedToOnceMoreKeepsItsSubscriptions() throws Exception {
        var streams = new LinkedBlockingQueue<ScriptedDaemon.Peer>();
        try (var daemon = daemon((id, peer) -> streams.add(peer));
                var client = client(daemon);
                Subscription subscription = client.monitor().item("i=1").open()) {
            client.connect("opc.tcp://plc:4840");
            streams.take().socket().close();

            assertThat(subscription.next(LONG)).isInstanceOf(SubscriptionEvent.Gap.class);
            assertThat(streams(daemon)).isEqualTo(2);
        }
    }

    @Test
    void anEventThatIsTooLargeEndsTheSubscription() throws Exception {
        try (var daemon = daemon(
                        (id, peer) -> peer.send("{\"id\":" + id + ",\"event\":\"" + "x".repeat(70_000) + "\"}\n"));
                var client = client(daemon);
                Subscription subscription = client.monitor().item("i=1").open()) {

            SubscriptionEvent.End end = end(subscription);

            assertThat(end.failure()).hasMessageContaining("raise maxAnswerBytes");
            assertThat(streams(daemon)).isEqualTo(1);
        }
    }

    @Test
    void anEventThatCannotBeReadEndsTheSubscription() throws Exception {
        try (var daemon = daemon((id, peer) -> peer.send("{]\n"));
                var client = client(daemon);
                Subscription subscription = client.monitor().item("i=1").open()) {

            SubscriptionEvent.End end = end(subscription);

            assertThat(end.failure()).hasMessageContaining("is no event");
            assertThat(streams(daemon)).isEqualTo(1);
        }
    }

    @Test
    void aSubscriptionMayBeMadeAgainForEver() throws Exception {
        try (var daemon = daemon((id, peer) -> peer.send("{\"id\":" + id + ",\"event\":{\"type\":\"KeepAlive\"}}\n"));
                var client = client(daemon)) {
            Subscription subscription = client.monitor()
                    .item("i=1")
                    .resubscribeFor(Duration.ofSeconds(Long.MAX_VALUE))
                    .open();

            assertThat(subscription.next(LONG)).isInstanceOf(SubscriptionEvent.KeepAlive.class);
            assertThat(new Outage(
                                    new ConnectionLostException("m", null, null),
                                    Duration.ofSeconds(Long.MAX_VALUE),
                                    System.nanoTime())
                            .mayContinue(new ConnectionLostException("m", null, null), System.nanoTime()))
                    .isTrue();
            assertThatThrownBy(() -> client.monitor().resubscribeFor(Duration.ofMillis(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("resubscribeFor: got PT-0.001S");
        }
    }

    @Test
    void nobodyWaitsForAnotherReaderLongerThanHeWantsTo() throws Exception {
        try (var daemon = daemon((id, peer) -> {});
                var client = client(daemon);
                Subscription subscription = client.monitor().item("i=1").open();
                NotificationStream stream =
                        client.daemon().subscribe(StreamRequest.ofSession("1").item("i=1", 1))) {
            Future<?> first = waiting(() -> subscription.next(LONG));
            Future<?> second = waiting(() -> stream.next(LONG));

            CompletableFuture<Boolean> late = CompletableFuture.supplyAsync(
                    () -> subscription.next(Duration.ofMillis(1)) == null && stream.next(Duration.ofMillis(1)) == null);

            assertThat(late.get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(first.isDone() || second.isDone()).isFalse();
        }
    }

    @Test
    void whoIsInterruptedBehindAnotherReaderStopsWaiting() throws Exception {
        try (var daemon = daemon((id, peer) -> {});
                var client = client(daemon);
                Subscription subscription = client.monitor().item("i=1").open();
                NotificationStream stream =
                        client.daemon().subscribe(StreamRequest.ofSession("1").item("i=1", 1))) {
            Future<?> first = waiting(() -> subscription.next(LONG));
            Future<?> second = waiting(() -> stream.next(LONG));

            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> stream.next(LONG))
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("Interrupted");
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThatThrownBy(() -> subscription.next(LONG)).isInstanceOf(NoSuchElementException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(second.isDone()).isFalse();
            assertThat(first).failsWithin(LONG).withThrowableThat().withCauseInstanceOf(NoSuchElementException.class);
        } finally {
            boolean unused = Thread.interrupted();
        }
    }

    /** A thread that is in this call, and stays there until the source is closed. */
    private static Future<?> waiting(Runnable call) throws InterruptedException {
        var begun = new CountDownLatch(1);
        var task = new FutureTask<>(() -> {
            begun.countDown();
            call.run();
            return null;
        });
        Thread thread = new Thread(task, "waiting");
        thread.setDaemon(true);
        thread.start();
        begun.await();
        // In a selector a thread is RUNNABLE, so its stack tells.
        long end = System.nanoTime() + LONG.toNanos();
        while (true) {
            for (StackTraceElement frame : thread.getStackTrace()) {
                if (frame.getMethodName().equals("select")) {
                    return task;
                }
            }
            assertThat(System.nanoTime() - end).isNegative();
            Thread.onSpinWait();
        }
    }

    @Test
    void anEventCallsItsItemAsItsRequestDid() throws Exception {
        try (var daemon = daemon((id, peer) -> peer.send("{\"id\":" + id
                        + ",\"event\":{\"type\":\"Notifications\",\"subscriptionId\":3,\"sequenceNumber\":1,\"epoch\":0,"
                        + "\"publishTime\":null,\"notifications\":[{\"type\":\"Event\",\"clientHandle\":1,"
                        + "\"eventFields\":[]},{\"type\":\"Event\",\"clientHandle\":2,\"eventFields\":[]}]}}\n"));
                var client = client(daemon);
                Subscription subscription = client.monitor()
                        .events(EventRequest.of("i=2253").withClientHandle(77))
                        .events("i=2253")
                        .open()) {

            assertThat(subscription.next(LONG))
                    .isInstanceOfSatisfying(
                            SubscriptionEvent.Event.class,
                            told -> assertThat(told.clientHandle()).isEqualTo(77));
            assertThat(subscription.next(LONG))
                    .isInstanceOfSatisfying(
                            SubscriptionEvent.Event.class,
                            told -> assertThat(told.clientHandle()).isEqualTo(2));
        }
    }
}
