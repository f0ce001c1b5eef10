package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.AnonymousIdentityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.types.structured.SignedSoftwareCertificate;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.eclipse.milo.opcua.stack.core.util.NonceUtil;
import org.jspecify.annotations.Nullable;

/**
 * The session services on a fresh channel (Part 4, 5.7): CreateSession and ActivateSession, or ActivateSession alone for
 * a session that the server may still have; and CloseSession. Each step is bounded by the settings' call timeout.
 * Confined to one event loop.
 */
final class SessionHandshake {
    private static final String APPLICATION_URI = "urn:opcuasm:opcua-session-manager";
    private static final int NONCE_BYTES = 32;

    /** What the server tells about itself, in one Read: order matters to {@link #serverInfo}. */
    private static final List<NodeId> SERVER_INFO = List.of(
            NodeIds.Server_NamespaceArray,
            NodeIds.Server_ServerStatus_StartTime,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
            NodeIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds);

    /** Faults that say nothing about the session. */
    private static final Set<Long> TRANSIENT = Set.of(
            StatusCodes.Bad_Timeout,
            StatusCodes.Bad_TcpServerTooBusy,
            StatusCodes.Bad_TooManyOperations,
            StatusCodes.Bad_OutOfMemory,
            StatusCodes.Bad_ResourceUnavailable,
            StatusCodes.Bad_ServerHalted,
            StatusCodes.Bad_Shutdown);

    private static final DataValue NOTHING = new DataValue(new StatusCode(StatusCodes.Bad_NotReadable));

    private final OpcUaTransport transport;
    private final EventLoop loop;
    private final SessionSettings settings;

    SessionHandshake(OpcUaTransport transport, EventLoop loop, SessionSettings settings) {
        this.transport = transport;
        this.loop = loop;
        this.settings = settings;
    }

    /** Creates and activates a new session. */
    CompletableFuture<EstablishedSession> create(UascChannel channel) {
        return call(channel, NodeId.NULL_VALUE, CreateSessionResponse.class, this::createRequest)
                .thenApply(this::granted)
                .thenCompose(created -> activate(channel, created)
                        .thenCompose(session -> serverInfo(channel, session))
                        .whenComplete((session, failure) -> {
                            if (failure != null) {
                                // It holds a slot on the server; whoever fails here closes the channel behind this.
                                close(channel, created);
                            }
                        }));
    }

    /**
     * Activates a session that was granted on an earlier channel; creates a new one if the server refuses that. A server
     * that is only too busy fails the attempt: it still holds the old session, and a slot for it.
     */
    CompletableFuture<EstablishedSession> restore(UascChannel channel, EstablishedSession previous) {
        return activate(channel, previous)
                .handle((session, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(session);
                    }
                    if (OpcUaErrors.unwrap(failure) instanceof UaServiceFaultException fault
                            && !TRANSIENT.contains(fault.getStatusCode().getValue())) {
                        return create(channel);
                    }
                    return CompletableFuture.<EstablishedSession>failedFuture(failure);
                })
                .thenCompose(Function.identity());
    }

    /** Tells the server that the session is over, its subscriptions too. */
    CompletableFuture<CloseSessionResponse> close(UascChannel channel, EstablishedSession session) {
        return call(
                channel,
                session.authenticationToken(),
                CloseSessionResponse.class,
                header -> new CloseSessionRequest(header, true));
    }

    private CreateSessionRequest createRequest(RequestHeader header) {
        ApplicationDescription client = new ApplicationDescription(
                APPLICATION_URI,
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
                settings.endpoint().text(),
                settings.sessionName(),
                NonceUtil.generateNonce(NONCE_BYTES),
                ByteString.NULL_VALUE,
                (double) settings.sessionTimeout().toMillis(),
                UInteger.MIN);
    }

    private EstablishedSession granted(CreateSessionResponse response) {
        double revised = response.getRevisedSessionTimeout() == null ? 0 : response.getRevisedSessionTimeout();
        Duration timeout =
                revised >= 1 && revised < 1e12 ? Duration.ofMillis((long) revised) : settings.sessionTimeout();
        return new EstablishedSession(
                orNull(response.getSessionId()),
                orNull(response.getAuthenticationToken()),
                orNull(response.getServerNonce()),
                orNull(response.getServerCertificate()),
                timeout,
                anonymousPolicy(response.getServerEndpoints()),
                ServerInfo.unknown());
    }

    /** The policy id that the server wants in an anonymous token on a channel without security. */
    private static String anonymousPolicy(EndpointDescription @Nullable [] endpoints) {
        List<String> offered = new ArrayList<>();
        boolean plainEndpointSeen = false;
        for (EndpointDescription endpoint : endpoints == null ? new EndpointDescription[0] : endpoints) {
            if (endpoint == null || !SecurityPolicy.None.getUri().equals(endpoint.getSecurityPolicyUri())) {
                continue;
            }
            plainEndpointSeen = true;
            UserTokenPolicy[] tokens = endpoint.getUserIdentityTokens();
            for (UserTokenPolicy token : tokens == null ? new UserTokenPolicy[0] : tokens) {
                if (token.getTokenType() == UserTokenType.Anonymous) {
                    return token.getPolicyId() == null ? "" : token.getPolicyId();
                }
                offered.add(String.valueOf(token.getTokenType()).toLowerCase(Locale.ROOT));
            }
        }
        if (plainEndpointSeen && !offered.isEmpty()) {
            throw new CommandException(
                    ErrorType.SECURITY,
                    "The server takes no anonymous users on this endpoint; it offers: " + String.join(", ", offered));
        }
        return "anonymous";
    }

    private CompletableFuture<EstablishedSession> activate(UascChannel channel, EstablishedSession session) {
        return call(
                        channel,
                        session.authenticationToken(),
                        ActivateSessionResponse.class,
                        header -> new ActivateSessionRequest(
                                header,
                                new SignatureData(null, null),
                                new SignedSoftwareCertificate[0],
                                new String[0],
                                ExtensionObject.encode(
                                        transport.encodingContext(),
                                        new AnonymousIdentityToken(session.anonymousPolicyId())),
                                new SignatureData(null, null)))
                .thenApply(response -> session.activated(orNull(response.getServerNonce())));
    }

    /** Asks for all at once; a server that refuses so many is asked one by one. What it does not tell stays unknown. */
    private CompletableFuture<EstablishedSession> serverInfo(UascChannel channel, EstablishedSession session) {
        return read(channel, session, SERVER_INFO)
                .thenCompose(values -> values.size() == SERVER_INFO.size()
                        ? CompletableFuture.completedFuture(values)
                        : readOneByOne(channel, session, new ArrayList<>()))
                .thenApply(values -> session.withServerInfo(serverInfo(values)));
    }

    /** The NamespaceArray as it is now; empty if the server does not tell. */
    CompletableFuture<List<String>> namespaces(UascChannel channel, EstablishedSession session) {
        return read(channel, session, List.of(NodeIds.Server_NamespaceArray))
                .thenApply(values -> values.isEmpty() ? List.of() : namespaces(values.get(0)));
    }

    private CompletableFuture<List<DataValue>> readOneByOne(
            UascChannel channel, EstablishedSession session, List<DataValue> found) {
        if (found.size() == SERVER_INFO.size()) {
            return CompletableFuture.completedFuture(found);
        }
        return read(channel, session, List.of(SERVER_INFO.get(found.size()))).thenCompose(values -> {
            found.add(values.size() == 1 ? values.get(0) : NOTHING);
            return readOneByOne(channel, session, found);
        });
    }

    /** Empty if the server refuses the call. */
    private CompletableFuture<List<DataValue>> read(
            UascChannel channel, EstablishedSession session, List<NodeId> nodes) {
        ReadValueId[] items = nodes.stream()
                .map(node -> new ReadValueId(node, AttributeId.Value.uid(), null, QualifiedName.NULL_VALUE))
                .toArray(ReadValueId[]::new);
        return call(
                        channel,
                        session.authenticationToken(),
                        ReadResponse.class,
                        header -> new ReadRequest(header, 0.0, TimestampsToReturn.Neither, items))
                .handle((response, failure) -> {
                    if (failure == null) {
                        return response.getResults() == null ? List.of() : Arrays.asList(response.getResults());
                    }
                    if (OpcUaErrors.unwrap(failure) instanceof UaServiceFaultException) {
                        return List.of();
                    }
                    throw new CompletionException(OpcUaErrors.unwrap(failure));
                });
    }

    private static ServerInfo serverInfo(List<DataValue> values) {
        DateTime startTime = valueOf(values.get(1)) instanceof DateTime time ? time : null;
        return ServerInfo.of(
                namespaces(values.get(0)),
                startTime,
                limit(values.get(2)),
                limit(values.get(3)),
                limit(values.get(4)),
                limit(values.get(5)));
    }

    private static List<String> namespaces(@Nullable DataValue value) {
        return valueOf(value) instanceof String[] known
                ? Arrays.stream(known).map(uri -> uri == null ? "" : uri).toList()
                : List.of();
    }

    private static @Nullable Long limit(DataValue value) {
        return valueOf(value) instanceof UInteger limit ? limit.longValue() : null;
    }

    private static @Nullable Object valueOf(@Nullable DataValue value) {
        return value == null || value.getValue() == null
                ? null
                : value.getValue().getValue();
    }

    private <T extends UaResponseMessageType> CompletableFuture<T> call(
            UascChannel channel,
            NodeId authenticationToken,
            Class<T> responseType,
            Function<RequestHeader, UaRequestMessageType> message) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        long timeoutMs = Math.max(1, settings.callTimeout().toMillis());
        RequestHeader header =
                new RequestHeader(authenticationToken, DateTime.now(), uint(0), uint(0), null, uint(timeoutMs), null);
        long requestId = channel.send(message.apply(header), new Answer<>(responseType, answer));
        var timer = loop.schedule(
                () -> {
                    channel.forget(requestId);
                    answer.completeExceptionally(
                            new UaException(StatusCodes.Bad_Timeout, responseType.getSimpleName() + " did not come"));
                },
                timeoutMs,
                TimeUnit.MILLISECONDS);
        answer.whenComplete((response, failure) -> timer.cancel(false));
        return answer;
    }

    private static NodeId orNull(@Nullable NodeId nodeId) {
        return nodeId == null ? NodeId.NULL_VALUE : nodeId;
    }

    private static ByteString orNull(@Nullable ByteString bytes) {
        return bytes == null ? ByteString.NULL_VALUE : bytes;
    }

    /** Completes a future with whatever becomes of one request. */
    record Answer<T extends UaResponseMessageType>(Class<T> type, CompletableFuture<T> future)
            implements UascChannel.Listener {
        @Override
        public void onResponse(UaResponseMessageType response) {
            if (type.isInstance(response)) {
                future.complete(type.cast(response));
            } else {
                future.completeExceptionally(new UaException(
                        StatusCodes.Bad_UnknownResponse,
                        "got " + response.getClass().getSimpleName()));
            }
        }

        @Override
        public void onFault(UaException fault) {
            future.completeExceptionally(fault);
        }

        @Override
        public void onNotSent(UaException cause) {
            future.completeExceptionally(cause);
        }

        @Override
        public void onClosed(UaException cause) {
            future.completeExceptionally(cause);
        }
    }
}
