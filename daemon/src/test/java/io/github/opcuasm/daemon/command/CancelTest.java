package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.PipelinedConnection.error;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a request that its peer cancels: what was sent, what is answered, what is recorded. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings({"NullAway.Init", "try"}) // Set before all tests; faults are for their scope.
final class CancelTest {
    private static final String INT32 = "ns=2;s=Scalars/Int32";
    private static final String DOUBLE = "ns=2;s=Scalars/Double";
    private static final int MOST_UNDER_WAY = 32;

    private Path auditLog;
    private RunningDaemon daemon;
    private String session;
    private PipelinedConnection peer;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        auditLog = directory.resolve("audit.log");
        daemon = new RunningDaemon(options -> options.auditLog(auditLog));
        session = daemon.open("{}");
    }

    @BeforeEach
    void connect() throws Exception {
        peer = new PipelinedConnection(daemon);
    }

    @AfterEach
    void undo() throws Exception {
        daemon.simulator.faults().clear();
        daemon.simulator.clearWrites();
        peer.close();
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    @Test
    void readOfAStalledServerIsAnsweredBeforeTheCancelAndTheSessionGoesOn() throws Exception {
        JsonValue.Obj cancelled;
        JsonValue.Obj cancel;
        try (Fault stalled = daemon.simulator.faults().hang(Service.READ)) {
            peer.send(1, query(session, "read", "['" + INT32 + "']"));
            await().until(() -> stalled.held() == 1);

            peer.send(2, cancelling("1"));
            cancelled = peer.next();
            cancel = peer.next();
        }

        assertThat(cancelled.get("id")).hasToString("1");
        assertThat(text(error(cancelled), "type")).isEqualTo("cancelled");
        assertThat(error(cancelled).members()).doesNotContainKey("outcome");
        assertThat(cancel.get("id")).hasToString("2");
        assertThat(cancel.get("data")).hasToString("{cancelled=true}");
        // The late answer goes nowhere, and the id is free again.
        peer.send(1, query(session, "read", "['" + INT32 + "']"));
        assertThat(peer.next().get("success")).hasToString("true");
    }

    @Test
    void queuedWriteNeverLeavesTheDaemonAndIsRecordedAsNotSent() throws Exception {
        await().until(() -> attempts() == 0);
        long notSent = results("not_sent");
        List<String> outcomes = new ArrayList<>();
        try (Fault stalled = daemon.simulator.faults().hang(Service.READ)) {
            for (int id = 1; id <= MOST_UNDER_WAY; id++) {
                peer.send(id, query(session, "read", "['" + INT32 + "']"));
            }
            await().until(() -> stalled.held() == MOST_UNDER_WAY);
            peer.send(100, query(session, "write", "['" + DOUBLE + "',4711.0,11]"));
            peer.send(101, query(session, "write", "['" + DOUBLE + "',0.5,11]"));
            await().until(() -> attempts() == 2);

            peer.send(102, cancelling("100"));
            outcomes.add(text(error(peer.next()), "outcome"));
            outcomes.add(String.valueOf(peer.next().get("data")));
        }
        for (int answer = 0; answer <= MOST_UNDER_WAY; answer++) {
            assertThat(peer.next().get("success")).hasToString("true");
        }

        assertThat(outcomes).containsExactly("not_sent", "{cancelled=true}");
        assertThat(daemon.simulator.writes(Simulator.node("Scalars/Double")))
                .extracting(value -> value.getValue())
                .containsExactly(0.5);
        await().until(() -> results("not_sent") == notSent + 1);
    }

    @Test
    void writeInFlightIsUnknownAndItsRecordSaysWhatBecameOfIt() throws Exception {
        JsonValue.Obj cancelled;
        long done = results("done");
        try (Fault stalled = daemon.simulator.faults().hang(Service.WRITE)) {
            peer.send(1, query(session, "write", "['" + INT32 + "',17,6]"));
            await().until(() -> stalled.held() == 1);

            peer.send(2, cancelling("1"));
            cancelled = peer.next();
            assertThat(peer.next().get("data")).hasToString("{cancelled=true}");
        }

        assertThat(text(error(cancelled), "type")).isEqualTo("cancelled");
        assertThat(text(error(cancelled), "outcome")).isEqualTo("unknown");
        await().until(() -> daemon.simulator.writeCount(Simulator.node("Scalars/Int32")) == 1);
        await().until(() -> results("done") == done + 1);
    }

    @Test
    void writeWhoseTypeIsBeingAskedForIsNotSent() throws Exception {
        JsonValue.Obj cancelled;
        try (Fault stalled = daemon.simulator.faults().hang(Service.READ)) {
            peer.send(1, query(session, "write", "['ns=2;s=Scalars/UInt16',17]"));
            await().until(() -> stalled.held() == 1);

            peer.send(2, cancelling("1"));
            cancelled = peer.next();
            assertThat(peer.next().get("data")).hasToString("{cancelled=true}");
        }
        peer.send(3, query(session, "read", "['" + INT32 + "']"));
        assertThat(peer.next().get("success")).hasToString("true");

        assertThat(text(error(cancelled), "outcome")).isEqualTo("not_sent");
        assertThat(daemon.simulator.writeCount()).isZero();
    }

    @Test
    void openThatIsCancelledLeavesNoHandleAndNoSession() throws Exception {
        long sessions = daemon.simulator.counters().sessionsNow();
        JsonValue.Obj cancelled;
        try (Fault stalled = daemon.simulator.faults().hang(Service.CREATE_SESSION)) {
            peer.send(1, daemon.openingAnew("{}"));
            await().until(() -> stalled.held() == 1);

            peer.send(2, cancelling("1"));
            cancelled = peer.next();
            assertThat(peer.next().get("data")).hasToString("{cancelled=true}");
        }

        assertThat(text(error(cancelled), "type")).isEqualTo("cancelled");
        assertThat(((JsonValue.Obj) daemon.data("{'command':'list'}")).get("count"))
                .hasToString("1");
        await().until(() -> daemon.simulator.counters().sessionsNow() == sessions);
    }

    @Test
    void closeThatIsCancelledTakesEffectAllTheSame() throws Exception {
        long sessions = daemon.simulator.counters().sessionsNow();
        String closing = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
        JsonValue.Obj cancelled;
        try (Fault stalled = daemon.simulator.faults().hang(Service.CLOSE_SESSION)) {
            peer.send(1, "{'command':'close','sessionId':'" + closing + "'}");
            await().until(() -> stalled.held() == 1);

            peer.send(2, cancelling("1"));
            cancelled = peer.next();
            assertThat(peer.next().get("data")).hasToString("{cancelled=true}");
        }

        assertThat(text(error(cancelled), "type")).isEqualTo("cancelled");
        assertThat(error(cancelled).members()).doesNotContainKey("outcome");
        assertThat(text(daemon.error(query(closing, "read", "['" + INT32 + "']")), "type"))
                .isEqualTo("session_not_found");
        await().until(() -> daemon.simulator.counters().sessionsNow() == sessions);
    }

    @Test
    void subscribeThatIsBeingSetUpIsCancelledAndAStreamThatRunsIsNot() throws Exception {
        String subscribe = "{'command':'subscribe','sessionId':'" + session + "','items':[{'nodeId':'" + INT32 + "'}]}";
        try (Fault stalled = daemon.simulator.faults().hang(Service.CREATE_SUBSCRIPTION)) {
            peer.send(1, subscribe);
            await().until(() -> stalled.held() == 1);
            peer.send(2, cancelling("1"));
            assertThat(text(error(peer.next()), "type")).isEqualTo("cancelled");
            assertThat(peer.next().get("data")).hasToString("{cancelled=true}");
        }
        peer.send(3, subscribe);
        assertThat(peer.next().get("success")).hasToString("true");

        peer.send(4, cancelling("3"));
        JsonValue.Obj answer = peer.next();
        while (!is("4", answer, "id")) {
            answer = peer.next();
        }

        assertThat(text(error(answer), "type")).isEqualTo("invalid_argument");
        assertThat(text(error(answer), "message")).contains("target").contains("unsubscribe");
    }

    @Test
    void whatIsNotUnderWayIsNotCancelled() throws Exception {
        peer.send(1, query(session, "read", "['" + INT32 + "']"));
        assertThat(peer.next().get("success")).hasToString("true");

        peer.send(2, cancelling("1"));
        peer.send(3, cancelling("'never seen'"));
        try (Fault stalled = daemon.simulator.faults().hang(Service.READ);
                PipelinedConnection other = new PipelinedConnection(daemon)) {
            other.send(7, query(session, "read", "['" + INT32 + "']"));
            await().until(() -> stalled.held() == 1);
            peer.send(4, cancelling("7"));
            for (int id = 2; id <= 4; id++) {
                assertThat(peer.next().get("data")).hasToString("{cancelled=false}");
            }
            stalled.close();
            assertThat(other.next().get("success")).hasToString("true");
        }
    }

    @Test
    void cancelOfNothingOfItselfOrInProtocol1IsRefusedByName() throws Exception {
        peer.send(1, "{'command':'cancel'}");
        peer.send(2, cancelling("2"));
        peer.send(3, cancelling("[]"));

        for (int id = 1; id <= 3; id++) {
            assertThat(text(error(peer.next()), "message")).startsWith("target: ");
        }
        JsonValue.Obj inProtocol1 = daemon.error(cancelling("1"));
        assertThat(text(inProtocol1, "type")).isEqualTo("invalid_argument");
        assertThat(text(inProtocol1, "message")).startsWith("id: ").contains("protocol 2");
    }

    @Test
    void hundredsOfRequestsAreEachAnsweredOnceHoweverCancelsAndAnswersMeet() throws Exception {
        int requests = 300;
        int answered = 0;
        int cancelled = 0;
        int confirmed = 0;
        for (int id = 1; id <= requests; id++) {
            peer.send(id, query(session, "write", "['" + INT32 + "'," + id + ",6]"));
            peer.send(1000 + id, cancelling(String.valueOf(id)));
        }

        List<String> targets = new ArrayList<>();
        for (int line = 0; line < 2 * requests; line++) {
            JsonValue.Obj answer = peer.next();
            if (answer.get("data") instanceof JsonValue.Obj told
                    && told.members().containsKey("cancelled")) {
                confirmed += is("true", told, "cancelled") ? 1 : 0;
            } else {
                targets.add(String.valueOf(answer.get("id")));
                boolean good = is("true", answer, "success");
                answered += good ? 1 : 0;
                cancelled += !good && text(error(answer), "type").equals("cancelled") ? 1 : 0;
            }
        }

        assertThat(targets).hasSize(requests).doesNotHaveDuplicates();
        assertThat(answered + cancelled).isEqualTo(requests);
        assertThat(confirmed).isEqualTo(cancelled);
    }

    private static boolean is(String expected, JsonValue.Obj object, String member) {
        return String.valueOf(object.get(member)).equals(expected);
    }

    private static String cancelling(String target) {
        return "{'command':'cancel','target':" + target + "}";
    }

    private long attempts() throws IOException {
        return log().stream()
                        .filter(entry -> isWrite(entry) && !isResult(entry))
                        .count()
                - log().stream()
                        .filter(entry -> isWrite(entry) && isResult(entry))
                        .count();
    }

    private long results(String outcome) throws IOException {
        return log().stream()
                .filter(entry -> isWrite(entry)
                        && isResult(entry)
                        && text(entry, "outcome").equals(outcome))
                .count();
    }

    private static boolean isWrite(JsonValue.Obj entry) {
        return text(entry, "method").equals("write");
    }

    private static boolean isResult(JsonValue.Obj entry) {
        return text(entry, "phase").equals("result");
    }

    private List<JsonValue.Obj> log() throws IOException {
        List<JsonValue.Obj> entries = new ArrayList<>();
        for (String line : Files.readAllLines(auditLog)) {
            byte[] json = line.getBytes(StandardCharsets.UTF_8);
            entries.add((JsonValue.Obj) JsonReader.readValue(json, 0, json.length));
        }
        return entries;
    }
}
