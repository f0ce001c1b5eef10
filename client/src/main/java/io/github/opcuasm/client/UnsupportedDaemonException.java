package io.github.opcuasm.client;

import io.github.opcuasm.protocol.Outcome;
import org.jspecify.annotations.Nullable;

/** The daemon is too old or too new for what is asked of it; nothing was done. */
public final class UnsupportedDaemonException extends ClientException {
    private static final long serialVersionUID = 1L;

    UnsupportedDaemonException(String message, @Nullable Throwable cause) {
        super(message, Outcome.NOT_SENT, cause);
    }
}
