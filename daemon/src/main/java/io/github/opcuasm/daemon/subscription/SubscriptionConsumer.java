package io.github.opcuasm.daemon.subscription;

/**
 * Who gets what a subscription brings. Called on the session's event loop, in order: messages by epoch and sequence number,
 * each once; a gap before the first message behind it.
 *
 * <p>The server keeps a message, as far as it has room, until {@link ManagedSubscription#acknowledge} is called for it.
 */
public interface SubscriptionConsumer {
    /** Changes or events. */
    void message(ManagedSubscription subscription, Message message);

    /** Something may be missing between the messages before and those that follow. */
    default void gap(ManagedSubscription subscription, Gap gap) {}

    /** Nothing has changed. */
    default void keepAlive(ManagedSubscription subscription) {}

    /** It fares otherwise than before. */
    default void state(ManagedSubscription subscription, SubscriptionState state, String reason) {}

    /** It is over without the consumer's doing; nothing follows. */
    void ended(ManagedSubscription subscription, String why);

    /** The session was closed, and all that it had with it; nothing follows. */
    default void closed(ManagedSubscription subscription) {
        ended(subscription, "the session was closed");
    }
}
