package io.github.opcuasm.client;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The session of a client: how it was opened, and under which id it is now. A daemon that was restarted, or let the session
 * expire, does not know the id any more; then the same {@code open} is sent again, once for all that notice.
 *
 * <p>That is done on a thread of its own, which ends with the attempt: the futures of asynchronous calls end on the program's
 * threads, and one of these may be the one that waits here. Who waits, waits within the time of its own call.
 *
 * <p>Invariants, under the lock, which is never held while something is sent: {@code current} is replaced only by the answer
 * of an attempt that began because of it; nothing is opened once it is closed, and what was being opened then is closed when
 * it comes.
 */
final class ClientSession {
    /** So many uses of one session are given back one by one; the daemon forgets the others by its timeout. */
    private static final int MOST_USES = 16;

    private final DaemonClient daemon;
    private final Map<String, JsonValue> opening;
    private final ReentrantLock lock = new ReentrantLock();
    private OpenedSession current;
    /** How many {@code open}s gave this session to this client. */
    private int uses = 1;

    private boolean closed;
    /** Empty if it was closed meanwhile. */
    private @Nullable CompletableFuture<Optional<OpenedSession>> attempt;

    /** A session that was given up, and how often it has to be closed. */
    private record Retired(String sessionId, int uses) {}

    private ClientSession(DaemonClient daemon, Map<String, JsonValue> opening, OpenedSession current) {
        this.daemon = daemon;
        this.opening = opening;
        this.current = current;
    }

    /** @param opening the members of {@code open} */
    static ClientSession open(DaemonClient daemon, Map<String, JsonValue> opening) {
        return new ClientSession(daemon, opening, opened(daemon.command("open", opening, false)));
    }

    static CompletableFuture<ClientSession> openAsync(DaemonClient daemon, Map<String, JsonValue> opening) {
        return daemon.commandAsync("open", opening, false)
                .thenApply(data -> new ClientSession(daemon, opening, opened(data)));
    }

    private static OpenedSession opened(JsonValue data) {
        JsonValue.Obj answer = Answers.object(data, "what open answers");
        boolean reused = answer.get("reused") instanceof JsonValue.Bool flag && flag.value();
        if (answer.get("sessionId") instanceof JsonValue.Str id) {
            return new OpenedSession(id.value(), reused);
        }
        throw new ConnectionLostException("Not a daemon of ours: open gave no sessionId", null, null);
    }

    /** Another one, on a session of its own on the server. */
    ClientSession another() {
        Map<String, JsonValue> members = new LinkedHashMap<>(opening);
        members.put("forceNew", Json.of(true));
        return open(daemon, members);
    }

    OpenedSession current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    static Map<String, JsonValue> target(OpenedSession session) {
        return Map.of("sessionId", Json.of(session.sessionId()));
    }

    /**
     * The session that takes the place of one that the daemon does not know any more.
     *
     * @param why what the daemon said of the lost one; thrown if this was closed
     * @param end of the call that needs it, in {@link System#nanoTime()}'s nanoseconds
     */
    OpenedSession reopened(OpenedSession lost, RequestFailedException why, long end) {
        try {
            return successor(lost, end)
                    .get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)
                    .orElseThrow(() -> why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectionLostException(
                    "Interrupted while the session was opened again; the request was not sent", Outcome.NOT_SENT, e);
        } catch (TimeoutException e) {
            throw late();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof RequestFailedException failed) {
                throw failed.again();
            } else if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new IllegalStateException(cause);
        }
    }

    /** The asynchronous twin; whatever hangs on it runs where the daemon client's futures end. */
    CompletableFuture<OpenedSession> reopenedAsync(OpenedSession lost, RequestFailedException why, long end) {
        return successor(lost, end)
                .handleAsync(
                        (opened, failure) -> {
                            if (failure != null) {
                                throw new CompletionException(unwrapped(failure));
                            } else if (end - System.nanoTime() <= 0) {
                                throw late();
                            }
                            return opened.orElseThrow(() -> why);
                        },
                        daemon.callbacks());
    }

    private static AnswerTimeoutException late() {
        return new AnswerTimeoutException(
                "The session was not opened again in time; the request was not sent", Outcome.NOT_SENT);
    }

    private CompletableFuture<Optional<OpenedSession>> successor(OpenedSession lost, long end) {
        CompletableFuture<Optional<OpenedSession>> own;
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.completedFuture(Optional.empty());
            } else if (!current.sessionId().equals(lost.sessionId())) {
                return CompletableFuture.completedFuture(Optional.of(current));
            } else if (attempt != null) {
                return attempt;
            }
            own = new CompletableFuture<>();
            attempt = own;
        } finally {
            lock.unlock();
        }
        boolean started = false;
        try {
            Thread thread = new Thread(() -> reopen(own, end), "opcua-client reopen " + daemon.endpoint());
            thread.setDaemon(true);
            thread.start();
            started = true;
        } finally {
            if (!started) {
                failed(own, new IllegalStateException("No thread could be started to open the session again"));
            }
        }
        return own;
    }

    private void reopen(CompletableFuture<Optional<OpenedSession>> own, long end) {
        try {
            OpenedSession opened = opened(daemon.command("open", opening, false, end));
            if (take(opened)) {
                own.complete(Optional.of(opened));
            } else {
                closeQuietly(new Retired(opened.sessionId(), 1));
                own.complete(Optional.empty());
            }
        } catch (RuntimeException e) {
            failed(own, e);
        } finally {
            failed(own, new IllegalStateException("The session could not be opened again")); // after an Error
        }
    }

    /** False if nobody wants it any more. */
    private boolean take(OpenedSession opened) {
        lock.lock();
        try {
            attempt = null;
            if (!closed) {
                current = opened;
                uses = 1;
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void failed(CompletableFuture<Optional<OpenedSession>> own, RuntimeException why) {
        lock.lock();
        try {
            if (attempt == own) {
                attempt = null;
            }
        } finally {
            lock.unlock();
        }
        own.completeExceptionally(why);
    }

    private Retired retire() {
        lock.lock();
        try {
            int open = closed ? 0 : uses;
            closed = true;
            return new Retired(current.sessionId(), open);
        } finally {
            lock.unlock();
        }
    }

    /** Whether that is this session once more, so that its use is now this one's, to be given back with it. */
    boolean takeOver(ClientSession once) {
        OpenedSession more = once.current();
        lock.lock();
        try {
            if (closed || !current.sessionId().equals(more.sessionId())) {
                return false;
            }
            current = more;
            uses = Math.min(MOST_USES, uses + 1);
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Closes it for the sake of another one, which is there whatever becomes of this. */
    void closeQuietly() {
        closeQuietly(retire());
    }

    CompletableFuture<Void> closeQuietlyAsync() {
        return closeAsync().exceptionally(failure -> null);
    }

    private void closeQuietly(Retired retired) {
        try {
            close(retired);
        } catch (ClientException e) {
            // the daemon ends by its timeout what it could not be asked to end
        }
    }

    void close() {
        close(retire());
    }

    private void close(Retired retired) {
        try {
            for (int i = 0; i < retired.uses(); i++) {
                daemon.close(retired.sessionId(), false);
            }
        } catch (RequestFailedException.SessionNotFound e) {
            // that is what was wanted
        }
    }

    CompletableFuture<Void> closeAsync() {
        return closeAsync(retire());
    }

    private CompletableFuture<Void> closeAsync(Retired retired) {
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        Map<String, JsonValue> members = Map.of("sessionId", Json.of(retired.sessionId()));
        for (int i = 0; i < retired.uses(); i++) {
            all = all.thenCompose(before -> daemon.commandAsync("close", members, false))
                    .thenAccept(data -> {});
        }
        return all.handle((done, failure) -> {
            if (failure != null && !(unwrapped(failure) instanceof RequestFailedException.SessionNotFound)) {
                throw new CompletionException(unwrapped(failure));
            }
            return null;
        });
    }

    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause == null ? failure : cause;
    }
}
