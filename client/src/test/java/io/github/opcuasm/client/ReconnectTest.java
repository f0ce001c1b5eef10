package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A daemon that ends with a request under way, and another one in its place. */
@Timeout(60)
class ReconnectTest {
    private static final ClientOptions OPTIONS = ClientOptions.DEFAULTS.withReconnectFor(Duration.ofSeconds(20));

    private final CompletableFuture<ScriptedDaemon> first = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final CompletableFuture<ScriptedDaemon> second = new CompletableFuture<>();

    @AfterEach
    void close() throws Exception {
        first.join().close();
        if (second.isDone()) {
            second.get().close();
        }
    }

    @Test
    void aReadUnderWayIsAnsweredByTheNextDaemon() throws Exception {
        try (var client = DaemonClient.connect(endsWithTheFirst("read"), OPTIONS)) {
            restartWhenGone();

            assertThat(client.command("read", Map.of(), true)).hasToString("\"second\"");
        }
    }

    @Test
    void soIsAnAsynchronousOne() throws Exception {
        try (var client = DaemonClient.connect(endsWithTheFirst("read"), OPTIONS)) {
            restartWhenGone();

            CompletableFuture<JsonValue> answer = client.commandAsync("read", Map.of(), true);

            assertThat(answer.get(30, TimeUnit.SECONDS)).hasToString("\"second\"");
        }
    }

    @Test
    void aWriteUnderWayIsNotSentToTheNextDaemon() throws Exception {
        try (var client = DaemonClient.connect(endsWithTheFirst("write"), OPTIONS)) {
            restartWhenGone();

            var failure =
                    catchThrowableOfType(ConnectionLostException.class, () -> client.command("write", Map.of(), false));

            assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
            assertThat(second.get(20, TimeUnit.SECONDS).requests()).isEmpty();
        }
    }

    @Test
    void whatIsCalledWhileNobodyListensWaitsAWriteToo() throws Exception {
        try (var client = DaemonClient.connect(endsWithTheFirst("last"), OPTIONS)) {
            assertThatThrownBy(() -> client.command("last", Map.of(), false))
                    .isInstanceOf(ConnectionLostException.class);
            CompletableFuture<JsonValue> asynchronous = client.commandAsync("write", Map.of(), false);

            restartWhenGone();

            assertThat(client.command("write", Map.of(), false)).hasToString("\"second\"");
            assertThat(asynchronous.get(30, TimeUnit.SECONDS)).hasToString("\"second\"");
            assertThat(second.get(20, TimeUnit.SECONDS).requests())
                    .filteredOn(request -> AsyncCallsTest.command(request).equals("write"))
                    .hasSize(2);
        }
    }

    @Test
    void aDaemonThatDoesNotComeBackIsMissedInTime() throws Exception {
        try (var client =
                DaemonClient.connect(endsWithTheFirst("read"), OPTIONS.withReconnectFor(Duration.ofMillis(100)))) {

            var blocking =
                    catchThrowableOfType(DaemonNotRunningException.class, () -> client.command("read", Map.of(), true));
            CompletableFuture<JsonValue> asynchronous = client.commandAsync("read", Map.of(), true);

            assertThat(blocking.getSuppressed()).hasAtLeastOneElementOfType(ConnectionLostException.class);
            assertThat(asynchronous)
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(DaemonNotRunningException.class);
        }
    }

    @Test
    void aReadThatADyingDaemonRefusesIsAnsweredByTheNext() throws Exception {
        begin(new ScriptedDaemon((id, request, peer) -> {
            first.join().stopListening();
            peer.send(
                    "{\"id\":" + id
                            + ",\"success\":false,\"error\":{\"type\":\"shutting_down\",\"message\":\"The daemon is shutting down\"}}\n");
            gone.complete(null);
        }));
        try (var client = DaemonClient.connect(first.join().endpoint(), OPTIONS)) {
            restartWhenGone();

            assertThat(client.command("read", Map.of(), true)).hasToString("\"second\"");
        }
    }

    private IpcEndpoint endsWithTheFirst(String command) throws IOException {
        begin(new ScriptedDaemon((id, request, peer) -> {
            if (AsyncCallsTest.command(request).equals(command)) {
                end();
            }
        }));
        return first.join().endpoint();
    }

    private void begin(ScriptedDaemon daemon) {
        first.complete(daemon);
    }

    private void end() throws IOException {
        first.join().close();
        gone.complete(null);
    }

    private void restartWhenGone() {
        CompletableFuture<Void> unused = gone.thenRunAsync(() -> {
            try {
                second.complete(
                        new ScriptedDaemon(first.join().port(), (id, request, peer) -> peer.succeed(id, "\"second\"")));
            } catch (IOException e) {
                second.completeExceptionally(e);
            }
        });
    }
}
