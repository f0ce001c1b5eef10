package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The session of a client: how it was opened, and under which id it is now. A daemon that was restarted, or let the session
 * expire, does not know the id any more; then the same {@code open} is sent again, by one caller for all that notice.
 *
 * <p>Invariant: {@code current} is replaced only by the answer of an attempt that began because of it.
 */
final class ClientSession {
    private final DaemonClient daemon;
    private final Map<String, JsonValue> opening;
    private final ReentrantLock lock = new ReentrantLock();
    private OpenedSession current;
    private @Nullable CompletableFuture<OpenedSession> attempt;

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

    /** The session that takes the place of one that the daemon does not know any more. */
    CompletableFuture<OpenedSession> reopenedAsync(OpenedSession lost) {
        lock.lock();
        try {
            if (!current.sessionId().equals(lost.sessionId())) {
                return CompletableFuture.completedFuture(current);
            }
            if (attempt == null || attempt.isDone()) {
                attempt = daemon.commandAsync("open", opening, false).thenApply(this::taken);
            }
            return attempt;
        } finally {
            lock.unlock();
        }
    }

    OpenedSession reopened(OpenedSession lost) {
        return join(reopenedAsync(lost));
    }

    private OpenedSession taken(JsonValue data) {
        OpenedSession opened = opened(data);
        lock.lock();
        try {
            current = opened;
            return opened;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        try {
            daemon.close(current().sessionId(), false);
        } catch (RequestFailedException.SessionNotFound e) {
            // that is what was wanted
        }
    }

    CompletableFuture<Void> closeAsync() {
        return daemon.commandAsync("close", target(current()), false).handle((data, failure) -> {
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

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            Throwable cause = unwrapped(e);
            if (cause instanceof RequestFailedException failed) {
                throw failed.again();
            } else if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw e;
        }
    }
}
