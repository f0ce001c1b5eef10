package io.github.opcuasm.daemon.opcua;

import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;

/** What a server said when it ended a connection (Part 6, 7.1.2.5), apart from what we found wrong with one. */
final class ServerErrorException extends UaException {
    private static final long serialVersionUID = 1L;

    ServerErrorException(StatusCode status, String reason) {
        super(status, reason);
    }
}
