package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription was asked to bring, for as often as it has to be asked for. On the wire the items are called by their
 * place, from 1, events behind values: so a notification finds its node.
 */
final class SubscriptionOrder {
    private final DaemonClient daemon;
    private final ClientSession session;
    private final SubscriptionParameters parameters;
    private final List<MonitoredItemRequest> items;
    private final List<EventRequest> events;

    SubscriptionOrder(
            DaemonClient daemon,
            ClientSession session,
            SubscriptionParameters parameters,
            List<MonitoredItemRequest> items,
            List<EventRequest> events) {
        this.daemon = daemon;
        this.session = session;
        this.parameters = parameters;
        this.items = items;
        this.events = events;
    }

    /** Subscribes, on the client's session, which is opened again where the daemon does not know it. */
    NotificationSource place() {
        long end = daemon.end();
        OpenedSession on = session.current();
        try {
            return stream(on);
        } catch (RequestFailedException.SessionNotFound e) {
            return stream(session.reopened(on, e, end));
        } catch (UnsupportedDaemonException e) {
            return polled();
        }
    }

    /** Whether the client has given up the session: there is nothing to subscribe on. */
    boolean isVoid() {
        return session.isClosed();
    }

    private NotificationSource stream(OpenedSession on) {
        StreamRequest request = StreamRequest.ofSession(on.sessionId())
                .publishingInterval(parameters.publishingInterval())
                .subscription("lifetimeCount", parameters.lifetimeCount())
                .subscription("maxKeepAliveCount", parameters.maxKeepAliveCount())
                .subscription("maxNotificationsPerPublish", parameters.maxNotificationsPerPublish())
                .subscription("priority", parameters.priority());
        for (int i = 0; i < items.size(); i++) {
            request.item(items.get(i).clientHandle(handleOfItem(i)).members());
        }
        for (int i = 0; i < events.size(); i++) {
            request.event(events.get(i).members(handleOfEvent(i)));
        }
        return new NotificationSource.OfStream(daemon.subscribe(request));
    }

    private NotificationSource polled() {
        List<MonitoredItemRequest> called = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            called.add(items.get(i).clientHandle(handleOfItem(i)));
        }
        List<EventRequest> calledEvents = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            calledEvents.add(events.get(i).withClientHandle(handleOfEvent(i)));
        }
        ClientSession own = session.another();
        boolean begun = false;
        try {
            var subscription =
                    new PolledSubscription(daemon, own, parameters.withPublishingEnabled(true), called, calledEvents);
            begun = true;
            return subscription;
        } finally {
            if (!begun) {
                own.close();
            }
        }
    }

    private static long handleOfItem(int index) {
        return index + 1L;
    }

    private long handleOfEvent(int index) {
        return items.size() + index + 1L;
    }

    /** What a notification means; null if it is of no item of ours. */
    @Nullable
    SubscriptionEvent event(Notification notification) {
        long handle = notification.clientHandle();
        if (notification instanceof Notification.DataChange change && handle >= 1 && handle <= items.size()) {
            MonitoredItemRequest item = items.get((int) handle - 1);
            NodeReference node = item.node();
            return new SubscriptionEvent.Change(
                    node, ownHandle(item, handle), new ReadResult(node.toString(), change.dataValue()));
        }
        long place = handle - items.size();
        if (notification instanceof Notification.Event event && place >= 1 && place <= events.size()) {
            return happened(events.get((int) place - 1), handle, event.eventFields());
        }
        return null;
    }

    private static long ownHandle(MonitoredItemRequest item, long handle) {
        JsonValue own = item.members().get("clientHandle");
        return own == null ? handle : Answers.whole(own, "clientHandle");
    }

    private static SubscriptionEvent happened(EventRequest request, long handle, List<Variant> values) {
        Map<String, TypedValue> fields = new LinkedHashMap<>();
        for (int i = 0; i < request.selectFields().size(); i++) {
            String name = request.selectFields().get(i);
            Variant value = i < values.size() ? values.get(i) : Variant.NULL;
            fields.put(name, new TypedValue(name, value));
        }
        Long own = request.clientHandle();
        return new SubscriptionEvent.Event(
                request.node(), own == null ? handle : own, Collections.unmodifiableMap(fields));
    }
}
