package io.github.opcuasm.daemon.opcua;

import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;

/** The session that was to be restored is somebody else's now: it must not be activated again. */
final class SessionTakenOverException extends UaException {
    static final String REASON = "another client has taken the session over; a new one will be created";

    private static final long serialVersionUID = 1L;

    SessionTakenOverException() {
        super(StatusCodes.Bad_ApplicationSignatureInvalid, REASON);
    }
}
