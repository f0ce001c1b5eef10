package io.github.opcuasm.daemon.subscription;

/** How a subscription fares. */
public enum SubscriptionState {
    /** The server says what changes, or that nothing does. */
    LIVE("Live"),
    /** There is no session at the moment, or it is being set up again. */
    INTERRUPTED("Interrupted"),
    /** The server says nothing, though it should; what can be read has not changed. */
    SILENT("Silent"),
    /** The server says nothing though something changes, and it is being brought back. */
    HEALING("Healing");

    private final String wireName;

    SubscriptionState(String wireName) {
        this.wireName = wireName;
    }

    /** As peers read it. */
    public String wireName() {
        return wireName;
    }
}
