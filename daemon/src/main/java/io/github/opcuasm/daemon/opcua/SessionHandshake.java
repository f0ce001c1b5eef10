package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.Fingerprints;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.TrustDecision;
import io.netty.channel.EventLoop;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.types.structured.SignedSoftwareCertificate;
import org.jspecify.annotations.Nullable;

/**
 * The session services on a fresh channel (Part 4, 5.7): CreateSession and ActivateSession, or ActivateSession alone for
 * a session that the server may still have; and CloseSession. Each step is bounded by the settings' call timeout.
 *
 * <p>On a secured channel the server proves itself before it is shown any credentials ({@link ServerProof}), and each
 * activation is signed over the nonce that the server gave last. Begins and ends on one event loop; the RSA in between is
 * done elsewhere.
 */
final class SessionHandshake {
    private static final String APPLICATION_URI = "urn:opcuasm:opcua-session-manager";
    private static final SignatureData UNSIGNED = new SignatureData(null, null);

    /** Faults that say nothing about the session. */
    private static final Set<Long> TRANSIENT = Set.of(
            StatusCodes.Bad_Timeout,
            StatusCodes.Bad_TcpServerTooBusy,
            StatusCodes.Bad_TooManyOperations,
            StatusCodes.Bad_OutOfMemory,
            StatusCodes.Bad_ResourceUnavailable,
            StatusCodes.Bad_ServerHalted,
            StatusCodes.Bad_Shutdown);

    private final SessionConnector connector;
    private final EventLoop loop;
    private final SessionSettings settings;
    private final Executor onLoop;
    private final ChannelCalls calls;
    private final ServerInfoRequests info;

    SessionHandshake(SessionConnector connector, EventLoop loop, SessionSettings settings) {
        this.connector = connector;
        this.loop = loop;
        this.settings = settings;
        this.onLoop = new LoopExecutor(loop);
        this.calls = new ChannelCalls(loop, settings.callTimeout());
        this.info = new ServerInfoRequests(calls);
    }

    /** Creates and activates a new session. */
    CompletableFuture<EstablishedSession> create(UascChannel channel, ChosenEndpoint chosen) {
        ByteString clientNonce = newNonce();
        return calls.call(
                        channel,
                        NodeId.NULL_VALUE,
                        CreateSessionResponse.class,
                        header -> createRequest(header, chosen, clientNonce))
                // Whatever refuses it after this, at once or later, the server holds a session that must be closed.
                .thenCompose(response -> CompletableFuture.completedFuture(response)
                        .thenCompose(created -> granted(chosen, created, clientNonce))
                        .thenComposeAsync(
                                created -> activate(channel, chosen, created.session())
                                        .thenCompose(session ->
                                                created.trust().keep().thenApply(kept -> session)),
                                onLoop)
                        .thenComposeAsync(
                                session -> info.serverInfo(channel, session).thenApply(session::withServerInfo), onLoop)
                        .whenCompleteAsync(
                                (session, failure) -> {
                                    if (failure != null) {
                                        // It holds a slot on the server; whoever fails here closes the channel behind
                                        // this.
                                        close(channel, orNull(response.getAuthenticationToken()));
                                    }
                                },
                                onLoop));
    }

    /**
     * Activates a session that was granted on an earlier channel; creates a new one if the server refuses that. A server
     * that is only too busy fails the attempt: it still holds the old session, and a slot for it.
     */
    CompletableFuture<EstablishedSession> restore(
            UascChannel channel, ChosenEndpoint chosen, EstablishedSession previous) {
        return activate(channel, chosen, previous)
                .thenComposeAsync(
                        session -> session.serverInfo().isTold()
                                ? CompletableFuture.completedFuture(session)
                                : info.serverInfo(channel, session).thenApply(session::withServerInfo),
                        onLoop)
                .handle((session, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(session);
                    }
                    if (OpcUaErrors.unwrap(failure) instanceof UaServiceFaultException fault
                            && !TRANSIENT.contains(fault.getStatusCode().getValue())) {
                        return create(channel, chosen);
                    }
                    return CompletableFuture.<EstablishedSession>failedFuture(failure);
                })
                .thenCompose(Function.identity());
    }

    /** Tells the server that the session is over, its subscriptions too. */
    CompletableFuture<CloseSessionResponse> close(UascChannel channel, EstablishedSession session) {
        return close(channel, session.authenticationToken());
    }

    /** The NamespaceArray as it is now; empty if the server does not tell. */
    CompletableFuture<List<String>> namespaces(UascChannel channel, EstablishedSession session) {
        return info.namespaces(channel, session);
    }

    private CompletableFuture<CloseSessionResponse> close(UascChannel channel, NodeId authenticationToken) {
        return calls.call(
                channel,
                authenticationToken,
                CloseSessionResponse.class,
                header -> new CloseSessionRequest(header, true));
    }

    private CreateSessionRequest createRequest(RequestHeader header, ChosenEndpoint chosen, ByteString clientNonce) {
        KeyMaterial ours = chosen.ours();
        String ourUri = ours == null ? null : ours.applicationUri();
        ApplicationDescription client = new ApplicationDescription(
                ourUri == null ? APPLICATION_URI : ourUri,
                APPLICATION_URI,
                new LocalizedText(null, settings.applicationName()),
                ApplicationType.Client,
                null,
                null,
                null);
        return new CreateSessionRequest(
                header,
                client,
                null,
                chosen.url(),
                settings.sessionName(),
                clientNonce,
                ours == null ? ByteString.NULL_VALUE : ByteString.of(Fingerprints.encoded(ours.certificate())),
                (double) settings.sessionTimeout().toMillis(),
                UInteger.MIN);
    }

    private ByteString newNonce() {
        byte[] nonce = new byte[IdentityTokens.NONCE_BYTES];
        connector.transport().nonces().nextBytes(nonce);
        return ByteString.of(nonce);
    }

    /**
     * A session that is not active yet.
     *
     * @param trust in a certificate that no channel has proved; to be kept once the session is active
     */
    private record Granted(EstablishedSession session, TrustDecision trust) {
        private Granted(EstablishedSession session) {
            this(session, TrustDecision.nothingNew());
        }
    }

    /** What the server granted, once it has shown that it is the one we mean. */
    private CompletableFuture<Granted> granted(
            ChosenEndpoint chosen, CreateSessionResponse response, ByteString clientNonce) {
        SecuritySettings security = settings.security();
        if (!security.isPlain()) {
            return withRsa(() -> {
                EndpointDescription endpoint = new ServerProof(security.profile(), chosen).check(response, clientNonce);
                return new Granted(session(
                        response,
                        TokenPolicy.choose(endpoint.getUserIdentityTokens(), security),
                        chosen.server().get(0)));
            });
        }
        EndpointDescription[] endpoints = response.getServerEndpoints();
        EndpointDescription endpoint = EndpointSelection.best(
                        endpoints == null ? List.of() : Arrays.asList(endpoints), settings.endpoint(), security)
                .orElse(null);
        TokenPolicy policy = TokenPolicy.choose(endpoint == null ? null : endpoint.getUserIdentityTokens(), security);
        if (policy.protection() == SecurityProfile.Policy.NONE) {
            return CompletableFuture.completedFuture(new Granted(session(response, policy, null)));
        }
        List<X509Certificate> chain = certificateForToken(response, endpoint, policy.protection());
        String applicationUri = endpoint == null || endpoint.getServer() == null
                ? null
                : endpoint.getServer().getApplicationUri();
        return connector
                .trust(settings, chain, applicationUri)
                .thenApply(trust -> new Granted(session(response, policy, chain.get(0)), trust));
    }

    /** What a password is encrypted for where the channel has no security: trusted as that of a secured one would be. */
    private List<X509Certificate> certificateForToken(
            CreateSessionResponse response, @Nullable EndpointDescription endpoint, SecurityProfile.Policy policy) {
        ByteString shown = response.getServerCertificate();
        boolean inAnswer = shown != null && shown.length() > 0;
        List<X509Certificate> chain =
                connector.parse(inAnswer || endpoint == null ? shown : endpoint.getServerCertificate());
        SessionConnector.checkKey("The server's", chain.get(0), policy);
        return chain;
    }

    private EstablishedSession session(
            CreateSessionResponse response, TokenPolicy tokenPolicy, @Nullable X509Certificate serverCertificate) {
        double revised = response.getRevisedSessionTimeout() == null ? 0 : response.getRevisedSessionTimeout();
        Duration timeout =
                revised >= 1 && revised < 1e12 ? Duration.ofMillis((long) revised) : settings.sessionTimeout();
        return new EstablishedSession(
                orNull(response.getSessionId()),
                orNull(response.getAuthenticationToken()),
                orNull(response.getServerNonce()),
                serverCertificate,
                timeout,
                tokenPolicy,
                ServerInfo.unknown());
    }

    private CompletableFuture<EstablishedSession> activate(
            UascChannel channel, ChosenEndpoint chosen, EstablishedSession session) {
        return credentials(chosen, session)
                .thenCompose(credentials -> calls.call(
                        channel,
                        session.authenticationToken(),
                        ActivateSessionResponse.class,
                        header -> new ActivateSessionRequest(
                                header,
                                credentials.ours(),
                                new SignedSoftwareCertificate[0],
                                new String[0],
                                ExtensionObject.encode(
                                        connector.transport().encodingContext(),
                                        credentials.user().token()),
                                credentials.user().signature())))
                .thenApply(response -> {
                    ByteString nonce = orNull(response.getServerNonce());
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
        return withRsa(() -> {
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

    /** Does it off the event loop; what follows is on the loop again. */
    private <T> CompletableFuture<T> withRsa(Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        connector.transport().rsa().execute(() -> {
            try {
                T result = work.call();
                loop.execute(() -> done.complete(result));
            } catch (Throwable e) {
                loop.execute(() -> done.completeExceptionally(OpcUaErrors.unwrap(e)));
            }
        });
        return done;
    }

    private static NodeId orNull(@Nullable NodeId nodeId) {
        return nodeId == null ? NodeId.NULL_VALUE : nodeId;
    }

    private static ByteString orNull(@Nullable ByteString bytes) {
        return bytes == null ? ByteString.NULL_VALUE : bytes;
    }
}
