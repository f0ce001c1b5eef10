package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.session.Caller;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one OPC UA session as the server has them, whoever consumes them. While there are any, Publish
 * requests rest with the server ({@link PublishLoop}); what they bring ({@link Incoming}) goes to the consumer of its
 * subscription. Nothing is acknowledged here but what consumers acknowledge.
 *
 * <p>Subscriptions outlast interruptions, sessions and what servers forget ({@link SubscriptionRecovery}), and what falls
 * silent is noticed ({@link SilenceWatch}).
 *
 * <p>A message of a subscription that nobody has belongs to one whose creator is gone: it is deleted on the server, unless
 * a service call is under way that may bring it in ({@link Arrival}).
 *
 * <p>Everything is confined to the session's event loop.
 */
public final class SessionSubscriptions {
    private final OpcUaSession session;
    private final Ticker ticker;
    private final SubscriptionOwners principals;
    private final SubscriptionRequests requests;
    private final PublishLoop loop;
    private final Incoming incoming;
    private final Republishing republishing;
    private final SubscriptionRecovery recovery;
    private final SilenceWatch silences;
    private final SessionMailboxes mailboxes;
    private final SubscriptionSetUp setUp;
    private final Map<Long, ManagedSubscription> byId = new LinkedHashMap<>(2);
    private final Map<Long, ManagedSubscription> byServerId = new HashMap<>(2);
    private int arrivals;

    /**
     * None yet.
     *
     * @param principals whose subscriptions are whose, on all sessions
     * @param random for pauses
     */
    SessionSubscriptions(
            OpcUaSession session,
            Ticker ticker,
            InstantSource clock,
            RandomGenerator random,
            SubscriptionOwners principals,
            SharedMailboxes mailboxServices) {
        this.session = session;
        this.ticker = ticker;
        this.principals = principals;
        this.requests = new SubscriptionRequests(session, ticker);
        this.incoming = new Incoming(session, clock, this);
        this.republishing = new Republishing(session, requests, incoming);
        this.recovery = new SubscriptionRecovery(
                session, ticker, random, requests, principals, republishing, new Subscriptions());
        this.loop = new PublishLoop(session, ticker, new Demand(byId.values(), recovery::holdsBack), incoming);
        this.silences = new SilenceWatch(session, ticker, requests, new Healing());
        this.mailboxes = new SessionMailboxes(session, ticker, this, mailboxServices);
        this.setUp = new SubscriptionSetUp(session, ticker, requests, recovery);
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

    SubscriptionRecovery recovery() {
        return recovery;
    }

    Republishing republishing() {
        return republishing;
    }

    PublishLoop loop() {
        return loop;
    }

    /** Sends the Publish requests that are wanted. */
    void pump() {
        loop.pump();
    }

    /** A call that may bring a subscription in; it has to {@link Arrival#begin begin} and to end. */
    public Arrival arrival() {
        return new Arrival(this);
    }

    void arrivals(int change) {
        arrivals += change;
        if (arrivals == 0) {
            incoming.takeEarly();
        }
    }

    /** Whether a subscription may come in that is not known yet. */
    boolean isExpecting() {
        return arrivals > 0;
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

    /** The one that the server calls so, if its messages are looked at. */
    @Nullable
    ManagedSubscription byServerId(long serverId) {
        return byServerId.get(serverId);
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
        claim(serverId, owner, transferred);
        ManagedSubscription stale = byServerId.remove(serverId);
        if (stale != null) {
            recovery.createAnew(stale, "the server gave its id to another one", null);
        }
        ManagedSubscription subscription = new ManagedSubscription(
                freeId(serverId), owner, serverId, asked, granted, available, transferred ? null : 1L, 0, consumer);
        subscription.isPresent(ticker.read(), recovery.serverStart());
        subscription.toldAllUntil(requests.takeCreationTime(serverId));
        byId.put(subscription.id(), subscription);
        byServerId.put(serverId, subscription);
        return subscription;
    }

    private void claim(long serverId, String owner, boolean transferred) {
        principals
                .claim(serverId, this, session, owner, transferred)
                .forEach(robber -> robber.transferredAway(serverId));
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
        claim(subscription.serverId(), subscription.owner(), true);
        subscription.beginEstablishing();
        byId.put(subscription.id(), subscription);
        byServerId.put(subscription.serverId(), subscription);
        subscription.state(SubscriptionState.INTERRUPTED, "the daemon has just been started");
        return subscription;
    }

    /** How those stand whose consumers can be listed. */
    List<SubscriptionStanding> standings() {
        List<SubscriptionStanding> standings = new ArrayList<>();
        for (ManagedSubscription subscription : byId.values()) {
            if (subscription.consumer() instanceof ListedConsumer listed) {
                for (String handleId : listed.handleIds()) {
                    standings.add(new SubscriptionStanding(
                            handleId,
                            subscription.id(),
                            listed.kind(),
                            subscription.state(),
                            subscription.epoch(),
                            subscription.itemCount(),
                            subscription.lastMessageAt(),
                            subscription.lastSeenAt(),
                            listed.holding(subscription)));
                }
            }
        }
        return standings;
    }

    /** To be called once the consumer of what was {@link #adopt adopted} is ready. */
    public void start(ManagedSubscription subscription) {
        incoming.takeEarly(subscription.serverId());
        if (byId.get(subscription.id()) == subscription) {
            silences.watch(subscription);
        }
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

    /** For what is asked of subscriptions that may have to be set up first. */
    public SubscriptionSetUp setUp() {
        return setUp;
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

    /** Whether what callers, or the server, call so is nothing that callers have: {@code publish} never gives it. */
    public boolean isInternal(long id) {
        ManagedSubscription known = byId.containsKey(id) ? byId.get(id) : byServerId.get(id);
        return known != null && !known.isOfMailbox();
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
        forget(subscription, "it was deleted");
    }

    /** Its consumer wants it no longer: it is deleted on the server. */
    public void drop(List<ManagedSubscription> subscriptions) {
        List<Long> serverIds = subscriptions.stream()
                .filter(subscription -> byServerId.get(subscription.serverId()) == subscription)
                .map(ManagedSubscription::serverId)
                .toList();
        subscriptions.forEach(subscription -> forgetLost(subscription, "it was deleted"));
        requests.delete(serverIds);
    }

    /** The server has it no longer, or another client has it. */
    void lose(ManagedSubscription subscription, String why) {
        principals.release(subscription.serverId(), this);
        forget(subscription, why);
        subscription.consumer().ended(subscription, why);
    }

    /** The server says that it does not know a subscription: it is created anew, or it ends if others had created it. */
    public void unknownToServer(ManagedSubscription subscription) {
        if (byId.get(subscription.id()) == subscription && subscription.isEstablished()) {
            recovery.createAnew(subscription, "the server does not know it any more", null);
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

    /** Something came of it. */
    void seen(ManagedSubscription subscription) {
        silences.seen(subscription);
        recovery.seen(subscription);
    }

    void lost(String reason) {
        recovery.lost(reason);
    }

    void restored(boolean anew) {
        loop.reset();
        if (anew) {
            incoming.forgetEarly();
        }
        requests.restored(anew);
        recovery.restored(anew);
        loop.pump();
    }

    void closed() {
        List<ManagedSubscription> ending = List.copyOf(byId.values());
        ending.forEach(subscription -> forgetLost(subscription, "the session was closed"));
        ending.forEach(subscription -> subscription.consumer().closed(subscription));
        silences.stop();
        mailboxes.closed();
        incoming.forgetEarly();
    }

    private void forget(ManagedSubscription subscription, String why) {
        byId.remove(subscription.id(), subscription);
        byServerId.remove(subscription.serverId(), subscription);
        recovery.forget(subscription);
        silences.forget(subscription);
        subscription.over(why);
    }

    /** The server may have it still: for nobody but the principal that had it. */
    private void forgetLost(ManagedSubscription subscription, String why) {
        principals.lose(subscription.serverId(), this, subscription.granted().lifetime());
        forget(subscription, why);
    }

    /** False if the message could not be understood. */
    boolean acceptOrLog(PublishResponse response) {
        return incoming.acceptOrLog(response);
    }

    private void onLoop(Runnable action) {
        new DroppingExecutor(executor()).execute(action);
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

    /** What recovery does with the ids. */
    private final class Subscriptions implements SubscriptionRecovery.Owner {
        @Override
        public SessionSubscriptions subscriptions() {
            return SessionSubscriptions.this;
        }

        @Override
        public Collection<ManagedSubscription> all() {
            return byId.values();
        }

        @Override
        public boolean has(ManagedSubscription subscription) {
            return byId.get(subscription.id()) == subscription;
        }

        @Override
        public boolean map(ManagedSubscription subscription) {
            ManagedSubscription present = byServerId.putIfAbsent(subscription.serverId(), subscription);
            if (present != null && present != subscription) {
                return false;
            }
            claim(subscription.serverId(), subscription.owner(), false);
            return true;
        }

        @Override
        public void unmap(ManagedSubscription subscription) {
            if (byServerId.remove(subscription.serverId(), subscription)) {
                principals.lose(
                        subscription.serverId(),
                        SessionSubscriptions.this,
                        subscription.granted().lifetime());
            }
        }

        @Override
        public void lose(ManagedSubscription subscription, String why) {
            SessionSubscriptions.this.lose(subscription, why);
        }

        @Override
        public void established(ManagedSubscription subscription) {
            start(subscription);
        }
    }

    /** What can be done about a silence. */
    private final class Healing implements SilenceWatch.Healer {
        @Override
        public boolean isPublishing() {
            return !loop.isEmpty();
        }

        @Override
        public void renewPublishing() {
            loop.renew();
        }

        @Override
        public void republish(ManagedSubscription subscription) {
            republishing.catchUp(subscription);
        }

        @Override
        public void createAnew(ManagedSubscription subscription, String why) {
            recovery.createAnew(subscription, why, subscription.serverId());
        }
    }
}
