package io.github.opcuasm.client;

import java.time.Duration;

/**
 * What a subscription is created with (Part 4, 5.14.2); the server may revise it.
 *
 * @param publishingInterval how often the server sends what changed
 * @param lifetimeCount publishing intervals without a request after which the server gives it up
 * @param maxKeepAliveCount publishing intervals without a change after which the server says that there was none
 * @param maxNotificationsPerPublish 0 = as many as there are
 * @param publishingEnabled false: nothing is sent
 * @param priority 0 to 255, relative to the session's others
 */
public record SubscriptionParameters(
        Duration publishingInterval,
        long lifetimeCount,
        long maxKeepAliveCount,
        long maxNotificationsPerPublish,
        boolean publishingEnabled,
        int priority) {
    /** Every 500 ms, a lifetime of 20 minutes, a keep-alive every 5 s. */
    public static final SubscriptionParameters DEFAULTS =
            new SubscriptionParameters(Duration.ofMillis(500), 2400, 10, 0, true, 0);

    public SubscriptionParameters withPublishingInterval(Duration value) {
        return new SubscriptionParameters(
                value, lifetimeCount, maxKeepAliveCount, maxNotificationsPerPublish, publishingEnabled, priority);
    }

    public SubscriptionParameters withLifetimeCount(long value) {
        return new SubscriptionParameters(
                publishingInterval, value, maxKeepAliveCount, maxNotificationsPerPublish, publishingEnabled, priority);
    }

    public SubscriptionParameters withMaxKeepAliveCount(long value) {
        return new SubscriptionParameters(
                publishingInterval, lifetimeCount, value, maxNotificationsPerPublish, publishingEnabled, priority);
    }

    public SubscriptionParameters withMaxNotificationsPerPublish(long value) {
        return new SubscriptionParameters(
                publishingInterval, lifetimeCount, maxKeepAliveCount, value, publishingEnabled, priority);
    }

    public SubscriptionParameters withPublishingEnabled(boolean value) {
        return new SubscriptionParameters(
                publishingInterval, lifetimeCount, maxKeepAliveCount, maxNotificationsPerPublish, value, priority);
    }

    public SubscriptionParameters withPriority(int value) {
        return new SubscriptionParameters(
                publishingInterval,
                lifetimeCount,
                maxKeepAliveCount,
                maxNotificationsPerPublish,
                publishingEnabled,
                value);
    }
}
