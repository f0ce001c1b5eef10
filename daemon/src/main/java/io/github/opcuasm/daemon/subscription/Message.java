package io.github.opcuasm.daemon.subscription;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;

/** A NotificationMessage that came, still encoded. */
record Message(
        OwnedSubscription subscription, long sequenceNumber, boolean moreNotifications, List<ExtensionObject> data) {
    private static final int OVERHEAD = 200;

    /** Roughly what it takes on the heap. */
    int bytes() {
        long sum = OVERHEAD;
        for (ExtensionObject object : data) {
            sum += OVERHEAD + (object.getBody() instanceof ByteString body && body.isNotNull() ? body.length() : 0);
        }
        return (int) Math.min(sum, Integer.MAX_VALUE);
    }

    Delivery delivery() {
        return new Delivery(subscription.id(), sequenceNumber, moreNotifications, data, subscription.available());
    }
}
