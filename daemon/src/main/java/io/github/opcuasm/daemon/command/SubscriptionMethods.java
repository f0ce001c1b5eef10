package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.SubscriptionService;
import io.github.opcuasm.daemon.subscription.Acknowledgement;
import io.github.opcuasm.daemon.subscription.SubscriptionParameters;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The methods of the Subscription service set. */
final class SubscriptionMethods {
    private static final double PUBLISHING_INTERVAL_MS = 500.0;
    private static final int LIFETIME_COUNT = 2_400;
    private static final int KEEP_ALIVE_COUNT = 10;
    private static final int MAX_PRIORITY = 255;
    private static final int MAX_WAIT_MS = 86_400_000;

    private final SubscriptionService subscriptions;

    SubscriptionMethods(SubscriptionService subscriptions) {
        this.subscriptions = subscriptions;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading(
                "createSubscription",
                (context, p) -> subscriptions.create(
                        context,
                        parameters(
                                p.get(0, "publishingInterval"),
                                p.get(1, "lifetimeCount"),
                                p.get(2, "maxKeepAliveCount"),
                                p.get(3, "maxNotificationsPerPublish"),
                                p.get(4, "publishingEnabled"),
                                p.get(5, "priority"))));
        rows.reading(
                "deleteSubscription",
                (context, p) ->
                        subscriptions.delete(context, p.get(0, "subscriptionId").uint32()));
        rows.taking(
                "publish",
                (context, p) -> subscriptions.publish(
                        context,
                        p.get(0, "acknowledgements").list(SubscriptionMethods::acknowledgement),
                        subscriptionIds(p.get(1, "subscriptionIds")),
                        maxWait(p.get(2, "maxWaitMs"))));
        rows.reading(
                "transferSubscriptions",
                (context, p) -> subscriptions.transfer(
                        context,
                        p.get(0, "subscriptionIds").requiredList().stream()
                                .map(Argument::uint32)
                                .toList(),
                        p.get(1, "sendInitialValues").flag(false)));
        rows.reading(
                "republish",
                (context, p) -> subscriptions.republish(
                        context,
                        p.get(0, "subscriptionId").uint32(),
                        p.get(1, "sequenceNumber").uint32()));
    }

    /** As members of an object. */
    static SubscriptionParameters parameters(Argument subscription) {
        return parameters(
                subscription.member("publishingInterval"),
                subscription.member("lifetimeCount"),
                subscription.member("maxKeepAliveCount"),
                subscription.member("maxNotificationsPerPublish"),
                subscription.member("publishingEnabled"),
                subscription.member("priority"));
    }

    private static SubscriptionParameters parameters(
            Argument publishingInterval,
            Argument lifetimeCount,
            Argument maxKeepAliveCount,
            Argument maxNotificationsPerPublish,
            Argument publishingEnabled,
            Argument priority) {
        return new SubscriptionParameters(
                publishingInterval.number(0, PUBLISHING_INTERVAL_MS),
                lifetimeCount.uint32(LIFETIME_COUNT),
                maxKeepAliveCount.uint32(KEEP_ALIVE_COUNT),
                maxNotificationsPerPublish.uint32(0),
                publishingEnabled.flag(true),
                priority.whole(0, MAX_PRIORITY, 0));
    }

    private static Acknowledgement acknowledgement(Argument argument) {
        Integer epoch = argument.member("epoch").wholeOrNull(0, Integer.MAX_VALUE);
        return new Acknowledgement(
                argument.member("subscriptionId").uint32(),
                argument.member("sequenceNumber").uint32(),
                epoch == null ? null : Long.valueOf(epoch));
    }

    /** Null = all; so is an empty list. */
    private static @Nullable Set<Long> subscriptionIds(Argument argument) {
        List<Long> ids = argument.list(Argument::uint32);
        return ids.isEmpty() ? null : new LinkedHashSet<>(ids);
    }

    private static @Nullable Duration maxWait(Argument argument) {
        Integer millis = argument.wholeOrNull(0, MAX_WAIT_MS);
        return millis == null ? null : Duration.ofMillis(millis);
    }
}
