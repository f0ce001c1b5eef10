package io.github.opcuasm.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a session is opened (protocol, {@code open}: its {@code config}). What is not given has the daemon's default, which is
 * not the same as giving it: sessions are shared by those who give the same. Paths are on the daemon's host. Immutable.
 *
 * <pre>{@code
 * SessionOptions.builder().securityPolicy("Basic256Sha256").user("operator", "secret").timeout(Duration.ofSeconds(2)).build()
 * }</pre>
 */
public final class SessionOptions {
    /** Nothing given: no security, anonymous. */
    public static final SessionOptions DEFAULTS = builder().build();

    private final Map<String, Object> members;

    private SessionOptions(Map<String, Object> members) {
        this.members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    public static Builder builder() {
        return new Builder();
    }

    /** How messages are protected (Part 4, 7.20). */
    public enum SecurityMode {
        NONE(1),
        SIGN(2),
        SIGN_AND_ENCRYPT(3);

        private final int number;

        SecurityMode(int number) {
            this.number = number;
        }
    }

    /** How servers' certificates are judged where they have to be trusted. */
    public enum TrustPolicy {
        /** It is in the store. */
        FINGERPRINT("fingerprint"),
        /** It is, and it is valid today. */
        FINGERPRINT_AND_EXPIRY("fingerprint+expiry"),
        /** It or its issuer is trusted, the chain is valid, and host, application URI and uses fit. */
        FULL("full");

        private final String wireName;

        TrustPolicy(String wireName) {
            this.wireName = wireName;
        }
    }

    /** The members of {@code config}; secrets are among them. */
    Map<String, Object> config() {
        return members;
    }

    /** The names of what was given: values may be secrets. */
    @Override
    public String toString() {
        return "SessionOptions" + members.keySet();
    }

    /** Takes the options; each call replaces what was given before. Not thread-safe. */
    public static final class Builder {
        private final Map<String, Object> members = new LinkedHashMap<>();

        private Builder() {}

        public SessionOptions build() {
            return new SessionOptions(members);
        }

        private Builder put(String name, Object value) {
            members.put(name, value);
            return this;
        }

        /** For one service call, waiting included; 5 s unless given. */
        public Builder timeout(Duration value) {
            return put("opcuaTimeout", seconds(value));
        }

        /** How often the daemon may repeat a read after a broken connection; 1 unless given. */
        public Builder autoRetry(int value) {
            return put("autoRetry", value);
        }

        /** Nodes in one service call; 0 = no splitting; what the server allows unless given. */
        public Builder batchSize(int value) {
            return put("batchSize", value);
        }

        /** Depth of a {@code browseRecursive} that names none; 10 unless given. */
        public Builder defaultBrowseMaxDepth(int value) {
            return put("defaultBrowseMaxDepth", value);
        }

        /** Whether attributes other than the value come from the daemon's cache; not, unless given. */
        public Builder readMetadataCache(boolean value) {
            return put("readMetadataCache", value);
        }

        /** Whether the daemon finds out the type of a write that gives none; it does, unless given. */
        public Builder autoDetectWriteType(boolean value) {
            return put("autoDetectWriteType", value);
        }

        /** What the server shows in its diagnostics. */
        public Builder sessionName(String value) {
            return put("sessionName", value);
        }

        public Builder applicationName(String value) {
            return put("applicationName", value);
        }

        /** How long the server keeps an unused session; 120 s unless given. */
        public Builder sessionTimeout(Duration value) {
            return put("sessionTimeout", seconds(value));
        }

        /** URI or short name: {@code Basic256Sha256}. Without a mode, messages are signed and encrypted. */
        public Builder securityPolicy(String value) {
            return put("securityPolicy", value);
        }

        public Builder securityMode(SecurityMode value) {
            return put("securityMode", value.number);
        }

        /** The user by name and password, which may be empty. */
        public Builder user(String name, String password) {
            return put("username", name).put("password", password);
        }

        /** The user by certificate, PEM or DER. */
        public Builder userCertificate(Path certificate, Path key) {
            return put("userCertPath", certificate.toString()).put("userKeyPath", key.toString());
        }

        public Builder userKeyPassphrase(String value) {
            return put("userKeyPassphrase", value);
        }

        /** The password may leave unencrypted where the server offers nothing else and the channel does not encrypt. */
        public Builder allowPlaintextPassword(boolean value) {
            return put("allowPlaintextPassword", value);
        }

        /** Our application's certificate instead of the daemon's own, PEM or DER, with its chain. */
        public Builder clientCertificate(Path certificate, Path key) {
            return put("clientCertPath", certificate.toString()).put("clientKeyPath", key.toString());
        }

        public Builder clientKeyPassphrase(String value) {
            return put("clientKeyPassphrase", value);
        }

        /** Sent in our chain. */
        public Builder caCertificate(Path value) {
            return put("caCertPath", value.toString());
        }

        /** A directory with {@code trusted/} and {@code rejected/}. */
        public Builder trustStore(Path value) {
            return put("trustStorePath", value.toString());
        }

        public Builder trustPolicy(TrustPolicy value) {
            return put("trustPolicy", value.wireName);
        }

        /** A server's first certificate is accepted and kept. */
        public Builder autoAccept(boolean value) {
            return put("autoAccept", value);
        }

        /** A changed one too. */
        public Builder autoAcceptForce(boolean value) {
            return put("autoAcceptForce", value);
        }

        private static double seconds(Duration value) {
            return value.toNanos() / 1e9;
        }
    }
}
