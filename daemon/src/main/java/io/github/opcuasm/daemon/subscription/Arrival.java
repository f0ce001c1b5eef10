package io.github.opcuasm.daemon.subscription;

/**
 * A service call that may bring a subscription into a session. While one is under way, messages of a subscription that
 * nobody knows are kept for it: they may overtake the answer. Confined to the session's event loop.
 */
public final class Arrival {
    private final SessionSubscriptions subscriptions;
    private boolean underWay;

    Arrival(SessionSubscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /** The request goes out. */
    public void begin() {
        if (!underWay) {
            underWay = true;
            subscriptions.arrivals(1);
        }
    }

    /** What came of it has been adopted. */
    public void end() {
        if (underWay) {
            underWay = false;
            subscriptions.arrivals(-1);
        }
    }
}
