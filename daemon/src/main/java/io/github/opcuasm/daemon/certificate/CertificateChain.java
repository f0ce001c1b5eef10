package io.github.opcuasm.daemon.certificate;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which certificate issued which. */
final class CertificateChain {
    /** Of one chain; none in use has half as many. */
    static final int MAX_LINKS = 10;

    static final int MAX_BYTES = 64 * 1024;
    private static final byte[] SAMPLE = {1, 2, 3, 4};

    private CertificateChain() {}

    /**
     * The chain of a certificate: itself, its issuer, that one's issuer, as far as they are known. Ends with a self-signed
     * one, where the issuer is not known, or with the {@value #MAX_LINKS}th.
     *
     * @param known in any order; what has no part in it is left out
     */
    static List<X509Certificate> of(X509Certificate leaf, Collection<X509Certificate> known) {
        List<X509Certificate> chain = new ArrayList<>();
        X509Certificate next = leaf;
        while (next != null && chain.size() < MAX_LINKS && !chain.contains(next)) {
            chain.add(next);
            next = isSelfSigned(next) ? null : issuer(next, known);
        }
        return chain;
    }

    /** Null if it is not among the known ones. */
    static @Nullable X509Certificate issuer(X509Certificate certificate, Collection<X509Certificate> known) {
        for (X509Certificate candidate : known) {
            if (isIssuedBy(certificate, candidate)) {
                return candidate;
            }
        }
        return null;
    }

    static boolean isSelfSigned(X509Certificate certificate) {
        return isIssuedBy(certificate, certificate);
    }

    static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /** Whether the two are halves of one RSA pair, shown by a signature: a damaged exponent or prime is found too. */
    static boolean fits(PrivateKey privateKey, PublicKey publicKey) {
        if (!(privateKey instanceof RSAPrivateKey ours)
                || !(publicKey instanceof RSAPublicKey theirs)
                || !ours.getModulus().equals(theirs.getModulus())) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(privateKey);
            signature.update(SAMPLE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(SAMPLE);
            return signature.verify(signed);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }
}
