package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the audit log says of commands, and when. */
final class AuditTest {
    private static final String INT32 = "ns=2;s=Scalars/Int32";
    private static final String DOUBLE = "ns=2;s=Scalars/Double";

    private RunningDaemon daemon;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectory(disk());
        daemon = new RunningDaemon(
                options -> options.auditLog(disk().resolve("audit.log")).authToken("t0ken"));
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void writeIsRecordedBeforeItReachesTheServerAndWhenItWasAnswered() throws Exception {
        String session = open();

        JsonValue answer = daemon.data(authorised(query(session, "write", "['" + INT32 + "',4711,6]")));

        List<JsonValue.Obj> entries = entries("write", 2);
        assertThat(answer).hasToString("0");
        assertThat(text(entries.get(0), "phase")).isEqualTo("attempt");
        assertThat(text(entries.get(0), "session")).isEqualTo(session);
        assertThat(text(entries.get(0), "endpoint")).isEqualTo(daemon.simulator.endpointUrl());
        assertThat(entries.get(0).get("targets")).hasToString("[\"" + INT32 + "\"]");
        assertThat(text(entries.get(1), "phase")).isEqualTo("result");
        assertThat(text(entries.get(1), "outcome")).isEqualTo("done");
        assertThat(entries.get(1).get("status")).hasToString("[\"Good (0x00000000)\"]");
        assertThat(log()).doesNotContain("4711");
    }

    @Test
    void serverIsToldTheEntryOfAChangeAndNoneOfARead() throws Exception {
        String session = open();
        var told = daemon.simulator.counters().auditEntryIds();

        daemon.data(authorised(query(
                session,
                "writeMulti",
                "[[{'nodeId':'" + INT32 + "','value':1,'type':6},{'nodeId':'" + DOUBLE + "','value':1,'type':11}]]")));
        daemon.data(authorised(query(session, "read", "['" + INT32 + "']")));
        daemon.data(authorised(query(session, "call", "['i=2253','i=11492',[{'type':7,'value':1}]]")));

        assertThat(told.last(Service.WRITE)).contains(text(entries("writeMulti").get(0), "id"));
        assertThat(told.last(Service.CALL)).contains(text(entries("call").get(0), "id"));
        assertThat(told.last(Service.READ)).isEmpty();
        assertThat(entries("writeMulti").get(0).get("targets")).hasToString("[\"" + INT32 + "\", \"" + DOUBLE + "\"]");
        assertThat(entries("call").get(0).get("targets")).hasToString("[\"i=2253\", \"i=11492\"]");
        assertThat(entries("read")).isEmpty();
    }

    @Test
    void changeThatTheServerHoldsHasItsAttemptOnTheDisk() throws Exception {
        String session = open();

        Fault hanging = daemon.simulator.faults().hang(Service.WRITE);
        CompletableFuture<JsonValue.Obj> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return daemon.error(authorised(query(session, "write", "['" + INT32 + "',1,6]")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (daemon.simulator.counters().received(Service.WRITE) == 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(1_000_000);
        }
        List<JsonValue.Obj> meanwhile = entries("write");
        boolean waited = !answer.isDone();
        JsonValue.Obj error = answer.get(30, TimeUnit.SECONDS);
        hanging.close();

        assertThat(waited).isTrue();
        assertThat(meanwhile).hasSize(1);
        assertThat(text(meanwhile.get(0), "phase")).isEqualTo("attempt");
        assertThat(text(error, "outcome")).isEqualTo("unknown");
        assertThat(text(entries("write", 2).get(1), "outcome")).isEqualTo("unknown");
    }

    @Test
    void nothingIsSentThatCannotBeRecordedAndReadsGoOn() throws Exception {
        String session = open();
        Path away = Files.move(disk(), directory.resolve("away"));

        JsonValue.Obj refusal = daemon.error(authorised(query(session, "write", "['" + INT32 + "',1,6]")));
        JsonValue read = daemon.data(authorised(query(session, "read", "['" + INT32 + "']")));
        long sent = daemon.simulator.counters().received(Service.WRITE);
        Files.move(away, disk());
        JsonValue written = daemon.data(authorised(query(session, "write", "['" + INT32 + "',1,6]")));

        assertThat(text(refusal, "type")).isEqualTo("overloaded");
        assertThat(text(refusal, "outcome")).isEqualTo("not_sent");
        assertThat(text(refusal, "message")).contains("audit log").doesNotContain(directory.toString());
        assertThat(read).isNotNull();
        assertThat(sent).isZero();
        assertThat(written).hasToString("0");
    }

    @Test
    void changesThatNeverLeaveSaySo() throws Exception {
        String session = open();

        JsonValue.Obj error = daemon.error(authorised(query(session, "write", "['" + INT32 + "','no number',6]")));
        JsonValue.Obj lost = daemon.error(authorised(query(session, "write", "[7,1,6]")));

        assertThat(text(error, "outcome")).isEqualTo("not_sent");
        assertThat(text(lost, "outcome")).isEqualTo("not_sent");
        List<JsonValue.Obj> entries = entries("write", 4);
        assertThat(text(entries.get(1), "outcome")).isEqualTo("not_sent");
        assertThat(text(entries.get(1), "error")).isEqualTo(text(error, "type"));
        assertThat(entries.get(2).get("targets")).hasToString("[]");
    }

    @Test
    void attributeThatIsNotTheValueStandsBesideItsNode() throws Exception {
        String session = open();

        daemon.data(authorised(query(
                session,
                "writeMulti",
                "[[{'nodeId':'" + INT32 + "','value':'x','type':12,'attributeId':4}," + "{'nodeId':'" + INT32
                        + "','value':1,'type':6}]]")));

        assertThat(entries("writeMulti").get(0).get("targets"))
                .hasToString("[\"attributeId=4;" + INT32 + "\", \"" + INT32 + "\"]");
    }

    @Test
    void changeOfTrustIsRecordedBeforeItIsMadeAndSaysOfWhat() throws Exception {
        String approve = authorised("{'command':'trust','action':'approve','fingerprint':'00ff'}");
        daemon.ask(approve);
        daemon.ask(authorised("{'command':'trust','action':'remove','server':'plc:4840'}"));
        Path away = Files.move(disk(), directory.resolve("away"));

        JsonValue.Obj refusal = daemon.error(approve);
        Files.move(away, disk());

        List<JsonValue.Obj> entries = entries("trust approve");
        assertThat(entries).hasSize(2);
        assertThat(text(entries.get(0), "phase")).isEqualTo("attempt");
        assertThat(text(entries.get(0), "event")).isEqualTo("administration");
        assertThat(entries.get(0).get("targets")).hasToString("[\"00ff\"]");
        assertThat(text(entries.get(1), "phase")).isEqualTo("result");
        assertThat(entries("trust remove").get(0).get("targets")).hasToString("[\"plc:4840\"]");
        assertThat(text(refusal, "type")).isEqualTo("overloaded");
    }

    /** A name is judged when it is resolved, which is after the request was taken up. */
    @Test
    void serverThatMayNotBeReachedIsRecordedWithItsUrl() throws Exception {
        String session = open();
        // 169.254.169.254, written so that only resolving it tells.
        String denied = "opc.tcp://169.254.43518:4840";

        daemon.error(authorised("{'command':'query','method':'getEndpoints','endpointUrl':'" + denied + "'}"));
        daemon.error(authorised(query(session, "getEndpoints", "['" + denied + "']")));

        assertThat(entries("getEndpoints", 2)).allSatisfy(entry -> {
            assertThat(text(entry, "event")).isEqualTo("access");
            assertThat(text(entry, "outcome")).isEqualTo("refused");
            assertThat(text(entry, "endpoint")).isEqualTo(denied);
        });
    }

    @Test
    void changeOnASessionThatIsNotActiveIsNoAttempt() throws Exception {
        String session = open();
        daemon.simulator.close();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> daemon.data(authorised(query(session, "isConnected", "[]")))
                        .equals(new JsonValue.Bool(false)));

        JsonValue.Obj error = daemon.error(authorised(query(session, "write", "['" + INT32 + "',1,6]")));

        assertThat(text(error, "outcome")).isEqualTo("not_sent");
        assertThat(entries("write")).isEmpty();
    }

    @Test
    void sessionsAndRefusedPeersAreRecorded() throws Exception {
        String session = open();
        daemon.data(authorised("{'command':'close','sessionId':'" + session + "'}"));
        daemon.error("{'command':'list','authToken':'wr0ng'}");
        daemon.shutDown();

        assertThat(entries("open")).singleElement().satisfies(entry -> {
            assertThat(text(entry, "phase")).isEqualTo("note");
            assertThat(text(entry, "session")).isEqualTo(session);
            assertThat(text(entry, "outcome")).isEqualTo("done");
        });
        assertThat(entries("close")).hasSize(1);
        assertThat(entries("list")).singleElement().satisfies(entry -> {
            assertThat(text(entry, "event")).isEqualTo("authentication");
            assertThat(text(entry, "outcome")).isEqualTo("refused");
        });
        assertThat(entries("start")).hasSize(1);
        assertThat(entries("stop")).hasSize(1);
        assertThat(log()).doesNotContain("wr0ng").doesNotContain("t0ken");
    }

    private Path disk() {
        return directory.resolve("disk");
    }

    private String open() throws IOException {
        JsonValue.Obj opened = (JsonValue.Obj) daemon.data(
                authorised("{'command':'open','endpointUrl':'" + daemon.simulator.endpointUrl() + "','config':{}}"));
        return text(opened, "sessionId");
    }

    private static String authorised(String request) {
        return "{'authToken':'t0ken'," + request.substring(1);
    }

    private String log() throws IOException {
        return Files.readString(disk().resolve("audit.log"));
    }

    /** Those about one method or command. */
    /** Once there are so many: an answer does not wait for the record of its result. */
    private List<JsonValue.Obj> entries(String method, int count) {
        return await().until(() -> entries(method), found -> found.size() == count);
    }

    private List<JsonValue.Obj> entries(String method) throws IOException {
        List<JsonValue.Obj> entries = new ArrayList<>();
        for (String line : Files.readAllLines(disk().resolve("audit.log"))) {
            byte[] json = line.getBytes(StandardCharsets.UTF_8);
            JsonValue.Obj entry = (JsonValue.Obj) JsonReader.readValue(json, 0, json.length);
            if (text(entry, "method").equals(method)) {
                entries.add(entry);
            }
        }
        return entries;
    }
}
