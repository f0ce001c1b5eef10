package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.sdk.server.servicesets.AbstractServiceSet.createResponseHeader;

import io.netty.channel.Channel;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.subscriptions.Subscription;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SubscriptionAcknowledgement;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * The way of NotificationMessages from Milo to a client, on which they get their numbers on the wire, are repeated, get
 * lost or are withheld.
 *
 * <p>A message that is not sent gives its Publish request back: the request is handed to Milo again, without the
 * acknowledgements that it brought, and waits there as it did before. Milo completes requests under the lock of the
 * subscription, so that the number, the fate and the retransmission queue of one message are settled before the next.
 */
final class PublishedMessages {
    private final OpcUaServer server;
    private final SubscriptionFaults faults;
    private final Limits limits;
    private final SilentSubscriptions silent;
    private final MessageNumbers standard = new MessageNumbers();
    private final Map<UInteger, MessageNumbers> numbers = new ConcurrentHashMap<>();
    private final Map<NodeId, Queue<PublishResponse>> repeats = new ConcurrentHashMap<>();
    private final Set<Channel> seen = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
    private final Set<Channel> deaf = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    PublishedMessages(OpcUaServer server, SubscriptionFaults faults, Limits limits, SilentSubscriptions silent) {
        this.server = server;
        this.faults = faults;
        this.limits = limits;
        this.silent = silent;
    }

    /** Loses all Publish requests to come over the channels over which one has come. */
    void deafenConnections() {
        synchronized (seen) {
            deaf.addAll(seen);
        }
    }

    /** How this subscription numbers its messages. */
    MessageNumbers numbersOf(UInteger subscriptionId) {
        return numbers.getOrDefault(subscriptionId, standard);
    }

    void numberFrom(Subscription subscription, long next) {
        synchronized (subscription) {
            for (UInteger number : subscription.getAvailableSequenceNumbers()) {
                subscription.acknowledge(number);
            }
            numbers.computeIfAbsent(subscription.getId(), id -> new MessageNumbers())
                    .restart(subscription.getNextSequenceNumber().longValue(), next);
        }
    }

    /** The same message under the number that it has on the wire. */
    static NotificationMessage onWire(MessageNumbers numbers, NotificationMessage message) {
        return new NotificationMessage(
                numbers.onWire(message.getSequenceNumber()), message.getPublishTime(), message.getNotificationData());
    }

    CompletableFuture<PublishResponse> publish(
            Session session,
            ServiceRequestContext context,
            PublishRequest request,
            BiFunction<ServiceRequestContext, PublishRequest, CompletableFuture<PublishResponse>> milo) {
        seen.add(context.getChannel());
        if (deaf.contains(context.getChannel())) {
            return new CompletableFuture<>();
        }
        Queue<PublishResponse> due = repeats.get(session.getSessionId());
        PublishResponse repeated = due == null ? null : due.poll();
        if (repeated != null) {
            return CompletableFuture.completedFuture(again(session, request, repeated));
        }
        return milo.apply(context, withAcknowledgements(request, ofWire(request.getSubscriptionAcknowledgements())))
                .thenCompose(answer -> sent(session, context, request, answer, milo));
    }

    private CompletableFuture<PublishResponse> sent(
            Session session,
            ServiceRequestContext context,
            PublishRequest request,
            PublishResponse answer,
            BiFunction<ServiceRequestContext, PublishRequest, CompletableFuture<PublishResponse>> milo) {
        UInteger id = answer.getSubscriptionId();
        NotificationMessage message = answer.getNotificationMessage();
        ExtensionObject[] notifications = message.getNotificationData();
        boolean tells = notifications != null && notifications.length > 0;
        Subscription subscription = server.getSubscriptions().get(id);
        if (subscription != null) {
            trim(subscription);
        }
        boolean lostForGood = tells && faults.takeFinalLoss();
        if (lostForGood && subscription != null) {
            subscription.acknowledge(message.getSequenceNumber());
        }
        if (lostForGood || silent.contains(id) || (tells && faults.takeLoss())) {
            return milo.apply(context, withAcknowledgements(request, null))
                    .thenCompose(next -> sent(session, context, request, with(next, answer.getResults()), milo));
        }
        PublishResponse onWire = onWire(answer, subscription);
        if (tells && faults.takeRepeat()) {
            repeats.computeIfAbsent(session.getSessionId(), any -> new ConcurrentLinkedQueue<>())
                    .add(onWire);
        }
        return CompletableFuture.completedFuture(onWire);
    }

    /** Forgets the oldest messages above the limit, as if they were acknowledged. */
    private void trim(Subscription subscription) {
        UInteger[] available = subscription.getAvailableSequenceNumbers();
        for (int i = 0; i < available.length - limits.retransmissionQueue(); i++) {
            subscription.acknowledge(available[i]);
        }
    }

    private PublishResponse onWire(PublishResponse answer, @Nullable Subscription subscription) {
        MessageNumbers own = numbersOf(answer.getSubscriptionId());
        UInteger[] available =
                subscription == null ? new UInteger[0] : own.onWire(subscription.getAvailableSequenceNumbers());
        return new PublishResponse(
                answer.getResponseHeader(),
                answer.getSubscriptionId(),
                available,
                answer.getMoreNotifications(),
                onWire(own, answer.getNotificationMessage()),
                answer.getResults(),
                answer.getDiagnosticInfos());
    }

    private PublishResponse again(Session session, PublishRequest request, PublishResponse repeated) {
        SubscriptionAcknowledgement[] acknowledgements = ofWire(request.getSubscriptionAcknowledgements());
        StatusCode[] results = acknowledgements == null
                ? new StatusCode[0]
                : Arrays.stream(acknowledgements)
                        .map(acknowledgement -> acknowledged(session, acknowledgement))
                        .toArray(StatusCode[]::new);
        return new PublishResponse(
                createResponseHeader(request),
                repeated.getSubscriptionId(),
                repeated.getAvailableSequenceNumbers(),
                repeated.getMoreNotifications(),
                repeated.getNotificationMessage(),
                results,
                repeated.getDiagnosticInfos());
    }

    private static StatusCode acknowledged(Session session, SubscriptionAcknowledgement acknowledgement) {
        Subscription subscription =
                session.getSubscriptionManager().getSubscription(acknowledgement.getSubscriptionId());
        return subscription == null
                ? new StatusCode(StatusCodes.Bad_SubscriptionIdInvalid)
                : subscription.acknowledge(acknowledgement.getSequenceNumber());
    }

    private SubscriptionAcknowledgement @Nullable [] ofWire(SubscriptionAcknowledgement @Nullable [] acknowledgements) {
        return acknowledgements == null
                ? null
                : Arrays.stream(acknowledgements)
                        .map(one -> new SubscriptionAcknowledgement(
                                one.getSubscriptionId(),
                                numbersOf(one.getSubscriptionId()).ofWire(one.getSequenceNumber())))
                        .toArray(SubscriptionAcknowledgement[]::new);
    }

    private static PublishRequest withAcknowledgements(
            PublishRequest request, SubscriptionAcknowledgement @Nullable [] acknowledgements) {
        return new PublishRequest(request.getRequestHeader(), acknowledgements);
    }

    private static PublishResponse with(PublishResponse answer, StatusCode @Nullable [] results) {
        return new PublishResponse(
                answer.getResponseHeader(),
                answer.getSubscriptionId(),
                answer.getAvailableSequenceNumbers(),
                answer.getMoreNotifications(),
                answer.getNotificationMessage(),
                results,
                answer.getDiagnosticInfos());
    }
}
