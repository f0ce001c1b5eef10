package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.datatype.TypeRegistries;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.SessionHandle;

/** Makes the contexts of queries, with what all of them share: the clock, and what is known of the servers' types. */
public final class CallContexts {
    private final Ticker ticker;
    private final TypeRegistries registries;

    public CallContexts(Ticker ticker) {
        this.ticker = ticker;
        this.registries = new TypeRegistries(ticker);
    }

    /** What is known of the servers' types. */
    TypeRegistries registries() {
        return registries;
    }

    /**
     * The context of one query.
     *
     * @param receivedAt when the frame was complete, the ticker's nanoseconds
     * @param deadline of the whole query, the ticker's nanoseconds
     * @param connectionId the connection whose turn it takes in the session's queue
     * @param caller on whose behalf
     */
    public CallContext of(SessionHandle handle, long receivedAt, long deadline, long connectionId, Caller caller) {
        return new CallContext(handle, registries, ticker, receivedAt, deadline, connectionId, caller);
    }
}
