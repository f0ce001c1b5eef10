package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

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

    /** NotificationMessages that Milo keeps for Republish. */
    public static final int STANDARD_RETRANSMISSION_QUEUE = 1_024;

    private static final int MOST_QUEUED = 65_535;
    private static final DurationRange STANDARD_PUBLISHING_INTERVAL =
            new DurationRange(Duration.ofMillis(10), Duration.ofHours(8));
    private static final DurationRange STANDARD_SUBSCRIPTION_LIFETIME =
            new DurationRange(Duration.ofSeconds(10), Duration.ofDays(1));
    private static final Duration STANDARD_CHANNEL_LIFETIME = Duration.ofDays(1);
    private static final Duration STANDARD_MAX_SESSION_TIMEOUT = Duration.ofHours(1);

    private final Map<OperationLimit, Integer> operations = new ConcurrentHashMap<>();
    private volatile Duration channelLifetime = STANDARD_CHANNEL_LIFETIME;
    private volatile int maxSessions;
    private volatile int maxReferencesPerNode;
    private volatile int maxHistoryValuesPerNode;
    private volatile int maxPublishRequests;
    private volatile int retransmissionQueue = STANDARD_RETRANSMISSION_QUEUE;
    private volatile int maxKeepAliveCount;
    private volatile int monitoredItemQueue = MOST_QUEUED;
    private volatile int maxSubscriptionsPerSession;
    private volatile DurationRange publishingInterval = STANDARD_PUBLISHING_INTERVAL;
    private volatile DurationRange subscriptionLifetime = STANDARD_SUBSCRIPTION_LIFETIME;
    private volatile DurationRange sessionTimeout =
            new DurationRange(LOWEST_SESSION_TIMEOUT, STANDARD_MAX_SESSION_TIMEOUT);

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
        sessionTimeout = new DurationRange(LOWEST_SESSION_TIMEOUT, STANDARD_MAX_SESSION_TIMEOUT);
        maxPublishRequests = 0;
        retransmissionQueue = STANDARD_RETRANSMISSION_QUEUE;
        maxKeepAliveCount = 0;
        monitoredItemQueue = MOST_QUEUED;
        maxSubscriptionsPerSession = 0;
        publishingInterval = STANDARD_PUBLISHING_INTERVAL;
        subscriptionLifetime = STANDARD_SUBSCRIPTION_LIFETIME;
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
     * Values or events of one node that the server puts into one answer of HistoryRead, whatever the client asks for;
     * the rest follows behind a continuation point (Part 11, 6.4.3.2).
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
        sessionTimeout = new DurationRange(lowest, highest);
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

    DurationRange sessionTimeout() {
        return sessionTimeout;
    }

    /**
     * Publish requests of one session that wait for something to tell; for one more the oldest is answered with
     * Bad_TooManyPublishRequests (Part 4, 5.14.5).
     *
     * @param requests at least 0; 0, at first, means no limit
     */
    public void maxPublishRequests(int requests) {
        maxPublishRequests = atLeast(0, requests, "maxPublishRequests");
    }

    /** See {@link #maxPublishRequests(int)}. */
    public int maxPublishRequests() {
        return maxPublishRequests;
    }

    /**
     * NotificationMessages that are kept for Republish for each subscription until they are acknowledged; for one more
     * the oldest goes (Part 4, 5.14.1.4).
     *
     * @param messages 0 to {@link #STANDARD_RETRANSMISSION_QUEUE}; 0 keeps none
     */
    public void retransmissionQueue(int messages) {
        if (messages > STANDARD_RETRANSMISSION_QUEUE) {
            throw new IllegalArgumentException(
                    "retransmissionQueue is at most " + STANDARD_RETRANSMISSION_QUEUE + ", was " + messages);
        }
        retransmissionQueue = atLeast(0, messages, "retransmissionQueue");
    }

    /** See {@link #retransmissionQueue(int)}. */
    public int retransmissionQueue() {
        return retransmissionQueue;
    }

    /**
     * The most that the server revises a MaxKeepAliveCount to (Part 4, 5.14.2).
     *
     * @param count at least 0; 0, at first, means no limit
     */
    public void maxKeepAliveCount(int count) {
        maxKeepAliveCount = atLeast(0, count, "maxKeepAliveCount");
    }

    /** The MaxKeepAliveCount that a client gets who asks for this one. */
    UInteger revisedKeepAliveCount(UInteger requested) {
        int most = maxKeepAliveCount;
        return most == 0 || (requested.longValue() != 0 && requested.longValue() <= most) ? requested : uint(most);
    }

    /**
     * The most that the server revises the queue of a monitored item to (Part 4, 5.13.2).
     *
     * @param values 1 to 65,535, the latter at first
     */
    public void monitoredItemQueue(int values) {
        if (values > MOST_QUEUED) {
            throw new IllegalArgumentException("monitoredItemQueue is at most " + MOST_QUEUED + ", was " + values);
        }
        monitoredItemQueue = atLeast(1, values, "monitoredItemQueue");
    }

    /** The queue that a client gets who asks for this one. */
    UInteger revisedQueue(UInteger requested) {
        return requested.longValue() <= monitoredItemQueue ? requested : uint(monitoredItemQueue);
    }

    /**
     * Subscriptions of one session; a further one is refused with Bad_TooManySubscriptions.
     *
     * @param subscriptions at least 0; 0, at first, means no limit
     */
    public void maxSubscriptionsPerSession(int subscriptions) {
        maxSubscriptionsPerSession = atLeast(0, subscriptions, "maxSubscriptionsPerSession");
    }

    /** See {@link #maxSubscriptionsPerSession(int)}. */
    public int maxSubscriptionsPerSession() {
        return maxSubscriptionsPerSession;
    }

    /**
     * The range into which the server revises publishing intervals, 10 ms to 8 h at first (Part 4, 5.14.2).
     * The keep-alive time of a subscription is not above the highest either.
     *
     * @throws IllegalArgumentException if the lowest is shorter than a millisecond or longer than the highest
     */
    public void publishingInterval(Duration lowest, Duration highest) {
        publishingInterval = range("publishing interval", lowest, highest);
    }

    DurationRange publishingInterval() {
        return publishingInterval;
    }

    /**
     * The range into which the server revises the time after which a subscription ends that gets no Publish request,
     * 10 s to a day at first; it is at least three times the keep-alive time whatever this says (Part 4, 5.14.2).
     *
     * @throws IllegalArgumentException if the lowest is shorter than a millisecond or longer than the highest
     */
    public void subscriptionLifetime(Duration lowest, Duration highest) {
        subscriptionLifetime = range("subscription lifetime", lowest, highest);
    }

    DurationRange subscriptionLifetime() {
        return subscriptionLifetime;
    }

    private static DurationRange range(String name, Duration lowest, Duration highest) {
        if (lowest.toMillis() < 1 || lowest.compareTo(highest) > 0) {
            throw new IllegalArgumentException("A " + name + " is at least 1 ms, and the lowest not above the highest: "
                    + lowest.toMillis() + " ms and " + highest.toMillis() + " ms");
        }
        return new DurationRange(lowest, highest);
    }

    private static int atLeast(int lowest, int value, String name) {
        if (value < lowest) {
            throw new IllegalArgumentException(name + " is at least " + lowest + ", was " + value);
        }
        return value;
    }

    record DurationRange(Duration lowest, Duration highest) {}
}
