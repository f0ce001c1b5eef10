package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.Fingerprints;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.TrustDecision;
import io.netty.channel.EventLoop;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
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
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    /** Faults that say nothing about the session. */
    private static final Set<Long> TRANSIENT = Set.of(
            StatusCodes.Bad_Timeout,
            StatusCodes.Bad_TcpServerTooBusy,
            StatusCodes.Bad_TooManyOperations,
            StatusCodes.Bad_OutOfMemory,
            StatusCodes.Bad_ResourceUnavailable,
            StatusCodes.Bad_ServerHalted,
            StatusCodes.Bad_Shutdown);

    private static final Set<Long> GONE = Set.of(StatusCodes.Bad_SessionIdInvalid, StatusCodes.Bad_SessionClosed);

    private final SessionConnector connector;
    private final SessionSettings settings;
    private final Executor onLoop;
    private final ChannelCalls calls;
    private final ChannelCalls closing;
    private final ServerInfoRequests info;
    private final SessionActivation activation;
    private final RsaWork rsa;
    private final Fate fate;
    /** An activation was sent and not answered: the server may have given a nonce that we do not know. */
    private boolean nonceMayBeStale;

    SessionHandshake(SessionConnector connector, EventLoop loop, SessionSettings settings, Fate fate) {
        this.connector = connector;
        this.settings = settings;
        this.fate = fate;
        this.onLoop = new LoopExecutor(loop);
        this.calls = new ChannelCalls(loop, settings.callTimeout());
        this.closing = new ChannelCalls(loop, CLOSE_WAIT);
        this.info = new ServerInfoRequests(calls);
        this.activation = new SessionActivation(connector.transport(), loop, settings);
        this.rsa = new RsaWork(connector.transport(), loop);
    }

    /** Told, on the event loop, what happens to sessions on the server beside what was asked for. */
    interface Fate {
        /**
         * Activated; what may still go wrong comes after it.
         *
         * @param again whether it is one of an earlier channel
         */
        void activated(ChosenEndpoint chosen, EstablishedSession session, boolean again);

        /**
         * It will not be activated again.
         *
         * @param gone whether the server says that it has no such session
         */
        void givenUp(EstablishedSession previous, boolean gone);

        /**
         * Nothing refers to a session that the server may have.
         *
         * @param timeout how long at most
         */
        void orphaned(Duration timeout);
    }

    /**
     * What is restored first comes from another process, which may have ended between an activation and its notes: a
     * signature that the server refuses shows no other client then.
     */
    void expectStaleNonce() {
        nonceMayBeStale = true;
    }

    /** Creates and activates a new session. */
    CompletableFuture<EstablishedSession> create(UascChannel channel, ChosenEndpoint chosen) {
        ByteString clientNonce = newNonce();
        CompletableFuture<CreateSessionResponse> asked = calls.call(
                channel,
                NodeId.NULL_VALUE,
                CreateSessionResponse.class,
                header -> createRequest(header, chosen, clientNonce));
        boolean sent = !asked.isDone();
        CompletableFuture<CreateSessionResponse> answered = asked.whenComplete((response, failure) -> {
            if (sent && failure != null && !(failure instanceof UaServiceFaultException)) {
                fate.orphaned(settings.sessionTimeout());
            }
        });
        // Whatever refuses it after this, at once or later, the server holds a session that must be closed.
        return answered.thenCompose(response -> CompletableFuture.completedFuture(response)
                .thenCompose(created -> granted(chosen, created, clientNonce))
                .thenComposeAsync(
                        created -> activated(channel, chosen, created.session(), false)
                                .thenCompose(session -> created.trust().keep().thenApply(kept -> session)),
                        onLoop)
                .thenComposeAsync(session -> withServerInfo(channel, session), onLoop)
                .handleAsync(
                        (session, failure) -> failure == null
                                ? CompletableFuture.completedFuture(session)
                                // First, since whoever fails here closes the channel behind this.
                                : close(channel, orNull(response.getAuthenticationToken()), timeout(response))
                                        .<EstablishedSession>thenCompose(
                                                closed -> CompletableFuture.failedFuture(failure)),
                        onLoop)
                .thenCompose(Function.identity()));
    }

    /**
     * Activates a session that was granted on an earlier channel; creates a new one if the server refuses that. A server
     * that is only too busy fails the attempt: it still holds the old session, and a slot for it. So does one that shows
     * by the signature that somebody else has activated the session meanwhile ({@link SessionTakenOverException}).
     *
     * <p>A session of another process is asked about the server at once: there are servers that count from the last
     * request and not from the activation.
     */
    CompletableFuture<EstablishedSession> restore(
            UascChannel channel, ChosenEndpoint chosen, EstablishedSession previous) {
        return activated(channel, chosen, previous, true)
                .handleAsync(
                        (session, failure) -> {
                            if (failure == null) {
                                return session.serverInfo() != null
                                        ? CompletableFuture.completedFuture(session)
                                        : withServerInfo(channel, session);
                            }
                            if (OpcUaErrors.unwrap(failure) instanceof UaServiceFaultException fault
                                    && !TRANSIENT.contains(fault.getStatusCode().getValue())) {
                                return instead(
                                        channel,
                                        chosen,
                                        previous,
                                        fault.getStatusCode().getValue());
                            }
                            return CompletableFuture.<EstablishedSession>failedFuture(failure);
                        },
                        onLoop)
                .thenCompose(Function.identity());
    }

    /** What takes the place of a session that the server did not let us activate again. */
    private CompletableFuture<EstablishedSession> instead(
            UascChannel channel, ChosenEndpoint chosen, EstablishedSession previous, long refusal) {
        boolean stale = nonceMayBeStale;
        nonceMayBeStale = false;
        fate.givenUp(previous, GONE.contains(refusal));
        return refusal == StatusCodes.Bad_ApplicationSignatureInvalid && !stale
                ? CompletableFuture.failedFuture(new SessionTakenOverException())
                : create(channel, chosen);
    }

    private CompletableFuture<EstablishedSession> activated(
            UascChannel channel, ChosenEndpoint chosen, EstablishedSession session, boolean again) {
        boolean stale = nonceMayBeStale;
        return activation
                .activate(channel, chosen, session, () -> nonceMayBeStale |= again)
                .whenCompleteAsync(
                        (activated, failure) -> {
                            if (failure == null) {
                                nonceMayBeStale = false;
                                fate.activated(chosen, activated, again);
                            } else if (OpcUaErrors.unwrap(failure) instanceof UaServiceFaultException) {
                                nonceMayBeStale = stale;
                            }
                        },
                        onLoop);
    }

    private CompletableFuture<EstablishedSession> withServerInfo(UascChannel channel, EstablishedSession session) {
        return info.serverInfo(channel, session).thenApply(session::withServerInfo);
    }

    /**
     * Tells the server that the session is over, its subscriptions too. Never fails.
     *
     * @return whether the server has confirmed it, in bounded time; if not, the session may be an orphan
     */
    CompletableFuture<Boolean> close(UascChannel channel, EstablishedSession session) {
        return close(channel, session.authenticationToken(), session.revisedTimeout());
    }

    private CompletableFuture<Boolean> close(UascChannel channel, NodeId authenticationToken, Duration timeout) {
        return closing.call(
                        channel,
                        authenticationToken,
                        CloseSessionResponse.class,
                        header -> new CloseSessionRequest(header, true))
                .handle((response, failure) -> {
                    boolean gone = failure instanceof UaServiceFaultException fault
                            && GONE.contains(fault.getStatusCode().getValue());
                    boolean closed = failure == null || gone;
                    if (!closed) {
                        fate.orphaned(timeout);
                    }
                    return closed;
                });
    }

    /** The NamespaceArray as it is now; empty if the server does not tell. */
    CompletableFuture<List<String>> namespaces(UascChannel channel, EstablishedSession session) {
        return info.namespaces(channel, session);
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
            return rsa.run(() -> {
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
        return new EstablishedSession(
                orNull(response.getSessionId()),
                orNull(response.getAuthenticationToken()),
                orNull(response.getServerNonce()),
                serverCertificate,
                timeout(response),
                tokenPolicy,
                null);
    }

    private Duration timeout(CreateSessionResponse response) {
        double revised = response.getRevisedSessionTimeout() == null ? 0 : response.getRevisedSessionTimeout();
        return revised >= 1 && revised < 1e12 ? Duration.ofMillis((long) revised) : settings.sessionTimeout();
    }

    private static NodeId orNull(@Nullable NodeId nodeId) {
        return nodeId == null ? NodeId.NULL_VALUE : nodeId;
    }

    private static ByteString orNull(@Nullable ByteString bytes) {
        return bytes == null ? ByteString.NULL_VALUE : bytes;
    }
}
