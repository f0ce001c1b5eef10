package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DaemonClientTest {
    private static final String PONG = "{\"status\":\"ok\",\"sessions\":0,\"time\":1.5}";

    @Test
    void callsShareOneConnection() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, PONG));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS.withToken("secret"))) {

            client.ping();
            JsonValue.Obj second = client.ping();

            assertThat(second.get("status")).hasToString("\"ok\"");
            assertThat(daemon.connections()).isEqualTo(1);
            assertThat(daemon.requests()).allSatisfy(request -> {
                assertThat(request.get("authToken")).hasToString("\"secret\"");
                assertThat(request.get("timeoutMs")).isInstanceOf(JsonValue.Num.class);
            });
        }
    }

    @Test
    void everyThreadGetsItsOwnAnswerWhateverTheOrder() throws Exception {
        // The daemon answers reads in pairs, the later one first: the very first waits for another one.
        var held = new ConcurrentLinkedQueue<String[]>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (AsyncCallsTest.command(request).equals("ping")) {
                        peer.succeed(id, PONG);
                        return;
                    }
                    String node = request.get("params") instanceof JsonValue.Arr params
                            ? params.elements().get(0).toString()
                            : "null";
                    String[] earlier = held.poll();
                    if (earlier == null) {
                        held.add(new String[] {id, node});
                    } else {
                        peer.succeed(id, "{\"value\":" + node + "}");
                        peer.succeed(earlier[0], "{\"value\":" + earlier[1] + "}");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<String>> answers = new ArrayList<>();
                for (int i = 0; i < 400; i++) {
                    String node = "i=" + i;
                    answers.add(threads.submit(
                            () -> String.valueOf(client.read("s", node).get("value"))));
                }

                for (int i = 0; i < 400; i++) {
                    assertThat(answers.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("\"i=" + i + "\"");
                }
                assertThat(daemon.connections()).as("threads, and the kept one").isBetween(1, 9);
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void anErrorAnswerCarriesTypeCodeAndOutcome() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.send("{\"id\":" + id
                        + ",\"success\":false,\"error\":{\"type\":\"ConnectionException\",\"message\":\"gone\","
                        + "\"code\":2148270080,\"outcome\":\"not_sent\"}}\n"));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            var failure = catchThrowableOfType(RequestFailedException.class, () -> client.write("s", "i=1", 42, null));

            assertThat(failure.type()).isEqualTo("ConnectionException");
            assertThat(failure).hasMessage("gone");
            assertThat(failure.statusCode()).contains(2148270080L);
            assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
        }
    }

    @Test
    void aReadIsRepeatedOnceWhenTheConnectionIsLostUnderIt() throws Exception {
        var count = new AtomicInteger();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (count.incrementAndGet() == 1) {
                        peer.socket().close();
                    } else {
                        peer.succeed(id, "{\"value\":7}");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            JsonValue.Obj value = client.read("s", "i=1");

            assertThat(value.get("value")).hasToString("7");
            assertThat(daemon.connections()).isEqualTo(2);
        }
    }

    @Test
    void aWriteIsNeverRepeatedAndItsOutcomeIsUnknown() throws Exception {
        try (var daemon =
                        new ScriptedDaemon((id, request, peer) -> peer.socket().close());
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            var failure = catchThrowableOfType(ConnectionLostException.class, () -> client.write("s", "i=1", 42, null));

            assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
            assertThat(daemon.requests()).hasSize(1);
        }
    }

    @Test
    void whatIsNotKnownToReadIsSentOnceByEveryWayThereIs() throws Exception {
        try (var daemon =
                        new ScriptedDaemon((id, request, peer) -> peer.socket().close());
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            List<String> methods = new ArrayList<>(methodsThatChangeThePlant());
            methods.addAll(
                    List.of("closeFile", "readFile", "setFilePosition", "publish", "browseNext", "oneOfTomorrow"));

            for (String method : methods) {
                var target = Target.session("s");
                assertThatThrownBy(() -> client.query(target, method)).isInstanceOf(ConnectionLostException.class);
                assertThatThrownBy(() -> client.invoke(target, method)).isInstanceOf(ConnectionLostException.class);
                assertThat(client.queryAsync(target, method))
                        .failsWithin(Duration.ofSeconds(20))
                        .withThrowableOfType(ExecutionException.class)
                        .withCauseInstanceOf(ConnectionLostException.class);
            }

            assertThat(methods).contains("write", "call", "addNodes", "historyDeleteAtTime", "writeFile");
            for (String method : methods) {
                assertThat(daemon.requests())
                        .as(method)
                        .filteredOn(request -> Json.of(method).equals(request.get("method")))
                        .hasSize(3);
            }
        }
    }

    /** By the last column of docs/methods.md, which a test of the daemon compares with its own table. */
    private static List<String> methodsThatChangeThePlant() throws IOException {
        return Pattern.compile("(?m)^\\| `(\\w+)` \\|.*\\| yes \\|$")
                .matcher(Files.readString(Path.of("..", "docs", "methods.md")))
                .results()
                .map(row -> row.group(1))
                .toList();
    }

    @Test
    void aConnectionThatTheDaemonClosedWhileIdleIsReplaced() throws Exception {
        var closed = new CompletableFuture<Void>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.succeed(id, "0");
                    peer.socket().shutdownOutput();
                    closed.complete(null);
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {
            assertThat(client.write("s", "i=1", 1, null)).isZero();
            closed.get(10, TimeUnit.SECONDS);

            long second = client.write("s", "i=1", 2, null);

            assertThat(second).isZero();
            assertThat(daemon.requests()).hasSize(2);
        }
    }

    @Test
    void aSilentDaemonTimesOut() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {});
                var client = DaemonClient.connect(
                        daemon.endpoint(), ClientOptions.DEFAULTS.withRequestTimeout(Duration.ofMillis(50)))) {

            var failure = catchThrowableOfType(AnswerTimeoutException.class, client::ping);

            assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
        }
    }

    @Test
    void anErrorWithoutIdIsEverybodys() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.send("{\"success\":false,\"error\":{\"type\":\"auth_failed\",\"message\":\"Invalid\"}}\n");
                    peer.socket().close();
                });
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            var failure = catchThrowableOfType(RequestFailedException.class, client::ping);

            assertThat(failure.type()).isEqualTo("auth_failed");
        }
    }

    @Test
    void answersLargerThanAnyBufferArriveWhole() throws Exception {
        String text = "x".repeat(5_000_000);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, "{\"value\":\"" + text + "\"}"));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            JsonValue value = client.read("s", "i=1").get("value");

            assertThat(value).isEqualTo(new JsonValue.Str(text));
        }
    }

    @Test
    void anAnswerAboveTheBoundIsRefused() throws Exception {
        String text = "x".repeat(200_000);
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, "\"" + text + "\""));
                var client =
                        DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS.withMaxAnswerBytes(64 * 1024))) {

            var failure = catchThrowableOfType(ConnectionLostException.class, () -> client.query("s", "call"));

            assertThat(failure).hasMessageContaining("exceeds 65536 bytes");
        }
    }

    @Test
    void noSocketMeansNoDaemon(@TempDir Path directory) {
        var endpoint = new IpcEndpoint.Unix(directory.resolve("none.sock"));

        var failure = catchThrowableOfType(
                DaemonNotRunningException.class, () -> DaemonClient.connect(endpoint, ClientOptions.DEFAULTS));

        assertThat(failure).hasMessageContaining("No daemon is listening on " + endpoint.uri());
        assertThat(failure.outcome()).contains(Outcome.NOT_SENT);
    }

    @Test
    void aListenerWhoseQueueIsFullIsWaitedForUntilTheTimeout(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("full.sock");
        var options = ClientOptions.DEFAULTS.withConnectTimeout(Duration.ofMillis(100));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path), 1);
            List<DaemonClient> queued = new ArrayList<>();

            DaemonNotRunningException failure = null;
            for (int i = 0; i < 20 && failure == null; i++) {
                try {
                    queued.add(DaemonClient.connect(new IpcEndpoint.Unix(path), options));
                } catch (DaemonNotRunningException e) {
                    failure = e;
                }
            }

            queued.forEach(DaemonClient::close);
            assertThat(failure).isNotNull().hasMessageContaining("does not accept in time");
        }
    }

    @Test
    void openGivesTheConfigAsJson() throws Exception {
        try (var daemon = new ScriptedDaemon(
                        (id, request, peer) -> peer.succeed(id, "{\"sessionId\":\"ab\",\"reused\":true}"));
                var client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS)) {

            OpenedSession session = client.open("opc.tcp://plc", Map.of("opcuaTimeout", 2.5), true);

            assertThat(session).isEqualTo(new OpenedSession("ab", true));
            JsonValue.Obj request = daemon.requests().get(0);
            assertThat(Json.text(request))
                    .contains("\"endpointUrl\":\"opc.tcp://plc\"", "{\"opcuaTimeout\":2.5}", "\"forceNew\":true");
        }
    }
}
