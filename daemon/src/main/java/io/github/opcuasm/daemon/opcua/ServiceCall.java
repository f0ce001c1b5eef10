package io.github.opcuasm.daemon.opcua;

import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;

/**
 * One service request, before it has a header.
 *
 * @param responseType what the server must answer with; anything else is an error
 * @param message makes the request, given the header of the session that it goes out on
 * @param changesPlant whether carrying it out twice, or late, could do harm: then it is never repeated, and not kept
 *     waiting for a lost session
 * @param deadline in the ticker's nanoseconds; waits included
 * @param connectionId whose turn it takes: requests of one session go out in turns of connections
 * @param retries how often it may be repeated after a lost connection; ignored if it changes the plant
 */
public record ServiceCall<T extends UaResponseMessageType>(
        Class<T> responseType,
        Function<RequestHeader, UaRequestMessageType> message,
        boolean changesPlant,
        long deadline,
        long connectionId,
        int retries) {}
