package io.github.opcuasm.daemon.audit;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of it. An error's message is not kept: it may quote what the peer sent.
 *
 * @param outcome {@code done}: the server answered, and {@code status} tells what it did; {@code not_sent}: nothing left
 *     the daemon; {@code unknown}: it may have been carried out; {@code refused}: it was not allowed; {@code failed}: it
 *     failed, and was nothing that changes the plant
 * @param error {@code error.type} of the answer; null if there was none
 * @param code the OPC UA status code of the error; null if it has none
 * @param status the server's answer to each operation, in the order of the targets; empty if there is none
 */
public record AuditResult(
        String outcome, @Nullable String error, @Nullable StatusCode code, List<StatusCode> status) {

    public AuditResult {
        status = List.copyOf(status);
    }

    /** The server answered, or the daemon did what it was asked. */
    public static AuditResult done(List<StatusCode> status) {
        return new AuditResult("done", null, null, status);
    }

    /** It was not done; the daemon's log says why. */
    public static AuditResult failed(ErrorType error) {
        return new AuditResult("failed", error.wireName(), null, List.of());
    }

    /** It ended with this error. */
    public static AuditResult failed(Throwable failure) {
        if (!(failure instanceof CommandException error)) {
            return new AuditResult("unknown", ErrorType.INTERNAL_ERROR.wireName(), null, List.of());
        }
        Long code = error.statusCode();
        return new AuditResult(
                outcome(error), error.type().wireName(), code == null ? null : new StatusCode(code), List.of());
    }

    /** Whether somebody was turned away. */
    public boolean isRefusal() {
        return outcome.equals("refused");
    }

    private static String outcome(CommandException error) {
        return switch (error.type()) {
            case ACCESS_DENIED, AUTH_FAILED, RATE_LIMITED -> "refused";
            default -> error.outcome() == null ? "failed" : error.outcome().wireName();
        };
    }
}
