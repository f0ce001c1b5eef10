package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.session.Caller;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which principal has which subscription, over all sessions of the daemon: a server lets any session of the same user take
 * over a subscription, and to the server all principals may be one user. So it is not asked for what is known here to be
 * somebody else's.
 *
 * <p>A subscription that was lost with its session may go on at the server, where its owner can have it back: it stays its
 * owner's for its lifetime, unless the server gives its id anew. {@value #MAX_LOST} of those are remembered, the newest.
 *
 * <p>The same server may have been opened under two names. Sessions are taken to be on the same one if the name is the
 * same, or the URI of the server's own namespace (index 1; Part 5, 6.3.1).
 *
 * <p>Thread-safe.
 */
final class SubscriptionOwners {
    static final int MAX_LOST = 4_096;
    private static final int OWN_NAMESPACE = 1;

    private final Ticker ticker;
    private final Map<Long, List<Claim>> claims = new HashMap<>();
    private final Deque<Claim> lost = new ArrayDeque<>();

    /** That a subscription is somebody's. */
    private static final class Claim {
        private final long id;
        private @Nullable SessionSubscriptions holder;
        private final String server;
        private final @Nullable String namespace;
        private final String owner;
        private final boolean transferred;
        private @Nullable Long lostUntil;

        Claim(long id, SessionSubscriptions holder, OpcUaSession session, String owner, boolean transferred) {
            this.id = id;
            this.holder = holder;
            this.server = session.server();
            this.namespace = ownNamespace(session);
            this.owner = owner;
            this.transferred = transferred;
        }

        boolean isOn(OpcUaSession session) {
            return server.equals(session.server()) || (namespace != null && namespace.equals(ownNamespace(session)));
        }

        private static @Nullable String ownNamespace(OpcUaSession session) {
            return session.serverInfo().namespaces().get(OWN_NAMESPACE);
        }
    }

    SubscriptionOwners(Ticker ticker) {
        this.ticker = ticker;
    }

    /**
     * A session has a subscription now.
     *
     * @param owner name of the principal
     * @param transferred whether it comes from another session; else the server has just created it, and whatever was
     *     known of its id is over
     * @return who took it over before its creator heard of it, by guessing its id: these have to lose it again
     */
    synchronized List<SessionSubscriptions> claim(
            long id, SessionSubscriptions holder, OpcUaSession session, String owner, boolean transferred) {
        List<SessionSubscriptions> robbers = new ArrayList<>();
        List<Claim> known = claims.computeIfAbsent(id, any -> new ArrayList<>(1));
        known.removeIf(claim -> {
            boolean over = claim.holder == holder || (claim.lostUntil != null && claim.isOn(session));
            if (over && claim.lostUntil != null) {
                lost.remove(claim);
            }
            return over;
        });
        if (!transferred) {
            for (Claim claim : known) {
                SessionSubscriptions robber = claim.holder;
                if (robber != null && claim.transferred && claim.isOn(session) && !claim.owner.equals(owner)) {
                    robbers.add(robber);
                }
            }
        }
        known.add(new Claim(id, holder, session, owner, transferred));
        return robbers;
    }

    /** A session has a subscription no longer, and neither has the server, or another client has it. */
    synchronized void release(long id, SessionSubscriptions holder) {
        Claim claim = find(id, holder);
        if (claim != null) {
            forget(claim);
        }
    }

    /** A session has a subscription no longer, but the server may have it for as long as this. */
    synchronized void lose(long id, SessionSubscriptions holder, Duration lifetime) {
        Claim claim = find(id, holder);
        if (claim != null) {
            claim.holder = null;
            claim.lostUntil = ticker.read() + lifetime.toNanos();
            lost.addLast(claim);
            if (lost.size() > MAX_LOST) {
                forget(lost.removeFirst());
            }
        }
    }

    /** Whether a subscription, if it is on this session's server, is somebody's whose handles the caller may not use. */
    synchronized boolean isForeign(long id, OpcUaSession session, Caller caller) {
        long now = ticker.read();
        for (Claim claim : claims.getOrDefault(id, List.of())) {
            Long until = claim.lostUntil;
            if ((until == null || until - now > 0) && claim.isOn(session) && !caller.mayUse(claim.owner)) {
                return true;
            }
        }
        return false;
    }

    /** Whether another session of ours to this session's server has what is called so there. */
    synchronized boolean isHeldElsewhere(long id, SessionSubscriptions holder, OpcUaSession session) {
        return claims.getOrDefault(id, List.of()).stream()
                .anyMatch(claim -> claim.holder != null && claim.holder != holder && claim.isOn(session));
    }

    private @Nullable Claim find(long id, SessionSubscriptions holder) {
        for (Claim claim : claims.getOrDefault(id, List.of())) {
            if (claim.holder == holder) {
                return claim;
            }
        }
        return null;
    }

    private void forget(Claim claim) {
        List<Claim> known = claims.get(claim.id);
        if (known != null) {
            known.remove(claim);
            if (known.isEmpty()) {
                claims.remove(claim.id);
            }
        }
    }
}
