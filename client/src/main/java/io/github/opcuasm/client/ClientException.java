package io.github.opcuasm.client;

import io.github.opcuasm.protocol.Outcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A call that has no result. The message is one line and names the way out where there is one. */
public abstract sealed class ClientException extends RuntimeException
        permits DaemonNotRunningException,
                UnsupportedDaemonException,
                ConnectionLostException,
                AnswerTimeoutException,
                RequestFailedException {
    private static final long serialVersionUID = 1L;

    private final @Nullable Outcome outcome;

    ClientException(String message, @Nullable Outcome outcome, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /**
     * What is known about the effect of a request that would have changed the plant: {@link Outcome#NOT_SENT} is safe
     * to repeat. Empty where nothing can have changed, or where the daemon did not say.
     */
    public final Optional<Outcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /** The message, never null. */
    public final String messageText() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
