package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.access.NamedToken;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.protocol.json.JsonValue;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each token of the tokens file may do: the request is refused by what the token says, and by nothing else. */
final class TokensAndRightsTest {
    private static final String ALL_POWERFUL = "all-powerful";
    private static final String WRITE_INT32 = "['ns=2;s=Scalars/Int32',7,6]";
    private static final String UNKNOWN_SESSION = "0123456789abcdef0123456789abcdef";

    @TempDir
    private static Path directory;

    private static Path tokens;
    private static RunningDaemon daemon;
    private static final Map<String, String> SESSIONS = new TreeMap<>();

    @BeforeAll
    static void start() throws Exception {
        tokens = directory.resolve("tokens");
        token("reader", "read", "*", "*", Map.of());
        token("writer", "read write", "*", "ns=2;s=Scalars/*", Map.of());
        token("by-uri", "read write", "*", "nsu=urn:opcuasm:simulator;s=Scalars/Int*", Map.of());
        token("caller", "read call", "*", "ns=2;s=Methods*", Map.of());
        token("caller-of-nothing", "call", "*", "ns=2;s=Elsewhere*", Map.of());
        token("admin", "admin", "*", "*", Map.of());
        token("acceptor", "read", "*", "*", Map.of());
        token("admin-here", "read admin", "127.0.0.0/8", "*", Map.of());
        token("elsewhere", "read write call", "opc.tcp://elsewhere:4840", "*", Map.of());
        token("range", "read", "127.0.0.0/8", "*", Map.of());
        token("other-range", "read", "10.0.0.0/8", "*", Map.of());
        token("slow-writer", "read write", "*", "*", Map.of("writes", "1/h"));
        token("slow-opener", "read", "*", "*", Map.of("opens", "1/h"));
        new TokensFile(tokens)
                .add(new NamedToken(
                        "expired", TokensFile.sha256("expired"), Grant.ALL, Instant.parse("2020-01-01T00:00:00Z")));
        daemon = new RunningDaemon(
                options -> options.tokensFile(tokens).authToken(ALL_POWERFUL).allowAnonymousPing(true));
        for (String who : List.of(
                "reader", "writer", "by-uri", "caller", "caller-of-nothing", "range", "slow-writer", ALL_POWERFUL)) {
            SESSIONS.put(who, text((JsonValue.Obj) data(who, open(daemon.simulator.endpointUrl())), "sessionId"));
        }
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    /** S = a session of the caller's own, or the all-powerful token's if it may open none. */
    @ParameterizedTest(name = "{0}: {1}{2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
                    reader      | read        | ['ns=2;s=Scalars/Int32']        | ok
                    reader      | browse      | ['i=85']                        | ok
                    reader      | createSubscription | []                       | ok
                    reader      | write       | ['ns=2;s=Scalars/Int32',7,6]    | access_denied
                    reader      | writeMulti  | [[]]                            | access_denied
                    reader      | call        | ['ns=2;s=Methods','ns=2;s=Methods/Nothing'] | access_denied
                    reader      | trustCertificate | ['AAAA']                   | access_denied
                    reader      | untrustCertificate | ['00']                   | access_denied
                    reader      | getTimeout  | []                              | ok
                    reader      | getEndpoints | ['URL']                        | ok
                    reader      | getEndpoints | ['opc.tcp://169.254.169.254:80'] | access_denied
                    reader      | findServers | ['URL']                         | ok
                    reader      | findServers | ['opc.tcp://169.254.169.254:80'] | access_denied
                    reader      | nonsense    | []                              | forbidden_method
                    writer      | write       | ['ns=2;s=Scalars/Int32',7,6]    | ok
                    writer      | write       | ['nsu=urn:opcuasm:simulator;s=Scalars/Int32',7,6] | ok
                    writer      | write       | ['ns=2;s=Arrays/Int32',[7],6]   | access_denied
                    writer      | write       | [{'ns':2,'id':'Arrays/Int32','type':'string'},[7],6] | access_denied
                    writer      | write       | ['nsu=urn:none;s=Scalars/Int32',7,6] | access_denied
                    writer      | write       | ['i=2258',7,6]                  | access_denied
                    writer      | writeMulti  | [[{'nodeId':'ns=2;s=Scalars/Int32','value':1,'type':6}]] | ok
                    writer      | write       | []                              | invalid_argument
                    writer      | call        | ['ns=2;s=Methods','ns=2;s=Methods/Nothing'] | access_denied
                    by-uri      | write       | ['ns=2;s=Scalars/Int32',7,6]    | ok
                    by-uri      | write       | ['ns=2;s=Scalars/Byte',7,3]     | access_denied
                    by-uri      | write       | ['ns=1;s=Scalars/Int32',7,6]    | access_denied
                    caller      | call        | ['ns=2;s=Methods','ns=2;s=Methods/Nothing'] | ok
                    caller      | call        | ['i=2253','ns=2;s=Methods/Nothing'] | access_denied
                    caller      | call        | ['ns=2;s=Methods','i=11492']    | access_denied
                    caller      | write       | ['ns=2;s=Scalars/Int32',7,6]    | access_denied
                    caller-of-nothing | read  | ['ns=2;s=Scalars/Int32']        | access_denied
                    caller-of-nothing | call  | ['ns=2;s=Methods','ns=2;s=Methods/Nothing'] | access_denied
                    range       | read        | ['ns=2;s=Scalars/Int32']        | ok
                    admin       | read        | ['ns=2;s=Scalars/Int32']        | access_denied
                    elsewhere   | read        | ['ns=2;s=Scalars/Int32']        | session_not_found
                    expired     | read        | ['ns=2;s=Scalars/Int32']        | auth_failed
                    nobody      | read        | ['ns=2;s=Scalars/Int32']        | auth_failed
                    all-powerful | write      | ['ns=2;s=Scalars/Int32',7,6]    | ok
                    all-powerful | call       | ['ns=2;s=Methods','ns=2;s=Methods/Nothing'] | ok
                    all-powerful | trustCertificate | ['AAAA']                  | invalid_argument
                    """)
    void aMethodNeedsItsScopeOnItsNodes(String who, String method, String params, String expected) throws Exception {
        String session = SESSIONS.containsKey(who) ? sessionOf(who) : sessionOf(ALL_POWERFUL);
        String parameters = params.replace("URL", daemon.simulator.endpointUrl());

        assertThat(outcome(daemon.ask(as(who, query(session, method, parameters)))))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}: {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
                    reader      | {'command':'list'}                            | ok
                    admin       | {'command':'list'}                            | ok
                    admin       | {'command':'open','endpointUrl':'URL'}        | access_denied
                    elsewhere   | {'command':'open','endpointUrl':'URL'}        | access_denied
                    elsewhere   | {'command':'query','method':'getEndpoints','endpointUrl':'URL'} | access_denied
                    elsewhere   | {'command':'query','method':'findServers','endpointUrl':'URL'} | access_denied
                    reader      | {'command':'query','method':'findServers','endpointUrl':'URL'} | ok
                    reader      | {'command':'query','method':'findServers','endpointUrl':'opc.tcp://169.254.169.254:80'} | access_denied
                    nobody      | {'command':'stats'}                           | auth_failed
                    caller      | {'command':'stats'}                           | ok
                    elsewhere   | {'command':'open','endpointUrl':'nonsense'}   | ConfigurationException
                    admin       | {'command':'open','endpointUrl':'nonsense'}   | access_denied
                    range       | {'command':'open','endpointUrl':'URL'}        | ok
                    range       | {'command':'open','endpointUrl':'NAMED'}      | ok
                    other-range | {'command':'open','endpointUrl':'URL'}        | access_denied
                    other-range | {'command':'open','endpointUrl':'NAMED'}      | access_denied
                    other-range | {'command':'query','method':'getEndpoints','endpointUrl':'NAMED'} | access_denied
                    reader      | {'command':'open','endpointUrl':'opc.tcp://169.254.169.254:4840'} | access_denied
                    reader      | {'command':'open','endpointUrl':'opc.tcp://[::ffff:169.254.169.254]:4840'} | access_denied
                    reader      | {'command':'open','endpointUrl':'opc.tcp://[fe80::1]:4840'} | access_denied
                    reader      | {'command':'query','method':'getEndpoints','endpointUrl':'opc.tcp://255.255.255.255:4840'} | access_denied
                    reader      | {'command':'query','method':'getEndpoints','endpointUrl':'URL'} | ok
                    acceptor    | {'command':'open','endpointUrl':'URL','config':{'autoAccept':true}} | access_denied
                    acceptor    | {'command':'open','endpointUrl':'URL','config':{'autoAccept':false}} | ok
                    acceptor    | {'command':'open','endpointUrl':'URL','config':{'autoAcceptForce':true}} | access_denied
                    acceptor    | {'command':'open','endpointUrl':'URL','config':{'autoAccept':true,'trustStorePath':'STORE'}} | ok
                    all-powerful | {'command':'open','endpointUrl':'URL','config':{'autoAccept':true,'autoAcceptForce':true}} | ok
                    admin-here  | {'command':'open','endpointUrl':'URL','config':{'autoAccept':true}} | ok
                    admin       | {'command':'close','sessionId':'x'}           | access_denied
                    reader      | {'command':'close','sessionId':'x'}           | session_not_found
                    reader      | {'command':'describe','sessionId':'x'}        | session_not_found
                    reader      | {'command':'invoke','sessionId':'x','method':'nonsense','args':[]} | session_not_found
                    admin       | {'command':'invoke','sessionId':'x','method':'nonsense','args':[]} | access_denied
                    reader      | {'command':'explain','action':'read'}         | ok
                    reader      | {'command':'explain','action':'read','as':'token:admin'} | access_denied
                    admin       | {'command':'explain','action':'read','as':'token:reader'} | ok
                    admin       | {'command':'explain','action':'read','as':'reader'} | invalid_argument
                    admin       | {'command':'trust','action':'list'}           | ok
                    admin       | {'command':'trust','action':'add','certificate':'AAAA'} | invalid_argument
                    admin       | {'command':'trust','action':'nonsense'}       | invalid_argument
                    admin       | {'command':'trust'}                           | invalid_argument
                    admin       | {'command':'certificate','action':'show'}     | ok
                    admin       | {'command':'certificate'}                     | invalid_argument
                    writer      | {'command':'trust','action':'list'}           | access_denied
                    writer      | {'command':'certificate','action':'show'}     | access_denied
                    admin       | {'command':'explain','action':'nonsense'}     | invalid_argument
                    admin       | {'command':'nonsense'}                        | unknown_command
                    nobody      | {'command':'nonsense'}                        | auth_failed
                    reader      | {'command':'ping'}                            | ok
                    """)
    void aCommandNeedsItsScopeOnItsServer(String who, String request, String expected) throws Exception {
        String url = daemon.simulator.endpointUrl();

        assertThat(outcome(daemon.ask(as(
                        who,
                        request.replace("URL", url)
                                .replace("STORE", directory.resolve("store").toString())
                                .replace("NAMED", url.replace("127.0.0.1", "localhost"))))))
                .isEqualTo(expected);
    }

    @Test
    void oneForbiddenNodeRefusesAllAndNothingIsSent() throws Exception {
        daemon.simulator.clearWrites();
        String items = "[[{'nodeId':'ns=2;s=Scalars/Int32','value':1,'type':6},"
                + "{'nodeId':'ns=2;s=Types/Duration','value':1,'type':11}]]";

        JsonValue.Obj error = (JsonValue.Obj) member(
                daemon.ask(as("writer", query(sessionOf("writer"), "writeMulti", items))), "error");

        assertThat(text(error, "type")).isEqualTo("access_denied");
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
        assertThat(text(error, "message"))
                .contains("writeMulti of ns=2;s=Types/Duration", "token:writer", "token writer is not for")
                .doesNotContain("s3cret");
        assertThat(daemon.simulator.writeCount()).isZero();
    }

    @Test
    void statsTellOfOnesOwnSessionsAndOfAllToAnAdministrator() throws Exception {
        assertThat(inStats("reader")).contains(sessionOf("reader")).doesNotContain(sessionOf("writer"));
        assertThat(inStats("caller-of-nothing")).doesNotContain(sessionOf("reader"));
        assertThat(inStats("admin")).contains(sessionOf("reader"), sessionOf("writer"));
        assertThat(inStats(ALL_POWERFUL)).contains(sessionOf("reader"), sessionOf("writer"));
    }

    private static String inStats(String who) throws Exception {
        return data(who, "{'command':'stats'}").toString();
    }

    @Test
    void anothersSessionCannotBeToldFromNone() throws Exception {
        String foreign = sessionOf("writer");

        for (String method : List.of("query", "invoke", "describe", "close")) {
            String request = "{'command':'" + method + "','method':'read','params':['i=85'],'args':[],'sessionId':'";
            JsonValue.Obj theirs = daemon.ask(as("reader", request + foreign + "'}"));
            JsonValue.Obj none = daemon.ask(as("reader", request + UNKNOWN_SESSION + "'}"));

            assertThat(outcome(theirs)).isEqualTo("session_not_found");
            assertThat(theirs.toString().replace(foreign, UNKNOWN_SESSION)).isEqualTo(none.toString());
        }
        assertThat(outcome(daemon.ask(as("writer", query(foreign, "read", "['i=2258']")))))
                .isEqualTo("ok");
        assertThat(outcome(daemon.ask(as(ALL_POWERFUL, query(foreign, "read", "['i=2258']")))))
                .isEqualTo("ok");
    }

    @Test
    void listsAndCountsShowOnesOwnHandlesOnly() throws Exception {
        assertThat(ids("reader")).containsExactly(sessionOf("reader"));
        assertThat(ids("admin")).containsAll(SESSIONS.values());
        assertThat(ids("admin-here")).doesNotContainAnyElementsOf(SESSIONS.values());
        assertThat(ids(ALL_POWERFUL)).containsAll(SESSIONS.values());
        assertThat(member((JsonValue.Obj) data("reader", "{'command':'ping'}"), "sessions"))
                .hasToString("1");
    }

    @Test
    void ratesAreKeptAndSayWhenToComeBack() throws Exception {
        String session = sessionOf("slow-writer");
        daemon.simulator.clearWrites();
        assertThat(outcome(daemon.ask(as("slow-writer", query(session, "write", WRITE_INT32)))))
                .isEqualTo("ok");

        JsonValue.Obj error =
                (JsonValue.Obj) member(daemon.ask(as("slow-writer", query(session, "write", WRITE_INT32))), "error");

        assertThat(text(error, "type")).isEqualTo("rate_limited");
        assertThat(text(error, "outcome")).isEqualTo("not_sent");
        assertThat(((JsonValue.Num) member(error, "retryAfterMs")).decimal().longValue())
                .isBetween(3_000_000L, 3_600_000L);
        assertThat(outcome(daemon.ask(as("slow-writer", query(session, "read", "['ns=2;s=Scalars/Int32']")))))
                .isEqualTo("ok");
        assertThat(outcome(daemon.ask(as("slow-opener", open(daemon.simulator.endpointUrl())))))
                .isEqualTo("ok");
        assertThat(outcome(daemon.ask(as("slow-opener", open(daemon.simulator.endpointUrl())))))
                .isEqualTo("rate_limited");
    }

    @Test
    void anExplanationIsWhatHappens() throws Exception {
        JsonValue.Obj denied = (JsonValue.Obj) data(
                "admin",
                "{'command':'explain','as':'token:writer','action':'write','nodeId':'ns=2;s=Arrays/Int32',"
                        + "'endpointUrl':'" + daemon.simulator.endpointUrl() + "'}");
        JsonValue.Obj allowed = (JsonValue.Obj) data(
                "writer",
                "{'command':'explain','action':'write','nodeId':'nsu=urn:opcuasm:simulator;s=Scalars/Byte','sessionId':'"
                        + sessionOf("writer") + "'}");
        JsonValue.Obj metadata = (JsonValue.Obj)
                data(
                        "admin",
                        "{'command':'explain','as':'token:reader','action':'open','endpointUrl':'opc.tcp://169.254.169.254:1'}");

        assertThat(member(denied, "allowed")).isEqualTo(new JsonValue.Bool(false));
        assertThat(member(denied, "reasons").toString()).contains("token writer is not for ns=2;s=Arrays/Int32");
        assertThat(member(allowed, "allowed")).isEqualTo(new JsonValue.Bool(true));
        assertThat(text(allowed, "rule")).isEqualTo("token writer");
        assertThat(text(metadata, "rule")).contains("cloud metadata");
    }

    @Test
    void aTokenThatIsTakenAwayOpensNothingAnyMoreNotEvenOnItsConnection() throws Exception {
        token("guest", "read", "*", "*", Map.of());
        assertThat(outcome(daemon.ask(as("guest", "{'command':'list'}")))).isEqualTo("auth_failed");
        daemon.reload();
        try (Socket kept =
                new Socket(daemon.endpoint().address(), daemon.endpoint().port())) {
            assertThat(line(kept, "{'id':1,'command':'hello','authToken':'guest'}"))
                    .contains("\"protocol\":2");
            assertThat(line(kept, "{'id':2,'command':'list'}")).contains("\"count\":0");

            new TokensFile(tokens).remove("guest");
            daemon.reload();

            assertThat(line(kept, "{'id':3,'command':'list'}")).contains("auth_failed");
            assertThat(kept.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aWrongTokensFileLeavesTheTokensAsTheyWere() throws Exception {
        String before = Files.readString(tokens);
        try {
            Files.writeString(tokens, "nonsense\n");

            daemon.reload();

            assertThat(outcome(daemon.ask(as("reader", "{'command':'list'}")))).isEqualTo("ok");
        } finally {
            Files.writeString(tokens, before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'id':1,'command':'list','authToken':'guess'}", "{'id':1,'command':'list'}"})
    void aConnectionIsGoodForOneGuess(String guess) throws Exception {
        try (Socket peer =
                new Socket(daemon.endpoint().address(), daemon.endpoint().port())) {
            peer.setSoTimeout(30_000);
            String right = "{'id':2,'command':'list','authToken':'reader'}";

            peer.getOutputStream()
                    .write((guess + "\n" + right + "\n").replace('\'', '"').getBytes(StandardCharsets.UTF_8));

            assertThat(new String(peer.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("\"id\":1", "auth_failed")
                    .doesNotContain("\"id\":2");
        }
    }

    @Test
    void aRightTokenWaitsForNoGuesser() throws Exception {
        Socket[] guessers = new Socket[8];
        try {
            for (int i = 0; i < guessers.length; i++) {
                guessers[i] = new Socket(
                        daemon.endpoint().address(), daemon.endpoint().port());
                guessers[i].setSoTimeout(30_000);
                send(guessers[i], "{'command':'list','authToken':'guess " + i + "'}");
            }

            assertThat(outcome(daemon.ask(as("reader", "{'command':'list'}")))).isEqualTo("ok");
            for (Socket guesser : guessers) {
                assertThat(new String(guesser.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("{\"success\":false,\"error\":{\"type\":\"auth_failed\","
                                + "\"message\":\"Invalid or missing auth token\"}}\n");
            }
        } finally {
            for (Socket guesser : guessers) {
                if (guesser != null) {
                    guesser.close();
                }
            }
        }
    }

    private static void token(String name, String scopes, String endpoint, String node, Map<String, String> rate)
            throws Exception {
        new TokensFile(tokens)
                .add(new NamedToken(
                        name,
                        TokensFile.sha256(name),
                        Grant.of(List.of(scopes.split(" ")), List.of(endpoint), List.of(node), rate),
                        null));
    }

    private static String sessionOf(String who) {
        return Objects.requireNonNull(SESSIONS.get(who));
    }

    private static String open(String url) {
        return "{'command':'open','endpointUrl':'" + url + "'}";
    }

    private static String as(String who, String request) {
        return request.replaceFirst("\\{", "{'authToken':'" + who + "',");
    }

    private static JsonValue data(String who, String request) throws Exception {
        return daemon.data(as(who, request));
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        return Objects.requireNonNull(object.members().get(name), () -> name + " of " + object);
    }

    private static List<String> ids(String who) throws Exception {
        return Objects.requireNonNull(member((JsonValue.Obj) data(who, "{'command':'list'}"), "sessions")
                        .asArray())
                .stream()
                .map(session -> text((JsonValue.Obj) session, "id"))
                .toList();
    }

    private static void send(Socket socket, String request) throws Exception {
        socket.getOutputStream().write((request.replace('\'', '"') + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String line(Socket socket, String request) throws Exception {
        socket.setSoTimeout(30_000);
        send(socket, request);
        StringBuilder line = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c >= 0 && c != '\n';
                c = socket.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /** Its error's type, or ok. */
    static String outcome(JsonValue.Obj answer) {
        return answer.get("error") instanceof JsonValue.Obj error ? text(error, "type") : "ok";
    }
}
