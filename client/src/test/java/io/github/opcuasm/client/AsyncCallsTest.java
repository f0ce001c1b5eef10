package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AsyncCallsTest {
    private static final String READER = "opcua-client";

    @Test
    void manyAreUnderWayOnOneConnectionAndEachGetsItsOwnAnswer() throws Exception {
        // The daemon answers in pairs, the later request first.
        var held = new AtomicReference<String>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    String earlier = held.getAndSet(null);
                    if (earlier == null) {
                        held.set(id);
                    } else {
                        peer.succeed(id, id);
                        peer.succeed(earlier, earlier);
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), two())) {

            List<CompletableFuture<JsonValue>> answers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                answers.add(client.commandAsync("ping", Map.of(), true));
            }

            for (int i = 0; i < 1000; i++) {
                assertThat(answers.get(i).get(30, TimeUnit.SECONDS)).hasToString(String.valueOf(i + 1));
            }
            assertThat(daemon.connections()).isEqualTo(1);
        }
    }

    @Test
    void blockingAndAsynchronousCallsTakeTurnsInReading() throws Exception {
        var asked = new LinkedBlockingQueue<String>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    switch (command(request)) {
                        case "late" -> asked.add(id);
                        case "release" -> {
                            peer.succeed(id, "1");
                            peer.succeed(asked.remove(), "\"late\"");
                        }
                        default -> peer.succeed(id, "2");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), two())) {
            CompletableFuture<JsonValue> late = client.commandAsync("late", Map.of(), true);

            assertThat(client.command("ping", Map.of(), true)).hasToString("2");
            assertThat(late).isNotDone();
            assertThat(client.command("release", Map.of(), true)).hasToString("1");

            assertThat(late.get(20, TimeUnit.SECONDS)).hasToString("\"late\"");
        }
    }

    @Test
    void aCallbackThatWaitsAndCallsDelaysNoOtherCall() throws Exception {
        var held = new LinkedBlockingQueue<String>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    switch (command(request)) {
                        case "held" -> held.add(id);
                        case "release" -> {
                            peer.succeed(held.remove(), "0");
                            peer.succeed(id, "1");
                        }
                        default -> peer.succeed(id, "2");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), two())) {
            var called = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            CompletableFuture<JsonValue> stuck = client.commandAsync("held", Map.of(), true)
                    .thenApply(data -> {
                        called.countDown();
                        awaitQuietly(release);
                        return client.command("ping", Map.of(), true);
                    });
            client.command("release", Map.of(), true);
            assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();

            JsonValue other = client.commandAsync("ping", Map.of(), true).get(20, TimeUnit.SECONDS);

            assertThat(other).hasToString("2");
            assertThat(stuck).isNotDone();
            release.countDown();
            assertThat(stuck.get(20, TimeUnit.SECONDS)).hasToString("2");
        }
    }

    @Test
    void callbacksRunOnTheExecutorOfTheOptions() throws Exception {
        var queue = new LinkedBlockingQueue<Runnable>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, id));
                var client = DaemonClient.connect(daemon.endpoint(), two().withCallbacks(queue::add))) {
            CompletableFuture<JsonValue> answer = client.commandAsync("ping", Map.of(), true);
            Runnable completion = queue.poll(20, TimeUnit.SECONDS);
            assertThat(answer).isNotDone();

            assertThat(completion).isNotNull();
            Objects.requireNonNull(completion).run();

            assertThat(answer).isCompleted();
        }
    }

    @Test
    void anErrorEndsTheFutureWithTheExceptionOfABlockingCall() throws Exception {
        try (var daemon = new ScriptedDaemon(
                        (id, request, peer) -> peer.send(
                                "{\"id\":" + id
                                        + ",\"success\":false,\"error\":{\"type\":\"ServiceException\",\"message\":\"bad\",\"code\":7}}\n"));
                var client = DaemonClient.connect(daemon.endpoint(), two())) {

            RequestFailedException failure =
                    failure(RequestFailedException.class, client.commandAsync("query", Map.of(), true));

            assertThat(failure.type()).isEqualTo("ServiceException");
            assertThat(failure.statusCode()).contains(7L);
        }
    }

    @Test
    void aCallThatIsNotAnsweredEndsInTimeWhileOthersGoOn() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (!command(request).equals("silence")) {
                        peer.succeed(id, id);
                    }
                });
                var client =
                        DaemonClient.connect(daemon.endpoint(), two().withRequestTimeout(Duration.ofMillis(100)))) {

            CompletableFuture<JsonValue> silence = client.commandAsync("silence", Map.of(), false);

            assertThat(client.commandAsync("ping", Map.of(), true).get(20, TimeUnit.SECONDS))
                    .hasToString("2");
            assertThat(failure(AnswerTimeoutException.class, silence).outcome()).contains(Outcome.UNKNOWN);
            assertThat(client.commandAsync("ping", Map.of(), true).get(20, TimeUnit.SECONDS))
                    .hasToString("3");
        }
    }

    @Test
    void aCancelledFutureCancelsItsRequest() throws Exception {
        var cancelled = new CompletableFuture<JsonValue.Obj>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (command(request).equals("cancel")) {
                        cancelled.complete(request);
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), two())) {
            CompletableFuture<JsonValue> answer = client.commandAsync("publish", Map.of(), true);

            assertThat(answer.cancel(false)).isTrue();

            assertThat(cancelled.get(20, TimeUnit.SECONDS).get("target")).hasToString("1");
        }
    }

    @Test
    void anInterruptedBlockingCallCancelsItsRequest() throws Exception {
        var asked = new CountDownLatch(1);
        var cancelled = new CompletableFuture<JsonValue.Obj>();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (command(request).equals("cancel")) {
                        cancelled.complete(request);
                    } else {
                        asked.countDown();
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), two())) {
            var ended = new CompletableFuture<Boolean>();
            Thread caller = new Thread(() -> {
                var failure = catchThrowableOfType(
                        ConnectionLostException.class, () -> client.command("query", Map.of(), true));
                ended.complete(Thread.currentThread().isInterrupted()
                        && failure.outcome().filter(Outcome.UNKNOWN::equals).isPresent());
            });
            caller.start();
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();

            caller.interrupt();

            assertThat(ended.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(cancelled.get(20, TimeUnit.SECONDS).get("target")).hasToString("1");
            assertThat(daemon.requests()).hasSize(2);
        }
    }

    @Test
    void blockingCallsNeedNoThread() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, id));
                var client = DaemonClient.connect(daemon.endpoint(), two())) {

            client.command("ping", Map.of(), true);
            assertThat(readers(daemon)).isEmpty();
            client.commandAsync("ping", Map.of(), true).get(20, TimeUnit.SECONDS);
            assertThat(readers(daemon)).hasSize(1).allMatch(Thread::isDaemon);
        }
    }

    @Test
    void readsUnderWayAreRepeatedOnANewConnectionAndChangesAreNot() throws Exception {
        var count = new AtomicInteger();
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    if (count.incrementAndGet() == 3) {
                        peer.socket().close();
                    } else if (count.get() > 3) {
                        peer.succeed(id, "\"again\"");
                    }
                });
                var client = DaemonClient.connect(daemon.endpoint(), two())) {
            CompletableFuture<JsonValue> first = client.commandAsync("read", Map.of(), true);
            CompletableFuture<JsonValue> change = client.commandAsync("write", Map.of(), false);
            CompletableFuture<JsonValue> second = client.commandAsync("read", Map.of(), true);

            assertThat(first.get(20, TimeUnit.SECONDS)).hasToString("\"again\"");
            assertThat(second.get(20, TimeUnit.SECONDS)).hasToString("\"again\"");
            assertThat(failure(ConnectionLostException.class, change).outcome()).contains(Outcome.UNKNOWN);
            assertThat(daemon.requests())
                    .filteredOn(request -> command(request).equals("write"))
                    .hasSize(1);
        }
    }

    @Test
    void closingTheClientEndsWhatIsUnderWay() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {})) {
            var client = DaemonClient.connect(daemon.endpoint(), two());
            CompletableFuture<JsonValue> answer = client.commandAsync("read", Map.of(), true);

            client.close();

            assertThat(failure(ConnectionLostException.class, answer)).hasMessage("This client was closed");
        }
    }

    private static ClientOptions two() {
        return ClientOptions.DEFAULTS.withProtocol(ProtocolVersion.TWO);
    }

    static String command(JsonValue.Obj request) {
        return request.get("command") instanceof JsonValue.Str text ? text.value() : "";
    }

    private static List<Thread> readers(ScriptedDaemon daemon) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(READER + " " + daemon.endpoint()))
                .toList();
    }

    static <T extends ClientException> T failure(Class<T> type, CompletableFuture<JsonValue> future)
            throws IOException, InterruptedException {
        try {
            JsonValue data = future.get(20, TimeUnit.SECONDS);
            throw new IOException("expected a failure, got " + data);
        } catch (ExecutionException e) {
            if (type.isInstance(e.getCause())) {
                return type.cast(Objects.requireNonNull(e.getCause()));
            }
            throw new IOException("the future failed otherwise", e);
        } catch (TimeoutException e) {
            throw new IOException("the future did not end", e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            boolean unused = latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
