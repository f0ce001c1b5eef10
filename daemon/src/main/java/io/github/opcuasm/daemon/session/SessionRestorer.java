package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ResumableSession;
import io.github.opcuasm.daemon.opcua.SessionListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes handles and OPC UA sessions of a {@link RestorePlan}. Handles that shared a session share it again, and later opens
 * join it as if it had been opened in this process. Nothing is sent before {@link #resume}; what is asked of a handle
 * meanwhile waits. Used once, by one thread.
 *
 * <p>Sessions that are left over go on too, only to be closed as soon as they are active; one whose server stays away for
 * its whole timeout ends there by itself.
 */
final class SessionRestorer {
    private static final Logger LOG = LoggerFactory.getLogger(SessionRestorer.class);
    private static final Duration SHORTEST_PATIENCE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PATIENCE = Duration.ofHours(1);

    private final SessionPool pool;
    private final SessionMemory memory;
    private final SessionOrders orders;
    private final Duration timeout;
    private final Ticker ticker;
    private final InstantSource clock;
    private final List<Runnable> resuming = new ArrayList<>();
    private int handles;

    SessionRestorer(
            SessionPool pool,
            SessionMemory memory,
            SessionOrders orders,
            Duration timeout,
            Ticker ticker,
            InstantSource clock) {
        this.pool = pool;
        this.memory = memory;
        this.orders = orders;
        this.timeout = timeout;
        this.ticker = ticker;
        this.clock = clock;
    }

    /**
     * Which handles share a session.
     *
     * @param before the record of the one that they had
     * @param identity of the one that takes its place; null if it goes on
     */
    private record Shared(String before, @Nullable SessionIdentity identity) {}

    /** The handles, each with a share in its session. */
    List<SessionHandle> handles(List<RestorableHandle> plans) {
        Map<Shared, PooledSession> adopted = new HashMap<>();
        List<SessionHandle> restored = new ArrayList<>();
        for (RestorableHandle plan : plans) {
            // Those whose session does not go on share the new one, as long as they agree on what it is.
            Shared shared = new Shared(
                    plan.remembered().session(),
                    plan.left() == null ? order(plan).identity() : null);
            PooledSession pooled = adopted.get(shared);
            if (pooled == null) {
                pooled = adopt(plan);
                adopted.put(shared, pooled);
            } else {
                pool.join(pooled);
            }
            restored.add(handle(plan, pooled));
        }
        handles = restored.size();
        return restored;
    }

    /** Sessions that are to be closed. */
    void leftovers(List<LeftoverSession> plans) {
        for (LeftoverSession plan : plans) {
            SessionOrigin origin = plan.remembered().origin();
            PooledSession pooled = pool.adopt(orders.order(
                    origin,
                    plan.endpoint(),
                    plan.materials(),
                    plan.addresses(),
                    new SessionOrder.Wanted(
                            Caller.DAEMON,
                            plan.remembered().record().substring(RememberedSession.KIND.length()),
                            true,
                            ticker.read())));
            memory.resuming(pooled.session(), plan.remembered().record(), origin);
            ResumableSession left = plan.remembered().left();
            pooled.session().leftBehind(left);
            resuming.add(() -> closeOnceActive(pooled, left));
        }
    }

    /** Everything begins that was prepared. */
    void resume() {
        if (handles > 0) {
            LOG.info(
                    "Restored {} of the daemon before; connecting to {}",
                    handles == 1 ? "1 session" : handles + " sessions",
                    handles == 1 ? "its server" : "their servers");
        }
        resuming.forEach(Runnable::run);
        resuming.clear();
    }

    private SessionOrder order(RestorableHandle plan) {
        RememberedHandle remembered = plan.remembered();
        return orders.order(
                plan.origin(),
                plan.endpoint(),
                plan.materials(),
                plan.addresses(),
                new SessionOrder.Wanted(remembered.owner(), remembered.id(), remembered.alone(), ticker.read()));
    }

    private PooledSession adopt(RestorableHandle plan) {
        PooledSession pooled = pool.adopt(order(plan));
        OpcUaSession session = pooled.session();
        RememberedSession remembered = plan.left();
        if (remembered == null) {
            memory.opening(session, plan.origin());
        } else {
            memory.resuming(session, remembered.record(), plan.origin());
        }
        session.leftBehind(remembered == null ? null : remembered.left());
        resuming.add(session::resume);
        return pooled;
    }

    private SessionHandle handle(RestorableHandle plan, PooledSession pooled) {
        RememberedHandle remembered = plan.remembered();
        String url = plan.endpoint().text();
        long now = ticker.read();
        Instant wallClock = clock.instant();
        Instant lastUsed = remembered.lastUsed().isAfter(wallClock) ? wallClock : remembered.lastUsed();
        SessionHandle handle = new SessionHandle(
                remembered.id(),
                remembered.sequence(),
                url,
                remembered.owner(),
                orders.handleKey(remembered.owner(), plan.endpoint(), plan.config(), plan.materials()),
                orders.cacheScope(plan.endpoint(), plan.config(), plan.materials()),
                plan.config(),
                pooled,
                now,
                wallClock);
        List<Long> holders = remembered.holdersSince().stream()
                .map(since -> now - age(since, wallClock))
                .filter(since -> now - since < timeout.toNanos())
                .toList();
        handle.goOn(holders, now - age(lastUsed, wallClock), lastUsed, remembered);
        if (plan.kept()) {
            handle.keep();
        }
        pool.attach(pooled, handle);
        memory.restored(handle, plan.origin(), remembered.alone(), plan.materials());
        return handle;
    }

    /** Nanoseconds, and never less than none: a wall clock may go backwards. */
    private long age(Instant since, Instant wallClock) {
        Duration age = Duration.between(since, wallClock);
        return age.isNegative() ? 0 : age.compareTo(timeout) > 0 ? timeout.toNanos() : age.toNanos();
    }

    private void closeOnceActive(PooledSession pooled, ResumableSession left) {
        AtomicBoolean released = new AtomicBoolean();
        Runnable release = () -> {
            if (!released.getAndSet(true)) {
                var unused = pool.release(pooled, null, false);
            }
        };
        OpcUaSession session = pooled.session();
        session.listen(new SessionListener() {
            @Override
            public void activated(ResumableSession now) {
                release.run();
            }

            @Override
            public void restored(boolean anew) {}

            @Override
            public void closed() {}
        });
        session.resume();
        Duration patience = left.timeout().compareTo(SHORTEST_PATIENCE) < 0
                ? SHORTEST_PATIENCE
                : left.timeout().compareTo(LONGEST_PATIENCE) > 0 ? LONGEST_PATIENCE : left.timeout();
        Runnable unused = session.schedule(release, patience);
    }
}
