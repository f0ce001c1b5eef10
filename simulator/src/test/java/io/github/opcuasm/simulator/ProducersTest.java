package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ProducersTest {
    private static final int VARIABLES = 20;

    private final Simulator simulator = Simulator.builder().produced(VARIABLES).build();
    private final TestClients clients = new TestClients();

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void everyValueOfTheCounterIsQueuedAndLogged() throws Exception {
        RawSubscription subscription = counting(clients.connect(simulator));

        List<RawSubscription.Told> told = new ArrayList<>();
        try (Production counter = simulator.producers().count(500)) {
            assertThat(counter).isNotNull();
            while (told.size() < 100) {
                told.addAll(valuesOf(subscription.publish()));
            }
        }

        assertThat(told).extracting(RawSubscription.Told::value).startsWith(0L).isEqualTo(upTo(told.size()));
        assertThat(simulator.producers().queued().subList(0, told.size()))
                .extracting(queued -> new RawSubscription.Told(queued.value(), queued.serverTime()))
                .isEqualTo(told);
        assertThat(simulator.producers().queued())
                .extracting(QueuedValue::subscriptionId)
                .containsOnly(subscription.id().longValue());
    }

    @Test
    void theCounterGoesOnWhileTheServerIsGoneAndTheLogWithIt() throws Exception {
        RawSubscription before = counting(clients.connect(simulator));
        RawSubscription after;
        List<QueuedValue> logged;
        long stopped;
        try (Production counter = simulator.producers().count(500)) {
            assertThat(counter).isNotNull();
            await().until(() -> simulator.producers().queued().size() > 10);

            simulator.stop();
            logged = simulator.producers().queued();
            stopped = simulator.producers().counter();
            long beforeStart = stopped;
            await().until(() -> simulator.producers().counter() > beforeStart + 10);
            assertThat(simulator.producers().queued()).isEqualTo(logged);
            simulator.start();
            after = counting(clients.connect(simulator));
            int size = logged.size();
            await().until(() -> simulator.producers().queued().size() > size + 10);
        }

        List<QueuedValue> all = simulator.producers().queued();
        assertThat(all).extracting(QueuedValue::value).doesNotHaveDuplicates().isSorted();
        assertThat(all.get(logged.size()).value()).isGreaterThan(stopped + 10);
        assertThat(all.subList(0, logged.size()))
                .extracting(QueuedValue::subscriptionId)
                .containsOnly(before.id().longValue());
        assertThat(all.subList(logged.size(), all.size()))
                .extracting(QueuedValue::subscriptionId)
                .containsOnly(after.id().longValue());
    }

    @Test
    void changesComeInRoundsWithoutAHole() throws Exception {
        RawSubscription subscription = new RawSubscription(clients.connect(simulator), 20, 10);
        for (int i = 0; i < VARIABLES; i++) {
            assertThat(subscription
                            .monitor(Simulator.node(Producers.variable(i)), 1_000)
                            .getStatusCode()
                            .isGood())
                    .isTrue();
        }

        long told = 0;
        long highest = 0;
        try (Production changes = simulator.producers().change(5_000)) {
            assertThat(changes).isNotNull();
            while (highest < 50) {
                List<RawSubscription.Told> values = valuesOf(subscription.publish());
                told += values.size();
                highest = values.stream().mapToLong(RawSubscription.Told::value).reduce(highest, Math::max);
            }
        }
        while (told < simulator.producers().queuedChanges()) {
            told += valuesOf(subscription.publish()).size();
        }

        assertThat(told).isEqualTo(VARIABLES * (simulator.producers().round() + 1));
    }

    @Test
    void aReadTellsThePresentValue() throws Exception {
        OpcUaClient client = clients.connect(simulator);
        try (Production counter = simulator.producers().count(1_000)) {
            assertThat(counter).isNotNull();
            await().until(() -> simulator.producers().counter() > 5);
        }

        assertThat(TestClients.readNow(client, "Produced/Counter").value().value())
                .isEqualTo(simulator.producers().counter());
    }

    @Test
    void impossibleProductionsAreRefused() {
        assertThatThrownBy(() -> simulator.producers().count(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> simulator.producers().change(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Simulator.builder().build().producers().change(10))
                .isInstanceOf(IllegalStateException.class);
    }

    private static RawSubscription counting(OpcUaClient client) throws Exception {
        RawSubscription subscription = new RawSubscription(client, 20, 10);
        assertThat(subscription
                        .monitor(Simulator.node("Produced/Counter"), 10_000)
                        .getStatusCode()
                        .isGood())
                .isTrue();
        return subscription;
    }

    private static List<RawSubscription.Told> valuesOf(PublishResponse answer) {
        return RawSubscription.isKeepAlive(answer)
                ? List.of()
                : RawSubscription.values(answer.getNotificationMessage());
    }

    private static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
