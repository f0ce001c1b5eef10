package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.DateTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as its {@link SubscriptionConsumer consumer} knows it, whatever becomes of it on the server: its id and
 * those of its items stay, while what they stand for on the server may be created anew.
 *
 * <p>It holds what was asked for and granted, the items and their triggering links ({@link SubscriptionItems}), how far its
 * messages have come ({@link MessageOrder}), and what the server may forget ({@link PendingAcknowledgements}): until it knows
 * that, it may still list such a message as available, which is taken out here.
 *
 * <p>It is <em>established</em> while the session is active and the server is known to have it, set up as it was asked to
 * be. What needs it on the server waits for that ({@link #established}).
 *
 * <p>Confined to the session's event loop.
 */
public final class ManagedSubscription {
    static final int MAX_AVAILABLE = 4_096;
    private static final long MAX_SEQUENCE_NUMBER = 0xFFFF_FFFFL;

    private final long id;
    private final String owner;
    private final @Nullable SubscriptionParameters asked;
    private final PendingAcknowledgements acknowledgements = new PendingAcknowledgements();
    private final SubscriptionItems items = new SubscriptionItems();
    private final LastTold lastTold = new LastTold();
    private final MessageOrder order;
    private SubscriptionConsumer consumer;
    private GrantedParameters granted;
    private long serverId;
    private DateTime serverStart = DateTime.NULL;
    private long creation;
    private long presentSince;
    private List<Long> available;
    private long nextSequenceNumber;
    private SubscriptionState state = SubscriptionState.LIVE;
    private @Nullable CompletableFuture<Void> establishing;
    private @Nullable Instant lastMessageAt;
    private @Nullable Instant lastSeenAt;

    /**
     * Nothing has come of it yet.
     *
     * @param id what it is called here
     * @param owner name of the principal that it belongs to
     * @param serverId what the server calls it
     * @param asked null if it was created by others: then it cannot be created anew
     * @param available messages that the server still has from before
     */
    ManagedSubscription(
            long id,
            String owner,
            long serverId,
            @Nullable SubscriptionParameters asked,
            GrantedParameters granted,
            Collection<Long> available,
            SubscriptionConsumer consumer) {
        this(id, owner, serverId, asked, granted, available, available.isEmpty() ? 1L : null, 0, consumer);
    }

    /** @param expected number of its first message; null if any will do */
    ManagedSubscription(
            long id,
            String owner,
            long serverId,
            @Nullable SubscriptionParameters asked,
            GrantedParameters granted,
            Collection<Long> available,
            @Nullable Long expected,
            long epoch,
            SubscriptionConsumer consumer) {
        this.id = id;
        this.owner = owner;
        this.serverId = serverId;
        this.asked = asked;
        this.granted = granted;
        this.consumer = consumer;
        this.available = newest(available);
        this.order = new MessageOrder(expected, epoch, new Told());
        this.nextSequenceNumber = available.isEmpty()
                ? expected == null ? 1 : expected
                : after(this.available.get(this.available.size() - 1));
    }

    /** As another process left it. */
    static ManagedSubscription of(RememberedSubscription remembered, SubscriptionConsumer consumer) {
        ManagedSubscription subscription = new ManagedSubscription(
                remembered.id(),
                remembered.owner(),
                remembered.serverId(),
                remembered.asked(),
                remembered.granted(),
                List.of(),
                remembered.expected(),
                remembered.epoch(),
                consumer);
        subscription.serverStart = remembered.serverStart();
        subscription.order.toldAllUntil(remembered.upTo());
        subscription.items.restore(remembered.items(), remembered.links());
        return subscription;
    }

    /** All that another process needs to go on with it, as it is now. */
    public RememberedSubscription remembered() {
        return new RememberedSubscription(
                id,
                owner,
                serverId,
                asked,
                granted,
                epoch(),
                order.expected(),
                order.upTo(),
                serverStart,
                items.remembered(),
                items.links());
    }

    /** What callers call it. */
    public long id() {
        return id;
    }

    /** Name of the principal that it belongs to. */
    public String owner() {
        return owner;
    }

    /** What the server calls it at the moment. */
    public long serverId() {
        return serverId;
    }

    /** How often its sequence numbers have begun anew. */
    public long epoch() {
        return order.epoch();
    }

    /** How often it was created anew on the server: what was asked of one before is not known to the next. */
    public long creation() {
        return creation;
    }

    /** What it was asked to be; null if it was created by others. */
    public @Nullable SubscriptionParameters asked() {
        return asked;
    }

    /** What the server granted last. */
    public GrantedParameters granted() {
        return granted;
    }

    public SubscriptionState state() {
        return state;
    }

    /** When the last message came; null if none has. */
    public @Nullable Instant lastMessageAt() {
        return lastMessageAt;
    }

    /** When the server last said anything of it; null if it has not. */
    public @Nullable Instant lastSeenAt() {
        return lastSeenAt;
    }

    /** When the server was started that has it, by its own clock; none if it does not tell. */
    DateTime serverStart() {
        return serverStart;
    }

    /** Since when it is known to be on the server, the ticker's nanoseconds. */
    long presentSince() {
        return presentSince;
    }

    /** The server is known to have it. */
    void isPresent(long since, DateTime itsStart) {
        presentSince = since;
        serverStart = itsStart;
    }

    SubscriptionConsumer consumer() {
        return consumer;
    }

    /** Whether it is a handle's, read by {@code publish}; else it is a stream's or another one of the daemon's own. */
    public boolean isOfMailbox() {
        return consumer instanceof HandleSubscriptions;
    }

    MessageOrder order() {
        return order;
    }

    LastTold lastTold() {
        return lastTold;
    }

    /** Its items, their links, and what the server calls them. */
    public SubscriptionItems items() {
        return items;
    }

    /** From now on somebody else gets what it brings. */
    void consumedBy(SubscriptionConsumer next) {
        consumer = next;
    }

    /** It fares so from now on. */
    void state(SubscriptionState next, String reason) {
        if (state != next) {
            state = next;
            consumer.state(this, next, reason);
        }
    }

    /** Whether the server is known to have it, set up as it was asked to be. */
    public boolean isEstablished() {
        return establishing == null;
    }

    /**
     * Completes, on the session's event loop, when the server has it, set up as it was asked to be; at once if that is so.
     * Fails with {@code ServiceException} Bad_SubscriptionIdInvalid if it ends instead.
     */
    public CompletableFuture<Void> established() {
        CompletableFuture<Void> waiting = establishing;
        return waiting == null ? CompletableFuture.completedFuture(null) : waiting.copy();
    }

    /** It has to be set up, or the session to be restored. */
    void beginEstablishing() {
        if (establishing == null) {
            establishing = new CompletableFuture<>();
        }
    }

    void establishedNow() {
        CompletableFuture<Void> waiting = establishing;
        establishing = null;
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    /** It is over: nobody waits for it any more. */
    void over(String why) {
        CommandException error = OpcUaErrors.service(
                "There is no subscription " + id + " of this session any more: " + why,
                StatusCodes.Bad_SubscriptionIdInvalid);
        CompletableFuture<Void> waiting = establishing;
        if (waiting != null) {
            waiting.completeExceptionally(error);
        }
    }

    /**
     * The server created it anew, without items.
     *
     * @param nextServerId what the server calls it from now on
     */
    void createdAnew(long nextServerId, GrantedParameters nowGranted) {
        serverId = nextServerId;
        granted = nowGranted;
        creation++;
        items.createdAnew();
        lastTold.clear();
    }

    /** Of the next message, as far as it is known. */
    public long nextSequenceNumber() {
        return nextSequenceNumber;
    }

    /** What the server still has and nobody acknowledged, of the present epoch. */
    public List<Long> available() {
        return available;
    }

    /** Whether a message of the present epoch was acknowledged, but the server may not know it yet. */
    public boolean isAcknowledged(long sequenceNumber) {
        return acknowledgements.contains(sequenceNumber);
    }

    /** Takes in what a Publish response says beside its notifications (Part 4, 5.14.5). */
    void told(long sequenceNumber, boolean keepAlive, Collection<Long> nowAvailable, Instant now) {
        seen(keepAlive, now);
        nextSequenceNumber = keepAlive ? sequenceNumber : after(sequenceNumber);
        List<Long> unacknowledged = new ArrayList<>();
        for (Long number : nowAvailable) {
            if (!isAcknowledged(number)) {
                unacknowledged.add(number);
            }
        }
        available = newest(unacknowledged);
        order.available(available);
    }

    /** The server gave a sign of life of it. */
    void seen(boolean keepAlive, Instant now) {
        lastSeenAt = now;
        if (!keepAlive) {
            lastMessageAt = now;
        }
    }

    /** The server had told everything of it at this time, by its own clock. */
    public void toldAllUntil(DateTime time) {
        order.toldAllUntil(time);
    }

    /**
     * The server need not keep a message any longer; it is told with one of the next Publish requests.
     *
     * @return false if too many acknowledgements wait already, or the message is of an earlier epoch: the server has that
     *     no longer
     */
    public boolean acknowledge(long messageEpoch, long sequenceNumber) {
        if (messageEpoch != epoch() || !acknowledgements.add(sequenceNumber)) {
            return false;
        }
        if (available.contains(sequenceNumber)) {
            available = available.stream()
                    .filter(number -> number != sequenceNumber)
                    .toList();
        }
        return true;
    }

    boolean hasAcknowledgements() {
        return acknowledgements.isAnyWaiting();
    }

    /** Hands over at most {@code max} acknowledgements to a Publish request that goes out now. */
    List<Long> takeAcknowledgements(int max) {
        return acknowledgements.take(max);
    }

    /** The Publish request that carried this one was answered; or not, and the next one has to carry it again. */
    void arrived(long sequenceNumber, boolean answered) {
        acknowledgements.arrived(sequenceNumber, answered);
    }

    /** The definition of an item; null if it was not created through this daemon. */
    public @Nullable MonitoredItemDefinition item(long itemId) {
        return items.definition(itemId);
    }

    /** How many items it has that were created through this daemon. */
    public int itemCount() {
        return items.size();
    }

    /** The server granted an item; see {@link SubscriptionItems#add}. */
    public long addItem(long serverItemId, MonitoredItemDefinition definition) {
        return items.add(serverItemId, definition);
    }

    /** The server changed an item. */
    public void changeItem(long itemId, ItemParameters parameters) {
        items.change(itemId, parameters);
    }

    /** The item is gone. */
    public void removeItem(long itemId) {
        items.remove(itemId);
    }

    /** What the server calls an item; see {@link SubscriptionItems#serverItemId}. */
    public long serverItemId(long itemId) {
        return items.serverItemId(itemId);
    }

    /** The server reports {@code linked} when {@code triggering} is reported (Part 4, 5.13.5), or no longer. */
    public void link(long triggering, long linked, boolean isLinked) {
        items.link(triggering, linked, isLinked);
    }

    /** As it is now. */
    ManagedSubscription copy() {
        ManagedSubscription copy = new ManagedSubscription(id, owner, serverId, asked, granted, available, consumer);
        copy.takeOver(this);
        return copy;
    }

    /** Goes on where another one ended, on another session. */
    void takeOver(ManagedSubscription before) {
        nextSequenceNumber = before.nextSequenceNumber;
        order.takeOver(before.order);
        granted = before.granted;
        acknowledgements.takeOver(before.acknowledgements);
        items.takeOver(before.items);
    }

    /** Sequence numbers begin anew at 1 after the last one (Part 4, 7.9); so do ids. */
    static long after(long number) {
        return number >= MAX_SEQUENCE_NUMBER ? 1 : number + 1;
    }

    /** The highest numbers in their order; never holds more than it returns. */
    private static List<Long> newest(Collection<Long> numbers) {
        TreeSet<Long> highest = new TreeSet<>();
        for (Long number : numbers) {
            highest.add(number);
            if (highest.size() > MAX_AVAILABLE) {
                highest.pollFirst();
            }
        }
        return List.copyOf(highest);
    }

    /** Hands to the consumer what is in order. */
    private final class Told implements MessageOrder.Output {
        @Override
        public void message(Message message) {
            if (!message.data().isEmpty()) {
                lastTold.add(message);
                consumer.message(ManagedSubscription.this, message);
            }
        }

        @Override
        public void gap(Gap gap) {
            consumer.gap(ManagedSubscription.this, gap);
        }

        @Override
        public void epochBegan() {
            acknowledgements.clear();
            available = List.of();
            nextSequenceNumber = 1;
        }
    }
}
