package io.github.opcuasm.simulator.certificates;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.CRLException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority: a root, or one below another.
 *
 * <pre>{@code
 * CertificateAuthority root = CertificateAuthority.root("Plant root");
 * CertificateAuthority works = root.intermediate("Works 1");
 * IssuedCertificate server = CertificateTemplate.server("127.0.0.1").issuedBy(works);
 * X509CRL revoked = works.revoking(server.certificate());
 * }</pre>
 */
public final class CertificateAuthority {
    private final IssuedCertificate certificate;
    private final @Nullable CertificateAuthority issuer;

    private CertificateAuthority(IssuedCertificate certificate, @Nullable CertificateAuthority issuer) {
        this.certificate = certificate;
        this.issuer = issuer;
    }

    /** A root with the shared key for roots. */
    public static CertificateAuthority root(String commonName) {
        return root(commonName, RsaKeys.authority());
    }

    /** A root with this key. */
    public static CertificateAuthority root(String commonName, KeyPair keys) {
        return new CertificateAuthority(
                CertificateTemplate.authority(commonName).keys(keys).selfSigned(), null);
    }

    /** An authority below this one, with the shared key for intermediates. */
    public CertificateAuthority intermediate(String commonName) {
        return intermediate(commonName, RsaKeys.intermediate());
    }

    /** An authority below this one, with this key. */
    public CertificateAuthority intermediate(String commonName, KeyPair keys) {
        return new CertificateAuthority(
                CertificateTemplate.authority(commonName).keys(keys).issuedBy(this), this);
    }

    /** The authority's own certificate. */
    public X509Certificate certificate() {
        return certificate.certificate();
    }

    /** A list valid for a day from now that revokes these certificates, which may be none. */
    public X509CRL revoking(X509Certificate... certificates) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return revoking(now.minus(1, ChronoUnit.MINUTES), now.plus(1, ChronoUnit.DAYS), certificates);
    }

    /** A list of this validity that revokes these certificates. */
    public X509CRL revoking(Instant thisUpdate, Instant nextUpdate, X509Certificate... certificates) {
        try {
            var list = new JcaX509v2CRLBuilder(certificate(), Date.from(thisUpdate));
            list.setNextUpdate(Date.from(nextUpdate));
            for (X509Certificate revoked : certificates) {
                BigInteger serial = revoked.getSerialNumber();
                list.addCRLEntry(serial, Date.from(thisUpdate), CRLReason.keyCompromise);
            }
            var signer = new JcaContentSignerBuilder("SHA256withRSA").build(certificate.privateKey());
            return new JcaX509CRLConverter().getCRL(list.build(signer));
        } catch (OperatorCreationException | CRLException e) {
            throw new IllegalStateException("Cannot make a revocation list", e);
        }
    }

    /** This authority and those above it without the root: what a server sends behind its own certificate. */
    List<X509Certificate> chain() {
        return issuer == null
                ? List.of()
                : Stream.concat(Stream.of(certificate()), issuer.chain().stream())
                        .toList();
    }

    IssuedCertificate issued() {
        return certificate;
    }
}
