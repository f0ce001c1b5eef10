package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Says what shall be watched, and how ({@link ManagedClient#monitor}). Not thread-safe.
 *
 * <pre>{@code
 * try (Subscription speed = client.monitor()
 *         .item("ns=2;s=Speed")
 *         .publishingInterval(Duration.ofMillis(100))
 *         .listen(change -> show(change.as(double.class)))) {
 *     …
 * }
 * }</pre>
 *
 * <p>One request holds some 700 items ({@code --max-frame-bytes}); take several subscriptions for more.
 */
public final class Monitor {
    private static final Duration RESUBSCRIBE_FOR = Duration.ofMinutes(5);

    private final ManagedClient client;
    private final List<MonitoredItemRequest> items = new ArrayList<>();
    private final List<EventRequest> events = new ArrayList<>();
    private SubscriptionParameters parameters = SubscriptionParameters.DEFAULTS;
    private Duration resubscribeFor = RESUBSCRIBE_FOR;

    Monitor(ManagedClient client) {
        this.client = client;
    }

    /** The changes of a node's value, sampled every 250 ms. */
    public Monitor item(NodeReference node) {
        return item(MonitoredItemRequest.of(node));
    }

    public Monitor item(String node) {
        return item(MonitoredItemRequest.of(node));
    }

    /** The changes of a node's value. */
    public Monitor item(String node, Duration samplingInterval) {
        return item(MonitoredItemRequest.of(node).samplingInterval(samplingInterval));
    }

    public Monitor item(MonitoredItemRequest item) {
        items.add(item);
        return this;
    }

    /** The events of a node, with these fields; without any, the usual six. */
    public Monitor events(String node, String... selectFields) {
        EventRequest usual = EventRequest.of(node);
        return events(selectFields.length == 0 ? usual : usual.select(selectFields));
    }

    public Monitor events(EventRequest event) {
        events.add(event);
        return this;
    }

    /** How often the server sends what changed; 500 ms unless given. */
    public Monitor publishingInterval(Duration value) {
        parameters = parameters.withPublishingInterval(value);
        return this;
    }

    /** All of the subscription's parameters; it is always enabled. */
    public Monitor parameters(SubscriptionParameters value) {
        parameters = value;
        return this;
    }

    /**
     * For how long it is tried to subscribe again when the daemon is gone, for example because it is restarted; 5 minutes
     * unless given, 0 = not at all.
     */
    public Monitor resubscribeFor(Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("resubscribeFor: got " + value + ", expected 0 or more");
        }
        resubscribeFor = value;
        return this;
    }

    /**
     * Subscribes; the events are asked for one by one ({@link Subscription#next}, or as an {@link Iterable}), on the threads
     * that ask.
     *
     * @throws RequestFailedException if it is refused; an item that the server refuses fails alone ({@link Subscription#items})
     */
    public Subscription open() {
        var order = new SubscriptionOrder(
                client.daemon(), client.session(), parameters, List.copyOf(items), List.copyOf(events));
        return Subscription.open(order, resubscribeFor, client);
    }

    /** Subscribes; the listener is told the events, on a daemon thread that ends with the subscription. */
    public Subscription listen(SubscriptionListener listener) {
        Subscription subscription = open();
        subscription.tell(listener);
        return subscription;
    }
}
