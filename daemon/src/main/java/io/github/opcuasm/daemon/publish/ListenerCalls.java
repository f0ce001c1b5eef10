package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.AlarmTransition;
import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.SubscriptionListener;
import io.github.opcuasm.daemon.SubscriptionListener.Message;
import io.github.opcuasm.daemon.sink.DeliveryQueue;
import io.github.opcuasm.daemon.sink.DeliveryQueue.Delivery;
import io.github.opcuasm.daemon.sink.PublishedEvent;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls one listener, on a thread of its own. What comes while it is busy waits in a bounded queue, which drops the oldest
 * and says so. What the listener throws is logged with its trace, once until it has been well for a call.
 */
final class ListenerCalls implements AutoCloseable {
    static final int MAX_WAITING = 10_000;
    static final long MAX_WAITING_WEIGHT = 32L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ListenerCalls.class);
    private static final long BATCH_WEIGHT = 256 * 1024;
    private static final Duration END_BOUND = Duration.ofSeconds(1);

    private final SubscriptionListener listener;
    private final DeliveryQueue queue;
    private final Thread thread;
    private final Map<String, Map<ConfiguredSubscription, Reading>> readings = new HashMap<>();
    private boolean failing;

    /** How the notifications of one configured subscription are read. */
    private static final class Reading {
        private final Map<Long, ConfiguredSubscription.Item> items = new HashMap<>();
        private final Map<Long, ConfiguredSubscription.Events> events = new HashMap<>();
        private final AlarmTransitions alarms = new AlarmTransitions();

        Reading(ConfiguredSubscription subscription) {
            subscription.items().forEach(item -> items.put(item.clientHandle(), item));
            subscription.events().forEach(notifier -> events.put(notifier.clientHandle(), notifier));
        }
    }

    ListenerCalls(SubscriptionListener listener) {
        this(listener, new DeliveryQueue(MAX_WAITING, MAX_WAITING_WEIGHT));
    }

    ListenerCalls(SubscriptionListener listener, DeliveryQueue queue) {
        this.listener = listener;
        this.queue = queue;
        this.thread = new Thread(this::run, "opcua-listener");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Never waits. */
    void offer(PublishedEvent event) {
        var unused = queue.offer(event);
    }

    /** Lets it hear what waits, within a second; a call under way is then interrupted. May run twice. */
    @Override
    public void close() {
        queue.close();
        try {
            thread.join(END_BOUND.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        queue.abandon();
        if (thread.isAlive()) {
            thread.interrupt();
        }
    }

    private void run() {
        try {
            for (List<Delivery> batch = queue.take(BATCH_WEIGHT); batch != null; batch = queue.take(BATCH_WEIGHT)) {
                for (Delivery delivery : batch) {
                    call(delivery.event());
                    boolean unused = delivery.done().complete(true);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void call(PublishedEvent event) {
        if (event instanceof PublishedEvent.Notifications message) {
            notifications(message);
        } else if (event instanceof PublishedEvent.Gap gap) {
            safely(() -> listener.gap(gap.origin(), gap.from(), gap.to(), gap.reason()));
        } else if (event instanceof PublishedEvent.State state) {
            safely(() -> listener.state(state.origin(), state.state(), state.reason()));
        } else if (event instanceof PublishedEvent.Overflow overflow) {
            safely(() -> listener.overflow(overflow.origin(), overflow.dropped()));
        } else {
            safely(() -> listener.keepAlive(event.origin()));
        }
    }

    private void notifications(PublishedEvent.Notifications event) {
        Message message = new Message(event.origin(), event.epoch(), event.sequenceNumber(), event.publishTime());
        Reading reading = reading(event);
        for (Notification notification : event.notifications()) {
            if (notification instanceof Notification.DataChange change) {
                ConfiguredSubscription.Item item = reading.items.get(change.clientHandle());
                if (item != null) {
                    safely(() -> listener.dataChange(message, item, change.dataValue()));
                }
            } else if (notification instanceof Notification.Event occurred) {
                ConfiguredSubscription.Events notifier = reading.events.get(occurred.clientHandle());
                if (notifier != null) {
                    event(message, reading, notifier, occurred);
                }
            }
        }
    }

    private void event(
            Message message, Reading reading, ConfiguredSubscription.Events notifier, Notification.Event event) {
        Map<String, Variant> fields = fields(notifier, event);
        safely(() -> listener.event(message, notifier, fields));
        for (AlarmTransition transition : reading.alarms.of(fields)) {
            safely(() -> listener.alarm(message, transition));
        }
    }

    private static Map<String, Variant> fields(ConfiguredSubscription.Events notifier, Notification.Event event) {
        Map<String, Variant> fields = new LinkedHashMap<>();
        List<Variant> values = event.eventFields();
        List<String> names = notifier.selectFields();
        for (int i = 0; i < names.size(); i++) {
            fields.put(names.get(i), i < values.size() ? values.get(i) : Variant.NULL);
        }
        return Collections.unmodifiableMap(fields);
    }

    /** As many as there are in the configuration. */
    private Reading reading(PublishedEvent.Notifications event) {
        return readings.computeIfAbsent(event.origin().connection(), any -> new IdentityHashMap<>())
                .computeIfAbsent(event.configured(), Reading::new);
    }

    private void safely(Runnable call) {
        @Nullable Throwable thrown = null;
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            thrown = e;
        }
        if (thrown != null && !failing) {
            LOG.error(
                    "Listener {} threw something; it is called on",
                    listener.getClass().getName(),
                    thrown);
        }
        failing = thrown != null;
    }
}
