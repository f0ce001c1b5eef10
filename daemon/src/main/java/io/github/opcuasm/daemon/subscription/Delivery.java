package io.github.opcuasm.daemon.subscription;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;

/**
 * What one reader gets: a NotificationMessage as the server sent it, or the shape of a keep-alive.
 *
 * @param sequenceNumber of the message; of the next one for a keep-alive
 * @param data NotificationData, encoded; empty for a keep-alive
 * @param availableSequenceNumbers what the server still has, as far as it told, without what readers acknowledged
 */
public record Delivery(
        long subscriptionId,
        long sequenceNumber,
        boolean moreNotifications,
        List<ExtensionObject> data,
        List<Long> availableSequenceNumbers) {}
