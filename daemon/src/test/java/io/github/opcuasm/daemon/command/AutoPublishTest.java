package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.AlarmTransition;
import io.github.opcuasm.daemon.AlarmTransition.Kind;
import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.ConfiguredSubscription.Events;
import io.github.opcuasm.daemon.ConfiguredSubscription.Item;
import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.SubscriptionListener;
import io.github.opcuasm.daemon.publish.AutoPublish;
import io.github.opcuasm.daemon.state.LogOf;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.QueuedValue;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions of the configuration on a real server, into listeners and a file. */
@Timeout(120)
final class AutoPublishTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String COUNTER = Simulator.node("Produced/Counter").toParseableString();

    @TempDir
    private Path directory;

    private final Simulator simulator = Simulator.builder().build();
    private final Heard heard = new Heard();
    private @Nullable RunningDaemon running;

    /** What a listener was told. */
    private static final class Heard implements SubscriptionListener {
        private final List<Long> values = new CopyOnWriteArrayList<>();
        private final List<Message> messages = new CopyOnWriteArrayList<>();
        private final List<Kind> alarms = new CopyOnWriteArrayList<>();
        private final List<String> events = new CopyOnWriteArrayList<>();
        private final List<String> gaps = new CopyOnWriteArrayList<>();
        private final CountDownLatch keptAlive = new CountDownLatch(1);

        @Override
        public void dataChange(Message message, Item item, DataValue value) {
            messages.add(message);
            if (item.clientHandle() == 1 && value.variant().value() instanceof Long number) {
                values.add(number);
            }
        }

        @Override
        public void event(Message message, Events notifier, Map<String, Variant> fields) {
            events.add(String.valueOf(fields.get("Message")));
        }

        @Override
        public void alarm(Message message, AlarmTransition transition) {
            alarms.add(transition.kind());
        }

        @Override
        public void keepAlive(Origin origin) {
            keptAlive.countDown();
        }

        @Override
        public void gap(Origin origin, @Nullable DateTime from, @Nullable DateTime to, String reason) {
            gaps.add(reason);
        }
    }

    @BeforeEach
    void startServer() {
        simulator.start();
    }

    @AfterEach
    void stop() {
        if (running != null) {
            running.close();
        }
        simulator.close();
    }

    @Test
    void everyValueReachesListenerAndFileAndNobodyElsePublishesOnTheHandle() throws Exception {
        Path file = directory.resolve("plc1.ndjson");
        start(counting().sink(SinkConfig.File.at(file)), options -> options);
        awaitLive();

        Production counting = simulator.producers().count(100);
        await().atMost(PATIENCE).until(() -> heard.values.size() > 100);
        counting.close();
        List<Long> queued = queued();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard.values).endsWith(queued.get(queued.size() - 1)));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(written(file)).endsWith(queued.get(queued.size() - 1)));

        assertThat(heard.values).containsExactlyElementsOf(queued);
        assertThat(written(file)).containsExactlyElementsOf(queued);
        JsonValue.Obj line = lines(file).get(0);
        assertThat(text(line, "connection")).isEqualTo("plc1");
        assertThat(text(line, "sessionId")).isEqualTo(handle());
        assertThat(text(daemon().error(query(handle(), "publish", "[]")), "type"))
                .isEqualTo("auto_publish_active");
        assertThat(text(daemon().error(query(handle(), "publish", "'nonsense'")), "type"))
                .isEqualTo("auto_publish_active");
        assertThat(text(daemon().error(RunningDaemon.invoke(handle(), "publish", "[]")), "type"))
                .isEqualTo("auto_publish_active");
    }

    @Test
    void alarmsAreToldAsTheirTransitions() throws Exception {
        start(
                ConfiguredSubscription.builder()
                        .publishingInterval(50)
                        .events(new Events(
                                NodeReference.parse("i=2253"),
                                List.of(
                                        "Message",
                                        "Severity",
                                        "ConditionId",
                                        "BranchId",
                                        "ActiveState/Id",
                                        "AckedState/Id"),
                                null,
                                7)),
                options -> options);
        awaitLive();

        simulator.events().emit("hello", 100);
        simulator.events().activateAlarm(90);
        simulator.events().acknowledgeAlarm("seen");
        simulator.events().deactivateAlarm(20);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(heard.alarms)
                        .containsExactly(Kind.ACTIVATED, Kind.UNACKNOWLEDGED, Kind.ACKNOWLEDGED, Kind.DEACTIVATED));
        assertThat(heard.events).hasSize(4).first().asString().contains("hello");
        assertThat(heard.keptAlive.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void anItemThatTheServerDoesNotKnowIsNamedOnceAndHindersNoOther() throws Exception {
        try (LogOf log = LogOf.packageOf(AutoPublish.class)) {
            start(
                    counting()
                            .items(List.of(
                                    item(COUNTER, 1), item("ns=2;s=NoSuchNode", 2), item("nsu=urn:nowhere;s=x", 3))),
                    options -> options);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(log.infos())
                            .singleElement()
                            .asString()
                            .matches("Connection plc1: subscription [0-9]+ is live with 1 of 3 items"));
            assertThat(log.warnings())
                    .hasSize(2)
                    .anySatisfy(line -> assertThat(line)
                            .contains("ns=2;s=NoSuchNode cannot be monitored and is tried again", "Bad_NodeIdUnknown"))
                    .anySatisfy(line -> assertThat(line).contains("nsu=urn:nowhere;s=x cannot be monitored"));
        }
        await().atMost(PATIENCE).until(() -> !heard.values.isEmpty());
    }

    @Test
    void aForcedCloseIsFollowedByTheSameOnTheNextHandle() throws Exception {
        start(counting(), options -> options);
        awaitLive();
        String before = handle();

        JsonValue unused = daemon().data("{'command':'close','force':true,'sessionId':'" + before + "'}");

        await().atMost(PATIENCE)
                .until(() -> heard.messages.stream()
                        .anyMatch(message -> !message.origin().sessionId().equals(before)));
        assertThat(simulator.counters().served(Service.CREATE_SUBSCRIPTION)).isEqualTo(2);
    }

    @Test
    void afterARestartAllIsSubscribedAnewOnceAndTheGapIsTold() throws Exception {
        UnaryOperator<DaemonConfig.Builder> options =
                config -> config.stateDir(directory.resolve("state")).keepSessionsOnExit(true);
        start(counting(), options);
        awaitLive();
        String before = handle();
        assertThat(heard.gaps).isEmpty();

        daemon().shutDown();
        int told = heard.messages.size();
        Production counting = simulator.producers().count(20);
        start(counting(), options);

        await().atMost(PATIENCE).until(() -> heard.messages.size() > told);
        counting.close();
        assertThat(handle()).isEqualTo(before);
        assertThat(heard.gaps).containsExactly("the daemon was restarted");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(simulator.counters().served(Service.DELETE_SUBSCRIPTIONS))
                        .isEqualTo(1));
    }

    @Test
    void aListenerThatThrowsAndOneThatBlocksHarmNobody() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<Object> blocked = new CopyOnWriteArrayList<>();
        start(
                counting(),
                options -> options.listener(new SubscriptionListener() {
                            @Override
                            public void dataChange(Message message, Item item, DataValue value) {
                                throw new IllegalStateException("planted");
                            }
                        })
                        .listener(new SubscriptionListener() {
                            @Override
                            public void dataChange(Message message, Item item, DataValue value) {
                                blocked.add(message);
                                try {
                                    boolean unused = release.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            }
                        }));

        Production counting = simulator.producers().count(100);
        await().atMost(PATIENCE).until(() -> heard.values.size() > 50);
        counting.close();

        assertThat(blocked).hasSize(1);
        release.countDown();
        await().atMost(PATIENCE).until(() -> blocked.size() > 50);
    }

    private void start(ConfiguredSubscription.Builder subscription, UnaryOperator<DaemonConfig.Builder> more)
            throws Exception {
        running = new RunningDaemon(
                simulator,
                options -> more.apply(options.listener(heard)
                        .connections(List.of(new NamedConnection(
                                "plc1",
                                simulator.endpointUrl(),
                                new JsonValue.Obj(Map.of()),
                                true,
                                List.of(subscription.build()))))));
    }

    private static ConfiguredSubscription.Builder counting() {
        return ConfiguredSubscription.builder().publishingInterval(50).items(item(COUNTER, 1));
    }

    private static Item item(String node, long clientHandle) {
        return Item.of(NodeReference.parse(node), clientHandle).sampledEvery(0).queueing(10_000);
    }

    private void awaitLive() {
        await().atMost(PATIENCE)
                .until(() -> simulator.counters().served(Service.CREATE_MONITORED_ITEMS) > 0
                        && daemon().data("{'command':'list'}").toString().contains("plc1"));
    }

    private RunningDaemon daemon() {
        return Objects.requireNonNull(running);
    }

    private String handle() throws IOException {
        JsonValue.Obj list = (JsonValue.Obj) daemon().data("{'command':'list'}");
        List<JsonValue> sessions = Objects.requireNonNull(
                Objects.requireNonNull(list.get("sessions")).asArray());
        return text((JsonValue.Obj) sessions.get(0), "id");
    }

    private List<Long> queued() {
        return simulator.producers().queued().stream().map(QueuedValue::value).toList();
    }

    private static List<JsonValue.Obj> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                .map(line -> (JsonValue.Obj) JsonReader.readValue(line, 0, line.length))
                .toList();
    }

    /** The values in a file, in their order. */
    private static List<Long> written(Path file) throws IOException {
        List<Long> values = new ArrayList<>();
        for (JsonValue.Obj line : lines(file)) {
            JsonValue.Obj event = (JsonValue.Obj) Objects.requireNonNull(line.get("event"));
            JsonValue notifications = event.get("notifications");
            for (JsonValue notification :
                    notifications == null ? List.<JsonValue>of() : Objects.requireNonNull(notifications.asArray())) {
                JsonValue.Obj value =
                        (JsonValue.Obj) Objects.requireNonNull(((JsonValue.Obj) notification).get("dataValue"));
                values.add(Long.parseLong(((JsonValue.Num) Objects.requireNonNull(value.get("value"))).literal()));
            }
        }
        return values;
    }
}
