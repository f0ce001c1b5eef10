package io.github.opcuasm.daemon.subscription;

/**
 * What a subscription is asked to be (Part 4, 5.14.2).
 *
 * @param publishingInterval milliseconds, at least 0
 * @param lifetimeCount publishing intervals, UInt32
 * @param maxKeepAliveCount publishing intervals, UInt32
 * @param maxNotificationsPerPublish UInt32; 0 = no limit
 * @param priority 0 to 255
 */
public record SubscriptionParameters(
        double publishingInterval,
        long lifetimeCount,
        long maxKeepAliveCount,
        long maxNotificationsPerPublish,
        boolean publishingEnabled,
        int priority) {}
