package io.github.opcuasm.daemon.session;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One order for a session: its place in the queue of its server, should it have to wait, and how it ends. Completed from
 * outside it is withdrawn. Guarded by the pool, but for the future.
 */
final class SlotWait {
    private final SessionOrder order;
    private final long place;
    private final CompletableFuture<PooledSession> served = new CompletableFuture<>();
    private @Nullable Runnable cancelTimer;
    private long since;
    private long until;

    /** @param place lower ones have come earlier */
    SlotWait(SessionOrder order, long place) {
        this.order = order;
        this.place = place;
    }

    SessionOrder order() {
        return order;
    }

    long place() {
        return place;
    }

    /** The session, of which whoever gets it is a user from then on. */
    CompletableFuture<PooledSession> served() {
        return served;
    }

    /** Whether it has had to wait before, so that its bound is set. */
    boolean isBounded() {
        return cancelTimer != null;
    }

    void bound(long now, long limit, Runnable cancel) {
        since = now;
        until = limit;
        cancelTimer = cancel;
    }

    boolean isOverdue(long now) {
        return isBounded() && now - until >= 0;
    }

    /** Nanoseconds since it had to wait the first time; 0 if it has not. */
    long waited(long now) {
        return isBounded() ? now - since : 0;
    }

    void cancelTimer() {
        if (cancelTimer != null) {
            cancelTimer.run();
        }
    }
}
