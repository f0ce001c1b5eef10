package io.github.opcuasm.daemon.subscription;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A subscription that a handle owns: what the server told of it, what readers acknowledged, and what its items were asked
 * to be.
 *
 * <p>An acknowledgement waits, then travels with a Publish request, then is known to have arrived. Until then the server
 * may still list its message as available, which is taken out here: a reader never sees again what was acknowledged.
 *
 * <p>Confined to the session's event loop.
 */
public final class OwnedSubscription {
    static final int MAX_AVAILABLE = 4_096;
    private static final int MAX_ACKNOWLEDGEMENTS = 4_096;
    private static final long MAX_SEQUENCE_NUMBER = 0xFFFF_FFFFL;

    private final long id;
    private final Duration lifetime;
    private final Set<Long> acknowledged = new LinkedHashSet<>(2);
    private final Set<Long> acknowledgedOnTheWay = new LinkedHashSet<>(2);
    private final Map<Long, ItemParameters> items = new HashMap<>(4);
    private List<Long> available;
    private long nextSequenceNumber;

    /**
     * Nothing has come of it yet.
     *
     * @param lifetime after this long without a Publish request the server ends it
     * @param available messages that the server still has from before
     */
    OwnedSubscription(long id, Duration lifetime, Collection<Long> available) {
        this.id = id;
        this.lifetime = lifetime;
        this.available = newest(available);
        this.nextSequenceNumber = available.isEmpty() ? 1 : after(this.available.get(this.available.size() - 1));
    }

    long id() {
        return id;
    }

    Duration lifetime() {
        return lifetime;
    }

    /** Of the next message, as far as it is known. */
    long nextSequenceNumber() {
        return nextSequenceNumber;
    }

    /** What the server still has and nobody acknowledged. */
    List<Long> available() {
        return available;
    }

    /** Whether a reader said that it has this message, but the server may not know it yet. */
    public boolean isAcknowledged(long sequenceNumber) {
        return acknowledged.contains(sequenceNumber) || acknowledgedOnTheWay.contains(sequenceNumber);
    }

    /** Takes in what a Publish response says beside its notifications (Part 4, 5.14.5). */
    void told(long sequenceNumber, boolean keepAlive, Collection<Long> nowAvailable) {
        nextSequenceNumber = keepAlive ? sequenceNumber : after(sequenceNumber);
        List<Long> unacknowledged = new ArrayList<>();
        for (Long number : nowAvailable) {
            if (!isAcknowledged(number)) {
                unacknowledged.add(number);
            }
        }
        available = newest(unacknowledged);
    }

    /** Remembers an acknowledgement for the next Publish request; false if too many wait already. */
    boolean acknowledge(long sequenceNumber) {
        if (acknowledged.size() >= MAX_ACKNOWLEDGEMENTS) {
            return false;
        }
        if (!acknowledgedOnTheWay.contains(sequenceNumber)) {
            acknowledged.add(sequenceNumber);
        }
        available =
                available.stream().filter(number -> number != sequenceNumber).toList();
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

    /** Goes on where another handle's ownership ended. */
    void takeOver(OwnedSubscription before) {
        nextSequenceNumber = before.nextSequenceNumber;
        acknowledged.addAll(before.acknowledged);
        acknowledged.addAll(before.acknowledgedOnTheWay);
        items.putAll(before.items);
    }

    /** What this daemon asked the item to be; null if it was not asked through this daemon. */
    public @Nullable ItemParameters item(long monitoredItemId) {
        return items.get(monitoredItemId);
    }

    /** The server granted or changed an item. As many are remembered as the server grants. */
    public void putItem(long monitoredItemId, ItemParameters parameters) {
        items.put(monitoredItemId, parameters);
    }

    /** The item is gone. */
    public void removeItem(long monitoredItemId) {
        items.remove(monitoredItemId);
    }

    /** Sequence numbers begin anew at 1 after the last one (Part 4, 7.9). */
    private static long after(long sequenceNumber) {
        return sequenceNumber >= MAX_SEQUENCE_NUMBER ? 1 : sequenceNumber + 1;
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
