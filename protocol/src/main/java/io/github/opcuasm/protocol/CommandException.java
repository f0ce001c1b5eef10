package io.github.opcuasm.protocol;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request that fails with one of the protocol's errors. Its message is what the peer reads: it names the field, the
 * value and the way out, and never carries a path, a secret or the user info of a URL.
 *
 * <p>It is an ordinary answer, not a defect, so it records no stack trace.
 */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorType type;
    private final @Nullable Long statusCode;
    private final @Nullable Outcome outcome;
    private final @Nullable Long retryAfterMs;

    public CommandException(ErrorType type, String message) {
        this(type, message, null, null, null);
    }

    public CommandException(
            ErrorType type,
            String message,
            @Nullable Long statusCode,
            @Nullable Outcome outcome,
            @Nullable Throwable cause) {
        this(type, message, statusCode, outcome, null, cause);
    }

    private CommandException(
            ErrorType type,
            String message,
            @Nullable Long statusCode,
            @Nullable Outcome outcome,
            @Nullable Long retryAfterMs,
            @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.type = type;
        this.statusCode = statusCode;
        this.outcome = outcome;
        this.retryAfterMs = retryAfterMs;
    }

    /**
     * A {@link ErrorType#RATE_LIMITED}.
     *
     * @param retryAfterMs when the same request would pass; more than 0
     */
    public static CommandException rateLimited(String message, long retryAfterMs) {
        return new CommandException(ErrorType.RATE_LIMITED, message, null, null, retryAfterMs, null);
    }

    /** An {@link ErrorType#INVALID_ARGUMENT} that names the member or parameter, what came, and what is taken. */
    public static CommandException invalidArgument(String field, String got, String expected) {
        return new CommandException(
                ErrorType.INVALID_ARGUMENT,
                String.format(Locale.ROOT, "%s: got %s, expected %s", field, got, expected));
    }

    public ErrorType type() {
        return type;
    }

    /** The OPC UA status code, unsigned 32 bit, where there is one ({@code error.code}). */
    public @Nullable Long statusCode() {
        return statusCode;
    }

    /** Only for what changes the plant. */
    public @Nullable Outcome outcome() {
        return outcome;
    }

    /** When the same request would pass, for {@link ErrorType#RATE_LIMITED} ({@code error.retryAfterMs}). */
    public @Nullable Long retryAfterMs() {
        return retryAfterMs;
    }

    /** The same error, with what is known about the request's effect. */
    public CommandException withOutcome(Outcome known) {
        return new CommandException(type, messageText(), statusCode, known, retryAfterMs, getCause());
    }

    /** The message, never null. */
    public String messageText() {
        String message = getMessage();
        return message == null ? type.wireName() : message;
    }
}
