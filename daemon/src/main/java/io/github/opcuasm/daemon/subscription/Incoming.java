package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DateTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server says of subscriptions: answers of Publish and of Republish, to the subscription that they are about. One
 * that cannot be understood is logged and does not hinder others. Confined to the session's event loop.
 */
final class Incoming implements PublishLoop.Listener, Republishing.Owner {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);

    private final OpcUaSession session;
    private final InstantSource clock;
    private final SessionSubscriptions subscriptions;
    private final EarlyMessages early = new EarlyMessages();

    Incoming(OpcUaSession session, InstantSource clock, SessionSubscriptions subscriptions) {
        this.session = session;
        this.clock = clock;
        this.subscriptions = subscriptions;
    }

    @Override
    public void answered(PublishResponse response) {
        if (acceptOrLog(response)) {
            subscriptions.pump();
        } else {
            pumpLater();
        }
    }

    @Override
    public void failed(Throwable cause, long sentAt) {
        CommandException error = cause instanceof CommandException known ? known : null;
        Long code = error == null ? null : error.statusCode();
        long status = code == null ? 0 : code;
        if (status == StatusCodes.Bad_NoSubscription) {
            subscriptions.recovery().noneLeft(sentAt);
            subscriptions.pump();
        } else if (status == StatusCodes.Bad_TooManyPublishRequests) {
            subscriptions.loop().limitToResting();
            pumpLater();
        } else if (session.state() instanceof SessionState.Active && !isConnectionError(error)) {
            if (status != StatusCodes.Bad_Timeout
                    && status != StatusCodes.Bad_SequenceNumberUnknown
                    && (error == null || error.type() != ErrorType.OVERLOADED)) {
                subscriptions
                        .mailboxes()
                        .failReaders(
                                error != null
                                        ? error
                                        : OpcUaErrors.service(
                                                "The Publish request failed", StatusCodes.Bad_InternalError));
            }
            pumpLater();
        } else if (session.state() instanceof SessionState.Active) {
            pumpLater();
        }
    }

    /** Not at once: a server that answers so ever again shall not keep two processes busy. */
    private void pumpLater() {
        Runnable unused = session.schedule(subscriptions::pump, PAUSE);
    }

    /** Consumers wait for the session to be restored. */
    private static boolean isConnectionError(@Nullable CommandException error) {
        return error != null && error.type() == ErrorType.CONNECTION;
    }

    /** What came early of a subscription that is known by now. */
    void takeEarly(long serverId) {
        early.takeAll(serverId).forEach(this::acceptOrLog);
    }

    /** What came early, now that nothing is to be expected that it could belong to. */
    void takeEarly() {
        early.takeAll().forEach(this::acceptOrLog);
    }

    void forgetEarly() {
        early.clear();
    }

    /** False if the message could not be understood. */
    boolean acceptOrLog(PublishResponse response) {
        try {
            accept(response);
            return true;
        } catch (RuntimeException e) {
            LOG.warn("A message of {} could not be understood: {}", session.server(), e.toString());
            return false;
        }
    }

    private void accept(PublishResponse response) {
        long serverId = EarlyMessages.subscriptionOf(response);
        ManagedSubscription subscription = subscriptions.byServerId(serverId);
        if (subscription != null) {
            boolean more = Boolean.TRUE.equals(response.getMoreNotifications());
            DateTime sent = response.getResponseHeader() == null
                    ? DateTime.NULL
                    : TypeMapper.toWire(response.getResponseHeader().getTimestamp());
            accept(
                    subscription,
                    response.getNotificationMessage(),
                    SessionSubscriptions.numbers(response.getAvailableSequenceNumbers()),
                    sent,
                    more);
        } else if (subscriptions.isExpecting()) {
            if (!early.add(response)) {
                LOG.debug(
                        "Too many messages of {} came early, one of subscription {} is dropped",
                        session.server(),
                        serverId);
            }
        } else if (!subscriptions.recovery().isComing(serverId)
                && !StatusChanges.isNothingElse(response.getNotificationMessage())) {
            LOG.info("Nobody owns subscription {} on {}, deleting it", serverId, session.server());
            subscriptions.discard(serverId);
        }
    }

    private void accept(
            ManagedSubscription subscription,
            @Nullable NotificationMessage message,
            List<Long> available,
            DateTime sent,
            boolean more) {
        long number = number(message);
        List<ExtensionObject> data = data(message);
        subscription.told(number, data.isEmpty(), available, clock.instant());
        subscriptions.seen(subscription);
        if (data.isEmpty()) {
            DateTime time = time(message);
            subscription.order().keepAlive(number, time.isNull() ? sent : time);
            if (!subscription.order().hasHole()) {
                subscription.consumer().keepAlive(subscription);
            }
        } else {
            take(subscription, message, data, more, !more, false);
        }
        subscriptions.republishing().fillHoles(subscription);
    }

    @Override
    public boolean has(ManagedSubscription subscription) {
        return subscriptions.find(subscription.id()) == subscription;
    }

    @Override
    public void republished(ManagedSubscription subscription, NotificationMessage message) {
        List<ExtensionObject> data = data(message);
        subscription.seen(data.isEmpty(), clock.instant());
        take(subscription, message, data, false, false, true);
    }

    @Override
    public void unknownToServer(ManagedSubscription subscription) {
        subscriptions.unknownToServer(subscription);
    }

    /** @param asked whether it was asked for again: then it tells of what was, and the server still lets us have it */
    private void take(
            ManagedSubscription subscription,
            @Nullable NotificationMessage message,
            List<ExtensionObject> data,
            boolean more,
            boolean complete,
            boolean asked) {
        List<ExtensionObject> notifications =
                data.stream().filter(object -> !StatusChanges.isOne(object)).toList();
        long repeated = subscription.order().repeated();
        subscription
                .order()
                .message(
                        new Message(subscription.epoch(), number(message), time(message), more, notifications),
                        complete);
        if (repeated == 0 && subscription.order().repeated() > 0) {
            LOG.info(
                    "{} sent message {} of subscription {} again, it is dropped; others like it are without a word",
                    session.server(),
                    number(message),
                    subscription.id());
        }
        for (ExtensionObject object : data) {
            StatusChanges.End end = StatusChanges.endTold(object, session.encodingContext());
            if (end != null && has(subscription)) {
                if (end.taken() && asked) {
                    // It was for the session that had it before this one.
                    LOG.debug("Subscription {} was another session's", subscription.id());
                } else if (end.taken()) {
                    subscriptions.lose(subscription, end.why());
                } else {
                    subscriptions.recovery().createAnew(subscription, end.why(), null);
                }
            }
        }
    }

    private static long number(@Nullable NotificationMessage message) {
        UInteger number = message == null ? null : message.getSequenceNumber();
        if (number == null) {
            throw OpcUaErrors.service("The server sent no NotificationMessage", StatusCodes.Bad_UnknownResponse);
        }
        return number.longValue();
    }

    private static DateTime time(@Nullable NotificationMessage message) {
        return message == null ? DateTime.NULL : TypeMapper.toWire(message.getPublishTime());
    }

    private static List<ExtensionObject> data(@Nullable NotificationMessage message) {
        ExtensionObject[] sent = message == null ? null : message.getNotificationData();
        return sent == null
                ? List.of()
                : Arrays.stream(sent).filter(Objects::nonNull).toList();
    }
}
