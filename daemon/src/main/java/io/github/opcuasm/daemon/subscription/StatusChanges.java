package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import java.util.Arrays;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.StatusChangeNotification;
import org.jspecify.annotations.Nullable;

/** Tells a StatusChangeNotification from other NotificationData, and what it means (Part 4, 7.25.4). */
final class StatusChanges {
    private StatusChanges() {}

    static boolean isOne(ExtensionObject object) {
        NodeId type = object.getEncodingOrTypeId();
        return NodeIds.StatusChangeNotification_Encoding_DefaultBinary.equals(type)
                || NodeIds.StatusChangeNotification.equals(type);
    }

    /** Whether a message says nothing but that, as the last one of a subscription that was taken over. */
    static boolean isNothingElse(@Nullable NotificationMessage message) {
        ExtensionObject[] data = message == null ? null : message.getNotificationData();
        return data != null
                && data.length > 0
                && Arrays.stream(data).allMatch(object -> object != null && isOne(object));
    }

    /**
     * That a subscription is not this session's any more.
     *
     * @param taken whether another session has it, else nobody
     */
    record End(String why, boolean taken) {}

    /** Whether and why the subscription is not this session's any more; null if it is. */
    static @Nullable End endTold(ExtensionObject object, EncodingContext context) {
        if (!isOne(object)) {
            return null;
        }
        long status;
        try {
            if (!(object.decode(context) instanceof StatusChangeNotification change) || change.getStatus() == null) {
                return null;
            }
            status = change.getStatus().getValue();
        } catch (UaSerializationException e) {
            return null;
        }
        if (status == StatusCodes.Good_SubscriptionTransferred) {
            return new End("another session took it over", true);
        }
        if (status == StatusCodes.Bad_Timeout) {
            return new End("the server ended it, because nobody read it for its lifetime", false);
        }
        return status >= 0x8000_0000L ? new End("the server ended it: " + OpcUaErrors.describe(status), false) : null;
    }
}
