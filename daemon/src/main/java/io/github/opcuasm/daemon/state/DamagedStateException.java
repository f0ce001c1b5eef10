package io.github.opcuasm.daemon.state;

import java.io.IOException;

/** A record cannot be used; the message follows the file's name: {@code is truncated}. */
public final class DamagedStateException extends IOException {
    private static final long serialVersionUID = 1L;

    public DamagedStateException(String message) {
        super(message);
    }

    public DamagedStateException(String message, Throwable cause) {
        super(message, cause);
    }
}
