package io.github.opcuasm.client;

import io.github.opcuasm.protocol.Outcome;
import org.jspecify.annotations.Nullable;

/** The daemon closed the connection, or what it sent is no answer, before this call had one. */
public final class ConnectionLostException extends ClientException {
    private static final long serialVersionUID = 1L;

    ConnectionLostException(String message, @Nullable Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
    }
}
