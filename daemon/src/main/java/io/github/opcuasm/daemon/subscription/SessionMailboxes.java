package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscriptions of one OPC UA session that handles read by {@code publish}, and which handle has which: a handle never
 * sees another's subscriptions or messages, and takes them over only for a caller that may use the other handle too
 * ({@link SubscriptionOwners}).
 *
 * <p>A message goes to the reader that waits longest for such a one, else it waits in the subscription's mailbox. A
 * subscription that nobody asks for its messages for its lifetime is deleted.
 *
 * <p>Everything is confined to the session's event loop, but for {@link #publish} and {@link #withdraw}.
 */
public final class SessionMailboxes {
    private static final Logger LOG = LoggerFactory.getLogger(SessionMailboxes.class);
    private static final int MAX_READERS = 1_024;
    private static final Duration SHORTEST_WATCH = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT_FOR_DISK = Duration.ofSeconds(1);

    private final OpcUaSession session;
    private final Ticker ticker;
    private final SessionSubscriptions subscriptions;
    private final SharedMailboxes shared;
    private final MailboxServices services = new Services();
    private final Map<SessionHandle, HandleSubscriptions> handles = new LinkedHashMap<>(2);
    private final Set<Long> keptReaders = new HashSet<>(2);
    private final Map<ManagedSubscription, String> toRemember = new LinkedHashMap<>(2);
    private final Map<ManagedSubscription, RememberedSubscription> remembered = new HashMap<>(2);
    private boolean rememberingSoon;
    private boolean watching;

    SessionMailboxes(OpcUaSession session, Ticker ticker, SessionSubscriptions subscriptions, SharedMailboxes shared) {
        this.session = session;
        this.ticker = ticker;
        this.subscriptions = subscriptions;
        this.shared = shared;
    }

    /**
     * The handle's subscription of this id.
     *
     * @throws CommandException {@code ServiceException} with Bad_SubscriptionIdInvalid, the same whether nobody has it or
     *     another handle
     */
    public ManagedSubscription require(SessionHandle handle, long id) {
        HandleSubscriptions mine = handles.get(handle);
        if (mine == null) {
            throw HandleSubscriptions.unknown(id, null);
        }
        ManagedSubscription subscription = mine.require(id);
        // What somebody needs it for may change it.
        services.changed(handle.id(), subscription);
        return subscription;
    }

    /** The server created this subscription on behalf of a handle. If that has ended, so does the subscription. */
    public ManagedSubscription adopt(
            SessionHandle handle, long serverId, SubscriptionParameters asked, GrantedParameters granted) {
        return own(handle, serverId, asked, granted, List.of(), null);
    }

    /**
     * As {@link #adopt}, of what the server had given to another session before.
     *
     * @param before as that session had it, if it is one of ours
     */
    public ManagedSubscription adoptTransferred(
            SessionHandle handle, long serverId, @Nullable ManagedSubscription before, List<Long> available) {
        ManagedSubscription subscription = own(
                handle,
                serverId,
                before == null ? null : before.asked(),
                before == null ? GrantedParameters.UNKNOWN : before.granted(),
                available,
                before);
        return subscription;
    }

    private ManagedSubscription own(
            SessionHandle handle,
            long serverId,
            @Nullable SubscriptionParameters asked,
            GrantedParameters granted,
            List<Long> available,
            @Nullable ManagedSubscription before) {
        HandleSubscriptions mine = of(handle);
        boolean transferred = asked == null || before != null;
        ManagedSubscription subscription =
                subscriptions.adopt(serverId, handle.owner(), asked, granted, available, transferred, mine);
        if (before != null) {
            subscription.takeOver(before);
        }
        mine.add(subscription);
        attach(handle, mine);
        services.changed(handle.id(), subscription);
        subscriptions.start(subscription);
        return subscription;
    }

    /** Takes in what an earlier daemon left, before the session's first activation. */
    void restore(SubscriptionMemory.Left left) {
        SessionHandle handle = left.handle();
        HandleSubscriptions mine = of(handle);
        ManagedSubscription subscription = subscriptions.restore(left.subscription(), mine);
        left.held().entries().forEach(entry -> shared.arrived(entry.arrival()));
        mine.restore(subscription, left.held());
        attach(handle, mine);
    }

    /**
     * Completes, on the session's event loop, when a subscription is remembered as it is now, or is not in time: then its id
     * may be told.
     */
    public CompletableFuture<Void> kept(SessionHandle handle, ManagedSubscription subscription) {
        CompletableFuture<Void> kept = new CompletableFuture<>();
        if (!shared.memory().isOn()) {
            kept.complete(null);
            return kept;
        }
        remember(subscription, handle.id()).whenComplete((done, failure) -> onLoop(() -> kept.complete(null)));
        Runnable stop = session.schedule(() -> kept.complete(null), LONGEST_WAIT_FOR_DISK);
        return kept.whenComplete((done, failure) -> stop.run());
    }

    private CompletableFuture<Void> remember(ManagedSubscription subscription, String handleId) {
        RememberedSubscription now = subscription.remembered();
        RememberedSubscription before = remembered.put(subscription, now);
        return before != null && isSame(before, now)
                ? CompletableFuture.completedFuture(null)
                : shared.memory().write(handleId, now);
    }

    /** But for how far its messages have come: the journal knows. */
    private static boolean isSame(RememberedSubscription one, RememberedSubscription other) {
        return one.serverId() == other.serverId()
                && one.epoch() == other.epoch()
                && one.granted().equals(other.granted())
                && one.serverStart().equals(other.serverStart())
                && one.links().equals(other.links())
                && one.items().equals(other.items());
    }

    private void rememberChanged() {
        rememberingSoon = false;
        Map<ManagedSubscription, String> changed = new LinkedHashMap<>(toRemember);
        toRemember.clear();
        changed.forEach((subscription, handleId) -> {
            if (subscriptions.find(subscription.id()) == subscription) {
                CompletableFuture<Void> unused = remember(subscription, handleId);
            }
        });
        remembered.keySet().removeIf(subscription -> subscriptions.find(subscription.id()) != subscription);
    }

    private HandleSubscriptions of(SessionHandle handle) {
        HandleSubscriptions known = handles.get(handle);
        return known == null ? new HandleSubscriptions(handle.id(), services) : known;
    }

    /** As long as there is a subscription, it is looked after whether anybody wants it. */
    private void watch() {
        Duration next = null;
        for (HandleSubscriptions mine : handles.values()) {
            for (ManagedSubscription subscription : mine.live()) {
                Duration lifetime = subscription.granted().lifetime();
                next = next == null || lifetime.compareTo(next) < 0 ? lifetime : next;
            }
        }
        if (next != null && !watching) {
            watching = true;
            Duration quarter = next.dividedBy(4);
            Runnable unused = session.schedule(
                    this::deleteUnasked, quarter.compareTo(SHORTEST_WATCH) < 0 ? SHORTEST_WATCH : quarter);
        }
    }

    private void deleteUnasked() {
        watching = false;
        for (HandleSubscriptions mine : List.copyOf(handles.values())) {
            for (ManagedSubscription subscription : mine.unasked()) {
                subscriptions.drop(List.of(subscription));
                mine.expire(subscription);
            }
        }
        watch();
    }

    /** If the handle has ended, what it was given ends at once. */
    private void attach(SessionHandle handle, HandleSubscriptions mine) {
        if (handles.putIfAbsent(handle, mine) == null) {
            handle.onEnd(() -> onLoop(() -> ended(handle)));
        }
        watch();
    }

    /** The handle's subscription was deleted on the server. */
    public void deleted(SessionHandle handle, long id) {
        HandleSubscriptions mine = handles.get(handle);
        ManagedSubscription subscription = mine == null ? null : mine.find(id);
        if (mine != null && subscription != null) {
            subscriptions.remove(subscription);
            mine.remove(subscription);
        }
    }

    /** The server says that it does not know a subscription that the handle has. */
    public void unknownToServer(SessionHandle handle, long id) {
        HandleSubscriptions mine = handles.get(handle);
        ManagedSubscription subscription = mine == null ? null : mine.find(id);
        if (subscription != null) {
            subscriptions.unknownToServer(subscription);
        }
    }

    /**
     * Moves a subscription of this session from the handle that has it to another, with the messages that wait. If that
     * has ended, so does the subscription.
     *
     * @return the messages that can be had again; null if no handle of this session has it
     */
    public @Nullable List<Long> move(long id, SessionHandle to) {
        ManagedSubscription subscription = subscriptions.find(id);
        if (subscription == null || !(subscription.consumer() instanceof HandleSubscriptions from)) {
            return null;
        }
        HandleSubscriptions mine = of(to);
        if (mine != from) {
            Mailbox mailbox = from.giveAway(subscription, "another session took it over");
            if (mailbox == null) {
                return null;
            }
            mine.takeOver(mailbox);
            remembered.remove(subscription);
            services.changed(to.id(), subscription);
            List<Long> available = mine.available(id);
            attach(to, mine);
            return available;
        }
        return mine.available(id);
    }

    /** A message that waits here, or was given and not acknowledged; null if the server must be asked. */
    public @Nullable Message find(SessionHandle handle, long subscriptionId, long sequenceNumber) {
        HandleSubscriptions mine = handles.get(handle);
        return mine == null ? null : mine.find(subscriptionId, sequenceNumber);
    }

    /**
     * The next message for a handle, from any thread. Acknowledgements of what is not the handle's are ignored.
     *
     * @param subscriptionIds whose messages; null = all of the handle
     * @param connection that is kept and reads on; null if it ends with the answer
     * @param deadline the ticker's nanoseconds; then the answer is what a keep-alive would say
     * @return completes on the session's event loop; fails with {@code ServiceException}: Bad_NoSubscription if the handle
     *     has none (any more), Bad_SubscriptionIdInvalid for one that it does not have or if one of several is gone
     */
    public CompletableFuture<Delivery> publish(
            SessionHandle handle,
            List<Acknowledgement> acknowledgements,
            @Nullable Set<Long> subscriptionIds,
            @Nullable ReaderConnection connection,
            long deadline) {
        Reader reader =
                new Reader(subscriptionIds, connection == null ? null : connection.id(), !acknowledgements.isEmpty());
        try {
            subscriptions.executor().execute(() -> {
                if (connection != null && keptReaders.add(connection.id())) {
                    connection.onEnd(() -> onLoop(() -> connectionEnded(connection.id())));
                }
                publish(handle, acknowledgements, reader, deadline);
            });
        } catch (RejectedExecutionException e) {
            reader.fail(closedError());
        }
        return reader.answer();
    }

    /** What was given on it waits again, for the next reader. */
    private void connectionEnded(long connection) {
        keptReaders.remove(connection);
        handles.values().forEach(mine -> mine.connectionEnded(connection));
    }

    /** Nobody reads this answer of {@link #publish} any more: its message, or the next one, is for somebody else. */
    public void withdraw(CompletableFuture<Delivery> answer) {
        onLoop(() -> handles.values()
                .forEach(mine -> mine.withdraw(
                        answer, new CommandException(ErrorType.CANCELLED, "Cancelled before a message came"))));
    }

    void failReaders(CommandException error) {
        handles.values().forEach(mine -> mine.failReaders(error));
    }

    void closed() {
        failReaders(closedError());
        handles.values().forEach(HandleSubscriptions::leave);
        handles.clear();
        remembered.clear();
        toRemember.clear();
    }

    private int readers() {
        return handles.values().stream().mapToInt(HandleSubscriptions::readers).sum();
    }

    private void publish(SessionHandle handle, List<Acknowledgement> acknowledgements, Reader reader, long deadline) {
        HandleSubscriptions mine = handles.get(handle);
        if (mine == null) {
            Set<Long> ids = reader.subscriptionIds();
            reader.fail(
                    ids == null || ids.isEmpty()
                            ? HandleSubscriptions.none()
                            : HandleSubscriptions.unknown(ids.iterator().next(), null));
            return;
        }
        acknowledgements.forEach(mine::acknowledge);
        if (readers() >= MAX_READERS) {
            reader.fail(new CommandException(
                    ErrorType.OVERLOADED,
                    "Already " + MAX_READERS + " callers wait for messages of this session; try again later"));
            return;
        }
        mine.admit(reader);
        if (!reader.answer().isDone()) {
            long left = deadline - ticker.read();
            if (left <= 0) {
                expire(mine, reader);
            } else {
                reader.timer(session.schedule(() -> expire(mine, reader), Duration.ofNanos(left)));
            }
        }
    }

    private void expire(HandleSubscriptions mine, Reader reader) {
        if (session.state() instanceof SessionState.Active) {
            mine.endQuietly(reader);
        } else {
            mine.fail(reader, session.notConnected());
        }
    }

    private void ended(SessionHandle handle) {
        HandleSubscriptions mine = handles.remove(handle);
        if (mine != null) {
            subscriptions.drop(mine.live());
            mine.close();
            mine.failReaders(closedError());
        }
    }

    private void onLoop(Runnable action) {
        new DroppingExecutor(subscriptions.executor()).execute(action);
    }

    private static CommandException closedError() {
        return new CommandException(ErrorType.CONNECTION, "The session was closed");
    }

    /** For the mailboxes. */
    private final class Services implements MailboxServices {
        @Override
        public SubscriptionMemory memory() {
            return shared.memory();
        }

        @Override
        public MailboxBounds bounds() {
            return shared.bounds();
        }

        @Override
        public Executor loop() {
            return subscriptions.executor();
        }

        @Override
        public long now() {
            return ticker.read();
        }

        @Override
        public long nextArrival() {
            return shared.nextArrival();
        }

        @Override
        public void soon(Runnable action) {
            try {
                Runnable unused = session.schedule(action, Duration.ZERO);
            } catch (RejectedExecutionException e) {
                LOG.debug("The daemon ends");
            }
        }

        @Override
        public void changed(String handleId, ManagedSubscription subscription) {
            if (shared.memory().isOn()) {
                toRemember.put(subscription, handleId);
                if (!rememberingSoon) {
                    rememberingSoon = true;
                    soon(SessionMailboxes.this::rememberChanged);
                }
            }
        }
    }
}
