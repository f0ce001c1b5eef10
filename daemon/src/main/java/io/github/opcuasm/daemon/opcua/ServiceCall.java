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
 * @param longPoll the server answers when it has something to say, as with Publish: it takes no slot of the requests
 *     that are answered at once, goes out before them, and fails at once while there is no connection
 * @param auditEntryId what the request's header says to the server's own audit (Part 4, 7.33): the id of our audit log's
 *     entry; null = nothing
 */
public record ServiceCall<T extends UaResponseMessageType>(
        Class<T> responseType,
        Function<RequestHeader, UaRequestMessageType> message,
        SessionState.@Nullable Active onlyOn,
        long deadline,
        long connectionId,
        int retries,
        boolean longPoll,
        @Nullable String auditEntryId) {

    /** A request that the server answers at once. */
    public ServiceCall(
            Class<T> responseType,
            Function<RequestHeader, UaRequestMessageType> message,
            SessionState.@Nullable Active onlyOn,
            long deadline,
            long connectionId,
            int retries) {
        this(responseType, message, onlyOn, deadline, connectionId, retries, false, null);
    }

    /**
     * A request that stays with the server until it has something to say. It is never repeated, and it is small: whoever
     * sends it bounds how many there are.
     */
    public static <T extends UaResponseMessageType> ServiceCall<T> longPoll(
            Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message, long deadline) {
        return new ServiceCall<>(responseType, message, null, deadline, 0, 0, true, null);
    }

    /** The same request under an entry of the audit log; null = none. */
    public ServiceCall<T> audited(@Nullable String entryId) {
        return new ServiceCall<>(responseType, message, onlyOn, deadline, connectionId, retries, longPoll, entryId);
    }

    /** Whether its errors must tell if it may have been carried out. */
    boolean changesPlant() {
        return onlyOn != null;
    }
}
