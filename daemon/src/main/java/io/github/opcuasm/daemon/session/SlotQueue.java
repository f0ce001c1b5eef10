package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.Scheduler;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves those who wait for a session. Each time that something changes on a server, in this order: whoever is first gets
 * a slot if one is free, as long as there are some; everybody whose user has a session there shares it, wherever they
 * stand; sessions are closed for the rest ({@link SlotReclaim}). Who is left waits on, until its time is over.
 *
 * <p>Guarded by the pool.
 */
final class SlotQueue {
    private static final Logger LOG = LoggerFactory.getLogger(SlotQueue.class);
    /** Whoever does not wait at all still waits for an unused session to be closed. */
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(3);
    /** How often those who wait look for what has become unused, at least. */
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    private final SessionPool pool;
    private final Duration openWait;
    private final SlotReclaim reclaim;
    private final Ticker ticker;
    private final Scheduler scheduler;
    private HandleEnder ender = (handles, waiting) -> false;

    /** @param openWait how long they wait at most */
    SlotQueue(SessionPool pool, Duration openWait, Ticker ticker, Scheduler scheduler) {
        this.pool = pool;
        this.openWait = openWait;
        this.reclaim = new SlotReclaim(openWait);
        this.ticker = ticker;
        this.scheduler = scheduler;
    }

    /** Ends handles that nobody uses. */
    interface HandleEnder {
        /**
         * Ends all of them and releases their session, unless one has been used in the meantime.
         *
         * @param waiting for whom, as the log names it
         * @return false if they stay
         */
        boolean endUnused(List<SessionHandle> handles, String waiting);
    }

    void endHandlesBy(HandleEnder handles) {
        ender = handles;
    }

    /** Somebody waits, or something has changed: whoever can be helped now is. */
    void serve(ServerSlots slots, List<Runnable> then) {
        if (pool.isClosed()) {
            return;
        }
        long now = ticker.read();
        endDrains(slots, now);
        SlotWait head = slots.head();
        while (head != null && serveFirst(head, slots, now, then)) {
            head = slots.head();
        }
        if (head == null) {
            endDrains(slots, now);
            return;
        }
        for (SlotWait wait : slots.waiting()) {
            PooledSession session = shareable(wait.order(), slots, false);
            if (session != null) {
                slots.dequeue(wait);
                join(wait, session, then);
            }
        }
        makeRoom(slots, now, then);
        lookAgain(slots, now);
    }

    /** Whoever is first may also come into a session of its own identity that is kept for others' turns: it is its turn. */
    private boolean serveFirst(SlotWait head, ServerSlots slots, long now, List<Runnable> then) {
        boolean room = slots.hasRoom(now);
        PooledSession same = pool.shared(head.order());
        PooledSession session =
                same != null && isShareable(same, true) ? same : (room ? null : shareable(head.order(), slots, true));
        if (session == null && !room) {
            return false;
        }
        slots.dequeue(head);
        if (session == null) {
            pool.open(head, slots, then);
        } else {
            session.endDrain(now);
            join(head, session, then);
        }
        return true;
    }

    /** A session that the same user may share because there is none to be had otherwise; null if there is none. */
    private static @Nullable PooledSession shareable(SessionOrder order, ServerSlots slots, boolean first) {
        for (PooledSession session : slots.sessions()) {
            if (session.identity().isSameUser(order.identity()) && isShareable(session, first)) {
                return session;
            }
        }
        return null;
    }

    private static boolean isShareable(PooledSession session, boolean first) {
        return session.isJoinable() || (first && session.isDraining() && !session.isEnding());
    }

    /** One more user, at once or when it is open. */
    void join(SlotWait wait, PooledSession session, List<Runnable> then) {
        session.addUser();
        if (session.isOpen()) {
            then.add(() -> pool.handOver(session, wait));
        } else {
            session.arriving().add(wait);
        }
    }

    /** It has to wait: until when, is settled the first time. */
    void bound(SlotWait wait, ServerSlots slots, List<Runnable> then) {
        long now = ticker.read();
        if (!wait.isBounded()) {
            boolean closing = slots.sessions().stream().anyMatch(PooledSession::isEnding);
            long patience = openWait.isZero() && closing ? CLOSE_BOUND.toNanos() : openWait.toNanos();
            long left = Math.max(0, Math.min(patience, wait.order().deadline() - now));
            wait.bound(
                    now,
                    now + left,
                    left == 0 ? () -> {} : scheduler.schedule(() -> overdue(wait, slots), Duration.ofNanos(left)));
        }
        if (wait.isOverdue(now)) {
            giveUp(wait, slots, now, then);
        }
    }

    private void overdue(SlotWait wait, ServerSlots slots) {
        pool.decide(then -> {
            if (slots.isWaiting(wait)) {
                giveUp(wait, slots, ticker.read(), then);
            }
        });
    }

    private void giveUp(SlotWait wait, ServerSlots slots, long now, List<Runnable> then) {
        slots.dequeue(wait);
        CommandException failure = SlotHolders.failure(slots, wait, now);
        then.add(() -> SessionPool.fail(wait, failure));
        endDrains(slots, now);
    }

    private void endDrains(ServerSlots slots, long now) {
        if (slots.isBounded()) {
            reclaim.endDrains(slots.sessions(), !slots.isWaitedFor(), now);
        }
    }

    private void makeRoom(ServerSlots slots, long now, List<Runnable> then) {
        int missing = slots.shortBy();
        SlotWait head = slots.head();
        PooledSession unused = null;
        while (head != null && missing > 0 && (unused = reclaim.unused(slots.sessions(), now)) != null) {
            retire(unused, SlotHolders.waiting(head.order()), then);
            missing--;
        }
        long draining =
                slots.sessions().stream().filter(PooledSession::isDraining).count();
        if (missing > draining) {
            reclaim.drain(slots.sessions(), (int) (missing - draining), now);
        }
    }

    private void retire(PooledSession session, String waiting, List<Runnable> then) {
        if (session.users() == 0) {
            LOG.info(
                    "Closing an unused session to {}: {} waits for one",
                    session.slots().server(),
                    waiting);
            pool.end(session, then);
            return;
        }
        session.retire(true);
        List<SessionHandle> handles = List.copyOf(session.handles());
        then.add(() -> {
            if (!ender.endUnused(handles, waiting)) {
                pool.decide(more -> {
                    session.retire(false);
                    serve(session.slots(), more);
                });
            }
        });
    }

    /** While somebody waits, time alone may help: handles become unused, others' sessions end, turns are over. */
    private void lookAgain(ServerSlots slots, long now) {
        long delay = Math.min(
                LOOK_INTERVAL.toNanos(), Math.min(slots.untilTrial(now), reclaim.untilUnused(slots.sessions(), now)));
        long when = now + delay;
        if (slots.isWaitedFor() && slots.wantsLookAt(when)) {
            slots.looksAt(when, scheduler.schedule(() -> look(slots), Duration.ofNanos(delay)));
        }
    }

    private void look(ServerSlots slots) {
        pool.decide(then -> {
            slots.looked();
            serve(slots, then);
        });
    }
}
