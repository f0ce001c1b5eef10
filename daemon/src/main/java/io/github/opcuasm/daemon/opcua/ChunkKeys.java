package io.github.opcuasm.daemon.opcua;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.util.PShaUtil;
import org.jspecify.annotations.Nullable;

/**
 * The symmetric keys of one direction under one security token (Part 6, 6.7.5), ready for use. Each chunk is encrypted
 * by itself, with the same initialisation vector. Without security there are none, and nothing is done. Not thread-safe.
 */
final class ChunkKeys {
    static final ChunkKeys NONE = new ChunkKeys(0, null, null);

    private static final int AES_BLOCK_BYTES = 16;

    private final int signatureBytes;
    private final @Nullable Mac mac;
    private final @Nullable Cipher cipher;

    private ChunkKeys(int signatureBytes, @Nullable Mac mac, @Nullable Cipher cipher) {
        this.signatureBytes = signatureBytes;
        this.mac = mac;
        this.cipher = cipher;
    }

    /** What we sign and encrypt with; the secret is the receiver's nonce, the seed the sender's. */
    static ChunkKeys toSend(ChannelSecurity security, byte[] serverNonce, byte[] clientNonce) throws UaException {
        return derived(security, serverNonce, clientNonce, Cipher.ENCRYPT_MODE);
    }

    /** What we decrypt and verify with. */
    static ChunkKeys toReceive(ChannelSecurity security, byte[] serverNonce, byte[] clientNonce) throws UaException {
        return derived(security, clientNonce, serverNonce, Cipher.DECRYPT_MODE);
    }

    private static ChunkKeys derived(ChannelSecurity security, byte[] secret, byte[] seed, int mode)
            throws UaException {
        SecurityPolicy policy = security.policy();
        boolean sha1 = policy == SecurityPolicy.Basic128Rsa15 || policy == SecurityPolicy.Basic256;
        int signingKeyBytes = policy == SecurityPolicy.Basic128Rsa15 ? 16 : policy == SecurityPolicy.Basic256 ? 24 : 32;
        boolean aes128 = policy == SecurityPolicy.Basic128Rsa15 || policy == SecurityPolicy.Aes128_Sha256_RsaOaep;
        int encryptingEnd = signingKeyBytes + (aes128 ? 16 : 32);
        int end = encryptingEnd + AES_BLOCK_BYTES;
        byte[] keys =
                sha1 ? PShaUtil.createPSha1Key(secret, seed, 0, end) : PShaUtil.createPSha256Key(secret, seed, 0, end);
        try {
            String hmac = sha1 ? "HmacSHA1" : "HmacSHA256";
            Mac mac = Mac.getInstance(hmac);
            mac.init(new SecretKeySpec(keys, 0, signingKeyBytes, hmac));
            Cipher cipher = null;
            if (security.mode() == MessageSecurityMode.SignAndEncrypt) {
                cipher = Cipher.getInstance("AES/CBC/NoPadding");
                cipher.init(
                        mode,
                        new SecretKeySpec(keys, signingKeyBytes, encryptingEnd - signingKeyBytes, "AES"),
                        new IvParameterSpec(keys, encryptingEnd, AES_BLOCK_BYTES));
            }
            return new ChunkKeys(mac.getMacLength(), mac, cipher);
        } catch (GeneralSecurityException e) {
            throw new UaException(StatusCodes.Bad_InternalError, e);
        } finally {
            Arrays.fill(keys, (byte) 0);
        }
    }

    int signatureBytes() {
        return signatureBytes;
    }

    boolean encrypts() {
        return cipher != null;
    }

    /** 1 if nothing is encrypted. */
    int blockBytes() {
        return cipher == null ? 1 : AES_BLOCK_BYTES;
    }

    /** Puts the signature of what stands before {@code to} there. */
    void sign(byte[] chunk, int from, int to) throws UaException {
        if (mac != null) {
            try {
                mac.update(chunk, from, to - from);
                mac.doFinal(chunk, to);
            } catch (GeneralSecurityException e) {
                throw new UaException(StatusCodes.Bad_InternalError, e);
            }
        }
    }

    /**
     * Compares the signature at {@code to} with what stands before it.
     *
     * @throws UaException if it is another
     */
    void verify(byte[] chunk, int from, int to) throws UaException {
        if (mac != null) {
            mac.update(chunk, from, to - from);
            if (!MessageDigest.isEqual(mac.doFinal(), Arrays.copyOfRange(chunk, to, to + signatureBytes))) {
                throw new UaException(StatusCodes.Bad_SecurityChecksFailed, "the signature of a chunk is wrong");
            }
        }
    }

    /**
     * Encrypts or decrypts in place, whole blocks.
     *
     * @throws UaException if they are not whole
     */
    void crypt(byte[] chunk, int from, int to) throws UaException {
        if (cipher != null) {
            try {
                cipher.doFinal(chunk, from, to - from, chunk, from);
            } catch (GeneralSecurityException e) {
                throw new UaException(StatusCodes.Bad_SecurityChecksFailed, e);
            }
        }
    }
}
