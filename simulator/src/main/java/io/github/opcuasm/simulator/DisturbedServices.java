package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.channel.SecurityKeysListener;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.security.CertificateManager;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.transport.server.ServerApplicationContext;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * The server as one connection sees it: every decoded request passes here, on the event loop, before Milo takes
 * it to its own threads. This is where requests are counted, faults apply, and limits that Milo does not know
 * are put into the request. An undisturbed request costs two counters and one look at its service's fault.
 *
 * <p>One object for each connection, so that the first security token issued is told from renewals.
 */
final class DisturbedServices implements ServerApplicationContext {
    private final ServerApplicationContext server;
    private final Faults faults;
    private final Limits limits;
    private final Counters counters;
    private final SessionSlots slots;
    private final Answers answers;
    private final HandshakeAnswers handshakeAnswers;
    private final Handshake handshake;
    private boolean opened;

    DisturbedServices(
            ServerApplicationContext server,
            Faults faults,
            Limits limits,
            Counters counters,
            SessionSlots slots,
            Answers answers,
            HandshakeAnswers handshakeAnswers,
            Handshake handshake) {
        this.server = server;
        this.faults = faults;
        this.limits = limits;
        this.counters = counters;
        this.slots = slots;
        this.answers = answers;
        this.handshakeAnswers = handshakeAnswers;
        this.handshake = handshake;
    }

    @Override
    public CompletableFuture<UaResponseMessageType> handleServiceRequest(
            ServiceRequestContext context, UaRequestMessageType request) {
        Service service = Service.of(request);
        counters.countReceived(service);
        counters.auditEntryIds().saw(service, request);
        ServiceFault fault = faults.of(service);
        return handshake.follow(
                service,
                fault == null
                        ? prepared(service, context, request)
                        : fault.apply(context.getChannel(), () -> prepared(service, context, request)));
    }

    private CompletableFuture<UaResponseMessageType> prepared(
            Service service, ServiceRequestContext context, UaRequestMessageType request) {
        return serve(service, context, request).thenApply(answer -> answers.prepared(service, request, answer));
    }

    private CompletableFuture<UaResponseMessageType> serve(
            Service service, ServiceRequestContext context, UaRequestMessageType request) {
        counters.countServed(service);
        if (slots.wasClosed(request.getRequestHeader().getAuthenticationToken())) {
            return CompletableFuture.failedFuture(new UaException(StatusCodes.Bad_SessionClosed));
        }
        if (request instanceof BrowseRequest browse) {
            return execute(context, paged(browse));
        }
        if (request instanceof CreateSessionRequest create) {
            return slots.create(() -> execute(context, revised(create)))
                    .thenApply(answer -> handshakeAnswers.prepared(context, request, counted(answer)));
        }
        if (service == Service.ACTIVATE_SESSION || service == Service.GET_ENDPOINTS) {
            return execute(context, request)
                    .thenApply(answer -> handshakeAnswers.prepared(context, request, counted(answer)));
        }
        return execute(context, request);
    }

    private CompletableFuture<UaResponseMessageType> execute(
            ServiceRequestContext context, UaRequestMessageType request) {
        try {
            return server.handleServiceRequest(context, request);
        } catch (RejectedExecutionException e) {
            // The queue before the server's threads is full, or the server is stopping.
            return CompletableFuture.failedFuture(new UaException(StatusCodes.Bad_ResourceUnavailable));
        }
    }

    private BrowseRequest paged(BrowseRequest request) {
        int page = limits.maxReferencesPerNode();
        long wanted = request.getRequestedMaxReferencesPerNode().longValue();
        if (page == 0 || (wanted != 0 && wanted <= page)) {
            return request;
        }
        return new BrowseRequest(request.getRequestHeader(), request.getView(), uint(page), request.getNodesToBrowse());
    }

    private CreateSessionRequest revised(CreateSessionRequest request) {
        double lowest = limits.sessionTimeout().lowest().toMillis();
        if (request.getRequestedSessionTimeout() >= lowest) {
            return request;
        }
        return new CreateSessionRequest(
                request.getRequestHeader(),
                request.getClientDescription(),
                request.getServerUri(),
                request.getEndpointUrl(),
                request.getSessionName(),
                request.getClientNonce(),
                request.getClientCertificate(),
                lowest,
                request.getMaxResponseMessageSize());
    }

    private UaResponseMessageType counted(UaResponseMessageType response) {
        if (response instanceof CreateSessionResponse) {
            counters.countCreatedSession();
        } else if (response instanceof ActivateSessionResponse) {
            counters.countActivatedSession();
        }
        return response;
    }

    @Override
    public Long getNextSecureChannelTokenId() {
        if (opened) {
            counters.countRenewal();
        } else {
            opened = true;
            counters.countHandshake();
        }
        return server.getNextSecureChannelTokenId();
    }

    @Override
    public Long getNextSecureChannelId() {
        handshake.begin();
        return server.getNextSecureChannelId();
    }

    @Override
    public List<EndpointDescription> getEndpointDescriptions() {
        return server.getEndpointDescriptions();
    }

    @Override
    public EncodingContext getEncodingContext() {
        return answers.encodingContext();
    }

    @Override
    public CertificateManager getCertificateManager() {
        return server.getCertificateManager();
    }

    @Override
    public @Nullable SecurityKeysListener getSecurityKeysListener() {
        return server.getSecurityKeysListener();
    }
}
