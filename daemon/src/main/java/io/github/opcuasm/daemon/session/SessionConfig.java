package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.KeyPaths;
import io.github.opcuasm.daemon.certificate.TrustPolicy;
import io.github.opcuasm.daemon.certificate.TrustSettings;
import io.github.opcuasm.daemon.opcua.SecurityProfile;
import io.github.opcuasm.daemon.opcua.SecuritySettings;
import io.github.opcuasm.daemon.opcua.UserIdentity;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@code config} of an {@code open}, checked. It knows which members were given, because a session is only reused for
 * the same ones: an absent member differs from its explicit default.
 */
public final class SessionConfig {
    private static final Duration DEFAULT_OPCUA_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(120);
    private static final int DEFAULT_AUTO_RETRY = 1;
    private static final int DEFAULT_BROWSE_MAX_DEPTH = 10;
    private static final String PRODUCT = "opcua-session-manager";

    private final Map<ConfigMember, Object> values;
    private final SecurityProfile profile;
    private final Map<String, JsonValue> given;

    private SessionConfig(Map<ConfigMember, Object> values, SecurityProfile profile, Map<String, JsonValue> given) {
        this.values = values;
        this.profile = profile;
        this.given = given;
    }

    /**
     * Reads {@code config}; unknown members and nulls are ignored, an empty array stands for an empty object.
     *
     * @throws CommandException {@code invalid_argument} naming the member; {@code SecurityException} for security that
     *     this version does not have
     */
    public static SessionConfig parse(@Nullable JsonValue config) {
        Map<ConfigMember, Object> values = new EnumMap<>(ConfigMember.class);
        Map<String, JsonValue> given = new LinkedHashMap<>();
        members(config).forEach((name, value) -> {
            ConfigMember member = ConfigMember.ofName(name);
            if (member != null && !(value instanceof JsonValue.Null)) {
                values.put(member, member.parse(value));
                given.put(name, value);
            }
        });
        SecurityProfile profile = SecurityChoice.profile(values);
        SecurityChoice.checkIdentity(values);
        // However it was spelt: by URI or short name, it is the same policy.
        values.computeIfPresent(
                ConfigMember.SECURITY_POLICY,
                (member, name) -> name.equals("") ? name : profile.policy().shortName());
        return new SessionConfig(values, profile, Collections.unmodifiableMap(given));
    }

    /** The names of all members. */
    public static List<String> memberNames() {
        return Arrays.stream(ConfigMember.values()).map(ConfigMember::wireName).toList();
    }

    /**
     * A member whose value stands somewhere as text, as JSON and checked by itself.
     *
     * @param name one of {@link #memberNames}
     * @throws CommandException {@code invalid_argument}; it shows no secret
     */
    public static JsonValue ofText(String name, String text) {
        ConfigMember member = ConfigMember.ofName(name);
        if (member == null) {
            throw CommandException.invalidArgument("config", "the member " + name, "one of " + memberNames());
        }
        JsonValue value = member.ofText(text);
        Object unused = member.parse(value);
        return value;
    }

    /** Whether the member's value is the path of a file or a directory. */
    public static boolean isPath(String name) {
        return name.endsWith("Path");
    }

    /**
     * Refuses a deprecated policy where the daemon does not use them.
     *
     * @throws CommandException {@code SecurityException}
     */
    void requirePolicy(boolean deprecatedPolicies) {
        if (profile.policy().isDeprecated() && !deprecatedPolicies) {
            throw new CommandException(
                    ErrorType.SECURITY,
                    "config.securityPolicy: " + profile.policy().shortName()
                            + " is deprecated; the daemon uses it only with --allow-deprecated-policies");
        }
    }

    /** Bound on one service call, from the arrival of the request. */
    public Duration opcuaTimeout() {
        return seconds(ConfigMember.OPCUA_TIMEOUT, DEFAULT_OPCUA_TIMEOUT);
    }

    /** How often a read may be repeated after a lost connection. */
    public int autoRetry() {
        return (int) values.getOrDefault(ConfigMember.AUTO_RETRY, DEFAULT_AUTO_RETRY);
    }

    /** Items in one service call: null = the server's limits, 0 = all in one. */
    public @Nullable Integer batchSize() {
        return (Integer) values.get(ConfigMember.BATCH_SIZE);
    }

    /** Depth of a recursive browse that names none. */
    public int defaultBrowseMaxDepth() {
        return (int) values.getOrDefault(ConfigMember.DEFAULT_BROWSE_MAX_DEPTH, DEFAULT_BROWSE_MAX_DEPTH);
    }

    /** Whether a write without a type reads the node's DataType first. */
    public boolean autoDetectWriteType() {
        return (boolean) values.getOrDefault(ConfigMember.AUTO_DETECT_WRITE_TYPE, true);
    }

    /** Whether attributes other than the value are remembered. */
    public boolean readMetadataCache() {
        return (boolean) values.getOrDefault(ConfigMember.READ_METADATA_CACHE, false);
    }

    /** The directory of trusted and refused certificates, if one was given. */
    public @Nullable String trustStorePath() {
        return (String) values.get(ConfigMember.TRUST_STORE_PATH);
    }

    /** How certificates are judged, if the config says so; with a store alone, by their fingerprint. */
    public @Nullable String trustPolicy() {
        String policy = (String) values.get(ConfigMember.TRUST_POLICY);
        return policy == null && trustStorePath() != null ? "fingerprint" : policy;
    }

    SecurityProfile profile() {
        return profile;
    }

    /** Whether something of it lies in files. */
    boolean namesFiles() {
        return clientKeys() != null || userKeys() != null || issuersPath() != null || trustStorePath() != null;
    }

    /** Where our application's certificate and key lie; one half of the pair alone means nothing. */
    @Nullable
    KeyPaths clientKeys() {
        return keys(
                "Client",
                ConfigMember.CLIENT_CERT_PATH,
                ConfigMember.CLIENT_KEY_PATH,
                ConfigMember.CLIENT_KEY_PASSPHRASE,
                issuersPath());
    }

    /** Where the user's certificate and key lie; as {@link #clientKeys}. */
    @Nullable
    KeyPaths userKeys() {
        return keys(
                "User",
                ConfigMember.USER_CERT_PATH,
                ConfigMember.USER_KEY_PATH,
                ConfigMember.USER_KEY_PASSPHRASE,
                null);
    }

    /** Where the certificates of issuers lie. */
    @Nullable
    String issuersPath() {
        return (String) values.get(ConfigMember.CA_CERT_PATH);
    }

    /**
     * The security that a session is opened with.
     *
     * @param materials what the config's paths led to
     * @param own the daemon's own certificate, for a config that names none
     * @param defaults how servers are judged where the config does not say
     */
    SecuritySettings security(
            Materials materials,
            Supplier<CompletableFuture<KeyMaterial>> own,
            TrustPolicy defaults,
            boolean deprecatedPolicies) {
        KeyMaterial client = materials.client();
        return new SecuritySettings(
                profile,
                userIdentity(materials.user()),
                client == null ? own : () -> CompletableFuture.completedFuture(client),
                new TrustSettings(
                        trust(defaults),
                        materials.trustStore(),
                        flag(ConfigMember.AUTO_ACCEPT),
                        flag(ConfigMember.AUTO_ACCEPT_FORCE),
                        materials.issuers()),
                deprecatedPolicies);
    }

    private UserIdentity userIdentity(@Nullable KeyMaterial user) {
        if (user != null) {
            return new UserIdentity.Certificate(user);
        }
        return values.get(ConfigMember.USERNAME) instanceof String name
                ? new UserIdentity.UserName(
                        name,
                        (String) values.getOrDefault(ConfigMember.PASSWORD, ""),
                        flag(ConfigMember.ALLOW_PLAINTEXT_PASSWORD))
                : new UserIdentity.Anonymous();
    }

    private TrustPolicy trust(TrustPolicy defaults) {
        String named = trustPolicy();
        TrustPolicy policy = named == null ? null : TrustPolicy.ofWireName(named);
        return policy == null ? defaults : policy;
    }

    private @Nullable KeyPaths keys(
            String what,
            ConfigMember certificate,
            ConfigMember key,
            ConfigMember passphrase,
            @Nullable String issuers) {
        return values.get(certificate) instanceof String certificatePath && values.get(key) instanceof String keyPath
                ? new KeyPaths(what, certificatePath, keyPath, (String) values.get(passphrase), issuers)
                : null;
    }

    private boolean flag(ConfigMember member) {
        return (boolean) values.getOrDefault(member, false);
    }

    /** How long the server shall keep a silent session. */
    Duration sessionTimeout() {
        return seconds(ConfigMember.SESSION_TIMEOUT, DEFAULT_SESSION_TIMEOUT);
    }

    /** What the server shall call the session; null if the config does not say. */
    @Nullable
    String sessionName() {
        return (String) values.get(ConfigMember.SESSION_NAME);
    }

    String applicationName() {
        return (String) values.getOrDefault(ConfigMember.APPLICATION_NAME, PRODUCT);
    }

    /** The known members as they were given, without those that {@code list} never shows. */
    public Map<String, JsonValue> listed() {
        Map<String, JsonValue> listed = new LinkedHashMap<>(given);
        listed.keySet().removeIf(name -> !isListed(name));
        return listed;
    }

    private static boolean isListed(String name) {
        ConfigMember member = ConfigMember.ofName(name);
        return member != null && member.isListed();
    }

    /** The known members as they were given, with all secrets: for {@link #parse} in another process. */
    JsonValue.Obj given() {
        return new JsonValue.Obj(given);
    }

    /** Equal for opens that may get the same handle. */
    String handleKey(String endpointUrl, Materials materials, SecretDigest digest) {
        return key(endpointUrl, digest, member -> true) + "\n" + digest.of(materials.fingerprint());
    }

    /** Equal for handles that may share an OPC UA session. */
    SessionIdentity identity(String endpointUrl, String addresses, Materials materials, SecretDigest digest) {
        return new SessionIdentity(
                endpointUrl,
                addresses + "\n" + digest.of(materials.fingerprint()) + "\n"
                        + key(endpointUrl, digest, member -> member.scope() == ConfigMember.Scope.SESSION),
                key("", digest, member -> member.scope() == ConfigMember.Scope.TOLD));
    }

    /** Equal for handles that the server shows the same address space; holds no secrets. */
    String cacheScope(String endpointUrl, Materials materials, SecretDigest digest) {
        return materials.userFingerprint() + "\n"
                + key(
                        endpointUrl,
                        digest,
                        member -> member.scope() == ConfigMember.Scope.SESSION && !member.isSecret());
    }

    private String key(String endpointUrl, SecretDigest digest, Predicate<ConfigMember> part) {
        StringBuilder key = new StringBuilder(endpointUrl);
        values.forEach((member, value) -> {
            if (part.test(member)) {
                String text = value instanceof BigDecimal number
                        ? number.stripTrailingZeros().toString()
                        : value.toString();
                key.append('\n').append(member.wireName()).append('=');
                key.append(member.isSecret() ? digest.of(text) : text.length() + ":" + text);
            }
        });
        return key.toString();
    }

    private Duration seconds(ConfigMember member, Duration otherwise) {
        Object seconds = values.get(member);
        return seconds instanceof BigDecimal number
                ? Duration.ofNanos(Math.max(1, number.movePointRight(9).longValue()))
                : otherwise;
    }

    private static Map<String, JsonValue> members(@Nullable JsonValue config) {
        if (config == null) {
            return Map.of();
        }
        if (config instanceof JsonValue.Arr list && list.elements().isEmpty()) {
            return Map.of();
        }
        if (config instanceof JsonValue.Obj object) {
            return object.members();
        }
        throw CommandException.invalidArgument("config", config.excerpt(), "an object");
    }
}
