package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Sends methods to a session that may have to be opened again: where the daemon does not know it any more, the call goes to its
 * successor, unless it means what was the lost one's. {@link #on} sends to one session and to no other.
 */
final class SessionCalls {
    private final DaemonClient daemon;
    private final QueryCalls calls;

    /** A result, and the session that it is of: what a handle in it means, it means there alone. */
    record Answered<T>(T result, OpenedSession session) {}

    SessionCalls(DaemonClient daemon) {
        this.daemon = daemon;
        this.calls = new QueryCalls(daemon);
    }

    <T> Answered<T> send(Query<T> query, ClientSession session) {
        long end = daemon.end();
        OpenedSession opened = session.current();
        try {
            return new Answered<>(calls.send(query, ClientSession.target(opened), end), opened);
        } catch (RequestFailedException.SessionNotFound e) {
            if (!query.mayMoveToAnotherSession()) {
                throw e;
            }
            OpenedSession again = session.reopened(opened, e, end);
            return new Answered<>(calls.send(query, ClientSession.target(again), end), again);
        }
    }

    /** The asynchronous twin of {@link #send}, of its result. */
    <T> CompletableFuture<T> sendAsync(Query<T> query, ClientSession session) {
        long end = daemon.end();
        OpenedSession opened = session.current();
        return calls.sendAsync(query, ClientSession.target(opened), end).exceptionallyCompose(failure -> {
            Throwable cause = ClientSession.unwrapped(failure);
            return cause instanceof RequestFailedException.SessionNotFound why && query.mayMoveToAnotherSession()
                    ? session.reopenedAsync(opened, why, end)
                            .thenCompose(again -> calls.sendAsync(query, ClientSession.target(again), end))
                    : CompletableFuture.failedFuture(cause);
        });
    }

    /** Sends it to this session, whatever the client's is by now. */
    <T> T on(OpenedSession session, Query<T> query) {
        return calls.send(query, ClientSession.target(session), daemon.end());
    }

    /** Sends it to a server, without a session. */
    <T> T withoutSession(String url, Query<T> query) {
        return calls.send(query, server(url), daemon.end());
    }

    /** The asynchronous twin of {@link #withoutSession}. */
    <T> CompletableFuture<T> withoutSessionAsync(String url, Query<T> query) {
        return calls.sendAsync(query, server(url), daemon.end());
    }

    private static Map<String, JsonValue> server(String url) {
        return Map.of("endpointUrl", Json.of(url));
    }
}
