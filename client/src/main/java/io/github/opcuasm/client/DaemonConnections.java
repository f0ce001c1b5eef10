package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * <p>A request that a daemon may refuse for its length has a connection of its own in protocol 2 too: the refusal ends the
 * connection, and would leave open what became of the others under way on it.
 *
 * <p>What a daemon speaks is remembered until it is gone: another one may come in its place. A connection on which a
 * request got no answer is not used again before the daemon has shown that it speaks protocol 2: a late answer without
 * an id would be taken for another request's.
 *
 * <p>Every connection is in {@code live}, with the number of its requests under way, until it is closed. One that is no
 * longer <em>kept</em> is closed when the last of them has ended.
 */
final class DaemonConnections {
    /** For one request each. The reference's daemon takes 50 connections, of all its clients. */
    private static final int MAX_SINGLE = 32;

    private static final long FIRST_PAUSE_NANOS = 10_000_000;
    private static final long LONGEST_PAUSE_NANOS = 250_000_000;

    private final IpcEndpoint endpoint;
    private final ClientOptions options;
    private final Semaphore singles = new Semaphore(MAX_SINGLE);
    private final ReentrantLock lock = new ReentrantLock();
    /** Guards itself; never held while something is waited for. */
    private final Map<KeptConnection, Integer> live = new HashMap<>();

    private ProtocolVersion spoken;
    /** Changed with {@code lock} held. */
    private volatile @Nullable KeptConnection kept;

    private boolean trying;
    private boolean everConnected;
    private boolean closed;

    /** Asks the daemon something harmless, so that its answer shows what it speaks. */
    @FunctionalInterface
    interface Probe {
        void ask(KeptConnection connection, long end) throws InterruptedException;
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
        /** In protocol 2, a connection for this request alone. */
        ALONE,
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
            kept = connect(Deadline.in(options.connectTimeout()));
        } finally {
            lock.unlock();
        }
    }

    /**
     * A connection for one request. If nobody listens, and somebody did before, it is tried again after growing pauses.
     *
     * @param end of the request, in {@link System#nanoTime()}'s nanoseconds
     * @param patientUntil end of the pauses
     * @param large whether the daemon may find the request too large
     * @throws DaemonNotRunningException if nobody listens
     * @throws AnswerTimeoutException if no connection is free in time
     */
    Lease lease(long end, long patientUntil, boolean large, Probe probe) throws InterruptedException {
        long limit = patientUntil - end < 0 ? patientUntil : end;
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            try {
                return lease(end, large, probe);
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
            KeptConnection current = kept;
            if (current != null && !current.isUsable()) {
                keep(null);
            }
            return everConnected && !closed;
        } finally {
            lock.unlock();
        }
    }

    private Lease lease(long end, boolean large, Probe probe) throws InterruptedException {
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
                if (known == ProtocolVersion.TWO && !large) {
                    return leased(usable(end), Use.SHARED);
                } else if (known == ProtocolVersion.AUTO && !trying) {
                    KeptConnection fresh = usable(end);
                    trying = true;
                    return leased(fresh, Use.TRIAL);
                }
            } finally {
                lock.unlock();
            }
            if (known == ProtocolVersion.ONE) {
                return single(end, Use.SINGLE);
            } else if (known == ProtocolVersion.TWO) {
                return single(end, Use.ALONE);
            }
            probe(end, probe);
        }
    }

    /** The kept connection, a new one if there is none that works. Called with the lock held. */
    private KeptConnection usable(long end) {
        KeptConnection current = kept;
        if (current == null || !current.isUsable()) {
            current = connect(end);
            keep(current);
        }
        return current;
    }

    private Lease single(long end, Use use) throws InterruptedException {
        if (!singles.tryAcquire(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            throw new AnswerTimeoutException(
                    MAX_SINGLE + " requests are under way to the daemon on " + endpoint
                            + ", one a connection, and none ended in time",
                    Outcome.NOT_SENT);
        }
        Lease lease = null;
        try {
            lease = unusedOrNew(end, use);
            return lease;
        } finally {
            if (lease == null) {
                singles.release();
            }
        }
    }

    private Lease unusedOrNew(long end, Use use) {
        lock.lock();
        try {
            requireOpen();
            if (use == Use.ALONE) {
                return leased(connect(end), use);
            }
            KeptConnection current = kept;
            boolean fits = current != null && isFree(current) && current.isUnused() && current.isUsable();
            Lease lease = leased(fits ? Objects.requireNonNull(current) : connect(end), use);
            keep(null);
            return lease;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFree(KeptConnection connection) {
        synchronized (live) {
            return Objects.equals(live.get(connection), 0);
        }
    }

    private void probe(long end, Probe probe) throws InterruptedException {
        KeptConnection connection;
        lock.lock();
        try {
            requireOpen();
            connection = leased(connect(end), Use.ALONE).connection();
        } finally {
            lock.unlock();
        }
        try {
            probe.ask(connection, end);
        } finally {
            ended(connection);
        }
    }

    /** The only request of a connection has ended. */
    private void ended(KeptConnection connection) {
        lock.lock();
        try {
            learn(connection);
        } finally {
            lock.unlock();
        }
        giveBack(connection);
    }

    /** Takes a connection back whose request has ended, with an answer or without. */
    void release(Lease lease) {
        KeptConnection connection = lease.connection();
        switch (lease.use()) {
            case SHARED -> giveBack(connection);
            case TRIAL -> {
                endTrial(connection);
                giveBack(connection);
            }
            case ALONE, SINGLE -> {
                ended(connection);
                singles.release();
            }
        }
    }

    private void endTrial(KeptConnection connection) {
        lock.lock();
        try {
            learn(connection);
            trying = false;
            if (spoken != ProtocolVersion.TWO && kept == connection) {
                keep(null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops using a connection for new requests: its daemon is about to end. */
    void retire(Lease lease) {
        lock.lock();
        try {
            if (kept == lease.connection()) {
                keep(null);
            }
        } finally {
            lock.unlock();
        }
    }

    private Lease leased(KeptConnection connection, Use use) {
        synchronized (live) {
            live.merge(connection, 1, Integer::sum);
        }
        return new Lease(connection, use);
    }

    private void giveBack(KeptConnection connection) {
        synchronized (live) {
            live.merge(connection, -1, Integer::sum);
        }
        closeIfUseless(connection);
    }

    /** Replaces the kept connection. Called with the lock held. */
    private void keep(@Nullable KeptConnection next) {
        KeptConnection before = kept;
        kept = next;
        if (before != null) {
            closeIfUseless(before);
        }
    }

    private void closeIfUseless(KeptConnection connection) {
        synchronized (live) {
            Integer underWay = live.get(connection);
            if (kept == connection || underWay == null || underWay > 0) {
                return;
            }
            live.remove(connection);
        }
        connection.close();
    }

    private void learn(KeptConnection connection) {
        if (options.protocol() == ProtocolVersion.AUTO && connection.spoken() != ProtocolVersion.AUTO) {
            spoken = connection.spoken();
            if (kept == connection && spoken == ProtocolVersion.ONE) {
                keep(null);
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
        synchronized (live) {
            live.put(connection, 0);
        }
        everConnected = true;
        return connection;
    }

    /** Closes every connection. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        List<KeptConnection> all;
        synchronized (live) {
            all = List.copyOf(live.keySet());
        }
        all.forEach(KeptConnection::close);
    }
}
