package io.github.opcuasm.daemon.opcua;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The asymmetric algorithms of a security policy (Part 7, 6.6), by the JDK's own providers. What uses a private key takes
 * milliseconds: for {@link OpcUaTransport#rsa()}, not for an event loop. Thread-safe.
 *
 * @param signature the JDK's name
 * @param signatureParameters null for none
 * @param cipher the JDK's name
 * @param cipherParameters null for none
 * @param overhead by how many bytes a block of plain text is shorter than the key
 */
record RsaAlgorithms(
        String signature,
        @Nullable AlgorithmParameterSpec signatureParameters,
        String cipher,
        @Nullable AlgorithmParameterSpec cipherParameters,
        int overhead) {

    private static final String OAEP = "RSA/ECB/OAEPPadding";

    /**
     * The policy's.
     *
     * @throws IllegalArgumentException for None and for policies without RSA
     */
    static RsaAlgorithms of(SecurityPolicy policy) {
        return switch (policy) {
            case Basic128Rsa15 -> new RsaAlgorithms("SHA1withRSA", null, "RSA/ECB/PKCS1Padding", null, 11);
            case Basic256 -> new RsaAlgorithms("SHA1withRSA", null, OAEP, oaep("SHA-1", MGF1ParameterSpec.SHA1), 42);
            case Basic256Sha256, Aes128_Sha256_RsaOaep ->
                new RsaAlgorithms("SHA256withRSA", null, OAEP, oaep("SHA-1", MGF1ParameterSpec.SHA1), 42);
            case Aes256_Sha256_RsaPss ->
                new RsaAlgorithms(
                        "RSASSA-PSS",
                        new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1),
                        OAEP,
                        oaep("SHA-256", MGF1ParameterSpec.SHA256),
                        66);
            default -> throw new IllegalArgumentException("no RSA in " + policy);
        };
    }

    private static OAEPParameterSpec oaep(String digest, MGF1ParameterSpec mask) {
        return new OAEPParameterSpec(digest, "MGF1", mask, PSource.PSpecified.DEFAULT);
    }

    /**
     * The length of the certificate's key, which is that of signatures by it and of blocks encrypted for it.
     *
     * @throws UaException Bad_CertificateInvalid if it is not an RSA key
     */
    static int keyBytes(X509Certificate certificate) throws UaException {
        if (certificate.getPublicKey() instanceof RSAPublicKey key) {
            return (key.getModulus().bitLength() + 7) / 8;
        }
        throw new UaException(StatusCodes.Bad_CertificateInvalid, "the certificate has no RSA key");
    }

    /** The signature of the first {@code length} bytes. */
    byte[] sign(PrivateKey key, byte[] data, int length) throws UaException {
        try {
            Signature algorithm = newSignature();
            algorithm.initSign(key);
            algorithm.update(data, 0, length);
            return algorithm.sign();
        } catch (GeneralSecurityException e) {
            throw new UaException(StatusCodes.Bad_InternalError, e);
        }
    }

    /** Whether {@code signed} is a signature of the first {@code length} bytes. */
    boolean verify(PublicKey key, byte[] data, int length, byte[] signed) throws UaException {
        try {
            Signature algorithm = newSignature();
            algorithm.initVerify(key);
            algorithm.update(data, 0, length);
            return algorithm.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new UaException(StatusCodes.Bad_SecurityChecksFailed, e);
        }
    }

    /** Block by block; {@code plain} has full blocks but for the last. */
    byte[] encrypt(PublicKey key, int keyBytes, byte[] plain) throws UaException {
        return blocks(Cipher.ENCRYPT_MODE, key, plain, keyBytes - overhead);
    }

    /** Block by block. */
    byte[] decrypt(PrivateKey key, int keyBytes, byte[] encrypted) throws UaException {
        return blocks(Cipher.DECRYPT_MODE, key, encrypted, keyBytes);
    }

    private byte[] blocks(int mode, Key key, byte[] in, int blockBytes) throws UaException {
        try {
            Cipher algorithm = Cipher.getInstance(cipher);
            algorithm.init(mode, key, cipherParameters);
            ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
            for (int from = 0; from < in.length; from += blockBytes) {
                out.writeBytes(algorithm.doFinal(in, from, Math.min(blockBytes, in.length - from)));
            }
            return out.toByteArray();
        } catch (GeneralSecurityException e) {
            throw new UaException(StatusCodes.Bad_SecurityChecksFailed, e);
        }
    }

    private Signature newSignature() throws GeneralSecurityException {
        Signature algorithm = Signature.getInstance(signature);
        if (signatureParameters != null) {
            algorithm.setParameter(signatureParameters);
        }
        return algorithm;
    }
}
