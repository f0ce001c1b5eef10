package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.StatusCode;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The daemon answered with an error (protocol, section 4). Each {@code error.type} has a class here, to be caught by
 * itself; one that this version does not know is a plain {@code RequestFailedException}.
 *
 * <pre>{@code
 * try {
 *     client.write("ns=2;s=SetPoint", 12.5);
 * } catch (RequestFailedException.AccessDenied e) {
 *     …
 * }
 * }</pre>
 */
@SuppressWarnings("serial") // exceptions are not stored
public sealed class RequestFailedException extends ClientException {
    private final transient Failure failure;

    /**
     * The members of {@code error}.
     *
     * @param code the status code, unsigned; null = none
     * @param retryAfterMs milliseconds; null = not said
     */
    record Failure(
            String type,
            String message,
            @Nullable Long code,
            @Nullable Outcome outcome,
            @Nullable Long retryAfterMs) {}

    private RequestFailedException(Failure failure) {
        super(failure.message(), failure.outcome(), null);
        this.failure = failure;
    }

    /** The exception that the type asks for. */
    static RequestFailedException of(Failure failure) {
        ErrorType type = ErrorType.ofWireName(failure.type()).orElse(null);
        if (type == null) {
            return new RequestFailedException(failure);
        }
        return switch (type) {
            case INVALID_JSON -> new InvalidJson(failure);
            case PAYLOAD_TOO_LARGE -> new PayloadTooLarge(failure);
            case CONNECTION_TIMEOUT -> new ConnectionTimeout(failure);
            case TOO_MANY_CONNECTIONS -> new TooManyConnections(failure);
            case AUTH_FAILED -> new AuthFailed(failure);
            case UNKNOWN_COMMAND -> new UnknownCommand(failure);
            case INVALID_ARGUMENT -> new InvalidArgument(failure);
            case SESSION_NOT_FOUND -> new SessionNotFound(failure);
            case MAX_SESSIONS_REACHED -> new MaxSessionsReached(failure);
            case FORBIDDEN_METHOD -> new ForbiddenMethod(failure);
            case UNKNOWN_METHOD -> new UnknownMethod(failure);
            case OVERLOADED -> new Overloaded(failure);
            case ACCESS_DENIED -> new AccessDenied(failure);
            case RATE_LIMITED -> new RateLimited(failure);
            case SESSION_BUDGET -> new SessionBudget(failure);
            case CANCELLED -> new Cancelled(failure);
            case SHUTTING_DOWN -> new ShuttingDown(failure);
            case AUTO_PUBLISH_ACTIVE -> new AutoPublishActive(failure);
            case CONNECTION -> new Connection(failure);
            case SERVICE -> new Service(failure);
            case SERVICE_UNSUPPORTED -> new ServiceUnsupported(failure);
            case SECURITY -> new Security(failure);
            case UNTRUSTED_CERTIFICATE -> new UntrustedCertificate(failure);
            case CONFIGURATION -> new Configuration(failure);
            case ENCODING -> new Encoding(failure);
            case INVALID_PATH -> new InvalidPath(failure);
            case INVALID_NODE_ID -> new InvalidNodeId(failure);
            case WRITE_TYPE_DETECTION -> new WriteTypeDetection(failure);
            case WRITE_TYPE_MISMATCH -> new WriteTypeMismatch(failure);
            case INTERNAL_ERROR -> new Internal(failure);
        };
    }

    /** One that this side found, as the daemon would have said it: nothing was sent. */
    static RequestFailedException local(ErrorType type, String message) {
        return of(new Failure(type.wireName(), message, null, Outcome.NOT_SENT, null));
    }

    /** The same failure, for another caller: with a stack trace of its own. */
    final RequestFailedException again() {
        return of(failure);
    }

    /** {@code error.type} as it came: a newer daemon may have types that this client does not know. */
    public final String type() {
        return failure.type();
    }

    /** The same, if this client knows it. */
    public final Optional<ErrorType> errorType() {
        return ErrorType.ofWireName(failure.type());
    }

    /** The OPC UA status code, unsigned 32 bit, where there is one. */
    public final Optional<Long> statusCode() {
        return Optional.ofNullable(failure.code());
    }

    /** The same with its name and severity. */
    public final Optional<StatusCode> status() {
        return statusCode().map(code -> new StatusCode(code & 0xFFFF_FFFFL));
    }

    final Optional<Duration> retryDelay() {
        return Optional.ofNullable(failure.retryAfterMs()).map(Duration::ofMillis);
    }

    /** {@code invalid_json}: a frame that is no JSON object. */
    public static final class InvalidJson extends RequestFailedException {
        private InvalidJson(Failure failure) {
            super(failure);
        }
    }

    /** {@code payload_too_large}: a request longer than the daemon's {@code --max-frame-bytes}; split it. */
    public static final class PayloadTooLarge extends RequestFailedException {
        private PayloadTooLarge(Failure failure) {
            super(failure);
        }
    }

    /** {@code connection_timeout}: no request came within 30 s of connecting. */
    public static final class ConnectionTimeout extends RequestFailedException {
        private ConnectionTimeout(Failure failure) {
            super(failure);
        }
    }

    /** {@code too_many_connections}: the daemon has {@code --max-connections}. */
    public static final class TooManyConnections extends RequestFailedException {
        private TooManyConnections(Failure failure) {
            super(failure);
        }
    }

    /** {@code auth_failed}: the token is wrong or missing. */
    public static final class AuthFailed extends RequestFailedException {
        private AuthFailed(Failure failure) {
            super(failure);
        }
    }

    /** {@code unknown_command}: the daemon has no such command. */
    public static final class UnknownCommand extends RequestFailedException {
        private UnknownCommand(Failure failure) {
            super(failure);
        }
    }

    /** {@code invalid_argument}: a parameter is missing, of the wrong type or out of range; the message names it. */
    public static final class InvalidArgument extends RequestFailedException {
        private InvalidArgument(Failure failure) {
            super(failure);
        }
    }

    /** {@code session_not_found}: the session was closed or has expired, or the daemon was restarted; nothing was sent. */
    public static final class SessionNotFound extends RequestFailedException {
        private SessionNotFound(Failure failure) {
            super(failure);
        }
    }

    /** {@code max_sessions_reached}: the daemon holds {@code --max-sessions}. */
    public static final class MaxSessionsReached extends RequestFailedException {
        private MaxSessionsReached(Failure failure) {
            super(failure);
        }
    }

    /** {@code forbidden_method}: {@code query} has no such method. */
    public static final class ForbiddenMethod extends RequestFailedException {
        private ForbiddenMethod(Failure failure) {
            super(failure);
        }
    }

    /** {@code unknown_method}: {@code invoke} has no such method. */
    public static final class UnknownMethod extends RequestFailedException {
        private UnknownMethod(Failure failure) {
            super(failure);
        }
    }

    /** {@code overloaded}: a queue or a memory bound is full; nothing was sent. */
    public static final class Overloaded extends RequestFailedException {
        private Overloaded(Failure failure) {
            super(failure);
        }
    }

    /** {@code access_denied}: a rule, a scope or the read-only socket is against it; the message says which. */
    public static final class AccessDenied extends RequestFailedException {
        private AccessDenied(Failure failure) {
            super(failure);
        }
    }

    /** {@code rate_limited}: too often. */
    public static final class RateLimited extends RequestFailedException {
        private RateLimited(Failure failure) {
            super(failure);
        }

        /** When to come back, if the daemon said it. */
        public Optional<Duration> retryAfter() {
            return retryDelay();
        }
    }

    /** {@code session_budget}: the server had no session free in time; the message names who holds them. */
    public static final class SessionBudget extends RequestFailedException {
        private SessionBudget(Failure failure) {
            super(failure);
        }
    }

    /** {@code cancelled}: somebody cancelled it, or nobody waited for it any more. */
    public static final class Cancelled extends RequestFailedException {
        private Cancelled(Failure failure) {
            super(failure);
        }
    }

    /** {@code shutting_down}: the daemon is ending. */
    public static final class ShuttingDown extends RequestFailedException {
        private ShuttingDown(Failure failure) {
            super(failure);
        }
    }

    /** {@code auto_publish_active}: {@code publish} where the daemon takes the messages itself. */
    public static final class AutoPublishActive extends RequestFailedException {
        private AutoPublishActive(Failure failure) {
            super(failure);
        }
    }

    /** {@code ConnectionException}: the server cannot be reached, did not answer in time (Bad_Timeout), or the connection to it broke. */
    public static final class Connection extends RequestFailedException {
        private Connection(Failure failure) {
            super(failure);
        }
    }

    /** {@code ServiceException}: the server refused the service; {@link #status} says why. */
    public static sealed class Service extends RequestFailedException permits ServiceUnsupported {
        private Service(Failure failure) {
            super(failure);
        }
    }

    /** {@code ServiceUnsupportedException}: the server does not have the service. */
    public static final class ServiceUnsupported extends Service {
        private ServiceUnsupported(Failure failure) {
            super(failure);
        }
    }

    /** {@code SecurityException}: a policy, mode, identity or key that the daemon does not accept, or a server that did not prove who it is. */
    public static final class Security extends RequestFailedException {
        private Security(Failure failure) {
            super(failure);
        }
    }

    /** {@code UntrustedCertificateException}: the server's certificate is not trusted; the message has its fingerprint. */
    public static final class UntrustedCertificate extends RequestFailedException {
        private UntrustedCertificate(Failure failure) {
            super(failure);
        }
    }

    /** {@code ConfigurationException}: the endpoint is not {@code opc.tcp://host[:port][/path]}. */
    public static final class Configuration extends RequestFailedException {
        private Configuration(Failure failure) {
            super(failure);
        }
    }

    /** {@code EncodingException}: a typed value that is none. */
    public static final class Encoding extends RequestFailedException {
        private Encoding(Failure failure) {
            super(failure);
        }
    }

    /** {@code InvalidArgumentException}: a file path that the daemon refuses. */
    public static final class InvalidPath extends RequestFailedException {
        private InvalidPath(Failure failure) {
            super(failure);
        }
    }

    /** {@code InvalidNodeIdException}: a node id that cannot be read. */
    public static final class InvalidNodeId extends RequestFailedException {
        private InvalidNodeId(Failure failure) {
            super(failure);
        }
    }

    /** {@code WriteTypeDetectionException}: the type of the variable cannot be found out; nothing was sent. */
    public static final class WriteTypeDetection extends RequestFailedException {
        private WriteTypeDetection(Failure failure) {
            super(failure);
        }
    }

    /** {@code WriteTypeMismatchException}: the value does not fit the type of the variable; nothing was sent. */
    public static final class WriteTypeMismatch extends RequestFailedException {
        private WriteTypeMismatch(Failure failure) {
            super(failure);
        }
    }

    /** {@code internal_error}: a defect of the daemon; its log has the trace under the incident in the message. */
    public static final class Internal extends RequestFailedException {
        private Internal(Failure failure) {
            super(failure);
        }
    }
}
