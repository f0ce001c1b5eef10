package io.github.opcuasm.daemon.subscription;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a subscription stands, at one moment.
 *
 * @param handleId of the handle that has it
 * @param consumer as {@link ListedConsumer#kind}
 * @param items monitored items that were created through this daemon
 * @param lastMessage when the last message came; null if none has
 * @param lastSeen when the server last said anything of it; null if it has not
 */
public record SubscriptionStanding(
        String handleId,
        long subscriptionId,
        String consumer,
        SubscriptionState state,
        long epoch,
        int items,
        @Nullable Instant lastMessage,
        @Nullable Instant lastSeen,
        ListedConsumer.Holding holding) {}
