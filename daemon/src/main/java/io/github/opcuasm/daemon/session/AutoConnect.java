package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.Scheduler;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ResumableSession;
import io.github.opcuasm.daemon.opcua.SessionListener;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.session.NamedConnections.Connection;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the connections that the configuration asks for, and keeps them open. All begin at once and none waits for another.
 * A handle that it has opened is kept: no idle time and no other user's close ends it; when it ends all the same, by a
 * forced close, it is opened again. What is lost beneath a handle, the session itself restores, with pauses of its own;
 * so it does with a handle of the daemon before, which is said to be open only when its session is.
 *
 * <p>One that cannot be opened is tried again until the daemon ends, after pauses that double from 1 s to 60 s and are
 * spread by jitter. Whoever is refused for what it shows (a password, a certificate) would be refused again and might be
 * locked out for it: those pauses grow from 10 s to 300 s. The log says why once, and again only when the reason changes.
 *
 * <p>The steps of one entry follow each other: an attempt, its end, a pause. Nothing else touches its state.
 */
public final class AutoConnect {
    private static final Logger LOG = LoggerFactory.getLogger(AutoConnect.class);

    private static final long FIRST_PAUSE_MS = 1_000;
    private static final long LAST_PAUSE_MS = 60_000;
    private static final long FIRST_PAUSE_AFTER_REFUSAL_MS = 10_000;
    private static final long LAST_PAUSE_AFTER_REFUSAL_MS = 300_000;
    /** Beyond what waiting for a slot and a handshake take: they have bounds of their own. */
    private static final Duration BOUND = Duration.ofHours(1);

    private static final int MAX_DOUBLINGS = 16;

    private final List<Entry> entries;
    private final HandleRegistry handles;
    private final Caller daemon;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Listener listener;
    private volatile boolean closed;

    /** Who wants to know of handles. */
    @FunctionalInterface
    public interface Listener {
        /**
         * There is a handle, whose session may still be on its way. Called before anybody can be told that it is open, once
         * for each handle.
         *
         * @param restored whether it comes from the daemon before
         */
        void opened(String connection, SessionHandle handle, boolean restored);
    }

    /**
     * Opens nothing yet.
     *
     * @param daemon whose handles they are
     * @param scheduler for the pauses
     * @param random for their jitter
     * @param listener is told of each handle
     */
    public AutoConnect(
            List<Connection> connections,
            HandleRegistry handles,
            Caller daemon,
            Scheduler scheduler,
            RandomGenerator random,
            Listener listener) {
        this.entries = connections.stream().map(Entry::new).toList();
        this.handles = handles;
        this.daemon = daemon;
        this.scheduler = scheduler;
        this.random = random;
        this.listener = listener;
    }

    /** Begins to open all of them; returns at once. */
    public void start() {
        entries.forEach(entry -> after(Duration.ZERO, entry));
    }

    /** Opens nothing any more. The handles stay, for their registry to end. */
    public void close() {
        closed = true;
    }

    private void after(Duration pause, Entry entry) {
        Runnable unused = scheduler.schedule(
                () -> {
                    if (!closed) {
                        entry.attempt();
                    }
                },
                pause);
    }

    /**
     * The pause after so many failed attempts: half to all of a bound that doubles.
     *
     * @param failures 1 or more
     */
    private Duration pause(int failures, boolean refused) {
        long first = refused ? FIRST_PAUSE_AFTER_REFUSAL_MS : FIRST_PAUSE_MS;
        long last = refused ? LAST_PAUSE_AFTER_REFUSAL_MS : LAST_PAUSE_MS;
        long bound = Math.min(last, (2 * first) << Math.min(failures - 1, MAX_DOUBLINGS));
        return Duration.ofMillis(bound / 2 + random.nextLong(bound / 2 + 1));
    }

    private static boolean isRefusal(Throwable cause) {
        return OpcUaErrors.isRefusal(cause)
                || (cause instanceof CommandException error
                        && (error.type() == ErrorType.ACCESS_DENIED || error.type() == ErrorType.INVALID_PATH));
    }

    /** One connection, and how far it is. */
    private final class Entry {
        private final Connection connection;
        private int failures;
        private @Nullable String reason;
        private boolean openedBefore;

        Entry(Connection connection) {
            this.connection = connection;
        }

        void attempt() {
            CompletableFuture<HandleRegistry.Opened> opening;
            try {
                opening = handles.open(
                        connection.endpoint(), connection.config(), false, daemon, connection.name(), BOUND);
            } catch (RuntimeException e) {
                opening = CompletableFuture.failedFuture(e);
            }
            opening.thenAccept(opened -> {
                        if (!closed) {
                            opened(handles.use(opened.sessionId(), daemon), opened.reused());
                        }
                    })
                    .whenComplete((done, failure) -> {
                        if (failure != null && !closed) {
                            failed(OpcUaErrors.unwrap(failure));
                        }
                    });
        }

        private void opened(SessionHandle handle, boolean reused) {
            // The daemon's own, and not of this process: nobody else opens handles for it.
            boolean restored = reused && !openedBefore && handle.owner().equals(daemon.name());
            openedBefore = true;
            listener.opened(connection.name(), handle, restored);
            if (handle.state() instanceof SessionState.Active) {
                announce(handle);
            } else {
                LOG.info(
                        "Connection {} to {} keeps session {}, which is being restored",
                        connection.name(),
                        connection.endpoint().server(),
                        handle.id());
                announceOnceActive(handle);
            }
            failures = 0;
            reason = null;
            handle.onEnd(() -> {
                if (!closed) {
                    LOG.info("Session {} of connection {} was ended: opening it again", handle.id(), connection.name());
                    after(pause(1, false), this);
                }
            });
        }

        private void announce(SessionHandle handle) {
            LOG.info(
                    "Connection {} to {} is open as session {}",
                    connection.name(),
                    connection.endpoint().server(),
                    handle.id());
        }

        private void announceOnceActive(SessionHandle handle) {
            AtomicBoolean announced = new AtomicBoolean();
            Runnable announce = () -> {
                if (!closed && !announced.getAndSet(true)) {
                    announce(handle);
                }
            };
            OpcUaSession session = handle.session();
            // Never for a handle that has ended while its session goes on for others.
            handle.onEnd(() -> announced.set(true));
            session.listen(new SessionListener() {
                @Override
                public void activated(ResumableSession now) {
                    announce.run();
                }

                @Override
                public void restored(boolean anew) {}

                @Override
                public void closed() {}
            });
            // The activation may have come before the listener; both run on the session's event loop.
            session.executor().execute(() -> {
                if (handle.state() instanceof SessionState.Active) {
                    announce.run();
                }
            });
        }

        private void failed(Throwable cause) {
            failures++;
            boolean refused = isRefusal(cause);
            String now = cause instanceof CommandException error
                    ? error.messageText()
                    : cause.getClass().getSimpleName();
            if (!isSame(now, reason)) {
                reason = now;
                LOG.warn(
                        "Connection {} to {} could not be opened and is tried again{} until it can: {}",
                        connection.name(),
                        connection.endpoint().server(),
                        refused ? ", with long pauses," : "",
                        now,
                        cause instanceof CommandException ? null : cause);
            }
            after(pause(failures, refused), this);
        }

        /** Numbers aside: how long it took, or which port of ours it was. */
        private static boolean isSame(String now, @Nullable String before) {
            return before != null && withoutNumbers(now).equals(withoutNumbers(before));
        }

        private static String withoutNumbers(String text) {
            return text.replaceAll("[0-9]+", "0");
        }
    }
}
