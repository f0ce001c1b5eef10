package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.daemon.command.StrictPeer.kept;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every odd value that a server can have, on every way to a peer: as JSON knows neither NaN nor bytes, nor whole numbers
 * beyond those of its readers, each answer is read by a strict reader ({@link StrictPeer}).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class NoInvalidJsonTest {
    private static final int WAYS = 3;

    /** Part 6, 5.1.6: no Variant directly in a Variant. It fails the whole answer. */
    private static final String UNDECODABLE = "Raw/VariantInVariant";

    private static final JsonValue.Obj NOTHING = new JsonValue.Obj(Map.of());

    private RunningDaemon daemon;
    private StrictPeer numbers;
    private StrictPeer strings;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
        numbers = new StrictPeer(daemon);
        strings = new StrictPeer(daemon);
        StrictPeer.data(strings.askKept("{'id':0,'command':'hello','int64':'string'}"));
    }

    @AfterAll
    void stop() throws Exception {
        numbers.close();
        strings.close();
        daemon.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"OddScalars", "Raw", "Arrays", "Structures", "Types", "Quality", "Access", "Ids"})
    void oddValuesAreReadAsOneJsonObject(String folder) throws Exception {
        List<String> nodes = nodes(folder);
        List<String> items = new ArrayList<>();

        for (String node : nodes) {
            JsonValue.Obj read = everyWay("read", "[" + node + "]").get(0);
            assertThat(StrictPeer.error(read) != null).as(node).isEqualTo(node.contains(UNDECODABLE));
            everyWay("historyReadRaw", "[" + node + ",null,'2036-01-01T00:00:00Z',3]");
            if (!node.contains(UNDECODABLE)) {
                items.add("{'nodeId':" + node + "}");
            }
            items.add("{'nodeId':" + node + ",'attributeId':14}");
        }
        List<JsonValue.Obj> answers = everyWay("readMulti", "[[" + String.join(",", items) + "]]");

        for (JsonValue.Obj answer : answers) {
            assertThat(elements(StrictPeer.data(answer))).hasSize(items.size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OddScalars", "Raw", "Arrays", "Structures", "Types"})
    void oddValuesComeBackFromMethodsAsOneJsonObject(String folder) throws Exception {
        int echoed = 0;
        List<String> nodes = nodes(folder);

        for (String node : nodes) {
            JsonValue.Obj answered = numbers.askKept(kept(query(session, "read", "[" + node + "]")));
            JsonValue.Obj read =
                    StrictPeer.error(answered) == null ? (JsonValue.Obj) StrictPeer.data(answered) : NOTHING;
            String params = "['ns=2;s=Methods','ns=2;s=Methods/Echo',[VARIANT]]";
            Map<String, JsonValue> variant = new LinkedHashMap<>();
            for (String member : List.of("type", "value", "dimensions")) {
                variant.put(member, read.members().getOrDefault(member, JsonValue.Null.INSTANCE));
            }
            for (StrictPeer peer : List.of(numbers, strings)) {
                for (boolean invoked : new boolean[] {false, true}) {
                    String request = invoked ? invoke(session, "call", params) : query(session, "call", params);
                    JsonValue.Obj answer = peer.askKeptAsWritten(
                            kept(request).replace('\'', '"').replace("VARIANT", json(new JsonValue.Obj(variant))));
                    echoed += StrictPeer.error(answer) == null ? 1 : 0;
                }
            }
        }

        assertThat(echoed).as("answers of %s that are no error", folder).isGreaterThan(2 * nodes.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"OddScalars", "Raw", "Arrays", "Structures", "Types", "Quality"})
    void oddValuesAreNotifiedAsOneJsonObject(String folder) throws Exception {
        List<String> nodes = nodes(folder);
        for (boolean invoked : new boolean[] {false, true}) {
            for (int way = 0; way < WAYS; way++) {
                String subscription = subscribe(nodes);
                Set<String> notified = new LinkedHashSet<>();

                // Each message brings at least one of the values, all of which are there from the start.
                for (int i = 0; i < nodes.size() && notified.size() < nodes.size(); i++) {
                    String params = "[[],[" + subscription + "],20000]";
                    String request = invoked ? invoke(session, "publish", params) : query(session, "publish", params);
                    notified.addAll(handles(StrictPeer.data(answer(way, request))));
                }
                StrictPeer.data(numbers.askKept(kept(query(session, "deleteSubscription", "[" + subscription + "]"))));

                assertThat(notified).hasSameSizeAs(nodes);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "OddScalars/DoubleNaN | \"NaN\" | \"NaN\"",
                "OddScalars/FloatNaN | \"NaN\" | \"NaN\"",
                "Raw/FloatNaNPayload | \"NaN\" | \"NaN\"",
                "OddScalars/DoubleInfinity | \"Infinity\" | \"Infinity\"",
                "OddScalars/FloatNegativeInfinity | \"-Infinity\" | \"-Infinity\"",
                "OddScalars/NegativeZero | -0.0 | -0.0",
                "OddScalars/UInt64Max | 18446744073709551615 | \"18446744073709551615\"",
                "OddScalars/UInt64AboveInt64 | 9223372036854775808 | \"9223372036854775808\"",
                "OddScalars/Int64Min | -9223372036854775808 | \"-9223372036854775808\"",
                "OddScalars/Int64AboveDouble | 9007199254740993 | \"9007199254740993\"",
                "OddScalars/UInt32Max | 4294967295 | 4294967295",
                "OddScalars/ByteStringNotUtf8 | \"wygA//4=\" | \"wygA//4=\"",
                "OddScalars/StringNull | null | null",
                "Raw/StringLoneSurrogate | \"A\uFFFDB\" | \"A\uFFFDB\"",
                "Raw/DiagnosticInfo | null | null",
                "Raw/DateTimeZero | null | null",
            })
    void whatJsonHasNoFormForHasTheFormOfTheProtocol(String node, String asNumber, String asString) throws Exception {
        String request = query(session, "read", "['ns=2;s=" + node + "']");

        JsonValue.Obj first = (JsonValue.Obj) StrictPeer.data(numbers.ask(request));
        JsonValue.Obj number = (JsonValue.Obj) StrictPeer.data(numbers.askKept(kept(request)));
        JsonValue.Obj string = (JsonValue.Obj) StrictPeer.data(strings.askKept(kept(request)));

        assertThat(json(value(first))).isEqualTo(asNumber);
        assertThat(json(value(number))).isEqualTo(asNumber);
        assertThat(json(value(string))).isEqualTo(asString);
    }

    /** Half of a character has no UTF-8: what a message repeats of a request must not bring it back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'command':'X'}",
                "{'command':'query','sessionId':'X','method':'read'}",
                "{'command':'query','sessionId':S,'method':'X'}",
                "{'command':'query','sessionId':S,'method':'read','params':'X'}",
                "{'command':'query','sessionId':S,'method':'read','params':['X']}",
                "{'command':'query','sessionId':S,'method':'read','params':['ns=2;s=X']}",
                "{'command':'query','sessionId':S,'method':'read','params':[{'ns':2,'id':'X','type':'string'}]}",
                "{'command':'query','sessionId':S,'method':'read','params':[{'ns':2,'id':'x','type':'X'}]}",
                "{'command':'query','sessionId':S,'method':'read','params':['nsu=X;s=x']}",
                "{'command':'query','sessionId':S,'method':'resolveNodeId','params':['/X']}",
                "{'command':'query','sessionId':S,'method':'browseNext','params':['X']}",
                "{'command':'query','sessionId':S,'method':'getEndpoints','params':['X']}",
                "{'command':'query','sessionId':S,'method':'getEndpoints','params':['opc.tcp://X:1']}",
                "{'command':'query','sessionId':S,'method':'write','params':['ns=2;s=Scalars/Int32','X']}",
                "{'command':'query','sessionId':S,'method':'write','params':['ns=2;s=Scalars/String','X']}",
                "{'command':'query','sessionId':S,'method':'write','params':['ns=2;s=Structures/Point',{'X':1}]}",
                "{'command':'query','sessionId':S,'method':'call','params':"
                        + "['ns=2;s=Methods','ns=2;s=Methods/Echo',[{'type':12,'value':'X'}]]}",
                "{'command':'query','sessionId':S,'method':'historyReadRaw','params':['i=1','X']}",
                "{'command':'query','sessionId':S,'method':'trustCertificate','params':['X']}",
                "{'command':'query','sessionId':S,'method':'untrustCertificate','params':['X']}",
                "{'command':'invoke','sessionId':S,'method':'X'}",
                "{'command':'invoke','sessionId':S,'method':'read','args':[{'__t':'X'}]}",
                "{'command':'invoke','sessionId':S,'method':'read','args':[{'X':{'__t':'Nope'}}]}",
                "{'command':'invoke','sessionId':S,'method':'read','args':[{'__t':'NodeId','v':'X'}]}",
                "{'command':'open','endpointUrl':'X'}",
                "{'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1/X'}",
                "{'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1','config':{'securityPolicy':'X'}}",
                "{'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1','config':{'clientCertPath':'X','clientKeyPath':'X'}}",
                "{'command':'hello','int64':'X'}",
                "{'X':'X'}",
            })
    void halvesOfCharactersNeverComeBack(String request) throws Exception {
        for (String half : List.of("\\ud800", "\\udfff", "a\\ud83d", "\\udeb0\\ud83d", "\\u0000\\ud800\\u001f")) {
            String written = request.replace("S,", "'" + session + "',").replace("X", half);

            JsonValue.Obj first = numbers.ask(written);
            try (StrictPeer once = new StrictPeer(daemon)) {
                JsonValue.Obj second = once.askKept(kept(written));

                assertThat(second.get("success")).isEqualTo(first.get("success"));
            }
        }
    }

    /** The same request by both commands, in both protocols, with 64-bit numbers in both forms. */
    private List<JsonValue.Obj> everyWay(String method, String params) throws IOException {
        List<JsonValue.Obj> answers = new ArrayList<>();
        for (String request : List.of(query(session, method, params), invoke(session, method, params))) {
            for (int way = 0; way < WAYS; way++) {
                answers.add(answer(way, request));
            }
        }
        JsonValue success = answers.get(0).get("success");
        for (JsonValue.Obj answer : answers) {
            assertThat(answer.get("success")).as(method + params).isEqualTo(success);
        }
        return answers;
    }

    /** In protocol 1, in protocol 2, and there with 64-bit numbers as strings. */
    private JsonValue.Obj answer(int way, String request) throws IOException {
        return way == 0 ? numbers.ask(request) : (way == 1 ? numbers : strings).askKept(kept(request));
    }

    private String subscribe(List<String> nodes) throws IOException {
        JsonValue.Obj created = (JsonValue.Obj)
                StrictPeer.data(numbers.askKept(kept(query(session, "createSubscription", "[50,2400,10,20]"))));
        String subscription =
                Objects.requireNonNull(created.get("subscriptionId")).toString();
        List<String> items = new ArrayList<>();
        for (String node : nodes) {
            items.add("{'nodeId':" + node + ",'clientHandle':" + (items.size() + 1) + "}");
        }
        String params = "[" + subscription + ",[" + String.join(",", items) + "]]";
        StrictPeer.data(numbers.askKept(kept(query(session, "createMonitoredItems", params))));
        return subscription;
    }

    /** The client handles of the notifications in an answer. */
    private static List<String> handles(JsonValue data) {
        JsonValue.Obj message = (JsonValue.Obj) data;
        JsonValue.Obj result = message.get("data") instanceof JsonValue.Obj typed ? typed : message;
        JsonValue notifications = Objects.requireNonNull(
                result.get("notifications") == null ? result.get("notif") : result.get("notifications"));
        return elements(notifications).stream()
                .map(each -> Objects.requireNonNull(((JsonValue.Obj) each).get("clientHandle"))
                        .toString())
                .toList();
    }

    /** The ids of a folder's variables, as JSON with single quotes. */
    private List<String> nodes(String folder) throws IOException {
        JsonValue children = StrictPeer.data(
                numbers.askKept(kept(query(session, "browseAll", "['ns=2;s=" + folder + "',0,'i=35']"))));
        List<String> nodes = new ArrayList<>();
        for (JsonValue child : elements(children)) {
            JsonValue.Obj nodeId = (JsonValue.Obj) Objects.requireNonNull(((JsonValue.Obj) child).get("nodeId"));
            nodes.add("{'ns':" + nodeId.get("ns") + ",'id':"
                    + json(nodeId.get("id")).replace('"', '\'') + ",'type':'" + text(nodeId, "type") + "'}");
        }
        assertThat(nodes).hasSizeGreaterThan(3);
        return nodes;
    }

    private static List<JsonValue> elements(JsonValue value) {
        JsonValue plain = value instanceof JsonValue.Obj typed ? Objects.requireNonNull(typed.get("data")) : value;
        return ((JsonValue.Arr) plain).elements();
    }

    private static @Nullable JsonValue value(JsonValue.Obj dataValue) {
        return dataValue.members().get("value");
    }

    /** As JSON writes it. */
    private static String json(@Nullable JsonValue value) {
        if (value instanceof JsonValue.Arr array) {
            return array.elements().stream().map(NoInvalidJsonTest::json).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof JsonValue.Obj object) {
            return object.members().entrySet().stream()
                    .map(member -> quoted(member.getKey()) + ":" + json(member.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof JsonValue.Str text) {
            return quoted(text.value());
        }
        return value instanceof JsonValue.Num || value instanceof JsonValue.Bool ? value.toString() : "null";
    }

    private static String quoted(String text) {
        return new String(JsonEncoder.toBytes(out -> out.string(text), JsonStyle.PROTOCOL_2), StandardCharsets.UTF_8);
    }
}
