package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls: writes the request, gets it a connection, and sends it once more where that is right.
 *
 * <p>When it is right: a request of which nothing was sent may be sent as soon as there is a connection, whatever it
 * does. A request that may have been sent is repeated only if it changes nothing, once, after the connection was lost
 * under it or the daemon said that it is shutting down; not if the daemon answered, was late, or sent what cannot be
 * read. While nobody listens, either waits for the daemon to come back, in growing pauses, for at most {@link
 * ClientOptions#reconnectFor} and within the call's own time.
 *
 * <p>What an asynchronous call has to wait for, one daemon thread waits for, which lives as long as there is such a call.
 */
final class DaemonCalls {
    /** The daemon gives up first, by this much, so that its answer says what became of the request. */
    static final Duration ANSWER_GRACE = Duration.ofSeconds(1);

    private static final long CANCEL_NANOS = 1_000_000_000;

    private final IpcEndpoint endpoint;
    private final ClientOptions options;
    private final DaemonConnections connections;
    private final AtomicLong nextId = new AtomicLong(1);
    /** Guards itself and {@code waiterLives}. */
    private final Queue<AsyncCall> waiting = new ArrayDeque<>();

    private boolean waiterLives;

    DaemonCalls(IpcEndpoint endpoint, ClientOptions options) {
        this.endpoint = endpoint;
        this.options = options;
        this.connections = new DaemonConnections(endpoint, options);
    }

    DaemonConnections connections() {
        return connections;
    }

    /** When a call that begins now must have ended. */
    long end() {
        return Deadline.in(options.requestTimeout()) + ANSWER_GRACE.toNanos();
    }

    EncodedRequest encoded(String command, Map<String, JsonValue> members) {
        return EncodedRequest.of(command, options.token(), members);
    }

    /** A request as a frame of protocol 2, for a connection of its own. */
    ByteBuffer frame(String command, Map<String, JsonValue> members, long end) {
        return frame(nextId.getAndIncrement(), encoded(command, members), end);
    }

    private static ByteBuffer frame(long id, EncodedRequest request, long end) {
        return request.frame(id, (end - System.nanoTime()) / 1_000_000 - ANSWER_GRACE.toMillis());
    }

    private static ByteBuffer frame(long id, DaemonConnections.Lease lease, EncodedRequest request, long end) {
        return lease.bare() ? request.bare() : frame(id, request, end);
    }

    /**
     * Sends a request and waits for its {@code data}.
     *
     * @param end {@link #end}, of this call or of the one that it is a part of
     */
    JsonValue call(String command, Map<String, JsonValue> members, boolean repeatable, long end) {
        EncodedRequest request = encoded(command, members);
        ClientException first = null;
        while (true) {
            try {
                return Answers.data(attempt(request, end));
            } catch (ClientException e) {
                if (first != null && first != e) {
                    e.addSuppressed(first);
                }
                if (first != null || !isRepeated(e, repeatable)) {
                    throw e;
                }
                first = e;
            }
        }
    }

    /** Whether a request that failed like this is sent again. */
    private boolean isRepeated(ClientException failure, boolean repeatable) {
        if (connections.isClosed() || Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (failure instanceof RequestFailedException refusal) {
            return repeatable && refusal.type().equals(ErrorType.SHUTTING_DOWN.wireName());
        }
        return failure instanceof ConnectionLostException
                && !(failure.getCause() instanceof ConnectionLostException inner
                        && inner.getCause() instanceof AnswerInbox.UnreadableAnswer)
                && (repeatable
                        || failure.outcome().filter(Outcome.NOT_SENT::equals).isPresent());
    }

    private JsonValue.Obj attempt(EncodedRequest request, long end) {
        DaemonConnections.Lease lease = null;
        long id = nextId.getAndIncrement();
        try {
            lease = connections.lease(end, patience(), request.isLarge(), this::probe);
            JsonValue.Obj answer = lease.connection().exchange(id, frame(id, lease, request, end), end);
            retireIfShuttingDown(lease, answer);
            return answer;
        } catch (InterruptedException e) {
            if (lease != null && !lease.bare()) {
                postCancel(lease, id);
            }
            Thread.currentThread().interrupt();
            throw new ConnectionLostException(
                    "Interrupted while waiting for the daemon on " + endpoint,
                    lease == null ? Outcome.NOT_SENT : Outcome.UNKNOWN,
                    e);
        } finally {
            if (lease != null) {
                connections.release(lease);
            }
        }
    }

    private long patience() {
        return Deadline.in(options.reconnectFor());
    }

    /** Whatever becomes of it, nothing of the call that it is made for was sent. */
    private void probe(KeptConnection connection, long end) throws InterruptedException {
        long id = nextId.getAndIncrement();
        try {
            JsonValue.Obj unused = connection.exchange(id, frame(id, encoded("ping", Map.of()), end), end);
        } catch (AnswerTimeoutException e) {
            var late = new AnswerTimeoutException(
                    "The daemon on " + endpoint + " did not answer a ping in time; the request was not sent",
                    Outcome.NOT_SENT);
            late.addSuppressed(e);
            throw late;
        } catch (ConnectionLostException e) {
            throw new ConnectionLostException(e.messageText(), Outcome.NOT_SENT, e.getCause());
        }
    }

    private void retireIfShuttingDown(DaemonConnections.Lease lease, JsonValue.Obj answer) {
        if (answer.get("error") instanceof JsonValue.Obj error
                && error.get("type") instanceof JsonValue.Str type
                && type.value().equals(ErrorType.SHUTTING_DOWN.wireName())) {
            connections.retire(lease);
        }
    }

    /** Tells the daemon that nobody waits for an answer any more. One that does not know the command says so to nobody. */
    private void postCancel(DaemonConnections.Lease lease, long target) {
        long id = nextId.getAndIncrement();
        long end = System.nanoTime() + CANCEL_NANOS;
        EncodedRequest cancel = encoded("cancel", Map.of("target", Json.of(target)));
        lease.connection().post(frame(id, cancel, end + ANSWER_GRACE.toNanos()), end);
    }

    /** The asynchronous twin of {@link #call}. */
    CompletableFuture<JsonValue> callAsync(
            String command, Map<String, JsonValue> members, boolean repeatable, long end) {
        AsyncCall call;
        try {
            call = new AsyncCall(encoded(command, members), repeatable, end);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<JsonValue> future = call.future;
        // Who ends the future, by cancelling it say, ends the call; after its own end this does nothing.
        future.whenComplete((data, failure) -> call.abandon());
        call.start(System.nanoTime());
        return future;
    }

    /** Hands a call to the thread that waits for the daemon to come back. */
    private void repeatLater(AsyncCall call) {
        synchronized (waiting) {
            waiting.add(call);
            if (!waiterLives) {
                waiterLives = true;
                Thread thread = new Thread(this::repeatWaiting, "opcua-client reconnect " + endpoint);
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void repeatWaiting() {
        while (true) {
            AsyncCall call;
            synchronized (waiting) {
                call = waiting.poll();
                if (call == null) {
                    waiterLives = false;
                    return;
                }
            }
            call.start(call.patientUntil);
        }
    }

    void close() {
        connections.close();
    }

    /** One asynchronous call, through all its attempts; of these at most one is under way. */
    private final class AsyncCall implements PendingCalls.Listener {
        private final EncodedRequest request;
        private final boolean repeatable;
        private final long end;
        final CompletableFuture<JsonValue> future = new CompletableFuture<>();
        private @Nullable ClientException first;
        private DaemonConnections.@Nullable Lease lease;
        private long id;
        volatile long patientUntil;
        private boolean waited;

        AsyncCall(EncodedRequest request, boolean repeatable, long end) {
            this.request = request;
            this.repeatable = repeatable;
            this.end = end;
        }

        void start(long patience) {
            DaemonConnections.Lease got = null;
            try {
                got = connections.lease(end, patience, request.isLarge(), DaemonCalls.this::probe);
                long own = nextId.getAndIncrement();
                ByteBuffer frame = frame(own, got, request, end);
                if (!begin(got, own)) {
                    connections.release(got);
                    return;
                }
                got.connection().submit(own, frame, end, this);
                if (future.isDone()) {
                    abandon(); // it was cancelled before there was something to abandon
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                end(new ConnectionLostException(
                        "Interrupted before the request was sent to the daemon on " + endpoint, Outcome.NOT_SENT, e));
            } catch (ClientException e) {
                failed(e);
            } catch (RuntimeException e) {
                if (finish() == null && got != null) {
                    connections.release(got);
                }
                complete(() -> future.completeExceptionally(e));
            }
        }

        private synchronized boolean begin(DaemonConnections.Lease got, long own) {
            if (future.isDone()) {
                return false;
            }
            lease = got;
            id = own;
            return true;
        }

        /** Gives the connection back; what it was, the first time. */
        private DaemonConnections.@Nullable Lease finish() {
            DaemonConnections.Lease own;
            synchronized (this) {
                own = lease;
                lease = null;
            }
            if (own != null) {
                connections.release(own);
            }
            return own;
        }

        @Override
        public void answered(JsonValue.Obj answer) {
            DaemonConnections.Lease own = finish();
            if (own != null) {
                retireIfShuttingDown(own, answer);
            }
            JsonValue data;
            try {
                data = Answers.data(answer);
            } catch (ClientException e) {
                failed(e);
                return;
            }
            complete(() -> future.complete(data));
        }

        @Override
        public void failed(ClientException why) {
            DaemonConnections.Lease unused = finish();
            boolean away = why instanceof DaemonNotRunningException
                    && !waited
                    && !options.reconnectFor().isZero();
            if (!future.isDone() && (away || (first == null && isRepeated(why, repeatable)))) {
                first = away ? first : why;
                waited = true;
                patientUntil = patience();
                repeatLater(this);
            } else {
                end(why);
            }
        }

        private void end(ClientException why) {
            DaemonConnections.Lease unused = finish();
            ClientException earlier = first;
            if (earlier != null && earlier != why) {
                why.addSuppressed(earlier);
            }
            complete(() -> future.completeExceptionally(why));
        }

        private void complete(Runnable completion) {
            try {
                if (options.callbacks() == null) {
                    future.defaultExecutor().execute(completion);
                } else {
                    options.callbacks().execute(completion);
                }
            } catch (RuntimeException e) {
                completion.run(); // an executor that was shut down; the call has ended all the same
            }
        }

        void abandon() {
            DaemonConnections.Lease own;
            long target;
            synchronized (this) {
                own = lease;
                target = id;
            }
            if (own != null && own.connection().abandon(target)) {
                if (!own.bare()) {
                    postCancel(own, target);
                }
                DaemonConnections.Lease unused = finish();
            }
        }
    }
}
