package io.github.opcuasm.daemon.subscription;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/**
 * What one reader gets: a NotificationMessage as the server sent it, or the shape of a keep-alive.
 *
 * @param sequenceNumber of the message; of the next one for a keep-alive
 * @param moreNotifications whether another message waits for this reader, or will at once
 * @param data NotificationData, encoded; empty for a keep-alive
 * @param availableSequenceNumbers what readers were given, did not acknowledge, and can have again
 * @param epoch how often sequence numbers had begun anew
 * @param dropped how many messages were dropped right before this one, because nobody read them
 * @param gap what may be missing before this message, or before the next one for a keep-alive; null = nothing
 * @param receipt names this giving of this message, in its mailbox; null for a keep-alive
 */
public record Delivery(
        long subscriptionId,
        long sequenceNumber,
        boolean moreNotifications,
        List<ExtensionObject> data,
        List<Long> availableSequenceNumbers,
        long epoch,
        long dropped,
        @Nullable Gap gap,
        @Nullable Receipt receipt) {

    /**
     * Names the giving of one message.
     *
     * @param arrival as {@link MailboxEntry#arrival}
     * @param times as {@link MailboxEntry#timesGiven}
     */
    record Receipt(long arrival, long times) {}
}
