package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which connection a request goes over. In protocol 2 all share one, which is replaced when it broke. In protocol 1 each
 * request has its own, at most {@value #MAX_SINGLE} at a time. As long as it is open which of the two the daemon speaks,
 * the kept connection carries a single request, the <em>trial</em>; who comes meanwhile sends a {@code ping} over a
 * connection of its own first, because the answer to the trial may take long.
 *
 * <p>What a daemon speaks is remembered until it is gone: another one may come in its place. A connection on which a
 * request got no answer is not used again before the daemon has shown that it speaks protocol 2: a late answer without
 * an id would be taken for another request's.
 */
final class DaemonConnections {
    /** The reference's daemon takes 50 connections, of all its clients. */
    private static final int MAX_SINGLE = 32;

    private static final long FIRST_PAUSE_NANOS = 10_000_000;
    private static final long LONGEST_PAUSE_NANOS = 250_000_000;

    private final IpcEndpoint endpoint;
    private final ClientOptions options;
    private final Semaphore singles = new Semaphore(MAX_SINGLE);
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<KeptConnection> exclusive = new HashSet<>();
    private ProtocolVersion spoken;
    private @Nullable KeptConnection kept;
    private boolean trying;
    private boolean everConnected;
    private boolean closed;

    /** Asks the daemon something harmless, so that its answer shows what it speaks. */
    @FunctionalInterface
    interface Probe {
        void ask(KeptConnection connection) throws InterruptedException;
    }

    /** A connection for one request; to be given back when that has ended. */
    record Lease(KeptConnection connection, Use use) {
        /** Whether the request is one of protocol 1, without {@code id} and {@code timeoutMs}. */
        boolean bare() {
            return use == Use.SINGLE;
        }
    }

    /** What a lease is for. */
    enum Use {
        SHARED,
        TRIAL,
        SINGLE
    }

    DaemonConnections(IpcEndpoint endpoint, ClientOptions options) {
        this.endpoint = endpoint;
        this.options = options;
        this.spoken = options.protocol();
    }

    /** What the daemon speaks; AUTO while that is open. */
    ProtocolVersion spoken() {
        lock.lock();
        try {
            return spoken;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Connects, for the first request to find it done. */
    void open() {
        lock.lock();
        try {
            kept = connect(System.nanoTime() + options.connectTimeout().toNanos());
        } finally {
            lock.unlock();
        }
    }

    /**
     * A connection for one request. If nobody listens, and somebody did before, it is tried again after growing pauses.
     *
     * @param end of the request, in {@link System#nanoTime()}'s nanoseconds
     * @param patientUntil end of the pauses
     * @throws DaemonNotRunningException if nobody listens
     * @throws AnswerTimeoutException if no connection is free in time
     */
    Lease lease(long end, long patientUntil, Probe probe) throws InterruptedException {
        long limit = patientUntil - end < 0 ? patientUntil : end;
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            try {
                return lease(end, probe);
            } catch (DaemonNotRunningException e) {
                if (!mayComeBack() || System.nanoTime() + pause - limit >= 0) {
                    throw e;
                }
                TimeUnit.NANOSECONDS.sleep(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
        }
    }

    private boolean mayComeBack() {
        lock.lock();
        try {
            spoken = options.protocol();
            if (kept != null && !kept.isUsable()) {
                kept = null;
            }
            return everConnected && !closed;
        } finally {
            lock.unlock();
        }
    }

    private Lease lease(long end, Probe probe) throws InterruptedException {
        while (true) {
            ProtocolVersion known;
            if (!lock.tryLock(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new AnswerTimeoutException(
                        "No connection to the daemon on " + endpoint + " in time", Outcome.NOT_SENT);
            }
            try {
                requireOpen();
                KeptConnection current = kept;
                if (current != null) {
                    learn(current);
                }
                known = spoken;
                if (known == ProtocolVersion.TWO) {
                    return new Lease(usable(end), Use.SHARED);
                } else if (known == ProtocolVersion.AUTO && !trying) {
                    KeptConnection fresh = usable(end);
                    trying = true;
                    return new Lease(fresh, Use.TRIAL);
                }
            } finally {
                lock.unlock();
            }
            if (known == ProtocolVersion.ONE) {
                return single(end);
            }
            probe(end, probe);
        }
    }

    /** The kept connection, a new one if there is none that works. Called with the lock held. */
    private KeptConnection usable(long end) {
        KeptConnection current = kept;
        if (current == null || !current.isUsable()) {
            current = connect(end);
            kept = current;
        }
        return current;
    }

    private Lease single(long end) throws InterruptedException {
        if (!singles.tryAcquire(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            throw new AnswerTimeoutException(
                    MAX_SINGLE + " requests are under way to the daemon on " + endpoint
                            + ", one a connection, and none ended in time",
                    Outcome.NOT_SENT);
        }
        KeptConnection connection = null;
        try {
            connection = unusedOrNew(end);
            return new Lease(connection, Use.SINGLE);
        } finally {
            if (connection == null) {
                singles.release();
            }
        }
    }

    private KeptConnection unusedOrNew(long end) {
        lock.lock();
        try {
            requireOpen();
            KeptConnection unused = kept;
            kept = null;
            KeptConnection connection =
                    unused != null && unused.isUnused() && unused.isUsable() ? unused : connect(end);
            exclusive.add(connection);
            return connection;
        } finally {
            lock.unlock();
        }
    }

    private void probe(long end, Probe probe) throws InterruptedException {
        KeptConnection connection = connectExclusively(end);
        try {
            probe.ask(connection);
        } finally {
            end(connection);
        }
    }

    private KeptConnection connectExclusively(long end) {
        lock.lock();
        try {
            requireOpen();
            KeptConnection connection = connect(end);
            exclusive.add(connection);
            return connection;
        } finally {
            lock.unlock();
        }
    }

    private void end(KeptConnection connection) {
        lock.lock();
        try {
            learn(connection);
            exclusive.remove(connection);
        } finally {
            lock.unlock();
        }
        connection.close();
    }

    /** Takes a connection back whose request has ended, with an answer or without. */
    void release(Lease lease) {
        KeptConnection connection = lease.connection();
        if (lease.use() == Use.SINGLE) {
            end(connection);
            singles.release();
            return;
        }
        if (lease.use() == Use.SHARED) {
            return;
        }
        boolean useless;
        lock.lock();
        try {
            learn(connection);
            trying = false;
            useless = spoken != ProtocolVersion.TWO;
            if (useless && kept == connection) {
                kept = null;
            }
        } finally {
            lock.unlock();
        }
        if (useless) {
            connection.close();
        }
    }

    /** Stops using a connection for new requests: its daemon is about to end. */
    void retire(Lease lease) {
        lock.lock();
        try {
            if (kept == lease.connection()) {
                kept = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void learn(KeptConnection connection) {
        if (options.protocol() == ProtocolVersion.AUTO && connection.spoken() != ProtocolVersion.AUTO) {
            spoken = connection.spoken();
            if (kept == connection && spoken == ProtocolVersion.ONE) {
                kept = null;
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("This client was closed");
        }
    }

    private KeptConnection connect(long end) {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        Duration bound = left.compareTo(options.connectTimeout()) < 0 ? left : options.connectTimeout();
        KeptConnection connection = KeptConnection.connect(endpoint, bound, options);
        everConnected = true;
        return connection;
    }

    /** Closes every connection. */
    void close() {
        KeptConnection current;
        Set<KeptConnection> others;
        lock.lock();
        try {
            closed = true;
            current = kept;
            others = new HashSet<>(exclusive);
        } finally {
            lock.unlock();
        }
        if (current != null) {
            current.close();
        }
        others.forEach(KeptConnection::close);
    }
}
