package io.github.opcuasm.daemon.certificate;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** Encodings of certificates, and digests of these and of files, in lower-case hex. */
public final class Fingerprints {
    private Fingerprints() {}

    /** What OPC UA calls the thumbprint (Part 6, 6.2.2). Names a file; never decides alone what is trusted. */
    static String sha1(X509Certificate certificate) {
        return hex(digest("SHA-1").digest(encoded(certificate)));
    }

    public static String sha256(X509Certificate certificate) {
        return hex(digest("SHA-256").digest(encoded(certificate)));
    }

    public static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate without an encoding", e);
        }
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has " + algorithm, e);
        }
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
