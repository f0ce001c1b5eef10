package io.github.opcuasm.client;

import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Sends methods in the notation that the daemon has for them. Which protocol it speaks is known from the answer that opened the
 * session; where it was forgotten, because the daemon was away, it is asked for: the content of a file in the notation of the wrong
 * protocol would be read as another one.
 */
final class QueryCalls {
    private final DaemonClient daemon;

    QueryCalls(DaemonClient daemon) {
        this.daemon = daemon;
    }

    /**
     * @param target the session, or the server without one
     * @param end of the call that this is a part of
     */
    <T> T send(Query<T> query, Map<String, JsonValue> target, long end) {
        Query.Notation notation = query.isOfSection6() ? query.notation(spoken(end)) : Query.Notation.PLAIN;
        JsonValue data =
                daemon.command(Query.command(notation), query.members(target, notation), query.isRepeatable(), end);
        return query.read(data, notation);
    }

    /** The asynchronous twin of {@link #send}. */
    <T> CompletableFuture<T> sendAsync(Query<T> query, Map<String, JsonValue> target, long end) {
        return query.isOfSection6()
                ? spokenAsync(end).thenCompose(spoken -> sendAsync(query, target, query.notation(spoken), end))
                : sendAsync(query, target, Query.Notation.PLAIN, end);
    }

    private <T> CompletableFuture<T> sendAsync(
            Query<T> query, Map<String, JsonValue> target, Query.Notation notation, long end) {
        return daemon.commandAsync(Query.command(notation), query.members(target, notation), query.isRepeatable(), end)
                .thenApply(data -> query.read(data, notation));
    }

    /** Which protocol the daemon speaks; a ping tells, where that is open. */
    ProtocolVersion spoken(long end) {
        if (daemon.spoken() == ProtocolVersion.AUTO) {
            try {
                JsonValue unused = daemon.command("ping", Map.of(), true, end);
            } catch (ClientException e) {
                throw notSent(e);
            }
        }
        return daemon.spoken();
    }

    /** The asynchronous twin of {@link #spoken}. */
    CompletableFuture<ProtocolVersion> spokenAsync(long end) {
        ProtocolVersion known = daemon.spoken();
        return known != ProtocolVersion.AUTO
                ? CompletableFuture.completedFuture(known)
                : daemon.commandAsync("ping", Map.of(), true, end).handle((answer, failure) -> {
                    if (failure != null) {
                        Throwable cause = ClientSession.unwrapped(failure);
                        throw new CompletionException(cause instanceof ClientException e ? notSent(e) : cause);
                    }
                    return daemon.spoken();
                });
    }

    /** Whatever became of the ping, nothing of the call that it was made for was sent. */
    private static ClientException notSent(ClientException failure) {
        if (failure instanceof AnswerTimeoutException) {
            var late =
                    new AnswerTimeoutException(failure.messageText() + "; the request was not sent", Outcome.NOT_SENT);
            late.addSuppressed(failure);
            return late;
        }
        return failure instanceof ConnectionLostException
                ? new ConnectionLostException(
                        failure.messageText() + "; the request was not sent", Outcome.NOT_SENT, failure)
                : failure;
    }
}
