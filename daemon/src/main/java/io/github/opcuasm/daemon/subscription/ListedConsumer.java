package io.github.opcuasm.daemon.subscription;

import java.util.Collection;

/** A consumer whose subscriptions {@code list} shows with the handles that have them. On the session's event loop. */
public interface ListedConsumer {
    /** Those that have its subscriptions. */
    Collection<String> handleIds();

    /** What it is: {@code mailbox}, {@code stream}, {@code auto}. */
    String kind();

    /** What it holds of a subscription. */
    default Holding holding(ManagedSubscription subscription) {
        return Holding.NOTHING;
    }

    /**
     * Messages in numbers.
     *
     * @param waiting for somebody to read them
     * @param unacknowledged given to somebody who has not said so
     * @param dropped for want of room, unread
     */
    record Holding(long waiting, long unacknowledged, long dropped) {
        public static final Holding NOTHING = new Holding(0, 0, 0);
    }
}
