package io.github.opcuasm.daemon.access;

import org.jspecify.annotations.Nullable;

/** A tokens file that cannot be used; the message names the file, the line and the field. */
public final class TokensFileException extends Exception {
    private static final long serialVersionUID = 1L;

    TokensFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The message, never null. */
    public String messageText() {
        return String.valueOf(getMessage());
    }
}
