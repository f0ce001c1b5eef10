package io.github.opcuasm.daemon;

import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Variant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What configured subscriptions bring, for whoever embeds the daemon ({@link SessionManagerDaemon.Builder#listener}). Each
 * listener has a thread of its own, which calls it in the order in which things happened; it may block. What comes
 * meanwhile waits in a bounded queue: of what does not fit the oldest is dropped, and {@link #overflow} says how much. What
 * a listener throws is logged, and nothing else happens.
 *
 * <p>Messages are acknowledged to the server without regard to listeners: what must survive the process belongs into a
 * sink. After a restart with a state directory a message may come a second time; it has the same {@link Message}.
 */
public interface SubscriptionListener {

    /**
     * Where something comes from.
     *
     * @param connection name of the connection in the configuration
     * @param sessionId of its handle, 32 hex digits
     * @param subscriptionId the same for as long as the handle lives, whatever happens on the server
     */
    record Origin(String connection, String sessionId, long subscriptionId) {}

    /**
     * The message that something came with.
     *
     * @param epoch how many times sequence numbers began anew: with it they name a message
     * @param publishTime when the server sent it; null if it did not tell
     */
    record Message(
            Origin origin,
            long epoch,
            long sequenceNumber,
            @Nullable DateTime publishTime) {}

    /** How a subscription does. */
    enum State {
        /** Messages come, or nothing changes. */
        LIVE,
        /** Its session is being restored. */
        INTERRUPTED,
        /** Nothing was heard for longer than its keep-alive time. */
        SILENT,
        /** It is being brought back, step by step. */
        HEALING
    }

    /**
     * A value.
     *
     * @param item as it was configured
     */
    default void dataChange(Message message, ConfiguredSubscription.Item item, DataValue value) {}

    /**
     * An event.
     *
     * @param notifier as it was configured
     * @param fields by the names of its select fields, in their order; null values for what the event does not have
     */
    default void event(Message message, ConfiguredSubscription.Events notifier, Map<String, Variant> fields) {}

    /** A condition changed; comes after the {@link #event} that told of it. */
    default void alarm(Message message, AlarmTransition transition) {}

    /** Nothing changed, and the subscription lives. */
    default void keepAlive(Origin origin) {}

    /**
     * A subscription does otherwise than before.
     *
     * @param reason null if there is nothing to say
     */
    default void state(Origin origin, State state, @Nullable String reason) {}

    /**
     * Values may be missing of this stretch of time by the server's clock.
     *
     * @param from null = unknown
     * @param to null = unknown
     */
    default void gap(Origin origin, @Nullable DateTime from, @Nullable DateTime to, String reason) {}

    /**
     * This listener was too slow.
     *
     * @param dropped what it was not told, messages and all else
     */
    default void overflow(Origin origin, long dropped) {}
}
