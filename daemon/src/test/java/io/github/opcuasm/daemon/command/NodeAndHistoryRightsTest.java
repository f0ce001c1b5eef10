package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.access.NamedToken;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever is limited to some nodes adds, deletes and rewrites only these; and what is changed is recorded. */
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class NodeAndHistoryRightsTest {
    private static final String FOLDER =
            "'referenceTypeId':'i=35','browseName':'2:R','nodeClass':1," + "'typeDefinition':'i=61','parentNodeId':";
    private static final String LINK = "'referenceTypeId':'i=35','targetNodeClass':1,'sourceNodeId':";
    private static final String VALUE = ",[{'value':1,'type':11,'sourceTimestamp':'2026-03-01T00:00:00Z'}]]";

    @TempDir
    private static Path directory;

    private static RunningDaemon daemon;
    private static String session;
    private static String readers;

    @BeforeAll
    static void start() throws Exception {
        Path tokens = directory.resolve("tokens");
        token(tokens, "limited", "read write", "ns=2;s=Managed*");
        token(tokens, "reader", "read", "*");
        daemon = new RunningDaemon(options -> options.tokensFile(tokens).auditLog(log()));
        session = open("limited");
        readers = open("reader");
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            limited | addNodes         | [[{FOLDER'ns=2;s=Managed'}]]                                             | ok
            limited | addNodes         | [[{FOLDER'i=85'}]]                                                       | access_denied
            limited | addNodes         | [[{FOLDER'ns=2;s=Managed','requestedNewNodeId':'ns=2;s=Methods/Mine'}]]  | access_denied
            limited | addNodes         | [[{FOLDER'ns=2;s=Managed'},{FOLDER'i=85'}]]                              | access_denied
            limited | deleteNodes      | [[{'nodeId':'ns=2;s=Managed/None'}]]                                     | ok
            limited | deleteNodes      | [[{'nodeId':'ns=2;s=Scalars/Int32'}]]                                    | access_denied
            limited | addReferences    | [[{LINK'ns=2;s=Managed','targetNodeId':'ns=2;s=Managed/None'}]]          | ok
            limited | addReferences    | [[{LINK'ns=2;s=Managed','targetNodeId':'i=85'}]]                         | access_denied
            limited | addReferences    | [[{LINK'i=85','targetNodeId':'ns=2;s=Managed'}]]                         | access_denied
            limited | deleteReferences | [[{LINK'i=85','targetNodeId':'ns=2;s=Managed'}]]                         | access_denied
            limited | historyInsertData | ['ns=2;s=History/Editable'VALUE                                         | access_denied
            limited | historyDeleteRawModified | ['ns=2;s=History/Editable','2026-03-01T00:00:00Z','2026-03-02T00:00:00Z'] | access_denied
            limited | historyDeleteEvent | ['ns=2;s=Events/History',['YQ==']]                                     | access_denied
            reader  | addNodes         | [[{FOLDER'ns=2;s=Managed'}]]                                             | access_denied
            reader  | historyInsertData | ['ns=2;s=History/Editable'VALUE                                         | access_denied
            reader  | historyReadModified | ['ns=2;s=History/Editable','2026-03-01T00:00:00Z','2026-03-02T00:00:00Z'] | ok
            reader  | historyReadEvents | ['ns=2;s=Events/History','2026-03-01T00:00:00Z','2026-03-02T00:00:00Z'] | ok
            """)
    void nodesThatAreTouchedAreJudged(String who, String method, String params, String expected) throws Exception {
        String given = params.replace("FOLDER", FOLDER).replace("LINK", LINK).replace("VALUE", VALUE);

        JsonValue.Obj answer = daemon.ask(as(who, invoke(who.equals("reader") ? readers : session, method, given)));

        JsonValue.Obj error = StrictPeer.error(answer);
        assertThat(error == null ? "ok" : text(error, "type"))
                .as(answer.toString())
                .isEqualTo(expected);
    }

    @Test
    void changesOfNodesAreRecordedWithAllThatTheyTouch() throws Exception {
        daemon.ask(as(
                "limited",
                invoke(
                        session,
                        "addNodes",
                        "[[{" + FOLDER + "'ns=2;s=Managed','requestedNewNodeId':'ns=2;s=Managed/Audited'},{" + FOLDER
                                + "'ns=2;s=Managed/Nowhere'}]]")));
        daemon.ask(as(
                "limited",
                invoke(
                        session,
                        "addReferences",
                        "[[{" + LINK + "'ns=2;s=Managed/Audited','targetNodeId':'ns=2;s=Managed/Elsewhere'}]]")));

        List<JsonValue.Obj> added = entries("ns=2;s=Managed/Audited\", \"ns=2;s=Managed/Nowhere");
        List<JsonValue.Obj> referred = entries("ns=2;s=Managed/Elsewhere");
        assertThat(added).singleElement().satisfies(entry -> {
            assertThat(text(entry, "event")).isEqualTo("nodeManagement");
            assertThat(entry.get("targets"))
                    .hasToString("[\"ns=2;s=Managed\", \"ns=2;s=Managed/Audited\", \"ns=2;s=Managed/Nowhere\"]");
        });
        assertThat(referred).singleElement().satisfies(entry -> {
            assertThat(text(entry, "event")).isEqualTo("nodeManagement");
            assertThat(entry.get("targets")).hasToString("[\"ns=2;s=Managed/Audited\", \"ns=2;s=Managed/Elsewhere\"]");
        });
        assertThat(String.valueOf(resultOf(added.get(0)).get("status"))).contains("Bad_ParentNodeIdInvalid");
    }

    @Test
    void changesOfHistoryAreRecordedWithTheirNodeAndResults() throws Exception {
        Path tokens = directory.resolve("tokens");
        token(tokens, "historian", "read write", "ns=2;s=History/Editable");
        daemon.reload();
        String own = open("historian");

        daemon.ask(as("historian", invoke(own, "historyInsertData", "['ns=2;s=History/Editable'" + VALUE)));

        List<JsonValue.Obj> entries = entries("ns=2;s=History/Editable");
        assertThat(entries)
                .singleElement()
                .satisfies(entry -> assertThat(text(entry, "event")).isEqualTo("historyUpdate"));
        assertThat(String.valueOf(resultOf(entries.get(0)).get("status"))).contains("Good (0x00000000)");
    }

    private static Path log() {
        return directory.resolve("audit.log");
    }

    private static void token(Path tokens, String name, String scopes, String node) throws Exception {
        new TokensFile(tokens)
                .add(new NamedToken(
                        name,
                        TokensFile.sha256(name),
                        Grant.of(List.of(scopes.split(" ")), List.of("*"), List.of(node), Map.of()),
                        null));
    }

    private static String open(String who) throws Exception {
        return text(
                (JsonValue.Obj) daemon.data(
                        as(who, "{'command':'open','endpointUrl':'" + daemon.simulator.endpointUrl() + "'}")),
                "sessionId");
    }

    private static String as(String who, String request) {
        return request.replaceFirst("\\{", "{'authToken':'" + who + "',");
    }

    /** The attempts that name this among their targets. */
    private static List<JsonValue.Obj> entries(String target) throws IOException {
        return lines().stream()
                .filter(entry -> text(entry, "phase").equals("attempt"))
                .filter(entry -> String.valueOf(entry.get("targets")).contains(target))
                .toList();
    }

    /** An answer does not wait for the record of its result. */
    private static JsonValue.Obj resultOf(JsonValue.Obj attempt) {
        return await().until(
                        () -> lines().stream()
                                .filter(entry -> text(entry, "phase").equals("result"))
                                .filter(entry -> text(entry, "id").equals(text(attempt, "id")))
                                .toList(),
                        found -> found.size() == 1)
                .get(0);
    }

    private static List<JsonValue.Obj> lines() throws IOException {
        List<JsonValue.Obj> entries = new ArrayList<>();
        for (String line : Files.readAllLines(log())) {
            byte[] json = line.getBytes(StandardCharsets.UTF_8);
            entries.add((JsonValue.Obj) JsonReader.readValue(json, 0, json.length));
        }
        return entries;
    }
}
