package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
 * The subscriptions of one OPC UA session, which several handles may share, and who of them owns which: a handle never
 * sees another's subscriptions or messages, and takes them over only for a caller that may use the other handle too
 * ({@link SubscriptionOwners}).
 *
 * <p>Publishing is driven by demand. While readers wait, Publish requests rest with the server ({@link PublishLoop}). The
 * answer goes to the reader that waits longest for such a message, else into the mailbox of the owner; a reader that gave
 * up leaves its request with the server, so that nothing is lost between two readers. Nothing is acknowledged here but
 * what readers acknowledge.
 *
 * <p>A message of a subscription that nobody owns belongs to one whose creator is gone: it is deleted on the server, unless
 * a service call is under way that may bring it in ({@link Arrival}).
 *
 * <p>When the server grants a new session, or says that a subscription has ended, the owner's next reader is told. What
 * was lost is not created again here.
 *
 * <p>Everything is confined to the session's event loop, but for {@link #publish} and {@link #withdraw}.
 */
public final class SessionSubscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(SessionSubscriptions.class);
    private static final int MAX_READERS = 1_024;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final OpcUaSession session;
    private final Ticker ticker;
    private final SubscriptionOwners principals;
    private final Demand demand;
    private final PublishLoop loop;
    private final DeletedSubscriptions deletions;
    private final Map<SessionHandle, HandleSubscriptions> handles = new LinkedHashMap<>(2);
    private final Map<Long, HandleSubscriptions> owners = new HashMap<>(2);
    private final Map<Long, Long> adoptedAt = new HashMap<>(2);
    private final EarlyMessages early = new EarlyMessages();
    private int arrivals;

    /** @param principals whose subscriptions are whose, on all sessions */
    SessionSubscriptions(OpcUaSession session, Ticker ticker, SubscriptionOwners principals) {
        this.session = session;
        this.ticker = ticker;
        this.principals = principals;
        this.demand = new Demand(handles.values());
        this.loop = new PublishLoop(session, ticker, demand, new Answers());
        this.deletions = new DeletedSubscriptions(session, ticker);
    }

    /** Runs what it is given where everything here must be called. */
    public Executor executor() {
        return session.executor();
    }

    /**
     * The handle's subscription of this id.
     *
     * @throws CommandException {@code ServiceException} with Bad_SubscriptionIdInvalid, the same whether nobody has it or
     *     another handle
     */
    public OwnedSubscription require(SessionHandle handle, long id) {
        HandleSubscriptions mine = handles.get(handle);
        if (mine == null) {
            throw HandleSubscriptions.unknown(id, null);
        }
        return mine.require(id);
    }

    /** A call that may bring a subscription in; it has to {@link Arrival#begin begin} and to end. */
    public Arrival arrival() {
        return new Arrival(this);
    }

    /**
     * The server created this subscription on behalf of a handle. If that has ended, so does the subscription.
     * Messages that came early follow; one that cannot be understood is logged and does not hinder anything.
     *
     * @param lifetime after this long without a Publish request the server ends it
     * @param available sequence numbers of messages that the server has from before
     */
    public void adopt(SessionHandle handle, long id, Duration lifetime, List<Long> available) {
        own(handle, id, lifetime, available, false);
    }

    /** As {@link #adopt}, of what the server had given to another session before. */
    public void adoptTransferred(SessionHandle handle, long id, Duration lifetime, List<Long> available) {
        own(handle, id, lifetime, available, true);
    }

    /**
     * Whether a subscription is known to be a principal's whose handles the caller may not use, on this session or on
     * another one to the same server.
     */
    public boolean isForeign(long id, Caller caller) {
        HandleSubscriptions owner = owners.get(id);
        return owner == null ? principals.isForeign(id, session, caller) : !caller.mayUse(owner.owner());
    }

    /** What the server gave to the session is another principal's: unless that is here, nobody has it any more. */
    public void refuse(long id) {
        if (!owners.containsKey(id)) {
            discard(id);
        }
    }

    /** The new owner, also if the handle has ended. */
    private HandleSubscriptions own(
            SessionHandle handle, long id, Duration lifetime, List<Long> available, boolean transferred) {
        principals.claim(id, this, session, handle.owner(), transferred).forEach(robber -> robber.transferredAway(id));
        HandleSubscriptions stale = owners.get(id);
        if (stale != null) {
            stale.remove(stale.require(id));
        }
        HandleSubscriptions known = handles.get(handle);
        HandleSubscriptions mine = known == null ? new HandleSubscriptions(handle.id(), handle.owner()) : known;
        mine.add(new OwnedSubscription(id, lifetime, available));
        owners.put(id, mine);
        adoptedAt.put(id, ticker.read());
        if (known == null) {
            handles.put(handle, mine);
            handle.onEnd(() -> onLoop(() -> ended(handle)));
        }
        early.takeAll(id).forEach(this::acceptOrLog);
        return mine;
    }

    /** Deletes a subscription that nobody will ever use on the server. */
    public void discard(long id) {
        deletions.send(List.of(id));
    }

    /** The handle's subscription was deleted on the server. */
    public void deleted(SessionHandle handle, long id) {
        HandleSubscriptions mine = handles.get(handle);
        OwnedSubscription subscription = mine == null ? null : mine.find(id);
        if (mine != null && subscription != null) {
            disown(id);
            mine.remove(subscription);
        }
    }

    /** The server says that it does not know a subscription that the handle owns. */
    public void unknownToServer(SessionHandle handle, long id) {
        HandleSubscriptions mine = handles.get(handle);
        if (mine != null) {
            lose(mine, mine.find(id), "the server does not know it any more");
        }
    }

    /**
     * Moves a subscription of this session from the handle that owns it to another, with the messages that wait. If that
     * has ended, so does the subscription.
     *
     * @return the messages that can be had again; null if no handle of this session owns it
     */
    public @Nullable List<Long> move(long id, SessionHandle to) {
        HandleSubscriptions from = owners.get(id);
        if (from == null) {
            return null;
        }
        OwnedSubscription subscription = from.require(id);
        if (handles.get(to) == from) {
            return subscription.available();
        }
        List<Message> waiting = from.mailbox().takeAll(subscription);
        from.lose(List.of(subscription), "another session took it over");
        disown(id);
        HandleSubscriptions mine = own(to, id, subscription.lifetime(), subscription.available(), true);
        OwnedSubscription moved = mine.require(id);
        moved.takeOver(subscription);
        waiting.forEach(message -> mine.deliver(
                new Message(moved, message.sequenceNumber(), message.moreNotifications(), message.data())));
        return moved.available();
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
            executor().execute(() -> publish(handle, acknowledgements, reader, deadline));
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

    void transferredAway(long id) {
        onLoop(() -> {
            HandleSubscriptions owner = owners.get(id);
            if (owner != null) {
                lose(owner, owner.find(id), "another session took it over");
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
        handles.values().forEach(this::keepForTheirOwner);
        handles.values().forEach(mine -> mine.failReaders(closedError()));
        handles.clear();
        owners.clear();
        adoptedAt.clear();
        early.clear();
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
        if (demand.readers() >= MAX_READERS) {
            reader.fail(new CommandException(
                    ErrorType.OVERLOADED,
                    "Already " + MAX_READERS + " callers wait for messages of this session; try again later"));
            return;
        }
        mine.admit(reader);
        loop.pump();
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
        OwnedSubscription subscription = mine.find(acknowledgement.subscriptionId());
        if (subscription == null || !subscription.acknowledge(acknowledgement.sequenceNumber())) {
            LOG.debug(
                    "Ignored the acknowledgement of message {} of subscription {}",
                    acknowledgement.sequenceNumber(),
                    acknowledgement.subscriptionId());
        }
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
        long id = EarlyMessages.subscriptionOf(response);
        HandleSubscriptions owner = owners.get(id);
        if (owner != null) {
            accept(owner, owner.require(id), response);
        } else if (arrivals > 0) {
            if (!early.add(response)) {
                LOG.debug(
                        "Too many messages of {} came early, one of subscription {} is dropped", session.server(), id);
            }
        } else if (!StatusChanges.isNothingElse(response.getNotificationMessage())) {
            LOG.info("Nobody owns subscription {} on {}, deleting it", id, session.server());
            discard(id);
        }
    }

    private void accept(HandleSubscriptions owner, OwnedSubscription subscription, PublishResponse response) {
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
        subscription.told(sequenceNumber, data.isEmpty(), numbers(response.getAvailableSequenceNumbers()));
        if (data.isEmpty()) {
            owner.keepAlive(subscription);
            return;
        }
        List<ExtensionObject> notifications =
                data.stream().filter(object -> !StatusChanges.isOne(object)).toList();
        if (!notifications.isEmpty()) {
            boolean more = Boolean.TRUE.equals(response.getMoreNotifications());
            owner.deliver(new Message(subscription, sequenceNumber, more, notifications));
        }
        for (ExtensionObject object : data) {
            String end = StatusChanges.endTold(object, session.encodingContext());
            if (end != null) {
                lose(owner, subscription, end);
            }
        }
    }

    private void lose(HandleSubscriptions owner, @Nullable OwnedSubscription subscription, String why) {
        if (subscription != null) {
            disown(subscription.id());
            owner.lose(List.of(subscription), why);
        }
    }

    private void disown(long id) {
        principals.release(id, this);
        owners.remove(id);
        adoptedAt.remove(id);
    }

    /** The server may have it still: for nobody but the principal that had it. */
    private void disownLost(OwnedSubscription subscription) {
        principals.lose(subscription.id(), this, subscription.lifetime());
        disown(subscription.id());
    }

    private void keepForTheirOwner(HandleSubscriptions mine) {
        List.copyOf(mine.live()).forEach(this::disownLost);
    }

    /** @param before only those adopted before this time */
    private void loseAll(String why, long before) {
        for (HandleSubscriptions mine : handles.values()) {
            List<OwnedSubscription> lost = mine.live().stream()
                    .filter(subscription -> adoptedAt.getOrDefault(subscription.id(), before) - before < 0)
                    .toList();
            lost.forEach(this::disownLost);
            mine.lose(lost, why);
        }
    }

    private void ended(SessionHandle handle) {
        HandleSubscriptions mine = handles.remove(handle);
        if (mine != null) {
            List<Long> ids = mine.live().stream().map(OwnedSubscription::id).toList();
            keepForTheirOwner(mine);
            mine.failReaders(closedError());
            deletions.send(ids);
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
                        .skip(Math.max(0, numbers.length - OwnedSubscription.MAX_AVAILABLE))
                        .filter(Objects::nonNull)
                        .map(UInteger::longValue)
                        .toList();
    }

    private static CommandException closedError() {
        return new CommandException(ErrorType.CONNECTION, "The session was closed");
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
            } else if (status == StatusCodes.Bad_Timeout || status == StatusCodes.Bad_SequenceNumberUnknown) {
                pumpLater();
            } else if (session.state() instanceof SessionState.Active && !isConnectionError(cause)) {
                CommandException error = cause instanceof CommandException known
                        ? known
                        : OpcUaErrors.service("The Publish request failed", StatusCodes.Bad_InternalError);
                handles.values().forEach(mine -> mine.failReaders(error));
            }
        }

        /** Not at once: a server that answers so ever again shall not keep two processes busy. */
        private void pumpLater() {
            if (loop.isEmpty()) {
                session.schedule(loop::pump, PAUSE);
            }
        }

        /** Readers wait for the session to be restored. */
        private boolean isConnectionError(Throwable cause) {
            return cause instanceof CommandException error && error.type() == ErrorType.CONNECTION;
        }
    }
}
