package io.github.opcuasm.daemon.session;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The members of {@code config} that this daemon knows (protocol, {@code open}). Each says what it takes, whether it
 * tells OPC UA sessions apart or is an option of the handle alone, and whether {@code list} may show it.
 */
enum ConfigMember {
    OPCUA_TIMEOUT("opcuaTimeout", Kind.SECONDS, Scope.HANDLE),
    AUTO_RETRY("autoRetry", Kind.COUNT, Scope.HANDLE),
    BATCH_SIZE("batchSize", Kind.COUNT, Scope.HANDLE),
    DEFAULT_BROWSE_MAX_DEPTH("defaultBrowseMaxDepth", Kind.DEPTH, Scope.HANDLE),
    AUTO_DETECT_WRITE_TYPE("autoDetectWriteType", Kind.FLAG, Scope.HANDLE),
    READ_METADATA_CACHE("readMetadataCache", Kind.FLAG, Scope.HANDLE),
    SECURITY_POLICY("securityPolicy", Kind.TEXT, Scope.SESSION),
    SECURITY_MODE("securityMode", Kind.MODE, Scope.SESSION),
    USERNAME("username", Kind.TEXT, Scope.SESSION, Visibility.HIDDEN),
    PASSWORD("password", Kind.TEXT, Scope.SESSION, Visibility.SECRET),
    ALLOW_PLAINTEXT_PASSWORD("allowPlaintextPassword", Kind.FLAG, Scope.SESSION),
    CLIENT_CERT_PATH("clientCertPath", Kind.TEXT, Scope.SESSION),
    CLIENT_KEY_PATH("clientKeyPath", Kind.TEXT, Scope.SESSION, Visibility.HIDDEN),
    CLIENT_KEY_PASSPHRASE("clientKeyPassphrase", Kind.TEXT, Scope.SESSION, Visibility.SECRET),
    CA_CERT_PATH("caCertPath", Kind.TEXT, Scope.SESSION, Visibility.HIDDEN),
    USER_CERT_PATH("userCertPath", Kind.TEXT, Scope.SESSION),
    USER_KEY_PATH("userKeyPath", Kind.TEXT, Scope.SESSION, Visibility.HIDDEN),
    USER_KEY_PASSPHRASE("userKeyPassphrase", Kind.TEXT, Scope.SESSION, Visibility.SECRET),
    TRUST_STORE_PATH("trustStorePath", Kind.TEXT, Scope.SESSION),
    TRUST_POLICY("trustPolicy", Kind.TRUST_POLICY, Scope.SESSION),
    AUTO_ACCEPT("autoAccept", Kind.FLAG, Scope.SESSION),
    AUTO_ACCEPT_FORCE("autoAcceptForce", Kind.FLAG, Scope.SESSION),
    SESSION_NAME("sessionName", Kind.TEXT, Scope.TOLD),
    APPLICATION_NAME("applicationName", Kind.TEXT, Scope.TOLD),
    SESSION_TIMEOUT("sessionTimeout", Kind.SECONDS, Scope.TOLD);

    /** What a member takes. */
    private enum Kind {
        SECONDS,
        COUNT,
        DEPTH,
        FLAG,
        MODE,
        TEXT,
        TRUST_POLICY
    }

    /** Whom a member tells apart. */
    enum Scope {
        /** OPC UA sessions, always: it is part of who one is and of how one connects. */
        SESSION,
        /** OPC UA sessions while the server has enough of them: what it is told of a session, which makes nobody another. */
        TOLD,
        /** Handles only. */
        HANDLE
    }

    private enum Visibility {
        SHOWN,
        /** Never listed, but kept as it is. */
        HIDDEN,
        /** Never listed, and compared only by its digest. */
        SECRET
    }

    private static final BigDecimal MIN_SECONDS = new BigDecimal("0.001");
    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(86_400);
    private static final BigInteger MAX_COUNT = BigInteger.valueOf(1_000_000);
    private static final int MAX_TEXT = 4096;
    /** As JSON has them. */
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]{0,17})(?:\\.[0-9]{1,18})?");

    private static final Set<String> TRUE = Set.of("true", "yes", "on");
    private static final Set<String> FALSE = Set.of("false", "no", "off");
    private static final Map<String, Integer> MODES = Map.of("None", 1, "Sign", 2, "SignAndEncrypt", 3);
    private static final Map<String, ConfigMember> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(member -> member.wireName, Function.identity()));

    private final String wireName;
    private final Kind kind;
    private final Scope scope;
    private final Visibility visibility;

    ConfigMember(String wireName, Kind kind, Scope scope) {
        this(wireName, kind, scope, Visibility.SHOWN);
    }

    ConfigMember(String wireName, Kind kind, Scope scope, Visibility visibility) {
        this.wireName = wireName;
        this.kind = kind;
        this.scope = scope;
        this.visibility = visibility;
    }

    static @Nullable ConfigMember ofName(String name) {
        return BY_NAME.get(name);
    }

    String wireName() {
        return wireName;
    }

    Scope scope() {
        return scope;
    }

    boolean isListed() {
        return visibility == Visibility.SHOWN;
    }

    boolean isSecret() {
        return visibility == Visibility.SECRET;
    }

    /** What a value that was written as text is in JSON; a text where it is none of the member's kind. */
    JsonValue ofText(String text) {
        return switch (kind) {
            case SECONDS, COUNT, DEPTH, MODE ->
                NUMBER.matcher(text).matches() ? new JsonValue.Num(text) : new JsonValue.Str(text);
            case FLAG -> {
                String lower = text.toLowerCase(Locale.ROOT);
                yield TRUE.contains(lower)
                        ? new JsonValue.Bool(true)
                        : FALSE.contains(lower) ? new JsonValue.Bool(false) : new JsonValue.Str(text);
            }
            case TEXT, TRUST_POLICY -> new JsonValue.Str(text);
        };
    }

    /**
     * The member's value: BigDecimal for seconds, Integer for counts, depths and modes, Boolean, String.
     *
     * @throws CommandException {@code invalid_argument} that names the member
     */
    Object parse(JsonValue value) {
        return switch (kind) {
            case SECONDS -> seconds(value);
            case COUNT -> whole(value, BigInteger.ZERO, MAX_COUNT, "a whole number from 0 to 1000000");
            case DEPTH -> whole(value, BigInteger.ONE.negate(), MAX_COUNT, "a whole number from -1 to 1000000");
            case FLAG -> flag(value);
            case MODE -> mode(value);
            case TEXT -> text(value);
            case TRUST_POLICY -> trustPolicy(value);
        };
    }

    private BigDecimal seconds(JsonValue value) {
        if (value instanceof JsonValue.Num number) {
            BigDecimal seconds = number.decimal();
            if (seconds.compareTo(MIN_SECONDS) >= 0 && seconds.compareTo(MAX_SECONDS) <= 0) {
                return seconds;
            }
        }
        throw invalid(value, "a number of seconds from 0.001 to 86400");
    }

    private Integer whole(JsonValue value, BigInteger from, BigInteger to, String expected) {
        BigInteger whole = value instanceof JsonValue.Num number ? number.whole() : null;
        if (whole == null || whole.compareTo(from) < 0 || whole.compareTo(to) > 0) {
            throw invalid(value, expected);
        }
        return whole.intValueExact();
    }

    private Boolean flag(JsonValue value) {
        if (value instanceof JsonValue.Bool flag) {
            return flag.value();
        }
        throw invalid(value, "true or false");
    }

    private Integer mode(JsonValue value) {
        if (value instanceof JsonValue.Str name && MODES.containsKey(name.value())) {
            return MODES.getOrDefault(name.value(), 1);
        }
        return whole(value, BigInteger.ONE, BigInteger.valueOf(3), "1 (None), 2 (Sign) or 3 (SignAndEncrypt)");
    }

    private String text(JsonValue value) {
        if (value instanceof JsonValue.Str text && text.value().length() <= MAX_TEXT) {
            return text.value();
        }
        throw invalid(value, "a string of at most " + MAX_TEXT + " characters");
    }

    private String trustPolicy(JsonValue value) {
        if (value instanceof JsonValue.Str text
                && Set.of("fingerprint", "fingerprint+expiry", "full").contains(text.value())) {
            return text.value();
        }
        throw invalid(value, "fingerprint, fingerprint+expiry or full");
    }

    private CommandException invalid(JsonValue value, String expected) {
        String got = isListed() ? value.excerpt() : "a " + value.kind() + " that does not fit";
        return CommandException.invalidArgument("config." + wireName, got, expected);
    }
}
