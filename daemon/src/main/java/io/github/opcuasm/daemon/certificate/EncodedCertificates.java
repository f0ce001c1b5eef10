package io.github.opcuasm.daemon.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** X.509 certificates as they are in files: PEM, several in one and other things between them, or DER one after another. */
final class EncodedCertificates {
    /** More than any chain has. */
    private static final int MAX_CERTIFICATES = 64;

    private EncodedCertificates() {}

    /**
     * All certificates of a file, in its order; none if it holds something else.
     *
     * @throws CertificateException if one is damaged, or there are too many
     */
    static List<X509Certificate> decode(byte[] content) throws CertificateException {
        try {
            List<byte[]> encoded = isPem(content) ? ofPem(content) : ofDer(content);
            if (encoded.size() > MAX_CERTIFICATES) {
                throw new CertificateException("more than " + MAX_CERTIFICATES + " certificates");
            }
            List<X509Certificate> certificates = new ArrayList<>();
            for (byte[] der : encoded) {
                certificates.add(one(der));
            }
            return certificates;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw new CertificateException("damaged", e);
        }
    }

    /**
     * Exactly one certificate.
     *
     * @throws CertificateException if it is none, or there are bytes behind it
     */
    static X509Certificate one(byte[] der) throws CertificateException {
        try {
            var certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            // Parsed here and not at the first question, where nobody expects it to fail.
            certificate.getPublicKey();
            certificate.getSubjectAlternativeNames();
            if (certificate.getEncoded().length != der.length) {
                throw new CertificateException("there are bytes behind the certificate");
            }
            return certificate;
        } catch (RuntimeException | StackOverflowError e) {
            throw new CertificateException("damaged", e);
        }
    }

    static boolean isPem(byte[] content) {
        return new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN ");
    }

    static String toPem(X509Certificate certificate) {
        return "-----BEGIN CERTIFICATE-----\n"
                + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(Fingerprints.encoded(certificate))
                + "\n-----END CERTIFICATE-----\n";
    }

    private static List<byte[]> ofPem(byte[] content) throws IOException {
        List<byte[]> encoded = new ArrayList<>();
        try (PemReader reader = new PemReader(new StringReader(new String(content, StandardCharsets.ISO_8859_1)))) {
            for (PemObject next = reader.readPemObject(); next != null; next = reader.readPemObject()) {
                if (next.getType().equals("CERTIFICATE") || next.getType().equals("X509 CERTIFICATE")) {
                    encoded.add(next.getContent());
                }
            }
        }
        return encoded;
    }

    private static List<byte[]> ofDer(byte[] content) throws IOException {
        List<byte[]> encoded = new ArrayList<>();
        try (ASN1InputStream objects = new ASN1InputStream(content)) {
            for (ASN1Primitive next = objects.readObject(); next != null; next = objects.readObject()) {
                encoded.add(next.getEncoded());
            }
        }
        return encoded;
    }
}
