package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.daemon.command.StrictPeer.codes;
import static io.github.opcuasm.daemon.command.StrictPeer.elements;
import static io.github.opcuasm.daemon.command.StrictPeer.kept;
import static io.github.opcuasm.daemon.command.StrictPeer.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** History is changed and read back; each test has a day of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class HistoryUpdateMethodsTest {
    private static final String NODE = "ns=2;s=History/Editable";
    private static final String EVENTS = "ns=2;s=Events/History";
    private static final String FIELDS =
            "['EventId','EventType','SourceNode','SourceName','Time','Message','Severity']";

    private RunningDaemon daemon;
    private StrictPeer peer;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
        peer = new StrictPeer(daemon);
    }

    @AfterAll
    void stop() throws Exception {
        peer.close();
        daemon.close();
    }

    @Test
    void valuesAreInsertedAndReadBack() throws Exception {
        JsonValue results = data(
                "historyInsertData",
                "['" + NODE + "',[" + value("2026-01-01T00:00:00", "1.5") + "," + value("2026-01-01T00:00:01", "2.5")
                        + "]]");

        assertThat(codes(results)).containsExactly(StatusCodes.Good, StatusCodes.Good);
        assertThat(values("2026-01-01")).containsExactly("1.5", "2.5");
    }

    // Part 11, 6.9.2: inserting what is there, and replacing what is not, fails for that value alone.
    @Test
    void eachValueHasItsOwnResult() throws Exception {
        data("historyInsertData", "['" + NODE + "',[" + value("2026-01-02T00:00:00", "1.0") + "]]");
        String both = "['" + NODE + "',[" + value("2026-01-02T00:00:00", "7.0") + ","
                + value("2026-01-02T00:00:01", "8.0") + "]]";

        JsonValue replaced = data("historyReplaceData", both);
        JsonValue inserted = data("historyInsertData", both);
        JsonValue updated = data("historyUpdateData", both);

        assertThat(codes(replaced)).containsExactly(StatusCodes.Good, StatusCodes.Bad_NoEntryExists);
        assertThat(codes(inserted)).containsExactly(StatusCodes.Bad_EntryExists, StatusCodes.Good);
        assertThat(codes(updated)).containsExactly(StatusCodes.Good_EntryReplaced, StatusCodes.Good_EntryReplaced);
        assertThat(values("2026-01-02")).containsExactly("7.0", "8.0");
    }

    @Test
    void whatWasReplacedOrDeletedIsReadAsModified() throws Exception {
        data("historyInsertData", "['" + NODE + "',[" + value("2026-01-03T00:00:00", "1.0") + "]]");
        data("historyReplaceData", "['" + NODE + "',[" + value("2026-01-03T00:00:00", "2.0") + "]]");
        data("historyDeleteRawModified", "['" + NODE + "','2026-01-03T00:00:00Z','2026-01-03T00:00:00Z']");

        JsonValue modified = data("historyReadModified", "['" + NODE + "'," + day("2026-01-03") + "]");

        List<JsonValue> found = elements(modified);
        assertThat(found.stream()
                        .map(each -> member(member(each, "value"), "value").toString()))
                .containsExactlyInAnyOrder("1.0", "2.0");
        assertThat(found.stream().map(each -> member(each, "updateType").toString()))
                .containsExactlyInAnyOrder("2", "4");
        assertThat(found)
                .allSatisfy(each -> assertThat(text((JsonValue.Obj) each, "modificationTime"))
                        .endsWith("+00:00"));
    }

    @Test
    void valuesOfARangeAreDeleted() throws Exception {
        data(
                "historyInsertData",
                "['" + NODE + "',[" + value("2026-01-04T00:00:00", "1.0") + "," + value("2026-01-04T00:00:01", "2.0")
                        + "]]");

        JsonValue result =
                data("historyDeleteRawModified", "['" + NODE + "','2026-01-04T00:00:00Z','2026-01-04T00:00:01Z']");

        assertThat(result).hasToString("0");
        assertThat(values("2026-01-04")).containsExactly("2.0");
    }

    // The result of the method has a place for a bad status: it is no error.
    @Test
    void whatTheServerSaysOfADeletedRangeIsTheResult() throws Exception {
        JsonValue result = data(
                "historyDeleteRawModified",
                "['ns=2;s=History/ReadOnly','2026-01-04T00:00:00Z','2026-01-04T00:00:01Z']");

        assertThat(result).hasToString(Long.toString(StatusCodes.Bad_UserAccessDenied));
    }

    @Test
    void typeIsTheVariablesUnlessItStandsBesideTheValue() throws Exception {
        data(
                "historyInsertData",
                "['" + NODE + "',[{'value':3,'sourceTimestamp':'2026-01-05T00:00:00Z'},"
                        + "{'value':null,'statusCode':2147483648,'sourceTimestamp':'2026-01-05T00:00:01Z'}]]");

        List<JsonValue> values = elements(data("historyReadRaw", "['" + NODE + "'," + day("2026-01-05") + "]"));

        assertThat(member(values.get(0), "type")).hasToString("11");
        assertThat(member(values.get(1), "statusCode")).hasToString("2147483648");
        assertThat(member(values.get(1), "value")).isEqualTo(JsonValue.Null.INSTANCE);
    }

    @Test
    void variableIsAskedForItsTypeOnce() throws Exception {
        String another = daemon.open("{'opcuaTimeout':20,'sessionName':'asks once'}");
        long before = daemon.simulator.counters().received(Service.READ);

        StrictPeer.data(peer.askKept(kept(query(
                another,
                "historyUpdateData",
                "['" + NODE + "',[{'value':3,'sourceTimestamp':'2026-01-06T00:00:00Z'},"
                        + "{'value':4,'sourceTimestamp':'2026-01-06T00:00:01Z'}]]"))));

        assertThat(daemon.simulator.counters().received(Service.READ) - before).isEqualTo(1);
    }

    @Test
    void typedNotationInsertsAndReads() throws Exception {
        JsonValue.Obj inserted = peer.askKept(kept(invoke(
                session,
                "historyInsertData",
                "[{'__t':'NodeId','v':'" + NODE + "'},[{'__t':'DataValue','variant':{'__t':'Variant','type':"
                        + "{'__t':'BuiltinType','v':11},'value':4.5,'dims':null,'bytesB64':null},'status':0,"
                        + "'sourceTs':{'__t':'DateTime','v':'2026-01-07T00:00:00.000000+00:00'},'serverTs':null}]]")));
        data("historyDeleteRawModified", "['" + NODE + "','2026-01-07T00:00:00Z','2026-01-07T00:00:00Z']");
        JsonValue.Obj modified = peer.askKept(
                kept(invoke(session, "historyReadModified", "['" + NODE + "'," + day("2026-01-07") + "]")));

        assertThat(codes(member(StrictPeer.data(inserted), "data"))).containsExactly(StatusCodes.Good);
        assertThat(StrictPeer.data(modified).toString()).contains("__t=\"DataValue\"", "4.5");
    }

    @Test
    void storedEventsAreReadWithTheFieldsAskedFor() throws Exception {
        List<JsonValue> all = elements(data("historyReadEvents", "['" + EVENTS + "','2020-01-01T00:00:00Z',null,3]"));
        List<JsonValue> some = elements(data(
                "historyReadEvents",
                "['" + EVENTS + "','2020-01-01T00:00:00Z',null,2,['Severity','Time'],'Severity >= 0']"));
        List<JsonValue> none = elements(data(
                "historyReadEvents",
                "['" + EVENTS + "','2020-01-01T00:00:00Z',null,2,['Severity'],'Severity > 1000']"));

        assertThat(all)
                .hasSize(3)
                .allSatisfy(event -> assertThat(elements(event)).hasSize(6));
        assertThat(some).hasSize(2).allSatisfy(event -> {
            assertThat(member(elements(event).get(0), "type")).hasToString("5");
            assertThat(member(elements(event).get(1), "type")).hasToString("13");
        });
        assertThat(none).isEmpty();
    }

    @Test
    void pagesOfEventsAreFollowed() throws Exception {
        daemon.simulator.limits().maxHistoryValuesPerNode(3);
        long before = daemon.simulator.counters().received(Service.HISTORY_READ);

        List<JsonValue> events =
                elements(data("historyReadEvents", "['" + EVENTS + "','2020-01-01T00:00:00Z',null,8,['Time']]"));
        daemon.simulator.limits().reset();

        assertThat(events).hasSize(8).doesNotHaveDuplicates();
        assertThat(daemon.simulator.counters().received(Service.HISTORY_READ) - before)
                .isGreaterThanOrEqualTo(3);
    }

    @Test
    void eventIsInsertedReplacedAndDeleted() throws Exception {
        JsonValue inserted = data("historyInsertEvent", event("first"));
        JsonValue again = data("historyInsertEvent", event("again"));
        JsonValue replaced = data("historyReplaceEvent", event("second"));
        List<JsonValue> read = elements(data(
                "historyReadEvents", "['" + EVENTS + "'," + day("2026-02-01") + ",0,['Message'],'Severity = 321']"));
        JsonValue deleted = data("historyDeleteEvent", "['" + EVENTS + "',['ZXZlbnQtMQ==','bm9uZQ==']]");

        assertThat(codes(inserted)).allSatisfy(code -> assertThat(code >> 31).isZero());
        assertThat(codes(again)).allSatisfy(code -> assertThat(code >> 31).isOne());
        assertThat(codes(replaced)).allSatisfy(code -> assertThat(code >> 31).isZero());
        assertThat(read).singleElement().asString().contains("second");
        assertThat(codes(deleted)).containsExactly(StatusCodes.Good, StatusCodes.Bad_EventIdUnknown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            historyInsertData   | ['NODE',[{'value':1.5}]]                                              | invalid_argument             | values[0].sourceTimestamp: got nothing, history keeps each value by its source timestamp
            historyInsertData   | ['NODE',[{'value':1.5,'sourceTimestamp':null}]]                       | invalid_argument             | values[0].sourceTimestamp
            historyInsertData   | ['NODE',[{'value':'x','sourceTimestamp':'2026-01-01T00:00:00Z'}]]     | WriteTypeMismatchException   | values[0].value, Double
            historyInsertData   | ['NODE',[{'value':1,'type':3,'sourceTimestamp':'2026-01-01T00:00:00Z'},{'value':300,'type':3,'sourceTimestamp':'2026-01-01T00:00:00Z'}]] | WriteTypeMismatchException | values[1].value, 300, Byte
            historyInsertData   | ['i=85',[{'value':1,'sourceTimestamp':'2026-01-01T00:00:00Z'}]]       | WriteTypeDetectionException  | i=85, give the type with the value
            historyInsertData   | ['NODE',[]]                                                           | ServiceException             | There are no values, Bad_NothingToDo
            historyInsertData   | ['nsu=urn:none;s=x',[{'value':1.5,'type':11,'sourceTimestamp':'2026-01-01T00:00:00Z'}]] | InvalidNodeIdException | urn:none
            historyDeleteRawModified | ['NODE','2026-01-02T00:00:00Z','2026-01-01T00:00:00Z']           | invalid_argument             | startTime, 2026-01-02, endTime, 2026-01-01
            historyDeleteRawModified | ['NODE','2026-01-02T00:00:00Z']                                  | invalid_argument             | endTime: got nothing
            historyDeleteAtTime | ['NODE',[]]                                                           | ServiceException             | There are no timestamps
            historyInsertEvent  | ['EVENTS',['Message','Time'],[[{'type':21,'value':{'text':'x'}}]]]    | invalid_argument             | events[0], 2 values, one for each of the fields, not 1
            historyInsertEvent  | ['EVENTS',[],[[]]]                                                    | invalid_argument             | fields, at least one field
            historyInsertEvent  | ['EVENTS',['NoSuchType::Message'],[[{'type':12,'value':'x'}]]]        | invalid_argument             | no event type of the name NoSuchType
            historyInsertEvent  | ['EVENTS',['Message'],[]]                                             | ServiceException             | There are no events
            historyDeleteEvent  | ['EVENTS',['no base64!']]                                             | invalid_argument             | eventIds[0], strict base64
            historyDeleteEvent  | ['EVENTS',[]]                                                         | ServiceException             | There are no eventIds
            """)
    void whatCannotBeMeantIsNotSent(String method, String params, String type, String words) throws Exception {
        JsonValue.Obj error = error(method, params.replace("NODE", NODE).replace("EVENTS", EVENTS));

        assertThat(text(error, "type")).isEqualTo(type);
        assertThat(text(error, "message")).contains(words.split(", "));
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
    }

    // The request was sent, and an archive may refuse the rest of what it has begun: repeating it is the caller's
    // decision.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            historyInsertData   | [{'value':1.5,'type':11,'sourceTimestamp':'2026-01-01T00:00:00Z'}]
            historyDeleteAtTime | ['2026-01-01T00:00:00Z']
            """)
    void nodeThatTheServerRefusesLeavesTheOutcomeOpen(String method, String changes) throws Exception {
        JsonValue.Obj error = error(method, "['ns=2;s=History/ReadOnly'," + changes + "]");

        assertThat(text(error, "type")).isEqualTo("ServiceException");
        assertThat(text(error, "message")).contains("refused the history update", "Bad_UserAccessDenied");
        assertThat(text(error, "outcome")).isEqualTo("unknown");
    }

    @Test
    void historyOfWhatHasNoneCannotBeRead() throws Exception {
        JsonValue.Obj modified = error("historyReadModified", "['ns=2;s=Scalars/Int32'," + day("2026-01-01") + "]");
        JsonValue.Obj events = error("historyReadEvents", "['i=85'," + day("2026-01-01") + "]");

        assertThat(text(modified, "type")).isEqualTo("ServiceException");
        assertThat(text(events, "type")).isEqualTo("ServiceException");
    }

    @Test
    void serverWithoutTheServiceIsSaidToHaveNone() throws Exception {
        Fault unsupported = daemon.simulator.faults().fail(Service.HISTORY_UPDATE, StatusCodes.Bad_ServiceUnsupported);

        JsonValue.Obj error = error("historyDeleteAtTime", "['" + NODE + "',['2026-01-01T00:00:00Z']]");
        unsupported.close();

        assertThat(text(error, "type")).isEqualTo("ServiceUnsupportedException");
    }

    @ParameterizedTest
    @CsvSource({
        "historyReadModified",
        "historyReadEvents",
        "historyInsertData",
        "historyDeleteRawModified",
        "historyDeleteAtTime",
        "historyInsertEvent",
        "historyDeleteEvent"
    })
    void protocol1HasThemByInvokeAlone(String method) throws Exception {
        JsonValue.Obj queried = peer.ask(query(session, method, "[]"));
        JsonValue.Obj invoked = peer.ask(invoke(session, method, "[]"));

        assertThat(text(Objects.requireNonNull(StrictPeer.error(queried)), "type"))
                .isEqualTo("forbidden_method");
        assertThat(text(Objects.requireNonNull(StrictPeer.error(invoked)), "message"))
                .startsWith("nodeId: got nothing");
    }

    private JsonValue data(String method, String params) throws Exception {
        return StrictPeer.data(peer.askKept(kept(query(session, method, params))));
    }

    private JsonValue.Obj error(String method, String params) throws Exception {
        return Objects.requireNonNull(StrictPeer.error(peer.askKept(kept(query(session, method, params)))));
    }

    private List<String> values(String day) throws Exception {
        return elements(data("historyReadRaw", "['" + NODE + "'," + day(day) + "]")).stream()
                .map(value -> member(value, "value").toString())
                .toList();
    }

    private static String value(String time, String number) {
        return "{'value':" + number + ",'type':11,'sourceTimestamp':'" + time + "Z'}";
    }

    private static String event(String message) {
        return "['" + EVENTS + "'," + FIELDS + ",[[{'type':15,'value':'ZXZlbnQtMQ=='},{'type':17,'value':'i=2041'},"
                + "{'type':17,'value':'" + EVENTS + "'},{'type':12,'value':'test'},"
                + "{'type':13,'value':'2026-02-01T00:00:00Z'},{'type':21,'value':{'locale':'en','text':'" + message
                + "'}},{'type':5,'value':321}]]]";
    }

    private static String day(String day) {
        return "'" + day + "T00:00:00Z','" + day + "T23:00:00Z'";
    }
}
