package io.github.opcuasm.client;

/**
 * Is told what a subscription brings, on one thread of its own and in order ({@link Monitor#listen}). It may take its time: what
 * comes meanwhile waits in the daemon, and is dropped there when it is too much ({@link #overflow}). An exception that it
 * throws goes to the thread's handler of uncaught exceptions, and the next event to the listener.
 */
@FunctionalInterface
public interface SubscriptionListener {

    /** A value changed. */
    void changed(SubscriptionEvent.Change change);

    /** Something happened. */
    default void event(SubscriptionEvent.Event event) {}

    /** Values may be missing. */
    default void gap(SubscriptionEvent.Gap gap) {}

    /** Messages were dropped, because this listener was too slow. */
    default void overflow(SubscriptionEvent.Overflow overflow) {}

    /** How things stand with the server. */
    default void state(SubscriptionEvent.State state) {}

    /** Nothing changed, and the server said so. */
    default void keepAlive(SubscriptionEvent.KeepAlive keepAlive) {}

    /** The last call: nothing comes any more. */
    default void ended(SubscriptionEvent.End end) {}

    /** Calls the method that the event is for. */
    default void on(SubscriptionEvent event) {
        if (event instanceof SubscriptionEvent.Change change) {
            changed(change);
        } else if (event instanceof SubscriptionEvent.Event happened) {
            event(happened);
        } else if (event instanceof SubscriptionEvent.Gap gap) {
            gap(gap);
        } else if (event instanceof SubscriptionEvent.Overflow overflow) {
            overflow(overflow);
        } else if (event instanceof SubscriptionEvent.State state) {
            state(state);
        } else if (event instanceof SubscriptionEvent.KeepAlive keepAlive) {
            keepAlive(keepAlive);
        } else if (event instanceof SubscriptionEvent.End end) {
            ended(end);
        }
    }
}
