package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.queryRequest;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.BigValues;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of megabytes through a daemon with 96 MB of heap: right, or refused, while everybody else is served. */
class BigAnswersIT {
    /** Together more than the heap, if each stayed there. */
    private static final int ONE_AFTER_ANOTHER = Integer.getInteger("opcuasm.bigReads", 25);

    private static final int AT_ONCE = 50;
    private static final String CONFIG = "{\"opcuaTimeout\":600}";
    private static final String BIG_STRING = "[\"ns=2;s=Big/String5MB\"]";

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;
    private static ProtocolPeer peer;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().bigNodes().build();
        server.start();
        daemon = DaemonProcess.in(directory).jvmOption("-Xmx96m").start("--max-message-bytes", "16777216");
        peer = new ProtocolPeer(daemon);
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @Test
    void aBigStringIsReadOneTimeAfterAnother() throws Exception {
        String session = peer.open(server.endpointUrl(), CONFIG);
        String request = queryRequest(session, "read", BIG_STRING);
        byte[] first = ask(request);
        assertThat(text(value(first))).isEqualTo(BigValues.string());

        for (int i = 1; i < ONE_AFTER_ANOTHER; i++) {
            byte[] next = ask(request);
            assertThat(next).hasSameSizeAs(first).startsWith("{\"success\":true".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(peer.query(session, "read", "[\"ns=2;s=Scalars/Int32\"]")).contains("\"type\":6");
        assertHealthy();
    }

    @Test
    void manyAtOnceAreRightOrRefusedAndPingsAreAnsweredMeanwhile() throws Exception {
        String session = peer.open(server.endpointUrl(), CONFIG);
        String request = queryRequest(session, "read", BIG_STRING);
        ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE + 1);
        try {
            CyclicBarrier start = new CyclicBarrier(AT_ONCE);
            List<Future<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                Callable<byte[]> caller = () -> {
                    start.await(20, TimeUnit.SECONDS);
                    return ask(request);
                };
                answers.add(callers.submit(caller));
            }
            AtomicBoolean over = new AtomicBoolean();
            Future<Integer> pings = callers.submit(() -> {
                int answered = 0;
                while (!over.get()) {
                    peer.expectPing();
                    answered++;
                }
                return answered;
            });

            int right = 0;
            for (Future<byte[]> answer : answers) {
                byte[] line = answer.get(300, TimeUnit.SECONDS);
                if (line.length > 1000) {
                    assertThat(text(value(line))).isEqualTo(BigValues.string());
                    right++;
                } else {
                    assertThat(new String(line, StandardCharsets.UTF_8)).contains("\"overloaded\"");
                }
            }
            over.set(true);

            assertThat(right).isPositive();
            assertThat(pings.get(20, TimeUnit.SECONDS)).isPositive();
        } finally {
            callers.shutdownNow();
        }
        assertThat(peer.query(session, "read", "[\"ns=2;s=Scalars/Int32\"]")).contains("\"type\":6");
        assertHealthy();
    }

    @Test
    void bigArraysAndByteStringsArriveWhole() throws Exception {
        String session = peer.open(server.endpointUrl(), CONFIG);

        JsonValue.Obj array = value(ask(queryRequest(session, "read", "[\"ns=2;s=Big/Array100k\"]")));
        JsonValue.Obj doubles = value(ask(queryRequest(session, "read", "[\"ns=2;s=Big/Doubles100k\"]")));
        JsonValue.Obj bytes = value(ask(queryRequest(session, "read", "[\"ns=2;s=Big/ByteString5MB\"]")));

        List<Integer> numbers = new ArrayList<>();
        for (JsonValue element : elements(array)) {
            numbers.add(((JsonValue.Num) element).decimal().intValueExact());
        }
        assertThat(numbers).containsExactly(BigValues.int32s());
        List<Double> roots = new ArrayList<>();
        for (JsonValue element : elements(doubles)) {
            roots.add(((JsonValue.Num) element).decimal().doubleValue());
        }
        assertThat(roots).containsExactly(BigValues.doubles());
        assertThat(Base64.getDecoder().decode(text(bytes))).isEqualTo(BigValues.bytes());
        assertHealthy();
    }

    @Test
    void aFolderOfTenThousandIsBrowsedWhole() throws Exception {
        String session = peer.open(server.endpointUrl(), CONFIG);

        byte[] answer = ask(queryRequest(session, "browseAll", "[\"ns=2;s=Big/Folder\",0,\"i=35\"]"));

        JsonValue.Obj line = (JsonValue.Obj) JsonReader.readValue(answer, 0, answer.length);
        assertThat(member(line, "data").asArray()).hasSize(BigValues.FOLDER_SIZE);
        assertHealthy();
    }

    private static void assertHealthy() throws IOException {
        assertThat(daemon.isAlive()).isTrue();
        assertThat(daemon.stderr()).doesNotContain("OutOfMemory", "incident", "LEAK");
    }

    private static List<JsonValue> elements(JsonValue.Obj dataValue) {
        return requireNonNull(member(dataValue, "value").asArray());
    }

    private static String text(JsonValue.Obj dataValue) {
        return ((JsonValue.Str) member(dataValue, "value")).value();
    }

    private static JsonValue.Obj value(byte[] line) {
        JsonValue.Obj answer = (JsonValue.Obj) JsonReader.readValue(line, 0, line.length);
        assertThat(answer.get("success")).isEqualTo(new JsonValue.Bool(true));
        return (JsonValue.Obj) member(answer, "data");
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        return requireNonNull(object.get(name));
    }

    /** One protocol-1 exchange: everything up to the end of the daemon's stream, without the newline. */
    private static byte[] ask(String request) throws IOException {
        IpcEndpoint.Unix unix = (IpcEndpoint.Unix) daemon.endpoint();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(unix.path()))) {
            channel.write(ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8)));
            var answer = new ByteArrayOutputStream(1 << 16);
            ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
            while (channel.read(buffer) >= 0) {
                answer.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            byte[] line = answer.toByteArray();
            assertThat(line).endsWith((byte) '\n');
            return Arrays.copyOf(line, line.length - 1);
        }
    }
}
