package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slows down who guesses tokens: each wrong one is answered later than the one before, by 100 ms, up to 5 s. Attempts are
 * counted for each user of the machine, and together for all TCP peers, who cannot be told apart; a count goes down by one
 * every 5 s. A right token is never delayed: nobody can lock others out.
 *
 * <p>What this is worth has a bound. Each wrong token costs a connection, but only so many answers may wait at a time, for
 * a waiting connection is one less for others: of each source a quarter of all, so that no source takes the delay from
 * another. Who has so many waiting is answered at once beyond them and goes on trying, as fast as it can connect. So the
 * delay stops who tries a list; against who tries everything a token must be long.
 *
 * <p>The log has a line for the 1st, 10th, 100th … failure of a burst, which ends with a minute without any. Of too many
 * users the one that failed longest ago is forgotten. Thread-safe.
 */
public final class FailedAttempts {
    private static final Logger LOG = LoggerFactory.getLogger(FailedAttempts.class);
    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Duration DECAY = Duration.ofSeconds(5);
    private static final Duration BURST_END = Duration.ofMinutes(1);
    private static final int MAX_USERS = 1024;

    /** Of all answers that may wait, those of one source may be this part. */
    private static final int SHARE = 4;

    private final Ticker ticker;
    private final int maxWaiting;
    private final Map<String, Burst> bursts = new LinkedHashMap<>(16, 0.75f, true);
    private int waiting;

    /** @param maxWaiting answers that may wait at a time */
    public FailedAttempts(Ticker ticker, int maxWaiting) {
        this.ticker = ticker;
        this.maxWaiting = maxWaiting;
    }

    private static final class Burst {
        private long level;
        private long levelSince;
        private long failures;
        private long lastAt;
        private int waiting;

        private Burst(long now) {
            levelSince = now;
            lastAt = now;
        }
    }

    /**
     * Counts one.
     *
     * @param from who tried, for the log: {@code user:www-data}, or {@code TCP}
     * @param connectionId for the log
     * @param guessed whether a token was shown; who shows none is counted, but has guessed nothing
     * @return how long its answer is to wait; more than zero counts as waiting until {@link #answered}
     */
    public Duration failed(String from, long connectionId, boolean guessed) {
        Counted counted = count(from, guessed);
        if (isPowerOfTen(counted.failures())) {
            LOG.warn(
                    "Connection {} was refused: {} token; failure {} of {} in a row",
                    connectionId,
                    guessed ? "a wrong" : "no",
                    counted.failures(),
                    from);
        }
        return counted.delay();
    }

    private record Counted(long failures, Duration delay) {}

    private synchronized Counted count(String from, boolean guessed) {
        long now = ticker.read();
        Burst burst = bursts.computeIfAbsent(from, any -> new Burst(now));
        long steps = (now - burst.levelSince) / DECAY.toNanos();
        burst.level = Math.max(0, burst.level - steps);
        burst.levelSince += steps * DECAY.toNanos();
        if (now - burst.lastAt > BURST_END.toNanos()) {
            burst.failures = 0;
        }
        burst.lastAt = now;
        burst.failures++;
        long millis = guessed ? Math.min(LONGEST.toMillis(), burst.level * STEP.toMillis()) : 0;
        if (guessed) {
            burst.level = Math.min(burst.level + 1, LONGEST.toMillis() / STEP.toMillis());
        }
        if (bursts.size() > MAX_USERS) {
            bursts.remove(bursts.keySet().iterator().next());
        }
        if (millis == 0 || waiting >= maxWaiting || burst.waiting >= Math.max(1, maxWaiting / SHARE)) {
            return new Counted(burst.failures, Duration.ZERO);
        }
        waiting++;
        burst.waiting++;
        return new Counted(burst.failures, Duration.ofMillis(millis));
    }

    /** An answer to this source that waited waits no more. */
    public synchronized void answered(String from) {
        waiting--;
        Burst burst = bursts.get(from);
        if (burst != null && burst.waiting > 0) {
            burst.waiting--;
        }
    }

    private static boolean isPowerOfTen(long number) {
        long power = 1;
        while (power < number) {
            power *= 10;
        }
        return power == number;
    }
}
