package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.SubscriptionListener;
import io.github.opcuasm.daemon.SubscriptionListener.Origin;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Notification;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that a configured subscription brought. */
public sealed interface PublishedEvent {

    Origin origin();

    /** Roughly how much memory it takes, for bounds. */
    default long weight() {
        return Notifications.WEIGHT;
    }

    /**
     * A NotificationMessage.
     *
     * @param configured what the subscription is configured to be
     * @param epoch how many times sequence numbers began anew
     * @param publishTime null if the server did not tell
     * @param bytes of the notifications as the server sent them
     */
    record Notifications(
            Origin origin,
            ConfiguredSubscription configured,
            long sequenceNumber,
            long epoch,
            @Nullable DateTime publishTime,
            List<Notification> notifications,
            long bytes)
            implements PublishedEvent {
        /** What a notification takes beside what is in it: a dozen small objects. */
        private static final long WEIGHT = 200;

        @Override
        public long weight() {
            return WEIGHT * (1 + notifications.size()) + bytes;
        }
    }

    /** Values may be missing between these times. */
    record Gap(
            Origin origin,
            @Nullable DateTime from,
            @Nullable DateTime to,
            String reason) implements PublishedEvent {}

    /** How the subscription does now. */
    record State(
            Origin origin,
            SubscriptionListener.State state,
            @Nullable String reason) implements PublishedEvent {}

    /** Nothing changed. */
    record KeepAlive(Origin origin) implements PublishedEvent {}

    /** So many of this origin were dropped here. */
    record Overflow(Origin origin, long dropped) implements PublishedEvent {}
}
