package io.github.opcuasm.daemon.subscription;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/** A NotificationMessage that came, still encoded. */
record Message(
        OwnedSubscription subscription, long sequenceNumber, boolean moreNotifications, List<ExtensionObject> data) {
    private static final int OVERHEAD = 200;

    /** Roughly what it takes on the heap. */
    long bytes() {
        return bytes(data);
    }

    /** Roughly what a message with this NotificationData takes on the heap. */
    static long bytes(List<? extends @Nullable ExtensionObject> data) {
        long sum = OVERHEAD;
        for (ExtensionObject object : data) {
            sum += OVERHEAD;
            if (object != null && object.getBody() instanceof ByteString body && body.isNotNull()) {
                sum += body.length();
            }
        }
        return sum;
    }

    Delivery delivery() {
        return new Delivery(subscription.id(), sequenceNumber, moreNotifications, data, subscription.available());
    }
}
