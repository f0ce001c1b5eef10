package io.github.opcuasm.daemon.certificate;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An application instance certificate that signs itself (Part 6, 6.2.2): RSA 2048, SHA-256, a random serial number, the
 * application URI and the host's names in its SubjectAltName. Takes tens to hundreds of milliseconds of RSA.
 */
final class SelfSignedCertificate {
    static final Duration LIFETIME = Duration.ofDays(5 * 365);

    /** A server whose clock is behind ours would find it not valid yet. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    private static final int RSA_BITS = 2048;
    private static final int SERIAL_BITS = 127;
    private static final String PRODUCT = "opcua-session-manager";

    private SelfSignedCertificate() {}

    /** With a new key; its chain is itself, its fingerprint that of the certificate. */
    static KeyMaterial generate(HostNames host, Instant now) throws GeneralSecurityException {
        SecureRandom random = new SecureRandom();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(RSA_BITS, random);
        KeyPair pair = generator.generateKeyPair();
        try {
            byte[] encoded = builder(host, now, pair, random)
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate()))
                    .getEncoded();
            var certificate = EncodedCertificates.one(encoded);
            return new KeyMaterial(List.of(certificate), pair.getPrivate(), Fingerprints.sha256(certificate));
        } catch (IOException | OperatorCreationException e) {
            throw new GeneralSecurityException("the certificate cannot be made", e);
        }
    }

    static String applicationUri(HostNames host) {
        return "urn:" + host.name() + ":opcuasm:" + PRODUCT;
    }

    private static JcaX509v3CertificateBuilder builder(HostNames host, Instant now, KeyPair pair, SecureRandom random)
            throws IOException, GeneralSecurityException {
        X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, PRODUCT)
                .addRDN(BCStyle.O, "opcuasm")
                .addRDN(BCStyle.DC, host.name())
                .build();
        Instant from = now.minus(BACKDATED);
        var builder = new JcaX509v3CertificateBuilder(
                subject,
                new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1),
                Date.from(from),
                Date.from(from.plus(LIFETIME)),
                subject,
                pair.getPublic());
        var identifiers = new JcaX509ExtensionUtils();
        builder.addExtension(
                Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(pair.getPublic()));
        builder.addExtension(
                Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(pair.getPublic()));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(
                Extension.keyUsage,
                true,
                new KeyUsage(KeyUsage.digitalSignature
                        | KeyUsage.nonRepudiation
                        | KeyUsage.keyEncipherment
                        | KeyUsage.dataEncipherment
                        | KeyUsage.keyCertSign));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth
        }));
        builder.addExtension(Extension.subjectAlternativeName, false, names(host));
        return builder;
    }

    private static GeneralNames names(HostNames host) {
        List<GeneralName> names = new ArrayList<>();
        names.add(new GeneralName(GeneralName.uniformResourceIdentifier, applicationUri(host)));
        names.add(new GeneralName(GeneralName.dNSName, host.name()));
        for (String address : host.addresses()) {
            names.add(new GeneralName(GeneralName.iPAddress, address));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }
}
