package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.MonitoredItemRequest;
import io.github.opcuasm.client.ProtocolVersion;
import io.github.opcuasm.client.Subscription;
import io.github.opcuasm.client.SubscriptionEvent;
import io.github.opcuasm.client.SubscriptionListener;
import io.github.opcuasm.client.SubscriptionParameters;
import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Simulator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions of Java programs on a real daemon and a real server, and across the daemon's restart. */
final class SubscriptionTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration FAST = Duration.ofMillis(50);
    private static final String COUNTER = "ns=2;s=Dynamic/Counter";
    private static final String NOTIFIER = "ns=2;s=Events/Notifier";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    private static final Simulator SERVER = Simulator.builder().build();

    @BeforeAll
    static void startServer() throws Exception {
        SERVER.start();
    }

    @AfterAll
    static void endServer() {
        SERVER.close();
    }

    private static SessionManagerDaemon daemon(String name) throws Exception {
        var daemon = new SessionManagerDaemon(DaemonConfig.builder()
                .socket(new IpcEndpoint.Unix(directory.resolve(name)))
                .build());
        daemon.start();
        return daemon;
    }

    private static ManagedClient client(String name, ProtocolVersion protocol) {
        ManagedClient client = ManagedClient.builder()
                .socket(directory.resolve(name).toString())
                .protocol(protocol)
                .build();
        client.connect(SERVER.endpointUrl());
        return client;
    }

    /** Passes over what is not asked for. */
    private static <T extends SubscriptionEvent> T next(Subscription subscription, Class<T> type) {
        long end = System.nanoTime() + LONG.toNanos();
        while (System.nanoTime() - end < 0) {
            SubscriptionEvent event = subscription.next(LONG);
            if (type.isInstance(event)) {
                return type.cast(event);
            }
        }
        throw new AssertionError("No " + type.getSimpleName() + " came in " + LONG);
    }

    private static SubscriptionEvent await(BlockingQueue<SubscriptionEvent> events, Predicate<SubscriptionEvent> wanted)
            throws InterruptedException {
        while (true) {
            SubscriptionEvent event = events.poll(LONG.toSeconds(), TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            if (event != null && wanted.test(event)) {
                return event;
            }
        }
    }

    /** -1 of what is no change. */
    private static long counter(SubscriptionEvent event) {
        return event instanceof SubscriptionEvent.Change change ? change.as(long.class) : -1;
    }

    /** Puts everything into a queue. */
    private record Recorder(BlockingQueue<SubscriptionEvent> events) implements SubscriptionListener {
        @Override
        public void on(SubscriptionEvent event) {
            events.add(event);
        }

        @Override
        public void changed(SubscriptionEvent.Change change) {
            throw new AssertionError("on was overridden");
        }
    }

    @Test
    void changesAndEventsAreAskedForOneByOne() throws Exception {
        try (SessionManagerDaemon daemon = daemon("iterated.sock");
                var client = client("iterated.sock", ProtocolVersion.AUTO)) {
            Subscription subscription = client.monitor()
                    .item(COUNTER, FAST)
                    .item("ns=2;s=Nowhere")
                    .events(NOTIFIER, "Message", "Severity")
                    .publishingInterval(FAST)
                    .open();
            assertThat(daemon.boundEndpoints()).hasSize(1);
            assertThat(subscription.items().get(1).statusCode().name()).isEqualTo("Bad_NodeIdUnknown");
            assertThat(subscription.eventItems()).hasSize(1);

            long first = next(subscription, SubscriptionEvent.Change.class).as(long.class);
            long second = next(subscription, SubscriptionEvent.Change.class).as(long.class);
            SERVER.events().emit("too hot", 700);
            SubscriptionEvent.Event event = next(subscription, SubscriptionEvent.Event.class);

            assertThat(second).isGreaterThan(first);
            assertThat(event.node()).hasToString(NOTIFIER);
            assertThat(event.field("Severity").as(int.class)).isEqualTo(700);
            subscription.close();
            assertThat(subscription.iterator().hasNext()).isFalse();
        }
    }

    @Test
    void aListenerIsToldAcrossARestartOfTheDaemon() throws Exception {
        var events = new LinkedBlockingQueue<SubscriptionEvent>();
        SessionManagerDaemon first = daemon("restarted.sock");
        try (var client = client("restarted.sock", ProtocolVersion.AUTO)) {
            Subscription subscription = client.monitor()
                    .item(COUNTER, FAST)
                    .publishingInterval(FAST)
                    .listen(new Recorder(events));
            long before = counter(await(events, SubscriptionEvent.Change.class::isInstance));
            first.close();

            try (SessionManagerDaemon second = daemon("restarted.sock")) {
                assertThat(second.boundEndpoints()).hasSize(1);
                await(events, SubscriptionEvent.Gap.class::isInstance);
                await(events, event -> counter(event) > before);

                assertThat(client.read(COUNTER).statusCode().isGood()).isTrue();
                subscription.close();
            }
        } finally {
            first.close();
        }
    }

    @Test
    void aSessionThatIsEndedForAllEndsTheSubscription() throws Exception {
        try (SessionManagerDaemon daemon = daemon("closed.sock");
                var client = client("closed.sock", ProtocolVersion.AUTO);
                Subscription subscription = client.monitor()
                        .item(COUNTER, FAST)
                        .publishingInterval(FAST)
                        .open()) {
            assertThat(daemon.boundEndpoints()).hasSize(1);

            client.daemon().close(client.sessionId(), true);

            assertThat(next(subscription, SubscriptionEvent.End.class).failure())
                    .isNotNull();
        }
    }

    @Test
    void whereThereAreNoStreamsMessagesAreAskedFor() throws Exception {
        try (SessionManagerDaemon daemon = daemon("polled.sock");
                var client = client("polled.sock", ProtocolVersion.ONE)) {
            assertThat(daemon.boundEndpoints()).hasSize(1);

            Subscription subscription = client.monitor()
                    .item(MonitoredItemRequest.of(COUNTER)
                            .samplingInterval(FAST)
                            .queueSize(10))
                    .parameters(SubscriptionParameters.DEFAULTS.withPublishingEnabled(false))
                    .publishingInterval(FAST)
                    .open();
            long first = next(subscription, SubscriptionEvent.Change.class).as(long.class);
            long second = next(subscription, SubscriptionEvent.Change.class).as(long.class);
            int withIt = client.daemon().list().size();
            subscription.close();

            assertThat(second).isGreaterThan(first);
            assertThat(withIt).isEqualTo(2);
            assertThat(client.daemon().list()).hasSize(1);
            assertThat(client.read(COUNTER).statusCode().isGood()).isTrue();
        }
    }

    @Test
    void whereThereAreNoStreamsItOutlivesARestartThatNobodyNoticed() throws Exception {
        SessionManagerDaemon first = daemon("polled-again.sock");
        try (var client = client("polled-again.sock", ProtocolVersion.ONE)) {
            Subscription subscription = client.monitor()
                    .item(COUNTER, FAST)
                    .publishingInterval(FAST)
                    .open();
            long before = next(subscription, SubscriptionEvent.Change.class).as(long.class);
            first.close();

            try (SessionManagerDaemon second = daemon("polled-again.sock")) {
                assertThat(second.boundEndpoints()).hasSize(1);
                assertThat(next(subscription, SubscriptionEvent.Gap.class).reason())
                        .contains("does not know the session");
                // The counter may have stood still meanwhile.
                assertThat(next(subscription, SubscriptionEvent.Change.class).as(long.class))
                        .isGreaterThanOrEqualTo(before);
                subscription.close();
            }
        } finally {
            first.close();
        }
    }

    @Test
    void whereThereAreNoStreamsAProgramMayAskWithoutWaiting() throws Exception {
        try (SessionManagerDaemon daemon = daemon("unwaited.sock");
                var client = client("unwaited.sock", ProtocolVersion.ONE);
                Subscription subscription = client.monitor()
                        .item("ns=2;s=Scalars/Double", FAST)
                        .publishingInterval(FAST)
                        .open()) {
            assertThat(daemon.boundEndpoints()).hasSize(1);

            long end = System.nanoTime() + LONG.toNanos();
            SubscriptionEvent event = null;
            while (event == null && System.nanoTime() - end < 0) {
                event = subscription.next(Duration.ZERO);
            }

            assertThat(event).isInstanceOf(SubscriptionEvent.Change.class);
            assertThat(subscription.next(Duration.ZERO)).isNull();
        }
    }
}
