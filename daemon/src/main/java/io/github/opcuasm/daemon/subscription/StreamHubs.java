package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The streams of all sessions of one daemon. Thread-safe. */
public final class StreamHubs {
    private final SubscriptionRegistry subscriptions;
    private final StructureTypes types;
    private final Ticker ticker;
    private final StreamBudget budget;
    private final Map<OpcUaSession, StreamHub> hubs = new ConcurrentHashMap<>();

    /**
     * No streams yet.
     *
     * @param maxBytes of heap that all messages together may take that wait for their readers
     */
    public StreamHubs(SubscriptionRegistry subscriptions, StructureTypes types, Ticker ticker, long maxBytes) {
        this.subscriptions = subscriptions;
        this.types = types;
        this.ticker = ticker;
        this.budget = new StreamBudget(maxBytes);
    }

    /** A stream that nothing comes of yet. */
    public NotificationStream stream() {
        return new NotificationStream(budget);
    }

    /** The streams of a session, which are forgotten with its end. */
    public StreamHub of(OpcUaSession session) {
        StreamHub known = hubs.get(session);
        if (known != null) {
            return known;
        }
        StreamHub added = new StreamHub(session, subscriptions.of(session), types, ticker);
        StreamHub before = hubs.putIfAbsent(session, added);
        if (before != null) {
            return before;
        }
        session.listen(new SessionListener() {
            @Override
            public void restored(boolean anew) {
                // What becomes of subscriptions then, their consumers are told.
            }

            @Override
            public void closed() {
                hubs.remove(session, added);
            }
        });
        return added;
    }
}
