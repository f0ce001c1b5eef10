package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The daemon answered with an error: {@code error.type}, {@code message}, {@code code} and {@code outcome}. */
public final class RequestFailedException extends ClientException {
    private static final long serialVersionUID = 1L;

    private final String type;
    private final @Nullable Long statusCode;

    RequestFailedException(String type, String message, @Nullable Long statusCode, @Nullable Outcome outcome) {
        super(message, outcome, null);
        this.type = type;
        this.statusCode = statusCode;
    }

    /** {@code error.type} as it came: a newer daemon may have types that this client does not know. */
    public String type() {
        return type;
    }

    /** The same, if this client knows it. */
    public Optional<ErrorType> errorType() {
        return ErrorType.ofWireName(type);
    }

    /** The OPC UA status code, unsigned 32 bit, where there is one. */
    public Optional<Long> statusCode() {
        return Optional.ofNullable(statusCode);
    }
}
