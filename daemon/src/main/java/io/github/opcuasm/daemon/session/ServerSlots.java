package io.github.opcuasm.daemon.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one server: how many it holds of ours, how many it may, and who waits for one.
 *
 * <p>Counted is what the server may hold: sessions that are being opened, are open, are being restored, and are being
 * closed until that is confirmed; and orphans, which nothing refers to any more, for as long as the server may keep them.
 * A configured budget bounds that always. What the server taught by answering Bad_TooManySessions is a bound too, but not
 * for ever, since it also depends on what others hold: the first in the queue tries anew after each close of ours, and
 * after pauses that grow from 1 s to 5 s, one at a time. A session granted beyond the bound raises it, a refusal below
 * lowers it.
 *
 * <p>Guarded by the pool.
 */
final class ServerSlots {
    static final long TOO_MANY_SESSIONS = 0x80560000L;

    private static final int UNBOUNDED = Integer.MAX_VALUE;
    private static final int MAX_ORPHANS = 1000;
    private static final int MAX_WAITING = 1000;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final double JITTER = 0.2;

    private final String server;
    private final @Nullable Integer configured;
    private final RandomGenerator random;
    private final Set<PooledSession> sessions = new LinkedHashSet<>();
    private final TreeMap<Long, SlotWait> waiting = new TreeMap<>();
    private int orphans;
    private int learned = UNBOUNDED;
    private int refusedTrials;
    private long nextTrial;
    private @Nullable PooledSession trial;
    private @Nullable Runnable cancelLook;
    private long nextLook;

    /** @param configured the budget; null if none is */
    ServerSlots(String server, @Nullable Integer configured, RandomGenerator random) {
        this.server = server;
        this.configured = configured;
        this.random = random;
    }

    String server() {
        return server;
    }

    @Nullable
    Integer configured() {
        return configured;
    }

    /** Whether there are not as many as anybody wants, as far as is known. */
    boolean isBounded() {
        return configured != null || learned != UNBOUNDED;
    }

    boolean isConfiguredFull() {
        return configured != null && used() >= configured;
    }

    /** How many sessions the server was found to give us; null if it never refused one. */
    @Nullable
    Integer learned() {
        return learned == UNBOUNDED ? null : learned;
    }

    /** All that hold a slot, oldest first. */
    Collection<PooledSession> sessions() {
        return Collections.unmodifiableCollection(sessions);
    }

    int orphans() {
        return orphans;
    }

    /** What the server may hold of ours. */
    int used() {
        return sessions.size() + orphans;
    }

    @Nullable
    SlotWait head() {
        return waiting.isEmpty() ? null : waiting.firstEntry().getValue();
    }

    List<SlotWait> waiting() {
        return new ArrayList<>(waiting.values());
    }

    boolean isWaitedFor() {
        return !waiting.isEmpty();
    }

    /** In the place that it has, also if others have come meanwhile. False if too many wait already. */
    boolean enqueue(SlotWait wait) {
        if (waiting.size() >= MAX_WAITING) {
            return false;
        }
        waiting.put(wait.place(), wait);
        return true;
    }

    /** False if it was not in the queue. */
    boolean dequeue(SlotWait wait) {
        return waiting.remove(wait.place(), wait);
    }

    boolean isWaiting(SlotWait wait) {
        return waiting.containsKey(wait.place());
    }

    /** Whether one more session may be asked of the server. */
    boolean hasRoom(long now) {
        return !isConfiguredFull() && (used() < learned || (trial == null && now - nextTrial >= 0));
    }

    /** Takes a slot, for which there is room. */
    void take(PooledSession session) {
        if (used() >= learned) {
            trial = session;
        }
        sessions.add(session);
    }

    /** Takes a slot for a session that the server has already, whether there is room or not. */
    void takeOver(PooledSession session) {
        sessions.add(session);
    }

    /** The server granted it. */
    void granted(PooledSession session, long now) {
        if (learned != UNBOUNDED && used() > learned) {
            learned = used();
        }
        if (trial == session) {
            trial = null;
            refusedTrials = 0;
            nextTrial = now;
        }
    }

    /**
     * The server refused it, having too many.
     *
     * @return whether that was news
     */
    boolean refused(PooledSession session, long now) {
        sessions.remove(session);
        boolean news = learned != used();
        if (learned == UNBOUNDED || trial == session || now - nextTrial >= 0) {
            trial = trial == session ? null : trial;
            long pause = Math.min(LONGEST_PAUSE.toNanos(), FIRST_PAUSE.toNanos() << Math.min(refusedTrials, 8));
            long jittered = (long) (pause * (1 + JITTER * random.nextDouble()));
            nextTrial = now + Math.min(LONGEST_PAUSE.toNanos(), jittered);
            refusedTrials++;
        }
        learned = used();
        return news;
    }

    /** The server has no trace of it any more, or it never came to be there. */
    void freed(PooledSession session, long now) {
        sessions.remove(session);
        trial = trial == session ? null : trial;
        refusedTrials = 0;
        nextTrial = now;
    }

    /** False if there are more than anybody counts. */
    boolean addOrphan() {
        if (orphans == MAX_ORPHANS) {
            return false;
        }
        orphans++;
        return true;
    }

    void orphanIsOver(long now) {
        orphans--;
        nextTrial = now;
    }

    /** How many sessions, beyond those that are ending already, would have to go before everybody who waits has one. */
    int shortBy() {
        long bound = Math.min(learned, configured == null ? UNBOUNDED : configured);
        long wanted = waiting.values().stream()
                .map(wait -> wait.order().identity().who())
                .distinct()
                .count();
        long ending = sessions.stream().filter(PooledSession::isEnding).count();
        return wanted == 0 ? 0 : (int) Math.max(0, Math.min(wanted - ending, used() + wanted - ending - bound));
    }

    /** Nanoseconds until the next trial; {@link Long#MAX_VALUE} if only a close can help. */
    long untilTrial(long now) {
        return isConfiguredFull() || trial != null ? Long.MAX_VALUE : Math.max(0, nextTrial - now);
    }

    /** Whether there is nothing left to remember. */
    boolean isForgettable(long now) {
        return used() == 0 && waiting.isEmpty() && (learned == UNBOUNDED || now - nextTrial >= LONGEST_PAUSE.toNanos());
    }

    /** The next look at what has changed without a word: the earliest one wins. */
    boolean wantsLookAt(long when) {
        return cancelLook == null || when - nextLook < 0;
    }

    void looksAt(long when, Runnable cancel) {
        if (cancelLook != null) {
            cancelLook.run();
        }
        nextLook = when;
        cancelLook = cancel;
    }

    void looked() {
        cancelLook = null;
    }
}
