package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A subscription where the daemon has no streams (protocol 1): created by its services and asked for by {@code publish}, which
 * waits at the daemon. It has a session of its own, since {@code publish} gives the messages of all of a session's
 * subscriptions, and would take those that somebody else waits for.
 *
 * <p>A message is acknowledged with the next {@code publish}: when it has been handed on. One thread at a time.
 */
final class PolledSubscription implements NotificationSource {
    private final DaemonClient daemon;
    private final ClientSession session;
    private final OpenedSession opened;
    private final SubscriptionResult subscription;
    private final List<MonitoredItemResult> items;
    private final List<MonitoredItemResult> events;
    private final Queue<StreamEvent> waiting = new ArrayDeque<>();
    private @Nullable PublishResult last;
    private volatile boolean closed;

    /** Creates it, on a session of its own; {@code items} and {@code events} with the client handles to be reported. */
    PolledSubscription(
            DaemonClient daemon,
            ClientSession session,
            SubscriptionParameters parameters,
            List<MonitoredItemRequest> items,
            List<EventRequest> events) {
        this.daemon = daemon;
        this.session = session;
        this.opened = session.current();
        this.subscription = send(Queries.createSubscription(parameters));
        long id = subscription.subscriptionId();
        this.items = items.isEmpty() ? List.of() : send(Queries.createMonitoredItems(id, items));
        List<MonitoredItemResult> results = new ArrayList<>();
        for (EventRequest event : events) {
            results.add(send(Queries.createEventMonitoredItem(id, event)));
        }
        this.events = List.copyOf(results);
    }

    private <T> T send(Query<T> query) {
        return ManagedClient.send(daemon, query, opened);
    }

    @Override
    public SubscriptionResult subscription() {
        return subscription;
    }

    @Override
    public List<MonitoredItemResult> items() {
        return items;
    }

    @Override
    public List<MonitoredItemResult> events() {
        return events;
    }

    /** Waits as long as the daemon makes {@code publish} wait, which may be longer. */
    @Override
    public @Nullable StreamEvent next(Duration timeout) {
        if (waiting.isEmpty() && !timeout.isZero() && !closed) {
            List<Acknowledgement> acknowledgements = last == null ? List.of() : List.of(Acknowledgement.of(last));
            take(send(Queries.publish(acknowledgements, null, null)));
        }
        return waiting.poll();
    }

    private void take(PublishResult message) {
        if (message.dropped() > 0) {
            waiting.add(new StreamEvent.Overflow(message.dropped()));
        }
        PublishResult.Gap gap = message.gap();
        boolean isKeepAlive = message.notifications().isEmpty();
        last = isKeepAlive ? null : message;
        if (isKeepAlive) {
            waiting.add(new StreamEvent.KeepAlive());
            return;
        }
        if (gap != null) {
            waiting.add(new StreamEvent.Gap(gap.from(), gap.to(), gap.reason()));
        }
        waiting.add(new StreamEvent.Notifications(
                message.subscriptionId(), message.sequenceNumber(), message.epoch(), null, message.notifications()));
    }

    /** Gives the session up, and with it the subscription. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            try {
                session.close();
            } catch (ClientException e) {
                // the daemon is gone, or ends the session by itself once nobody calls publish
            }
        }
    }
}
