package io.github.opcuasm.daemon.certificate;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate with everything that a server's must have, and one thing after the other changed by a test. */
final class TestCertificate {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    static final String APPLICATION_URI = "urn:plc1:test";
    private static final int SERVER_USE =
            KeyUsage.digitalSignature | KeyUsage.nonRepudiation | KeyUsage.keyEncipherment | KeyUsage.dataEncipherment;
    private static final AtomicLong SERIALS = new AtomicLong(1000);
    /** Making RSA keys is what takes time; tests that need different ones name them. */
    private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();

    /** A certificate and its key. */
    record Issued(X509Certificate certificate, PrivateKey key) {
        byte[] der() {
            return Fingerprints.encoded(certificate);
        }
    }

    private String name = "CN=plc1";
    private KeyPair keys = rsa("server", 2048);
    private @Nullable Issued issuer;
    private Instant from = NOW.minus(Duration.ofDays(10));
    private Instant until = NOW.plus(Duration.ofDays(10));
    private String signature = "SHA256withRSA";
    private @Nullable Integer usage = SERVER_USE;
    private @Nullable KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;
    private boolean purposeIsCritical;
    private boolean authority;
    private @Nullable String applicationUri = APPLICATION_URI;
    private List<GeneralName> hosts = List.of(new GeneralName(GeneralName.dNSName, "PLC1.example"));

    static TestCertificate server() {
        return new TestCertificate();
    }

    static TestCertificate authority(String name) {
        TestCertificate made = new TestCertificate();
        made.name = "CN=" + name;
        made.keys = rsa(name, 2048);
        made.authority = true;
        made.usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
        made.purpose = null;
        made.applicationUri = null;
        made.hosts = List.of();
        return made;
    }

    static KeyPair rsa(String name, int bits) {
        return KEYS.computeIfAbsent(
                name + bits, key -> generate("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4)));
    }

    static KeyPair ec() {
        return KEYS.computeIfAbsent("ec", key -> generate("EC", new ECGenParameterSpec("secp256r1")));
    }

    private static KeyPair generate(String algorithm, AlgorithmParameterSpec parameters) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    TestCertificate named(String subject) {
        name = subject;
        return this;
    }

    TestCertificate keys(KeyPair pair) {
        keys = pair;
        return this;
    }

    TestCertificate issuedBy(Issued by) {
        issuer = by;
        return this;
    }

    TestCertificate valid(Instant notBefore, Instant notAfter) {
        from = notBefore;
        until = notAfter;
        return this;
    }

    TestCertificate signedWith(String algorithm) {
        signature = algorithm;
        return this;
    }

    TestCertificate usage(@Nullable Integer bits) {
        usage = bits;
        return this;
    }

    TestCertificate purpose(@Nullable KeyPurposeId id) {
        purpose = id;
        return this;
    }

    TestCertificate criticalPurpose() {
        purposeIsCritical = true;
        return this;
    }

    TestCertificate applicationUri(@Nullable String uri) {
        applicationUri = uri;
        return this;
    }

    TestCertificate hosts(GeneralName... names) {
        hosts = List.of(names);
        return this;
    }

    Issued issue() throws Exception {
        Issued by = issuer;
        X500Name subject = new X500Name(name);
        var builder = new JcaX509v3CertificateBuilder(
                by == null
                        ? subject
                        : X500Name.getInstance(
                                by.certificate().getSubjectX500Principal().getEncoded()),
                BigInteger.valueOf(SERIALS.incrementAndGet()),
                Date.from(from),
                Date.from(until),
                subject,
                keys.getPublic());
        if (authority) {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        }
        Integer bits = usage;
        if (bits != null) {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(bits));
        }
        KeyPurposeId use = purpose;
        if (use != null) {
            builder.addExtension(Extension.extendedKeyUsage, purposeIsCritical, new ExtendedKeyUsage(use));
        }
        List<GeneralName> names = new ArrayList<>(hosts);
        String uri = applicationUri;
        if (uri != null) {
            names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
        }
        if (!names.isEmpty()) {
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
        }
        PrivateKey signer = by == null ? keys.getPrivate() : by.key();
        String algorithm = signer.getAlgorithm().equals("EC") ? "SHA256withECDSA" : signature;
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(signer)));
        return new Issued(EncodedCertificates.one(certificate.getEncoded()), keys.getPrivate());
    }

    /** A revocation list of an issuer. */
    static X509CRL revocations(Issued by, Instant nextUpdate, X509Certificate... revoked) throws Exception {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(
                X500Name.getInstance(by.certificate().getSubjectX500Principal().getEncoded()),
                Date.from(NOW.minus(Duration.ofDays(2))));
        builder.setNextUpdate(Date.from(nextUpdate));
        for (X509Certificate certificate : revoked) {
            builder.addCRLEntry(certificate.getSerialNumber(), Date.from(NOW.minus(Duration.ofDays(3))), 1);
        }
        return new JcaX509CRLConverter()
                .getCRL(builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(by.key())));
    }
}
