package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionListener;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.state.StateRecord;
import io.github.opcuasm.daemon.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The subscriptions of all sessions of one daemon. Thread-safe. */
public final class SubscriptionRegistry {
    private final Ticker ticker;
    private final InstantSource clock;
    private final Random random;
    private final SubscriptionOwners owners;
    private final SharedMailboxes mailboxes;
    private final Map<OpcUaSession, SessionSubscriptions> sessions = new ConcurrentHashMap<>();

    /** One whose mailboxes have the default bounds, and which remembers nothing. */
    public SubscriptionRegistry(Ticker ticker, InstantSource clock) {
        this(
                ticker,
                clock,
                new Random(),
                MailboxBounds.ofHeap(MailboxBounds.DEFAULT_MESSAGES, MailboxBounds.DEFAULT_BYTES),
                null);
    }

    /**
     * The registry of one daemon.
     *
     * @param random for pauses; used from several threads
     * @param store of what the next daemon goes on with; null = nothing
     */
    public SubscriptionRegistry(
            Ticker ticker, InstantSource clock, Random random, MailboxBounds bounds, @Nullable StateStore store) {
        this.ticker = ticker;
        this.clock = clock;
        this.random = random;
        this.owners = new SubscriptionOwners(ticker);
        this.mailboxes = new SharedMailboxes(bounds, new SubscriptionMemory(store), clock);
    }

    /**
     * Takes in the subscriptions that the last daemon left, with what waited in their mailboxes; after their handles were
     * restored, and before their sessions are resumed. Those of handles that do not go on are removed. Does I/O.
     *
     * @param records of the store, all whose names begin with {@link StateRecord#SUBSCRIPTION}
     * @param handles those that go on, by id
     */
    public void restore(List<StateRecord> records, Function<String, @Nullable SessionHandle> handles) {
        for (SubscriptionMemory.Left left : mailboxes.memory().left(records, handles)) {
            OpcUaSession session = left.handle().session();
            SessionMailboxes its = of(session).mailboxes();
            session.executor().execute(() -> its.restore(left));
        }
    }

    /** How the subscriptions of these handles stand, by handle; none of those whose sessions have just ended. */
    public CompletableFuture<Map<String, List<SubscriptionStanding>>> standings(Collection<SessionHandle> handles) {
        Set<OpcUaSession> theirs = handles.stream().map(SessionHandle::session).collect(Collectors.toSet());
        Set<String> ids = handles.stream().map(SessionHandle::id).collect(Collectors.toSet());
        List<CompletableFuture<List<SubscriptionStanding>>> asked = new ArrayList<>();
        sessions.forEach((session, subscriptions) -> {
            if (theirs.contains(session)) {
                asked.add(askedOn(session, subscriptions));
            }
        });
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(done -> asked.stream()
                        .flatMap(each -> each.join().stream())
                        .filter(standing -> ids.contains(standing.handleId()))
                        .collect(Collectors.groupingBy(SubscriptionStanding::handleId)));
    }

    private static CompletableFuture<List<SubscriptionStanding>> askedOn(
            OpcUaSession session, SessionSubscriptions subscriptions) {
        try {
            return CompletableFuture.supplyAsync(subscriptions::standings, session.executor())
                    .exceptionally(failure -> List.of());
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(List.of());
        }
    }

    /** The subscriptions of a session, which are forgotten with its end. */
    public SessionSubscriptions of(OpcUaSession session) {
        SessionSubscriptions known = sessions.get(session);
        if (known != null) {
            return known;
        }
        SessionSubscriptions added = new SessionSubscriptions(session, ticker, clock, random, owners, mailboxes);
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
                                    ManagedSubscription named = subscriptions.find(id);
                                    ManagedSubscription known = named == null && subscriptions.isInternal(id)
                                            ? subscriptions.byServerId(id)
                                            : named;
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
