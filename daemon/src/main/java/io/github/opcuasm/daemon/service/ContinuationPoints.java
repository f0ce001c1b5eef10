package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.session.SessionHandle;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * The continuation points that were given to callers, under tokens that nobody can guess. Whoever knows the handle and
 * the token may go on, on any connection and from any process, once: the next page has a token of its own.
 *
 * <p>Points are scarce on servers. A handle holds at most {@value #MAX_PER_HANDLE}, none longer than {@link #MAX_AGE};
 * what goes beyond is given back to the server, oldest first, as is everything that is left when the handle ends. One
 * timer a handle, running only while it holds points, finds those that nobody came back for.
 */
final class ContinuationPoints {
    static final int MAX_PER_HANDLE = 100;
    static final Duration MAX_AGE = Duration.ofMinutes(10);

    private static final int TOKEN_BYTES = 16;

    private final BrowseCalls calls;
    private final Ticker ticker;
    private final SecureRandom tokens = new SecureRandom();
    private final Map<SessionHandle, OfHandle> handles = new ConcurrentHashMap<>();

    ContinuationPoints(BrowseCalls calls, Ticker ticker) {
        this.calls = calls;
        this.ticker = ticker;
    }

    /** Keeps a point for whoever shows the token. */
    String keep(SessionHandle handle, ServerPoint point) {
        byte[] random = new byte[TOKEN_BYTES];
        tokens.nextBytes(random);
        String token = HexFormat.of().formatHex(random);
        ofHandle(handle).add(token, point);
        return token;
    }

    /**
     * The point behind a token, which thereby ends.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code ServiceException} Bad_ContinuationPointInvalid if this
     *     handle has no such token, or has it no more
     */
    ServerPoint take(SessionHandle handle, String token) {
        OfHandle own = handles.get(handle);
        ServerPoint point = own == null ? null : own.remove(token);
        if (point == null) {
            throw OpcUaErrors.service(
                    "continuationPoint: unknown, used already, or older than " + MAX_AGE.toMinutes() + " min",
                    StatusCodes.Bad_ContinuationPointInvalid);
        }
        return point;
    }

    private OfHandle ofHandle(SessionHandle handle) {
        OfHandle own = new OfHandle(handle);
        OfHandle known = handles.putIfAbsent(handle, own);
        if (known != null) {
            return known;
        }
        handle.onEnd(() -> {
            handles.remove(handle, own);
            own.end();
        });
        return own;
    }

    private record Kept(ServerPoint point, long since) {}

    /** The points of one handle, oldest first. Its monitor guards them; nothing foreign runs under it. */
    private final class OfHandle {
        private final SessionHandle handle;
        private final Map<String, Kept> points = new LinkedHashMap<>();
        private boolean ended;
        private boolean sweepScheduled;

        OfHandle(SessionHandle handle) {
            this.handle = handle;
        }

        void add(String token, ServerPoint point) {
            List<ServerPoint> dropped;
            boolean schedule;
            synchronized (this) {
                dropped = removeExpired();
                if (ended) {
                    dropped.add(point);
                } else {
                    points.put(token, new Kept(point, ticker.read()));
                }
                if (points.size() > MAX_PER_HANDLE) {
                    Iterator<Kept> oldest = points.values().iterator();
                    dropped.add(oldest.next().point());
                    oldest.remove();
                }
                schedule = !sweepScheduled && !points.isEmpty();
                sweepScheduled |= schedule;
            }
            release(dropped);
            if (schedule) {
                handle.session().schedule(this::sweep, MAX_AGE);
            }
        }

        @Nullable
        ServerPoint remove(String token) {
            List<ServerPoint> dropped;
            Kept kept;
            synchronized (this) {
                dropped = removeExpired();
                kept = points.remove(token);
            }
            release(dropped);
            return kept == null ? null : kept.point();
        }

        void end() {
            List<ServerPoint> left;
            synchronized (this) {
                ended = true;
                left = new ArrayList<>(points.size());
                points.values().forEach(kept -> left.add(kept.point()));
                points.clear();
            }
            release(left);
        }

        private void sweep() {
            List<ServerPoint> dropped;
            long untilOldest = 0;
            synchronized (this) {
                dropped = removeExpired();
                sweepScheduled = !points.isEmpty();
                if (sweepScheduled) {
                    long since = points.values().iterator().next().since();
                    untilOldest = Math.max(1, since + MAX_AGE.toNanos() - ticker.read());
                }
            }
            release(dropped);
            if (untilOldest > 0) {
                handle.session().schedule(this::sweep, Duration.ofNanos(untilOldest));
            }
        }

        private List<ServerPoint> removeExpired() {
            List<ServerPoint> expired = new ArrayList<>(0);
            long now = ticker.read();
            Iterator<Kept> oldestFirst = points.values().iterator();
            while (oldestFirst.hasNext()) {
                Kept kept = oldestFirst.next();
                if (now - kept.since() < MAX_AGE.toNanos()) {
                    break;
                }
                expired.add(kept.point());
                oldestFirst.remove();
            }
            return expired;
        }

        private void release(List<ServerPoint> dropped) {
            calls.release(handle.session(), dropped);
        }
    }
}
