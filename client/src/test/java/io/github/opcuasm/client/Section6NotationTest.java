package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Methods of section 6 as they go over the wire: plain by query in protocol 2, typed by invoke in protocol 1. */
@Timeout(60)
final class Section6NotationTest {
    private static final NodeId NODE = NodeId.text(2, "a");
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.5Z");

    private static String text(JsonValue.Obj request, String member) {
        return request.get(member) instanceof JsonValue.Str text ? text.value() : "";
    }

    /** @param result as invoke gives it in protocol 1, as query does in protocol 2 */
    private static ScriptedDaemon daemon(ProtocolVersion protocol, String result) throws IOException {
        return new ScriptedDaemon((id, request, peer) -> {
            boolean opens = text(request, "command").equals("open");
            String data = opens ? "{\"sessionId\":\"1\",\"reused\":false}" : result;
            if (protocol == ProtocolVersion.TWO) {
                peer.succeed(id, data);
            } else {
                peer.answerAndClose("{\"success\":true,\"data\":" + (opens ? data : "{\"data\":" + data + "}") + "}");
            }
        });
    }

    private static ManagedClient connected(ScriptedDaemon daemon) {
        ManagedClient client = ManagedClient.builder().socket(daemon.endpoint()).build();
        client.connect("opc.tcp://plc:4840");
        return client;
    }

    /** The parameters of the last request, and by which command it came. */
    private static String sent(ScriptedDaemon daemon) {
        JsonValue.Obj request = daemon.requests().get(daemon.requests().size() - 1);
        boolean typed = text(request, "command").equals("invoke");
        return text(request, "command") + " " + text(request, "method")
                + Json.text(Objects.requireNonNull(request.get(typed ? "args" : "params")));
    }

    @Test
    void protocol2HasThemByQueryInPlainShapesWithAllDigitsOfTimes() throws Exception {
        try (var daemon = daemon(ProtocolVersion.TWO, "[0]");
                var client = connected(daemon)) {

            client.historyInsertData(
                    NODE, List.of(TypedValue.of(1.5, BuiltinType.DOUBLE).at(TIME.plusNanos(100))));

            assertThat(sent(daemon))
                    .isEqualTo("query historyInsertData[{\"ns\":2,\"id\":\"a\",\"type\":\"string\"},[{\"type\":11,"
                            + "\"value\":1.5,\"statusCode\":0,\"sourceTimestamp\":\"2026-01-02T03:04:05.500000100Z\","
                            + "\"serverTimestamp\":null}]]");
        }
    }

    @Test
    void protocol1HasThemByInvokeWithTypes() throws Exception {
        try (var daemon = daemon(ProtocolVersion.ONE, "[0]");
                var client = connected(daemon)) {

            List<?> codes = client.historyUpdateData(
                    NODE, List.of(TypedValue.of(1.5, BuiltinType.DOUBLE).at(TIME)));

            assertThat(codes).hasSize(1);
            assertThat(sent(daemon))
                    .isEqualTo(
                            "invoke historyUpdateData[{\"__t\":\"NodeId\",\"v\":\"ns=2;s=a\"},[{\"__t\":\"DataValue\","
                                    + "\"variant\":{\"__t\":\"Variant\",\"type\":{\"__t\":\"BuiltinType\",\"v\":11},\"value\":1.5,"
                                    + "\"dims\":null,\"bytesB64\":null},\"status\":0,"
                                    + "\"sourceTs\":{\"__t\":\"DateTime\",\"v\":\"2026-01-02T03:04:05.500000+00:00\"},"
                                    + "\"serverTs\":null}]]");
        }
    }

    @Test
    void aNodeToAddIsTypedThroughout() throws Exception {
        try (var daemon = daemon(
                        ProtocolVersion.ONE,
                        "[{\"__t\":\"AddNodesResult\",\"status\":0,\"added\":{\"__t\":\"NodeId\",\"v\":\"ns=2;i=7\"}}]");
                var client = connected(daemon)) {

            var added = client.addNode(NodeToAdd.property(NODE, "2:Bytes")
                    .value(Variant.scalar(BuiltinType.BYTE_STRING, ByteString.copyOf(new byte[] {1}))));

            assertThat(added.addedNodeId()).isEqualTo(NodeId.numeric(2, 7));
            assertThat(sent(daemon))
                    .startsWith("invoke addNodes[[{\"parentNodeId\":{\"__t\":\"NodeId\",\"v\":\"ns=2;s=a\"}")
                    .contains("\"browseName\":{\"__t\":\"QualifiedName\",\"ns\":2,\"n\":\"Bytes\"}")
                    .contains("\"nodeClass\":{\"__t\":\"NodeClass\",\"v\":2}")
                    .contains("\"value\":null,\"dims\":null,\"bytesB64\":\"AQ==\"}")
                    .contains("\"dataType\":{\"__t\":\"NodeId\",\"v\":\"i=15\"}");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void aggregatesAreNamedAndWithoutOptionsThereAreNone(ProtocolVersion protocol) throws Exception {
        try (var daemon = daemon(protocol, "[]");
                var client = connected(daemon)) {

            client.historyAggregate(NODE, TIME, TIME, Duration.ofMinutes(1), AggregateFunction.TIME_AVERAGE);
            String without = sent(daemon);
            client.historyAggregateAsync(
                            NODE,
                            TIME,
                            TIME,
                            Duration.ofMinutes(1),
                            AggregateFunction.AVERAGE,
                            AggregateOptions.DEFAULTS
                                    .stepped(true)
                                    .percentDataBad(20)
                                    .calculatedBy(AggregateOptions.Calculator.DAEMON))
                    .join();

            assertThat(without)
                    .endsWith(
                            protocol == ProtocolVersion.TWO
                                    ? ",60000.0,\"timeAverage\",null]"
                                    : ",60000.0,{\"__t\":\"AggregateFunction\",\"v\":\"timeAverage\"},null]");
            assertThat(sent(daemon)).endsWith(",{\"stepped\":true,\"percentDataBad\":20,\"calculatedBy\":\"daemon\"}]");
        }
    }

    @Test
    void theContentOfFilesIsBase64InProtocol2() throws Exception {
        try (var daemon = daemon(ProtocolVersion.TWO, "\"w78=\"");
                var client = connected(daemon)) {

            byte[] read = client.readFile(NODE, 4, 100);
            client.writeFileAsync(NODE, 4, new byte[] {(byte) 0xC3}).join();

            assertThat(read).containsExactly(0xC3, 0xBF);
            assertThat(sent(daemon)).endsWith(",4,\"ww==\"]");
        }
    }

    @Test
    void theContentOfFilesIsTextInProtocol1AndWhatIsNoneIsNotSent() throws Exception {
        try (var daemon = daemon(ProtocolVersion.ONE, "\"Grüße\"");
                var client = connected(daemon)) {

            byte[] read = client.readFileAsync(NODE, 4, 100).join();
            client.writeFile(NODE, 4, "Öl".getBytes(StandardCharsets.UTF_8));
            String written = sent(daemon);
            int sent = daemon.requests().size();

            assertThat(read).asString(StandardCharsets.UTF_8).isEqualTo("Grüße");
            assertThat(written).endsWith(",4,\"Öl\"]");
            assertThatThrownBy(() -> client.writeFile(NODE, 4, new byte[] {(byte) 0xC3}))
                    .isInstanceOfSatisfying(
                            RequestFailedException.Encoding.class,
                            e -> assertThat(e.outcome()).contains(Outcome.NOT_SENT));
            assertThatThrownBy(() -> client.writeFileAsync(NODE, 4, new byte[] {(byte) 0xC3})
                            .join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(RequestFailedException.Encoding.class);
            assertThat(daemon.requests()).hasSize(sent);
        }
    }

    @Test
    void eventsComeByTheirFields() throws Exception {
        try (var daemon = daemon(
                        ProtocolVersion.TWO,
                        "[[{\"type\":5,\"value\":500,\"dimensions\":null},"
                                + "{\"type\":21,\"value\":{\"locale\":null,\"text\":\"hot\"},\"dimensions\":null}]]");
                var client = connected(daemon)) {

            List<HistoricEvent> events = client.historyReadEvents(
                    EventRequest.of(NODE).select("Severity", "Message").where("Severity > 1"), TIME, TIME);

            assertThat(events).singleElement().satisfies(event -> {
                assertThat(event.field("Severity").as(int.class)).isEqualTo(500);
                assertThat(event.field("Message").as(LocalizedText.class).text())
                        .isEqualTo("hot");
                assertThatThrownBy(() -> event.field("Time")).hasMessageContaining("[Severity, Message]");
            });
            assertThat(sent(daemon)).endsWith(",0,[\"Severity\",\"Message\"],\"Severity > 1\"]");
        }
    }

    @Test
    void modifiedValuesSayHow() throws Exception {
        try (var daemon = daemon(
                        ProtocolVersion.TWO,
                        "[{\"value\":{\"value\":1.5,\"type\":11,\"dimensions\":null,\"statusCode\":0,"
                                + "\"sourceTimestamp\":null,\"serverTimestamp\":null},"
                                + "\"modificationTime\":\"2026-01-02T03:04:05.5000000+00:00\",\"updateType\":2,\"userName\":null}]");
                var client = connected(daemon)) {

            ModifiedResult modified =
                    client.historyReadModified(NODE, TIME, TIME).get(0);

            assertThat(modified.as(double.class)).isEqualTo(1.5);
            assertThat(modified.updateType()).contains(HistoryUpdateType.REPLACE);
            assertThat(modified.modificationTime()).contains(TIME);
            assertThat(modified.userName()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void aDaemonThatHasSaidNothingYetIsAskedWhatItSpeaks(ProtocolVersion protocol) throws Exception {
        try (var daemon = daemon(protocol, "{\"status\":\"ok\"}");
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
                var other = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            var calls = new QueryCalls(client);
            assertThat(calls.spoken(client.end())).isEqualTo(protocol);
            assertThat(calls.spokenAsync(client.end()).join()).isEqualTo(protocol);
            assertThat(new QueryCalls(other).spokenAsync(other.end()).join()).isEqualTo(protocol);

            assertThat(daemon.requests()).extracting(AsyncCallsTest::command).containsExactly("ping", "ping");
        }
    }

    @Test
    void aQuestionThatIsNotAnsweredLeavesTheCallUnsent() throws Exception {
        try (var daemon =
                        new ScriptedDaemon((id, request, peer) -> peer.socket().close());
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            var calls = new QueryCalls(client);

            assertThatThrownBy(() -> calls.spoken(client.end()))
                    .isInstanceOfSatisfying(
                            ConnectionLostException.class,
                            e -> assertThat(e.outcome()).contains(Outcome.NOT_SENT));
            assertThatThrownBy(() -> calls.spokenAsync(client.end()).join())
                    .cause()
                    .isInstanceOfSatisfying(
                            ConnectionLostException.class,
                            e -> assertThat(e.outcome()).contains(Outcome.NOT_SENT));
        }
    }

    @Test
    void theOrderInWhichANodeToAddIsDescribedMeansNothing() {
        NodeToAdd variable = NodeToAdd.variable(NODE, "2:V");

        Map<String, Object> second = variable.value(1.0, BuiltinType.DOUBLE)
                .value(List.of(1, 2), BuiltinType.INT32)
                .members();
        Map<String, Object> scalarAgain = variable.value(List.of(1, 2), BuiltinType.INT32)
                .value(1, BuiltinType.INT32)
                .members();

        assertThat(second).containsEntry("dataType", NodeId.numeric(0, 6)).containsEntry("valueRank", 1);
        assertThat(scalarAgain).doesNotContainKey("valueRank");
        assertThat(variable.userAccessLevel(1).accessLevel(3).members())
                .isEqualTo(variable.accessLevel(3).userAccessLevel(1).members())
                .containsEntry("userAccessLevel", 1);
        assertThat(variable.accessLevel(1).accessLevel(3).members()).containsEntry("userAccessLevel", 3);
        assertThat(variable.value(1.0, BuiltinType.DOUBLE).dataType("i=26").members())
                .isEqualTo(
                        variable.dataType("i=26").value(1.0, BuiltinType.DOUBLE).members())
                .containsEntry("dataType", NodeId.numeric(0, 26));
    }

    @Test
    void whatCannotBeRightIsRefusedBeforeItIsSent() throws Exception {
        assertThatThrownBy(() -> NodeToAdd.object(NODE, "2:O").dataType("i=11"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("dataType: got i=11 for a node of class OBJECT");
        assertThatThrownBy(() -> NodeToAdd.variable(NODE, "2:V").value(300, BuiltinType.BYTE))
                .isInstanceOf(RequestFailedException.WriteTypeMismatch.class);
        assertThatThrownBy(() -> AggregateOptions.DEFAULTS.percentDataGood(101)).hasMessageContaining("0 to 100");
        try (var daemon = daemon(ProtocolVersion.TWO, "[]");
                var client = connected(daemon)) {
            assertThatThrownBy(() -> client.openFile(NODE)).hasMessageStartingWith("modes: got none");
            assertThatThrownBy(() -> client.historyInsertEvent(NODE, List.of("Severity"), List.of(List.of())))
                    .hasMessageContaining("expected 1");
            assertThat(daemon.requests()).hasSize(1);
        }
    }

    @Test
    void aCallWithAFileHandleIsNotSentAgainOnAnotherSession() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (text(request, "command").equals("open")) {
                        peer.succeed(id, "{\"sessionId\":\"1\",\"reused\":false}");
                    } else {
                        peer.send("{\"id\":" + id
                                + ",\"success\":false,\"error\":{\"type\":\"session_not_found\",\"message\":\"m\"}}\n");
                    }
                });
                var client = connected(daemon)) {

            CompletableFuture<byte[]> read = client.readFileAsync(NODE, 1, 10);

            assertThatThrownBy(read::join).hasCauseInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThat(daemon.requests()).extracting(AsyncCallsTest::command).containsExactly("open", "query");
        }
    }
}
