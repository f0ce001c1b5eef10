package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscriptions of one OPC UA session as the server has them, whoever consumes them. While there are any, Publish
 * requests rest with the server ({@link PublishLoop}); what they bring goes to the consumer of its subscription. Nothing is
 * acknowledged here but what consumers acknowledge.
 *
 * <p>A message of a subscription that nobody has belongs to one whose creator is gone: it is deleted on the server, unless
 * a service call is under way that may bring it in ({@link Arrival}).
 *
 * <p>Everything is confined to the session's event loop.
 */
public final class SessionSubscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(SessionSubscriptions.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final OpcUaSession session;
    private final Ticker ticker;
    private final InstantSource clock;
    private final SubscriptionOwners principals;
    private final SubscriptionRequests requests;
    private final PublishLoop loop;
    private final SessionMailboxes mailboxes;
    private final Map<Long, ManagedSubscription> byId = new LinkedHashMap<>(2);
    private final Map<Long, ManagedSubscription> byServerId = new HashMap<>(2);
    private final Map<Long, Long> adoptedAt = new HashMap<>(2);
    private final EarlyMessages early = new EarlyMessages();
    private int arrivals;

    /** @param principals whose subscriptions are whose, on all sessions */
    SessionSubscriptions(OpcUaSession session, Ticker ticker, InstantSource clock, SubscriptionOwners principals) {
        this.session = session;
        this.ticker = ticker;
        this.clock = clock;
        this.principals = principals;
        this.requests = new SubscriptionRequests(session, ticker);
        this.loop = new PublishLoop(session, ticker, new Demand(byId.values()), new Answers());
        this.mailboxes = new SessionMailboxes(session, ticker, this);
    }

    /** Those that handles read by {@code publish}. */
    public SessionMailboxes mailboxes() {
        return mailboxes;
    }

    /** The services that subscriptions need beside what callers ask for. */
    public SubscriptionRequests requests() {
        return requests;
    }

    /** Runs what it is given where everything here must be called. */
    public Executor executor() {
        return session.executor();
    }

    /** A call that may bring a subscription in; it has to {@link Arrival#begin begin} and to end. */
    public Arrival arrival() {
        return new Arrival(this);
    }

    /** Those of all consumers, oldest first. */
    Collection<ManagedSubscription> all() {
        return byId.values();
    }

    /** The one that callers call so; null if there is none, whosever it may be. */
    @Nullable
    ManagedSubscription find(long id) {
        return byId.get(id);
    }

    /**
     * The server granted this subscription. Messages that came early follow; one that cannot be understood is logged and
     * does not hinder anything.
     *
     * @param owner name of the principal that it belongs to
     * @param asked null if it was created by others
     * @param available sequence numbers of messages that the server has from before
     * @param transferred whether the server had given it to another session before
     */
    public ManagedSubscription adopt(
            long serverId,
            String owner,
            @Nullable SubscriptionParameters asked,
            GrantedParameters granted,
            List<Long> available,
            boolean transferred,
            SubscriptionConsumer consumer) {
        principals
                .claim(serverId, this, session, owner, transferred)
                .forEach(robber -> robber.transferredAway(serverId));
        ManagedSubscription stale = byServerId.get(serverId);
        if (stale != null) {
            remove(stale);
            stale.consumer().ended(stale, "the server gave its id to another one");
        }
        ManagedSubscription subscription =
                new ManagedSubscription(freeId(serverId), owner, serverId, asked, granted, available, consumer);
        byId.put(subscription.id(), subscription);
        byServerId.put(serverId, subscription);
        adoptedAt.put(subscription.id(), ticker.read());
        return subscription;
    }

    /**
     * Takes in a subscription that the process before had on this session, before the session's first activation. Then it is
     * gone on with as after any interruption: on the same session its messages are asked for again, to another one it is
     * transferred, and what cannot be had is created anew, with a gap. Until then it is {@link
     * SubscriptionState#INTERRUPTED} and not {@link ManagedSubscription#isEstablished established}.
     *
     * @param consumer ready to be called
     */
    public ManagedSubscription restore(RememberedSubscription remembered, SubscriptionConsumer consumer) {
        ManagedSubscription subscription = ManagedSubscription.of(remembered, consumer);
        principals
                .claim(subscription.serverId(), this, session, subscription.owner(), true)
                .forEach(robber -> robber.transferredAway(subscription.serverId()));
        subscription.beginEstablishing();
        byId.put(subscription.id(), subscription);
        byServerId.put(subscription.serverId(), subscription);
        adoptedAt.put(subscription.id(), ticker.read());
        return subscription;
    }

    /** To be called once the consumer of what was {@link #adopt adopted} is ready. */
    public void start(ManagedSubscription subscription) {
        early.takeAll(subscription.serverId()).forEach(this::acceptOrLog);
        loop.pump();
    }

    /** What the server calls it, if nobody else is called so here. */
    private long freeId(long serverId) {
        long id = serverId;
        while (byId.containsKey(id)) {
            id = ManagedSubscription.after(id);
        }
        return id;
    }

    /**
     * Whether a subscription is known to be a principal's whose handles the caller may not use, on this session or on
     * another one to the same server.
     *
     * @param id what callers call it, or the server
     */
    public boolean isForeign(long id, Caller caller) {
        ManagedSubscription known = byId.get(id);
        return known == null ? principals.isForeign(id, session, caller) : !caller.mayUse(known.owner());
    }

    /** What the server gave to the session is another principal's: unless that is here, nobody has it any more. */
    public void refuse(long serverId) {
        if (!byServerId.containsKey(serverId)) {
            discard(serverId);
        }
    }

    /** Deletes a subscription that nobody will ever use on the server. */
    public void discard(long serverId) {
        requests.delete(List.of(serverId));
    }

    /** The server has it no longer, by its consumer's doing. */
    public void remove(ManagedSubscription subscription) {
        principals.release(subscription.serverId(), this);
        forget(subscription);
    }

    /** Its consumer wants it no longer: it is deleted on the server. */
    public void drop(List<ManagedSubscription> subscriptions) {
        List<Long> serverIds =
                subscriptions.stream().map(ManagedSubscription::serverId).toList();
        subscriptions.forEach(this::forgetLost);
        requests.delete(serverIds);
    }

    /** The server has it no longer, or another client has it. */
    void lose(ManagedSubscription subscription, String why) {
        remove(subscription);
        subscription.consumer().ended(subscription, why);
    }

    /** The server says that it does not know a subscription. */
    public void unknownToServer(ManagedSubscription subscription) {
        if (byId.get(subscription.id()) == subscription) {
            lose(subscription, "the server does not know it any more");
        }
    }

    /** Another session has what the server calls so. */
    void transferredAway(long serverId) {
        onLoop(() -> {
            ManagedSubscription subscription = byServerId.get(serverId);
            if (subscription != null) {
                lose(subscription, "another session took it over");
            }
        });
    }

    void arrivals(int change) {
        arrivals += change;
        if (arrivals == 0) {
            early.takeAll().forEach(this::acceptOrLog);
        }
    }

    void restored(boolean anew) {
        loop.reset();
        if (anew) {
            early.clear();
            loseAll("the session was lost, and the server granted a new one", ticker.read() + 1);
        }
        loop.pump();
    }

    void closed() {
        List<ManagedSubscription> ending = List.copyOf(byId.values());
        ending.forEach(this::forgetLost);
        ending.forEach(subscription -> subscription.consumer().closed(subscription));
        mailboxes.closed();
        early.clear();
    }

    private void forget(ManagedSubscription subscription) {
        byId.remove(subscription.id(), subscription);
        byServerId.remove(subscription.serverId(), subscription);
        adoptedAt.remove(subscription.id());
    }

    /** The server may have it still: for nobody but the principal that had it. */
    private void forgetLost(ManagedSubscription subscription) {
        principals.lose(subscription.serverId(), this, subscription.granted().lifetime());
        forget(subscription);
    }

    /** @param before only those adopted before this time */
    private void loseAll(String why, long before) {
        List<ManagedSubscription> lost = byId.values().stream()
                .filter(subscription -> adoptedAt.getOrDefault(subscription.id(), before) - before < 0)
                .toList();
        lost.forEach(this::forgetLost);
        lost.forEach(subscription -> subscription.consumer().ended(subscription, why));
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
        ManagedSubscription subscription = byServerId.get(serverId);
        if (subscription != null) {
            accept(subscription, response);
        } else if (arrivals > 0) {
            if (!early.add(response)) {
                LOG.debug(
                        "Too many messages of {} came early, one of subscription {} is dropped",
                        session.server(),
                        serverId);
            }
        } else if (!StatusChanges.isNothingElse(response.getNotificationMessage())) {
            LOG.info("Nobody owns subscription {} on {}, deleting it", serverId, session.server());
            discard(serverId);
        }
    }

    private void accept(ManagedSubscription subscription, PublishResponse response) {
        NotificationMessage message = response.getNotificationMessage();
        UInteger number = message == null ? null : message.getSequenceNumber();
        if (message == null || number == null) {
            throw OpcUaErrors.service("The server sent no NotificationMessage", StatusCodes.Bad_UnknownResponse);
        }
        ExtensionObject[] sent = message.getNotificationData();
        List<ExtensionObject> data = sent == null
                ? List.of()
                : Arrays.stream(sent).filter(Objects::nonNull).toList();
        long sequenceNumber = number.longValue();
        subscription.told(
                sequenceNumber, data.isEmpty(), numbers(response.getAvailableSequenceNumbers()), clock.instant());
        if (data.isEmpty()) {
            subscription.consumer().keepAlive(subscription);
            return;
        }
        List<ExtensionObject> notifications =
                data.stream().filter(object -> !StatusChanges.isOne(object)).toList();
        if (!notifications.isEmpty()) {
            boolean more = Boolean.TRUE.equals(response.getMoreNotifications());
            subscription
                    .consumer()
                    .message(
                            subscription,
                            new Message(
                                    subscription.epoch(),
                                    sequenceNumber,
                                    TypeMapper.toWire(message.getPublishTime()),
                                    more,
                                    notifications));
        }
        for (ExtensionObject object : data) {
            String end = StatusChanges.endTold(object, session.encodingContext());
            if (end != null) {
                lose(subscription, end);
            }
        }
    }

    private void onLoop(Runnable action) {
        try {
            executor().execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("The daemon ends");
        }
    }

    /** Sequence numbers in an answer, as many as are kept of one subscription: the last of them; null = none. */
    public static List<Long> numbers(UInteger @Nullable [] numbers) {
        return numbers == null
                ? List.of()
                : Arrays.stream(numbers)
                        .skip(Math.max(0, numbers.length - ManagedSubscription.MAX_AVAILABLE))
                        .filter(Objects::nonNull)
                        .map(UInteger::longValue)
                        .toList();
    }

    /** What comes of the Publish requests. */
    private final class Answers implements PublishLoop.Listener {
        @Override
        public void answered(PublishResponse response) {
            if (acceptOrLog(response)) {
                loop.pump();
            } else {
                pumpLater();
            }
        }

        @Override
        public void failed(Throwable cause, long sentAt) {
            Long code = cause instanceof CommandException error ? error.statusCode() : null;
            long status = code == null ? 0 : code;
            if (status == StatusCodes.Bad_NoSubscription) {
                loseAll("the server has no subscription of this session any more", sentAt);
                loop.pump();
            } else if (status == StatusCodes.Bad_TooManyPublishRequests) {
                loop.limitToResting();
                pumpLater();
            } else if (session.state() instanceof SessionState.Active && !isConnectionError(cause)) {
                if (status != StatusCodes.Bad_Timeout && status != StatusCodes.Bad_SequenceNumberUnknown) {
                    mailboxes.failReaders(
                            cause instanceof CommandException known
                                    ? known
                                    : OpcUaErrors.service("The Publish request failed", StatusCodes.Bad_InternalError));
                }
                pumpLater();
            }
        }

        /** Not at once: a server that answers so ever again shall not keep two processes busy. */
        private void pumpLater() {
            Runnable unused = session.schedule(loop::pump, PAUSE);
        }

        /** Consumers wait for the session to be restored. */
        private boolean isConnectionError(Throwable cause) {
            return cause instanceof CommandException error && error.type() == ErrorType.CONNECTION;
        }
    }
}
