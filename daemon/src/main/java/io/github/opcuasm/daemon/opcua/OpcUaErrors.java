package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.jspecify.annotations.Nullable;

/** How what goes wrong towards a server becomes one of the protocol's errors (protocol, section 4). */
public final class OpcUaErrors {
    private static final Set<Long> SESSION_LOST = Set.of(
            StatusCodes.Bad_SessionIdInvalid,
            StatusCodes.Bad_SessionClosed,
            StatusCodes.Bad_SessionNotActivated,
            StatusCodes.Bad_SecureChannelIdInvalid,
            StatusCodes.Bad_SecureChannelClosed);

    private static final Set<Long> REFUSED_BEFOREHAND = Set.of(
            StatusCodes.Bad_SessionIdInvalid,
            StatusCodes.Bad_SessionNotActivated,
            StatusCodes.Bad_SecureChannelIdInvalid);

    /** What we say of a channel that does not keep the rules of its policy. */
    private static final Set<Long> REFUSED_BY_US = Set.of(
            StatusCodes.Bad_SecurityChecksFailed,
            StatusCodes.Bad_CertificateInvalid,
            StatusCodes.Bad_NonceInvalid,
            StatusCodes.Bad_SecurityPolicyRejected,
            StatusCodes.Bad_SecurityModeRejected);

    /** What servers say whose trust list lacks us. */
    private static final Set<Long> DISTRUSTS_US = Set.of(
            StatusCodes.Bad_SecurityChecksFailed,
            StatusCodes.Bad_CertificateUntrusted,
            StatusCodes.Bad_CertificateInvalid,
            StatusCodes.Bad_CertificateChainIncomplete);

    private static final Set<Long> REFUSALS = Set.of(
            StatusCodes.Bad_UserAccessDenied,
            StatusCodes.Bad_IdentityTokenRejected,
            StatusCodes.Bad_IdentityTokenInvalid,
            StatusCodes.Bad_SecurityChecksFailed,
            StatusCodes.Bad_CertificateUntrusted,
            StatusCodes.Bad_CertificateInvalid,
            StatusCodes.Bad_CertificateTimeInvalid,
            StatusCodes.Bad_CertificateRevoked,
            StatusCodes.Bad_SecurityPolicyRejected,
            StatusCodes.Bad_SecurityModeRejected);

    private static final int MAX_REASON = 200;
    /** How the message of an exception begins that was made of a status alone. */
    private static final String NO_TEXT = "status=";

    private OpcUaErrors() {}

    /** The server answered with a bad result. */
    public static CommandException service(String what, long statusCode) {
        ErrorType type =
                statusCode == StatusCodes.Bad_ServiceUnsupported ? ErrorType.SERVICE_UNSUPPORTED : ErrorType.SERVICE;
        return new CommandException(type, what + ": " + describe(statusCode), statusCode, null, null);
    }

    private static CommandException service(String what, long statusCode, String hint) {
        CommandException error = service(what, statusCode);
        return hint.isEmpty()
                ? error
                : new CommandException(error.type(), error.messageText() + hint, statusCode, null, null);
    }

    /** No answer, and none to come. */
    static CommandException connection(String message, @Nullable Outcome outcome, @Nullable Throwable cause) {
        UaException status = find(cause);
        Long code = status == null ? null : status.getStatusCode().getValue();
        return new CommandException(ErrorType.CONNECTION, message, code, outcome, cause);
    }

    /** A request that changes the plant met a session that is being restored. */
    static CommandException notActive(String server) {
        return connection("Not sent: the session to " + server + " is being restored", Outcome.NOT_SENT, null);
    }

    /** What a fault that ends the session tells of the request that it answered: only these refuse it beforehand. */
    static Outcome outcomeOf(UaException sessionLost) {
        return REFUSED_BEFOREHAND.contains(sessionLost.getStatusCode().getValue()) ? Outcome.NOT_SENT : Outcome.UNKNOWN;
    }

    /** Whether the server says that it does not know the session, or not any more. */
    static boolean isSessionLost(UaException fault) {
        return fault instanceof UaServiceFaultException
                && SESSION_LOST.contains(fault.getStatusCode().getValue());
    }

    /** Whether it says, to a request on a channel that lives, that somebody else has activated the session. */
    static boolean isTakenOver(UaException fault) {
        return fault instanceof UaServiceFaultException
                && fault.getStatusCode().getValue() == StatusCodes.Bad_SecureChannelIdInvalid;
    }

    /** {@code no connection to host:port}, and why if that is known. */
    static String noConnection(String server, @Nullable String reason) {
        return "no connection to " + server + (reason == null ? "" : " (" + reason + ")");
    }

    /** A deadline passed. */
    static CommandException timeout(String message, @Nullable Outcome outcome) {
        return new CommandException(ErrorType.CONNECTION, message, StatusCodes.Bad_Timeout, outcome, null);
    }

    static CommandException unexpectedResponse(ServiceCall<?> call, UaResponseMessageType response) {
        return new CommandException(
                ErrorType.SERVICE,
                "The server answered with " + response.getClass().getSimpleName() + " where "
                        + call.responseType().getSimpleName() + " was expected",
                StatusCodes.Bad_UnknownResponse,
                call.changesPlant() ? Outcome.UNKNOWN : null,
                null);
    }

    /** What a failed handshake means to the caller of {@code open}. */
    static CommandException handshake(EndpointUrl endpoint, Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof CommandException command) {
            return command;
        }
        if (cause instanceof RejectedExecutionException) {
            return new CommandException(
                    ErrorType.OVERLOADED,
                    "Nothing was sent: too many sessions are being secured already; try again later");
        }
        if (cause instanceof UaServiceFaultException fault) {
            long code = fault.getStatusCode().getValue();
            return service("The server refused the session", code, hint(code));
        }
        UaException status = find(cause);
        if (status == null) {
            return connection("Failed to connect to " + endpoint.server() + ": " + reason(cause), null, cause);
        }
        long code = status.getStatusCode().getValue();
        if (REFUSED_BY_US.contains(code) && !(status instanceof ServerErrorException)) {
            return new CommandException(
                    ErrorType.SECURITY,
                    "The secure channel to " + endpoint.server() + " was refused: " + shown(reason(status)),
                    code,
                    null,
                    cause);
        }
        String name = describe(code);
        String reason = shown(reason(status));
        return connection(
                "Failed to connect to " + endpoint.server() + ": " + name + (reason.equals(name) ? "" : ", " + reason)
                        + hint(code),
                null,
                cause);
    }

    /** Whether trying again soon would meet the same answer, and may do harm: who is refused often is locked out. */
    public static boolean isRefusal(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof SessionTakenOverException) {
            return true;
        }
        if (cause instanceof CommandException command) {
            Long code = command.statusCode();
            return command.type() == ErrorType.SECURITY
                    || command.type() == ErrorType.UNTRUSTED_CERTIFICATE
                    || (code != null && REFUSALS.contains(code));
        }
        UaException status = find(cause);
        return status != null && REFUSALS.contains(status.getStatusCode().getValue());
    }

    /** Why a session could not be restored: a refusal in the words that a first open would use. */
    static String notRestored(EndpointUrl endpoint, @Nullable Throwable failure) {
        if (failure == null || unwrap(failure) instanceof SessionTakenOverException) {
            return reason(failure);
        }
        return isRefusal(failure) || unwrap(failure) instanceof UaServiceFaultException
                ? handshake(endpoint, failure).messageText()
                : reason(failure);
    }

    /** Whether it is the user that the server refuses, and nothing that an endpoint it no longer has could explain. */
    static boolean isUserRefused(Throwable failure) {
        UaException status = find(unwrap(failure));
        return status != null && status.getStatusCode().getValue() == StatusCodes.Bad_UserAccessDenied;
    }

    /** Whether the server has no slot left for another session. */
    static boolean isFull(Throwable failure) {
        return unwrap(failure) instanceof UaServiceFaultException fault
                && fault.getStatusCode().getValue() == StatusCodes.Bad_TooManySessions;
    }

    private static String hint(long code) {
        return DISTRUSTS_US.contains(code)
                ? "; the server may not trust the daemon's certificate yet (`opcua-session-manager certificate show`)"
                : "";
    }

    /** Some of it is the server's own words. */
    private static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > MAX_REASON ? plain.substring(0, MAX_REASON) + "…" : plain;
    }

    /** {@code Bad_NodeIdUnknown (0x80340000)}. */
    public static String describe(long statusCode) {
        String hex = String.format(Locale.ROOT, "0x%08X", statusCode);
        String name = StatusCodes.lookup(statusCode).map(entry -> entry[0]).orElse(null);
        String hint = statusCode == StatusCodes.Bad_ResponseTooLarge
                        || statusCode == StatusCodes.Bad_TcpMessageTooLarge
                        || statusCode == StatusCodes.Bad_EncodingLimitsExceeded
                ? "; --max-message-bytes sets how large a message may be"
                : "";
        return name == null ? hex : name + " (" + hex + ")" + hint;
    }

    /** What a future failed with, without the wrappers that chaining puts around it. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static @Nullable UaException find(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UaException status) {
                return status;
            }
        }
        return null;
    }

    /** What went wrong, in a few words; a status that nobody has said more about by its name. */
    static String reason(@Nullable Throwable failure) {
        if (failure == null) {
            return "no reason known";
        }
        Throwable cause = unwrap(failure);
        String message = cause.getMessage();
        if (cause instanceof UaException status) {
            Throwable inner = cause.getCause();
            if (inner != null && inner.toString().equals(message)) {
                return reason(inner);
            }
            if (message == null || message.startsWith(NO_TEXT)) {
                return describe(status.getStatusCode().getValue());
            }
        }
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
