package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import org.jspecify.annotations.Nullable;

/** Nobody listens where the daemon was looked for, or it may not be reached; nothing was sent. */
public final class DaemonNotRunningException extends ClientException {
    private static final long serialVersionUID = 1L;

    private final transient IpcEndpoint endpoint;

    DaemonNotRunningException(IpcEndpoint endpoint, String reason, @Nullable Throwable cause) {
        super("No daemon is listening on " + endpoint.uri() + " (" + reason + ")", Outcome.NOT_SENT, cause);
        this.endpoint = endpoint;
    }

    /** Where the daemon was looked for. */
    public IpcEndpoint endpoint() {
        return endpoint;
    }
}
