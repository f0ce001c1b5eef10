package io.github.opcuasm.daemon.certificate;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.misc.ScryptParams;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBEParameter;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCS12PBEParams;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.X509ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMDecryptorProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEInputDecryptorProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * RSA private keys as they are in files: PKCS#1 or PKCS#8, PEM or DER, plain or encrypted (PKCS#8's own way, and the
 * older one of OpenSSL's PEM headers). What a file asks for to derive its keys from the passphrase is bounded, all keys
 * of the file together: a derivation that takes minutes would hold up everybody else's files.
 */
final class EncodedPrivateKeys {
    private static final int MAX_KEYS = 16;
    /** Of all keys of a file: below a second. */
    private static final BigInteger MAX_ITERATIONS = BigInteger.valueOf(1_000_000);
    /** Bytes that scrypt may take: 128 N r. */
    private static final BigInteger MAX_SCRYPT_BYTES = BigInteger.valueOf(64L << 20);

    /** Bytes that scrypt may write, of all keys of a file: 128 N r p. */
    private static final BigInteger MAX_SCRYPT_WORK = BigInteger.valueOf(256L << 20);

    /** Decrypts; made with the first key that needs it, and not registered with the JVM. */
    private @Nullable BouncyCastleProvider decryption;

    /** Why there is no key; the message says it in a few words. */
    static final class UnusableKeyException extends GeneralSecurityException {
        private static final long serialVersionUID = 1L;

        UnusableKeyException(String message) {
            super(message);
        }
    }

    /**
     * All private keys of a file, in its order, at least one.
     *
     * @param passphrase null if there is none; a key that needs none is read whether there is one or not
     * @throws UnusableKeyException if there is none, or one of them is damaged, not RSA, or not to be decrypted
     */
    List<PrivateKey> decode(byte[] content, @Nullable String passphrase) throws UnusableKeyException {
        List<PrivateKey> keys = new ArrayList<>();
        Derivations derivations = new Derivations();
        try {
            for (Object found : EncodedCertificates.isPem(content) ? ofPem(content) : ofDer(content)) {
                PrivateKeyInfo key = opened(found, passphrase, derivations);
                if (key != null) {
                    keys.add(rsa(key));
                }
            }
        } catch (IOException | GeneralSecurityException | RuntimeException | StackOverflowError e) {
            throw e instanceof UnusableKeyException known ? known : new UnusableKeyException("is damaged");
        }
        if (keys.isEmpty()) {
            throw new UnusableKeyException("holds no private key");
        }
        return keys;
    }

    private static List<Object> ofPem(byte[] content) throws IOException, UnusableKeyException {
        List<Object> found = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(new String(content, StandardCharsets.ISO_8859_1)))) {
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                found.add(next);
            }
        }
        long keys = found.stream().filter(EncodedPrivateKeys::isKey).count();
        if (keys > MAX_KEYS) {
            throw new UnusableKeyException("holds more than " + MAX_KEYS + " private keys");
        }
        return found;
    }

    private static boolean isKey(Object found) {
        return found instanceof PEMKeyPair
                || found instanceof PEMEncryptedKeyPair
                || found instanceof PrivateKeyInfo
                || found instanceof PKCS8EncryptedPrivateKeyInfo;
    }

    /** By the shape of the outer SEQUENCE: version and modulus, version and algorithm, or algorithm and bytes. */
    private static List<Object> ofDer(byte[] content) throws IOException {
        ASN1Primitive whole;
        try (ASN1InputStream objects = new ASN1InputStream(content)) {
            whole = objects.readObject();
        }
        if (!(whole instanceof ASN1Sequence sequence) || sequence.size() < 2) {
            return List.of();
        }
        if (sequence.getObjectAt(0) instanceof ASN1Integer) {
            if (sequence.getObjectAt(1) instanceof ASN1Integer) {
                return List.of(new PrivateKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
                        RSAPrivateKey.getInstance(sequence)));
            }
            return List.of(PrivateKeyInfo.getInstance(sequence));
        }
        return sequence.size() == 2
                ? List.of(new PKCS8EncryptedPrivateKeyInfo(EncryptedPrivateKeyInfo.getInstance(sequence)))
                : List.of();
    }

    /** Null for what is no key. */
    private @Nullable PrivateKeyInfo opened(Object found, @Nullable String passphrase, Derivations derivations)
            throws IOException, UnusableKeyException {
        if (found instanceof PEMKeyPair pair) {
            return pair.getPrivateKeyInfo();
        }
        if (found instanceof PrivateKeyInfo key) {
            return key;
        }
        if (found instanceof PEMEncryptedKeyPair pair) {
            char[] given = required(passphrase);
            try {
                PEMDecryptorProvider decryptors = new JcePEMDecryptorProviderBuilder()
                        .setProvider(decryption())
                        .build(given);
                return pair.decryptKeyPair(decryptors).getPrivateKeyInfo();
            } catch (IOException | RuntimeException e) {
                throw wrongPassphrase();
            }
        }
        if (found instanceof PKCS8EncryptedPrivateKeyInfo key) {
            char[] given = required(passphrase);
            derivations.add(key.getEncryptionAlgorithm());
            try {
                return key.decryptPrivateKeyInfo(new JcePKCSPBEInputDecryptorProviderBuilder()
                        .setProvider(decryption())
                        .build(given));
            } catch (PKCSException | RuntimeException e) {
                throw wrongPassphrase();
            }
        }
        return null;
    }

    private static char[] required(@Nullable String passphrase) throws UnusableKeyException {
        if (passphrase == null) {
            throw new UnusableKeyException("is encrypted and needs its passphrase");
        }
        return passphrase.toCharArray();
    }

    private static UnusableKeyException wrongPassphrase() {
        return new UnusableKeyException("cannot be decrypted: the passphrase is wrong, or the file is damaged");
    }

    private static PrivateKey rsa(PrivateKeyInfo key) throws IOException, GeneralSecurityException {
        var algorithm = key.getPrivateKeyAlgorithm().getAlgorithm();
        if (!algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)
                && !algorithm.equals(X509ObjectIdentifiers.id_ea_rsa)) {
            throw new UnusableKeyException("is no RSA key; the security policies that are supported need one");
        }
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    }

    private synchronized BouncyCastleProvider decryption() {
        BouncyCastleProvider made = decryption;
        if (made == null) {
            made = new BouncyCastleProvider();
            decryption = made;
        }
        return made;
    }

    /** The work that the keys of one file ask for; what is too much is refused before it is done. */
    private static final class Derivations {
        private BigInteger iterations = BigInteger.ZERO;
        private BigInteger scryptWork = BigInteger.ZERO;

        void add(AlgorithmIdentifier algorithm) throws UnusableKeyException {
            var kind = algorithm.getAlgorithm();
            if (kind.on(PKCSObjectIdentifiers.pkcs_12PbeIds)) {
                addIterations(
                        PKCS12PBEParams.getInstance(algorithm.getParameters()).getIterations());
            } else if (kind.equals(PKCSObjectIdentifiers.id_PBES2)) {
                add(PBES2Parameters.getInstance(algorithm.getParameters()).getKeyDerivationFunc());
            } else if (kind.on(PKCSObjectIdentifiers.pkcs_5)) {
                addIterations(
                        PBEParameter.getInstance(algorithm.getParameters()).getIterationCount());
            }
        }

        private void add(KeyDerivationFunc derivation) throws UnusableKeyException {
            if (derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
                addIterations(
                        PBKDF2Params.getInstance(derivation.getParameters()).getIterationCount());
            } else if (derivation.getAlgorithm().equals(MiscObjectIdentifiers.id_scrypt)) {
                ScryptParams scrypt = ScryptParams.getInstance(derivation.getParameters());
                BigInteger bytes = scrypt.getCostParameter()
                        .multiply(scrypt.getBlockSize())
                        .shiftLeft(7);
                scryptWork = scryptWork.add(bytes.multiply(scrypt.getParallelizationParameter()));
                require(bytes.compareTo(MAX_SCRYPT_BYTES) <= 0 && scryptWork.compareTo(MAX_SCRYPT_WORK) <= 0);
            }
        }

        private void addIterations(BigInteger more) throws UnusableKeyException {
            // A negative count must not make room.
            iterations = iterations.add(more.abs());
            require(iterations.compareTo(MAX_ITERATIONS) <= 0);
        }

        private static void require(boolean bounded) throws UnusableKeyException {
            if (!bounded) {
                throw new UnusableKeyException("asks for too much work to derive its key from the passphrase");
            }
        }
    }
}
