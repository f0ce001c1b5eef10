package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.SecurityProfile;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Mode;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Policy;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads what a config asks for in security (protocol, {@code open}); what it asks for and we lack is refused. */
final class SecurityChoice {
    /** With elliptic curves: known by name, not to be had. */
    private static final Set<String> NOT_AVAILABLE = Set.of(
            "ecc_nistp256",
            "ecc_nistp384",
            "ecc_brainpoolp256r1",
            "ecc_brainpoolp384r1",
            "ecc_curve25519",
            "ecc_curve448");

    private SecurityChoice() {}

    /**
     * Policy and mode; a policy without a mode means SignAndEncrypt.
     *
     * @throws CommandException {@code invalid_argument} for nonsense, {@code SecurityException} for what is not available
     */
    static SecurityProfile profile(Map<ConfigMember, Object> values) {
        String given = values.getOrDefault(ConfigMember.SECURITY_POLICY, "").toString();
        Mode mode = values.get(ConfigMember.SECURITY_MODE) instanceof Integer number ? Mode.ofNumber(number) : null;
        if (given.isEmpty()) {
            if (mode != null && mode != Mode.NONE) {
                throw modeMisfit(mode, "a securityPolicy beside a mode above 1");
            }
            return SecurityProfile.NONE;
        }
        Policy policy = Policy.ofName(given).orElseThrow(() -> unknown(given));
        if (policy == Policy.NONE) {
            if (mode != null && mode != Mode.NONE) {
                throw modeMisfit(mode, "1 (None) with securityPolicy None");
            }
            return SecurityProfile.NONE;
        }
        if (mode == Mode.NONE) {
            throw modeMisfit(mode, "2 (Sign) or 3 (SignAndEncrypt) with securityPolicy " + policy.shortName());
        }
        return new SecurityProfile(policy, mode == null ? Mode.SIGN_AND_ENCRYPT : mode);
    }

    /**
     * Checks that one user is meant.
     *
     * @throws CommandException {@code invalid_argument} if there are two, or half of one
     */
    static void checkIdentity(Map<ConfigMember, Object> values) {
        boolean name = values.containsKey(ConfigMember.USERNAME);
        if (name && !values.containsKey(ConfigMember.PASSWORD)) {
            throw CommandException.invalidArgument(
                    "config.password", "nothing", "a password beside username; an empty one is \"\"");
        }
        if (name && values.containsKey(ConfigMember.USER_CERT_PATH) && values.containsKey(ConfigMember.USER_KEY_PATH)) {
            throw CommandException.invalidArgument(
                    "config.userCertPath", "a second user", "either username or userCertPath, not both");
        }
    }

    private static CommandException unknown(String given) {
        String name = Policy.shortName(given);
        if (NOT_AVAILABLE.contains(name.toLowerCase(Locale.ROOT))) {
            return new CommandException(
                    ErrorType.SECURITY, "config.securityPolicy: " + name + " is not available; policies with RSA are");
        }
        return CommandException.invalidArgument(
                "config.securityPolicy",
                "'" + (given.length() > 100 ? given.substring(0, 100) + "…" : given) + "'",
                "the URI or short name of a security policy, such as Basic256Sha256");
    }

    private static CommandException modeMisfit(Mode mode, String expected) {
        return CommandException.invalidArgument("config.securityMode", String.valueOf(mode.number()), expected);
    }
}
