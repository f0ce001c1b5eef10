package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link Subscription} brings. */
public sealed interface SubscriptionEvent {

    /**
     * A value that was sampled.
     *
     * @param clientHandle what the item was called: as its request said, else its place among the items, from 1
     * @param value with its status and times
     */
    record Change(NodeReference node, long clientHandle, ReadResult value) implements SubscriptionEvent {
        /** The value as this class: {@link ReadResult#as}. */
        public <T> T as(Class<T> type) {
            return value.as(type);
        }
    }

    /**
     * Something happened.
     *
     * @param node that notified
     * @param clientHandle what the item was called: as its request said, else its place behind the items
     * @param fields by the names that were selected, in their order; one that the event does not have is null
     */
    record Event(NodeReference node, long clientHandle, Map<String, TypedValue> fields) implements SubscriptionEvent {
        /**
         * A field.
         *
         * @throws IllegalArgumentException if it was not selected
         */
        public TypedValue field(String name) {
            TypedValue value = fields.get(name);
            if (value == null) {
                throw new IllegalArgumentException("field: got " + name + ", selected are " + fields.keySet());
            }
            return value;
        }
    }

    /**
     * Values of a stretch of time may be missing, because the server was away, or the daemon.
     *
     * @param from by the server's clock; null if not known
     * @param to by the server's clock; null if not known
     */
    record Gap(@Nullable Instant from, @Nullable Instant to, String reason) implements SubscriptionEvent {}

    /**
     * The program was too slow: the daemon dropped the oldest messages that waited for it, here.
     *
     * @param dropped how many
     */
    record Overflow(long dropped) implements SubscriptionEvent {}

    /**
     * How things stand with the server.
     *
     * @param state {@code Live}, {@code Interrupted}, {@code Silent}, {@code Healing}; newer daemons may have more
     */
    record State(String state, @Nullable String reason) implements SubscriptionEvent {}

    /** Nothing changed, and the server said so. */
    record KeepAlive() implements SubscriptionEvent {}

    /**
     * The last one.
     *
     * @param failure why it ended; null if it was closed
     */
    record End(@Nullable ClientException failure) implements SubscriptionEvent {
        /** Why it ended; empty if it was closed. */
        public Optional<ClientException> reason() {
            return Optional.ofNullable(failure);
        }
    }
}
