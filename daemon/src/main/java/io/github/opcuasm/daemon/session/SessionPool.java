package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Scheduler;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionConnector;
import io.github.opcuasm.daemon.opcua.SessionListener;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OPC UA sessions, which are scarce on their servers. Orders with the same {@link SessionIdentity} share one; it is
 * closed when its last user has released it and the linger time has passed. Those who ask while its first handshake is
 * under way share that attempt.
 *
 * <p>An order for which its server has no slot ({@link ServerSlots}) shares a session of the same user, whatever that is
 * called and though one of its own was asked for; else the least recently used of the unused ones is closed for it
 * ({@link SlotReclaim}); else it waits, first come, first served, for a bounded time.
 *
 * <p>Thread-safe. One lock guards all; it is held for map operations and decisions, never while something waits, nor while
 * anything else is called that could ask back: what follows from a decision runs after it.
 */
public final class SessionPool {
    private static final Logger LOG = LoggerFactory.getLogger(SessionPool.class);

    private final SessionConnector connector;
    private final Duration keepAliveInterval;
    private final Duration linger;
    private final Map<String, Integer> budgets;
    private final SlotQueue queue;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final Scheduler scheduler;
    private final SessionMemory memory;
    private final Map<SessionIdentity, PooledSession> shared = new HashMap<>();
    private final Set<PooledSession> all = new HashSet<>();
    private final LastSessions last = new LastSessions();
    private final Map<String, ServerSlots> servers = new HashMap<>();
    private long places;
    private boolean closed;

    /**
     * @param random for the jitter of pauses
     * @param scheduler for bounds on waiting, and for looking again meanwhile
     */
    public SessionPool(
            DaemonConfig config,
            SessionConnector connector,
            SessionMemory memory,
            Ticker ticker,
            RandomGenerator random,
            Scheduler scheduler) {
        this.connector = connector;
        this.memory = memory;
        this.keepAliveInterval = config.keepAliveInterval();
        this.linger = config.linger();
        this.budgets = config.budgets();
        this.queue = new SlotQueue(this, config.openWait(), ticker, scheduler);
        this.ticker = ticker;
        this.random = random;
        this.scheduler = scheduler;
    }

    /** Who has the handles, and ends those that nobody uses; told once, before the first order. */
    synchronized void endHandlesBy(SlotQueue.HandleEnder handles) {
        queue.endHandlesBy(handles);
    }

    /**
     * Finds a session that does, opens one, or waits for one.
     *
     * @return an open session; whoever gets it is one of its users and must release it once. Fails with a
     *     {@link CommandException}, {@code session_budget} among them, and leaves nothing then. Completed from outside, the
     *     order is withdrawn
     */
    CompletableFuture<PooledSession> acquire(SessionOrder order) {
        SlotWait wait;
        synchronized (this) {
            wait = new SlotWait(order, places++);
        }
        wait.served().whenComplete((session, failure) -> {
            if (failure != null) {
                withdraw(wait);
            }
        });
        decide(then -> place(wait, then));
        return wait.served();
    }

    /**
     * A session that is not opened but goes on, or begins anew, with {@link OpcUaSession#resume}, which is the caller's to
     * do. It has a slot at once and whatever the budget is, and one user, which must release it once. Others with its
     * identity come to share it, if there is none to share already.
     */
    synchronized PooledSession adopt(SessionOrder order) {
        ServerSlots slots = slots(order.server());
        PooledSession session = create(order, slots);
        slots.takeOver(session);
        session.opened(ticker.read());
        session.addUser();
        return session;
    }

    /** Adds a user to a session that was adopted. */
    synchronized void join(PooledSession session) {
        session.addUser();
    }

    /** From now on {@code handle} is one that its session is used by; the user that it is counts already. */
    synchronized void attach(PooledSession session, SessionHandle handle) {
        session.handles().add(handle);
    }

    /**
     * Takes a user away.
     *
     * @param handle what it used the session by; null if it never came to that
     * @param mayLinger false if the session is to end at once
     * @return completes when the session has been closed, or at once if it stays
     */
    CompletableFuture<Void> release(PooledSession session, @Nullable SessionHandle handle, boolean mayLinger) {
        CompletableFuture<Void> released = new CompletableFuture<>();
        decide(then -> {
            if (handle != null) {
                session.handles().remove(handle);
            }
            boolean used = session.removeUser(ticker.read()) > 0;
            ServerSlots slots = session.slots();
            if (used) {
                then.add(() -> released.complete(null));
            } else if (mayLinger
                    && !linger.isZero()
                    && !session.isEnding()
                    && session.isJoinable()
                    && !slots.isWaitedFor()) {
                long release = session.nextRelease();
                session.session().schedule(() -> endIfUnused(session, release), linger);
                then.add(() -> released.complete(null));
            } else {
                end(session, then);
                then.add(() -> session.ended().whenComplete((done, failure) -> released.complete(null)));
            }
        });
        return released;
    }

    /** Closes every session, all in parallel, and fails whoever waits; completes when the last one is closed. */
    CompletableFuture<Void> closeAll() {
        return endAll(this::close);
    }

    /** As {@link #closeAll}, but the sessions stay on their servers. */
    CompletableFuture<Void> leaveAll() {
        return endAll(session -> session.session().leave());
    }

    private CompletableFuture<Void> endAll(Function<PooledSession, CompletableFuture<?>> ending) {
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        decide(then -> {
            if (!closed) {
                last.end(all);
            }
            closed = true;
            for (ServerSlots slots : servers.values()) {
                slots.waiting().forEach(wait -> {
                    slots.dequeue(wait);
                    then.add(() -> fail(wait, shuttingDown()));
                });
            }
            for (PooledSession session : all) {
                ended.add(session.ended());
                end(session, ending, then);
            }
        });
        return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
    }

    /** What was open when all was closed or left. */
    LastSessions last() {
        return last;
    }

    static CommandException shuttingDown() {
        return new CommandException(ErrorType.SHUTTING_DOWN, "The daemon is shutting down");
    }

    /** Decides under the lock that guards all of them, and does what follows from it without. */
    void decide(Consumer<List<Runnable>> decision) {
        List<Runnable> then = new ArrayList<>(2);
        synchronized (this) {
            decision.accept(then);
        }
        then.forEach(Runnable::run);
    }

    private void place(SlotWait wait, List<Runnable> then) {
        if (wait.served().isDone()) {
            return;
        }
        if (closed) {
            then.add(() -> fail(wait, shuttingDown()));
            return;
        }
        PooledSession known =
                wait.order().alone() ? null : shared.get(wait.order().identity());
        if (known != null && known.isJoinable()) {
            queue.join(wait, known, then);
            return;
        }
        ServerSlots slots = slots(wait.order().server());
        if (!slots.enqueue(wait)) {
            then.add(() -> fail(
                    wait,
                    new CommandException(
                            ErrorType.OVERLOADED,
                            "Nothing was sent: too many wait for a session on " + slots.server() + " already")));
            return;
        }
        queue.serve(slots, then);
        if (slots.isWaiting(wait)) {
            queue.bound(wait, slots, then);
        }
    }

    /** The session that orders like this one share; null if there is none. */
    @Nullable
    PooledSession shared(SessionOrder order) {
        return order.alone() ? null : shared.get(order.identity());
    }

    boolean isClosed() {
        return closed;
    }

    /** Opens a session for it, on a slot that is free. */
    void open(SlotWait wait, ServerSlots slots, List<Runnable> then) {
        PooledSession session = create(wait.order(), slots);
        memory.opening(session.session(), wait.order().origin());
        slots.take(session);
        session.addUser();
        session.arriving().add(wait);
        then.add(() -> {
            CompletableFuture<Void> opened;
            try {
                opened = session.session().open();
            } catch (RuntimeException | Error e) {
                opened = CompletableFuture.failedFuture(e);
            }
            opened.whenComplete((done, failure) -> opened(session, failure));
        });
    }

    private PooledSession create(SessionOrder order, ServerSlots slots) {
        PooledSession session = new PooledSession(
                order.identity(),
                order.alone(),
                new OpcUaSession(connector, order.settings(), keepAliveInterval),
                slots);
        session.session().listen(new Orphans(slots));
        all.add(session);
        PooledSession known = shared(order);
        if (!order.alone() && (known == null || !known.isJoinable())) {
            shared.put(order.identity(), session);
        }
        return session;
    }

    private void opened(PooledSession session, @Nullable Throwable failure) {
        decide(then -> {
            long now = ticker.read();
            ServerSlots slots = session.slots();
            List<SlotWait> arriving = List.copyOf(session.arriving());
            session.arriving().clear();
            if (failure == null) {
                session.opened(now);
                slots.granted(session, now);
                arriving.forEach(wait -> then.add(() -> handOver(session, wait)));
                queue.serve(slots, then);
                return;
            }
            Throwable cause = OpcUaErrors.unwrap(failure);
            boolean full = cause instanceof CommandException refusal
                    && refusal.statusCode() != null
                    && refusal.statusCode() == ServerSlots.TOO_MANY_SESSIONS;
            if (full && !session.isEnding()) {
                forget(session);
                session.end();
                all.remove(session);
                memory.closed(session.session());
                if (slots.refused(session, now)) {
                    LOG.info(
                            "{} gives no more sessions than the {} that we hold: {}",
                            slots.server(),
                            slots.used(),
                            cause.getMessage());
                }
                session.ended().complete(null);
                arriving.forEach(wait -> place(wait, then));
                queue.serve(slots, then);
            } else {
                end(session, then);
                Throwable told = closed ? shuttingDown() : cause;
                arriving.forEach(wait -> then.add(() -> fail(wait, told)));
            }
        });
    }

    /** Whoever ordered it may have gone by now. */
    void handOver(PooledSession session, SlotWait wait) {
        wait.cancelTimer();
        if (!wait.served().complete(session)) {
            release(session, null, true);
        }
    }

    static void fail(SlotWait wait, Throwable failure) {
        wait.cancelTimer();
        wait.served().completeExceptionally(failure);
    }

    private void withdraw(SlotWait wait) {
        decide(then -> {
            wait.cancelTimer();
            ServerSlots slots = servers.get(wait.order().server());
            if (slots != null && slots.dequeue(wait)) {
                queue.serve(slots, then);
            }
        });
    }

    /** The linger time counts from the last release: an earlier one's timer does nothing. */
    private void endIfUnused(PooledSession session, long release) {
        decide(then -> {
            if (session.users() == 0 && session.isLastRelease(release)) {
                end(session, then);
            }
        });
    }

    void end(PooledSession session, List<Runnable> then) {
        end(session, this::close, then);
    }

    private void end(PooledSession session, Function<PooledSession, CompletableFuture<?>> ending, List<Runnable> then) {
        if (session.end()) {
            forget(session);
            then.add(() -> ending.apply(session).whenComplete((done, failure) -> ended(session)));
        }
    }

    private CompletableFuture<?> close(PooledSession session) {
        return session.session().close().whenComplete((nothingLeft, failure) -> {
            memory.closed(session.session());
            if (Boolean.TRUE.equals(nothingLeft)) {
                last.confirmed(session);
            }
        });
    }

    /** What the server may still hold of it has been reported as an orphan before. */
    private void ended(PooledSession session) {
        decide(then -> {
            ServerSlots slots = session.slots();
            all.remove(session);
            slots.freed(session, ticker.read());
            queue.serve(slots, then);
        });
        session.ended().complete(null);
    }

    private void forget(PooledSession session) {
        shared.remove(session.identity(), session);
    }

    private ServerSlots slots(String server) {
        ServerSlots known = servers.get(server);
        if (known != null) {
            return known;
        }
        long now = ticker.read();
        servers.values().removeIf(slots -> slots.isForgettable(now));
        ServerSlots slots = new ServerSlots(server, budgets.get(server), random);
        servers.put(server, slots);
        return slots;
    }

    /** Counts what a session may have left behind on its server. */
    private final class Orphans implements SessionListener {
        private final ServerSlots slots;

        Orphans(ServerSlots slots) {
            this.slots = slots;
        }

        @Override
        public void orphaned(Duration timeout) {
            decide(then -> {
                if (!closed && slots.addOrphan()) {
                    scheduler.schedule(this::isOver, timeout);
                }
            });
        }

        private void isOver() {
            decide(then -> {
                slots.orphanIsOver(ticker.read());
                queue.serve(slots, then);
            });
        }

        @Override
        public void restored(boolean anew) {}

        @Override
        public void closed() {}
    }
}
