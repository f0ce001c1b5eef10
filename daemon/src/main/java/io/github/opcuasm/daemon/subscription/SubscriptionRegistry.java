package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionListener;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The subscriptions of all sessions of one daemon. Thread-safe. */
public final class SubscriptionRegistry {
    private final Ticker ticker;
    private final InstantSource clock;
    private final Random random;
    private final SubscriptionOwners owners;
    private final Map<OpcUaSession, SessionSubscriptions> sessions = new ConcurrentHashMap<>();

    public SubscriptionRegistry(Ticker ticker, InstantSource clock) {
        this(ticker, clock, new Random());
    }

    /**
     * Without any session.
     *
     * @param random for pauses; used from several threads
     */
    public SubscriptionRegistry(Ticker ticker, InstantSource clock, Random random) {
        this.ticker = ticker;
        this.clock = clock;
        this.random = random;
        this.owners = new SubscriptionOwners(ticker);
    }

    /** The subscriptions of a session, which are forgotten with its end. */
    public SessionSubscriptions of(OpcUaSession session) {
        SessionSubscriptions known = sessions.get(session);
        if (known != null) {
            return known;
        }
        SessionSubscriptions added = new SessionSubscriptions(session, ticker, clock, random, owners);
        SessionSubscriptions before = sessions.putIfAbsent(session, added);
        if (before != null) {
            return before;
        }
        session.listen(new SessionListener() {
            @Override
            public void lost(String reason) {
                added.lost(reason);
            }

            @Override
            public void restored(boolean anew) {
                added.restored(anew);
            }

            @Override
            public void closed() {
                sessions.remove(session, added);
                added.closed();
            }
        });
        return added;
    }

    /**
     * What callers, or the server, call so on other sessions of ours to the same server, as it is there now; nothing for an
     * id that none of them has.
     */
    public CompletableFuture<Map<Long, ManagedSubscription>> elsewhere(Collection<Long> ids, OpcUaSession askedBy) {
        Map<Long, ManagedSubscription> found = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        sessions.forEach((session, subscriptions) -> {
            if (session != askedBy && session.server().equals(askedBy.server())) {
                asked.add(CompletableFuture.runAsync(
                                () -> ids.forEach(id -> {
                                    ManagedSubscription known = subscriptions.find(id);
                                    if (known != null) {
                                        found.putIfAbsent(id, known.copy());
                                    }
                                }),
                                session.executor())
                        .exceptionally(failure -> null));
            }
        });
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenApply(done -> found);
    }

    /**
     * A server let a session take over a subscription. It tells the session that had it only when that has a Publish
     * request there; if it is one of ours, it learns of it here.
     */
    public void transferred(long serverId, OpcUaSession to) {
        sessions.forEach((session, subscriptions) -> {
            if (session != to && session.server().equals(to.server())) {
                subscriptions.transferredAway(serverId);
            }
        });
    }
}
