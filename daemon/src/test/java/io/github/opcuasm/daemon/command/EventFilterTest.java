package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters of events on a server that evaluates comparisons, not, casts and types, but no and, or, like and lists. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before each test.
final class EventFilterTest {
    private static final String FILTER_UNSUPPORTED = "2151940096";

    private RunningDaemon daemon;
    private String session;
    private String subscription;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    @BeforeEach
    void subscribe() throws Exception {
        JsonValue.Obj created = (JsonValue.Obj) daemon.data(query(session, "createSubscription", "[50]"));
        subscription = String.valueOf(created.get("subscriptionId"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Severity >= 500",
                "not Severity < 500",
                "Severity = 700",
                "cast(Severity as Double) > 699.5",
                "Message = ''b''",
                "ofType(2:MachineEventType)",
                "ofType(ns=2;s=Events/MachineEventType)",
                "ofType(nsu=urn:opcuasm:simulator;s=Events/MachineEventType)",
                "2:MachineEventType::2:Machine = ''m1''",
                "not 2:Count is null",
                "2:Count = 7",
                "(Severity >= 100) = (Severity = 700)",
            })
    void onlyEventsThatTheWhereClauseIsTrueForAreReported(String where) throws Exception {
        JsonValue.Obj item = createEventItem("['Message']", where);

        daemon.simulator.events().emit("a", 100);
        daemon.simulator.events().emitMachineEvent("b", 700, "m1", 7);

        assertThat(item.get("filterErrors")).isNull();
        assertThat(messages(1)).containsExactly("b");
    }

    @Test
    void fieldsAreOfTheTypeThatDefinesThem() throws Exception {
        createEventItem(
                "['2:MachineEventType::2:Machine','2:Count','AlarmConditionType::ActiveState/Id',"
                        + "'Message@BrowseName']",
                null);

        daemon.simulator.events().emitMachineEvent("b", 700, "m1", 7);
        List<JsonValue> fields = fields(notifications().get(0));

        assertThat(text((JsonValue.Obj) fields.get(0), "value")).isEqualTo("m1");
        assertThat(fields.get(1).toString()).contains("7");
        assertThat(((JsonValue.Obj) fields.get(2)).get("value")).isNull();
    }

    /** Part 4, 7.22.3: such an item is granted; without a word the caller would wait for ever. */
    @Test
    void whatTheServerDoesNotEvaluateIsSaid() throws Exception {
        JsonValue.Obj item = createEventItem("['Message']", "Severity >= 500 and Message like ''b%''");

        assertThat(String.valueOf(item.get("statusCode"))).isEqualTo("0");
        assertThat(texts(item.get("filterErrors")))
                .containsExactly(
                        "where: … and …: Bad_FilterOperatorUnsupported (0x80C20000)",
                        "where: Message like 'b%': Bad_FilterOperatorUnsupported (0x80C20000)");
    }

    @Test
    void fieldThatTheServerDoesNotHaveIsSaid() throws Exception {
        JsonValue.Obj item = createEventItem("['Message','AlarmConditionType::Nope']", null);

        assertThat(texts(item.get("filterErrors")))
                .containsExactly("selectFields[1]: Nope: Bad_NodeIdUnknown (0x80340000)");
    }

    @Test
    void changedFilterHoldsFromThenOn() throws Exception {
        JsonValue.Obj item = createEventItem("['Message']", "Severity < 500");
        String id = String.valueOf(item.get("monitoredItemId"));

        JsonValue.Obj changed = first(daemon.data(query(
                session,
                "modifyMonitoredItems",
                "[" + subscription + ",[{'monitoredItemId':" + id
                        + ",'filter':{'selectFields':['Severity'],'where':'ofType(2:MachineEventType)'}}]]")));
        daemon.simulator.events().emit("a", 100);
        daemon.simulator.events().emitMachineEvent("b", 700, "m1", 7);

        assertThat(String.valueOf(changed.get("statusCode"))).isEqualTo("0");
        assertThat(fields(notifications().get(0)).get(0).toString()).contains("700");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2:MachinEventType | did you mean 2:MachineEventType?",
                "MachineEventType | did you mean 2:MachineEventType?",
                "AlarmConditonType | did you mean AlarmConditionType?",
                "3:Nowhere | expected the browse name of a subtype of BaseEventType"
            })
    void unknownTypeIsAnsweredWithTheNearestName(String type, String hint) throws Exception {
        JsonValue.Obj error = daemon.error(query(
                session, "createEventMonitoredItem", "[" + subscription + ",'i=2253',null,1,'ofType(" + type + ")']"));

        assertThat(text(error, "type")).isEqualTo("invalid_argument");
        assertThat(text(error, "message"))
                .contains("no event type of the name " + type)
                .contains(hint);
    }

    @Test
    void namespaceThatTheServerDoesNotHaveIsSaid() throws Exception {
        JsonValue.Obj error = daemon.error(query(
                session,
                "createEventMonitoredItem",
                "[" + subscription + ",'i=2253',null,1,'ofType(nsu=urn:nowhere;i=1)']"));

        assertThat(text(error, "type")).isEqualTo("InvalidNodeIdException");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"absolute | 1000000000", "percent | 100"})
    void triggerAndDeadbandHaveNames(String type, String value) throws Exception {
        JsonValue.Obj item = first(daemon.data(query(
                session,
                "createMonitoredItems",
                "[" + subscription + ",[{'nodeId':'ns=2;s=Dynamic/Sine','filter':{'trigger':'status-value',"
                        + "'deadbandType':'" + type + "','deadbandValue':" + value + "}}]]")));

        // Part 8, 6.2: percent is of the EURange, which this node does not have; the server judges.
        assertThat(String.valueOf(item.get("statusCode")))
                .isEqualTo(type.equals("absolute") ? "0" : FILTER_UNSUPPORTED);
    }

    private JsonValue.Obj createEventItem(String fields, @Nullable String where) throws Exception {
        String clause = where == null ? "null" : "\"" + where.replace("''", "\\u0027") + "\"";
        return (JsonValue.Obj) daemon.data(query(
                session,
                "createEventMonitoredItem",
                "[" + subscription + ",'i=2253'," + fields + ",1," + clause + "]"));
    }

    private List<String> messages(int count) throws Exception {
        List<String> messages = new ArrayList<>();
        while (messages.size() < count) {
            for (JsonValue.Obj notification : notifications()) {
                JsonValue.Obj message = (JsonValue.Obj) fields(notification).get(0);
                messages.add(text((JsonValue.Obj) Objects.requireNonNull(message.get("value")), "text"));
            }
        }
        return messages;
    }

    /** Of the next message that has any. */
    private List<JsonValue.Obj> notifications() throws Exception {
        while (true) {
            JsonValue.Obj message =
                    (JsonValue.Obj) daemon.data(query(session, "publish", "[[],[" + subscription + "]]"));
            List<JsonValue> notifications = Objects.requireNonNull(
                    Objects.requireNonNull(message.get("notifications")).asArray());
            if (!notifications.isEmpty()) {
                return notifications.stream().map(JsonValue.Obj.class::cast).toList();
            }
        }
    }

    private static List<JsonValue> fields(JsonValue.Obj notification) {
        return Objects.requireNonNull(
                Objects.requireNonNull(notification.get("eventFields")).asArray());
    }

    private static JsonValue.Obj first(JsonValue list) {
        return (JsonValue.Obj) Objects.requireNonNull(list.asArray()).get(0);
    }

    private static List<String> texts(@Nullable JsonValue list) {
        return Objects.requireNonNull(Objects.requireNonNull(list).asArray()).stream()
                .map(text -> ((JsonValue.Str) text).value())
                .toList();
    }
}
