package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Node ids by the URI of their namespace, wherever a method takes one: the session's namespace array says which index that
 * is, also after the server has numbered its namespaces anew. S stands for the simulator's URI.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class NamespaceUriTest {
    private static final String INT32 = "'nsu=S;s=Scalars/Int32'";

    private static final String BAD_NODE_ID_UNKNOWN = "2150891520";

    private RunningDaemon daemon;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(UnaryOperator.identity());
        session = daemon.open("{'opcuaTimeout':20}");
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    /** A method, and parameters with which it succeeds. */
    record Query(String method, String params) {
        String unknown() {
            return params.replaceFirst("nsu=S;", "nsu=urn:nowhere;");
        }
    }

    static Stream<Query> everyPlaceOfANodeId() {
        return Stream.of(
                new Query("read", "[" + INT32 + "]"),
                new Query("readMulti", "[[{'nodeId':" + INT32 + "}]]"),
                new Query("write", "[" + INT32 + ",5]"),
                new Query("write", "[" + INT32 + ",5,6]"),
                new Query("writeMulti", "[[{'nodeId':" + INT32 + ",'value':5}]]"),
                new Query("browse", "['nsu=S;s=Scalars']"),
                new Query("browse", "['nsu=S;s=Scalars',0,null,true,[],false]"),
                new Query("browseAll", "['nsu=S;s=Scalars']"),
                new Query("browseWithContinuation", "['nsu=S;s=Scalars']"),
                new Query("browseRecursive", "['nsu=S;s=Scalars',0,1]"),
                new Query(
                        "translateBrowsePaths",
                        "[[{'startingNodeId':'nsu=S;s=Scalars',"
                                + "'relativePath':[{'targetName':{'ns':2,'name':'Int32'}}]}]]"),
                new Query("resolveNodeId", "['2:Int32','nsu=S;s=Scalars']"),
                new Query("call", "['nsu=S;s=Methods','ns=2;s=Methods/Nothing']"),
                new Query("call", "['ns=2;s=Methods','nsu=S;s=Methods/Nothing']"),
                new Query("historyReadRaw", "['nsu=S;s=History/Ramp',null,'2040-01-01T00:00:00Z',1]"),
                new Query(
                        "historyReadProcessed",
                        "['nsu=S;s=History/Ramp','2020-01-01T00:00:00Z'," + "'2020-01-01T00:01:00Z',60000,'i=2342']"),
                new Query("historyReadAtTime", "['nsu=S;s=History/Ramp',['2020-01-01T00:00:00Z']]"),
                new Query("invalidateCache", "['nsu=S;s=Scalars']"),
                new Query("createMonitoredItems", "[SUBSCRIPTION,[{'nodeId':" + INT32 + "}]]"),
                new Query("createEventMonitoredItem", "[SUBSCRIPTION,'nsu=S;s=Events/Notifier']"));
    }

    @ParameterizedTest
    @MethodSource("everyPlaceOfANodeId")
    void knownUriIsResolved(Query query) throws Exception {
        JsonValue data = daemon.data(request(session, query.method, withSubscription(query.params)));

        assertThat(data.toString()).doesNotContain(BAD_NODE_ID_UNKNOWN);
    }

    @ParameterizedTest
    @MethodSource("everyPlaceOfANodeId")
    void unknownUriIsNamedAndNothingIsSent(Query query) throws Exception {
        String request = request(session, query.method, withSubscription(query.unknown()));
        long received = received();

        JsonValue.Obj error = daemon.error(request);

        assertThat(RunningDaemon.text(error, "type")).isEqualTo("InvalidNodeIdException");
        assertThat(RunningDaemon.text(error, "message")).contains("urn:nowhere");
        // At most one request more: whether the server has the namespace by now.
        assertThat(received()).isBetween(received, received + 1);
        if (Stream.of("write", "writeMulti", "call").anyMatch(query.method::equals)) {
            assertThat(RunningDaemon.text(error, "outcome")).isEqualTo("not_sent");
        }
    }

    /** What was remembered under the old indices is of no use: paths, references, types of variables and of structures. */
    @Test
    void namesLeadToTheSameNodesAfterIndicesMoved() throws Exception {
        try (RunningDaemon moved = new RunningDaemon(UnaryOperator.identity())) {
            String id = moved.open("{'opcuaTimeout':20}");
            for (String method : List.of("browse", "browseAll")) {
                assertThat(namespaces(moved.data(request(id, method, "['nsu=S;s=Scalars']"))))
                        .containsOnly(2);
            }
            moved.data(request(id, "write", "['nsu=S;s=Scalars/Byte',7]"));
            moved.data(request(id, "write", "['nsu=S;s=Structures/Point',{'X':1,'Y':2}]"));
            String polygon = value(moved, id, "Structures/Polygon");

            moved.simulator.stop();
            moved.simulator.namespacesBefore("urn:one", "urn:two", "urn:three");
            moved.simulator.start();

            assertThat(value(moved, id, "Structures/Polygon")).isEqualTo(polygon);
            assertThat(moved.simulator.namespaceIndex()).isEqualTo(5);
            for (String method : List.of("browse", "browseAll")) {
                assertThat(namespaces(moved.data(request(id, method, "['nsu=S;s=Scalars']"))))
                        .containsOnly(5);
            }
            moved.data(request(id, "write", "['nsu=S;s=Scalars/Byte',8]"));
            moved.data(request(id, "write", "['nsu=S;s=Structures/Point',{'X':3,'Y':4}]"));
            moved.data(request(id, "call", "['nsu=S;s=Methods','nsu=S;s=Methods/Nothing']"));
            List<Variant> bytes = moved.simulator.writes(moved.simulator.nodeNow("Scalars/Byte"));
            assertThat(bytes).hasSize(1);
            assertThat(moved.simulator.calls().count(moved.simulator.nodeNow("Methods/Nothing")))
                    .isEqualTo(1);
            assertThat(value(moved, id, "Structures/Point")).isEqualTo("{X=3.0, Y=4.0}");
            JsonValue.Obj point = structure(moved, id, "Structures/Point");
            assertThat(((JsonValue.Obj) Objects.requireNonNull(point.get("typeId"))).get("ns"))
                    .hasToString("5");
            JsonValue.Obj old = (JsonValue.Obj) moved.data(request(id, "read", "['ns=2;s=Scalars/Int32']"));
            assertThat(old.get("statusCode")).hasToString(BAD_NODE_ID_UNKNOWN);
        }
    }

    /** The indices of a path's names are the server's, so a path that was resolved must not be remembered over a restart. */
    @Test
    void resolvedPathIsNotRememberedOverMovedIndices() throws Exception {
        try (RunningDaemon moved = new RunningDaemon(UnaryOperator.identity())) {
            String id = moved.open("{'opcuaTimeout':20}");
            String path = request(id, "resolveNodeId", "['/Objects/2:Simulator/2:Scalars/2:Int32']");
            String now = request(id, "resolveNodeId", "['/Objects/3:Simulator/3:Scalars/3:Int32']");
            assertThat(moved.data(path).toString()).contains("ns=2");
            moved.simulator.stop();
            moved.simulator.namespacesBefore("urn:one");
            moved.simulator.start();
            moved.data(request(id, "read", "['i=2258']"));

            JsonValue.Obj gone = moved.error(path);

            assertThat(RunningDaemon.text(gone, "type")).isEqualTo("ServiceException");
            assertThat(moved.data(now).toString()).contains("ns=3").contains("Scalars/Int32");
        }
    }

    /** One registry for all sessions of a server: the second one browses and reads nothing for a type that is known. */
    @Test
    void secondSessionAsksForNoTypes() throws Exception {
        String first = daemon.open("{'opcuaTimeout':20,'applicationName':'first'}");
        String second = daemon.open("{'opcuaTimeout':20,'applicationName':'second'}");
        List<String> names = List.of("Everything", "Mixed", "Polygon", "Tree", "Drawing", "Optionals", "Choice");
        for (String name : names) {
            structure(daemon, first, "Structures/" + name);
        }
        long browsed = daemon.simulator.counters().received(Service.BROWSE);
        long read = daemon.simulator.counters().received(Service.READ);

        for (String name : names) {
            assertThat(structure(daemon, second, "Structures/" + name).get("value"))
                    .as(name)
                    .isNotNull();
        }

        assertThat(daemon.simulator.counters().received(Service.BROWSE)).isEqualTo(browsed);
        assertThat(daemon.simulator.counters().received(Service.READ)).isEqualTo(read + names.size());
    }

    /** A type that grew a field: seen by every session, in reading and in writing, and again when it is undone. */
    @Test
    void changedTypeIsFollowedByEverySession() throws Exception {
        String first = daemon.open("{'opcuaTimeout':20,'applicationName':'first'}");
        String second = daemon.open("{'opcuaTimeout':20,'applicationName':'second'}");
        for (String each : List.of(first, second)) {
            assertThat(value(daemon, each, "Structures/Changing")).isEqualTo("{Count=7, Label=\"after\"}");
        }

        daemon.simulator.changeType();

        for (String each : List.of(first, second)) {
            assertThat(value(daemon, each, "Structures/Changing")).isEqualTo("{Count=7, Added=2.5, Label=\"after\"}");
        }
        daemon.data(request(second, "write", "['nsu=S;s=Structures/Changing',{'Count':1,'Added':0.5,'Label':'x'}]"));
        assertThat(value(daemon, first, "Structures/Changing")).isEqualTo("{Count=1, Added=0.5, Label=\"x\"}");
        JsonValue.Obj misfit =
                daemon.error(request(first, "write", "['nsu=S;s=Structures/Changing',{'Count':1,'Label':'x'}]"));
        assertThat(RunningDaemon.text(misfit, "message")).contains("Added");

        // A type is asked for again by itself only every few seconds.
        daemon.simulator.restoreType();
        daemon.data(request(first, "discoverDataTypes", "[null,false]"));

        for (String each : List.of(second, first)) {
            assertThat(value(daemon, each, "Structures/Changing")).isEqualTo("{Count=7, Label=\"after\"}");
        }
        daemon.data(request(second, "write", "['nsu=S;s=Structures/Changing',{'Count':2,'Label':'y'}]"));
        assertThat(value(daemon, first, "Structures/Changing")).isEqualTo("{Count=2, Label=\"y\"}");
    }

    private long received() {
        return Stream.of(
                        Service.READ,
                        Service.WRITE,
                        Service.BROWSE,
                        Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS,
                        Service.CALL,
                        Service.HISTORY_READ,
                        Service.CREATE_MONITORED_ITEMS)
                .mapToLong(daemon.simulator.counters()::received)
                .sum();
    }

    private static String value(RunningDaemon daemon, String session, String node) throws IOException {
        return String.valueOf(structure(daemon, session, node).get("value"));
    }

    private static JsonValue.Obj structure(RunningDaemon daemon, String session, String node) throws IOException {
        JsonValue.Obj read = (JsonValue.Obj) daemon.data(request(session, "read", "['nsu=S;s=" + node + "']"));
        return (JsonValue.Obj) Objects.requireNonNull(read.get("value"), read::toString);
    }

    private static List<Integer> namespaces(JsonValue references) {
        return ((JsonValue.Arr) references)
                .elements().stream()
                        .map(each -> (JsonValue.Obj) Objects.requireNonNull(((JsonValue.Obj) each).get("nodeId")))
                        .map(nodeId -> Integer.parseInt(String.valueOf(nodeId.get("ns"))))
                        .toList();
    }

    private String withSubscription(String params) throws IOException {
        if (!params.contains("SUBSCRIPTION")) {
            return params;
        }
        JsonValue.Obj created = (JsonValue.Obj) daemon.data(RunningDaemon.query(session, "createSubscription", "[]"));
        return params.replace("SUBSCRIPTION", String.valueOf(created.get("subscriptionId")));
    }

    private static String request(String session, String method, String params) {
        return RunningDaemon.query(session, method, params.replace("nsu=S;", "nsu=" + Simulator.NAMESPACE_URI + ";"));
    }
}
