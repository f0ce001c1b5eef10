package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * A stream as the subscription knows it that it shares: its items, what the message at hand has for it, and its own
 * numbering. Confined to the session's event loop.
 */
final class StreamMember {
    private final SessionHandle handle;
    private final NotificationStream stream;
    private final List<SharedItem> items = new ArrayList<>();
    private List<Notification> collected = List.of();
    private long lastNumber;
    private long toldAt;

    StreamMember(SessionHandle handle, NotificationStream stream) {
        this.handle = handle;
        this.stream = stream;
    }

    SessionHandle handle() {
        return handle;
    }

    NotificationStream stream() {
        return stream;
    }

    List<SharedItem> items() {
        return items;
    }

    /** The ticker's, when it was last told anything. */
    long toldAt() {
        return toldAt;
    }

    void toldAt(long now) {
        toldAt = now;
    }

    /**
     * Takes in one notification of the message at hand.
     *
     * @param expected how many there may be
     * @return whether it is the first one
     */
    boolean collect(Notification notification, int expected) {
        boolean first = collected.isEmpty();
        if (first) {
            collected = new ArrayList<>(expected);
        }
        collected.add(notification);
        return first;
    }

    /**
     * Hands on what was collected as one message.
     *
     * @param bytesEach heap, roughly, of each notification
     */
    void flush(long subscriptionId, long epoch, DateTime publishTime, long bytesEach, long now) {
        List<Notification> notifications = collected;
        collected = List.of();
        toldAt = now;
        stream.message(
                new StreamEvent.Notifications(
                        subscriptionId, ++lastNumber, epoch, publishTime.isNull() ? null : publishTime, notifications),
                bytesEach * notifications.size());
    }
}
