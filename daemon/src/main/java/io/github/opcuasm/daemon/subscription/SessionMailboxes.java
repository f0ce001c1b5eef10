package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscriptions of one OPC UA session that handles read by {@code publish}, and which handle has which: a handle never
 * sees another's subscriptions or messages, and takes them over only for a caller that may use the other handle too
 * ({@link SubscriptionOwners}).
 *
 * <p>A message goes to the reader that waits longest for such a one, else into the mailbox of the handle.
 *
 * <p>Everything is confined to the session's event loop, but for {@link #publish} and {@link #withdraw}.
 */
public final class SessionMailboxes {
    private static final Logger LOG = LoggerFactory.getLogger(SessionMailboxes.class);
    private static final int MAX_READERS = 1_024;

    private final OpcUaSession session;
    private final Ticker ticker;
    private final SessionSubscriptions subscriptions;
    private final Map<SessionHandle, HandleSubscriptions> handles = new LinkedHashMap<>(2);

    SessionMailboxes(OpcUaSession session, Ticker ticker, SessionSubscriptions subscriptions) {
        this.session = session;
        this.ticker = ticker;
        this.subscriptions = subscriptions;
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
        return mine.require(id);
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
        subscriptions.start(subscription);
        return subscription;
    }

    private HandleSubscriptions of(SessionHandle handle) {
        HandleSubscriptions known = handles.get(handle);
        return known == null ? new HandleSubscriptions(handle.id()) : known;
    }

    /** If the handle has ended, what it was given ends at once. */
    private void attach(SessionHandle handle, HandleSubscriptions mine) {
        if (handles.putIfAbsent(handle, mine) == null) {
            handle.onEnd(() -> onLoop(() -> ended(handle)));
        }
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
            List<Message> waiting = from.mailbox().takeAll(subscription);
            from.lose(List.of(subscription), "another session took it over");
            subscription.consumedBy(mine);
            mine.add(subscription);
            attach(to, mine);
            waiting.forEach(message -> mine.deliver(subscription, message));
        }
        return subscription.available();
    }

    /**
     * The next message for a handle, from any thread. Acknowledgements of what is not the handle's are ignored.
     *
     * @param subscriptionIds whose messages; null = all of the handle
     * @param deadline the ticker's nanoseconds; then the answer is what a keep-alive would say
     * @return completes on the session's event loop; fails with {@code ServiceException}: Bad_NoSubscription if the handle
     *     has none (any more), Bad_SubscriptionIdInvalid for one that it does not have or if one of several is gone
     */
    public CompletableFuture<Delivery> publish(
            SessionHandle handle,
            List<Acknowledgement> acknowledgements,
            @Nullable Set<Long> subscriptionIds,
            long deadline) {
        Reader reader = new Reader(subscriptionIds);
        try {
            subscriptions.executor().execute(() -> publish(handle, acknowledgements, reader, deadline));
        } catch (RejectedExecutionException e) {
            reader.fail(closedError());
        }
        return reader.answer();
    }

    /** Nobody waits for this answer of {@link #publish} any more: the next message is for somebody else. */
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
        handles.clear();
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
        acknowledgements.forEach(acknowledgement -> acknowledge(mine, acknowledgement));
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

    private static void acknowledge(HandleSubscriptions mine, Acknowledgement acknowledgement) {
        ManagedSubscription subscription = mine.find(acknowledgement.subscriptionId());
        if (subscription == null || !subscription.acknowledge(subscription.epoch(), acknowledgement.sequenceNumber())) {
            LOG.debug(
                    "Ignored the acknowledgement of message {} of subscription {}",
                    acknowledgement.sequenceNumber(),
                    acknowledgement.subscriptionId());
        }
    }

    private void ended(SessionHandle handle) {
        HandleSubscriptions mine = handles.remove(handle);
        if (mine != null) {
            subscriptions.drop(List.copyOf(mine.live()));
            mine.failReaders(closedError());
        }
    }

    private void onLoop(Runnable action) {
        try {
            subscriptions.executor().execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("The daemon ends");
        }
    }

    private static CommandException closedError() {
        return new CommandException(ErrorType.CONNECTION, "The session was closed");
    }
}
