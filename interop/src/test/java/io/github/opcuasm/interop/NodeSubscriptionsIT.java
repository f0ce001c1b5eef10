package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions on node-opcua: events, and what Milo's server refuses to anonymous sessions, transfer. */
@RequiresNode
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeSubscriptionsIT {
    private static final String STRING = "12";
    private static final String RAISE = "ns=2;s=Events/Raise";
    private static final String CHANGING = "ns=2;s=Scratch/Scalar/Int32";
    private static final String INT32 = "6";
    private static final long BAD_SUBSCRIPTION_ID_INVALID = 0x80280000L;

    private NodeServer server;
    private DaemonProcess daemon;
    private ScriptSession session;
    private ScriptSession elsewhere;

    @BeforeAll
    void startBoth(@TempDir Path directory) throws IOException, InterruptedException {
        server = NodeServer.start(directory.resolve("pki"));
        daemon = DaemonProcess.in(directory).start();
    }

    /** Two sessions on the server; each test gets new ones. */
    @BeforeEach
    void openBoth() throws IOException {
        String config = "{\"opcuaTimeout\":20.0,\"sessionName\":\"%s-%d\"}";
        session = ScriptSession.open(JsonLines.to(daemon), server.url(), config.formatted("one", System.nanoTime()));
        elsewhere =
                ScriptSession.open(JsonLines.to(daemon), server.url(), config.formatted("other", System.nanoTime()));
    }

    @AfterAll
    void stopBoth() {
        if (daemon != null) {
            daemon.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void eventsComeWithTheFieldsThatWereAskedFor() throws IOException {
        long id = subscribe(session);
        JsonNode item = session.query(
                "createEventMonitoredItem",
                "[" + id + ",\"i=2253\",[\"Message\",\"Severity\",\"EventType\",\"EventId\",\"Nope/Id\"],77]");
        assertThat(item.get("statusCode").longValue()).isZero();

        session.write(RAISE, "\"smoke\"", STRING);
        JsonNode event = nextMessage(session).get("notifications").get(0);

        assertThat(event.get("type").textValue()).isEqualTo("Event");
        assertThat(event.get("clientHandle").intValue()).isEqualTo(77);
        JsonNode fields = event.get("eventFields");
        assertThat(fields).hasSize(5);
        assertThat(fields.get(0).get("value").get("text").textValue()).isEqualTo("smoke");
        assertThat(fields.get(1).get("value").intValue()).isEqualTo(321);
        assertThat(fields.get(2).get("value").get("id").intValue()).isEqualTo(2041);
        assertThat(fields.get(3).get("type").intValue()).isEqualTo(15);
        assertThat(fields.get(4).get("value").isNull()).isTrue();
    }

    @Test
    void defaultFieldsAreTheSixOfTheProtocol() throws IOException {
        long id = subscribe(session);
        session.query("createEventMonitoredItem", "[" + id + ",\"i=2253\"]");

        session.write(RAISE, "\"default fields\"", STRING);
        JsonNode event = nextMessage(session).get("notifications").get(0);

        assertThat(event.get("clientHandle").intValue()).isEqualTo(1);
        assertThat(event.get("eventFields")).hasSize(6);
        assertThat(event.get("eventFields").get(4).get("value").get("text").textValue())
                .isEqualTo("default fields");
    }

    /** What is written comes as the message of an event of severity 321. */
    @Test
    void whereClausesAreEvaluated() throws IOException {
        long matching = eventItem("(Severity between 300 and 400 or Severity > 900) and ofType(BaseEventType)");
        long other = eventItem("Severity >= 300 and not (Severity < 900)");
        long typed = eventItem("not ofType(AlarmConditionType) and BaseEventType::Severity = 321");

        session.write(RAISE, "\"filtered\"", STRING);

        assertThat(nextEventOf(matching)).isEqualTo("filtered");
        assertThat(nextEventOf(typed)).isEqualTo("filtered");
        assertThat(session.query("publish", "[[],[" + other + "],1000]").get("notifications"))
                .isEmpty();
    }

    @Test
    void anotherSessionTakesASubscriptionOverAndTheFirstIsTold() throws IOException {
        long id = subscribe(session);
        monitor(session, id);
        nextMessage(session);

        JsonNode results = elsewhere.query("transferSubscriptions", "[[" + id + ",424242],true]");

        assertThat(results.get(0).get("statusCode").longValue()).isZero();
        assertThat(results.get(0).get("availableSequenceNumbers").get(0).intValue())
                .isEqualTo(1);
        assertThat(results.get(1).get("statusCode").longValue()).isEqualTo(BAD_SUBSCRIPTION_ID_INVALID);
        assertThat(nextMessage(elsewhere).get("subscriptionId").longValue()).isEqualTo(id);
        JsonNode again = elsewhere.query("republish", "[" + id + ",1]");
        assertThat(again.get("notifications")).isNotEmpty();
        JsonNode told = session.answer("publish", "[]").get("error");
        assertThat(told.get("type").textValue()).isEqualTo("ServiceException");
        assertThat(told.get("message").textValue()).contains("another session took it over");
        assertThat(session.query("deleteSubscription", "[" + id + "]").longValue())
                .isEqualTo(BAD_SUBSCRIPTION_ID_INVALID);
        assertThat(elsewhere.query("deleteSubscription", "[" + id + "]").longValue())
                .isZero();
    }

    @Test
    void acknowledgedMessagesAreNotKept() throws IOException {
        long id = subscribe(session);
        monitor(session, id);
        assertThat(nextMessage(session).get("sequenceNumber").intValue()).isEqualTo(1);
        session.write(CHANGING, Integer.toString((int) System.nanoTime()), INT32);

        JsonNode second = session.query("publish", "[[{\"subscriptionId\":" + id + ",\"sequenceNumber\":1}]]");

        assertThat(second.get("availableSequenceNumbers").toString()).doesNotContain("1");
        JsonNode error = session.answer("republish", "[" + id + ",1]").get("error");
        assertThat(error.get("message").textValue()).contains("Bad_MessageNotAvailable");
    }

    /** A subscription with one item. */
    private long eventItem(String where) throws IOException {
        long id = subscribe(session);
        JsonNode item =
                session.query("createEventMonitoredItem", "[" + id + ",\"i=2253\",[\"Message\"],1,\"" + where + "\"]");
        assertThat(item.get("statusCode").longValue()).isZero();
        assertThat(item.get("filterErrors")).isNull();
        return id;
    }

    private String nextEventOf(long subscriptionId) throws IOException {
        JsonNode message = session.query("publish", "[[],[" + subscriptionId + "]]");
        while (message.get("notifications").isEmpty()) {
            message = session.query("publish", "[[],[" + subscriptionId + "]]");
        }
        JsonNode field = message.get("notifications").get(0).get("eventFields").get(0);
        return field.get("value").get("text").textValue();
    }

    private static long subscribe(ScriptSession on) throws IOException {
        return on.query("createSubscription", "[100,10000,5]")
                .get("subscriptionId")
                .longValue();
    }

    private static void monitor(ScriptSession on, long subscriptionId) throws IOException {
        JsonNode results = on.query(
                "createMonitoredItems",
                "[" + subscriptionId + ",[{\"nodeId\":\"" + CHANGING + "\",\"samplingInterval\":100}]]");
        assertThat(results.get(0).get("statusCode").longValue()).isZero();
    }

    /** The next message that says something. */
    private static JsonNode nextMessage(ScriptSession on) throws IOException {
        JsonNode message = on.query("publish", "[]");
        while (message.get("notifications").isEmpty()) {
            message = on.query("publish", "[]");
        }
        return message;
    }
}
