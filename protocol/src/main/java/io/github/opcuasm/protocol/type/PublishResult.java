package io.github.opcuasm.protocol.type;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A NotificationMessage (Part 4, 5.14.5).
 *
 * @param sequenceNumber of the message; of the next one for a keep-alive
 * @param notifications empty for a keep-alive
 * @param availableSequenceNumbers of the messages that can still be had again
 * @param epoch how often sequence numbers had begun anew
 * @param dropped how many messages were dropped right before this one, because nobody read them
 * @param gap what may be missing before this message, before the next one for a keep-alive; null = nothing
 */
public record PublishResult(
        long subscriptionId,
        long sequenceNumber,
        boolean moreNotifications,
        List<Notification> notifications,
        List<Long> availableSequenceNumbers,
        long epoch,
        long dropped,
        @Nullable Gap gap) {
    /** Of the first epoch, with nothing missing before it. */
    public PublishResult(
            long subscriptionId,
            long sequenceNumber,
            boolean moreNotifications,
            List<Notification> notifications,
            List<Long> availableSequenceNumbers) {
        this(subscriptionId, sequenceNumber, moreNotifications, notifications, availableSequenceNumbers, 0, 0, null);
    }

    /**
     * A stretch of time of which values or events may be missing.
     *
     * @param from by the server's clock; null if it is not known
     * @param to by the server's clock; null if it is not known
     * @param reason in words
     */
    public record Gap(@Nullable DateTime from, @Nullable DateTime to, String reason) {}
}
