package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The subscriptions of all sessions of one daemon. Thread-safe. */
public final class SubscriptionRegistry {
    private final Ticker ticker;
    private final SubscriptionOwners owners;
    private final Map<OpcUaSession, SessionSubscriptions> sessions = new ConcurrentHashMap<>();

    public SubscriptionRegistry(Ticker ticker) {
        this.ticker = ticker;
        this.owners = new SubscriptionOwners(ticker);
    }

    /** The subscriptions of a session, which are forgotten with its end. */
    public SessionSubscriptions of(OpcUaSession session) {
        SessionSubscriptions known = sessions.get(session);
        if (known != null) {
            return known;
        }
        SessionSubscriptions added = new SessionSubscriptions(session, ticker, owners);
        SessionSubscriptions before = sessions.putIfAbsent(session, added);
        if (before != null) {
            return before;
        }
        session.listen(new SessionListener() {
            @Override
            public void restored(boolean anew) {
                added.restored(anew);
            }

            @Override
            public void closed() {
                sessions.remove(session, added);
                added.closed();
            }
        });
        return added;
    }

    /**
     * A server let a session take over a subscription. It tells the session that had it only when that has a Publish
     * request there; if it is one of ours, it learns of it here.
     */
    public void transferred(long subscriptionId, OpcUaSession to) {
        sessions.forEach((session, subscriptions) -> {
            if (session != to && session.server().equals(to.server())) {
                subscriptions.transferredAway(subscriptionId);
            }
        });
    }
}
