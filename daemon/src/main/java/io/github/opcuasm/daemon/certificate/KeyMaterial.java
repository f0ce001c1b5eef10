package io.github.opcuasm.daemon.certificate;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate of ours with its chain and its private key, RSA.
 *
 * @param chain the certificate itself first, each one's issuer behind it; at least one
 * @param privateKey fits the first certificate
 * @param fingerprint tells this material apart from any other: SHA-256 over the contents of its files, lower-case hex
 */
public record KeyMaterial(List<X509Certificate> chain, PrivateKey privateKey, String fingerprint) {
    private static final int URI_NAME = 6;

    public KeyMaterial {
        chain = List.copyOf(chain);
    }

    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** The application URI: the certificate's SubjectAltName of that kind (Part 6, 6.2.2); null if it has none. */
    public @Nullable String applicationUri() {
        return applicationUri(certificate());
    }

    static @Nullable String applicationUri(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (Integer.valueOf(URI_NAME).equals(name.get(0)) && name.get(1) instanceof String uri) {
                    return uri;
                }
            }
            return null;
        } catch (CertificateParsingException e) {
            return null;
        }
    }

    /** Never shows the key. */
    @Override
    public String toString() {
        return "KeyMaterial[" + certificate().getSubjectX500Principal() + "]";
    }
}
