package io.github.opcuasm.daemon.opcua;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;

/**
 * How a session's channel is secured: a policy of Part 7 with the modes of Part 4, 7.20. None goes with None only.
 *
 * @param policy which algorithms
 * @param mode whether messages are signed, or signed and encrypted
 */
public record SecurityProfile(Policy policy, Mode mode) {
    public static final SecurityProfile NONE = new SecurityProfile(Policy.NONE, Mode.NONE);

    public SecurityProfile {
        if ((policy == Policy.NONE) != (mode == Mode.NONE)) {
            throw new IllegalArgumentException(policy.shortName() + " does not go with " + mode.wireName());
        }
    }

    /** The policies with RSA, weakest first. */
    public enum Policy {
        NONE(SecurityPolicy.None),
        BASIC128RSA15(SecurityPolicy.Basic128Rsa15),
        BASIC256(SecurityPolicy.Basic256),
        BASIC256SHA256(SecurityPolicy.Basic256Sha256),
        AES128_SHA256_RSAOAEP(SecurityPolicy.Aes128_Sha256_RsaOaep),
        AES256_SHA256_RSAPSS(SecurityPolicy.Aes256_Sha256_RsaPss);

        private static final String PREFIX = "http://opcfoundation.org/UA/SecurityPolicy#";

        private final SecurityPolicy algorithms;

        Policy(SecurityPolicy algorithms) {
            this.algorithms = algorithms;
        }

        /** The policy with this URI, or with this short name in any case; empty for one that we do not have. */
        public static Optional<Policy> ofName(String uriOrName) {
            String name = shortName(uriOrName);
            return Arrays.stream(values())
                    .filter(policy -> policy.shortName().equalsIgnoreCase(name))
                    .findFirst();
        }

        /** What follows the {@code #} of a policy's URI; any other text as it is. */
        public static String shortName(String uriOrName) {
            return uriOrName.toLowerCase(Locale.ROOT).startsWith(PREFIX.toLowerCase(Locale.ROOT))
                    ? uriOrName.substring(PREFIX.length())
                    : uriOrName;
        }

        /** {@code Basic256Sha256}. */
        public String shortName() {
            return algorithms.getUri().substring(PREFIX.length());
        }

        /** Whether it rests on SHA-1: withdrawn by the OPC Foundation, and only for devices that have nothing else. */
        public boolean isDeprecated() {
            return this == BASIC128RSA15 || this == BASIC256;
        }

        SecurityPolicy algorithms() {
            return algorithms;
        }
    }

    /** Part 4, 7.20, without its Invalid. */
    public enum Mode {
        NONE(MessageSecurityMode.None),
        SIGN(MessageSecurityMode.Sign),
        SIGN_AND_ENCRYPT(MessageSecurityMode.SignAndEncrypt);

        private final MessageSecurityMode mode;

        Mode(MessageSecurityMode mode) {
            this.mode = mode;
        }

        /** The mode with this number on the wire, 1 to 3. */
        public static Mode ofNumber(int number) {
            return Arrays.stream(values())
                    .filter(mode -> mode.number() == number)
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalArgumentException("security mode: got " + number + ", expected 1 to 3"));
        }

        /** {@code SignAndEncrypt}. */
        public String wireName() {
            return mode.name();
        }

        /** 1 to 3. */
        public int number() {
            return mode.getValue();
        }

        MessageSecurityMode mode() {
            return mode;
        }
    }

    /** {@code Basic256Sha256 SignAndEncrypt}. */
    @Override
    public String toString() {
        return policy == Policy.NONE ? "None" : policy.shortName() + " " + mode.wireName();
    }
}
