package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What callers know by a {@code sessionId}: request options and a share in an OPC UA session. It counts its holders, one
 * for each {@code open} that returned it; short-lived processes rarely close, so a holder counts for a bounded time only.
 */
public final class SessionHandle {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHandle.class);
    private static final int MAX_HOLDERS = 10_000;

    private final String id;
    private final long sequence;
    private final String endpointUrl;
    private final String owner;
    private final String key;
    private final String cacheScope;
    private final SessionConfig config;
    private final PooledSession pooled;
    private final ArrayDeque<Long> holdersSince = new ArrayDeque<>(2);
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicReference<@Nullable String> connection = new AtomicReference<>();
    private volatile @Nullable AskedFor askedFor;
    private volatile boolean kept;
    private volatile boolean publishedByDaemon;
    private final AtomicBoolean longAnswerSeen = new AtomicBoolean();
    private final List<Runnable> atEnd = new ArrayList<>(0);
    private boolean ended;
    private volatile long lastUsedNanos;
    private volatile Instant lastUsed;

    SessionHandle(
            String id,
            long sequence,
            String endpointUrl,
            String owner,
            String key,
            String cacheScope,
            SessionConfig config,
            PooledSession pooled,
            long now,
            Instant wallClock) {
        this.id = id;
        this.sequence = sequence;
        this.endpointUrl = endpointUrl;
        this.owner = owner;
        this.key = key;
        this.cacheScope = cacheScope;
        this.config = config;
        this.pooled = pooled;
        this.lastUsedNanos = now;
        this.lastUsed = wallClock;
    }

    /** 32 hex digits. */
    public String id() {
        return id;
    }

    /** The name of the principal that opened it. */
    public String owner() {
        return owner;
    }

    public String endpointUrl() {
        return endpointUrl;
    }

    public SessionConfig config() {
        return config;
    }

    /** By which of the configuration's names it was asked for first; null if by none. */
    public @Nullable String connection() {
        return connection.get();
    }

    /** It was asked for by this name; the first one stays. */
    void named(String name) {
        connection.compareAndSet(null, name);
    }

    /** Somebody has it from now on who asked for it by this name; null = by its URL. */
    void askedForBy(@Nullable String name) {
        if (name != null) {
            named(name);
        }
        if (askedFor == null) {
            askedFor = name == null ? AskedFor.BY_URL : AskedFor.BY_NAME;
        } else if (askedFor == AskedFor.BY_NAME && !Objects.equals(name, connection())) {
            askedFor = AskedFor.BY_BOTH;
        }
    }

    AskedFor askedFor() {
        AskedFor known = askedFor;
        return known == null ? AskedFor.BY_URL : known;
    }

    /** The daemon holds it from now on, until it is told to end it: it is never idle, and no other close ends it. */
    void keep() {
        kept = true;
    }

    /** The daemon consumes what subscriptions of the configuration bring to it: nobody else publishes on it. */
    public void publishByDaemon() {
        publishedByDaemon = true;
    }

    /** Whether {@link #publishByDaemon} was said. */
    public boolean isPublishedByDaemon() {
        return publishedByDaemon;
    }

    boolean isKept() {
        return kept;
    }

    public OpcUaSession session() {
        return pooled.session();
    }

    public SessionState state() {
        return session().state();
    }

    /** Server and identity, without secrets: handles with the same one may share what was learnt about the server. */
    public String cacheScope() {
        return cacheScope;
    }

    public Instant lastUsed() {
        return lastUsed;
    }

    /** Rises with each handle: older ones are lower. */
    long sequence() {
        return sequence;
    }

    String key() {
        return key;
    }

    /** The ticker's, when a request last began or ended. */
    long lastUsedNanos() {
        return lastUsedNanos;
    }

    PooledSession pooled() {
        return pooled;
    }

    void used(long now, Instant wallClock) {
        lastUsedNanos = now;
        lastUsed = wallClock;
    }

    /** A request begins or ends ({@code change} 1 or -1): while one is under way the handle is not idle. */
    void requests(int change, long now, Instant wallClock) {
        used(now, wallClock);
        underWay.addAndGet(change);
    }

    boolean isUnderWay() {
        return underWay.get() > 0;
    }

    boolean isIdle(long now, Duration timeout) {
        return !kept && !isUnderWay() && now - lastUsedNanos >= timeout.toNanos();
    }

    /** True the first time. */
    public boolean firstLongAnswer() {
        return longAnswerSeen.compareAndSet(false, true);
    }

    /** When each holder came, by the ticker, oldest first; also of those that count no more. */
    synchronized List<Long> holdersSince() {
        return List.copyOf(holdersSince);
    }

    /** Goes on with the holders, the last use and the name that it had in an earlier process. */
    synchronized void goOn(List<Long> heldSince, long usedAt, Instant wallClock, RememberedHandle remembered) {
        connection.set(remembered.connection());
        askedFor = remembered.askedFor();
        holdersSince.clear();
        holdersSince.addAll(heldSince);
        used(usedAt, wallClock);
    }

    /** One more holder; beyond a bound, for scripts that open ever again and never close, the oldest is forgotten. */
    synchronized void hold(long now, Duration holderLifetime) {
        expireHolders(now, holderLifetime);
        if (holdersSince.size() == MAX_HOLDERS) {
            holdersSince.removeFirst();
        }
        holdersSince.addLast(now);
    }

    /** One holder, the oldest, lets go; returns how many are left that still count. */
    synchronized int letGo(long now, Duration holderLifetime) {
        expireHolders(now, holderLifetime);
        holdersSince.pollFirst();
        return holders();
    }

    synchronized int holders(long now, Duration holderLifetime) {
        expireHolders(now, holderLifetime);
        return holders();
    }

    /**
     * Runs {@code action} once when the handle ends; at once if it has ended. It may still send requests on the session,
     * which ends after that if nobody else uses it.
     */
    public void onEnd(Runnable action) {
        synchronized (atEnd) {
            if (!ended) {
                atEnd.add(action);
                return;
            }
        }
        action.run();
    }

    void end() {
        List<Runnable> actions;
        synchronized (atEnd) {
            ended = true;
            actions = List.copyOf(atEnd);
            atEnd.clear();
        }
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (RuntimeException e) {
                // One that fails must not keep the others from cleaning up, nor the session from ending.
                LOG.warn("Something could not be cleaned up after session {}", id, e);
            }
        }
    }

    private int holders() {
        return holdersSince.size() + (kept ? 1 : 0);
    }

    private void expireHolders(long now, Duration lifetime) {
        Long oldest = holdersSince.peekFirst();
        while (oldest != null && now - oldest >= lifetime.toNanos()) {
            holdersSince.removeFirst();
            oldest = holdersSince.peekFirst();
        }
    }
}
