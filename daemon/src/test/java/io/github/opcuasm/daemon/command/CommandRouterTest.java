package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request here goes through a socket of a daemon and, where it should, to a simulated server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class CommandRouterTest {
    private static final String TOKEN = "'authToken':'right'";

    private RunningDaemon daemon;
    private RunningDaemon guarded;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config.maxSessions(50));
        guarded = new RunningDaemon(config -> config.authToken("right").allowAnonymousPing(true));
        session = daemon.open("{'opcuaTimeout':20}");
    }

    @AfterEach
    void undo() {
        daemon.simulator.faults().clear();
        daemon.simulator.clearWrites();
    }

    @AfterAll
    void stop() {
        guarded.close();
        daemon.close();
    }

    /** Protocol, section 2: each request violates the check named first and several of those after it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "invalid_json; {'command':'nothing','authToken':'wrong'",
                "auth_failed; {'command':'nothing'}",
                "auth_failed; {'command':'nothing','authToken':'wrong'}",
                "auth_failed; {'command':'query','authToken':null}",
                "auth_failed; {'command':'list','authToken':5}",
                "auth_failed; {'command':'ping','authToken':'wrong'}",
                "unknown_command; {T}",
                "unknown_command; {T,'command':5}",
                "unknown_command; {T,'command':null,'method':'nothing','sessionId':5}",
                "unknown_command; {T,'command':'Ping'}",
                "forbidden_method; {T,'command':'query'}",
                "forbidden_method; {T,'command':'query','method':5,'sessionId':'x'}",
                "forbidden_method; {T,'command':'query','method':'connect','sessionId':'x','params':5}",
                "session_not_found; {T,'command':'query','method':'read','params':5}",
                "session_not_found; {T,'command':'query','method':'read','sessionId':5,'params':[]}",
                "session_not_found; {T,'command':'query','method':'getTimeout','sessionId':null}",
                "session_not_found; {T,'command':'close','force':5}",
                "session_not_found; {T,'command':'close','sessionId':'x','timeoutMs':-1}",
                "ConfigurationException; {T,'command':'open','config':5,'forceNew':5}",
                "ConfigurationException; {T,'command':'open','endpointUrl':5,'config':{'securityMode':9}}",
                "ConfigurationException; {T,'command':'open','endpointUrl':'http://x','config':{'securityMode':9}}",
                "invalid_argument; {T,'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1','config':{'securityMode':9}}",
                "invalid_argument; {T,'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1','config':{'opcuaTimeout':'5'}}",
                "invalid_argument; {T,'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1','forceNew':1}",
                "invalid_argument; {T,'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1','timeoutMs':0}",
                "ConnectionException; {T,'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1','unknown':{}}",
            })
    void firstFailureWins(String expected, String request) throws Exception {
        JsonValue.Obj error = guarded.error(request.replace("{T", "{" + TOKEN));

        assertThat(text(error, "type")).isEqualTo(expected);
        assertThat(text(error, "message")).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "read | [] | nodeId",
                "read | [null] | nodeId",
                "read | [5] | nodeId",
                "read | ['ns=2;s=Scalars/Int32',0] | attributeId",
                "read | ['ns=2;s=Scalars/Int32',28] | attributeId",
                "read | ['ns=2;s=Scalars/Int32',1.5] | attributeId",
                "read | ['ns=2;s=Scalars/Int32','13'] | attributeId",
                "read | ['ns=2;s=Scalars/Int32',99999999999] | attributeId",
                "read | 5 | params",
                "read | 'x' | params",
                "readMulti | [] | items",
                "readMulti | [5] | items",
                "readMulti | [[5]] | items[0]",
                "readMulti | [[{}]] | items[0].nodeId",
                "readMulti | [[{'nodeId':'i=1'},{'nodeId':'i=1','attributeId':0}]] | items[1].attributeId",
                "write | ['i=1'] | value",
                "write | [] | nodeId",
                "write | ['i=1',1,26] | type",
                "write | ['i=1',1,'Int32'] | type",
                "writeMulti | [[{'nodeId':'i=1'}]] | items[0].value",
                "writeMulti | [[{'value':1}]] | items[0].nodeId",
                "writeMulti | [[{'nodeId':'i=1','value':1,'type':0}]] | items[0].type",
                "browse | [] | nodeId",
                "browse | ['i=84',3] | direction",
                "browse | ['i=84',-1] | direction",
                "browse | ['i=84',0,5] | referenceTypeId",
                "browse | ['i=84',0,null,1] | includeSubtypes",
                "browse | ['i=84',0,null,true,5] | nodeClasses",
                "browse | ['i=84',0,null,true,[3]] | nodeClasses[0]",
                "browseAll | ['i=84',0,null,true,[1,256]] | nodeClasses[1]",
            })
    void wrongParameterIsNamed(String method, String params, String name) throws Exception {
        JsonValue.Obj error = daemon.error(query(session, method, params));

        assertThat(text(error, "type")).isIn("invalid_argument", "InvalidNodeIdException");
        assertThat(text(error, "message")).startsWith(name);
        assertThat(daemon.simulator.writeCount()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "getTimeout; 20.0",
                "getAutoRetry; 1",
                "getBatchSize; null",
                "getDefaultBrowseMaxDepth; 10",
                "getServerMaxNodesPerRead; 10000",
                "getServerMaxNodesPerWrite; 10000",
                "getTrustStore; null",
                "getTrustPolicy; null",
                "getEventDispatcher; null",
                "getLogger; null",
                "isConnected; true",
                "getConnectionState; \"Connected\"",
                "reconnect; null",
            })
    void gettersTellConfigAndServer(String method, String expected) throws Exception {
        JsonValue data = daemon.data(query(session, method, "[]"));

        assertThat(data.toString()).isEqualTo(expected);
        assertThat(daemon.data("{'command':'query','sessionId':'" + session + "','method':'" + method + "'}"))
                .isEqualTo(data);
    }

    @Test
    void batchingThatIsOffHidesTheServersLimits() throws Exception {
        String unbatched = daemon.open("{'batchSize':0,'autoRetry':3,'defaultBrowseMaxDepth':-1}");

        assertThat(daemon.data(query(unbatched, "getBatchSize", "[]"))).hasToString("0");
        assertThat(daemon.data(query(unbatched, "getServerMaxNodesPerRead", "[]")))
                .hasToString("null");
        assertThat(daemon.data(query(unbatched, "getAutoRetry", "[]"))).hasToString("3");
        assertThat(daemon.data(query(unbatched, "getDefaultBrowseMaxDepth", "[]")))
                .hasToString("-1");
    }

    @Test
    void nullIsAbsentAndAnObjectStandsForAnArray() throws Exception {
        JsonValue plain = value(daemon.data(query(session, "read", "['ns=2;s=Scalars/Int32']")));

        assertThat(value(daemon.data(query(session, "read", "['ns=2;s=Scalars/Int32',null,null]"))))
                .isEqualTo(plain);
        assertThat(value(daemon.data(query(session, "read", "{'b':'ns=2;s=Scalars/Int32','a':13.0}"))))
                .isEqualTo(plain);
        assertThat(value(daemon.data(query(session, "read", "[{'ns':2,'id':'Scalars/Int32','type':'string'}]"))))
                .isEqualTo(plain);
        JsonValue.Arr many = (JsonValue.Arr)
                daemon.data(
                        query(
                                session,
                                "readMulti",
                                "[{'x':{'nodeId':'ns=2;s=Scalars/Int32','attributeId':null},'a':{'nodeId':'ns=2;s=Scalars/Boolean'}}]"));
        assertThat(many.elements().stream().map(CommandRouterTest::value))
                .containsExactly(plain, new JsonValue.Bool(true));
    }

    /** What is written as plain JSON, without a type, reads back the same. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Boolean | false",
                "SByte | -128",
                "Byte | 255",
                "Int16 | -32768",
                "UInt16 | 65535",
                "Int32 | -2147483648",
                "UInt32 | 4294967295",
                "Int64 | -9223372036854775808",
                "UInt64 | 18446744073709551615",
                "Float | 0.1",
                "Double | -1.7976931348623157E308",
                "Double | 'NaN'",
                "String | 'grüße'",
                "DateTime | '2026-05-15T10:30:00.123456+00:00'",
                "Guid | '72962b91-fa75-4ae6-8d28-b404dc7daf64'",
                "ByteString | 'AP8='",
                "XmlElement | '<a/>'",
                "NodeId | {'ns':2,'id':'x','type':'string'}",
                "ExpandedNodeId | {'ns':2,'id':5,'type':'numeric'}",
                "StatusCode | 2147483648",
                "QualifiedName | {'ns':2,'name':'q'}",
                "LocalizedText | {'locale':'en','text':'t'}",
            })
    void scalarsAndArraysOfEveryTypeReadBackAsWritten(String type, String value) throws Exception {
        assertThat(daemon.data(query(session, "write", "['ns=2;s=Scalars/" + type + "'," + value + "]")))
                .hasToString("0");
        assertThat(daemon.data(query(session, "write", "['ns=2;s=Arrays/" + type + "',[" + value + "," + value + "]]")))
                .hasToString("0");

        JsonValue scalar = value(daemon.data(query(session, "read", "['ns=2;s=Scalars/" + type + "']")));
        JsonValue array = value(daemon.data(query(session, "read", "['ns=2;s=Arrays/" + type + "']")));

        assertThat(scalar).isEqualTo(json(value));
        assertThat(array).isEqualTo(json("[" + value + "," + value + "]"));
    }

    @Test
    void matrixAndEmptyArrayReadBackAsWritten() throws Exception {
        assertThat(daemon.data(query(session, "write", "['ns=2;s=Arrays/Matrix',[[1,2,3],[4,5,6]]]")))
                .hasToString("0");
        assertThat(daemon.data(query(session, "write", "['ns=2;s=Arrays/Int32',[]]")))
                .hasToString("0");

        JsonValue.Obj matrix = (JsonValue.Obj) daemon.data(query(session, "read", "['ns=2;s=Arrays/Matrix']"));
        assertThat(matrix.get("value")).isEqualTo(json("[1,2,3,4,5,6]"));
        assertThat(matrix.get("dimensions")).isEqualTo(json("[2,3]"));
        assertThat(value(daemon.data(query(session, "read", "['ns=2;s=Arrays/Int32']"))))
                .isEqualTo(json("[]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Scalars/SByte | 128",
                "Scalars/Byte | -1",
                "Scalars/UInt16 | 65536",
                "Scalars/Int32 | 2147483648",
                "Scalars/Int32 | 1.5",
                "Scalars/UInt32 | -1",
                "Scalars/UInt64 | 18446744073709551616",
                "Scalars/Int64 | '9223372036854775808'",
                "Scalars/Float | 1e39",
                "Scalars/Double | 1e309",
                "Scalars/Double | 'x'",
                "Scalars/Boolean | 2",
                "Scalars/String | 5",
                "Scalars/ByteString | 'not base64!'",
                "Scalars/Guid | 'x'",
                "Scalars/DateTime | 'yesterday'",
                "Scalars/Int32 | [1]",
                "Scalars/Int32 | null",
                "Arrays/Int32 | 1",
                "Arrays/Int32 | [1,'x']",
                "Arrays/Int32 | [2147483648]",
            })
    void whatDoesNotFitIsNotSent(String path, String value) throws Exception {
        long before = daemon.simulator.counters().received(Service.WRITE);

        JsonValue.Obj error = daemon.error(query(session, "write", "['ns=2;s=" + path + "'," + value + "]"));

        assertThat(text(error, "type")).isEqualTo("WriteTypeMismatchException");
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
        assertThat(daemon.simulator.counters().received(Service.WRITE)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'command':'query','method':'write','sessionId':'x','params':['i=1',1]}",
                "{'command':'query','method':'writeMulti','params':[]}",
                "{'command':'query','method':'write','sessionId':'S','params':[]}",
                "{'command':'query','method':'writeMulti','sessionId':'S','params':[[]]}",
                "{'command':'query','method':'write','sessionId':'S','timeoutMs':'x','params':['i=1',1]}",
            })
    void writeThatFailsBeforeItIsSentSaysSo(String request) throws Exception {
        assertThat(text(daemon.error(request.replace("S'", session + "'")), "outcome"))
                .isEqualTo("not_sent");
    }

    @Test
    void unansweredRequestsEndAsTheRequestAsks() throws Exception {
        Fault reads = daemon.simulator.faults().hang(Service.READ);
        Fault writes = daemon.simulator.faults().hang(Service.WRITE);

        JsonValue.Obj read = daemon.error("{'command':'query','sessionId':'" + session
                + "','method':'read','params':['ns=2;s=Scalars/Int32'],'timeoutMs':300}");
        JsonValue.Obj write = daemon.error("{'command':'query','sessionId':'" + session
                + "','method':'write','params':['ns=2;s=Scalars/Int32',1,6],'timeoutMs':300}");

        assertThat(reads.held() + writes.held()).isEqualTo(2);
        assertThat(text(read, "type")).isEqualTo("ConnectionException");
        assertThat(read.get("code")).hasToString(String.valueOf(StatusCodes.Bad_Timeout));
        assertThat(read.members()).doesNotContainKey("outcome");
        assertThat(text(write, "type")).isEqualTo("ConnectionException");
        assertThat(text(write, "outcome")).isEqualTo("unknown");
    }

    @Test
    void requestUnderWayKeepsItsHandleAndItsSession() throws Exception {
        ManualTicker ticker = new ManualTicker();
        Duration timeout = Duration.ofSeconds(600);
        try (RunningDaemon ageing =
                new RunningDaemon(config -> config.timeout(timeout).cleanupInterval(Duration.ofMillis(10)), ticker)) {
            String id = ageing.open("{}");
            ageing.open("{'sessionName':'idle'}");
            Fault hang = ageing.simulator.faults().hang(Service.READ);
            CompletableFuture<JsonValue.Obj> read = asking(ageing, query(id, "read", "['ns=2;s=Scalars/Int32']"));
            await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

            ticker.advance(timeout.multipliedBy(2));
            // The idle one's end shows that the clean-up ran.
            await().untilAsserted(() ->
                    assertThat(ageing.simulator.counters().sessionsNow()).isEqualTo(1));
            hang.close();

            assertThat(resultOf(read).get("success")).hasToString("true");
            assertThat(ageing.data(query(id, "isConnected", "[]"))).hasToString("true");
            ticker.advance(timeout);
            assertThat(text(ageing.error(query(id, "isConnected", "[]")), "type"))
                    .isEqualTo("session_not_found");
            await().untilAsserted(() ->
                    assertThat(ageing.simulator.counters().sessionsNow()).isZero());
        }
    }

    @Test
    void writeUnderWayWhenTheGraceEndsIsUnknownAndAReadHasNoOutcome() throws Exception {
        try (RunningDaemon ending = new RunningDaemon(config -> config.shutdownGrace(Duration.ofMillis(400)))) {
            String id = ending.open("{}");
            Fault writes = ending.simulator.faults().hang(Service.WRITE);
            Fault reads = ending.simulator.faults().hang(Service.READ);
            CompletableFuture<JsonValue.Obj> write = asking(ending, query(id, "write", "['ns=2;s=Scalars/Int32',1,6]"));
            CompletableFuture<JsonValue.Obj> read = asking(ending, query(id, "read", "['ns=2;s=Scalars/Int32']"));
            await().untilAsserted(() -> assertThat(writes.held() + reads.held()).isEqualTo(2));

            ending.shutDown();

            JsonValue.Obj ofWrite =
                    (JsonValue.Obj) Objects.requireNonNull(resultOf(write).get("error"));
            assertThat(text(ofWrite, "type")).isEqualTo("shutting_down");
            assertThat(text(ofWrite, "outcome")).isEqualTo("unknown");
            JsonValue.Obj ofRead =
                    (JsonValue.Obj) Objects.requireNonNull(resultOf(read).get("error"));
            assertThat(text(ofRead, "type")).isEqualTo("shutting_down");
            assertThat(ofRead.members()).doesNotContainKey("outcome");
        }
    }

    @Test
    void badNodeOfABrowseIsAServiceExceptionWithItsCode() throws Exception {
        JsonValue.Obj error = daemon.error(query(session, "browse", "['ns=2;s=Nowhere']"));

        assertThat(text(error, "type")).isEqualTo("ServiceException");
        assertThat(text(error, "message")).contains("Bad_NodeIdUnknown (0x80340000)");
        assertThat(error.get("code")).hasToString(String.valueOf(StatusCodes.Bad_NodeIdUnknown));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'x'", "0", "-1", "1.5", "86400001", "true"})
    void openWithABadTimeoutOpensNothing(String timeoutMs) throws Exception {
        int before = sessions();
        long created = daemon.simulator.counters().sessionsCreated();

        JsonValue.Obj error = daemon.error("{'command':'open','forceNew':true,'endpointUrl':'"
                + daemon.simulator.endpointUrl() + "','timeoutMs':" + timeoutMs + "}");

        assertThat(text(error, "type")).isEqualTo("invalid_argument");
        assertThat(text(error, "message")).startsWith("timeoutMs");
        // The order of the requests is the order of their work: another open comes after whatever the first began.
        daemon.data(query(daemon.open("{'autoRetry':9}"), "isConnected", "[]"));
        assertThat(daemon.simulator.counters().sessionsCreated()).isEqualTo(created);
        assertThat(sessions()).isBetween(before, before + 1);
    }

    @Test
    void closeWithABadTimeoutClosesNothing() throws Exception {
        String id = daemon.open("{'autoRetry':11}");

        JsonValue.Obj error = daemon.error("{'command':'close','sessionId':'" + id + "','timeoutMs':'x'}");

        assertThat(text(error, "type")).isEqualTo("invalid_argument");
        assertThat(daemon.data(query(id, "isConnected", "[]"))).hasToString("true");
    }

    @Test
    void openThatTookTooLongLeavesNoHandle() throws Exception {
        int before = sessions();
        Fault hang = daemon.simulator.faults().hang(Service.CREATE_SESSION);

        JsonValue.Obj error = daemon.error("{'command':'open','forceNew':true,'endpointUrl':'"
                + daemon.simulator.endpointUrl() + "','config':{'autoRetry':12,'opcuaTimeout':60},'timeoutMs':300}");
        assertThat(hang.held()).isEqualTo(1);
        long sessionsNow = daemon.simulator.counters().sessionsNow();
        hang.close();

        assertThat(text(error, "type")).isEqualTo("ConnectionException");
        // Created once the fault has ended, and given up again.
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(daemon.simulator.counters().received(Service.ACTIVATE_SESSION)
                                + daemon.simulator.counters().received(Service.CLOSE_SESSION))
                        .isPositive());
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(daemon.simulator.counters().sessionsNow()).isEqualTo(sessionsNow);
            assertThat(sessions()).isEqualTo(before);
        });
    }

    @Test
    void listShowsWhatWasGivenAndTheState() throws Exception {
        String id = daemon.open("{'sessionName':'shown','opcuaTimeout':12,'unknown':1,'autoRetry':null}");

        JsonValue.Obj list = (JsonValue.Obj) daemon.data("{'command':'list'}");

        List<JsonValue> sessions = ((JsonValue.Arr) Objects.requireNonNull(list.get("sessions"))).elements();
        assertThat(list.get("count")).hasToString(String.valueOf(sessions.size()));
        JsonValue.Obj listed = (JsonValue.Obj) sessions.stream()
                .filter(each -> text((JsonValue.Obj) each, "id").equals(id))
                .findFirst()
                .orElseThrow();
        assertThat(listed.members())
                .containsOnlyKeys(
                        "id", "endpointUrl", "lastUsed", "config", "state", "holders", "connection", "subscriptions");
        assertThat(listed.get("subscriptions")).isEqualTo(json("[]"));
        assertThat(listed.members()).containsEntry("connection", JsonValue.Null.INSTANCE);
        assertThat(listed.get("config")).isEqualTo(json("{'sessionName':'shown','opcuaTimeout':12}"));
        assertThat(text(listed, "state")).isEqualTo("Connected");
        assertThat(listed.get("holders")).hasToString("1");
        assertThat(listed.get("lastUsed")).asString().matches("[0-9]+\\.[0-9]+");
    }

    @Test
    void livenessProbeWithoutATokenShowsNoCounts() throws Exception {
        assertThat(((JsonValue.Obj) guarded.data("{'command':'ping'}")).members())
                .containsOnlyKeys("status", "time");
        assertThat(((JsonValue.Obj) guarded.data("{'command':'ping'," + TOKEN + "}")).members())
                .containsOnlyKeys("status", "sessions", "time");
        assertThat(((JsonValue.Obj) daemon.data("{'command':'ping','authToken':'any'}")).members())
                .containsOnlyKeys("status", "sessions", "time");
    }

    /** Asks on a thread of its own. */
    private static CompletableFuture<JsonValue.Obj> asking(RunningDaemon asked, String request) {
        CompletableFuture<JsonValue.Obj> answer = new CompletableFuture<>();
        Thread peer = new Thread(() -> {
            try {
                answer.complete(asked.ask(request));
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        peer.setDaemon(true);
        peer.start();
        return answer;
    }

    private int sessions() throws Exception {
        JsonValue.Obj ping = (JsonValue.Obj) daemon.data("{'command':'ping'}");
        return Integer.parseInt(String.valueOf(ping.get("sessions")));
    }

    private static JsonValue value(JsonValue dataValue) {
        return Objects.requireNonNull(((JsonValue.Obj) dataValue).members().get("value"));
    }

    private static JsonValue json(String text) {
        byte[] utf8 = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(utf8, 0, utf8.length);
    }
}
