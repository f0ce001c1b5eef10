package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.sdk.server.servicesets.AbstractServiceSet.createResponseHeader;

import java.util.Arrays;
import java.util.Objects;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredDataItem;
import org.eclipse.milo.opcua.sdk.server.servicesets.impl.DefaultSubscriptionServiceSet;
import org.eclipse.milo.opcua.sdk.server.subscriptions.Subscription;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferResult;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;

/**
 * TransferSubscriptions (Part 4, 5.14.7) between sessions of clients with the same ApplicationUri. Milo refuses it
 * to every anonymous session without security, and the simulator has no others.
 */
final class SimulatorSubscriptions extends DefaultSubscriptionServiceSet {
    private static final UInteger[] NONE = new UInteger[0];

    private final OpcUaServer server;
    private final Faults faults;

    SimulatorSubscriptions(OpcUaServer server, Faults faults) {
        super(server);
        this.server = server;
        this.faults = faults;
    }

    /** Deletes every subscription without a word, as Part 4, 5.14.8 would: Publish requests are answered if none is left. */
    static void drop(OpcUaServer server) {
        RequestHeader header = new RequestHeader(
                NodeId.NULL_VALUE, DateTime.NULL_VALUE, UInteger.MIN, UInteger.MIN, null, UInteger.MIN, null);
        for (Subscription subscription : server.getSubscriptions().values()) {
            subscription
                    .getSubscriptionManager()
                    .deleteSubscriptions(new DeleteSubscriptionsRequest(header, new UInteger[] {subscription.getId()}))
                    .join();
        }
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
            UInteger[] available = subscription.getAvailableSequenceNumbers();
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
