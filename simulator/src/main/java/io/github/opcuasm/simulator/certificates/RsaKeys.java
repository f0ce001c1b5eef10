package io.github.opcuasm.simulator.certificates;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;

/**
 * RSA keys of 2,048 bits, each made when it is first asked for and then the same for the life of the JVM. Different
 * roles have different keys, so that a signature by the wrong one is wrong.
 */
public final class RsaKeys {
    private static final int BITS = 2_048;

    private RsaKeys() {}

    /** The key of servers. */
    public static KeyPair server() {
        return Server.KEYS;
    }

    /** The key of client applications. */
    public static KeyPair client() {
        return Client.KEYS;
    }

    /** The key of users. */
    public static KeyPair user() {
        return User.KEYS;
    }

    /** The key of root authorities. */
    public static KeyPair authority() {
        return Authority.KEYS;
    }

    /** The key of intermediate authorities. */
    public static KeyPair intermediate() {
        return Intermediate.KEYS;
    }

    /** A key that nothing else here has: the one to swap in, or to forge with. */
    public static KeyPair other() {
        return Other.KEYS;
    }

    /** A new key; one of 2,048 bits takes some tenths of a second. */
    public static KeyPair generate(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has RSA", e);
        }
    }

    private static final class Server {
        private static final KeyPair KEYS = generate(BITS);
    }

    private static final class Client {
        private static final KeyPair KEYS = generate(BITS);
    }

    private static final class User {
        private static final KeyPair KEYS = generate(BITS);
    }

    private static final class Authority {
        private static final KeyPair KEYS = generate(BITS);
    }

    private static final class Intermediate {
        private static final KeyPair KEYS = generate(BITS);
    }

    private static final class Other {
        private static final KeyPair KEYS = generate(BITS);
    }
}
