package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.state.StateRecord;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session handles of one daemon: opening and reusing them, finding them, closing them, and ending those that nobody
 * uses (protocol, {@code open} and {@code close}).
 *
 * <p>Opens with the same endpoint and config get the same handle: each gets a share in one session from the pool, and the
 * first that has it makes the handle. Finding a handle takes no lock; everything that changes the set of handles holds
 * one for a few map operations, never while something waits.
 */
public final class HandleRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(HandleRegistry.class);

    /** Longer than anybody waits. */
    private static final Duration UNBOUNDED = Duration.ofDays(1);
    /** Whoever gives up waiting for a slot says why, before the caller gives up on the answer. */
    private static final Duration TIME_TO_ANSWER = Duration.ofMillis(100);

    private final int maxSessions;
    private final Duration timeout;
    private final boolean anyCloseEnds;
    private final SessionPool pool;
    private final SessionOrders orders;
    private final SessionMemory memory;
    private final Ticker ticker;
    private final InstantSource clock;
    private final SecureRandom ids = new SecureRandom();
    private final Map<String, SessionHandle> handles = new ConcurrentHashMap<>();
    /** Opens under way: how many there are of each handle that they may become. */
    private final Map<String, Integer> opening = new HashMap<>();

    private final Object lock = new Object();
    private @Nullable SessionRestorer toResume;
    private long sequence;
    private boolean closed;

    /**
     * @param pool of all sessions, with handles of nobody else
     * @param orders what configs ask for
     * @param memory of what the next daemon is to go on with
     */
    public HandleRegistry(
            DaemonConfig config,
            SessionPool pool,
            SessionOrders orders,
            SessionMemory memory,
            Ticker ticker,
            InstantSource clock) {
        this.maxSessions = config.maxSessions();
        this.timeout = config.timeout();
        this.anyCloseEnds = config.closePolicy() == DaemonConfig.ClosePolicy.ALWAYS;
        this.pool = pool;
        this.orders = orders;
        this.memory = memory;
        this.ticker = ticker;
        this.clock = clock;
        pool.endHandlesBy(this::endUnused);
    }

    /** The answer to an {@code open}. */
    public record Opened(String sessionId, boolean reused) {}

    /** As {@link #open(EndpointUrl, SessionConfig, boolean, Caller, String, Duration)}, for somebody who has time. */
    public CompletableFuture<Opened> open(EndpointUrl endpoint, SessionConfig config, boolean forceNew, Caller caller) {
        return open(endpoint, config, forceNew, caller, null, UNBOUNDED);
    }

    /** As {@link #open(EndpointUrl, SessionConfig, boolean, Caller, String, Duration)}, of a server that has no name. */
    public CompletableFuture<Opened> open(
            EndpointUrl endpoint, SessionConfig config, boolean forceNew, Caller caller, Duration bound) {
        return open(endpoint, config, forceNew, caller, null, bound);
    }

    /**
     * Opens a session, or returns the oldest handle with the same endpoint and config. Waits for a slot where the server
     * has none.
     *
     * @param forceNew a new handle, on an OPC UA session of its own if the server has one to give
     * @param caller whose handle it is; only its own are reused, and for whom it shares them, the daemon's
     * @param connection by which of the configuration's names it was asked for; null if by none
     * @param bound how long it can wait
     * @return fails with a {@link CommandException}. Completed from outside, the open is withdrawn: it waits no longer, and
     *     its hold, should it come to one, is taken back
     */
    public CompletableFuture<Opened> open(
            EndpointUrl endpoint,
            SessionConfig config,
            boolean forceNew,
            Caller caller,
            @Nullable String connection,
            Duration bound) {
        CompletableFuture<Opened> opened = new CompletableFuture<>();
        long deadline = ticker.read() + bound.minus(TIME_TO_ANSWER).toNanos();
        // Reuse and the limit are judged before the paths, but what lies there is part of what reuse goes by.
        orders.terms(endpoint, config, caller, connection).whenComplete((terms, failure) -> {
            if (terms == null) {
                opened.completeExceptionally(OpcUaErrors.unwrap(failure));
            } else {
                open(terms, forceNew, caller, deadline, opened);
            }
        });
        return opened;
    }

    private void open(
            SessionOrders.Terms terms,
            boolean forceNew,
            Caller caller,
            long deadline,
            CompletableFuture<Opened> opened) {
        String id = newId();
        boolean mayReuse = !forceNew && terms.unreadable() == null;
        String attempt = mayReuse ? terms.handleKey() : id;
        Opened reused = null;
        Throwable refused = null;
        synchronized (lock) {
            SessionHandle known = mayReuse && !closed ? oldestUsable(terms) : null;
            if (known != null) {
                reused = reuse(known, terms);
            } else {
                refused = closed ? SessionPool.shuttingDown() : fullOrUnreadable(attempt, terms);
                if (refused == null) {
                    opening.merge(attempt, 1, Integer::sum);
                }
            }
        }
        if (reused != null) {
            answer(opened, reused);
        } else if (refused != null) {
            opened.completeExceptionally(refused);
        } else {
            settleWith(terms, id, attempt, forceNew, acquire(terms, id, forceNew, caller, deadline), opened);
        }
    }

    /** Why no further handle can be opened; null if one can. Those that are likely to become one count once. */
    private @Nullable Throwable fullOrUnreadable(String attempt, SessionOrders.Terms terms) {
        return maxSessions > 0 && !opening.containsKey(attempt) && handles.size() + opening.size() >= maxSessions
                ? new CommandException(
                        ErrorType.MAX_SESSIONS_REACHED, "Maximum number of sessions (" + maxSessions + ") reached")
                : terms.unreadable();
    }

    private CompletableFuture<PooledSession> acquire(
            SessionOrders.Terms terms, String id, boolean forceNew, Caller caller, long deadline) {
        try {
            return pool.acquire(orders.order(terms, id, forceNew, caller, deadline));
        } catch (RuntimeException | Error e) {
            // Whatever that is: it must not count as being opened for ever.
            return CompletableFuture.failedFuture(e);
        }
    }

    private void settleWith(
            SessionOrders.Terms terms,
            String id,
            String attempt,
            boolean forceNew,
            CompletableFuture<PooledSession> acquired,
            CompletableFuture<Opened> opened) {
        acquired.whenComplete((session, failure) -> {
            if (session == null) {
                synchronized (lock) {
                    isOver(attempt);
                }
                opened.completeExceptionally(OpcUaErrors.unwrap(failure));
                return;
            }
            Settled settled = settle(terms, id, attempt, forceNew, session);
            if (!settled.isOwnSession()) {
                pool.release(session, null, true);
            }
            Opened answer = settled.opened();
            if (answer == null) {
                opened.completeExceptionally(SessionPool.shuttingDown());
            } else {
                answer(opened, answer);
            }
        });
        opened.whenComplete((done, failure) -> {
            if (failure != null) {
                acquired.completeExceptionally(failure);
            }
        });
    }

    /** Once the handle would outlast the daemon, and unless nobody wants the answer any more. */
    private void answer(CompletableFuture<Opened> opened, Opened answer) {
        memory.kept(answer.sessionId()).whenComplete((kept, failure) -> {
            if (!opened.complete(answer)) {
                abandon(answer);
            }
        });
    }

    /**
     * The handle with this id, which thereby counts as used now.
     *
     * @throws CommandException {@code session_not_found}, also for one that expired and for one of another principal
     */
    public SessionHandle use(@Nullable String id, Caller caller) {
        SessionHandle handle = id == null ? null : handles.get(id);
        long now = ticker.read();
        if (handle == null || handle.isIdle(now, timeout) || !isFor(handle, caller)) {
            throw new CommandException(ErrorType.SESSION_NOT_FOUND, "Session not found: " + shown(id));
        }
        handle.used(now, clock.instant());
        return handle;
    }

    /** A request on this handle begins: until {@link #ended} the handle is not idle, however long that takes. */
    public void begun(SessionHandle handle) {
        handle.requests(1, ticker.read(), clock.instant());
    }

    /** A request on this handle has been answered. */
    public void ended(SessionHandle handle) {
        handle.requests(-1, ticker.read(), clock.instant());
    }

    /**
     * One holder's close. The session ends with its last holder; at once if it is not connected, if {@code force} is
     * set, or if the daemon was told that any close ends a session. What the daemon keeps for itself ends with {@code
     * force} only.
     *
     * @return completes when what had to be closed is closed
     */
    public CompletableFuture<Void> close(SessionHandle handle, boolean force) {
        boolean connected = handle.state() instanceof SessionState.Active;
        boolean atOnce = force || (!handle.isKept() && (!connected || anyCloseEnds));
        CompletableFuture<Void> ended =
                endIf(handle, !atOnce, () -> handle.letGo(ticker.read(), timeout) == 0 || atOnce);
        memory.held(handle);
        return ended;
    }

    /** Takes back an {@code open} whose answer nobody got: its holder will never close. */
    public void abandon(Opened opened) {
        SessionHandle handle = handles.get(opened.sessionId());
        if (handle != null) {
            endIf(handle, true, () -> handle.letGo(ticker.read(), timeout) == 0);
        }
    }

    /** The handle with this id, whosever it is; null if there is none. It is not used by that. */
    public @Nullable SessionHandle find(String id) {
        return handles.get(id);
    }

    /** How many handles there are, of all principals. */
    public int size() {
        return handles.size();
    }

    /** How many handles there are that the caller may use. */
    public int size(Caller caller) {
        int count = 0;
        for (SessionHandle handle : handles.values()) {
            count += isFor(handle, caller) ? 1 : 0;
        }
        return count;
    }

    /** All handles that the caller may use, oldest first. */
    public List<SessionHandle> list(Caller caller) {
        return handles.values().stream()
                .filter(handle -> isFor(handle, caller))
                .sorted(Comparator.comparingLong(SessionHandle::sequence))
                .toList();
    }

    /** All handles, whosever they are, oldest first. */
    public List<SessionHandle> all() {
        return handles.values().stream()
                .sorted(Comparator.comparingLong(SessionHandle::sequence))
                .toList();
    }

    /** How many {@code open}s still count for this handle. */
    public int holders(SessionHandle handle) {
        return handle.holders(ticker.read(), timeout);
    }

    /** Ends the handles that had no request for the timeout. Called every so often. */
    public void expireIdle() {
        for (SessionHandle handle : handles.values()) {
            endIf(handle, true, () -> {
                boolean idle = handle.isIdle(ticker.read(), timeout);
                if (idle) {
                    LOG.info(
                            "Session {} to {} was idle for {} s, closing it",
                            handle.id(),
                            handle.endpointUrl(),
                            timeout.toSeconds());
                }
                return idle;
            });
        }
    }

    /** Ends everything, all sessions in parallel, each bounded; no handle can be opened any more. */
    public CompletableFuture<Void> closeAll() {
        forgetAll();
        return pool.closeAll();
    }

    /** As {@link #closeAll}, but the sessions stay on their servers, for the next daemon to go on with. */
    public CompletableFuture<Void> leaveAll() {
        forgetAll();
        return pool.leaveAll();
    }

    /** What became of the sessions since {@link #closeAll} or {@link #leaveAll}, for the log; null if there were none. */
    public @Nullable String howSessionsEnded(boolean left) {
        LastSessions last = pool.last();
        return last.count() == 0 ? null : left ? last.left() : last.closed();
    }

    /** The handles are remembered, if anything is. */
    private void forgetAll() {
        synchronized (lock) {
            closed = true;
            memory.daemonEnds();
            handles.clear();
        }
    }

    /** Remembers when handles were used and who holds them; to be called every {@link #useInterval}, may wait for a lock. */
    public void rememberUses() {
        memory.writeUses();
    }

    /** How much of that may be lost when the daemon is killed. */
    public Duration useInterval() {
        return SessionMemory.interval(timeout);
    }

    /**
     * Brings back what the last daemon left, as far as configuration and files of today allow it: handles with their ids,
     * owners and holders, whose sessions begin with {@link #resume}. Before anything is opened. Reads files, and waits for
     * them.
     *
     * @param records of the store
     * @param addresses the filter that has this key, by the rules of today
     * @param connections of the configuration
     */
    public void restore(
            List<StateRecord> records, Function<String, AddressFilter> addresses, List<NamedConnection> connections) {
        RestorePlan plan = new RestorePlan(memory, orders, addresses, connections);
        plan.make(records, clock.instant(), timeout, maxSessions);
        SessionRestorer restorer = new SessionRestorer(pool, memory, orders, timeout, ticker, clock);
        for (SessionHandle handle : restorer.handles(plan.handles())) {
            handles.put(handle.id(), handle);
            sequence = Math.max(sequence, handle.sequence() + 1);
        }
        restorer.leftovers(plan.leftovers());
        toResume = restorer;
    }

    /** The sessions of what was restored go on, or begin anew. */
    public void resume() {
        SessionRestorer restorer = toResume;
        if (restorer != null) {
            toResume = null;
            restorer.resume();
        }
    }

    /** Decides under the lock, so that no {@code open} is given a handle that is just ending; closes outside of it. */
    private CompletableFuture<Void> endIf(SessionHandle handle, boolean mayLinger, BooleanSupplier over) {
        synchronized (lock) {
            if (!over.getAsBoolean() || !handles.remove(handle.id(), handle)) {
                return CompletableFuture.completedFuture(null);
            }
            memory.ended(handle);
        }
        handle.end();
        return pool.release(handle.pooled(), handle, mayLinger);
    }

    /** For the pool, where somebody waits for their session. */
    private boolean endUnused(List<SessionHandle> unused, String waiting) {
        List<SessionHandle> ended;
        synchronized (lock) {
            if (!SlotReclaim.areUnused(unused, ticker.read())) {
                return false;
            }
            ended = unused.stream()
                    .filter(handle -> handles.remove(handle.id(), handle))
                    .toList();
            ended.forEach(memory::ended);
        }
        for (SessionHandle handle : ended) {
            LOG.info(
                    "Session {} of {}{} to {} {}, closing it: {} waits for one",
                    handle.id(),
                    handle.owner(),
                    handle.connection() == null ? "" : " (" + handle.connection() + ")",
                    handle.endpointUrl(),
                    handle.session().isRefusedAndGone()
                            ? "is refused by the server"
                            : "was unused for " + SlotReclaim.UNUSED_AFTER.toSeconds() + " s",
                    waiting);
            handle.end();
            pool.release(handle.pooled(), handle, false);
        }
        return true;
    }

    private static boolean isFor(SessionHandle handle, Caller caller) {
        return handle.owner().equals(caller.name()) || caller.mayUse(handle.owner());
    }

    private Opened reuse(SessionHandle handle, SessionOrders.Terms terms) {
        long now = ticker.read();
        handle.used(now, clock.instant());
        hold(handle, terms, now);
        memory.held(handle);
        return new Opened(handle.id(), true);
    }

    /** What the daemon opens for itself it keeps. */
    private void hold(SessionHandle handle, SessionOrders.Terms terms, long now) {
        if (terms.owner().equals(Caller.DAEMON)) {
            handle.keep();
        } else {
            handle.hold(now, timeout);
        }
        handle.askedForBy(terms.connection());
    }

    private @Nullable SessionHandle oldestUsable(SessionOrders.Terms terms) {
        SessionHandle oldest = null;
        long now = ticker.read();
        for (SessionHandle handle : handles.values()) {
            if ((handle.key().equals(terms.handleKey()) || handle.key().equals(terms.daemonsKey()))
                    && handle.pooled().isJoinable()
                    && !handle.isIdle(now, timeout)
                    && (oldest == null || handle.sequence() < oldest.sequence())) {
                oldest = handle;
            }
        }
        return oldest;
    }

    /**
     * What an open came to.
     *
     * @param opened null if the daemon is closing
     * @param isOwnSession whether the session that was acquired for it has the handle
     */
    private record Settled(@Nullable Opened opened, boolean isOwnSession) {}

    /** Ends an attempt: with a handle that another one made meanwhile, or a new one. */
    private Settled settle(
            SessionOrders.Terms terms, String id, String attempt, boolean forceNew, PooledSession session) {
        synchronized (lock) {
            isOver(attempt);
            if (closed) {
                return new Settled(null, false);
            }
            SessionHandle known = forceNew ? null : oldestUsable(terms);
            if (known != null) {
                return new Settled(reuse(known, terms), false);
            }
            long now = ticker.read();
            SessionHandle handle = new SessionHandle(
                    id,
                    sequence++,
                    terms.endpoint().text(),
                    terms.owner(),
                    terms.handleKey(),
                    terms.cacheScope(),
                    terms.config(),
                    session,
                    now,
                    clock.instant());
            hold(handle, terms, now);
            pool.attach(session, handle);
            handles.put(id, handle);
            memory.began(handle, terms.origin(), session.isAlone(), terms.materials());
            return new Settled(new Opened(id, false), true);
        }
    }

    private void isOver(String attempt) {
        opening.computeIfPresent(attempt, (key, count) -> count == 1 ? null : count - 1);
    }

    private String newId() {
        byte[] random = new byte[16];
        ids.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static String shown(@Nullable String id) {
        return id == null ? "" : id.length() > 64 ? id.substring(0, 64) + "…" : id;
    }
}
