package io.github.opcuasm.protocol;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The closed set of {@code error.type} values, with the names that peers compare (protocol, section 4). */
public enum ErrorType {
    INVALID_JSON("invalid_json", true),
    PAYLOAD_TOO_LARGE("payload_too_large", true),
    CONNECTION_TIMEOUT("connection_timeout", true),
    TOO_MANY_CONNECTIONS("too_many_connections", true),
    AUTH_FAILED("auth_failed", true),
    UNKNOWN_COMMAND("unknown_command"),
    INVALID_ARGUMENT("invalid_argument"),
    SESSION_NOT_FOUND("session_not_found"),
    MAX_SESSIONS_REACHED("max_sessions_reached"),
    FORBIDDEN_METHOD("forbidden_method"),
    UNKNOWN_METHOD("unknown_method"),
    OVERLOADED("overloaded"),
    ACCESS_DENIED("access_denied"),
    RATE_LIMITED("rate_limited"),
    SESSION_BUDGET("session_budget"),
    CANCELLED("cancelled"),
    SHUTTING_DOWN("shutting_down"),
    AUTO_PUBLISH_ACTIVE("auto_publish_active"),
    CONNECTION("ConnectionException"),
    SERVICE("ServiceException"),
    SERVICE_UNSUPPORTED("ServiceUnsupportedException"),
    SECURITY("SecurityException"),
    UNTRUSTED_CERTIFICATE("UntrustedCertificateException"),
    CONFIGURATION("ConfigurationException"),
    ENCODING("EncodingException"),
    INVALID_PATH("InvalidArgumentException"),
    INVALID_NODE_ID("InvalidNodeIdException"),
    WRITE_TYPE_DETECTION("WriteTypeDetectionException"),
    WRITE_TYPE_MISMATCH("WriteTypeMismatchException"),
    INTERNAL_ERROR("internal_error");

    private static final Map<String, ErrorType> BY_WIRE_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ErrorType::wireName, Function.identity()));

    private final String wireName;
    private final boolean closesConnection;

    ErrorType(String wireName) {
        this(wireName, false);
    }

    ErrorType(String wireName, boolean closesConnection) {
        this.wireName = wireName;
        this.closesConnection = closesConnection;
    }

    /** The text of {@code error.type}. */
    public String wireName() {
        return wireName;
    }

    /** Whether the daemon ends the connection after this error, whatever the protocol version. */
    public boolean closesConnection() {
        return closesConnection;
    }

    /** The type with this wire name; empty for one that this version does not know. */
    public static Optional<ErrorType> ofWireName(String wireName) {
        return Optional.ofNullable(BY_WIRE_NAME.get(wireName));
    }
}
