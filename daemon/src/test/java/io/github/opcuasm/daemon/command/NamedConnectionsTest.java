package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.daemon.access.NamedToken;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.policy.EndpointPattern;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.NodePattern;
import io.github.opcuasm.daemon.policy.Rates;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers that requests name: opened by {@code open} and by queries, for whoever may connect there. */
final class NamedConnectionsTest {
    private static final String MASTER = "master-token-0123456789";
    private static final String INT32 = "['ns=2;s=Scalars/Int32']";

    @TempDir
    private static Path directory;

    private static Simulator plc;
    private static RunningDaemon daemon;

    @BeforeAll
    static void start() throws Exception {
        plc = Simulator.builder().build();
        plc.start();
        Path tokens = directory.resolve("tokens");
        token(tokens, "reader", EndpointPattern.ALL);
        token(tokens, "in-range", EndpointPattern.parse("127.0.0.0/8"));
        token(tokens, "elsewhere", EndpointPattern.parse("opc.tcp://elsewhere:4840"));
        daemon = new RunningDaemon(options -> options.authToken(MASTER)
                .tokensFile(tokens)
                .auditLog(directory.resolve("audit.jsonl"))
                .connections(List.of(
                        connection("plc1", plc.endpointUrl(), false),
                        connection("line-2", plc.endpointUrl() + "/none", false),
                        connection("auto", plc.endpointUrl(), true))));
        await().untilAsserted(() -> assertThat(list(MASTER)).hasSize(1));
    }

    @AfterAll
    static void stop() {
        daemon.close();
        plc.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        plc.faults().clear();
        for (String who : List.of(MASTER, "reader", "in-range")) {
            for (JsonValue.Obj session : list(who)) {
                if (!"auto".equals(text(session, "connection")) || !who.equals(MASTER)) {
                    JsonValue unused =
                            data(who, "'command':'close','force':true,'sessionId':'" + text(session, "id") + "'");
                }
            }
        }
    }

    @Test
    void aNameOpensWhatItsUrlAndConfigWould() throws Exception {
        JsonValue.Obj byName = open(MASTER, "plc1");

        JsonValue.Obj byUrl = (JsonValue.Obj) data(
                MASTER, "'command':'open','endpointUrl':'" + plc.endpointUrl() + "','config':{'opcuaTimeout':4.0}");

        assertThat(text(byUrl, "sessionId")).isEqualTo(text(byName, "sessionId"));
        assertThat(byUrl.get("reused")).isEqualTo(new JsonValue.Bool(true));
        assertThat(list(MASTER))
                .filteredOn(session -> text(session, "id").equals(text(byName, "sessionId")))
                .singleElement()
                .satisfies(session -> {
                    assertThat(text(session, "connection")).isEqualTo("plc1");
                    assertThat(text(session, "endpointUrl")).isEqualTo(plc.endpointUrl());
                    assertThat(Objects.requireNonNull(session.get("config"))).hasToString("{opcuaTimeout=4}");
                });
        assertThat(Files.readString(directory.resolve("audit.jsonl")))
                .contains("\"event\":\"open\"", "\"connectionName\":\"plc1\"");
    }

    @Test
    void aHandleOpenedByUrlHasNoNameUntilItIsAskedForByOne() throws Exception {
        JsonValue unused = data(
                "reader", "'command':'open','endpointUrl':'" + plc.endpointUrl() + "','config':{'opcuaTimeout':4}");
        assertThat(list("reader").get(0).members()).containsEntry("connection", JsonValue.Null.INSTANCE);

        assertThat(open("reader", "plc1").get("reused")).isEqualTo(new JsonValue.Bool(true));

        assertThat(text(list("reader").get(0), "connection")).isEqualTo("plc1");
    }

    @Test
    void aQueryOpensReusesAndLeavesOpen() throws Exception {
        String byName = "'command':'query','connection':'plc1','method':'read','params':" + INT32;
        String byUrl = "'command':'query','endpointUrl':'" + plc.endpointUrl()
                + "','config':{'opcuaTimeout':4},'method':'read','params':" + INT32;

        JsonValue.Obj first = (JsonValue.Obj) data("reader", byName);
        JsonValue.Obj second = (JsonValue.Obj) data("reader", byUrl);
        JsonValue typed = data(
                "reader", "'command':'invoke','connection':'plc1','method':'read','args':['ns=2;s=Scalars/Int32']");
        JsonValue endpoints = data("reader", "'command':'query','connection':'plc1','method':'getEndpoints'");

        assertThat(second.get("value")).isEqualTo(first.get("value"));
        assertThat(typed.toString()).contains("__t=\"DataValue\"");
        assertThat(endpoints.toString()).contains("endpointUrl");
        assertThat(list("reader")).hasSize(1);
    }

    @Test
    void aWriteWhoseSessionCannotBeOpenedWasNotSent() throws Exception {
        Fault hang = plc.faults().hang(Service.CREATE_SESSION);
        String write = "'command':'query','endpointUrl':'" + plc.endpointUrl() + "','config':{'sessionName':'w',"
                + "'opcuaTimeout':0.3},'method':'write','params':['ns=2;s=Scalars/Int32',7,6]";

        JsonValue.Obj error = error(MASTER, write);

        assertThat(text(error, "type")).isEqualTo("ConnectionException");
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
        hang.close();
    }

    /** A name beside something else, unknown, of another type. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'command':'open','connection':'plc1','endpointUrl':'opc.tcp://x' | invalid_argument | connection: got a name beside endpointUrl",
                "'command':'open','connection':'plc1','config':{'autoRetry':1} | invalid_argument | connection: got a name beside config",
                "'command':'open','connection':7 | invalid_argument | connection: got 7, expected",
                "'command':'open','connection':'' | invalid_argument | expected the name of a connection in the daemon's configuration; it names",
                "'command':'open','connection':'plc2' | invalid_argument | did you mean plc1?",
                "'command':'open','connection':'PLC1' | invalid_argument | did you mean plc1?",
                "'command':'open','connection':'qqqqqq' | invalid_argument | it names plc1, line-2, auto",
                "'command':'query','connection':'plc2','method':'read','params':[] | invalid_argument | did you mean plc1?",
                "'command':'query','connection':'plc1','method':'nonsense' | forbidden_method | nonsense",
                "'command':'query','connection':'plc1','method':'read' | invalid_argument | nodeId",
                "'command':'query','connection':'plc1','sessionId':'0123','method':'read' | invalid_argument | sessionId: got a session beside a server",
                "'command':'open' | ConfigurationException | endpointUrl: got nothing, expected opc.tcp://host[:port][/path], or a connection's name in connection",
                "'command':'open','connection':null | ConfigurationException | endpointUrl: got nothing, expected opc.tcp://",
                "'command':'open','endpointUrl':7 | ConfigurationException | endpointUrl: got 7, expected opc.tcp://",
                "'command':'open','conection':'plc1' | ConfigurationException | in connection; did you mean connection by conection?",
                "'command':'open','endpointUri':'opc.tcp://x' | ConfigurationException | did you mean endpointUrl by endpointUri?",
                "'command':'open','endpointUrl':'' | ConfigurationException | Invalid endpoint URL:  (endpointUrl must be opc.tcp://host",
                "'command':'close','connection':'plc1' | session_not_found | Session not found: close takes the sessionId of one",
                "'command':'close' | session_not_found | Session not found: close takes the sessionId of one",
                "'command':'query','endpointUrl':'opc.tcp:/x','method':'read' | ConfigurationException | Invalid endpoint URL",
                "'command':'query','method':'read' | session_not_found | Session not found",
                "'command':'invoke','connection':'plc1','method':'nonsense' | unknown_method | nonsense",
            })
    void whatNamesNoServerIsRefused(String request, String type, String message) throws Exception {
        JsonValue.Obj error = error(MASTER, request);

        assertThat(text(error, "type")).isEqualTo(type);
        assertThat(text(error, "message")).contains(message);
    }

    @Test
    void anEmptyConfigBesideANameSaysNothing() throws Exception {
        assertThat(data(MASTER, "'command':'open','connection':'plc1','config':[]")
                        .toString())
                .contains("sessionId");
    }

    @Test
    void rulesHoldForANameAsForItsUrl() throws Exception {
        JsonValue.Obj open = error("elsewhere", "'command':'open','connection':'plc1'");
        JsonValue.Obj query = error("elsewhere", "'command':'query','connection':'plc1','method':'read','params':[]");
        JsonValue.Obj unknown = error("elsewhere", "'command':'open','connection':'plc2'");
        JsonValue.Obj write = error(
                "reader",
                "'command':'query','connection':'plc1','method':'write','params':['ns=2;s=Scalars/Int32',7,6]");
        JsonValue explained =
                data(MASTER, "'command':'explain','action':'open','as':'token:elsewhere','connection':'plc1'");

        assertThat(text(open, "type")).isEqualTo("access_denied");
        assertThat(text(query, "type")).isEqualTo("access_denied");
        assertThat(text(unknown, "message")).contains("it names none that you may use");
        assertThat(text(write, "type")).isEqualTo("access_denied");
        assertThat(text(write, "outcome")).isEqualTo("not_sent");
        assertThat(explained.toString()).contains("allowed=false");
        assertThat(Files.readString(directory.resolve("audit.jsonl")))
                .contains("\"event\":\"access\"", "\"principal\":\"token:elsewhere\"");
    }

    @Test
    void theDaemonsOwnHandleIsForWhoeverIsNotRestricted() throws Exception {
        long before = plc.counters().sessionsCreated();

        JsonValue.Obj masters = open(MASTER, "auto");
        JsonValue.Obj readers = open("reader", "auto");
        JsonValue.Obj inRange = open("in-range", "auto");

        assertThat(masters.get("reused")).isEqualTo(new JsonValue.Bool(true));
        assertThat(readers.get("reused")).isEqualTo(new JsonValue.Bool(false));
        assertThat(inRange.get("reused")).isEqualTo(new JsonValue.Bool(false));
        assertThat(List.of(text(readers, "sessionId"), text(inRange, "sessionId")))
                .doesNotHaveDuplicates()
                .doesNotContain(text(masters, "sessionId"));
        assertThat(list("reader")).hasSize(1);
        assertThat(plc.counters().sessionsCreated()).isEqualTo(before);
    }

    @Test
    void aConnectionThatNoOpenCouldUseEndsTheStart() {
        DaemonConfig config = DaemonConfig.builder()
                .socket(IpcEndpoint.parse("tcp://127.0.0.1:1"))
                .connections(List.of(new NamedConnection("plc1", "http://x", new JsonValue.Obj(Map.of()), false)))
                .build();

        assertThatThrownBy(() -> new SessionManagerDaemon(config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("connections: plc1: Invalid endpoint URL: http://x");
        assertThatThrownBy(() -> new NamedConnection("plc 1", "", new JsonValue.Obj(Map.of()), false))
                .hasMessageStartingWith("got plc 1, expected");
    }

    private static NamedConnection connection(String name, String url, boolean auto) {
        Map<String, JsonValue> config = auto
                ? Map.of("sessionName", new JsonValue.Str("auto"))
                : Map.of("opcuaTimeout", new JsonValue.Num("4"));
        return new NamedConnection(name, url, new JsonValue.Obj(config), auto);
    }

    private static void token(Path file, String name, EndpointPattern endpoint) throws Exception {
        new TokensFile(file)
                .add(new NamedToken(
                        name,
                        TokensFile.sha256(name),
                        new Grant(Set.of(Scope.READ), List.of(endpoint), List.of(NodePattern.ALL), Rates.UNLIMITED),
                        null));
    }

    private static JsonValue.Obj open(String who, String connection) throws Exception {
        return (JsonValue.Obj) data(who, "'command':'open','connection':'" + connection + "'");
    }

    private static List<JsonValue.Obj> list(String who) throws Exception {
        JsonValue sessions = Objects.requireNonNull(((JsonValue.Obj) data(who, "'command':'list'")).get("sessions"));
        return ((JsonValue.Arr) sessions)
                .elements().stream().map(JsonValue.Obj.class::cast).toList();
    }

    private static JsonValue data(String who, String members) throws Exception {
        return daemon.data("{'authToken':'" + who + "'," + members + "}");
    }

    private static JsonValue.Obj error(String who, String members) throws Exception {
        return daemon.error("{'authToken':'" + who + "'," + members + "}");
    }
}
