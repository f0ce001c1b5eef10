package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.DaemonNotRunningException;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.Target;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program that lives longer than the daemon's process does, and one that gives up before the daemon does. */
@Timeout(90)
class KeptClientIT {
    private static final ClientOptions OPTIONS =
            ClientOptions.DEFAULTS.withReconnectFor(Duration.ofSeconds(60)).withRequestTimeout(Duration.ofSeconds(60));

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @Test
    void readsGoOnOverAKilledDaemonAndTheNextOne() throws Exception {
        Target target = Target.server(server.endpointUrl(), Map.of());
        try (DaemonClient client = DaemonClient.connect(daemon.endpoint(), OPTIONS)) {
            JsonValue before = client.query(target, "read", "i=2259");

            daemon.kill9();
            List<CompletableFuture<JsonValue>> asynchronous = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                asynchronous.add(client.queryAsync(target, "read", "i=2259"));
            }
            daemon = DaemonProcess.in(directory).start();

            assertThat(value(client.query(target, "read", "i=2259"))).isEqualTo(value(before));
            for (CompletableFuture<JsonValue> answer : asynchronous) {
                assertThat(value(answer.get(60, TimeUnit.SECONDS))).isEqualTo(value(before));
            }
        }
    }

    @Test
    void aDaemonThatIsGoneIsMissedAtOnceByWhoDoesNotWait() throws Exception {
        try (var other = DaemonProcess.in(directory)
                        .endpoint(new IpcEndpoint.Unix(directory.resolve("other.sock")))
                        .start();
                DaemonClient client = DaemonClient.connect(other.endpoint(), OPTIONS.withReconnectFor(Duration.ZERO))) {
            client.ping();

            other.kill9();

            assertThatThrownBy(client::ping).isInstanceOf(DaemonNotRunningException.class);
        }
    }

    @Test
    void aCancelledFutureFreesTheDaemonOfItsRequest() throws Exception {
        try (DaemonClient client = DaemonClient.connect(daemon.endpoint(), OPTIONS)) {
            assertThat(client.hello().features()).contains("cancel", "stats");
            String session = client.open(server.endpointUrl(), Map.of("sessionName", "cancelled"), true)
                    .sessionId();
            client.query(session, "createSubscription", 60_000.0);
            CompletableFuture<JsonValue> publish =
                    client.queryAsync(Target.session(session), "publish", List.of(), null, 50_000);

            publish.cancel(false);

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(Json.text(client.stats())).contains("\"errors\":{\"cancelled\":1}"));
            client.close(session, true);
        }
    }

    private static JsonValue value(JsonValue dataValue) {
        JsonValue value = ((JsonValue.Obj) dataValue).get("value");
        return value == null ? JsonValue.Null.INSTANCE : value;
    }
}
