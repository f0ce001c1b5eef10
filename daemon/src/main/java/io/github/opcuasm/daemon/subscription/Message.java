package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.protocol.type.DateTime;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/**
 * A NotificationMessage that came, still encoded (Part 4, 7.21). Within one subscription it is known by its epoch and its
 * sequence number.
 *
 * @param epoch how often sequence numbers had begun anew
 * @param publishTime by the server's clock
 * @param data at least one NotificationData, none of them a StatusChangeNotification
 */
public record Message(
        long epoch, long sequenceNumber, DateTime publishTime, boolean moreNotifications, List<ExtensionObject> data) {
    private static final int OVERHEAD = 200;

    /** The same message under another epoch. */
    Message inEpoch(long other) {
        return other == epoch ? this : new Message(other, sequenceNumber, publishTime, moreNotifications, data);
    }

    /** Roughly what it takes on the heap. */
    public long bytes() {
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
}
