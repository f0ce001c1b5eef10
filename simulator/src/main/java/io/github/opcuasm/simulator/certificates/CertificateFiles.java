package io.github.opcuasm.simulator.certificates;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/**
 * Writes certificates, keys and revocation lists into one directory, in each of the forms in which they are found.
 * Every method returns the file that it wrote and replaces one of the same name.
 */
public final class CertificateFiles {
    private final Path directory;

    /** Files in this directory, which exists. */
    public CertificateFiles(Path directory) {
        this.directory = directory;
    }

    /** Certificates as PEM, one after the other. */
    public Path pem(String name, X509Certificate... certificates) {
        return pemOf(name, List.of(certificates));
    }

    /** The chain as PEM, the certificate itself first. */
    public Path pemChain(String name, IssuedCertificate certificate) {
        return pemOf(name, certificate.chain());
    }

    /** A certificate as DER. */
    public Path der(String name, X509Certificate certificate) {
        try {
            return write(name, certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw failed(name, e);
        }
    }

    /** A key as PEM of PKCS#8, {@code BEGIN PRIVATE KEY}. */
    public Path pkcs8Pem(String name, PrivateKey key) {
        try {
            return pemOf(name, List.of(new JcaPKCS8Generator(key, null)));
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    /** A key as PEM of PKCS#8 under a passphrase, {@code BEGIN ENCRYPTED PRIVATE KEY}. */
    public Path pkcs8Pem(String name, PrivateKey key, String passphrase) {
        try {
            var encryptor = new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                    .setProvider(new BouncyCastleProvider())
                    .setPassword(passphrase.toCharArray())
                    .build();
            return pemOf(name, List.of(new JcaPKCS8Generator(key, encryptor)));
        } catch (OperatorCreationException | IOException e) {
            throw failed(name, e);
        }
    }

    /** A key as DER of PKCS#8. */
    public Path pkcs8Der(String name, PrivateKey key) {
        return write(name, key.getEncoded());
    }

    /** A key as PEM of PKCS#1, {@code BEGIN RSA PRIVATE KEY}. */
    public Path pkcs1Pem(String name, PrivateKey key) {
        return pemOf(name, List.of(key));
    }

    /** A key as PEM of PKCS#1 under a passphrase, with the headers {@code Proc-Type} and {@code DEK-Info}. */
    public Path pkcs1Pem(String name, PrivateKey key, String passphrase) {
        var encryptor = new JcePEMEncryptorBuilder("AES-256-CBC")
                .setProvider(new BouncyCastleProvider())
                .build(passphrase.toCharArray());
        try {
            return pemOf(name, List.of(new JcaMiscPEMGenerator(key, encryptor)));
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    /** A key as DER of PKCS#1. */
    public Path pkcs1Der(String name, PrivateKey key) {
        try {
            return write(
                    name,
                    PrivateKeyInfo.getInstance(key.getEncoded())
                            .parsePrivateKey()
                            .toASN1Primitive()
                            .getEncoded());
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    /** A revocation list as PEM. */
    public Path pem(String name, X509CRL list) {
        return pemOf(name, List.of(list));
    }

    /** A revocation list as DER. */
    public Path der(String name, X509CRL list) {
        try {
            return write(name, list.getEncoded());
        } catch (GeneralSecurityException e) {
            throw failed(name, e);
        }
    }

    private Path pemOf(String name, List<?> objects) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object object : objects) {
                writer.writeObject(object);
            }
        } catch (IOException e) {
            throw failed(name, e);
        }
        try {
            return Files.writeString(directory.resolve(name), text.toString());
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    private Path write(String name, byte[] content) {
        try {
            return Files.write(directory.resolve(name), content);
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    private static UncheckedIOException failed(String name, Exception cause) {
        return new UncheckedIOException(
                "Cannot write " + name, cause instanceof IOException io ? io : new IOException(cause));
    }
}
