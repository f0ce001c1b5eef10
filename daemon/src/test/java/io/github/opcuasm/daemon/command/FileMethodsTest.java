package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a server through the daemon, in both notations; the server takes a thousand bytes at a time. */
@SuppressWarnings({"NullAway.Init", "try"}) // Set before all tests; faults are for their scope.
final class FileMethodsTest {
    private static final int MOST = 1000;

    @TempDir
    static Path root;

    private static Path auditLog;
    private static RunningDaemon daemon;

    private String session;

    @BeforeAll
    static void start(@TempDir Path logs) throws Exception {
        auditLog = logs.resolve("audit.log");
        daemon = new RunningDaemon(
                Simulator.builder().files(root).maxByteStringLength(MOST).build(),
                options -> options.auditLog(auditLog));
    }

    @AfterAll
    static void end() {
        daemon.close();
    }

    @BeforeEach
    void open() throws IOException {
        session = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{}")), "sessionId");
    }

    @Test
    void textGoesInAndOutByInvoke() throws Exception {
        Files.writeString(root.resolve("text.txt"), "");
        String file = "'ns=2;s=Files/text.txt'";

        long writing = handle(file, "6");
        invoked("writeFile", file + "," + writing + ",'Grüße\\n'");
        invoked("closeFile", file + "," + writing);
        long reading = handle(file, "{'__t':'OpenFileMode','v':1}");

        assertThat(Files.readString(root.resolve("text.txt"))).isEqualTo("Grüße\n");
        assertThat(invoked("readFile", file + "," + reading + ",100")).isEqualTo(new JsonValue.Str("Grüße\n"));
        assertThat(invoked("readFile", file + "," + reading + ",100")).isEqualTo(new JsonValue.Str(""));
        assertThat(invoked("getFilePosition", file + "," + reading)).isEqualTo(new JsonValue.Num("8"));
    }

    /** Also of more than the server takes at a time: split when it is written, put together when it is read. */
    @Test
    void bytesGoInAndOutByQueryOfProtocol2() throws Exception {
        byte[] content = new byte[3 * MOST + 7];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) i;
        }
        Files.write(root.resolve("bytes.bin"), new byte[0]);
        String file = "\"ns=2;s=Files/bytes.bin\"";

        try (KeptConnection connection = daemon.connect()) {
            JsonValue writing = connection.data(session, "openFile", "[" + file + ",[2,4]]");
            connection.data(session, "writeFile", "[" + file + "," + number(writing) + ",\"" + base64(content) + "\"]");
            connection.data(session, "closeFile", "[" + file + "," + number(writing) + "]");
            String reading = number(connection.data(session, "openFile", "[" + file + ",1]"));
            String whole = string(connection.data(session, "readFile", "[" + file + "," + reading + ",100000]"));
            String end = string(connection.data(session, "readFile", "[" + file + "," + reading + ",100000]"));
            connection.data(session, "setFilePosition", "[" + file + "," + reading + ",\"3000\"]");
            String rest = string(connection.data(session, "readFile", "[" + file + "," + reading + ",5]"));

            assertThat(Files.readAllBytes(root.resolve("bytes.bin"))).isEqualTo(content);
            assertThat(Base64.getDecoder().decode(whole)).isEqualTo(content);
            assertThat(end).isEmpty();
            assertThat(Base64.getDecoder().decode(rest)).isEqualTo(Arrays.copyOfRange(content, 3000, 3005));
        }
    }

    // A character that a read cuts is left for the next one, whatever the length.
    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 7, 8, 11})
    void textLosesNoByteWhereAReadCutsACharacter(int length) throws Exception {
        String content = "aü€😀zz😀üü€€";
        Files.writeString(root.resolve("emoji.txt"), content);
        String file = "'ns=2;s=Files/emoji.txt'";
        long reading = handle(file, "1");

        StringBuilder whole = new StringBuilder();
        String part;
        do {
            part = string(invoked("readFile", file + "," + reading + "," + length));
            whole.append(part);
        } while (!part.isEmpty());

        assertThat(whole).hasToString(content);
    }

    @Test
    void bytesThatAreNoTextAreAnErrorAndStayWhereTheyAre() throws Exception {
        Files.write(root.resolve("image.bin"), new byte[] {'a', (byte) 0xC3, (byte) 0xA4, (byte) 0xFF, 'b'});
        String file = "'ns=2;s=Files/image.bin'";
        long reading = handle(file, "1");

        JsonValue.Obj cut = refused("readFile", file + "," + reading + ",100");
        JsonValue position = invoked("getFilePosition", file + "," + reading);
        JsonValue text = invoked("readFile", file + "," + reading + ",3");
        JsonValue.Obj rest = refused("readFile", file + "," + reading + ",3");

        assertThat(text(cut, "type")).isEqualTo("EncodingException");
        assertThat(text(cut, "message"))
                .startsWith("readFile of ns=2;s=Files/image.bin (handle " + reading + "): byte 3 (0xFF)");
        assertThat(position).isEqualTo(new JsonValue.Num("0"));
        assertThat(text).isEqualTo(new JsonValue.Str("aä"));
        assertThat(text(rest, "type")).isEqualTo("EncodingException");
        assertThat(invoked("getFilePosition", file + "," + reading)).isEqualTo(new JsonValue.Num("3"));
    }

    @Test
    void halfACharacterAtTheEndOfTheFileIsAnError() throws Exception {
        Files.write(root.resolve("half.txt"), new byte[] {'a', (byte) 0xE2, (byte) 0x82});
        String file = "'ns=2;s=Files/half.txt'";
        long reading = handle(file, "1");

        JsonValue text = invoked("readFile", file + "," + reading + ",100");
        JsonValue.Obj rest = refused("readFile", file + "," + reading + ",100");

        assertThat(text).isEqualTo(new JsonValue.Str("a"));
        assertThat(text(rest, "type")).isEqualTo("EncodingException");
        assertThat(text(rest, "message")).contains("part of a character");
    }

    @Test
    void handlesOfOneFileHavePositionsOfTheirOwn() throws Exception {
        Files.writeString(root.resolve("two.txt"), "0123456789");
        String file = "'ns=2;s=Files/two.txt'";
        long first = handle(file, "1");
        long second = handle(file, "1");

        assertThat(string(invoked("readFile", file + "," + first + ",3"))).isEqualTo("012");
        assertThat(string(invoked("readFile", file + "," + second + ",5"))).isEqualTo("01234");
        assertThat(string(invoked("readFile", file + "," + first + ",100"))).isEqualTo("3456789");
        assertThat(string(invoked("readFile", file + "," + second + ",100"))).isEqualTo("56789");
    }

    @Test
    void aKnownFileIsReadByOneCall() throws Exception {
        Files.writeString(root.resolve("one.txt"), "0123456789");
        String file = "'ns=2;s=Files/one.txt'";
        long reading = handle(file, "1");
        long requests = daemon.simulator.counters().received(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS);
        long reads = daemon.simulator.counters().received(Service.READ);
        long calls = daemon.simulator.counters().received(Service.CALL);

        invoked("readFile", file + "," + reading + ",3");
        invoked("readFile", file + "," + reading + ",300");

        assertThat(daemon.simulator.counters().received(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS))
                .isEqualTo(requests);
        assertThat(daemon.simulator.counters().received(Service.READ)).isEqualTo(reads);
        assertThat(daemon.simulator.counters().received(Service.CALL)).isEqualTo(calls + 2);
    }

    @Test
    void whatWasFoundIsForgottenOnDemand() throws Exception {
        Files.writeString(root.resolve("forget.txt"), "0123456789");
        String file = "'ns=2;s=Files/forget.txt'";
        long reading = handle(file, "1");
        long asked = daemon.simulator.counters().received(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS);

        daemon.data(query(session, "invalidateCache", "[" + file + "]"));
        invoked("getFilePosition", file + "," + reading);
        daemon.data(query(session, "flushCache", "[]"));
        invoked("getFilePosition", file + "," + reading);
        invoked("getFilePosition", file + "," + reading);

        assertThat(daemon.simulator.counters().received(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS))
                .isEqualTo(asked + 2);
    }

    /** A server without the service, or that shows no methods, still has those of the type. */
    @Test
    void typesMethodsAreCalledWhereTheObjectShowsNone() throws Exception {
        Files.writeString(root.resolve("plain.txt"), "text");
        String file = "'ns=2;s=Files/plain.txt'";
        Fault unsupported = daemon.simulator
                .faults()
                .fail(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS, StatusCodes.Bad_ServiceUnsupported);

        long reading = handle(file, "1");
        String content = string(invoked("readFile", file + "," + reading + ",100"));
        unsupported.close();

        assertThat(content).isEqualTo("text");
    }

    @Test
    void directoriesAndFilesAreMadeMovedCopiedAndDeleted() throws Exception {
        String top = "'ns=2;s=Files'";

        JsonValue directory = invoked("createDirectory", top + ",'made'");
        JsonValue.Obj created = (JsonValue.Obj) invoked("createFileInDirectory", "'ns=2;s=Files/made','a.txt',true");
        String file = "'" + text(created, "fileNodeId") + "'";
        String handle = number(created.get("fileHandle"));
        invoked("writeFile", file + "," + handle + ",'content'");
        invoked("closeFile", file + "," + handle);
        JsonValue.Obj empty = (JsonValue.Obj) invoked("createFileInDirectory", "'ns=2;s=Files/made','b.txt'");
        JsonValue copy = invoked("moveOrCopyFileSystemObject", "'ns=2;s=Files/made'," + file + "," + top + ",true");
        JsonValue moved =
                invoked("moveOrCopyFileSystemObject", "'ns=2;s=Files/made'," + file + "," + top + ",false,'c.txt'");
        JsonValue deleted = invoked("deleteFileSystemObject", top + ",'ns=2;s=Files/made'");

        assertThat(directory).hasToString("{__t=\"NodeId\", v=\"ns=2;s=Files/made\"}");
        assertThat(file).isEqualTo("'ns=2;s=Files/made/a.txt'");
        assertThat(empty.get("fileHandle")).isEqualTo(new JsonValue.Num("0"));
        assertThat(copy).hasToString("{__t=\"NodeId\", v=\"ns=2;s=Files/a.txt\"}");
        assertThat(moved).hasToString("{__t=\"NodeId\", v=\"ns=2;s=Files/c.txt\"}");
        assertThat(deleted).isEqualTo(JsonValue.Null.INSTANCE);
        assertThat(root.resolve("made")).doesNotExist();
        assertThat(root.resolve("a.txt")).hasContent("content");
        assertThat(root.resolve("c.txt")).hasContent("content");
    }

    @Test
    void whatTheServerRefusesNamesTheFileAndTheOperation() throws Exception {
        Files.writeString(root.resolve("locked.txt"), "locked");
        assertThat(root.resolve("locked.txt").toFile().setReadOnly()).isTrue();
        Files.writeString(root.resolve("plain.txt"), "text");
        long reading = handle("'ns=2;s=Files/plain.txt'", "1");

        JsonValue.Obj locked = refused("openFile", "'ns=2;s=Files/locked.txt',2");
        JsonValue.Obj missing = refused("openFile", "'ns=2;s=Files/none.txt',1");
        JsonValue.Obj wrongMode = refused("writeFile", "'ns=2;s=Files/plain.txt'," + reading + ",'x'");
        JsonValue.Obj exists = refused("createDirectory", "'ns=2;s=Files','plain.txt'");
        JsonValue.Obj noFile = refused("openFile", "'ns=2;s=Scalars/Int32',1");

        assertThat(text(locked, "type")).isEqualTo("ServiceException");
        assertThat(text(locked, "message"))
                .isEqualTo("openFile of ns=2;s=Files/locked.txt: Bad_NotWritable (0x803B0000)");
        assertThat(text(locked, "outcome")).isEqualTo("unknown");
        assertThat(text(missing, "message")).startsWith("openFile of ns=2;s=Files/none.txt: Bad_NodeIdUnknown");
        assertThat(text(wrongMode, "message"))
                .isEqualTo(
                        "writeFile of ns=2;s=Files/plain.txt (handle " + reading + "): Bad_InvalidState (0x80AF0000)");
        assertThat(text(exists, "message")).startsWith("createDirectory of ns=2;s=Files: Bad_BrowseNameDuplicated");
        assertThat(text(noFile, "message")).startsWith("openFile of ns=2;s=Scalars/Int32: Bad_MethodInvalid");
    }

    @Test
    void fileThatGrowsIsReadOnToItsNewEnd() throws Exception {
        Path grown = Files.writeString(root.resolve("grows.txt"), "one ");
        String file = "'ns=2;s=Files/grows.txt'";
        long reading = handle(file, "1");

        String first = string(invoked("readFile", file + "," + reading + ",100"));
        String end = string(invoked("readFile", file + "," + reading + ",100"));
        Files.writeString(grown, "two", StandardOpenOption.APPEND);
        String second = string(invoked("readFile", file + "," + reading + ",100"));

        assertThat(first).isEqualTo("one ");
        assertThat(end).isEmpty();
        assertThat(second).isEqualTo("two");
    }

    @Test
    void fileThatVanishesIsAnErrorAndItsHandleCanBeClosed() throws Exception {
        Path vanishing = Files.writeString(root.resolve("vanishes.txt"), "0123456789");
        String file = "'ns=2;s=Files/vanishes.txt'";
        long reading = handle(file, "1");
        invoked("readFile", file + "," + reading + ",3");

        Files.delete(vanishing);
        JsonValue.Obj vanished = refused("readFile", file + "," + reading + ",3");
        JsonValue closed = invoked("closeFile", file + "," + reading);
        JsonValue.Obj unknown = refused("readFile", file + "," + reading + ",3");

        assertThat(text(vanished, "message")).contains("Bad_NotFound");
        assertThat(closed).isEqualTo(JsonValue.Null.INSTANCE);
        assertThat(text(unknown, "message")).contains("no such file open").contains("Bad_InvalidArgument");
    }

    @Test
    void positionBeyondTheEndIsTheEndAndPositionsAreExact() throws Exception {
        Files.writeString(root.resolve("end.txt"), "0123456789");
        String file = "'ns=2;s=Files/end.txt'";
        long reading = handle(file, "1");

        invoked("setFilePosition", file + "," + reading + ",18446744073709551615");
        String atEnd = string(invoked("readFile", file + "," + reading + ",100"));
        String position = number(invoked("getFilePosition", file + "," + reading));
        invoked("setFilePosition", file + "," + reading + ",'4'");

        assertThat(atEnd).isEmpty();
        assertThat(position).isEqualTo("10");
        assertThat(string(invoked("readFile", file + "," + reading + ",100"))).isEqualTo("456789");
    }

    @Test
    void handleThatThisSessionDoesNotHoldReachesNoServer() throws Exception {
        Files.writeString(root.resolve("mine.txt"), "0123456789");
        String file = "'ns=2;s=Files/mine.txt'";
        String mine = session;
        long reading = handle(file, "1");
        session = text((JsonValue.Obj) daemon.data(daemon.opening("{'autoRetry':2}")), "sessionId");
        long calls = daemon.simulator.counters().received(Service.CALL);

        List<JsonValue.Obj> refusals = new ArrayList<>();
        for (String method : List.of("closeFile", "getFilePosition")) {
            refusals.add(refused(method, file + "," + reading));
        }
        refusals.add(refused("readFile", file + "," + reading + ",5"));
        refusals.add(refused("writeFile", file + "," + reading + ",'x'"));
        refusals.add(refused("setFilePosition", file + "," + reading + ",0"));
        session = mine;
        refusals.add(refused("readFile", "'ns=2;s=Files'," + reading + ",5"));
        refusals.add(refused("closeFile", file + ",4294967295"));
        refusals.add(refused("closeFile", "'nsu=urn:nowhere;s=Files/mine.txt'," + reading));

        assertThat(refusals).allSatisfy(refusal -> {
            assertThat(text(refusal, "type")).isEqualTo("ServiceException");
            assertThat(text(refusal, "message")).contains("openFile").contains("Bad_InvalidArgument (0x80AB0000)");
        });
        assertThat(text(refusals.get(3), "outcome")).isEqualTo("not_sent");
        assertThat(daemon.simulator.counters().received(Service.CALL)).isEqualTo(calls);
    }

    @Test
    void filesAreClosedWithTheirHandleWhileAnotherSharesTheSession() throws Exception {
        Files.writeString(root.resolve("shared.txt"), "0123456789");
        String file = "'ns=2;s=Files/shared.txt'";
        String sharing = text((JsonValue.Obj) daemon.data(daemon.opening("{'autoRetry':3}")), "sessionId");
        String ending = text((JsonValue.Obj) daemon.data(daemon.opening("{'autoRetry':4}")), "sessionId");
        long sessions = daemon.simulator.counters().received(Service.CLOSE_SESSION);
        session = sharing;
        // Another test may have cut it off: this waits until it is active again.
        daemon.data(query(session, "read", "['i=2258']"));
        long kept = handle(file, "1");
        session = ending;
        handle(file, "1");
        handle(file, "1");
        int before = openCount("shared.txt");

        daemon.data("{'command':'close','force':true,'sessionId':'" + ending + "'}");

        session = sharing;
        await().untilAsserted(() -> assertThat(openCount("shared.txt")).isEqualTo(1));
        assertThat(before).isEqualTo(3);
        assertThat(string(invoked("readFile", file + "," + kept + ",2"))).isEqualTo("01");
        assertThat(daemon.simulator.counters().received(Service.CLOSE_SESSION)).isEqualTo(sessions);
    }

    @Test
    void fileThatIsOpenWithAConnectionIsClosedWithIt() throws Exception {
        Files.writeString(root.resolve("killed.txt"), "0123456789");
        String file = "\"ns=2;s=Files/killed.txt\"";
        String directory = "[\"ns=2;s=Files\",\"killed2.txt\",true,true]";

        try (KeptConnection kept = daemon.connect()) {
            JsonValue closed = kept.data(session, "openFile", "[" + file + ",1,true]");
            kept.data(session, "closeFile", "[" + file + "," + closed + "]");
            kept.data(session, "openFile", "[" + file + ",1]");
            kept.data(session, "openFile", "[" + file + ",1,true]");
            kept.data(session, "createFileInDirectory", directory);
            assertThat(openCount("killed.txt")).isEqualTo(2);
            assertThat(openCount("killed2.txt")).isEqualTo(1);
        }

        await().untilAsserted(() -> assertThat(openCount("killed.txt")).isEqualTo(1));
        await().untilAsserted(() -> assertThat(openCount("killed2.txt")).isZero());
    }

    @Test
    void connectionThatEndsWithItsAnswerKeepsNoFile() throws Exception {
        JsonValue.Obj error = daemon.error("{'command':'invoke','sessionId':'" + session
                + "','method':'openFile','args':['ns=2;s=Files/readme.txt',1,true]}");

        assertThat(text(error, "type")).isEqualTo("invalid_argument");
        assertThat(text(error, "message")).startsWith("closeWithConnection: ").contains("protocol 2");
    }

    @Test
    void oneMoreFileThanASessionMayHaveIsRefusedBeforeAnythingIsSent() throws Exception {
        Files.writeString(root.resolve("many.txt"), "0123456789");
        String file = "'ns=2;s=Files/many.txt'";
        long first = handle(file, "1");
        for (int i = 1; i < 100; i++) {
            handle(file, "1");
        }
        long calls = daemon.simulator.counters().received(Service.CALL);

        JsonValue.Obj refusal = refused("openFile", file + ",1");
        JsonValue.Obj creation = refused("createFileInDirectory", "'ns=2;s=Files','more.txt',true");
        long sent = daemon.simulator.counters().received(Service.CALL) - calls;
        invoked("closeFile", file + "," + first);

        assertThat(text(refusal, "type")).isEqualTo("overloaded");
        assertThat(text(refusal, "message")).contains("100 files open").contains("closeFile");
        assertThat(text(refusal, "outcome")).isEqualTo("not_sent");
        assertThat(text(creation, "type")).isEqualTo("overloaded");
        assertThat(sent).isZero();
        assertThat(handle(file, "1")).isNotEqualTo(first);
    }

    // Its caller was told that it may be open, and cannot close what it has no handle of.
    @Test
    void fileWhoseHandleComesTooLateIsClosedAgain() throws Exception {
        Files.writeString(root.resolve("late.txt"), "0123456789");
        handle("'ns=2;s=Files/late.txt'", "1");
        JsonValue.Obj timedOut;
        try (Fault withheld = daemon.simulator.faults().withholdAnswers(Service.CALL);
                PipelinedConnection peer = new PipelinedConnection(daemon)) {
            peer.send(1, bounded(invoke(session, "openFile", "['ns=2;s=Files/late.txt',1]"), 300));
            timedOut = PipelinedConnection.error(peer.next());
            peer.send(2, bounded(invoke(session, "createFileInDirectory", "['ns=2;s=Files','late2.txt',true]"), 300));
            PipelinedConnection.error(peer.next());
            assertThat(withheld.held()).isEqualTo(2);
            assertThat(openCount("late.txt")).isEqualTo(2);
        }

        await().untilAsserted(() -> assertThat(openCount("late.txt")).isEqualTo(1));
        await().untilAsserted(() -> assertThat(openCount("late2.txt")).isZero());
        assertThat(text(timedOut, "type")).isEqualTo("ConnectionException");
        assertThat(text(timedOut, "outcome")).isEqualTo("unknown");
    }

    @Test
    void fileThatWasOpenedForACancelledRequestOrAGonePeerIsClosedAgain() throws Exception {
        Files.writeString(root.resolve("gone.txt"), "0123456789");
        handle("'ns=2;s=Files/gone.txt'", "1");
        JsonValue.Obj cancelled;
        try (Fault withheld = daemon.simulator.faults().withholdAnswers(Service.CALL);
                PipelinedConnection peer = new PipelinedConnection(daemon);
                PipelinedConnection leaving = new PipelinedConnection(daemon)) {
            peer.send(1, invoke(session, "openFile", "['ns=2;s=Files/gone.txt',1]"));
            leaving.send(1, invoke(session, "openFile", "['ns=2;s=Files/gone.txt',1]"));
            await().until(() -> withheld.held() == 2);
            peer.send(2, "{'command':'cancel','target':1}");
            cancelled = PipelinedConnection.error(peer.next());
            leaving.close();
            await().untilAsserted(
                            () -> assertThat(daemon.data("{'command':'stats'}")).isNotNull());
        }

        await().untilAsserted(() -> assertThat(openCount("gone.txt")).isEqualTo(1));
        assertThat(text(cancelled, "type")).isEqualTo("cancelled");
        assertThat(text(cancelled, "outcome")).isEqualTo("unknown");
    }

    @Test
    void handleOfALostSessionSaysSoAndAnotherMayBeOpened() throws Exception {
        Files.writeString(root.resolve("lost.txt"), "0123456789");
        String file = "'ns=2;s=Files/lost.txt'";
        session = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{'opcuaTimeout':20}")), "sessionId");
        long reading = handle(file, "1");

        daemon.simulator.faults().forgetSessions();
        daemon.data(query(session, "read", "['i=2258']"));
        long calls = daemon.simulator.counters().received(Service.CALL);
        JsonValue.Obj lost = refused("readFile", file + "," + reading + ",5");
        JsonValue.Obj closing = refused("closeFile", file + "," + reading);
        JsonValue.Obj unknown = refused("closeFile", file + "," + reading);
        long sent = daemon.simulator.counters().received(Service.CALL) - calls;
        long again = handle(file, "1");

        assertThat(text(lost, "type")).isEqualTo("ServiceException");
        assertThat(text(lost, "message")).contains("open it again").contains("Bad_SessionIdInvalid");
        assertThat(text(closing, "message")).contains("open it again");
        assertThat(text(unknown, "message")).contains("no such file open");
        assertThat(sent).isZero();
        assertThat(string(invoked("readFile", file + "," + again + ",5"))).isEqualTo("01234");
    }

    /** The file stays open with its session, and so does the position. */
    @Test
    void readWaitsForItsSessionAndGoesOnAfterAnInterruption() throws Exception {
        Files.writeString(root.resolve("goes-on.txt"), "0123456789");
        String file = "'ns=2;s=Files/goes-on.txt'";
        session = text((JsonValue.Obj) daemon.data(daemon.openingAnew("{'opcuaTimeout':20}")), "sessionId");
        long reading = handle(file, "1");
        invoked("readFile", file + "," + reading + ",4");

        daemon.simulator.faults().dropConnections();
        daemon.data(query(session, "read", "['i=2258']"));

        assertThat(string(invoked("readFile", file + "," + reading + ",100"))).isEqualTo("456789");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {"0", "-1", "16", "4", "5", "12", "1.5", "'1'", "true", "[]", "[0]", "[3]", "[4]", "[1,16]", "['x']"
            })
    void modeThatIsNoneIsRefusedWithTheWayOut(String mode) throws Exception {
        long calls = daemon.simulator.counters().received(Service.CALL);

        JsonValue.Obj refusal = refused("openFile", "'ns=2;s=Files/x'," + mode);

        assertThat(text(refusal, "type")).isEqualTo("invalid_argument");
        assertThat(text(refusal, "message"))
                .startsWith("mode")
                .contains("got")
                .contains("4 EraseExisting (only with 2)");
        assertThat(text(refusal, "outcome")).isEqualTo("not_sent");
        assertThat(daemon.simulator.counters().received(Service.CALL)).isEqualTo(calls);
    }

    // Each takes several calls, and they share one position.
    @Test
    void operationsOnOneFileHandleGoOnInTheOrderOfTheirArrival() throws Exception {
        byte[] content = new byte[4 * 2500 + 1];
        new Random(1).nextBytes(content);
        Files.write(root.resolve("turns.bin"), new byte[0]);
        List<byte[]> read = new ArrayList<>();
        try (PipelinedConnection peer = new PipelinedConnection(daemon)) {
            long writing = handle("'ns=2;s=Files/turns.bin'", "2");
            for (int part = 0; part < 5; part++) {
                byte[] bytes = Arrays.copyOfRange(content, part * 2500, Math.min(content.length, (part + 1) * 2500));
                peer.send(
                        part,
                        query(
                                session,
                                "writeFile",
                                "['ns=2;s=Files/turns.bin'," + writing + ",'" + base64(bytes) + "']"));
            }
            for (int part = 0; part < 5; part++) {
                assertThat(peer.next().get("success")).hasToString("true");
            }
            invoked("closeFile", "'ns=2;s=Files/turns.bin'," + writing);
            long reading = handle("'ns=2;s=Files/turns.bin'", "1");
            for (int part = 0; part < 5; part++) {
                peer.send(part, query(session, "readFile", "['ns=2;s=Files/turns.bin'," + reading + ",2500]"));
            }
            for (int part = 0; part < 5; part++) {
                JsonValue.Obj answer = peer.next();
                assertThat(answer.get("id")).hasToString(Integer.toString(part));
                read.add(Base64.getDecoder().decode(text(answer, "data")));
            }
        }

        assertThat(Files.readAllBytes(root.resolve("turns.bin"))).isEqualTo(content);
        assertThat(read.stream().map(part -> part.length)).containsExactly(2500, 2500, 2500, 2500, 1);
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        read.forEach(joined::writeBytes);
        assertThat(joined.toByteArray()).isEqualTo(content);
    }

    @Test
    void operationThatWaitsForAnotherTimesOutByItsOwnDeadline() throws Exception {
        Files.writeString(root.resolve("waits.txt"), "0123456789");
        long reading = handle("'ns=2;s=Files/waits.txt'", "1");
        JsonValue.Obj timedOut;
        JsonValue.Obj first;
        JsonValue.Obj second;
        try (PipelinedConnection peer = new PipelinedConnection(daemon)) {
            try (Fault withheld = daemon.simulator.faults().withholdAnswers(Service.CALL)) {
                String read = invoke(session, "readFile", "['ns=2;s=Files/waits.txt'," + reading + ",5]");
                peer.send(1, read);
                await().until(() -> withheld.held() == 1);
                peer.send(2, bounded(read, 200));
                peer.send(3, read);
                timedOut = peer.next();
            }
            first = peer.next();
            second = peer.next();
        }

        assertThat(timedOut.get("id")).hasToString("2");
        assertThat(text(PipelinedConnection.error(timedOut), "message")).contains("timed out before it was sent");
        assertThat(first.toString()).contains("MDEyMzQ=");
        assertThat(second.toString()).contains("NTY3ODk=");
    }

    @Test
    void changesAreRecordedWithWhatTheyTouchAndNotWithWhatIsWritten() throws Exception {
        Files.writeString(root.resolve("audited.txt"), "");
        long writing = handle("'ns=2;s=Files/audited.txt'", "2");

        invoked("writeFile", "'ns=2;s=Files/audited.txt'," + writing + ",'confidential'");
        invoked("closeFile", "'ns=2;s=Files/audited.txt'," + writing);
        refused("moveOrCopyFileSystemObject", "'ns=2;s=Files','ns=2;s=Files/audited.txt','ns=2;s=Files/nowhere'");

        await().untilAsserted(() -> assertThat(recorded())
                .noneMatch(line -> line.contains("confidential") || line.contains("closeFile"))
                .anyMatch(line -> line.contains("\"openFile\"") && line.contains("[\"ns=2;s=Files/audited.txt\"]"))
                .anyMatch(line -> line.contains("\"writeFile\"") && line.contains("\"done\""))
                .anyMatch(line ->
                        line.contains("[\"ns=2;s=Files\",\"ns=2;s=Files/audited.txt\",\"ns=2;s=Files/nowhere\"]"))
                .anyMatch(line ->
                        line.contains("\"moveOrCopyFileSystemObject\"") && line.contains("\"outcome\":\"unknown\"")));
    }

    private List<String> recorded() throws IOException {
        List<String> lines = Files.readAllLines(auditLog);
        List<String> ids = lines.stream()
                .filter(line -> line.contains(session))
                .map(line -> line.split("\"id\":", 2)[1].split(",", 2)[0])
                .toList();
        return lines.stream()
                .filter(line -> ids.stream().anyMatch(line::contains))
                .toList();
    }

    @Test
    void positionIsADecimalStringForWhomAsksForThat() throws Exception {
        Files.writeString(root.resolve("exact.txt"), "0123456789");
        String file = "'ns=2;s=Files/exact.txt'";
        long reading = handle(file, "1");
        invoked("setFilePosition", file + "," + reading + ",7");

        JsonValue.Obj answer = daemon.askKept(
                "{'id':1,'command':'hello','int64':'string'}",
                query(session, "getFilePosition", "[" + file + "," + reading + "]")
                        .replace("{'command'", "{'id':2,'command'"));

        assertThat(text(answer, "data")).isEqualTo("7");
    }

    private int openCount(String file) throws IOException {
        JsonValue.Obj value =
                (JsonValue.Obj) daemon.data(query(session, "read", "['ns=2;s=Files/" + file + "/OpenCount']"));
        return Integer.parseInt(number(value.get("value")));
    }

    private static String bounded(String request, int timeoutMs) {
        return "{'timeoutMs':" + timeoutMs + "," + request.substring(1);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
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

    private static String string(JsonValue value) {
        return ((JsonValue.Str) value).value();
    }
}
