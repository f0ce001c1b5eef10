package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * An OPC UA session, who uses it, and how far it is: opening, open, closing. It holds a slot of its server from before
 * the first byte until the server has no trace of it. Guarded by the pool, but for what says otherwise.
 */
final class PooledSession {
    private final SessionIdentity identity;
    private final boolean alone;
    private final OpcUaSession session;
    private final ServerSlots slots;
    /** Those that wait for the first handshake. */
    private final List<SlotWait> arriving = new ArrayList<>(1);

    private final Set<SessionHandle> handles = new LinkedHashSet<>(2);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private boolean open;
    /** Handles, and orders that were served and have no handle yet. */
    private int users;

    private long releases;
    private long unusedSince;
    private boolean ending;
    /** Its handles are being ended for somebody who waits. */
    private boolean retiring;
    /** When its identity's turn began, while others wait. */
    private long turnSince;

    private long drainUntil;
    /** Nobody new comes in: somebody else's turn is next. */
    private boolean draining;

    private volatile boolean joinable = true;

    PooledSession(SessionIdentity identity, boolean alone, OpcUaSession session, ServerSlots slots) {
        this.identity = identity;
        this.alone = alone;
        this.session = session;
        this.slots = slots;
    }

    SessionIdentity identity() {
        return identity;
    }

    /** Whether it was opened for one user, and others share it only when they must. */
    boolean isAlone() {
        return alone;
    }

    OpcUaSession session() {
        return session;
    }

    ServerSlots slots() {
        return slots;
    }

    /** Whether somebody new may use it; from any thread. */
    boolean isJoinable() {
        return joinable && !(session.state() instanceof SessionState.Closed);
    }

    List<SlotWait> arriving() {
        return arriving;
    }

    Set<SessionHandle> handles() {
        return handles;
    }

    /** Completes when the server has no trace of it any more, as far as anybody can tell. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Whether the first handshake is over, or an earlier process did it. */
    boolean isOpen() {
        return open;
    }

    void opened(long now) {
        open = true;
        turnSince = now;
        unusedSince = now;
    }

    int users() {
        return users;
    }

    void addUser() {
        users++;
    }

    /** Returns how many are left. */
    int removeUser(long now) {
        unusedSince = now;
        return --users;
    }

    /** Tells one release from a later one. */
    long nextRelease() {
        return ++releases;
    }

    boolean isLastRelease(long release) {
        return releases == release;
    }

    /** Whether its slot comes back soon. */
    boolean isEnding() {
        return ending || retiring;
    }

    /** True the first time. */
    boolean end() {
        boolean first = !ending;
        ending = true;
        updateJoinable();
        return first;
    }

    boolean isRetiring() {
        return retiring;
    }

    void retire(boolean value) {
        retiring = value;
        updateJoinable();
    }

    boolean isDraining() {
        return draining;
    }

    void drain(long now, Duration bound) {
        draining = true;
        drainUntil = now + bound.toNanos();
        updateJoinable();
    }

    boolean isDrainOver(long now) {
        return draining && now - drainUntil >= 0;
    }

    /** @param nextTurn when its turn begins anew: for a while after that it is not drained */
    void endDrain(long nextTurn) {
        draining = false;
        turnSince = nextTurn;
        updateJoinable();
    }

    long turnSince() {
        return turnSince;
    }

    /** When it was used last, by the handles that it has or had. */
    long lastUsed() {
        long last = unusedSince;
        for (SessionHandle handle : handles) {
            last = last - handle.lastUsedNanos() < 0 ? handle.lastUsedNanos() : last;
        }
        return last;
    }

    boolean isActive() {
        return open && session.state() instanceof SessionState.Active;
    }

    private void updateJoinable() {
        joinable = !ending && !retiring && !draining;
    }
}
