package io.github.opcuasm.daemon.subscription;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as its {@link SubscriptionConsumer consumer} knows it, whatever becomes of it on the server: its id and
 * those of its items stay, while what they stand for on the server may be created anew.
 *
 * <p>It holds what was asked for and granted, the items and their triggering links, how far its messages have come, and
 * what the server may forget: an acknowledgement waits, then travels with a Publish request, then is known to have arrived.
 * Until then the server may still list its message as available, which is taken out here.
 *
 * <p>Confined to the session's event loop.
 */
public final class ManagedSubscription {
    static final int MAX_AVAILABLE = 4_096;
    private static final int MAX_ACKNOWLEDGEMENTS = 4_096;
    private static final long MAX_SEQUENCE_NUMBER = 0xFFFF_FFFFL;

    private final long id;
    private final String owner;
    private final @Nullable SubscriptionParameters asked;
    private final Set<Long> acknowledged = new LinkedHashSet<>(2);
    private final Set<Long> acknowledgedOnTheWay = new LinkedHashSet<>(2);
    private final Map<Long, MonitoredItemDefinition> items = new LinkedHashMap<>(4);
    private final Map<Long, Long> serverItemIds = new HashMap<>(2);
    private final Map<Long, Set<Long>> links = new LinkedHashMap<>(1);
    private SubscriptionConsumer consumer;
    private GrantedParameters granted;
    private long serverId;
    private long epoch;
    private List<Long> available;
    private long nextSequenceNumber;
    private SubscriptionState state = SubscriptionState.LIVE;
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
        this.id = id;
        this.owner = owner;
        this.serverId = serverId;
        this.asked = asked;
        this.granted = granted;
        this.consumer = consumer;
        this.available = newest(available);
        this.nextSequenceNumber = available.isEmpty() ? 1 : after(this.available.get(this.available.size() - 1));
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
        return epoch;
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

    SubscriptionConsumer consumer() {
        return consumer;
    }

    /** From now on somebody else gets what it brings. */
    void consumedBy(SubscriptionConsumer next) {
        consumer = next;
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
        return acknowledged.contains(sequenceNumber) || acknowledgedOnTheWay.contains(sequenceNumber);
    }

    /** Takes in what a Publish response says beside its notifications (Part 4, 5.14.5). */
    void told(long sequenceNumber, boolean keepAlive, Collection<Long> nowAvailable, Instant now) {
        lastSeenAt = now;
        if (!keepAlive) {
            lastMessageAt = now;
        }
        nextSequenceNumber = keepAlive ? sequenceNumber : after(sequenceNumber);
        List<Long> unacknowledged = new ArrayList<>();
        for (Long number : nowAvailable) {
            if (!isAcknowledged(number)) {
                unacknowledged.add(number);
            }
        }
        available = newest(unacknowledged);
    }

    /**
     * The server need not keep a message any longer; it is told with one of the next Publish requests.
     *
     * @return false if too many acknowledgements wait already, or the message is of an earlier epoch: the server has that
     *     no longer
     */
    public boolean acknowledge(long messageEpoch, long sequenceNumber) {
        if (messageEpoch != epoch || acknowledged.size() >= MAX_ACKNOWLEDGEMENTS) {
            return false;
        }
        if (!acknowledgedOnTheWay.contains(sequenceNumber)) {
            acknowledged.add(sequenceNumber);
        }
        if (available.contains(sequenceNumber)) {
            available = available.stream()
                    .filter(number -> number != sequenceNumber)
                    .toList();
        }
        return true;
    }

    boolean hasAcknowledgements() {
        return !acknowledged.isEmpty();
    }

    /** Hands over at most {@code max} acknowledgements to a Publish request that goes out now. */
    List<Long> takeAcknowledgements(int max) {
        List<Long> taken = acknowledged.stream().limit(max).toList();
        taken.forEach(acknowledged::remove);
        acknowledgedOnTheWay.addAll(taken);
        return taken;
    }

    /** The Publish request that carried this one was answered; or not, and the next one has to carry it again. */
    void arrived(long sequenceNumber, boolean answered) {
        if (acknowledgedOnTheWay.remove(sequenceNumber) && !answered) {
            acknowledged.add(sequenceNumber);
        }
    }

    /** The definition of an item; null if it was not created through this daemon. */
    public @Nullable MonitoredItemDefinition item(long itemId) {
        return items.get(itemId);
    }

    /** How many items it has that were created through this daemon. */
    public int itemCount() {
        return items.size();
    }

    /**
     * The server granted an item. As many are remembered as the server grants.
     *
     * @return what callers call it: what the server calls it, unless another item is called so
     */
    public long addItem(long serverItemId, MonitoredItemDefinition definition) {
        long itemId = serverItemId;
        while (items.containsKey(itemId)) {
            itemId = after(itemId);
        }
        items.put(itemId, definition);
        if (itemId != serverItemId) {
            serverItemIds.put(itemId, serverItemId);
        }
        return itemId;
    }

    /** The server changed an item. */
    public void changeItem(long itemId, ItemParameters parameters) {
        items.computeIfPresent(itemId, (id, before) -> before.with(parameters));
    }

    /** The item is gone. */
    public void removeItem(long itemId) {
        items.remove(itemId);
        serverItemIds.remove(itemId);
        links.remove(itemId);
        links.values().forEach(linked -> linked.remove(itemId));
    }

    /** What the server calls an item; the same for one that is not known here. */
    public long serverItemId(long itemId) {
        return serverItemIds.getOrDefault(itemId, itemId);
    }

    /** The server reports {@code linked} when {@code triggering} is reported (Part 4, 5.13.5), or no longer. */
    public void link(long triggering, long linked, boolean isLinked) {
        Set<Long> all = links.computeIfAbsent(triggering, any -> new LinkedHashSet<>(2));
        if (isLinked) {
            all.add(linked);
        } else {
            all.remove(linked);
        }
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
        epoch = before.epoch;
        granted = before.granted;
        acknowledged.addAll(before.acknowledged);
        acknowledged.addAll(before.acknowledgedOnTheWay);
        items.putAll(before.items);
        serverItemIds.putAll(before.serverItemIds);
        links.putAll(before.links);
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
}
