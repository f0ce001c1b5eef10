package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.sdk.server.servicesets.AbstractServiceSet.createResponseHeader;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredDataItem;
import org.eclipse.milo.opcua.sdk.server.servicesets.impl.DefaultSubscriptionServiceSet;
import org.eclipse.milo.opcua.sdk.server.subscriptions.PublishQueue;
import org.eclipse.milo.opcua.sdk.server.subscriptions.Subscription;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifySubscriptionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifySubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SetPublishingModeRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.SetPublishingModeResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferResult;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * The subscription services of one start: Milo's, with the simulator's limits and {@link SubscriptionFaults}, and
 * TransferSubscriptions (Part 4, 5.14.7) between sessions of clients with the same ApplicationUri. Milo refuses that to
 * every anonymous session without security.
 */
final class SimulatorSubscriptions extends DefaultSubscriptionServiceSet {
    private static final UInteger[] NONE = new UInteger[0];

    private final OpcUaServer server;
    private final SubscriptionFaults faults;
    private final Limits limits;
    private final SilentSubscriptions silent = new SilentSubscriptions();
    private final PublishedMessages messages;

    SimulatorSubscriptions(OpcUaServer server, SubscriptionFaults faults, Limits limits) {
        super(server);
        this.server = server;
        this.faults = faults;
        this.limits = limits;
        this.messages = new PublishedMessages(server, faults, limits, silent);
    }

    /** A request header as good as any where Milo looks into none. */
    static RequestHeader anyHeader() {
        return new RequestHeader(
                NodeId.NULL_VALUE, DateTime.NULL_VALUE, UInteger.MIN, UInteger.MIN, null, UInteger.MIN, null);
    }

    void dropAll() {
        List.copyOf(server.getSubscriptions().keySet()).forEach(this::drop);
    }

    boolean drop(UInteger subscriptionId) {
        Subscription subscription = server.getSubscriptions().get(subscriptionId);
        if (subscription == null) {
            return false;
        }
        subscription
                .getSubscriptionManager()
                .deleteSubscriptions(new DeleteSubscriptionsRequest(anyHeader(), new UInteger[] {subscriptionId}))
                .join();
        return true;
    }

    /** Returns what lets those speak again that are silenced now. */
    Runnable silence(boolean untilModified) {
        return silent.silence(server.getSubscriptions().values(), untilModified);
    }

    void deafenConnections() {
        messages.deafenConnections();
        int unused = losePublishRequests();
    }

    int losePublishRequests() {
        int lost = 0;
        for (Session session : server.getSessionManager().getAllSessions()) {
            while (session.getSubscriptionManager().getPublishQueue().poll() != null) {
                lost++;
            }
        }
        return lost;
    }

    void numberFrom(long next) {
        server.getSubscriptions().values().forEach(subscription -> messages.numberFrom(subscription, next));
    }

    @Override
    public CreateSubscriptionResponse onCreateSubscription(
            ServiceRequestContext context, CreateSubscriptionRequest request) throws UaException {
        return super.onCreateSubscription(
                context,
                new CreateSubscriptionRequest(
                        request.getRequestHeader(),
                        request.getRequestedPublishingInterval(),
                        request.getRequestedLifetimeCount(),
                        limits.revisedKeepAliveCount(request.getRequestedMaxKeepAliveCount()),
                        request.getMaxNotificationsPerPublish(),
                        request.getPublishingEnabled(),
                        request.getPriority()));
    }

    @Override
    public ModifySubscriptionResponse onModifySubscription(
            ServiceRequestContext context, ModifySubscriptionRequest request) throws UaException {
        ModifySubscriptionResponse answer = super.onModifySubscription(
                context,
                new ModifySubscriptionRequest(
                        request.getRequestHeader(),
                        request.getSubscriptionId(),
                        request.getRequestedPublishingInterval(),
                        request.getRequestedLifetimeCount(),
                        limits.revisedKeepAliveCount(request.getRequestedMaxKeepAliveCount()),
                        request.getMaxNotificationsPerPublish(),
                        request.getPriority()));
        silent.modified(request.getSubscriptionId());
        return answer;
    }

    @Override
    public SetPublishingModeResponse onSetPublishingMode(
            ServiceRequestContext context, SetPublishingModeRequest request) throws UaException {
        SetPublishingModeResponse answer = super.onSetPublishingMode(context, request);
        for (UInteger id : Objects.requireNonNullElse(request.getSubscriptionIds(), NONE)) {
            silent.modeSet(id, request.getPublishingEnabled());
        }
        return answer;
    }

    @Override
    public CompletableFuture<PublishResponse> onPublish(ServiceRequestContext context, PublishRequest request) {
        Session session;
        try {
            session = server.getSessionManager().getSession(context, request.getRequestHeader());
        } catch (UaException e) {
            return CompletableFuture.failedFuture(e);
        }
        refuseTooMany(session.getSubscriptionManager().getPublishQueue());
        return messages.publish(session, context, request, super::onPublish);
    }

    /** Part 4, 5.14.5.1: it is the oldest request that is answered when there are too many. */
    private void refuseTooMany(PublishQueue queue) {
        int most = limits.maxPublishRequests();
        while (most > 0 && queue.size() >= most) {
            PublishQueue.@Nullable PendingPublish oldest = queue.poll();
            if (oldest == null) {
                return;
            }
            oldest.responseFuture.completeExceptionally(new UaException(StatusCodes.Bad_TooManyPublishRequests));
        }
    }

    @Override
    public RepublishResponse onRepublish(ServiceRequestContext context, RepublishRequest request) throws UaException {
        MessageNumbers numbers = messages.numbersOf(request.getSubscriptionId());
        RepublishResponse answer = super.onRepublish(
                context,
                new RepublishRequest(
                        request.getRequestHeader(),
                        request.getSubscriptionId(),
                        numbers.ofWire(request.getRetransmitSequenceNumber())));
        return new RepublishResponse(
                answer.getResponseHeader(), PublishedMessages.onWire(numbers, answer.getNotificationMessage()));
    }

    @Override
    public TransferSubscriptionsResponse onTransferSubscriptions(
            ServiceRequestContext context, TransferSubscriptionsRequest request) throws UaException {
        Session session = server.getSessionManager().getSession(context, request.getRequestHeader());
        session.getSessionDiagnostics().getTransferSubscriptionsCount().incrementTotalCount();
        session.getSessionDiagnostics().getTotalRequestCount().incrementTotalCount();
        UInteger[] ids = request.getSubscriptionIds();
        if (ids == null || ids.length == 0) {
            throw new UaException(StatusCodes.Bad_NothingToDo);
        }
        return new TransferSubscriptionsResponse(
                createResponseHeader(request),
                Arrays.stream(ids)
                        .map(id -> transfer(id, session, request.getSendInitialValues()))
                        .toArray(TransferResult[]::new),
                new DiagnosticInfo[0]);
    }

    private TransferResult transfer(UInteger id, Session session, boolean sendInitialValues) {
        Subscription subscription = server.getSubscriptions().get(id);
        if (subscription == null) {
            return refused(StatusCodes.Bad_SubscriptionIdInvalid);
        }
        if (faults.refusesTransfers() || !sameClient(session, subscription.getSession())) {
            return refused(StatusCodes.Bad_UserAccessDenied);
        }
        synchronized (subscription) {
            if (!subscription.getSession().equals(session)) {
                move(subscription, session);
            }
            UInteger[] available = messages.numbersOf(id).onWire(subscription.getAvailableSequenceNumbers());
            if (sendInitialValues) {
                subscription.getMonitoredItems().values().stream()
                        .filter(MonitoredDataItem.class::isInstance)
                        .map(MonitoredDataItem.class::cast)
                        .forEach(MonitoredDataItem::maybeSendLastValue);
            }
            return new TransferResult(StatusCode.GOOD, available);
        }
    }

    /** The old session hears Good_SubscriptionTransferred with its next Publish. */
    private static void move(Subscription subscription, Session session) {
        var old = subscription.getSubscriptionManager();
        old.sendStatusChangeNotification(subscription, new StatusCode(StatusCodes.Good_SubscriptionTransferred));
        old.removeSubscription(subscription.getId());
        subscription.setSubscriptionManager(session.getSubscriptionManager());
        session.getSubscriptionManager().addSubscription(subscription);
        subscription.getMonitoredItems().values().forEach(item -> item.setSession(session));
    }

    private static boolean sameClient(Session one, Session other) {
        return Objects.equals(
                one.getClientDescription().getApplicationUri(),
                other.getClientDescription().getApplicationUri());
    }

    private static TransferResult refused(long status) {
        return new TransferResult(new StatusCode(status), NONE);
    }
}
