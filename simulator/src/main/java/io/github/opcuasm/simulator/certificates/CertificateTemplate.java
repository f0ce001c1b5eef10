package io.github.opcuasm.simulator.certificates;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate is to say. A template starts as one that every check accepts (Part 6, 6.2.2) and each method
 * changes one thing, most of them for the worse; {@link #selfSigned()} and {@link #issuedBy(CertificateAuthority)}
 * may be called more than once, each makes another certificate.
 *
 * <pre>{@code
 * IssuedCertificate expired = CertificateTemplate.server("127.0.0.1").expired().selfSigned();
 * }</pre>
 */
public final class CertificateTemplate {
    /** The application URI that {@link #server(String...)} puts in, that of the simulator. */
    public static final String SERVER_APPLICATION_URI = "urn:opcuasm:simulator:server";

    private static final int LEAF_USAGE = KeyUsage.digitalSignature
            | KeyUsage.nonRepudiation
            | KeyUsage.keyEncipherment
            | KeyUsage.dataEncipherment
            | KeyUsage.keyCertSign;
    private static final int SERIAL_BITS = 63;
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    private final boolean authority;
    private final List<KeyPurposeId> purposes;
    private String commonName;
    private @Nullable String applicationUri;
    private List<String> hosts;
    private Instant notBefore = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.DAYS);
    private Instant notAfter = notBefore.plus(366, ChronoUnit.DAYS);
    private int keyUsage;
    private boolean alternativeNames = true;
    private String signature = "SHA256withRSA";
    private KeyPair keys;

    private CertificateTemplate(
            boolean authority,
            String commonName,
            @Nullable String applicationUri,
            List<String> hosts,
            KeyPair keys,
            KeyPurposeId... purposes) {
        this.authority = authority;
        this.commonName = commonName;
        this.applicationUri = applicationUri;
        this.hosts = hosts;
        this.keys = keys;
        this.keyUsage = authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature : LEAF_USAGE;
        this.purposes = List.of(purposes);
    }

    /** A server's certificate with the simulator's application URI and these host names or addresses. */
    public static CertificateTemplate server(String... hosts) {
        return new CertificateTemplate(
                false,
                "simulator",
                SERVER_APPLICATION_URI,
                List.of(hosts),
                RsaKeys.server(),
                KeyPurposeId.id_kp_serverAuth,
                KeyPurposeId.id_kp_clientAuth);
    }

    /** A client application's certificate. */
    public static CertificateTemplate client(String applicationUri) {
        return new CertificateTemplate(
                false, "client", applicationUri, List.of("localhost"), RsaKeys.client(), KeyPurposeId.id_kp_clientAuth);
    }

    /** A user's certificate, which says no more than a name. */
    public static CertificateTemplate user(String name) {
        return new CertificateTemplate(false, name, null, List.of(), RsaKeys.user(), KeyPurposeId.id_kp_clientAuth)
                .keyUsage(KeyUsage.digitalSignature | KeyUsage.nonRepudiation)
                .withoutAlternativeNames();
    }

    static CertificateTemplate authority(String commonName) {
        return new CertificateTemplate(true, commonName, null, List.of(), RsaKeys.authority())
                .withoutAlternativeNames();
    }

    /** Another subject. */
    public CertificateTemplate commonName(String name) {
        commonName = name;
        return this;
    }

    /** Another application URI. */
    public CertificateTemplate applicationUri(String uri) {
        applicationUri = uri;
        return this;
    }

    /** Host names and none of an application. */
    public CertificateTemplate withoutApplicationUri() {
        applicationUri = null;
        return this;
    }

    /** Other host names and IP addresses; none at all is possible. */
    public CertificateTemplate hosts(String... names) {
        hosts = List.of(names);
        return this;
    }

    /** No SubjectAlternativeName: neither application URI nor host. */
    public CertificateTemplate withoutAlternativeNames() {
        alternativeNames = false;
        return this;
    }

    /** Another time of validity. */
    public CertificateTemplate valid(Instant from, Instant until) {
        notBefore = from;
        notAfter = until;
        return this;
    }

    /** Expired a day ago. */
    public CertificateTemplate expired() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return valid(now.minus(30, ChronoUnit.DAYS), now.minus(1, ChronoUnit.DAYS));
    }

    /** Valid from tomorrow on. */
    public CertificateTemplate notYetValid() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return valid(now.plus(1, ChronoUnit.DAYS), now.plus(30, ChronoUnit.DAYS));
    }

    /**
     * Another key usage.
     *
     * @param bits constants of {@link KeyUsage}; 0 leaves the extension out
     */
    public CertificateTemplate keyUsage(int bits) {
        keyUsage = bits;
        return this;
    }

    /** A key usage that an application cannot work with: signing revocation lists, and nothing else. */
    public CertificateTemplate wrongKeyUsage() {
        return keyUsage(KeyUsage.cRLSign);
    }

    /** Signed with SHA-1, as old devices do. */
    public CertificateTemplate signedWithSha1() {
        signature = "SHA1withRSA";
        return this;
    }

    /** For this key. */
    public CertificateTemplate keys(KeyPair pair) {
        keys = pair;
        return this;
    }

    /** For a new key of so many bits, such as 1,024. */
    public CertificateTemplate newKeys(int bits) {
        return keys(RsaKeys.generate(bits));
    }

    /** A certificate that is its own issuer. */
    public IssuedCertificate selfSigned() {
        X500Principal name = subject();
        return new IssuedCertificate(keys.getPrivate(), List.of(certificate(name, keys.getPrivate(), null)));
    }

    /** A certificate by this authority, with the authorities between them behind it. */
    public IssuedCertificate issuedBy(CertificateAuthority issuer) {
        X509Certificate above = issuer.certificate();
        X509Certificate leaf =
                certificate(above.getSubjectX500Principal(), issuer.issued().privateKey(), above);
        return new IssuedCertificate(
                keys.getPrivate(),
                Stream.concat(Stream.of(leaf), issuer.chain().stream()).toList());
    }

    private X500Principal subject() {
        return new X500Principal("CN=" + commonName + ",O=opcuasm tests");
    }

    private X509Certificate certificate(
            X500Principal issuer, PrivateKey issuerKey, @Nullable X509Certificate issuerCertificate) {
        try {
            var certificate = new JcaX509v3CertificateBuilder(
                    issuer,
                    new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                    Date.from(notBefore),
                    Date.from(notAfter),
                    subject(),
                    keys.getPublic());
            var identifiers = new JcaX509ExtensionUtils();
            certificate.addExtension(
                    Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(keys.getPublic()));
            certificate.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    issuerCertificate == null
                            ? identifiers.createAuthorityKeyIdentifier(keys.getPublic())
                            : identifiers.createAuthorityKeyIdentifier(issuerCertificate.getPublicKey()));
            certificate.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (keyUsage != 0) {
                certificate.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
            }
            if (!purposes.isEmpty()) {
                certificate.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes.toArray(new KeyPurposeId[0])));
            }
            List<GeneralName> names = names();
            if (!names.isEmpty()) {
                certificate.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(new GeneralName[0])));
            }
            var signer = new JcaContentSignerBuilder(signature).build(issuerKey);
            return new JcaX509CertificateConverter().getCertificate(certificate.build(signer));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("Cannot make a certificate of " + commonName, e);
        }
    }

    private List<GeneralName> names() {
        List<GeneralName> names = new ArrayList<>();
        if (alternativeNames) {
            if (applicationUri != null) {
                names.add(new GeneralName(GeneralName.uniformResourceIdentifier, applicationUri));
            }
            for (String host : hosts) {
                boolean address = ADDRESS.matcher(host).matches();
                names.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host));
            }
        }
        return names;
    }
}
