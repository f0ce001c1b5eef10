package io.github.opcuasm.daemon.certificate;

import org.jspecify.annotations.Nullable;

/**
 * The files of a certificate and its private key, as a caller named them.
 *
 * @param what whose they are, for messages: {@code Client} or {@code User}
 * @param certificate PEM or DER, with or without the chain
 * @param privateKey PEM or DER, PKCS#1 or PKCS#8; may be the same file
 * @param passphrase of the private key; null if it has none
 * @param issuers more certificates of the chain ({@code caCertPath}); null if there are none
 */
public record KeyPaths(
        String what,
        String certificate,
        String privateKey,
        @Nullable String passphrase,
        @Nullable String issuers) {
    /** Shows neither the passphrase nor the paths. */
    @Override
    public String toString() {
        return "KeyPaths[" + what + "]";
    }
}
