package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ResumableSession;
import io.github.opcuasm.daemon.opcua.SessionListener;
import io.github.opcuasm.daemon.state.StatePart;
import io.github.opcuasm.daemon.state.StateStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps in the store what there is now, so that the next daemon can go on with it: a record for each handle, and one for
 * each OPC UA session that is, or may be, on its server.
 *
 * <p>A session's record begins with its first activation, before any handle knows of it, and each further one is written at
 * once: the next activation is signed over the nonce of the last. It ends when the session has been closed on its server,
 * when it is given up to another client, or when its timeout is over after a close that the server did not confirm: until
 * then the next daemon can close it, and counts it. A handle's record is written at once when the handle begins, and
 * removed when it ends; when it was used and by how many it is held only every {@link #interval}, so that requests cost
 * nothing here. At worst, a killed daemon forgets the holders and uses of that long.
 *
 * <p>The end of the daemon is the end of no handle: {@link #daemonEnds} writes all uses once more, and nothing is removed
 * after that but sessions that were closed on their servers. Thread-safe; without a store it does nothing.
 */
public final class SessionMemory {
    private static final Logger LOG = LoggerFactory.getLogger(SessionMemory.class);
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    private static final CompletableFuture<Void> KEPT = CompletableFuture.completedFuture(null);

    private final @Nullable StateStore store;
    private final Duration timeout;
    private final Ticker ticker;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<OpcUaSession, TrackedSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, TrackedHandle> handles = new ConcurrentHashMap<>();
    /** Records of sessions that could not be closed: until when, by the ticker, their servers may hold them. */
    private final Map<String, Long> orphans = new ConcurrentHashMap<>();

    private final AtomicBoolean slow = new AtomicBoolean();

    /**
     * A memory for one daemon.
     *
     * @param store null = nothing is remembered
     * @param timeout after which an idle handle ends
     */
    public SessionMemory(@Nullable StateStore store, Duration timeout, Ticker ticker, InstantSource clock) {
        this.store = store;
        this.timeout = timeout;
        this.ticker = ticker;
        this.clock = clock;
    }

    /** How often uses and holders are written: what is forgotten of them must be little beside the timeout. */
    static Duration interval(Duration timeout) {
        Duration quarter = timeout.dividedBy(4);
        return quarter.compareTo(LONGEST_INTERVAL) < 0 ? quarter : LONGEST_INTERVAL;
    }

    /** A session's record. */
    private static final class TrackedSession implements SessionListener {
        private final StateStore store;
        private final String record;
        private final SessionOrigin origin;
        private volatile @Nullable Duration orphanedFor;

        TrackedSession(StateStore store, String record, SessionOrigin origin) {
            this.store = store;
            this.record = record;
            this.origin = origin;
        }

        @Override
        public void activated(ResumableSession now) {
            orphanedFor = null;
            CompletableFuture<Void> unused = store.write(record, () -> RememberedSession.parts(origin, now));
        }

        @Override
        public void orphaned(Duration forAtMost) {
            orphanedFor = forAtMost;
        }

        /** Activated by the next daemon it would be taken from whoever has it. */
        @Override
        public void givenUp() {
            store.remove(record);
        }

        @Override
        public void restored(boolean anew) {}

        @Override
        public void closed() {}
    }

    /** A handle's record, and what of the handle is in it. */
    private static final class TrackedHandle {
        private final SessionHandle handle;
        private final SessionOrigin origin;
        private final boolean alone;
        private final String session;
        private final String materials;
        private volatile CompletableFuture<Void> kept = KEPT;
        private volatile Instant lastUsed = Instant.MIN;
        private volatile int holders;
        private volatile @Nullable AskedFor askedFor;
        private volatile long writtenAt;

        TrackedHandle(SessionHandle handle, SessionOrigin origin, boolean alone, String session, String materials) {
            this.handle = handle;
            this.origin = origin;
            this.alone = alone;
            this.session = session;
            this.materials = materials;
        }
    }

    /** A session is about to be opened; before that. */
    void opening(OpcUaSession session, SessionOrigin origin) {
        if (store != null) {
            byte[] name = new byte[8];
            random.nextBytes(name);
            resuming(session, RememberedSession.KIND + HexFormat.of().formatHex(name), origin);
        }
    }

    /** A session is about to be resumed that has this record; before that. */
    void resuming(OpcUaSession session, String record, SessionOrigin origin) {
        if (store != null) {
            TrackedSession tracked = new TrackedSession(store, record, origin);
            sessions.put(session, tracked);
            session.listen(tracked);
        }
    }

    /** A session was closed, or could not be opened. */
    void closed(OpcUaSession session) {
        TrackedSession tracked = sessions.remove(session);
        if (store == null || tracked == null) {
            return;
        }
        Duration orphanedFor = tracked.orphanedFor;
        if (orphanedFor == null) {
            store.remove(tracked.record);
        } else {
            // The next daemon may end what this one could not.
            orphans.put(tracked.record, ticker.read() + orphanedFor.toNanos());
        }
    }

    private void forgetOrphans() {
        long now = ticker.read();
        orphans.forEach((record, until) -> {
            if (now - until >= 0 && orphans.remove(record) != null) {
                remove(record);
            }
        });
    }

    /** A record makes no sense. */
    void setAside(String record, String reason) {
        if (store != null) {
            store.setAside(record, reason);
        }
    }

    /** What a record says is over. */
    void remove(String record) {
        if (store != null) {
            store.remove(record);
        }
    }

    /** A handle begins. */
    void began(SessionHandle handle, SessionOrigin origin, boolean alone, Materials materials) {
        TrackedHandle tracked = track(handle, origin, alone, materials);
        if (store == null || tracked == null) {
            return;
        }
        CompletableFuture<Void> kept = new CompletableFuture<>();
        tracked.kept = kept;
        store.write(RememberedHandle.record(handle.id()), () -> parts(tracked)).whenComplete((done, failure) -> {
            slow.set(false);
            // Whoever waits goes on where the session lives, not on the thread that writes.
            handle.session().executor().execute(() -> kept.complete(null));
        });
        Runnable stop = handle.session()
                .schedule(
                        () -> {
                            if (kept.complete(null) && !slow.getAndSet(true)) {
                                LOG.warn("The state directory is slow: sessions are handed out before they are written,"
                                        + " and may be lost if the daemon is killed");
                            }
                        },
                        LONGEST_WAIT);
        kept.thenRun(stop);
    }

    /** A handle goes on that has its record. */
    void restored(SessionHandle handle, SessionOrigin origin, boolean alone, Materials materials) {
        TrackedHandle tracked = track(handle, origin, alone, materials);
        if (store != null && tracked != null) {
            store.writeLater(RememberedHandle.record(handle.id()), () -> parts(tracked));
        }
    }

    private @Nullable TrackedHandle track(
            SessionHandle handle, SessionOrigin origin, boolean alone, Materials materials) {
        TrackedSession session = sessions.get(handle.session());
        if (store == null || session == null) {
            return null;
        }
        TrackedHandle tracked = new TrackedHandle(handle, origin, alone, session.record, materials.fingerprint());
        handles.put(handle.id(), tracked);
        return tracked;
    }

    /** Completes when a handle is in its file, or does not get there in time: then its id may be told. */
    CompletableFuture<Void> kept(String handleId) {
        TrackedHandle tracked = handles.get(handleId);
        return tracked == null ? KEPT : tracked.kept;
    }

    /** Somebody came to hold a handle, or let go. */
    void held(SessionHandle handle) {
        TrackedHandle tracked = handles.get(handle.id());
        if (tracked != null
                && (tracked.askedFor != handle.askedFor()
                        || ticker.read() - tracked.writtenAt
                                >= interval(timeout).toNanos())) {
            write(tracked);
        }
    }

    /** A handle ends. */
    void ended(SessionHandle handle) {
        if (handles.remove(handle.id()) != null && store != null) {
            store.remove(RememberedHandle.record(handle.id()));
        }
    }

    /**
     * Writes what was used, or is held by others, since it was written last, and forgets what servers have forgotten; to be
     * called every {@link #interval}.
     */
    void writeUses() {
        forgetOrphans();
        for (TrackedHandle tracked : handles.values()) {
            if (tracked.handle.isUnderWay()
                    || !tracked.lastUsed.equals(tracked.handle.lastUsed())
                    || tracked.holders != tracked.handle.holdersSince().size()) {
                write(tracked);
            }
        }
    }

    /** All uses are written, and from now on handles end without their records. */
    void daemonEnds() {
        writeUses();
        handles.clear();
    }

    private void write(TrackedHandle tracked) {
        if (store != null) {
            store.writeLater(RememberedHandle.record(tracked.handle.id()), () -> parts(tracked));
        }
    }

    /** As the handle is now. */
    private List<StatePart> parts(TrackedHandle tracked) {
        SessionHandle handle = tracked.handle;
        long now = ticker.read();
        Instant wallClock = clock.instant();
        // A request that is under way ends with this process.
        Instant lastUsed = handle.isUnderWay() ? wallClock : handle.lastUsed();
        AskedFor askedFor = handle.askedFor();
        List<Instant> holdersSince = handle.holdersSince().stream()
                .map(since -> wallClock.minusNanos(now - since))
                .toList();
        tracked.lastUsed = lastUsed;
        tracked.holders = holdersSince.size();
        tracked.askedFor = askedFor;
        tracked.writtenAt = now;
        return new RememberedHandle(
                        handle.id(),
                        handle.sequence(),
                        tracked.origin,
                        handle.owner(),
                        handle.connection(),
                        askedFor,
                        tracked.alone,
                        tracked.session,
                        tracked.materials,
                        lastUsed,
                        holdersSince)
                .parts();
    }
}
