package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.NotificationStream;
import io.github.opcuasm.client.StreamRequest;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.simulator.OperationLimit;
import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.QueuedValue;
import io.github.opcuasm.simulator.Service;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams over a daemon, read by the Java client or by hand, of a server that tells what it queued for whom. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings({"NullAway.Init", "try"}) // Set before all tests; faults and productions are for their scope.
final class StreamsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String COUNTER = "ns=2;s=Produced/Counter";
    private static final String INT32 = "ns=2;s=Scalars/Int32";

    private RunningDaemon daemon;
    private DaemonClient client;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config.maxSessions(50));
        client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
        session = client.open(daemon.simulator.endpointUrl(), Map.of(), false).sessionId();
    }

    /** What a test had followed the counter with must be gone: the server queues its values for nobody any more. */
    @AfterEach
    void undoAndLeaveNothingBehind() {
        daemon.simulator.faults().clear();
        await().atMost(LONG).until(this::countedForNobody);
    }

    private boolean countedForNobody() {
        daemon.simulator.producers().clearQueued();
        long before = daemon.simulator.producers().counter();
        try (Production counting = daemon.simulator.producers().count(1_000)) {
            await().atMost(LONG).until(() -> daemon.simulator.producers().counter() > before + 1);
        }
        return daemon.simulator.producers().queued().isEmpty();
    }

    @AfterAll
    void stop() {
        client.close();
        daemon.close();
    }

    @Test
    void everyValueComesOnceAndInOrderUnderNumbersOfTheStreamsOwn() {
        daemon.simulator.producers().clearQueued();
        try (NotificationStream stream = client.subscribe(
                request().item(Map.of("nodeId", COUNTER, "clientHandle", 4_294_967_295L, "queueSize", 1000)))) {
            assertThat(stream.subscription().revisedPublishingInterval()).isEqualTo(50.0);
            assertThat(stream.items())
                    .hasSize(1)
                    .allMatch(item -> item.statusCode().isGood());
            assertThat(stream.events()).isEmpty();

            List<StreamEvent.Notifications> messages = new ArrayList<>();
            try (Production counting = daemon.simulator.producers().count(500)) {
                while (values(messages).size() < 200) {
                    messages.add(nextMessage(stream));
                }
            }

            assertThat(messages)
                    .extracting(StreamEvent.Notifications::sequenceNumber)
                    .first()
                    .isEqualTo(1L);
            for (int i = 1; i < messages.size(); i++) {
                assertThat(messages.get(i).sequenceNumber()).isEqualTo(i + 1);
                assertThat(messages.get(i).epoch()).isZero();
                assertThat(messages.get(i).subscriptionId())
                        .isEqualTo(stream.subscription().subscriptionId());
                assertThat(messages.get(i).publishTime()).isNotNull();
            }
            List<Long> queued = daemon.simulator.producers().queued().stream()
                    .map(QueuedValue::value)
                    .toList();
            assertThat(values(messages))
                    .isEqualTo(queued.subList(0, values(messages).size()));
            assertThat(messages)
                    .allSatisfy(message -> assertThat(message.notifications())
                            .allMatch(notification -> notification.clientHandle() == 4_294_967_295L));
        }
    }

    @Test
    void anItemThatTheServerRefusesFailsAlone() {
        try (NotificationStream stream = client.subscribe(
                request().item("ns=2;s=Nowhere", 1).item(INT32, 2).item("ns=2;s=Nowhere/Either", 3))) {
            assertThat(stream.items())
                    .extracting(item -> item.statusCode().name())
                    .containsExactly("Bad_NodeIdUnknown", "Good", "Bad_NodeIdUnknown");
            assertThat(nextMessage(stream).notifications())
                    .extracting(Notification::clientHandle)
                    .containsExactly(2L);
        }
    }

    @Test
    void equalItemsOfEqualSubscriptionsAreOneOnTheServerAndALateComerGetsTheLastValueAtOnce() {
        long subscriptions = received(Service.CREATE_SUBSCRIPTION);
        long items = received(Service.CREATE_MONITORED_ITEMS);
        long deletedItems = received(Service.DELETE_MONITORED_ITEMS);
        long deletedSubscriptions = received(Service.DELETE_SUBSCRIPTIONS);
        NotificationStream other = client.subscribe(request(120).item(COUNTER, 5));
        nextMessage(other);
        try (NotificationStream first = client.subscribe(request(110).item(COUNTER, 1))) {
            long value = value(nextMessage(first));

            NotificationStream late =
                    client.subscribe(request(110).item(COUNTER, 2).item(COUNTER, 3));
            StreamEvent.Notifications last = nextMessage(late);
            NotificationStream otherRate = client.subscribe(
                    request(110).item(Map.of("nodeId", COUNTER, "samplingInterval", 1000, "clientHandle", 4)));
            nextMessage(otherRate);

            assertThat(last.sequenceNumber()).isEqualTo(1);
            assertThat(last.notifications())
                    .extracting(Notification::clientHandle)
                    .containsExactly(2L, 3L);
            assertThat(value(last)).isEqualTo(value);
            assertThat(received(Service.CREATE_SUBSCRIPTION) - subscriptions).isEqualTo(2);
            assertThat(received(Service.CREATE_MONITORED_ITEMS) - items).isEqualTo(3);
            assertThat(late.items()).hasSize(2);
            assertThat(otherRate.items().get(0).monitoredItemId())
                    .isNotEqualTo(first.items().get(0).monitoredItemId());
            assertThat(late.items().get(0).monitoredItemId())
                    .isEqualTo(first.items().get(0).monitoredItemId());
            daemon.simulator.producers().clearQueued();
            try (Production counting = daemon.simulator.producers().count(100)) {
                StreamEvent.Notifications shared = nextMessage(late);
                assertThat(shared.notifications())
                        .extracting(Notification::clientHandle)
                        .contains(2L, 3L);
                assertThat(value(nextMessage(first))).isGreaterThan(value);
            }
            assertThat(daemon.simulator.producers().queued().stream()
                            .map(queued -> queued.subscriptionId() + "/" + queued.monitoredItemId())
                            .distinct())
                    .hasSize(3);

            late.close();
            otherRate.close();
            await().atMost(LONG).until(() -> received(Service.DELETE_MONITORED_ITEMS) > deletedItems);
        }
        await().atMost(LONG).until(() -> received(Service.DELETE_SUBSCRIPTIONS) - deletedSubscriptions >= 1);
        other.close();
        await().atMost(LONG).until(() -> received(Service.DELETE_SUBSCRIPTIONS) - deletedSubscriptions >= 2);
    }

    @Test
    void itemsAreAddedToASubscriptionThatRuns() {
        long subscriptions = received(Service.CREATE_SUBSCRIPTION);
        try (NotificationStream first = client.subscribe(request(130).item(COUNTER, 1));
                NotificationStream second =
                        client.subscribe(request(130).item(INT32, 7).item(COUNTER, 8))) {
            assertThat(values(List.of(nextMessage(first)))).hasSize(1);
            List<Long> handles = new ArrayList<>();
            while (handles.size() < 2) {
                nextMessage(second).notifications().forEach(notification -> handles.add(notification.clientHandle()));
            }

            assertThat(handles).containsExactlyInAnyOrder(7L, 8L);
            assertThat(received(Service.CREATE_SUBSCRIPTION) - subscriptions).isEqualTo(1);
            assertThat(first.subscription()).isEqualTo(second.subscription());
        }
    }

    @ParameterizedTest
    @CsvSource({"CREATE_SUBSCRIPTION", "CREATE_MONITORED_ITEMS"})
    void whatIsCreatedForAPeerThatIsGoneMeanwhileIsDeleted(Service service) throws Exception {
        long deleted = received(Service.DELETE_SUBSCRIPTIONS);
        long before = received(service);
        try (var delayed = daemon.simulator.faults().delayAnswers(service, Duration.ofMillis(300))) {
            try (Raw peer = new Raw()) {
                peer.send(subscribe("1", "{'publishingInterval':77}", "[{'nodeId':'" + INT32 + "'}]"));
                await().atMost(LONG).until(() -> received(service) > before);
            }

            await().atMost(LONG).until(() -> received(Service.DELETE_SUBSCRIPTIONS) > deleted);
        }
    }

    @Test
    void twoThatComeAtOnceShareWhatIsStillBeingCreated() throws Exception {
        long subscriptions = received(Service.CREATE_SUBSCRIPTION);
        long items = received(Service.CREATE_MONITORED_ITEMS);
        try (Raw peer = new Raw();
                var slow = daemon.simulator.faults().delayAnswers(Service.CREATE_SUBSCRIPTION, Duration.ofMillis(200));
                var slowItems = daemon.simulator
                        .faults()
                        .delayAnswers(Service.CREATE_MONITORED_ITEMS, Duration.ofMillis(200))) {
            String node = "[{'nodeId':'" + INT32 + "'}]";
            peer.send(subscribe("1", "{'publishingInterval':140}", node)
                    + subscribe("'two'", "{'publishingInterval':140}", node));

            List<String> ids = new ArrayList<>();
            while (ids.size() < 4) {
                JsonValue.Obj frame = peer.frame();
                ids.add(frame.get("id") + (frame.get("event") == null ? " begun" : " event"));
            }

            assertThat(ids).contains("1 begun", "1 event", "\"two\" begun", "\"two\" event");
            assertThat(received(Service.CREATE_SUBSCRIPTION) - subscriptions).isEqualTo(1);
            assertThat(received(Service.CREATE_MONITORED_ITEMS) - items).isEqualTo(1);
        }
    }

    @Test
    void unsubscribeEndsOneStreamOfTheConnectionAndFreesItsId() throws Exception {
        try (Raw peer = new Raw()) {
            String node = "[{'nodeId':'" + INT32 + "'}]";
            peer.send(subscribe("1", "{}", node) + subscribe("2", "{}", node));
            peer.until(frame -> isEvent(frame, "2"));

            peer.send("{'id':3,'command':'unsubscribe','target':1}\n");
            List<JsonValue.Obj> told =
                    peer.until(frame -> String.valueOf(frame.get("id")).equals("3"));

            JsonValue.Obj end = told.get(told.size() - 2);
            assertThat(String.valueOf(end)).contains("End", "error=null");
            assertThat(String.valueOf(told.get(told.size() - 1))).contains("success=true", "data=null");
            peer.send("{'id':4,'command':'unsubscribe','target':1}\n");
            told = peer.until(frame -> String.valueOf(frame.get("id")).equals("4"));
            assertThat(String.valueOf(told.get(told.size() - 1)))
                    .contains("invalid_argument", "target: got 1, expected the id of a stream");
            peer.send(subscribe("1", "{}", node));
            assertThat(peer.until(frame -> isEvent(frame, "1"))).isNotEmpty();
        }
    }

    @Test
    void oneServerIsOpenedForAStreamAndItsSessionStays() throws Exception {
        String config = "{'opcuaTimeout':7}";
        try (NotificationStream stream =
                client.subscribe(StreamRequest.ofServer(daemon.simulator.endpointUrl(), Map.of("opcuaTimeout", 7))
                        .item(INT32, 1))) {
            assertThat(nextMessage(stream).notifications()).hasSize(1);
        }

        assertThat(String.valueOf(daemon.data(daemon.opening(config)))).contains("reused=true");
    }

    @Test
    void eventsOfTheServerComeToo() throws Exception {
        try (NotificationStream stream = client.subscribe(request()
                .event(Map.of(
                        "nodeId",
                        "ns=2;s=Events/Notifier",
                        "selectFields",
                        List.of("Message", "Severity"),
                        "clientHandle",
                        9)))) {
            assertThat(stream.items()).isEmpty();
            assertThat(stream.events())
                    .extracting(MonitoredItemResult::statusCode)
                    .allMatch(code -> code.isGood());

            assertThat(daemon.simulator.events().emit("it happened", 700)).isNotNull();

            assertThat(nextMessage(stream).notifications())
                    .singleElement()
                    .isInstanceOfSatisfying(Notification.Event.class, event -> {
                        assertThat(event.clientHandle()).isEqualTo(9);
                        assertThat(event.eventFields().get(1).value()).isEqualTo(700);
                    });
        }
    }

    /** A structure's type is asked for when the first one comes; what comes after it waits. */
    @Test
    void structuresComeDecodedAndKeepTheirPlace() throws Exception {
        daemon.data(query(session, "flushCache", "[]"));
        try (NotificationStream stream = client.subscribe(
                        request().item("ns=2;s=Structures/Mixed", 1).item(COUNTER, 2));
                Production counting = daemon.simulator.producers().count(200)) {
            StreamEvent.Notifications first = nextMessage(stream);
            StreamEvent.Notifications second = nextMessage(stream);

            assertThat(first.notifications().get(0))
                    .isInstanceOfSatisfying(
                            Notification.DataChange.class,
                            change -> assertThat(change.dataValue().variant()).satisfies(variant -> {
                                assertThat(variant.type()).isEqualTo(BuiltinType.EXTENSION_OBJECT);
                                assertThat(((ExtensionObject) Objects.requireNonNull(variant.value())).value())
                                        .isNotNull();
                            }));
            assertThat(second.sequenceNumber()).isEqualTo(2);
        }
    }

    @Test
    void aStreamEndsWithItsSession() throws Exception {
        String own = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
        try (NotificationStream stream =
                client.subscribe(StreamRequest.ofSession(own).item(INT32, 1))) {
            assertThat(nextMessage(stream).notifications()).hasSize(1);

            client.close(own, true);

            assertThat(last(stream).error())
                    .isNotNull()
                    .satisfies(error -> assertThat(error.type()).isEqualTo("ConnectionException"));
        }
    }

    @Test
    void aSubscriptionThatTheServerForgotIsTold() throws Exception {
        String own = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
        try (NotificationStream stream = client.subscribe(StreamRequest.ofSession(own)
                .publishingInterval(Duration.ofMillis(50))
                .item(INT32, 1))) {
            assertThat(nextMessage(stream).notifications()).hasSize(1);

            daemon.simulator.faults().subscriptions().dropAll();

            StreamEvent told = stream.next(LONG);
            while (told instanceof StreamEvent.KeepAlive || told instanceof StreamEvent.Notifications) {
                told = stream.next(LONG);
            }
            assertThat(told).isNotNull();
        }
        client.close(own, true);
    }

    @Test
    void aStreamGoesOnAfterTheConnectionToTheServerBroke() throws Exception {
        String own = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
        try (NotificationStream stream = client.subscribe(StreamRequest.ofSession(own)
                        .publishingInterval(Duration.ofMillis(50))
                        .item(Map.of("nodeId", COUNTER, "queueSize", 10_000)));
                Production counting = daemon.simulator.producers().count(100)) {
            long before = value(nextMessage(stream));

            daemon.simulator.faults().dropConnections();

            // A session that is closed while it is lost stays on the server, with all that it has there.
            await().atMost(LONG).until(() -> isIn(stream.next(LONG), "Live"));
            await().atMost(LONG).until(() -> value(nextMessage(stream)) > before + 20);
        }
        client.close(own, true);
    }

    /** Its subscription would be sending until its lifetime is over, and nobody would have it. */
    @Test
    void whatAStreamLeavesWhileTheServerIsAwayIsDeletedThereAfterwards() throws Exception {
        String own = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
        long deleted;
        NotificationStream stream = client.subscribe(StreamRequest.ofSession(own)
                .publishingInterval(Duration.ofMillis(50))
                .item(COUNTER, 1));
        nextMessage(stream);
        try (var away = daemon.simulator.faults().refuseConnections()) {
            daemon.simulator.faults().dropConnections();
            await().atMost(LONG).until(() -> isIn(stream.next(LONG), "Interrupted"));
            deleted = received(Service.DELETE_SUBSCRIPTIONS);

            stream.close();
        }

        await().atMost(LONG).until(() -> received(Service.DELETE_SUBSCRIPTIONS) > deleted);
        client.close(own, true);
    }

    /** What the server is asked for goes to the subscription that it has, never to the one that it had. */
    @Test
    void whoComesWhileTheSharedSubscriptionIsCreatedAnewGetsItsItemsAfterwards() throws Exception {
        String own = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
        StreamRequest request = StreamRequest.ofSession(own).publishingInterval(Duration.ofMillis(50));
        try (NotificationStream first = client.subscribe(request.item(COUNTER, 1));
                var slow =
                        daemon.simulator.faults().delayAnswers(Service.CREATE_SUBSCRIPTION, Duration.ofMillis(500))) {
            nextMessage(first);
            daemon.simulator.faults().subscriptions().dropAll();
            await().atMost(LONG).until(() -> isIn(first.next(LONG), "Healing"));

            try (NotificationStream second = client.subscribe(StreamRequest.ofSession(own)
                    .publishingInterval(Duration.ofMillis(50))
                    .item(INT32, 7)
                    .item(COUNTER, 8))) {
                assertThat(second.items()).allMatch(item -> item.statusCode().isGood());
                Set<Long> handles = new TreeSet<>();
                while (handles.size() < 2) {
                    nextMessage(second)
                            .notifications()
                            .forEach(notification -> handles.add(notification.clientHandle()));
                }
                assertThat(handles).containsExactly(7L, 8L);
                assertThat(second.subscription()).isEqualTo(first.subscription());
            }
        }
        client.close(own, true);
    }

    @Test
    void moreItemsThanTheServerTakesAtOnceAreAskedForInParts() {
        int before = daemon.simulator.limits().operations(OperationLimit.MAX_MONITORED_ITEMS_PER_CALL);
        StreamRequest eleven = request(160);
        for (int i = 1; i <= 11; i++) {
            eleven = eleven.item(Map.of("nodeId", COUNTER, "samplingInterval", 100 * i, "clientHandle", i));
        }
        daemon.simulator.limits().operations(OperationLimit.MAX_MONITORED_ITEMS_PER_CALL, 3);
        try (NotificationStream stream = client.subscribe(eleven)) {
            Set<Long> handles = new TreeSet<>();
            while (handles.size() < 11) {
                nextMessage(stream).notifications().forEach(notification -> handles.add(notification.clientHandle()));
            }

            assertThat(stream.items())
                    .hasSize(11)
                    .allMatch(item -> item.statusCode().isGood());
            assertThat(stream.items())
                    .extracting(MonitoredItemResult::monitoredItemId)
                    .doesNotHaveDuplicates();
        } finally {
            daemon.simulator.limits().operations(OperationLimit.MAX_MONITORED_ITEMS_PER_CALL, before);
        }
    }

    /** Not even to another handle of the same principal. */
    @Test
    void theSubscriptionOfAStreamIsUnknownToWhoWantsItTransferred() throws Exception {
        String other = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
        try (NotificationStream stream = client.subscribe(request(170).item(COUNTER, 1))) {
            long value = value(nextMessage(stream));
            String ids = "[[" + stream.subscription().subscriptionId() + "]]";

            assertThat(daemon.data(query(session, "transferSubscriptions", ids)))
                    .hasToString("[{statusCode=2150105088, availableSequenceNumbers=[]}]");
            assertThat(daemon.data(query(other, "transferSubscriptions", ids)))
                    .hasToString("[{statusCode=2150105088, availableSequenceNumbers=[]}]");

            try (Production counting = daemon.simulator.producers().count(100)) {
                assertThat(value(nextMessage(stream))).isGreaterThan(value);
            }
        }
        client.close(other, true);
    }

    /** While a session with a stream is in use, one without is given up. */
    @Test
    void aSessionWithAStreamIsNeverIdle() throws Exception {
        try (RunningDaemon brief = new RunningDaemon(
                        config -> config.timeout(Duration.ofSeconds(1)).cleanupInterval(Duration.ofSeconds(1)));
                DaemonClient reader = DaemonClient.connect(brief.endpoint(), ClientOptions.DEFAULTS)) {
            String followed = brief.open("{}");
            String idle = text((JsonValue.Obj) brief.data(brief.openingAnew("{}")), "sessionId");
            try (NotificationStream stream =
                    reader.subscribe(StreamRequest.ofSession(followed).item(INT32, 1))) {
                assertThat(nextMessage(stream).notifications()).hasSize(1);

                await().atMost(LONG)
                        .until(() -> !String.valueOf(brief.data("{'command':'list'}"))
                                .contains(idle));

                assertThat(String.valueOf(brief.data("{'command':'list'}"))).contains(followed);
            }
            await().atMost(LONG)
                    .until(() ->
                            !String.valueOf(brief.data("{'command':'list'}")).contains(followed));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'items':[] | items: got none",
                "'items':5 | items: got 5",
                "'items':[5] | items[0]",
                "'items':[{}] | items[0].nodeId",
                "'items':[{'nodeId':'i=1'},{'nodeId':'x'}] | items[1].nodeId",
                "'items':[{'nodeId':'i=1','attributeId':28}] | items[0].attributeId",
                "'items':[{'nodeId':'i=1','clientHandle':-1}] | items[0].clientHandle",
                "'items':[{'nodeId':'i=1','queueSize':4294967296}] | items[0].queueSize",
                "'items':[{'nodeId':'i=1','monitoringMode':3}] | items[0].monitoringMode",
                "'items':[{'nodeId':'i=1','filter':{'trigger':9}}] | items[0].filter.trigger",
                "'events':[{}] | events[0].nodeId",
                "'events':[{'nodeId':'i=2253','selectFields':[]}] | events[0].selectFields",
                "'events':'x' | events",
                "'items':[{'nodeId':'i=1'}],'subscription':5 | subscription",
                "'items':[{'nodeId':'i=1'}],'subscription':{'publishingInterval':-1} | subscription.publishingInterval",
                "'items':[{'nodeId':'i=1'}],'subscription':{'lifetimeCount':'x'} | subscription.lifetimeCount",
                "'items':[{'nodeId':'i=1'}],'subscription':{'priority':256} | subscription.priority",
                "'items':[{'nodeId':'i=1'}],'timeoutMs':0 | timeoutMs",
                "'items':[{'nodeId':'i=1'}],'endpointUrl':'opc.tcp://127.0.0.1:1' | sessionId",
            })
    void wrongMembersAreNamed(String members, String message) throws Exception {
        JsonValue.Obj answer =
                daemon.askKept("{'id':1,'command':'subscribe','sessionId':'" + session + "'," + members + "}");

        JsonValue.Obj error = (JsonValue.Obj) Objects.requireNonNull(answer.get("error"), answer::toString);
        assertThat(text(error, "type")).isIn("invalid_argument", "InvalidNodeIdException");
        assertThat(text(error, "message")).startsWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'command':'subscribe','sessionId':'S','items':[{'nodeId':'i=1'}]} | invalid_argument | protocol 2",
                "{'id':1,'command':'subscribe','items':[{'nodeId':'i=1'}]} | session_not_found | ``",
                "{'id':1,'command':'subscribe','sessionId':'0123','items':[{'nodeId':'i=1'}]} | session_not_found | 0123",
                "{'id':1,'command':'subscribe','sessionId':5,'items':[{'nodeId':'i=1'}]} | session_not_found | ``",
                "{'id':1,'command':'subscribe','connection':'none','items':[{'nodeId':'i=1'}]} | invalid_argument | connection",
                "{'id':1,'command':'subscribe','endpointUrl':'http://x'} | ConfigurationException | opc.tcp",
                "{'id':1,'command':'unsubscribe'} | invalid_argument | target: got nothing",
                "{'id':1,'command':'unsubscribe','target':null} | invalid_argument | target: got nothing",
                "{'id':1,'command':'unsubscribe','target':2} | invalid_argument | runs on this connection",
                "{'id':1,'command':'unsubscribe','target':'1'} | invalid_argument | runs on this connection",
                "{'id':1,'command':'unsubscribe','target':1} | invalid_argument | runs on this connection",
                "{'id':1,'command':'unsubscribe','target':1.5} | invalid_argument | target: got 1.5",
                "{'id':1,'command':'unsubscribe','target':''} | invalid_argument | 1 to 64 characters",
                "{'id':1,'command':'unsubscribe','target':[1]} | invalid_argument | target: got an array of 1",
                "{'id':1,'command':'unsubscribe','target':{}} | invalid_argument | target: got an object of 0",
                "{'command':'unsubscribe','target':1} | invalid_argument | runs on this connection",
            })
    void hostileRequestsAreRefused(String request, String type, String message) throws Exception {
        JsonValue.Obj answer = daemon.askKept(request.replace("'S'", "'" + session + "'"));

        JsonValue.Obj error = (JsonValue.Obj) Objects.requireNonNull(answer.get("error"), answer::toString);
        assertThat(text(error, "type")).isEqualTo(type);
        assertThat(text(error, "message")).contains(message);
    }

    /** Nobody ends what runs on another connection. */
    @Test
    void aStreamBelongsToItsConnection() throws Exception {
        try (Raw peer = new Raw();
                Raw other = new Raw()) {
            peer.send(subscribe("1", "{}", "[{'nodeId':'" + INT32 + "'}]"));
            peer.until(frame -> isEvent(frame, "1"));

            other.send("{'id':2,'command':'unsubscribe','target':1}\n");

            assertThat(String.valueOf(other.frame())).contains("invalid_argument");
        }
    }

    private StreamRequest request() {
        return request(50);
    }

    /** @param intervalMs shared only with whom else it is given */
    private StreamRequest request(int intervalMs) {
        return StreamRequest.ofSession(session).publishingInterval(Duration.ofMillis(intervalMs));
    }

    private String subscribe(String id, String subscription, String items) {
        return "{'id':" + id + ",'command':'subscribe','sessionId':'" + session + "','subscription':" + subscription
                + ",'items':" + items + "}\n";
    }

    private long received(Service service) {
        return daemon.simulator.counters().received(service);
    }

    private static StreamEvent.Notifications nextMessage(NotificationStream stream) {
        while (true) {
            StreamEvent event = Objects.requireNonNull(stream.next(LONG), "nothing came");
            if (event instanceof StreamEvent.Notifications message) {
                return message;
            }
            assertThat(event).isNotInstanceOf(StreamEvent.Overflow.class).isNotInstanceOf(StreamEvent.End.class);
        }
    }

    private static boolean isIn(@Nullable StreamEvent event, String state) {
        return event instanceof StreamEvent.State told && told.state().equals(state);
    }

    private static StreamEvent.End last(NotificationStream stream) {
        StreamEvent last = null;
        for (StreamEvent event : stream) {
            last = event;
        }
        return (StreamEvent.End) Objects.requireNonNull(last);
    }

    private static long value(StreamEvent.Notifications message) {
        List<Long> values = values(List.of(message));
        return values.get(values.size() - 1);
    }

    private static List<Long> values(List<StreamEvent.Notifications> messages) {
        return messages.stream()
                .flatMap(message -> message.notifications().stream())
                .map(notification -> ((Notification.DataChange) notification)
                        .dataValue()
                        .variant()
                        .value())
                .filter(Number.class::isInstance)
                .map(value -> ((Number) value).longValue())
                .toList();
    }

    private static boolean isEvent(JsonValue.Obj frame, String id) {
        return frame.get("event") != null && String.valueOf(frame.get("id")).equals(id);
    }

    /** A connection on which frames are written and read as they are; single quotes stand for double ones. */
    private final class Raw implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader frames;

        Raw() throws IOException {
            socket = new Socket(daemon.endpoint().address(), daemon.endpoint().port());
            socket.setSoTimeout((int) LONG.toMillis());
            frames = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        void send(String requests) throws IOException {
            socket.getOutputStream().write(requests.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        }

        JsonValue.Obj frame() throws IOException {
            byte[] frame = Objects.requireNonNull(frames.readLine()).getBytes(StandardCharsets.UTF_8);
            return (JsonValue.Obj) JsonReader.readValue(frame, 0, frame.length);
        }

        /** All frames up to the first of this kind. */
        List<JsonValue.Obj> until(Predicate<JsonValue.Obj> kind) throws IOException {
            List<JsonValue.Obj> all = new ArrayList<>();
            do {
                all.add(frame());
            } while (!kind.test(all.get(all.size() - 1)));
            return all;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
