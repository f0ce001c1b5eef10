package io.github.opcuasm.daemon.subscription;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages that came for one handle while none of its readers waited, oldest first. At most {@value #MAX_MESSAGES} of
 * them and {@value #MAX_BYTES} bytes, or one that is larger by itself; beyond that the oldest are dropped and counted. What
 * is dropped here was not acknowledged: as long as the server keeps it, {@code republish} still gets it. Confined to the
 * session's event loop.
 */
final class Mailbox {
    static final int MAX_MESSAGES = 1_000;
    static final long MAX_BYTES = 1 << 20;

    /** One that waits. */
    record Waiting(ManagedSubscription subscription, Message message) {
        long bytes() {
            return message.bytes();
        }
    }

    private final Deque<Waiting> messages = new ArrayDeque<>(2);
    private long bytes;
    private long dropped;

    /** Adds a message; false if others had to make room for it. */
    boolean put(ManagedSubscription subscription, Message message) {
        long before = dropped;
        while (!messages.isEmpty() && (messages.size() >= MAX_MESSAGES || bytes + message.bytes() > MAX_BYTES)) {
            bytes -= messages.removeFirst().bytes();
            dropped++;
        }
        messages.addLast(new Waiting(subscription, message));
        bytes += message.bytes();
        return dropped == before;
    }

    /** Takes the oldest message whose subscription {@code wanted} picks; null if there is none. */
    @Nullable
    Waiting take(Predicate<ManagedSubscription> wanted) {
        for (Iterator<Waiting> oldestFirst = messages.iterator(); oldestFirst.hasNext(); ) {
            Waiting waiting = oldestFirst.next();
            if (wanted.test(waiting.subscription())) {
                oldestFirst.remove();
                bytes -= waiting.bytes();
                return waiting;
            }
        }
        return null;
    }

    /** Takes all messages of a subscription. */
    List<Message> takeAll(ManagedSubscription subscription) {
        List<Message> taken = new ArrayList<>();
        for (Waiting next = take(of -> of == subscription); next != null; next = take(of -> of == subscription)) {
            taken.add(next.message());
        }
        return taken;
    }

    int size() {
        return messages.size();
    }

    /** How many messages were dropped so far. */
    long dropped() {
        return dropped;
    }
}
