package io.github.opcuasm.protocol.type;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a stream of notifications brings (protocol, section 7). */
public sealed interface StreamEvent {

    /**
     * What one NotificationMessage of the server brought for the items of this stream (Part 4, 7.26).
     *
     * @param subscriptionId as the answer to {@code subscribe} called it
     * @param sequenceNumber 1, 2, 3 …, counted for this stream; what is missing was dropped, and told by an {@link
     *     Overflow}
     * @param epoch how many times the server's numbers had begun anew, 0 at first
     * @param publishTime when the server sent the message, by its clock; null if it did not say
     * @param notifications at least one, in the server's order
     */
    record Notifications(
            long subscriptionId,
            long sequenceNumber,
            long epoch,
            @Nullable DateTime publishTime,
            List<Notification> notifications)
            implements StreamEvent {}

    /**
     * The stream was read too slowly: the oldest messages that waited were dropped, here.
     *
     * @param dropped how many
     */
    record Overflow(long dropped) implements StreamEvent {}

    /**
     * Values of a stretch of time may be missing.
     *
     * @param from by the server's clock; null if it is not known
     * @param to by the server's clock; null if it is not known
     * @param reason in words
     */
    record Gap(@Nullable DateTime from, @Nullable DateTime to, String reason) implements StreamEvent {}

    /**
     * How things stand with the subscription on the server.
     *
     * @param state {@code Live}, {@code Interrupted}, {@code Silent}, {@code Healing}; a newer daemon may know more
     * @param reason in words; null if there is nothing to say
     */
    record State(String state, @Nullable String reason) implements StreamEvent {}

    /** Nothing changed, and the server said so. */
    record KeepAlive() implements StreamEvent {}

    /**
     * The last event.
     *
     * @param error why; null if the stream's reader ended it
     */
    record End(@Nullable StreamError error) implements StreamEvent {}

    /**
     * Why a stream ended.
     *
     * @param type one of the protocol's error types (section 4)
     * @param statusCode of OPC UA; null if there is none
     */
    record StreamError(
            String type, String message, @Nullable StatusCode statusCode) {}
}
