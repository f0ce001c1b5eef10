package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.Ticker;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator reads of the sessions that one server has lost: a line for each change, and none for each session or
 * attempt. An outage begins with the first session that is lost and ends when all are back that nothing but the server's
 * absence kept away. Said are
 *
 * <ul>
 *   <li>that a session is lost, for the first one;
 *   <li>how many sessions of an earlier process are to be resumed, and how many opened anew, when the first of them has had
 *       its turn; again when at least as many have come since;
 *   <li>that the server is away and how many sessions wait for it; again for each other reason;
 *   <li>that a session cannot be restored though the server is there, for each reason once, and how many there are of them
 *       once all have had their turn;
 *   <li>how long it took and how many are back, at the end.
 * </ul>
 *
 * <p>Guarded by its gate; lines are written by whoever takes them.
 */
final class OutageLog {
    private static final Logger LOG = LoggerFactory.getLogger(OutageLog.class);
    /** A server that thinks of ever new reasons does not fill the log, nor does one whose reasons differ by a number. */
    private static final int MAX_REASONS = 16;

    private final String server;
    private final Ticker ticker;
    private final Consumer<Runnable> lines;
    private final Set<String> saidWhyAway = new HashSet<>(2);
    private final Set<String> saidWhyNot = new HashSet<>(2);
    private final Map<String, Trouble> troubles = new LinkedHashMap<>(2);
    /** Sessions of an earlier process that nothing was said of yet. */
    private final Set<Entry> unsaid = new HashSet<>(2);

    private int saidOfEarlier;
    private boolean outage;
    private long since;
    private int waiting;
    private int reactivated;
    private int createdAnew;
    private volatile @Nullable String awayBecause;

    /** A session in the log. */
    static final class Entry {
        private final long since;
        /** Whether an earlier process left it on the server. */
        private final boolean left;
        /** Why it is not back though the server is there. */
        private @Nullable String trouble;

        private Entry(long since, boolean left) {
            this.since = since;
            this.left = left;
        }
    }

    /** What keeps sessions from coming back. */
    private static final class Trouble {
        private int sessions;
        private int said;
    }

    OutageLog(String server, Ticker ticker, Consumer<Runnable> lines) {
        this.server = server;
        this.ticker = ticker;
        this.lines = lines;
    }

    @Nullable
    String awayBecause() {
        return awayBecause;
    }

    /** A session was lost and is to be restored. */
    Entry lost(String reason) {
        long now = ticker.read();
        waiting++;
        if (!outage) {
            begin(now);
            lines.accept(() -> LOG.warn("Session to {} lost ({}), reconnecting", server, reason));
        }
        return new Entry(now, false);
    }

    /**
     * A session of an earlier process is to be restored.
     *
     * @param left whether it may still be on the server
     */
    Entry ofEarlierProcess(boolean left) {
        long now = ticker.read();
        waiting++;
        if (!outage) {
            begin(now);
        }
        Entry entry = new Entry(now, left);
        unsaid.add(entry);
        return entry;
    }

    /** All of a daemon's start come together: said when the first had its turn, it is one line with their number. */
    private void sayOfEarlierProcess() {
        int sessions = unsaid.size();
        if (sessions == 0 || sessions < saidOfEarlier) {
            return;
        }
        long left = unsaid.stream().filter(entry -> entry.left).count();
        saidOfEarlier += sessions;
        unsaid.clear();
        if (sessions == 1) {
            lines.accept(() -> LOG.info(
                    "Session to {} of an earlier process is to be {}", server, left == 1 ? "resumed" : "opened anew"));
        } else {
            lines.accept(() -> LOG.info(
                    "{} sessions to {} of an earlier process: {} to be resumed, {} to be opened anew",
                    sessions,
                    server,
                    left,
                    sessions - left));
        }
    }

    private void begin(long now) {
        saidWhyAway.clear();
        if (troubles.isEmpty()) {
            saidWhyNot.clear();
        }
        goOn(now);
    }

    /** As an outage of its own, but of sessions that have not been back: what was said of them is known. */
    private void goOn(long now) {
        outage = true;
        since = now;
        reactivated = 0;
        createdAnew = 0;
        saidOfEarlier = 0;
    }

    /** @param entry of the session that tried; null for a first handshake */
    void notReached(@Nullable Entry entry, String reason) {
        sayOfEarlierProcess();
        awayBecause = reason;
        if (entry != null && entry.trouble != null) {
            // That is not what keeps it away now.
            forget(entry);
            entry.trouble = null;
            waiting++;
            if (!outage) {
                goOn(ticker.read());
            }
        }
        if (outage && isNew(reason, saidWhyAway)) {
            int sessions = waiting;
            lines.accept(() -> LOG.warn(
                    "{} is away ({}): {} for it, one at a time tries to reach it",
                    server,
                    reason,
                    sessions == 1 ? "1 session waits" : sessions + " sessions wait"));
        }
    }

    void reached() {
        awayBecause = null;
    }

    void notRestored(Entry entry, String reason) {
        sayOfEarlierProcess();
        if (reason.equals(entry.trouble)) {
            return;
        }
        if (entry.trouble == null) {
            waiting--;
        }
        forget(entry);
        entry.trouble = reason;
        Trouble trouble = troubles.get(reason);
        if (trouble == null && troubles.size() < MAX_REASONS) {
            trouble = new Trouble();
            trouble.said = 1;
            troubles.put(reason, trouble);
            if (isNew(reason, saidWhyNot)) {
                lines.accept(() -> LOG.warn("Session to {} is not restored, trying on: {}", server, reason));
            }
        }
        if (trouble != null) {
            trouble.sessions++;
        }
        endIfAllAreBack();
    }

    /** Nobody waits for a turn or has one. */
    void allHadTheirTurn() {
        troubles.forEach((reason, trouble) -> {
            int sessions = trouble.sessions;
            if (sessions > trouble.said) {
                trouble.said = sessions;
                lines.accept(
                        () -> LOG.warn("{} sessions to {} are not restored, trying on: {}", sessions, server, reason));
            }
        });
    }

    void restored(Entry entry, boolean anew) {
        sayOfEarlierProcess();
        if (!outage) {
            begin(entry.since);
        }
        if (anew) {
            createdAnew++;
        } else {
            reactivated++;
        }
    }

    /** The session is back, or it is not wanted any more. */
    void ends(Entry entry) {
        unsaid.remove(entry);
        if (entry.trouble == null) {
            waiting--;
        }
        forget(entry);
        endIfAllAreBack();
    }

    private void forget(Entry entry) {
        String before = entry.trouble;
        Trouble trouble = before == null ? null : troubles.get(before);
        if (trouble != null && --trouble.sessions == 0) {
            troubles.remove(before);
        }
    }

    private static boolean isNew(String reason, Set<String> said) {
        return said.size() < MAX_REASONS && said.add(reason.replaceAll("[0-9]+", "0"));
    }

    private void endIfAllAreBack() {
        if (!outage || waiting > 0) {
            return;
        }
        outage = false;
        int again = reactivated;
        int anew = createdAnew;
        String seconds = String.format(
                Locale.ROOT, "%.1f", Duration.ofNanos(ticker.read() - since).toMillis() / 1e3);
        if (again + anew == 1) {
            lines.accept(() -> LOG.info(
                    "Session to {} restored after {} s: {}",
                    server,
                    seconds,
                    anew == 1 ? "created anew" : "activated again"));
        } else if (again + anew > 1) {
            lines.accept(() -> LOG.info(
                    "{} sessions to {} restored after {} s: {} activated again, {} created anew",
                    again + anew,
                    server,
                    seconds,
                    again,
                    anew));
        }
    }
}
