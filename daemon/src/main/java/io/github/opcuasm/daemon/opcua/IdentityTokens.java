package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.opcua.SecurityProfile.Policy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.structured.AnonymousIdentityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.types.structured.UserIdentityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.UserNameIdentityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.X509IdentityToken;
import org.jspecify.annotations.Nullable;

/**
 * Makes the user identity token of an ActivateSession (Part 4, 7.40), and its signature. A password is encrypted with the
 * server's certificate, together with the server's nonce, so that what was sent once is of no use a second time. Takes
 * RSA: not for event loops.
 */
final class IdentityTokens {
    /** Part 4, 5.7.2: a nonce that protects something has at least 32 bytes. */
    static final int NONCE_BYTES = 32;

    private IdentityTokens() {}

    /** A token and what proves that it is the user's. */
    record Signed(UserIdentityToken token, SignatureData signature) {
        private Signed(UserIdentityToken token) {
            this(token, new SignatureData(null, null));
        }
    }

    /**
     * Makes the token.
     *
     * @param server the certificate that passwords are encrypted for; trusted; null where nothing is to be encrypted
     * @param serverNonce of the last answer
     * @throws CommandException {@code SecurityException} if the server gave too little to protect it
     */
    static Signed token(
            UserIdentity identity, TokenPolicy policy, @Nullable X509Certificate server, ByteString serverNonce)
            throws GeneralSecurityException, UaException {
        if (identity instanceof UserIdentity.Anonymous) {
            return new Signed(new AnonymousIdentityToken(policy.policyId()));
        }
        if (policy.protection() == Policy.NONE && identity instanceof UserIdentity.UserName user) {
            byte[] password = user.password().getBytes(StandardCharsets.UTF_8);
            return new Signed(new UserNameIdentityToken(policy.policyId(), user.name(), ByteString.of(password), null));
        }
        byte[] nonce = serverNonce.bytesOrEmpty();
        if (server == null || nonce.length < NONCE_BYTES) {
            throw new CommandException(
                    ErrorType.SECURITY,
                    "The server gave " + (server == null ? "no certificate" : "a nonce of " + nonce.length + " bytes")
                            + ": the user's credentials cannot be protected and were not sent");
        }
        if (identity instanceof UserIdentity.UserName user) {
            byte[] encrypted =
                    encrypt(policy.protection(), server, user.password().getBytes(StandardCharsets.UTF_8), nonce);
            String algorithm = policy.protection()
                    .algorithms()
                    .getAsymmetricEncryptionAlgorithm()
                    .getUri();
            return new Signed(
                    new UserNameIdentityToken(policy.policyId(), user.name(), ByteString.of(encrypted), algorithm));
        }
        UserIdentity.Certificate user = (UserIdentity.Certificate) identity;
        SignatureData signature = new AsymmetricSignature(policy.protection())
                .sign(user.material().privateKey(), server.getEncoded(), nonce);
        return new Signed(
                new X509IdentityToken(
                        policy.policyId(),
                        ByteString.of(user.material().certificate().getEncoded())),
                signature);
    }

    /** Length, password and nonce (Part 4, 7.40.2.2), in as many blocks as it takes. */
    private static byte[] encrypt(Policy policy, X509Certificate server, byte[] password, byte[] nonce)
            throws UaException {
        byte[] plain = ByteBuffer.allocate(Integer.BYTES + password.length + nonce.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(password.length + nonce.length)
                .put(password)
                .put(nonce)
                .array();
        try {
            return RsaAlgorithms.of(policy.algorithms())
                    .encrypt(server.getPublicKey(), RsaAlgorithms.keyBytes(server), plain);
        } finally {
            Arrays.fill(password, (byte) 0);
            Arrays.fill(plain, (byte) 0);
        }
    }
}
