package io.github.opcuasm.daemon.certificate;

import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole of what Part 4, 6.1.3 asks of a server's certificate: a chain to something trusted, nothing in it expired or
 * revoked or too weak, and a certificate that is this server's: its host, its application URI, its uses (Part 6, 6.2.2).
 *
 * <p>Trusted are the certificate itself, or any of its issuers, in the store's {@code trusted}; the issuers of the config
 * count as if they were in it. Only a certificate of an authority is trusted as an issuer. The path to one is looked for
 * within a bounded number of signatures, and is the JVM's to check (RFC 5280); revocation is judged by the lists in the store, see
 * {@link RevocationLists}. Nothing is fetched from anywhere.
 */
final class FullValidation {
    private static final int MIN_RSA_BITS = 2048;
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_ENCIPHERMENT = 2;
    private static final int DATA_ENCIPHERMENT = 3;
    private static final int KEY_CERT_SIGN = 5;
    /** That are verified to find a path: more than ten certificates in every sensible order need. */
    private static final int MAX_SIGNATURES = 100;

    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USE = "2.5.29.37.0";

    private final PresentedCertificate presented;
    private final X509Certificate certificate;
    private final List<X509Certificate> anchors;
    private final Set<X509Certificate> known;
    private final RevocationLists.Current revocations;
    private final @Nullable List<X509Certificate> path;
    private final Instant now;
    private int signaturesLeft = MAX_SIGNATURES;

    FullValidation(TrustMemory memory, TrustSettings settings, PresentedCertificate presented, Instant now)
            throws IOException {
        this.presented = presented;
        this.certificate = presented.chain().get(0);
        this.now = now;
        List<X509Certificate> trusted = memory.trusted();
        boolean trustedItself = trusted.contains(certificate);
        this.anchors = Stream.concat(trusted.stream(), settings.issuers().stream())
                .filter(FullValidation::isAuthority)
                .distinct()
                .toList();
        this.known = new LinkedHashSet<>(presented.chain());
        known.addAll(memory.issuers());
        known.addAll(trusted);
        known.addAll(settings.issuers());
        this.revocations = memory.revocationLists();
        this.path = trustedItself ? CertificateChain.of(certificate, known) : extended(List.of(certificate));
    }

    /** Whether it, or who issued it, is trusted. */
    boolean isTrusted() {
        return path != null;
    }

    /** What speaks against it, whether it is trusted or not; null for nothing. */
    @Nullable
    String objection() {
        List<X509Certificate> chain = path == null ? CertificateChain.of(certificate, known) : path;
        String found = validity(chain);
        found = found == null ? strength(chain) : found;
        found = found == null ? revocation(chain) : found;
        found = found == null ? applicationUri() : found;
        found = found == null ? host() : found;
        return found == null ? usage() : found;
    }

    /** Whether it may vouch for others: basicConstraints and keyUsage both say so (RFC 5280, 4.2.1.3 and 4.2.1.9). */
    private static boolean isAuthority(X509Certificate candidate) {
        boolean[] usage = candidate.getKeyUsage();
        return candidate.getBasicConstraints() >= 0 && usage != null && usage[KEY_CERT_SIGN];
    }

    /**
     * The path to an anchor, the anchor included; null if there is none, or none was found within so many signatures. Who
     * shows the certificates may have signed each with every other's key: then there are as many paths as orders of them.
     */
    private @Nullable List<X509Certificate> extended(List<X509Certificate> path) {
        X509Certificate last = path.get(path.size() - 1);
        for (X509Certificate anchor : anchors) {
            if (isVerified(last, anchor) && holds(path, anchor)) {
                List<X509Certificate> found = new ArrayList<>(path);
                found.add(anchor);
                return found;
            }
        }
        if (path.size() + 1 >= CertificateChain.MAX_LINKS) {
            return null;
        }
        for (X509Certificate issuer : known) {
            if (issuer.getBasicConstraints() >= 0 && !path.contains(issuer) && isVerified(last, issuer)) {
                List<X509Certificate> longer = new ArrayList<>(path);
                longer.add(issuer);
                List<X509Certificate> found = extended(longer);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private boolean isVerified(X509Certificate issued, X509Certificate issuer) {
        if (!issued.getIssuerX500Principal().equals(issuer.getSubjectX500Principal()) || signaturesLeft == 0) {
            return false;
        }
        signaturesLeft--;
        return CertificateChain.isIssuedBy(issued, issuer);
    }

    /** RFC 5280, 6.1. */
    private boolean holds(List<X509Certificate> path, X509Certificate anchor) {
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    private @Nullable String validity(List<X509Certificate> chain) {
        String own = validity(certificate, now);
        if (own != null) {
            return own;
        }
        for (X509Certificate issuer : chain) {
            String found = validity(issuer, now);
            if (found != null) {
                return "has an issuer (SHA-256 " + Fingerprints.sha256(issuer) + ") whose certificate " + found;
            }
        }
        return null;
    }

    /** Null if its time is now. */
    static @Nullable String validity(X509Certificate certificate, Instant now) {
        Instant until = certificate.getNotAfter().toInstant();
        Instant from = certificate.getNotBefore().toInstant();
        if (now.isAfter(until)) {
            return "expired on " + until;
        }
        return now.isBefore(from) ? "is not valid before " + from : null;
    }

    private static @Nullable String strength(List<X509Certificate> chain) {
        for (X509Certificate link : chain) {
            if (!(link.getPublicKey() instanceof RSAPublicKey key)) {
                return "has a key that is not RSA in its chain";
            }
            int bits = key.getModulus().bitLength();
            if (bits < MIN_RSA_BITS) {
                return "has an RSA key of " + bits + " bits in its chain, less than " + MIN_RSA_BITS;
            }
            if (!CertificateChain.isSelfSigned(link) && isWeak(link)) {
                return "is signed with " + link.getSigAlgName() + " in its chain, which is broken";
            }
        }
        // Nobody is fooled by what somebody signed for himself, but the policy asks it of the server's own one.
        return isWeak(chain.get(0)) ? "is signed with " + chain.get(0).getSigAlgName() + ", which is broken" : null;
    }

    private static boolean isWeak(X509Certificate certificate) {
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT).replace("-", "");
        if (algorithm.contains("PSS")) {
            // Names its digest in the parameters; without them it is SHA-1 (RFC 4055).
            byte[] parameters = certificate.getSigAlgParams();
            return parameters == null || !hasStrongDigest(parameters);
        }
        return algorithm.startsWith("SHA1") || algorithm.startsWith("MD");
    }

    private static boolean hasStrongDigest(byte[] parameters) {
        try {
            var pss = org.bouncycastle.asn1.pkcs.RSASSAPSSparams.getInstance(parameters);
            String digest = pss.getHashAlgorithm().getAlgorithm().getId();
            // SHA-2 and SHA-3.
            return digest.startsWith("2.16.840.1.101.3.4.2.");
        } catch (RuntimeException e) {
            return false;
        }
    }

    private @Nullable String revocation(List<X509Certificate> chain) {
        for (int i = 0; i + 1 < chain.size(); i++) {
            String found = revocations.objection(chain.get(i), chain.get(i + 1), now);
            if (found != null) {
                return i == 0
                        ? found
                        : "has an issuer (SHA-256 " + Fingerprints.sha256(chain.get(i)) + ") that " + found;
            }
        }
        return null;
    }

    private @Nullable String host() {
        String host = presented.host();
        for (String name : OwnCertificate.hostNames(certificate)) {
            if (isSameHost(name, host)) {
                return null;
            }
        }
        return "is not for the host " + host + " of the endpoint URL";
    }

    /** Names without regard to case; addresses as addresses, however they are written. No wildcards: OPC UA has none. */
    static boolean isSameHost(String name, String host) {
        InetAddress address = HostNames.literal(host);
        // Addresses are equal without regard to a zone.
        return address == null
                ? HostNames.withoutDot(name).equals(HostNames.withoutDot(host))
                : address.equals(HostNames.literal(name));
    }

    private @Nullable String applicationUri() {
        String claimed = presented.applicationUri();
        String certified = KeyMaterial.applicationUri(certificate);
        if (claimed == null) {
            return "belongs to no application: the server names no application URI";
        }
        return claimed.equals(certified) ? null : "is not for the application URI that the server claims";
    }

    private @Nullable String usage() {
        boolean[] usage = certificate.getKeyUsage();
        if (usage == null || !usage[DIGITAL_SIGNATURE] || !(usage[KEY_ENCIPHERMENT] || usage[DATA_ENCIPHERMENT])) {
            return "may not be used for signing and encryption (keyUsage)";
        }
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            return purposes != null && (purposes.contains(SERVER_AUTH) || purposes.contains(ANY_USE))
                    ? null
                    : "may not be used by a server (extendedKeyUsage)";
        } catch (CertificateParsingException e) {
            return "has a damaged extendedKeyUsage";
        }
    }
}
