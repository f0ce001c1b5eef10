package io.github.opcuasm.simulator.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificatesTest {
    private static final char[] PASSPHRASE = "open sesame".toCharArray();

    @TempDir
    private Path directory;

    @Test
    void serverSaysWhoItIs() throws Exception {
        X509Certificate server =
                CertificateTemplate.server("127.0.0.1", "plc1").selfSigned().certificate();

        server.checkValidity();
        server.verify(server.getPublicKey());
        assertThat(CertificateUtil.getSanUri(server)).contains(CertificateTemplate.SERVER_APPLICATION_URI);
        assertThat(CertificateUtil.getSanDnsNames(server)).containsExactly("plc1");
        assertThat(CertificateUtil.getSanIpAddresses(server)).containsExactly("127.0.0.1");
        assertThat(server.getSigAlgName()).isEqualToIgnoringCase("SHA256withRSA");
        assertThat(((RSAPublicKey) server.getPublicKey()).getModulus().bitLength())
                .isEqualTo(2_048);
        assertThat(server.getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void everyDefectIsThere() throws Exception {
        assertThatThrownBy(CertificateTemplate.server().expired().selfSigned().certificate()::checkValidity)
                .isInstanceOf(CertificateExpiredException.class);
        assertThatThrownBy(
                        CertificateTemplate.server().notYetValid().selfSigned().certificate()::checkValidity)
                .isInstanceOf(CertificateNotYetValidException.class);
        X509Certificate bare = CertificateTemplate.server("127.0.0.1")
                .withoutAlternativeNames()
                .wrongKeyUsage()
                .signedWithSha1()
                .newKeys(1_024)
                .selfSigned()
                .certificate();
        assertThat(bare.getSubjectAlternativeNames()).isNull();
        assertThat(bare.getKeyUsage()[0]).isFalse();
        assertThat(bare.getSigAlgName()).isEqualToIgnoringCase("SHA1withRSA");
        assertThat(((RSAPublicKey) bare.getPublicKey()).getModulus().bitLength())
                .isEqualTo(1_024);
        X509Certificate nameless = CertificateTemplate.server("h")
                .withoutApplicationUri()
                .selfSigned()
                .certificate();
        assertThat(CertificateUtil.getSanUri(nameless)).isEmpty();
        assertThat(CertificateUtil.getSanDnsNames(nameless)).containsExactly("h");
    }

    @Test
    void chainLeadsToTheRoot() throws Exception {
        CertificateAuthority root = CertificateAuthority.root("Root");
        CertificateAuthority works = root.intermediate("Works");

        IssuedCertificate server = CertificateTemplate.server("127.0.0.1").issuedBy(works);

        assertThat(server.chain()).containsExactly(server.certificate(), works.certificate());
        server.certificate().verify(works.certificate().getPublicKey());
        works.certificate().verify(root.certificate().getPublicKey());
        assertThat(works.certificate().getBasicConstraints()).isNotNegative();
        assertThat(server.fingerprint()).matches("[0-9a-f]{64}");
    }

    @Test
    void revocationListIsTheAuthoritys() throws Exception {
        CertificateAuthority root = CertificateAuthority.root("Root");
        IssuedCertificate revoked = CertificateTemplate.server().issuedBy(root);
        IssuedCertificate good = CertificateTemplate.server().issuedBy(root);

        X509CRL list = root.revoking(revoked.certificate());

        list.verify(root.certificate().getPublicKey());
        assertThat(list.isRevoked(revoked.certificate())).isTrue();
        assertThat(list.isRevoked(good.certificate())).isFalse();
    }

    @Test
    void certificatesAndListsAreReadBackFromTheirFiles() throws Exception {
        CertificateFiles files = new CertificateFiles(directory);
        CertificateAuthority works = CertificateAuthority.root("Root").intermediate("Works");
        IssuedCertificate server = CertificateTemplate.server().issuedBy(works);
        X509CRL list = works.revoking();

        assertThat(certificates(files.pemChain("chain.pem", server)).toArray())
                .containsExactly(server.certificate(), works.certificate());
        assertThat(certificates(files.pem("one.pem", server.certificate())).toArray())
                .containsExactly(server.certificate());
        assertThat(certificates(files.der("one.der", server.certificate())).toArray())
                .containsExactly(server.certificate());
        assertThat(list(files.pem("list.pem", list))).isEqualTo(list);
        assertThat(list(files.der("list.der", list))).isEqualTo(list);
    }

    @Test
    void keysAreReadBackFromTheirFiles() throws Exception {
        CertificateFiles files = new CertificateFiles(directory);
        var key = RsaKeys.user().getPrivate();

        assertThat(Files.readAllBytes(files.pkcs8Der("8.der", key))).isEqualTo(key.getEncoded());
        assertThat(Files.readAllBytes(files.pkcs1Der("1.der", key)))
                .isEqualTo(PrivateKeyInfo.getInstance(key.getEncoded())
                        .getPrivateKey()
                        .getOctets());
        assertThat(((PrivateKeyInfo) pem(files.pkcs8Pem("8.pem", key))).getEncoded())
                .isEqualTo(key.getEncoded());
        assertThat(((PEMKeyPair) pem(files.pkcs1Pem("1.pem", key)))
                        .getPrivateKeyInfo()
                        .parsePrivateKey())
                .isEqualTo(PrivateKeyInfo.getInstance(key.getEncoded()).parsePrivateKey());
    }

    @Test
    void keysUnderAPassphraseOpenWithItAlone() throws Exception {
        CertificateFiles files = new CertificateFiles(directory);
        var key = RsaKeys.user().getPrivate();
        var provider = new BouncyCastleProvider();
        var eighth = (PKCS8EncryptedPrivateKeyInfo) pem(files.pkcs8Pem("8.pem", key, new String(PASSPHRASE)));
        var first = (PEMEncryptedKeyPair) pem(files.pkcs1Pem("1.pem", key, new String(PASSPHRASE)));

        assertThat(eighth.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                                .setProvider(provider)
                                .build(PASSPHRASE))
                        .getEncoded())
                .isEqualTo(key.getEncoded());
        assertThatCode(() -> first.decryptKeyPair(new JcePEMDecryptorProviderBuilder()
                        .setProvider(provider)
                        .build(PASSPHRASE)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> eighth.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                        .setProvider(provider)
                        .build("guess".toCharArray())))
                .isInstanceOf(Exception.class);
    }

    private static java.util.Collection<? extends java.security.cert.Certificate> certificates(Path file)
            throws Exception {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    private static X509CRL list(Path file) throws Exception {
        try (var in = Files.newInputStream(file)) {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
        }
    }

    private static Object pem(Path file) throws Exception {
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            return parser.readObject();
        }
    }
}
