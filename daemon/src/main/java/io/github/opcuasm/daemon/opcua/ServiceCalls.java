package io.github.opcuasm.daemon.opcua;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;

/** Sends service requests on behalf of somebody, within that one's deadline. */
public interface ServiceCalls {
    /** The session that they go to. */
    OpcUaSession session();

    /** How long one more request may take from now on; not negative. */
    Duration patience();

    /** Sends a request that may be repeated. The future completes on the session's event loop. */
    <T extends UaResponseMessageType> CompletableFuture<T> read(
            Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message);

    /**
     * Sends a request that does no harm when it is late, but would if it came twice: it may wait for a lost session and is
     * never repeated. The future completes on the session's event loop.
     */
    <T extends UaResponseMessageType> CompletableFuture<T> once(
            Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message);
}
