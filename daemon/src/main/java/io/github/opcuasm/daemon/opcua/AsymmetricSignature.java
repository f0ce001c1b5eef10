package io.github.opcuasm.daemon.opcua;

import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;

/**
 * What proves in CreateSession and ActivateSession that the other end holds its key (Part 4, 7.36): a signature over a
 * certificate and a nonce. Takes a millisecond or so of RSA: not for event loops.
 */
final class AsymmetricSignature {
    private final RsaAlgorithms algorithms;
    private final String uri;

    /** @param policy not None */
    AsymmetricSignature(SecurityProfile.Policy policy) {
        this.algorithms = RsaAlgorithms.of(policy.algorithms());
        this.uri = policy.algorithms().getAsymmetricSignatureAlgorithm().getUri();
    }

    /** Signs the certificate with the nonce behind it. */
    SignatureData sign(PrivateKey key, byte[] certificate, byte[] nonce) throws UaException {
        byte[] signed = joined(certificate, nonce);
        return new SignatureData(uri, ByteString.of(algorithms.sign(key, signed, signed.length)));
    }

    /** Whether the signature is one of the signer's key over certificate and nonce, made with this policy's algorithm. */
    boolean isGood(SignatureData signature, X509Certificate signer, byte[] certificate, byte[] nonce) {
        if (!uri.equals(signature.getAlgorithm()) || signature.getSignature() == null) {
            return false;
        }
        byte[] signed = joined(certificate, nonce);
        try {
            return algorithms.verify(
                    signer.getPublicKey(),
                    signed,
                    signed.length,
                    signature.getSignature().bytesOrEmpty());
        } catch (UaException e) {
            return false;
        }
    }

    private static byte[] joined(byte[] certificate, byte[] nonce) {
        byte[] joined = Arrays.copyOf(certificate, certificate.length + nonce.length);
        return ByteBuffer.wrap(joined).position(certificate.length).put(nonce).array();
    }
}
