package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.ConfiguredSubscription.ChangeFilter;
import io.github.opcuasm.daemon.ConfiguredSubscription.Events;
import io.github.opcuasm.daemon.ConfiguredSubscription.Item;
import io.github.opcuasm.daemon.subscription.SubscriptionParameters;
import io.github.opcuasm.protocol.CommandException;
import java.util.ArrayList;
import java.util.List;

/** What the configuration subscribes to, as the services take it. */
public final class ConfiguredItems {
    private static final int EVENT_NOTIFIER = 12;
    private static final int REPORTING = 2;
    /** Events that come between two messages; the server may keep fewer. */
    private static final int EVENT_QUEUE_SIZE = 1_000;

    private ConfiguredItems() {}

    /** What the subscription is asked to be. */
    public static SubscriptionParameters parameters(ConfiguredSubscription subscription) {
        return new SubscriptionParameters(
                subscription.publishingInterval(),
                subscription.lifetimeCount(),
                subscription.maxKeepAliveCount(),
                subscription.maxNotificationsPerPublish(),
                true,
                subscription.priority());
    }

    /**
     * All items of a subscription, values first.
     *
     * @throws IllegalArgumentException for what {@link #of(Events)} refuses
     */
    public static List<MonitoredItem> of(ConfiguredSubscription subscription) {
        List<MonitoredItem> items = new ArrayList<>();
        subscription.items().forEach(item -> items.add(of(item)));
        subscription.events().forEach(events -> items.add(of(events)));
        return items;
    }

    private static MonitoredItem of(Item item) {
        ChangeFilter filter = item.filter();
        return new MonitoredItem(
                item.nodeId(),
                item.attributeId(),
                item.monitoringMode(),
                item.clientHandle(),
                item.samplingInterval(),
                item.queueSize(),
                item.discardOldest(),
                filter == null
                        ? null
                        : new MonitoringFilter.DataChange(
                                filter.trigger(), filter.deadbandType(), filter.deadbandValue()));
    }

    /**
     * Events of a notifier.
     *
     * @throws IllegalArgumentException naming the select field or the where clause that cannot be read: {@code …: got …,
     *     expected …}
     */
    public static MonitoredItem of(Events events) {
        return new MonitoredItem(
                events.nodeId(),
                EVENT_NOTIFIER,
                REPORTING,
                events.clientHandle(),
                0.0,
                EVENT_QUEUE_SIZE,
                true,
                filter(events));
    }

    private static MonitoringFilter filter(Events events) {
        try {
            return MonitoringFilter.Event.parse(events.selectFields(), events.where(), "");
        } catch (CommandException e) {
            throw new IllegalArgumentException(e.messageText(), e);
        }
    }
}
