package io.github.opcuasm.daemon.audit;

import io.github.opcuasm.daemon.Ticker;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many notes are recorded one by one. Anybody who can reach the socket can cause them, and the disk that they fill is the
 * one without which nothing may be changed.
 *
 * <p>Each principal has a bucket for each kind of event, so that one's noise does not hide what others do: {@value
 * #REFUSALS} refusals, refilled at one a second; {@value #SESSIONS} sessions opened or closed, refilled at {@value
 * #SESSIONS_A_SECOND} a second. What does not fit is counted, and the count goes out with the next note of the same bucket
 * that does, or at the end. There are at most {@value #MAX_BUCKETS}: a bucket that is full again gives way to another one,
 * and while none is, those who have none share one for each kind of event.
 *
 * <p>Guarded by its log.
 */
final class NoteQuotas {
    static final int REFUSALS = 60;
    static final int SESSIONS = 600;
    static final int MAX_BUCKETS = 256;
    private static final int SESSIONS_A_SECOND = 10;
    private static final long SECOND = 1_000_000_000L;

    private final Ticker ticker;
    /** The one that was used longest ago first. */
    private final Map<Key, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<AuditEvent, Bucket> shared = new EnumMap<>(AuditEvent.class);

    private record Key(
            AuditEvent event,
            boolean refusal,
            String principal,
            @Nullable String user) {}

    /** Notes that were not recorded: the last of them, and how many. */
    record Suppressed(Actor actor, AuditEvent event, AuditResult result, long count) {}

    private final class Bucket {
        private final int burst;
        private final long refillNanos;
        private long left;
        private long refilledAt = ticker.read();
        private long suppressed;
        private @Nullable Suppressed last;

        Bucket(boolean refusal) {
            this.burst = refusal ? REFUSALS : SESSIONS;
            this.refillNanos = refusal ? SECOND : SECOND / SESSIONS_A_SECOND;
            this.left = burst;
        }

        void refill() {
            long refills = (ticker.read() - refilledAt) / refillNanos;
            refilledAt += refills * refillNanos;
            left = Math.min(burst, left + refills);
        }

        long take(Actor actor, AuditEvent event, AuditResult result) {
            refill();
            if (left == 0) {
                suppressed++;
                last = new Suppressed(actor, event, result, suppressed);
                return -1;
            }
            left--;
            long untold = suppressed;
            suppressed = 0;
            last = null;
            return untold;
        }
    }

    NoteQuotas(Ticker ticker) {
        this.ticker = ticker;
    }

    /**
     * Whether a note is recorded.
     *
     * @param displaced takes what a bucket that gives way has not told
     * @return how many of its kind were suppressed since the last one that was recorded; -1 if this one is suppressed too
     */
    long take(Actor actor, AuditEvent event, AuditResult result, List<Suppressed> displaced) {
        boolean refusal = result.isRefusal();
        if (!refusal && event != AuditEvent.OPEN && event != AuditEvent.CLOSE) {
            return 0;
        }
        Key key = new Key(event, refusal, actor.principal(), actor.user());
        Bucket bucket = buckets.get(key);
        if (bucket == null && (buckets.size() < MAX_BUCKETS || makeRoom(displaced))) {
            bucket = new Bucket(refusal);
            buckets.put(key, bucket);
        } else if (bucket == null) {
            bucket = shared.computeIfAbsent(event, any -> new Bucket(true));
        }
        return bucket.take(actor, event, result);
    }

    /** What was not told yet; from now on it is. */
    List<Suppressed> takeUntold() {
        List<Suppressed> untold = new ArrayList<>();
        buckets.values().forEach(bucket -> addUntold(bucket, untold));
        shared.values().forEach(bucket -> addUntold(bucket, untold));
        return untold;
    }

    private boolean makeRoom(List<Suppressed> displaced) {
        Iterator<Bucket> eldest = buckets.values().iterator();
        Bucket bucket = eldest.next();
        bucket.refill();
        if (bucket.left < bucket.burst) {
            return false;
        }
        addUntold(bucket, displaced);
        eldest.remove();
        return true;
    }

    private static void addUntold(Bucket bucket, List<Suppressed> untold) {
        Suppressed last = bucket.last;
        if (last != null) {
            untold.add(last);
            bucket.last = null;
            bucket.suppressed = 0;
        }
    }
}
