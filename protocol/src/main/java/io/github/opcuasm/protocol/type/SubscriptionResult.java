package io.github.opcuasm.protocol.type;

/**
 * A subscription as the server granted it (Part 4, 5.14.2).
 *
 * @param revisedPublishingInterval milliseconds
 * @param revisedLifetimeCount publishing intervals
 * @param revisedMaxKeepAliveCount publishing intervals
 */
public record SubscriptionResult(
        long subscriptionId,
        double revisedPublishingInterval,
        long revisedLifetimeCount,
        long revisedMaxKeepAliveCount) {}
