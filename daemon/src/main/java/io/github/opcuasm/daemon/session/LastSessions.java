package io.github.opcuasm.daemon.session;

import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions that were open when their pool ended, and which of them their servers confirmed to be closed. Thread-safe. */
final class LastSessions {
    private final Map<PooledSession, String> unconfirmed = new ConcurrentHashMap<>();
    private volatile int count;

    /** The pool ends, and with it these sessions; once, before any of them is closed for that. */
    void end(Iterable<PooledSession> sessions) {
        for (PooledSession session : sessions) {
            if (session.isOpen()) {
                unconfirmed.put(session, session.slots().server());
            }
        }
        count = unconfirmed.size();
    }

    /** Its server has no trace of it any more. */
    void confirmed(PooledSession session) {
        unconfirmed.remove(session);
    }

    int count() {
        return count;
    }

    /** What the log says of a pool that was closed; sessions whose closing is still under way are unconfirmed. */
    String closed() {
        Map<PooledSession, String> open = Map.copyOf(unconfirmed);
        return open.isEmpty()
                ? "Closed " + counted()
                : "Closed " + counted() + ", " + open.size() + " unconfirmed ("
                        + String.join(", ", new TreeSet<>(open.values()))
                        + "): what a server did not confirm may stay there until it times out";
    }

    /** What the log says of a pool whose sessions stay on their servers. */
    String left() {
        return "Left " + counted() + " to the next start";
    }

    private String counted() {
        return count == 1 ? "1 session" : count + " sessions";
    }
}
