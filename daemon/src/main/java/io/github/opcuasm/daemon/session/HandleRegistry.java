package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.TrustPolicy;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SecurityProfile;
import io.github.opcuasm.daemon.opcua.SessionConnector;
import io.github.opcuasm.daemon.opcua.SessionState;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session handles of one daemon: opening and reusing them, finding them, closing them, and ending those that nobody
 * uses (protocol, {@code open} and {@code close}).
 *
 * <p>Opens with the same endpoint and config get the same handle, and while it is being opened they share the attempt: one
 * handshake, whose end they all learn. Finding a handle takes no lock; everything that changes the set of handles holds
 * one for a few map operations, never while something waits.
 */
public final class HandleRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(HandleRegistry.class);

    private final int maxSessions;
    private final Duration timeout;
    private final boolean anyCloseEnds;
    private final SessionPool pool;
    private final MaterialLoader loader;
    private final Supplier<CompletableFuture<KeyMaterial>> own;
    private final TrustPolicy defaultTrust;
    private final boolean deprecatedPolicies;
    private final Ticker ticker;
    private final InstantSource clock;
    private final SecureRandom ids = new SecureRandom();
    private final SecretDigest digest = new SecretDigest();
    private final Map<String, SessionHandle> handles = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<SessionHandle>> attempts = new HashMap<>();
    private final Object lock = new Object();
    private int opening;
    private long sequence;
    private boolean closed;

    /**
     * @param connector of all sessions
     * @param loader reads the files that configs name
     * @param own the daemon's certificate
     */
    public HandleRegistry(
            DaemonConfig config,
            SessionConnector connector,
            MaterialLoader loader,
            Supplier<CompletableFuture<KeyMaterial>> own,
            Ticker ticker,
            InstantSource clock) {
        this.maxSessions = config.maxSessions();
        this.timeout = config.timeout();
        this.anyCloseEnds = config.closePolicy() == DaemonConfig.ClosePolicy.ALWAYS;
        this.pool = new SessionPool(connector, config.keepAliveInterval(), config.linger());
        this.loader = loader;
        this.own = own;
        this.defaultTrust = trustPolicy(config.defaultTrust());
        this.deprecatedPolicies = config.allowDeprecatedPolicies();
        this.ticker = ticker;
        this.clock = clock;
    }

    /** The answer to an {@code open}. */
    public record Opened(String sessionId, boolean reused) {}

    /**
     * Opens a session, or returns the oldest handle with the same endpoint and config.
     *
     * @param forceNew a new handle on an OPC UA session of its own
     * @param caller whose handle it is; only its own are reused
     * @return fails with a {@link CommandException}
     */
    public CompletableFuture<Opened> open(EndpointUrl endpoint, SessionConfig config, boolean forceNew, Caller caller) {
        SecurityProfile profile = config.profile();
        if (profile.policy().isDeprecated() && !deprecatedPolicies) {
            return CompletableFuture.failedFuture(new CommandException(
                    ErrorType.SECURITY,
                    "config.securityPolicy: " + profile.policy().shortName()
                            + " is deprecated; the daemon uses it only with --allow-deprecated-policies"));
        }
        // Reuse and the limit are judged before the paths, but what lies there is part of what reuse goes by.
        return loader.load(config)
                .handle((materials, failure) -> failure == null
                        ? open(endpoint, config, forceNew, caller, materials, null)
                        : open(endpoint, config, forceNew, caller, Materials.NONE, OpcUaErrors.unwrap(failure)))
                .thenCompose(Function.identity());
    }

    private CompletableFuture<Opened> open(
            EndpointUrl endpoint,
            SessionConfig config,
            boolean forceNew,
            Caller caller,
            Materials materials,
            @Nullable Throwable unreadable) {
        String key = caller.name() + "\n" + config.handleKey(endpoint.text(), materials, digest);
        CompletableFuture<SessionHandle> attempt;
        synchronized (lock) {
            if (closed) {
                return CompletableFuture.failedFuture(shuttingDown());
            }
            SessionHandle known = forceNew || unreadable != null ? null : oldestUsable(key);
            if (known != null) {
                return CompletableFuture.completedFuture(reuse(known));
            }
            CompletableFuture<SessionHandle> underWay = forceNew || unreadable != null ? null : attempts.get(key);
            if (underWay != null) {
                return underWay.thenCompose(handle -> reuseIfStillThere(handle, endpoint, config, caller));
            }
            if (maxSessions > 0 && handles.size() + opening >= maxSessions) {
                return CompletableFuture.failedFuture(new CommandException(
                        ErrorType.MAX_SESSIONS_REACHED, "Maximum number of sessions (" + maxSessions + ") reached"));
            }
            if (unreadable != null) {
                return CompletableFuture.failedFuture(unreadable);
            }
            opening++;
            attempt = new CompletableFuture<>();
            if (!forceNew) {
                attempts.put(key, attempt);
            }
        }
        SessionPool.PooledSession pooled;
        try {
            pooled = pool.acquire(
                    endpoint,
                    config.identity(endpoint.text(), caller.addresses().key(), materials, digest),
                    config,
                    caller.addresses(),
                    config.security(materials, own, defaultTrust, deprecatedPolicies),
                    forceNew);
        } catch (RuntimeException | Error e) {
            synchronized (lock) {
                opening--;
                attempts.remove(key, attempt);
            }
            attempt.completeExceptionally(e);
            throw e;
        }
        pooled.opened().whenComplete((done, failure) -> {
            SessionHandle handle =
                    settle(endpoint, key, caller.name(), config, materials, pooled, failure == null, attempt);
            if (handle != null) {
                attempt.complete(handle);
            } else {
                pool.release(pooled, false);
                attempt.completeExceptionally(failure == null ? shuttingDown() : OpcUaErrors.unwrap(failure));
            }
        });
        return attempt.thenApply(handle -> new Opened(handle.id(), false));
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
     * set, or if the daemon was told that any close ends a session.
     *
     * @return completes when what had to be closed is closed
     */
    public CompletableFuture<Void> close(SessionHandle handle, boolean force) {
        boolean connected = handle.state() instanceof SessionState.Active;
        boolean atOnce = !connected || force || anyCloseEnds;
        return endIf(handle, !atOnce, () -> handle.letGo(ticker.read(), timeout) == 0 || atOnce);
    }

    /** Takes back an {@code open} whose answer nobody got: its holder will never close. */
    public void abandon(Opened opened) {
        SessionHandle handle = handles.get(opened.sessionId());
        if (handle != null) {
            endIf(handle, true, () -> handle.letGo(ticker.read(), timeout) == 0);
        }
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
        synchronized (lock) {
            closed = true;
            handles.clear();
        }
        return pool.closeAll();
    }

    /** Decides under the lock, so that no {@code open} is given a handle that is just ending; closes outside of it. */
    private CompletableFuture<Void> endIf(SessionHandle handle, boolean mayLinger, BooleanSupplier over) {
        synchronized (lock) {
            if (!over.getAsBoolean() || !handles.remove(handle.id(), handle)) {
                return CompletableFuture.completedFuture(null);
            }
        }
        handle.end();
        return pool.release(handle.pooled(), mayLinger);
    }

    private static TrustPolicy trustPolicy(DaemonConfig.DefaultTrust trust) {
        return switch (trust) {
            case NONE -> TrustPolicy.NONE;
            case FIRST_USE -> TrustPolicy.FIRST_USE;
            case STRICT -> TrustPolicy.FULL;
        };
    }

    private static boolean isFor(SessionHandle handle, Caller caller) {
        return handle.owner().equals(caller.name()) || caller.mayUse(handle.owner());
    }

    private Opened reuse(SessionHandle handle) {
        long now = ticker.read();
        handle.used(now, clock.instant());
        handle.hold(now, timeout);
        return new Opened(handle.id(), true);
    }

    /** Between the end of the attempt and this, somebody may have closed the handle. */
    private CompletableFuture<Opened> reuseIfStillThere(
            SessionHandle handle, EndpointUrl endpoint, SessionConfig config, Caller caller) {
        synchronized (lock) {
            if (handles.get(handle.id()) == handle) {
                return CompletableFuture.completedFuture(reuse(handle));
            }
        }
        return open(endpoint, config, false, caller);
    }

    private @Nullable SessionHandle oldestUsable(String key) {
        SessionHandle oldest = null;
        long now = ticker.read();
        for (SessionHandle handle : handles.values()) {
            if (handle.key().equals(key)
                    && !(handle.state() instanceof SessionState.Closed)
                    && !handle.isIdle(now, timeout)
                    && (oldest == null || handle.sequence() < oldest.sequence())) {
                oldest = handle;
            }
        }
        return oldest;
    }

    /** Ends an attempt: the new handle, or null if the session failed or the daemon is closing. */
    private @Nullable SessionHandle settle(
            EndpointUrl endpoint,
            String key,
            String owner,
            SessionConfig config,
            Materials materials,
            SessionPool.PooledSession pooled,
            boolean succeeded,
            CompletableFuture<SessionHandle> attempt) {
        synchronized (lock) {
            opening--;
            attempts.remove(key, attempt);
            if (!succeeded || closed) {
                return null;
            }
            long now = ticker.read();
            SessionHandle handle = new SessionHandle(
                    newId(),
                    sequence++,
                    endpoint.text(),
                    owner,
                    key,
                    config.cacheScope(endpoint.text(), materials, digest),
                    config,
                    pooled,
                    now,
                    clock.instant());
            handle.hold(now, timeout);
            handles.put(handle.id(), handle);
            return handle;
        }
    }

    private String newId() {
        byte[] random = new byte[16];
        ids.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static CommandException shuttingDown() {
        return new CommandException(ErrorType.SHUTTING_DOWN, "The daemon is shutting down");
    }

    private static String shown(@Nullable String id) {
        return id == null ? "" : id.length() > 64 ? id.substring(0, 64) + "…" : id;
    }
}
