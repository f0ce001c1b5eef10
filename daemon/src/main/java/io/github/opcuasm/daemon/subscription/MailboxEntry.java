package io.github.opcuasm.daemon.subscription;

import org.jspecify.annotations.Nullable;

/** A message in a mailbox: it waits, or it was given to a reader. Confined to the session's event loop. */
final class MailboxEntry {
    private final long arrival;
    private final Message message;
    private long droppedBefore;
    private @Nullable Gap gapBefore;
    private long timesGiven;
    private long givenAt;
    private @Nullable Long connection;
    private boolean mayHaveBeenGiven;
    private long serial;
    private boolean gone;

    /**
     * It waits.
     *
     * @param arrival rises with each message of the daemon, and of all daemons on its state
     * @param droppedBefore messages that were dropped before it, since the one before it
     */
    MailboxEntry(long arrival, Message message, long droppedBefore, @Nullable Gap gapBefore) {
        this.arrival = arrival;
        this.message = message;
        this.droppedBefore = droppedBefore;
        this.gapBefore = gapBefore;
    }

    long arrival() {
        return arrival;
    }

    Message message() {
        return message;
    }

    long droppedBefore() {
        return droppedBefore;
    }

    @Nullable
    Gap gapBefore() {
        return gapBefore;
    }

    /** What stood before a message that was dropped stands before this one. */
    void precededBy(long dropped, @Nullable Gap gap) {
        droppedBefore += dropped;
        gapBefore = Mailbox.joined(gap, gapBefore);
    }

    /** @param on the kept connection; null = one that ends with the answer */
    void given(long now, @Nullable Long on) {
        timesGiven++;
        givenAt = now;
        connection = on;
        mayHaveBeenGiven = true;
    }

    long timesGiven() {
        return timesGiven;
    }

    long givenAt() {
        return givenAt;
    }

    /** The kept connection that it was last given on; null if it was none. */
    @Nullable
    Long connection() {
        return connection;
    }

    /** Whether a reader can have seen it, be it from an earlier daemon. */
    boolean mayHaveBeenGiven() {
        return mayHaveBeenGiven;
    }

    /** An earlier daemon may have given it. */
    void restored() {
        mayHaveBeenGiven = true;
    }

    /** Of its last entry in the journal. */
    long serial() {
        return serial;
    }

    void serial(long now) {
        serial = now;
    }

    boolean isGone() {
        return gone;
    }

    void leave() {
        gone = true;
    }
}
