package io.github.opcuasm.daemon.subscription;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a server need not keep any longer of one subscription's present epoch: an acknowledgement waits, then travels with a
 * Publish request, then is known to have arrived. At most {@value #MOST} wait. Confined to the session's event loop.
 */
final class PendingAcknowledgements {
    private static final int MOST = 4_096;

    private final Set<Long> waiting = new LinkedHashSet<>(2);
    private final Set<Long> onTheWay = new LinkedHashSet<>(2);

    /** False if too many wait. */
    boolean add(long sequenceNumber) {
        if (waiting.size() >= MOST) {
            return false;
        }
        if (!onTheWay.contains(sequenceNumber)) {
            waiting.add(sequenceNumber);
        }
        return true;
    }

    /** Whether the server may not know it yet. */
    boolean contains(long sequenceNumber) {
        return waiting.contains(sequenceNumber) || onTheWay.contains(sequenceNumber);
    }

    boolean isAnyWaiting() {
        return !waiting.isEmpty();
    }

    /** Hands over at most {@code max} to a Publish request that goes out now. */
    List<Long> take(int max) {
        List<Long> taken = waiting.stream().limit(max).toList();
        taken.forEach(waiting::remove);
        onTheWay.addAll(taken);
        return taken;
    }

    /** The Publish request that carried this one was answered; or not, and the next one has to carry it again. */
    void arrived(long sequenceNumber, boolean answered) {
        if (onTheWay.remove(sequenceNumber) && !answered) {
            waiting.add(sequenceNumber);
        }
    }

    /** What waits or travels there waits here. */
    void takeOver(PendingAcknowledgements before) {
        waiting.addAll(before.waiting);
        waiting.addAll(before.onTheWay);
    }

    void clear() {
        waiting.clear();
        onTheWay.clear();
    }
}
