package io.github.opcuasm.protocol.type;

import java.util.List;

/**
 * A NotificationMessage (Part 4, 5.14.5).
 *
 * @param sequenceNumber of the message; of the next one for a keep-alive
 * @param notifications empty for a keep-alive
 * @param availableSequenceNumbers of the messages that can still be had again
 */
public record PublishResult(
        long subscriptionId,
        long sequenceNumber,
        boolean moreNotifications,
        List<Notification> notifications,
        List<Long> availableSequenceNumbers) {}
