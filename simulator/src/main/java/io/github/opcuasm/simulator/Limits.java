package io.github.opcuasm.simulator;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the server allows its clients. Every limit may be changed at any time from any thread and holds for the
 * next request; what the server publishes about itself changes with it. Limits survive stop and start.
 */
public final class Limits {
    /** Sessions that a simulator allows unless told otherwise. */
    public static final int STANDARD_MAX_SESSIONS = 10_000;

    /** Values of one node in one answer to HistoryRead unless told otherwise. */
    public static final int STANDARD_MAX_HISTORY_VALUES_PER_NODE = 10_000;

    /** Milo revises no session timeout below this. */
    public static final Duration LOWEST_SESSION_TIMEOUT = Duration.ofSeconds(5);

    private static final Duration STANDARD_CHANNEL_LIFETIME = Duration.ofDays(1);
    private static final Duration STANDARD_MAX_SESSION_TIMEOUT = Duration.ofHours(1);

    private final Map<OperationLimit, Integer> operations = new ConcurrentHashMap<>();
    private volatile Duration channelLifetime = STANDARD_CHANNEL_LIFETIME;
    private volatile int maxSessions;
    private volatile int maxReferencesPerNode;
    private volatile int maxHistoryValuesPerNode;
    private volatile SessionTimeoutRange sessionTimeout =
            new SessionTimeoutRange(LOWEST_SESSION_TIMEOUT, STANDARD_MAX_SESSION_TIMEOUT);

    Limits() {
        reset();
    }

    /** Puts every limit back to its standard. */
    public void reset() {
        for (OperationLimit limit : OperationLimit.values()) {
            operations.put(limit, limit.standard());
        }
        maxSessions = STANDARD_MAX_SESSIONS;
        maxReferencesPerNode = 0;
        channelLifetime = STANDARD_CHANNEL_LIFETIME;
        maxHistoryValuesPerNode = STANDARD_MAX_HISTORY_VALUES_PER_NODE;
        sessionTimeout = new SessionTimeoutRange(LOWEST_SESSION_TIMEOUT, STANDARD_MAX_SESSION_TIMEOUT);
    }

    /**
     * Operations that one request may hold; more are answered with Bad_TooManyOperations (Part 4, 7.38.2).
     *
     * @param operations at least 0; 0 means no limit, as in Part 5, 6.3.11
     */
    public void operations(OperationLimit limit, int operations) {
        this.operations.put(limit, atLeast(0, operations, limit.name()));
    }

    /** See {@link #operations(OperationLimit, int)}. */
    public int operations(OperationLimit limit) {
        return operations.getOrDefault(limit, limit.standard());
    }

    /**
     * Sessions at a time; a further CreateSession is answered with Bad_TooManySessions. Sessions that exist when
     * the limit sinks below their number go on.
     *
     * @param sessions at least 0; 0 refuses every session
     */
    public void maxSessions(int sessions) {
        maxSessions = atLeast(0, sessions, "maxSessions");
    }

    /** See {@link #maxSessions(int)}. */
    public int maxSessions() {
        return maxSessions;
    }

    /**
     * References of one node that the server puts into one answer of Browse or BrowseNext, whatever the client
     * asks for; the rest follows behind a continuation point (Part 4, 5.9.2).
     *
     * @param references at least 0; 0 leaves the number to the client
     */
    public void maxReferencesPerNode(int references) {
        maxReferencesPerNode = atLeast(0, references, "maxReferencesPerNode");
    }

    /** See {@link #maxReferencesPerNode(int)}. */
    public int maxReferencesPerNode() {
        return maxReferencesPerNode;
    }

    /**
     * Values of one node that the server puts into one answer of HistoryRead, whatever the client asks for; the
     * rest follows behind a continuation point (Part 11, 6.4.3.2).
     *
     * @param values at least 0; 0 means no limit, as in Part 11, 5.4.2
     */
    public void maxHistoryValuesPerNode(int values) {
        maxHistoryValuesPerNode = atLeast(0, values, "maxHistoryValuesPerNode");
    }

    /** See {@link #maxHistoryValuesPerNode(int)}. */
    public int maxHistoryValuesPerNode() {
        return maxHistoryValuesPerNode;
    }

    /**
     * The range into which the server revises the session timeout that a client asks for (Part 4, 5.7.2). A
     * lowest value under {@link #LOWEST_SESSION_TIMEOUT} has no effect.
     *
     * @throws IllegalArgumentException if the highest value is below {@link #LOWEST_SESSION_TIMEOUT} or the lowest
     */
    public void sessionTimeout(Duration lowest, Duration highest) {
        if (highest.compareTo(LOWEST_SESSION_TIMEOUT) < 0) {
            throw new IllegalArgumentException("The highest session timeout is at least "
                    + LOWEST_SESSION_TIMEOUT.toMillis() + " ms, was " + highest.toMillis() + " ms");
        }
        if (lowest.compareTo(highest) > 0) {
            throw new IllegalArgumentException("The lowest session timeout, " + lowest.toMillis()
                    + " ms, is above the highest, " + highest.toMillis() + " ms");
        }
        sessionTimeout = new SessionTimeoutRange(lowest, highest);
    }

    /**
     * The most that the server revises the lifetime of a secure channel to, one day at first; holds for connections
     * to come (Part 4, 5.6.2).
     *
     * @throws IllegalArgumentException if it is shorter than a millisecond or longer than a day
     */
    public void channelLifetime(Duration lifetime) {
        if (lifetime.toMillis() < 1 || lifetime.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("A channel lives from 1 ms to a day, was " + lifetime);
        }
        channelLifetime = lifetime;
    }

    /** See {@link #channelLifetime(Duration)}. */
    public Duration channelLifetime() {
        return channelLifetime;
    }

    SessionTimeoutRange sessionTimeout() {
        return sessionTimeout;
    }

    private static int atLeast(int lowest, int value, String name) {
        if (value < lowest) {
            throw new IllegalArgumentException(name + " is at least " + lowest + ", was " + value);
        }
        return value;
    }

    record SessionTimeoutRange(Duration lowest, Duration highest) {}
}
