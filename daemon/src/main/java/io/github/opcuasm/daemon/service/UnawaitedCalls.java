package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServiceCall;
import java.time.Duration;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;

/**
 * Requests whose answer nobody waits for, because whoever caused them has been answered or is gone: giving back what a
 * server holds for a session. One that does not leave within a few seconds is dropped; the server forgets by itself.
 */
final class UnawaitedCalls {
    private static final long NOBODY = 0;
    private static final Duration BOUND = Duration.ofSeconds(5);

    private final Ticker ticker;

    UnawaitedCalls(Ticker ticker) {
        this.ticker = ticker;
    }

    /** @param message may throw if there is nothing to say to the session that it would go out on */
    <T extends UaResponseMessageType> void send(
            OpcUaSession session, Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
        session.submit(new ServiceCall<>(responseType, message, null, ticker.read() + BOUND.toNanos(), NOBODY, 0));
    }
}
