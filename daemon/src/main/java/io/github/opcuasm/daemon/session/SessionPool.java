package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SecuritySettings;
import io.github.opcuasm.daemon.opcua.SessionConnector;
import io.github.opcuasm.daemon.opcua.SessionSettings;
import io.github.opcuasm.daemon.opcua.SessionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The OPC UA sessions, which are scarce on their servers. Users with the same {@link SessionIdentity} share one; it is
 * closed when its last user has released it and the linger time has passed. Those who ask while its first handshake is
 * under way share that attempt. Thread-safe; the lock is never held while something waits.
 */
final class SessionPool {
    private final SessionConnector connector;
    private final Duration keepAliveInterval;
    private final Duration linger;
    private final Map<SessionIdentity, PooledSession> shared = new HashMap<>();
    private final Set<PooledSession> all = new HashSet<>();

    SessionPool(SessionConnector connector, Duration keepAliveInterval, Duration linger) {
        this.connector = connector;
        this.keepAliveInterval = keepAliveInterval;
        this.linger = linger;
    }

    /** A session and how many use it. Guarded by the pool. */
    static final class PooledSession {
        private final @Nullable SessionIdentity sharedAs;
        private final OpcUaSession session;
        private final CompletableFuture<Void> opened;
        private int users;
        private long releases;

        PooledSession(@Nullable SessionIdentity sharedAs, OpcUaSession session, CompletableFuture<Void> opened) {
            this.sharedAs = sharedAs;
            this.session = session;
            this.opened = opened;
        }

        OpcUaSession session() {
            return session;
        }

        /** Completes when the first handshake has ended. */
        CompletableFuture<Void> opened() {
            return opened;
        }
    }

    /**
     * Adds a user to the session with this identity, opening one if there is none. The caller waits for
     * {@link PooledSession#opened} and must release the session once, also if it could not be opened.
     *
     * @param alone a session of its own, which nobody else will share
     */
    synchronized PooledSession acquire(
            EndpointUrl endpoint,
            SessionIdentity identity,
            SessionConfig config,
            AddressFilter addresses,
            SecuritySettings security,
            boolean alone) {
        PooledSession known = alone ? null : shared.get(identity);
        if (known != null && !isOver(known)) {
            known.users++;
            return known;
        }
        SessionSettings settings = new SessionSettings(
                endpoint,
                config.sessionName(),
                config.applicationName(),
                config.sessionTimeout(),
                config.opcuaTimeout(),
                addresses,
                security);
        OpcUaSession session = new OpcUaSession(connector, settings, keepAliveInterval);
        PooledSession pooled = new PooledSession(alone ? null : identity, session, session.open());
        pooled.users = 1;
        all.add(pooled);
        if (!alone) {
            shared.put(identity, pooled);
        }
        return pooled;
    }

    /**
     * Takes a user away.
     *
     * @param mayLinger false if the session is to end at once
     * @return completes when the session has been closed, or at once if it stays
     */
    synchronized CompletableFuture<Void> release(PooledSession pooled, boolean mayLinger) {
        pooled.users--;
        if (pooled.users > 0) {
            return CompletableFuture.completedFuture(null);
        }
        if (mayLinger && !linger.isZero() && !isOver(pooled)) {
            long release = ++pooled.releases;
            pooled.session.schedule(() -> endIfUnused(pooled, release), linger);
            return CompletableFuture.completedFuture(null);
        }
        return end(pooled);
    }

    /** Closes every session, all in parallel; completes when the last one is closed. */
    CompletableFuture<Void> closeAll() {
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        synchronized (this) {
            List.copyOf(all).forEach(pooled -> closing.add(end(pooled)));
        }
        return CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new));
    }

    /** The linger time counts from the last release: an earlier one's timer does nothing. */
    private synchronized void endIfUnused(PooledSession pooled, long release) {
        if (pooled.users == 0 && pooled.releases == release && all.contains(pooled)) {
            end(pooled);
        }
    }

    private CompletableFuture<Void> end(PooledSession pooled) {
        all.remove(pooled);
        if (pooled.sharedAs != null) {
            shared.remove(pooled.sharedAs, pooled);
        }
        return pooled.session.close();
    }

    private static boolean isOver(PooledSession pooled) {
        return pooled.session.state() instanceof SessionState.Closed;
    }
}
