package io.github.opcuasm.client;

import java.util.concurrent.CompletableFuture;

/**
 * What all calls on a session come down to.
 *
 * <p>Each call has a twin whose name ends in {@code Async}: it returns at once, and its future fails with the exception that
 * the call would throw (wrapped, as futures do, where it is handed on to another stage). Cancelling such a future does not
 * cancel the request.
 */
public sealed interface SessionQueries
        permits AttributeServices,
                HistoryServices,
                ViewServices,
                SubscriptionServices,
                NodeManagementServices,
                FileServices,
                SessionServices {

    /**
     * Calls a method and waits for its result.
     *
     * @throws RequestFailedException if the daemon answers with an error
     * @throws ClientException if there is no answer
     * @throws IllegalStateException before {@code connect}, and after {@code close}
     */
    <T> T query(Query<T> query);

    /** Calls a method. */
    <T> CompletableFuture<T> queryAsync(Query<T> query);
}
