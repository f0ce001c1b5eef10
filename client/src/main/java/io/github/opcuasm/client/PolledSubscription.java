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
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final Duration LEAST = Duration.ofMillis(1);

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
        this.subscription = send(SubscriptionQueries.createSubscription(parameters));
        long id = subscription.subscriptionId();
        this.items = items.isEmpty() ? List.of() : send(SubscriptionQueries.createMonitoredItems(id, items));
        List<MonitoredItemResult> results = new ArrayList<>();
        for (EventRequest event : events) {
            results.add(send(SubscriptionQueries.createEventMonitoredItem(id, event)));
        }
        this.events = List.copyOf(results);
    }

    private <T> T send(Query<T> query) {
        return new QueryCalls(daemon).send(query, ClientSession.target(opened), daemon.end());
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

    /**
     * Waits as long as the daemon makes {@code publish} wait, which may be longer. Less than a second it asks the daemon to
     * wait no longer than that; then no message is no keep-alive.
     */
    @Override
    public @Nullable StreamEvent next(Duration timeout) {
        if (waiting.isEmpty() && !closed) {
            List<Acknowledgement> acknowledgements = last == null ? List.of() : List.of(Acknowledgement.of(last));
            Duration wait = timeout.compareTo(SHORT) >= 0 ? null : timeout.compareTo(LEAST) < 0 ? LEAST : timeout;
            take(publish(SubscriptionQueries.publish(acknowledgements, null, wait)), wait == null);
        }
        return waiting.poll();
    }

    private PublishResult publish(Query<PublishResult> query) {
        try {
            return send(query);
        } catch (RequestFailedException.SessionNotFound e) {
            // Nobody else knows this session: the daemon was restarted, or let it expire because nobody asked.
            throw new ConnectionLostException(
                    "The daemon on " + daemon.endpoint() + " does not know the session of the subscription any more",
                    null,
                    e);
        }
    }

    private void take(PublishResult message, boolean tellKeepAlive) {
        if (message.dropped() > 0) {
            waiting.add(new StreamEvent.Overflow(message.dropped()));
        }
        PublishResult.Gap gap = message.gap();
        boolean isKeepAlive = message.notifications().isEmpty();
        last = isKeepAlive ? null : message;
        if (isKeepAlive) {
            if (tellKeepAlive) {
                waiting.add(new StreamEvent.KeepAlive());
            }
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
