package io.github.opcuasm.daemon.certificate;

import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate in a trust store.
 *
 * @param state why it is there
 * @param server {@code host:port} that it is pinned to; empty if it is not a pin
 * @param subject as in RFC 2253
 * @param issuer as in RFC 2253
 * @param sha1 fingerprint, lower-case hex
 * @param sha256 fingerprint, lower-case hex
 */
public record CertificateSummary(
        State state,
        String server,
        String subject,
        String issuer,
        String sha1,
        String sha256,
        Instant notBefore,
        Instant notAfter) {
    private static final int MAX_NAME = 256;

    /** Why a certificate is in a store. */
    public enum State {
        TRUSTED,
        /** Refused; waits for an approval. */
        REJECTED,
        /** The one that its server showed first, or that was accepted in its place. */
        PINNED
    }

    static CertificateSummary of(State state, String server, X509Certificate certificate) {
        return new CertificateSummary(
                state,
                server,
                printable(certificate.getSubjectX500Principal()),
                printable(certificate.getIssuerX500Principal()),
                Fingerprints.sha1(certificate),
                Fingerprints.sha256(certificate),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    /** Somebody else chose the name: no line breaks, and not endless. */
    private static String printable(X500Principal name) {
        String text = name.getName().replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
        return text.length() <= MAX_NAME ? text : text.substring(0, MAX_NAME) + "...";
    }

    /** Whether its time is up, or has not come. */
    public boolean isOutsideValidity(Instant now) {
        return now.isBefore(notBefore) || now.isAfter(notAfter);
    }
}
