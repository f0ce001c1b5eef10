package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.KeyMaterial;

/** As whom a session is activated (Part 4, 7.40). None of them shows a secret as text. */
public sealed interface UserIdentity {
    /** For messages: {@code anonymous}, {@code user name}, {@code certificate}. */
    String kind();

    /** Tells users apart, without secrets: the name, or the certificate's fingerprint; empty for anonymous. */
    String name();

    /** Nobody in particular. */
    record Anonymous() implements UserIdentity {
        @Override
        public String kind() {
            return "anonymous";
        }

        @Override
        public String name() {
            return "";
        }
    }

    /**
     * A name with its password.
     *
     * @param password may be empty
     * @param allowPlaintext whether it may leave unencrypted where the server offers nothing better
     */
    record UserName(String name, String password, boolean allowPlaintext) implements UserIdentity {
        @Override
        public String kind() {
            return "user name";
        }

        @Override
        public String toString() {
            return "UserName[]";
        }
    }

    /** A certificate whose key signs what the server gave. */
    record Certificate(KeyMaterial material) implements UserIdentity {
        @Override
        public String kind() {
            return "certificate";
        }

        @Override
        public String name() {
            return material.fingerprint();
        }
    }
}
