package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options that stand for one member of a session's config each. */
enum SessionOption {
    USER("--user", "NAME", "who to be on the server", "username", Kind.TEXT),
    POLICY("--policy", "NAME", "security policy, such as Basic256Sha256", "securityPolicy", Kind.POLICY),
    MODE("--mode", "MODE", "None, Sign or SignAndEncrypt (that, with a policy)", "securityMode", Kind.MODE),
    CERT(
            "--cert",
            "PATH",
            "the client's certificate, PEM or DER, on the daemon's host (else the daemon's own)",
            "clientCertPath",
            Kind.PATH),
    KEY("--key", "PATH", "its private key, PEM or DER", "clientKeyPath", Kind.PATH),
    KEY_PASSPHRASE("--key-passphrase-file", "PATH", "file with the key's passphrase", "clientKeyPassphrase", Kind.FILE),
    USER_CERT("--user-cert", "PATH", "be the user of this certificate", "userCertPath", Kind.PATH),
    USER_KEY("--user-key", "PATH", "its private key", "userKeyPath", Kind.PATH),
    USER_KEY_PASSPHRASE(
            "--user-key-passphrase-file", "PATH", "file with that key's passphrase", "userKeyPassphrase", Kind.FILE),
    CA("--ca", "PATH", "issuers to send along, and to trust with the trust policy full", "caCertPath", Kind.PATH),
    TRUST_STORE("--trust-store", "DIR", "directory of trusted certificates", "trustStorePath", Kind.PATH),
    TRUST_POLICY(
            "--trust-policy",
            "POLICY",
            "fingerprint, fingerprint+expiry or full; else the first certificate is pinned",
            "trustPolicy",
            Kind.TRUST_POLICY),
    AUTO_ACCEPT("--auto-accept", "", "trust the server's certificate if it is its first", "autoAccept", Kind.FLAG);

    private static final String POLICY_PREFIX = "http://opcfoundation.org/UA/SecurityPolicy#";
    private static final List<String> POLICIES = List.of(
            "None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss", "Basic256", "Basic128Rsa15");
    private static final List<String> MODES = List.of("None", "Sign", "SignAndEncrypt");
    private static final List<String> TRUST_POLICIES = List.of("fingerprint", "fingerprint+expiry", "full");

    /** The members that are secrets: not for the command line, where every user of the machine can read them. */
    static final Set<String> SECRETS = Set.of("password", "clientKeyPassphrase", "userKeyPassphrase");

    /** What an option takes. */
    private enum Kind {
        TEXT,
        POLICY,
        MODE,
        /** Made absolute: the daemon has another working directory. */
        PATH,
        /** Its content is the value. */
        FILE,
        TRUST_POLICY,
        FLAG
    }

    private final String option;
    private final String label;
    private final String description;
    private final String member;
    private final Kind kind;

    SessionOption(String option, String label, String description, String member, Kind kind) {
        this.option = option;
        this.label = label;
        this.description = description;
        this.member = member;
        this.kind = kind;
    }

    String option() {
        return option;
    }

    String label() {
        return label;
    }

    String description() {
        return description;
    }

    boolean isFlag() {
        return kind == Kind.FLAG;
    }

    /** The member of the config that it sets. */
    String member() {
        return member;
    }

    /**
     * The member's value.
     *
     * @throws UsageException naming the option
     */
    JsonValue value(String text, Consumer<String> warnings) {
        return switch (kind) {
            case TEXT -> new JsonValue.Str(text);
            // By URI and number, as other clients have them: who asks for the same gets the same session.
            case POLICY -> new JsonValue.Str(policy(text));
            case MODE -> Json.of(MODES.indexOf(oneOf(text, MODES)) + 1);
            case TRUST_POLICY -> new JsonValue.Str(oneOf(text, TRUST_POLICIES));
            case PATH ->
                new JsonValue.Str(path(text).toAbsolutePath().normalize().toString());
            case FILE -> new JsonValue.Str(SecretFile.read(option, path(text), warnings));
            case FLAG -> new JsonValue.Bool(true);
        };
    }

    private String policy(String text) {
        String name = text.startsWith(POLICY_PREFIX) ? text.substring(POLICY_PREFIX.length()) : text;
        return POLICY_PREFIX + oneOf(name, POLICIES);
    }

    private String oneOf(String text, List<String> valid) {
        String found = null;
        for (String name : valid) {
            if (name.toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
                found = name;
            }
        }
        if (found == null) {
            throw new UsageException(option + ": got " + text
                    + NearestName.hint(text, valid, "expected one of " + String.join(", ", valid)));
        }
        return found;
    }

    private Path path(String text) {
        return path(option, text);
    }

    /** The path that an option names. */
    static Path path(String option, @Nullable String text) {
        try {
            if (text != null && !text.isEmpty()) {
                return Path.of(text);
            }
        } catch (InvalidPathException e) {
            throw new UsageException(option + ": got " + text + ", expected a path");
        }
        throw new UsageException(option + ": expected a path");
    }
}
