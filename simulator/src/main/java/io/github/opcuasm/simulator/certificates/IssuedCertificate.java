package io.github.opcuasm.simulator.certificates;

import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/**
 * A certificate, its private key, and the certificates of the authorities between it and the root.
 *
 * @param privateKey of the first certificate
 * @param chain the certificate itself, then its issuer, and so on; the root is not in it
 */
public record IssuedCertificate(PrivateKey privateKey, List<X509Certificate> chain) {
    /** Checks that there is a certificate. */
    public IssuedCertificate {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("A chain has at least one certificate");
        }
    }

    /** The certificate itself. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** Both keys. */
    public KeyPair keys() {
        return new KeyPair(certificate().getPublicKey(), privateKey);
    }

    /** The DER form of the certificate alone. */
    public byte[] der() {
        try {
            return certificate().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("The certificate has no DER form", e);
        }
    }

    /** SHA-256 of the DER form, 64 lower-case hex digits. */
    public String fingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "IssuedCertificate[" + certificate().getSubjectX500Principal() + "]";
    }
}
