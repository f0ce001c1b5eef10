package io.github.opcuasm.daemon.opcua;

import io.netty.channel.EventLoop;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.types.structured.SignedSoftwareCertificate;

/**
 * ActivateSession (Part 4, 5.7.3): binds a session to a channel and shows as whom. It is signed over the nonce that the
 * server gave last, by our key and, for some users, by theirs. Begins and ends on one event loop; the RSA in between is
 * done elsewhere.
 */
final class SessionActivation {
    private static final SignatureData UNSIGNED = new SignatureData(null, null);

    private final OpcUaTransport transport;
    private final SessionSettings settings;
    private final ChannelCalls calls;
    private final RsaWork rsa;

    SessionActivation(OpcUaTransport transport, EventLoop loop, SessionSettings settings) {
        this.transport = transport;
        this.settings = settings;
        this.calls = new ChannelCalls(loop, settings.callTimeout());
        this.rsa = new RsaWork(transport, loop);
    }

    /**
     * Sends it.
     *
     * @param session as of its last activation
     * @param onSent runs when it has been handed to the channel
     * @return the session as of this one
     */
    CompletableFuture<EstablishedSession> activate(
            UascChannel channel, ChosenEndpoint chosen, EstablishedSession session, Runnable onSent) {
        return credentials(chosen, session)
                .thenCompose(credentials -> {
                    CompletableFuture<ActivateSessionResponse> asked = calls.call(
                            channel,
                            session.authenticationToken(),
                            ActivateSessionResponse.class,
                            header -> new ActivateSessionRequest(
                                    header,
                                    credentials.ours(),
                                    new SignedSoftwareCertificate[0],
                                    new String[0],
                                    ExtensionObject.encode(
                                            transport.encodingContext(),
                                            credentials.user().token()),
                                    credentials.user().signature()));
                    // No answer comes this soon.
                    if (!asked.isDone()) {
                        onSent.run();
                    }
                    return asked;
                })
                .thenApply(response -> {
                    ByteString given = response.getServerNonce();
                    ByteString nonce = given == null ? ByteString.NULL_VALUE : given;
                    if (!settings.security().isPlain()) {
                        ServerProof.checkNonce(nonce, session.serverNonce());
                    }
                    return session.activated(nonce);
                });
    }

    /** What an activation shows: that we hold our application's key, and who the user is. */
    private record Credentials(SignatureData ours, IdentityTokens.Signed user) {}

    private CompletableFuture<Credentials> credentials(ChosenEndpoint chosen, EstablishedSession session) {
        SecuritySettings security = settings.security();
        if (security.isPlain() && security.identity() instanceof UserIdentity.Anonymous) {
            return CompletableFuture.completedFuture(credentialsNow(chosen, session, UNSIGNED));
        }
        return rsa.run(() -> {
            SignatureData signature = UNSIGNED;
            if (!security.isPlain()) {
                signature = new AsymmetricSignature(security.profile().policy())
                        .sign(
                                Objects.requireNonNull(chosen.ours()).privateKey(),
                                chosen.server().get(0).getEncoded(),
                                session.serverNonce().bytesOrEmpty());
            }
            return credentialsNow(chosen, session, signature);
        });
    }

    private Credentials credentialsNow(ChosenEndpoint chosen, EstablishedSession session, SignatureData signature) {
        X509Certificate server = settings.security().isPlain()
                ? session.serverCertificate()
                : chosen.server().get(0);
        try {
            return new Credentials(
                    signature,
                    IdentityTokens.token(
                            settings.security().identity(), session.tokenPolicy(), server, session.serverNonce()));
        } catch (GeneralSecurityException | UaException e) {
            throw new CompletionException(e);
        }
    }
}
