package io.github.opcuasm.daemon.session;

import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Which session of a server gives its slot to somebody who waits: the least recently used of those that nobody would miss.
 *
 * <ol>
 *   <li>One that the server refuses to restore and holds nothing of: whoever uses it, even if that is the daemon itself, has
 *       a handle that fails, and opens another in the line with all others.
 *   <li>One without a user, kept for the linger time.
 *   <li>One all of whose handles are unused: no request under way (a Publish that waits is one, and so is a stream) and
 *       none in the last 5 s. That somebody has opened and not closed such a handle does not protect it, nor does a
 *       subscription or a continuation point that nobody reads. Handles of the daemon itself do: what the configuration
 *       asks for stays.
 * </ol>
 *
 * <p>Else only active sessions are taken: one that is being restored cannot be closed on its server, so nothing would be
 * won.
 *
 * <p>If there is none, identities take turns. A session that has been shared for a second while others wait is drained:
 * nobody new comes in, so that it is closed with the last close, or taken once it is unused. That ends after a bounded
 * time, because somebody may hold it for long, and then those who share it must not suffer.
 */
final class SlotReclaim {
    /** A handle is unused after this long without a request. */
    static final Duration UNUSED_AFTER = Duration.ofSeconds(5);

    private static final Duration TURN = Duration.ofSeconds(1);
    private static final Duration LONGEST_DRAIN = UNUSED_AFTER.plusSeconds(1);
    /** After a drain in vain. */
    private static final Duration REST = Duration.ofSeconds(10);

    private final Duration drainBound;

    /** @param openWait whoever is kept out by a drain must not wait so long for nothing */
    SlotReclaim(Duration openWait) {
        // Shorter than it takes to tell that a handle is unused, a drain is only for sessions that are closed in good
        // time.
        this.drainBound = openWait.compareTo(LONGEST_DRAIN) > 0 ? LONGEST_DRAIN : openWait.dividedBy(2);
    }

    /** The session to close; null if all are in use. */
    @Nullable
    PooledSession unused(Collection<PooledSession> sessions, long now) {
        PooledSession found = null;
        for (PooledSession session : sessions) {
            if (isUnused(session, now) && (found == null || isRather(session, found))) {
                found = session;
            }
        }
        return found;
    }

    /** Keeps newcomers out of at most so many sessions, those whose turn has lasted longest. */
    void drain(Collection<PooledSession> sessions, int count, long now) {
        if (drainBound.isZero()) {
            return;
        }
        sessions.stream()
                .filter(session -> session.isActive()
                        && session.isJoinable()
                        && now - session.turnSince() >= TURN.toNanos()
                        && !isOfTheDaemon(session))
                .sorted((one, other) -> Long.compare(one.turnSince() - other.turnSince(), 0))
                .limit(count)
                .forEach(session -> session.drain(now, drainBound));
    }

    /** Lets newcomers in again where a drain was in vain, or where nobody waits. */
    void endDrains(Collection<PooledSession> sessions, boolean all, long now) {
        for (PooledSession session : sessions) {
            if (session.isDraining() && (all || session.isDrainOver(now))) {
                session.endDrain(all ? now : now + REST.toNanos());
            }
        }
    }

    /** Nanoseconds until a session may be unused that is not yet, if nobody uses it. */
    long untilUnused(Collection<PooledSession> sessions, long now) {
        long soonest = UNUSED_AFTER.toNanos();
        for (PooledSession session : sessions) {
            if (session.isActive() && !session.isEnding() && !isOfTheDaemon(session)) {
                long left = session.lastUsed() + UNUSED_AFTER.toNanos() - now;
                soonest = left > 0 ? Math.min(soonest, left) : soonest;
            }
        }
        return soonest;
    }

    /** For the last moment before they are ended: whether still nobody would miss any of them. */
    static boolean areUnused(Collection<SessionHandle> handles, long now) {
        return handles.stream()
                .allMatch(handle -> handle.session().isRefusedAndGone() || handle.isIdle(now, UNUSED_AFTER));
    }

    private static boolean isUnused(PooledSession session, long now) {
        return (session.isActive() || isRefused(session))
                && !session.isEnding()
                && session.users() == session.handles().size()
                && areUnused(session.handles(), now);
    }

    private static boolean isRefused(PooledSession session) {
        return session.isOpen() && session.session().isRefusedAndGone();
    }

    private static boolean isRather(PooledSession one, PooledSession other) {
        if (isRefused(one) != isRefused(other)) {
            return isRefused(one);
        }
        boolean oneLingers = one.users() == 0;
        return oneLingers == (other.users() == 0) ? one.lastUsed() - other.lastUsed() < 0 : oneLingers;
    }

    private static boolean isOfTheDaemon(PooledSession session) {
        return session.handles().stream().anyMatch(SessionHandle::isKept);
    }
}
