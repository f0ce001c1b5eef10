package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.jspecify.annotations.Nullable;

/**
 * What a server must show in CreateSession on a secured channel (Part 4, 5.7.2): the certificate that the channel was
 * opened for, a signature with its key over our certificate and nonce, a nonce of its own that is long enough and not a
 * reflection of ours, and endpoints that agree with those found by discovery, which nothing protects.
 */
record ServerProof(SecurityProfile profile, ChosenEndpoint chosen) {

    /**
     * Checks the answer; takes RSA.
     *
     * @param clientNonce of the request
     * @return the endpoint that the server describes for this channel
     * @throws CommandException {@code SecurityException} that says what was wrong
     */
    EndpointDescription check(CreateSessionResponse response, ByteString clientNonce)
            throws CertificateEncodingException {
        byte[] server = chosen.server().get(0).getEncoded();
        byte[] shown = orEmpty(response.getServerCertificate()).bytesOrEmpty();
        // A chain may stand behind it.
        if (shown.length < server.length || !Arrays.equals(server, Arrays.copyOf(shown, server.length))) {
            throw refused("the session's certificate is not the one of the secure channel");
        }
        checkNonce(orEmpty(response.getServerNonce()), clientNonce);
        KeyMaterial ours = Objects.requireNonNull(chosen.ours());
        SignatureData signature = response.getServerSignature();
        if (signature == null
                || !new AsymmetricSignature(profile.policy())
                        .isGood(
                                signature,
                                chosen.server().get(0),
                                ours.certificate().getEncoded(),
                                clientNonce.bytesOrEmpty())) {
            throw refused("the signature of CreateSession is not made with the key of its certificate");
        }
        return endpoint(response.getServerEndpoints());
    }

    /** @param before what must not come back: a nonce is used once */
    static void checkNonce(ByteString nonce, ByteString before) {
        if (nonce.length() < IdentityTokens.NONCE_BYTES) {
            throw refused("its nonce has " + Math.max(0, nonce.length()) + " bytes, expected at least "
                    + IdentityTokens.NONCE_BYTES);
        }
        if (nonce.equals(before)) {
            throw refused("it used a nonce twice");
        }
    }

    private EndpointDescription endpoint(EndpointDescription @Nullable [] endpoints) {
        List<EndpointDescription> described = endpoints == null ? List.of() : Arrays.asList(endpoints);
        return EndpointSelection.overTcp(described)
                .filter(endpoint -> EndpointSelection.matches(endpoint, profile))
                .filter(endpoint -> ChosenEndpoint.tokensOf(endpoint).equals(chosen.tokens()))
                .findFirst()
                .orElseThrow(() -> refused("its endpoints on the secured channel are not those that it, or somebody in"
                        + " between, told before"));
    }

    private static ByteString orEmpty(@Nullable ByteString bytes) {
        return bytes == null ? ByteString.NULL_VALUE : bytes;
    }

    private static CommandException refused(String what) {
        return new CommandException(
                ErrorType.SECURITY, "The server did not prove who it is: " + what + "; the session was not opened");
    }
}
