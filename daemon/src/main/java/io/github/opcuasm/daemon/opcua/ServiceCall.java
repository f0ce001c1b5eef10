package io.github.opcuasm.daemon.opcua;

import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * One service request, before it has a header.
 *
 * @param responseType what the server must answer with; anything else is an error
 * @param message makes the request, given the header of the session that it goes out on
 * @param onlyOn set if carrying it out twice, or late, could do harm: it goes out on this activation of the session or
 *     not at all, and is never repeated; null if it may wait for a lost session and be repeated
 * @param deadline in the ticker's nanoseconds; waits included
 * @param connectionId whose turn it takes: requests of one session go out in turns of connections
 * @param retries how often it may be repeated after a lost connection; ignored if it changes the plant
 */
public record ServiceCall<T extends UaResponseMessageType>(
        Class<T> responseType,
        Function<RequestHeader, UaRequestMessageType> message,
        SessionState.@Nullable Active onlyOn,
        long deadline,
        long connectionId,
        int retries) {

    /** Whether its errors must tell if it may have been carried out. */
    boolean changesPlant() {
        return onlyOn != null;
    }
}
