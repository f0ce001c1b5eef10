package io.github.opcuasm.daemon.session;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Checks what a config asks for in security. This version speaks SecurityPolicy None with anonymous users; whatever asks
 * for more is refused, never quietly downgraded.
 */
final class SecurityChoice {
    private static final String PREFIX = "http://opcfoundation.org/UA/SecurityPolicy#";
    private static final String NONE = "none";
    private static final Set<String> KNOWN_POLICIES = Set.of(
            NONE,
            "basic128rsa15",
            "basic256",
            "basic256sha256",
            "aes128_sha256_rsaoaep",
            "aes256_sha256_rsapss",
            "ecc_nistp256",
            "ecc_nistp384",
            "ecc_brainpoolp256r1",
            "ecc_brainpoolp384r1");

    /** What identifies us or the user beyond anonymity; one half of a pair alone means nothing. */
    private static final List<List<ConfigMember>> IDENTITIES = List.of(
            List.of(ConfigMember.USERNAME),
            List.of(ConfigMember.CLIENT_CERT_PATH, ConfigMember.CLIENT_KEY_PATH),
            List.of(ConfigMember.USER_CERT_PATH, ConfigMember.USER_KEY_PATH));

    private SecurityChoice() {}

    /** @throws CommandException {@code invalid_argument} for nonsense, {@code SecurityException} for what is not offered */
    static void check(Map<ConfigMember, Object> values) {
        String policy = policyName(values.getOrDefault(ConfigMember.SECURITY_POLICY, ""));
        Object mode = values.get(ConfigMember.SECURITY_MODE);
        boolean secureMode = mode instanceof Integer number && number > 1;
        if (policy.isEmpty() && secureMode) {
            throw CommandException.invalidArgument(
                    "config.securityMode", String.valueOf(mode), "a securityPolicy beside a mode above 1");
        }
        if (!policy.isEmpty() && !policy.equals(NONE)) {
            throw new CommandException(
                    ErrorType.SECURITY,
                    "config.securityPolicy: " + values.get(ConfigMember.SECURITY_POLICY)
                            + " is not available in this version, which connects with None only");
        }
        if (policy.equals(NONE) && secureMode) {
            throw CommandException.invalidArgument(
                    "config.securityMode", String.valueOf(mode), "1 (None) with securityPolicy None");
        }
        for (List<ConfigMember> identity : IDENTITIES) {
            if (values.keySet().containsAll(identity)) {
                throw new CommandException(
                        ErrorType.SECURITY,
                        "config." + identity.get(0).wireName()
                                + ": user names and certificates are not available in this version,"
                                + " which connects anonymously with SecurityPolicy None only");
            }
        }
    }

    private static String policyName(Object policy) {
        String text = policy.toString();
        String name = (text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text).toLowerCase(Locale.ROOT);
        if (!name.isEmpty() && !KNOWN_POLICIES.contains(name)) {
            throw CommandException.invalidArgument(
                    "config.securityPolicy", "'" + text + "'", "the URI or short name of a security policy");
        }
        return name;
    }
}
