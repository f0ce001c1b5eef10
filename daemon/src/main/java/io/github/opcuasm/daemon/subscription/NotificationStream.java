package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the reader of one stream, between the session's event loop, which puts events in, and the connection's,
 * which takes them out.
 *
 * <p>Bounded: at most {@value #MAX_MESSAGES} events, and what its {@link StreamBudget} allows. Beyond that the oldest go. Of what was dropped the reader is told in
 * its place: first how many messages, exactly; then one gap for all the gaps among them; then the last state among them. A
 * keep-alive is news only to a reader that has nothing else to read.
 *
 * <p>Thread-safe. The reader's callback runs outside the monitor, whenever there may be something to take.
 */
public final class NotificationStream {
    static final int MAX_MESSAGES = 2_000;

    /** @param bytes of heap, roughly */
    private record Waiting(StreamEvent event, long bytes) {}

    private final StreamBudget budget;
    private final Deque<Waiting> events = new ArrayDeque<>(4);
    private @Nullable Runnable ready;
    private long bytes;
    private long droppedMessages;
    private StreamEvent.@Nullable Gap droppedGap;
    private StreamEvent.@Nullable State droppedState;
    private boolean ended;
    private boolean discarded;

    NotificationStream(StreamBudget budget) {
        this.budget = budget;
        budget.opened();
    }

    /** From now on {@code callback} runs when something came; at once if something is there. From one thread. */
    public void readBy(Runnable callback) {
        boolean waiting;
        synchronized (this) {
            ready = callback;
            waiting = !events.isEmpty();
        }
        if (waiting) {
            callback.run();
        }
    }

    /** The next event; null if there is none now. {@link StreamEvent.End} is the last one. */
    public synchronized @Nullable StreamEvent next() {
        if (droppedMessages > 0) {
            StreamEvent overflow = new StreamEvent.Overflow(droppedMessages);
            droppedMessages = 0;
            return overflow;
        }
        if (droppedGap != null) {
            StreamEvent gap = droppedGap;
            droppedGap = null;
            return gap;
        }
        if (droppedState != null) {
            StreamEvent state = droppedState;
            droppedState = null;
            return state;
        }
        Waiting next = events.poll();
        if (next == null) {
            return null;
        }
        release(next);
        return next.event();
    }

    /** Nobody reads it any more: nothing is kept from now on. */
    public synchronized void discard() {
        if (!discarded) {
            discarded = true;
            ready = null;
            events.clear();
            budget.add(-bytes);
            bytes = 0;
            budget.closed();
        }
    }

    synchronized boolean isDiscarded() {
        return discarded;
    }

    /** @param weight bytes of heap, roughly */
    void message(StreamEvent.Notifications message, long weight) {
        add(message, weight);
    }

    void gap(Gap gap) {
        add(new StreamEvent.Gap(gap.from(), gap.to(), gap.reason()), 0);
    }

    void state(SubscriptionState state, String reason) {
        add(new StreamEvent.State(state.wireName(), reason.isEmpty() ? null : reason), 0);
    }

    void keepAlive() {
        Runnable callback;
        synchronized (this) {
            if (!events.isEmpty() || droppedMessages > 0) {
                return;
            }
            callback = ready;
            put(new StreamEvent.KeepAlive(), 0);
        }
        run(callback);
    }

    /** The last one; what is told after it is ignored. */
    void end(StreamEvent.@Nullable StreamError error) {
        add(new StreamEvent.End(error), 0);
    }

    private void add(StreamEvent event, long weight) {
        Runnable callback;
        synchronized (this) {
            callback = ready;
            put(event, weight);
        }
        run(callback);
    }

    private static void run(@Nullable Runnable callback) {
        if (callback != null) {
            callback.run();
        }
    }

    private void put(StreamEvent event, long weight) {
        if (ended || discarded) {
            return;
        }
        ended = event instanceof StreamEvent.End;
        Waiting last = events.peekLast();
        if (last != null && last.event() instanceof StreamEvent.KeepAlive) {
            events.removeLast();
        }
        while (!events.isEmpty() && !hasRoomFor(weight)) {
            drop(events.removeFirst());
        }
        events.addLast(new Waiting(event, weight));
        bytes += weight;
        budget.add(weight);
    }

    /** One event is always taken, however large. */
    private boolean hasRoomFor(long weight) {
        return events.size() < MAX_MESSAGES && budget.hasRoomFor(weight, bytes);
    }

    private void drop(Waiting oldest) {
        release(oldest);
        if (oldest.event() instanceof StreamEvent.Notifications) {
            droppedMessages++;
        } else if (oldest.event() instanceof StreamEvent.Gap gap) {
            droppedGap = droppedGap == null ? gap : joined(droppedGap, gap);
        } else if (oldest.event() instanceof StreamEvent.State state) {
            droppedState = state;
        }
    }

    private void release(Waiting taken) {
        bytes -= taken.bytes();
        budget.add(-taken.bytes());
    }

    private static StreamEvent.Gap joined(StreamEvent.Gap first, StreamEvent.Gap second) {
        DateTime to = second.to();
        return new StreamEvent.Gap(first.from(), to == null ? first.to() : to, first.reason());
    }
}
