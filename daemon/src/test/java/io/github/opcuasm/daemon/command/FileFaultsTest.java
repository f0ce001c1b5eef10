package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Corruption;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a server that is slow, refuses what it should do, or answers with something else. */
@SuppressWarnings({"NullAway.Init", "try"}) // Set before all tests; faults are for their scope.
final class FileFaultsTest {
    @TempDir
    static Path root;

    private static RunningDaemon daemon;

    private String session;

    @BeforeAll
    static void start() throws Exception {
        daemon = new RunningDaemon(Simulator.builder().files(root).build(), options -> options);
    }

    @AfterAll
    static void end() {
        daemon.close();
    }

    @BeforeEach
    void open() throws IOException {
        session = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
    }

    @AfterEach
    void mend() {
        daemon.simulator.faults().clear();
    }

    // Who is told "not sent" writes again.
    @Test
    void writeThatWasSentAfterAWaitMayHaveBeenDoneWhenItsTimeIsOver() throws Exception {
        Files.writeString(root.resolve("sent.txt"), "");
        long writing = handle("'ns=2;s=Files/sent.txt'", "2");
        JsonValue.Obj timedOut;
        try (PipelinedConnection peer = new PipelinedConnection(daemon);
                Fault before = daemon.simulator.faults().withholdAnswers(Service.CALL)) {
            peer.send(1, write(writing, "one "));
            await().until(() -> before.held() == 1);
            peer.send(2, "{'timeoutMs':2500," + write(writing, "two").substring(1));

            // Takes the other's place, and lets go what that held.
            Fault withheld = daemon.simulator.faults().withholdAnswers(Service.CALL);
            JsonValue.Obj first = peer.next();
            await().until(() -> withheld.held() == 1);
            timedOut = peer.next();

            assertThat(first.get("id")).hasToString("1");
        }

        assertThat(timedOut.get("id")).hasToString("2");
        assertThat(text(PipelinedConnection.error(timedOut), "outcome")).isEqualTo("unknown");
        assertThat(root.resolve("sent.txt")).hasContent("one two");
    }

    // As much time as one that did not have to wait.
    @Test
    void operationThatWaitedForItsTurnHasTheServersWholeTime() throws Exception {
        Files.writeString(root.resolve("whole.txt"), "0123456789");
        session = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{'opcuaTimeout':2}")), "sessionId");
        long reading = handle("'ns=2;s=Files/whole.txt'", "1");
        JsonValue.Obj first;
        JsonValue.Obj second;
        try (PipelinedConnection peer = new PipelinedConnection(daemon);
                Fault withheld = daemon.simulator.faults().withholdAnswers(Service.CALL)) {
            String read = query(session, "readFile", "['ns=2;s=Files/whole.txt'," + reading + ",5]");
            peer.send(1, read);
            await().until(() -> withheld.held() == 1);
            peer.send(2, read);
            first = peer.next();
            await().until(() -> withheld.held() == 2);
            withheld.close();
            second = peer.next();
        }

        assertThat(text(PipelinedConnection.error(first), "type")).isEqualTo("ConnectionException");
        assertThat(text(second, "data"))
                .isEqualTo(Base64.getEncoder().encodeToString("56789".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void operationsOfCancelledRequestsGiveTheirPlacesUp() throws Exception {
        Files.writeString(root.resolve("places.txt"), "0123456789");
        long reading = handle("'ns=2;s=Files/places.txt'", "1");
        String read = query(session, "readFile", "['ns=2;s=Files/places.txt'," + reading + ",1]");
        List<String> cancelled = new ArrayList<>();
        JsonValue.Obj answer;
        try (PipelinedConnection first = new PipelinedConnection(daemon);
                PipelinedConnection leaving = new PipelinedConnection(daemon);
                PipelinedConnection coming = new PipelinedConnection(daemon);
                Fault withheld = daemon.simulator.faults().withholdAnswers(Service.CALL)) {
            first.send(1, read);
            await().until(() -> withheld.held() == 1);
            for (int request = 1; request <= 100; request++) {
                leaving.send(request, read);
                leaving.send(1000 + request, "{'command':'cancel','target':" + request + "}");
                cancelled.add(errorTypeOf(leaving, request));
            }
            coming.send(1, read);
            withheld.close();
            answer = coming.next();
        }

        assertThat(cancelled).hasSize(100).containsOnly("cancelled");
        assertThat(text(answer, "data")).isEqualTo("MQ==");
    }

    private static String errorTypeOf(PipelinedConnection peer, int request) throws IOException {
        JsonValue.Obj answer = peer.next();
        while (!Integer.toString(request).equals(number(answer.get("id")))) {
            answer = peer.next();
        }
        return text(PipelinedConnection.error(answer), "type");
    }

    // The server said "Good": what it did not say is only what came of it.
    @Test
    void changeWhoseAnswerLacksWhatItGaveMayHaveBeenDone() throws Exception {
        Files.writeString(root.resolve("given.txt"), "0123456789");
        handle("'ns=2;s=Files/given.txt'", "1");
        List<JsonValue.Obj> refusals = new ArrayList<>();

        withoutOutputs("Files");
        refusals.add(refused("createDirectory", "'ns=2;s=Files','unseen'"));
        withoutOutputs("Files");
        refusals.add(refused("createFileInDirectory", "'ns=2;s=Files','unseen.txt'"));
        withoutOutputs("Files");
        refusals.add(refused("createFileInDirectory", "'ns=2;s=Files','unseen2.txt',true"));
        withoutOutputs("Files");
        refusals.add(refused(
                "moveOrCopyFileSystemObject",
                "'ns=2;s=Files','ns=2;s=Files/given.txt','ns=2;s=Files',true,'copy.txt'"));
        withoutOutputs("Files/given.txt");
        refusals.add(refused("openFile", "'ns=2;s=Files/given.txt',1"));

        assertThat(refusals).allSatisfy(refusal -> {
            assertThat(text(refusal, "type")).isEqualTo("ServiceException");
            assertThat(text(refusal, "message")).contains("the server answered without a");
            assertThat(text(refusal, "outcome")).isEqualTo("unknown");
        });
        assertThat(root.resolve("unseen")).isDirectory();
        assertThat(root.resolve("copy.txt")).exists();
    }

    @Test
    void fileWhoseClosingWasRefusedCanBeClosedAgain() throws Exception {
        Files.writeString(root.resolve("again.txt"), "0123456789");
        String file = "'ns=2;s=Files/again.txt'";
        long reading = handle(file, "1");
        handle(file, "1");
        JsonValue.Obj fault;
        try (Fault busy = daemon.simulator.faults().fail(Service.CALL, StatusCodes.Bad_TooManyOperations)) {
            fault = refused("closeFile", file + "," + reading);
        }

        JsonValue closed = invoked("closeFile", file + "," + reading);
        JsonValue.Obj unknown = refused("closeFile", file + "," + reading);

        assertThat(text(fault, "message")).contains("Bad_TooManyOperations");
        assertThat(closed).isEqualTo(JsonValue.Null.INSTANCE);
        assertThat(openCount("again.txt")).isEqualTo(1);
        assertThat(text(unknown, "message")).contains("no such file open");
    }

    @Test
    void handleThatTheServerDoesNotKnowIsForgotten() throws Exception {
        Files.writeString(root.resolve("unknown.txt"), "0123456789");
        String file = "'ns=2;s=Files/unknown.txt'";
        long reading = handle(file, "1");
        daemon.data(query(
                session,
                "call",
                "['ns=2;s=Files/unknown.txt','ns=2;s=Files/unknown.txt/Close',[{'type':7,'value':" + reading + "}]]"));

        JsonValue.Obj refused = refused("closeFile", file + "," + reading);
        JsonValue.Obj unknown = refused("closeFile", file + "," + reading);

        assertThat(text(refused, "message")).contains("Bad_InvalidArgument").doesNotContain("no such file open");
        assertThat(text(unknown, "message")).contains("no such file open");
    }

    // Others share the session, so that nothing else would close it for days.
    @ParameterizedTest
    @ValueSource(longs = {StatusCodes.Bad_TooManyOperations, StatusCodes.Bad_MethodInvalid})
    void filesThatAreLeftOpenAreClosedThoughTheServerRefusesThatAtFirst(long refusal) throws Exception {
        Files.writeString(root.resolve("refused.txt"), "0123456789");
        String file = "'ns=2;s=Files/refused.txt'";
        String sharing = text((JsonValue.Obj) daemon.data(daemon.opening("{'autoRetry':3}")), "sessionId");
        session = text((JsonValue.Obj) daemon.data(daemon.opening("{'autoRetry':4}")), "sessionId");
        handle(file, "1");
        String left = refusal + ".txt";
        invoked("createFileInDirectory", "'ns=2;s=Files','" + left + "',true");
        try (Fault busy = daemon.simulator.faults().fail(Service.CALL, refusal)) {
            long calls = daemon.simulator.counters().received(Service.CALL);
            daemon.data("{'command':'close','force':true,'sessionId':'" + session + "'}");
            await().until(() -> daemon.simulator.counters().received(Service.CALL) >= calls + 2);
        }

        session = sharing;
        await().untilAsserted(() -> assertThat(openCount("refused.txt")).isZero());
        await().untilAsserted(() -> assertThat(openCount(left)).isZero());
    }

    // The file stays open with its session, which comes back.
    @Test
    void filesThatAreLeftOpenDuringAnInterruptionAreClosedAfterIt() throws Exception {
        Files.writeString(root.resolve("interrupted.txt"), "0123456789");
        String file = "'ns=2;s=Files/interrupted.txt'";
        String sharing =
                text((JsonValue.Obj) daemon.data(daemon.opening("{'opcuaTimeout':20,'autoRetry':3}")), "sessionId");
        session = text((JsonValue.Obj) daemon.data(daemon.opening("{'opcuaTimeout':20,'autoRetry':4}")), "sessionId");
        handle(file, "1");
        try (Fault refused = daemon.simulator.faults().refuseConnections()) {
            daemon.simulator.faults().dropConnections();
            daemon.data("{'command':'close','force':true,'sessionId':'" + session + "'}");
        }

        session = sharing;
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(openCount("interrupted.txt")).isZero());
    }

    // SetPosition is not all servers' affair, and what was read is not dropped for it.
    @Test
    void textIsReadToItsEndThoughTheServerSetsNoPosition() throws Exception {
        String content = "aü€😀zz😀üü€€";
        Files.writeString(root.resolve("forward.txt"), content);
        String file = "'ns=2;s=Files/forward.txt'";
        long reading = handle(file, "1");
        StringBuilder whole = new StringBuilder();
        try (Fault none = withoutPosition("forward.txt")) {
            String part;
            do {
                part = ((JsonValue.Str) invoked("readFile", file + "," + reading + ",4")).value();
                whole.append(part);
            } while (!part.isEmpty());
        }

        assertThat(whole).hasToString(content);
    }

    @Test
    void bytesThatAreNoTextAndCannotBePutBackSayWhereThePositionIs() throws Exception {
        Files.write(root.resolve("stays.bin"), new byte[] {'a', (byte) 0xFF, 'b', 'c'});
        String file = "'ns=2;s=Files/stays.bin'";
        long reading = handle(file, "1");
        JsonValue.Obj error;
        try (Fault none = withoutPosition("stays.bin")) {
            error = refused("readFile", file + "," + reading + ",3");
        }

        assertThat(text(error, "type")).isEqualTo("EncodingException");
        assertThat(text(error, "message"))
                .contains("byte 1 (0xFF)")
                .contains("the position is behind the 3 bytes")
                .doesNotContain("the position is where it was");
    }

    // The cache would say for minutes what was there before.
    @Test
    void whatIsCreatedAndDeletedShowsInTheNextBrowse() throws Exception {
        String browse = query(session, "browse", "['ns=2;s=Files']");

        String before = daemon.data(browse).toString();
        invoked("createDirectory", "'ns=2;s=Files','cached'");
        String created = daemon.data(browse).toString();
        invoked("deleteFileSystemObject", "'ns=2;s=Files','ns=2;s=Files/cached'");
        String deleted = daemon.data(browse).toString();

        assertThat(before).doesNotContain("Files/cached");
        assertThat(created).contains("Files/cached");
        assertThat(deleted).doesNotContain("Files/cached");
    }

    private static void withoutOutputs(String path) {
        daemon.simulator
                .faults()
                .corruptNextAnswer(Service.CALL, new NodeId(2, path), Corruption.ARRAY_LENGTH_NEGATIVE);
    }

    private static Fault withoutPosition(String file) {
        return daemon.simulator
                .faults()
                .corruptAnswers(
                        Service.CALL,
                        new NodeId(2, "Files/" + file + "/GetPosition"),
                        Corruption.ARRAY_LENGTH_NEGATIVE);
    }

    private String write(long writing, String content) {
        return query(
                session,
                "writeFile",
                "['ns=2;s=Files/sent.txt'," + writing + ",'"
                        + Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8))
                        + "']");
    }

    private int openCount(String file) throws IOException {
        JsonValue.Obj value =
                (JsonValue.Obj) daemon.data(query(session, "read", "['ns=2;s=Files/" + file + "/OpenCount']"));
        return Integer.parseInt(number(value.get("value")));
    }

    private long handle(String file, String mode) throws IOException {
        return Long.parseLong(number(invoked("openFile", file + "," + mode)));
    }

    private JsonValue invoked(String method, String args) throws IOException {
        JsonValue.Obj data = (JsonValue.Obj) daemon.data(invoke(session, method, "[" + args + "]"));
        return Objects.requireNonNull(data.members().get("data"));
    }

    private JsonValue.Obj refused(String method, String args) throws IOException {
        return daemon.error(invoke(session, method, "[" + args + "]"));
    }

    private static String number(@Nullable JsonValue value) {
        return ((JsonValue.Num) Objects.requireNonNull(value)).literal();
    }
}
