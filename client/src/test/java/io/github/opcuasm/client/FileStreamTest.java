package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.NodeId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams of files, with a daemon that has one file and does what the test wants. */
@Timeout(60)
final class FileStreamTest {
    private static final NodeId FILE = NodeId.text(2, "Files/a");

    /** One file in both protocols; {@code failing} is the method that fails from now on. */
    private static final class FileDaemon implements ScriptedDaemon.Script {
        private final ProtocolVersion protocol;
        private byte[] content;
        private int position;
        private String failing = "";
        /** What one answer has at most. */
        private int most = Integer.MAX_VALUE;

        FileDaemon(ProtocolVersion protocol, byte[] content) {
            this.protocol = protocol;
            this.content = content;
        }

        @Override
        public synchronized void answer(String id, JsonValue.Obj request, ScriptedDaemon.Peer peer) throws IOException {
            String method = request.get("method") instanceof JsonValue.Str name ? name.value() : "open";
            boolean bare = protocol == ProtocolVersion.ONE;
            String answer;
            if (method.equals(failing)) {
                answer = "\"success\":false,\"error\":{\"type\":\"ServiceException\",\"message\":\"disk on fire\"}}";
            } else if (method.equals("open")) {
                answer = "\"success\":true,\"data\":{\"sessionId\":\"1\",\"reused\":false}}";
            } else {
                String result = Json.text(Json.of(result(method, params(request))));
                answer = "\"success\":true,\"data\":" + (bare ? "{\"data\":" + result + "}" : result) + "}";
            }
            if (bare) {
                peer.answerAndClose("{" + answer);
            } else {
                peer.send("{\"id\":" + id + "," + answer + "\n");
            }
        }

        private static List<JsonValue> params(JsonValue.Obj request) {
            JsonValue params = request.get("params") == null ? request.get("args") : request.get("params");
            return params == null ? List.of() : Answers.array(params, "params").elements();
        }

        private Object result(String method, List<JsonValue> params) {
            switch (method) {
                case "openFile" -> {
                    position = 0;
                    if ((number(params.get(1)) & 4) != 0) {
                        content = new byte[0];
                    }
                    return 7;
                }
                case "setFilePosition" -> position = number(params.get(2));
                case "readFile" -> {
                    int end = Math.min(content.length, position + Math.min(most, number(params.get(2))));
                    byte[] part = Arrays.copyOfRange(content, Math.min(position, content.length), end);
                    position = end;
                    return protocol == ProtocolVersion.ONE ? new String(part, StandardCharsets.UTF_8) : part;
                }
                case "writeFile" -> {
                    String text = params.get(2) instanceof JsonValue.Str string ? string.value() : "";
                    var all = new ByteArrayOutputStream();
                    all.writeBytes(content);
                    all.writeBytes(
                            protocol == ProtocolVersion.ONE
                                    ? text.getBytes(StandardCharsets.UTF_8)
                                    : ByteString.fromBase64(text).toByteArray());
                    content = all.toByteArray();
                }
                default -> {}
            }
            return JsonValue.Null.INSTANCE;
        }

        private static int number(JsonValue value) {
            return value instanceof JsonValue.Num number ? number.decimal().intValue() : BigDecimal.ZERO.intValue();
        }

        synchronized byte[] content() {
            return content;
        }

        synchronized void fail(String method) {
            failing = method;
        }
    }

    private static ManagedClient connected(ScriptedDaemon daemon) {
        ManagedClient client = ManagedClient.builder().socket(daemon.endpoint()).build();
        client.connect("opc.tcp://plc:4840");
        return client;
    }

    private static long count(ScriptedDaemon daemon, String method) {
        return daemon.requests().stream()
                .filter(request -> request.get("method") instanceof JsonValue.Str name
                        && name.value().equals(method))
                .count();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aFileIsReadToItsEndFromAPositionOn() throws Exception {
        byte[] content = random(100_000);
        var file = new FileDaemon(ProtocolVersion.TWO, content);
        file.most = 7_001;
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {
            byte[] whole;
            byte[] rest;
            byte[] none;

            try (InputStream in = client.fileInput("ns=2;s=Files/a")) {
                whole = in.readAllBytes();
                assertThat(in.read()).isEqualTo(-1);
            }
            try (InputStream in = client.fileInput(FILE, 99_990)) {
                rest = in.readAllBytes();
            }
            try (InputStream in = client.fileInput(FILE, 200_000)) {
                none = in.readAllBytes();
            }

            assertThat(whole).isEqualTo(content);
            assertThat(rest).isEqualTo(Arrays.copyOfRange(content, 99_990, 100_000));
            assertThat(none).isEmpty();
            assertThat(count(daemon, "closeFile")).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE", "TWO"})
    void textIsWrittenInFramesThatEachDaemonTakesAndNoCharacterIsCut(ProtocolVersion protocol) throws Exception {
        // Characters of 1 to 4 bytes, and such as JSON escapes.
        byte[] content = ("\u0001\u0002\u0003" + "\"\\" + "aöß€😀" + "\u0004".repeat(9))
                .repeat(4_000)
                .getBytes(StandardCharsets.UTF_8);
        var file = new FileDaemon(protocol, "before".getBytes(StandardCharsets.UTF_8));
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {

            try (OutputStream out = client.fileOutput(FILE)) {
                out.write(content, 0, 10);
                out.flush();
                out.write(content, 10, content.length - 20);
                for (int i = content.length - 10; i < content.length; i++) {
                    out.write(content[i]);
                }
            }

            assertThat(file.content()).isEqualTo(content);
            assertThat(daemon.requests())
                    .allSatisfy(request -> assertThat(Json.text(request).getBytes(StandardCharsets.UTF_8))
                            .hasSizeLessThan(65_000));
            assertThat(count(daemon, "closeFile")).isEqualTo(1);
        }
    }

    @Test
    void bytesThatAreNoTextAreWrittenAsTheyAre() throws Exception {
        byte[] content = random(200_003);
        content[200_002] = (byte) 0xF0;
        var file = new FileDaemon(ProtocolVersion.TWO, new byte[] {1});
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {

            try (OutputStream out = client.fileOutput(FILE, OpenFileMode.WRITE, OpenFileMode.APPEND)) {
                out.write(content);
            }

            assertThat(file.content()).hasSize(200_004).endsWith(content);
        }
    }

    @Test
    void afterAFailureNothingMoreIsReadAndTheHandleIsClosed() throws Exception {
        var file = new FileDaemon(ProtocolVersion.TWO, random(50_000));
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {
            InputStream in = client.fileInput(FILE);
            assertThat(in.skip(40_000)).isEqualTo(40_000);
            file.fail("readFile");
            assertThat(in.skip(10_000)).isEqualTo(10_000);

            assertThatThrownBy(in::read)
                    .isInstanceOf(IOException.class)
                    .hasMessage("The file ns=2;s=Files/a: disk on fire")
                    .hasCauseInstanceOf(RequestFailedException.Service.class);
            file.fail("");
            assertThatThrownBy(in::read).hasMessageContaining("disk on fire");
            in.close();
            in.close();

            assertThatThrownBy(in::read).hasMessageContaining("was closed");
            assertThat(count(daemon, "readFile")).isEqualTo(3);
            assertThat(count(daemon, "closeFile")).isEqualTo(1);
        }
    }

    @Test
    void afterAFailureNothingMoreIsWrittenAndTheHandleIsClosed() throws Exception {
        var file = new FileDaemon(ProtocolVersion.TWO, new byte[0]);
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {

            assertThatThrownBy(() -> {
                        try (OutputStream out = client.fileOutput(FILE)) {
                            out.write(1);
                            file.fail("writeFile");
                            out.flush();
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("disk on fire");
            assertThatThrownBy(() -> {
                        try (OutputStream out = client.fileOutput(FILE)) {
                            out.write(1);
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("disk on fire");

            assertThat(count(daemon, "writeFile")).isEqualTo(2);
            assertThat(count(daemon, "closeFile")).isEqualTo(2);
        }
    }

    @Test
    void theHandleIsClosedWhateverTheProgramDoes() throws Exception {
        var file = new FileDaemon(ProtocolVersion.TWO, random(10));
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {

            assertThatThrownBy(() -> {
                        try (InputStream in = client.fileInput(FILE)) {
                            throw new IllegalStateException("of the program, at " + in.read());
                        }
                    })
                    .isInstanceOf(IllegalStateException.class);
            file.fail("setFilePosition");
            assertThatThrownBy(() -> client.fileInput(FILE, 5)).isInstanceOf(RequestFailedException.Service.class);
            file.fail("");
            InputStream interrupted = client.fileInput(FILE);
            Thread.currentThread().interrupt();
            interrupted.close();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(count(daemon, "openFile")).isEqualTo(3);
            assertThat(count(daemon, "closeFile")).isEqualTo(3);
        }
    }

    @Test
    void aFailedDownloadLeavesTheFileThatThereWas(@TempDir Path directory) throws Exception {
        byte[] content = random(70_000);
        var file = new FileDaemon(ProtocolVersion.TWO, content);
        Path target = directory.resolve("a.bin");
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {

            long bytes = client.download("ns=2;s=Files/a", target);
            file.fail("readFile");
            assertThatThrownBy(() -> client.download(FILE, target)).isInstanceOf(IOException.class);
            file.fail("");
            long sent = client.upload(target, "ns=2;s=Files/a");

            assertThat(bytes).isEqualTo(70_000);
            assertThat(sent).isEqualTo(70_000);
            assertThat(file.content()).isEqualTo(content);
            assertThat(Files.readAllBytes(target)).isEqualTo(content);
            try (var left = Files.list(directory)) {
                assertThat(left).containsExactly(target);
            }
        }
    }

    /** Files of a daemon that can be restarted: each session counts its handles from 1, and has one file. */
    private static final class SessionsDaemon implements ScriptedDaemon.Script {
        private final Map<String, FileDaemon> sessions = new LinkedHashMap<>();
        private final List<String> asked = new ArrayList<>();
        private int opened;

        /** Forgets its sessions. */
        synchronized void restart() {
            sessions.clear();
        }

        synchronized List<String> asked() {
            return List.copyOf(asked);
        }

        synchronized FileDaemon file(String session) {
            return Objects.requireNonNull(sessions.get(session));
        }

        @Override
        public synchronized void answer(String id, JsonValue.Obj request, ScriptedDaemon.Peer peer) throws IOException {
            if (AsyncCallsTest.command(request).equals("open")) {
                String session = "s" + ++opened;
                sessions.put(session, new FileDaemon(ProtocolVersion.TWO, session.getBytes(StandardCharsets.UTF_8)));
                peer.succeed(id, "{\"sessionId\":\"" + session + "\",\"reused\":false}");
                return;
            }
            String session = text(request, "sessionId");
            asked.add(session + " " + text(request, "method"));
            FileDaemon files = sessions.get(session);
            if (files == null) {
                peer.send("{\"id\":" + id + ",\"success\":false,\"error\":"
                        + "{\"type\":\"session_not_found\",\"message\":\"No such session\"}}\n");
            } else {
                files.answer(id, request, peer);
            }
        }

        private static String text(JsonValue.Obj request, String name) {
            return request.get(name) instanceof JsonValue.Str text ? text.value() : "";
        }
    }

    @Test
    void aStreamStaysOnTheSessionThatItWasOpenedOn() throws Exception {
        var sessions = new SessionsDaemon();
        try (var daemon = new ScriptedDaemon(sessions);
                var client = connected(daemon)) {
            InputStream in = client.fileInput(FILE);
            OutputStream out = client.fileOutput(FILE, OpenFileMode.WRITE);
            out.write('x');

            sessions.restart();
            long handle = client.openFile(FILE, OpenFileMode.READ);

            assertThat(handle).as("the same handle, of the new session").isEqualTo(7);
            assertThat(client.sessionId()).isEqualTo("s2");
            assertThatThrownBy(in::read)
                    .isInstanceOf(IOException.class)
                    .hasCauseInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThatThrownBy(in::close).hasCauseInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThatThrownBy(out::close).hasCauseInstanceOf(RequestFailedException.SessionNotFound.class);
            assertThat(sessions.asked())
                    .filteredOn(call -> call.startsWith("s2"))
                    .containsExactly("s2 openFile");
            assertThat(sessions.file("s2").content()).asString().isEqualTo("s2");
        }
    }

    @Test
    void aFileIsOpenedOnTheSessionThatTakesThePlaceOfALostOne() throws Exception {
        var sessions = new SessionsDaemon();
        try (var daemon = new ScriptedDaemon(sessions);
                var client = connected(daemon)) {
            sessions.restart();

            try (InputStream in = client.fileInput(FILE)) {
                assertThat(in.readAllBytes()).asString().isEqualTo("s2");
            }

            assertThat(sessions.asked())
                    .containsExactly("s1 openFile", "s2 openFile", "s2 readFile", "s2 readFile", "s2 closeFile");
        }
    }

    @Test
    void connectingElsewhereDoesNotMoveAStream() throws Exception {
        var sessions = new SessionsDaemon();
        try (var daemon = new ScriptedDaemon(sessions);
                var client = connected(daemon)) {
            try (InputStream in = client.fileInput(FILE)) {
                client.disconnect();
                client.connect("opc.tcp://another:4840");

                assertThat(in.readAllBytes()).asString().isEqualTo("s1");
            }

            assertThat(sessions.asked()).noneMatch(call -> call.startsWith("s2"));
        }
    }

    @Test
    void afterTheClientWasClosedStreamsFailAsStreamsDo() throws Exception {
        var file = new FileDaemon(ProtocolVersion.TWO, random(50_000));
        try (var daemon = new ScriptedDaemon(file)) {
            InputStream in;
            OutputStream out;
            try (var client = connected(daemon)) {
                in = client.fileInput(FILE);
                out = client.fileOutput(FILE);
            }
            byte[] much = new byte[100_000];

            assertThatThrownBy(in::read)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ns=2;s=Files/a")
                    .hasMessageContaining("closed");
            assertThatThrownBy(() -> out.write(much)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
            assertThatThrownBy(out::flush).isInstanceOf(IOException.class);
            assertThatThrownBy(in::close).isInstanceOf(IOException.class);
            assertThatThrownBy(out::close).isInstanceOf(IOException.class);

            assertThat(count(daemon, "writeFile")).isZero();
        }
    }

    @Test
    void whatIsRefusedAtOpeningIsAnIOExceptionOfACopy(@TempDir Path directory) throws Exception {
        var file = new FileDaemon(ProtocolVersion.TWO, random(10));
        Path source = Files.write(directory.resolve("source"), random(10));
        Path target = directory.resolve("target");
        Path foreign = Files.writeString(directory.resolve("target.part"), "somebody else's");
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {
            file.fail("openFile");

            assertThatThrownBy(() -> client.download(FILE, target))
                    .isInstanceOf(IOException.class)
                    .hasMessage("The file ns=2;s=Files/a: disk on fire")
                    .hasCauseInstanceOf(RequestFailedException.Service.class);
            assertThatThrownBy(() -> client.upload(source, FILE))
                    .isInstanceOf(IOException.class)
                    .hasCauseInstanceOf(RequestFailedException.Service.class);
            file.fail("");
            client.download(FILE, target);

            assertThat(foreign).hasContent("somebody else's");
            try (var left = Files.list(directory)) {
                assertThat(left).containsExactlyInAnyOrder(source, target, foreign);
            }
        }
    }

    @Test
    void aCompleteDownloadStaysThoughTheHandleCouldNotBeClosed(@TempDir Path directory) throws Exception {
        byte[] content = random(40_000);
        var file = new FileDaemon(ProtocolVersion.TWO, content);
        Path target = directory.resolve("target");
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {
            file.fail("closeFile");

            long bytes = client.download(FILE, target);

            assertThat(bytes).isEqualTo(40_000);
            assertThat(target).hasBinaryContent(content);
            assertThat(count(daemon, "closeFile")).isEqualTo(1);
        }
    }

    @Test
    void aDownloadThatHasNoPlaceClosesTheFileAtTheServer(@TempDir Path directory) throws Exception {
        var file = new FileDaemon(ProtocolVersion.TWO, random(10));
        try (var daemon = new ScriptedDaemon(file);
                var client = connected(daemon)) {

            assertThatThrownBy(() ->
                            client.download(FILE, directory.resolve("none").resolve("target")))
                    .isInstanceOf(IOException.class);

            assertThat(count(daemon, "closeFile")).isEqualTo(1);
        }
    }
}
