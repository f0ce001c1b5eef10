package io.github.opcuasm.daemon;

import io.github.opcuasm.protocol.type.NodeReference;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A subscription that the daemon makes and consumes itself, on a connection that it opens itself (docs/daemon.md,
 * <em>Auto-publish</em>). What it brings goes to {@link SubscriptionListener}s and to a sink.
 *
 * <pre>{@code
 * ConfiguredSubscription.builder()
 *         .publishingInterval(200)
 *         .items(Item.of(NodeReference.parse("ns=2;s=Speed"), 1).sampledEvery(100).queueing(10))
 *         .build();
 * }</pre>
 *
 * @param publishingInterval milliseconds, 0 (as fast as the server can) to {@value #MOST_MILLIS}
 * @param lifetimeCount publishing intervals without a Publish request after which the server ends it: at least three
 *     times {@code maxKeepAliveCount} (Part 4, 5.14.2), at most {@value #MOST_COUNT}
 * @param maxKeepAliveCount publishing intervals without news after which the server says that it lives, at least 1
 * @param maxNotificationsPerPublish 0 = no limit, at most {@value #MOST_COUNT}
 * @param priority 0 to 255
 * @param items values that are watched
 * @param events notifiers whose events are; with the items at least one and at most {@value #MOST_ITEMS}
 * @param sink where it is written; null = nowhere
 */
public record ConfiguredSubscription(
        double publishingInterval,
        long lifetimeCount,
        long maxKeepAliveCount,
        long maxNotificationsPerPublish,
        int priority,
        List<Item> items,
        List<Events> events,
        @Nullable SinkConfig sink) {
    /** A day. */
    public static final double MOST_MILLIS = 86_400_000;

    public static final long MOST_COUNT = 1_000_000;
    public static final int MOST_ITEMS = 10_000;
    public static final long MOST_QUEUED = 100_000;
    public static final int MOST_FIELDS = 100;
    public static final int LONGEST_WHERE = 10_000;
    public static final double DEFAULT_PUBLISHING_INTERVAL = 500;
    public static final long DEFAULT_LIFETIME_COUNT = 2_400;
    public static final long DEFAULT_KEEP_ALIVE_COUNT = 10;
    /** For sampling: as often as the subscription publishes (Part 4, 7.21). */
    public static final double AS_PUBLISHED = -1;

    private static final int VALUE = 13;
    private static final int LAST_ATTRIBUTE = 27;
    private static final int REPORTING = 2;
    private static final long MAX_UINT32 = 0xFFFF_FFFFL;

    /** Which fields of an event are asked for unless others are named. */
    public static final List<String> DEFAULT_FIELDS =
            List.of("EventId", "EventType", "SourceName", "Time", "Message", "Severity");

    /**
     * @throws IllegalArgumentException naming what is out of range, what was got and what is expected, or the second item
     *     with the same client handle
     */
    public ConfiguredSubscription {
        checkNumber("publishing-interval", publishingInterval, 0, MOST_MILLIS);
        checkWhole("max-keep-alive-count", maxKeepAliveCount, 1, MOST_COUNT);
        checkWhole("lifetime-count", lifetimeCount, 1, MOST_COUNT);
        require(
                lifetimeCount >= 3 * maxKeepAliveCount,
                "lifetime-count: got " + lifetimeCount
                        + ", expected at least three times max-keep-alive-count, which is " + maxKeepAliveCount);
        checkWhole("max-notifications-per-publish", maxNotificationsPerPublish, 0, MOST_COUNT);
        checkWhole("priority", priority, 0, 255);
        items = List.copyOf(items);
        events = List.copyOf(events);
        int count = items.size() + events.size();
        require(
                count >= 1 && count <= MOST_ITEMS,
                "monitored-items: got " + count + " with those of events, expected 1 to " + MOST_ITEMS);
        Set<Long> handles = new HashSet<>();
        items.forEach(item -> checkOwn(handles, item.clientHandle()));
        events.forEach(notifier -> checkOwn(handles, notifier.clientHandle()));
    }

    /**
     * A value, or another attribute, that is watched (Part 4, 5.13.2).
     *
     * @param attributeId 1 to 27, 13 is the value
     * @param samplingInterval milliseconds, 0 = as fast as the server can, {@link #AS_PUBLISHED} = the publishing interval
     * @param clientHandle what notifications call it: 0 to 4294967295, unlike the others of its subscription
     * @param queueSize values that the server keeps between two messages, 1 to {@value #MOST_QUEUED}
     * @param discardOldest whether the oldest makes room when they are more, else the newest
     * @param monitoringMode 0 disabled, 1 sampling, 2 reporting
     * @param filter null = none
     */
    public record Item(
            NodeReference nodeId,
            int attributeId,
            double samplingInterval,
            long clientHandle,
            long queueSize,
            boolean discardOldest,
            int monitoringMode,
            @Nullable ChangeFilter filter) {
        /** @throws IllegalArgumentException naming what is out of range */
        public Item {
            checkWhole("attribute-id", attributeId, 1, LAST_ATTRIBUTE);
            require(
                    samplingInterval == AS_PUBLISHED || (samplingInterval >= 0 && samplingInterval <= MOST_MILLIS),
                    "sampling-interval: got " + shown(samplingInterval) + ", expected 0 to " + shown(MOST_MILLIS)
                            + ", or -1 for the publishing interval");
            checkHandle(clientHandle);
            checkWhole("queue-size", queueSize, 1, MOST_QUEUED);
            checkWhole("monitoring-mode", monitoringMode, 0, 2);
            require(
                    filter == null || attributeId == VALUE,
                    "filter: got one for attribute " + attributeId + ", expected it for the value (13) alone");
        }

        /** The value of a node, sampled as often as it is published, the newest of each interval. */
        public static Item of(NodeReference nodeId, long clientHandle) {
            return new Item(nodeId, VALUE, AS_PUBLISHED, clientHandle, 1, true, REPORTING, null);
        }

        public Item sampledEvery(double millis) {
            return new Item(
                    nodeId, attributeId, millis, clientHandle, queueSize, discardOldest, monitoringMode, filter);
        }

        public Item queueing(long size) {
            return new Item(
                    nodeId, attributeId, samplingInterval, clientHandle, size, discardOldest, monitoringMode, filter);
        }

        public Item filtered(ChangeFilter by) {
            return new Item(
                    nodeId, attributeId, samplingInterval, clientHandle, queueSize, discardOldest, monitoringMode, by);
        }
    }

    /**
     * Which changes of a value are reported (Part 4, 7.22.2).
     *
     * @param trigger 0 status, 1 status or value, 2 status, value or source timestamp
     * @param deadbandType 0 none, 1 absolute, 2 percent of the range of the value (EURange)
     * @param deadbandValue at least 0; of a percentage at most 100
     */
    public record ChangeFilter(int trigger, int deadbandType, double deadbandValue) {
        /** @throws IllegalArgumentException naming what is out of range */
        public ChangeFilter {
            checkWhole("trigger", trigger, 0, 2);
            checkWhole("deadband", deadbandType, 0, 2);
            checkNumber("deadband", deadbandValue, 0, deadbandType == 2 ? 100 : Double.MAX_VALUE);
        }
    }

    /**
     * A node whose events are reported (Part 4, 5.13.1.5).
     *
     * @param selectFields of the events: browse names such as {@code Severity}, {@code 2:Batch} or {@code ActiveState/Id};
     *     1 to {@value #MOST_FIELDS}, none twice
     * @param where which events; null = all
     * @param clientHandle as that of an item
     */
    public record Events(
            NodeReference nodeId,
            List<String> selectFields,
            @Nullable String where,
            long clientHandle) {
        /** @throws IllegalArgumentException naming what is out of range */
        public Events {
            selectFields = List.copyOf(selectFields);
            require(
                    !selectFields.isEmpty() && selectFields.size() <= MOST_FIELDS,
                    "select-fields: got " + selectFields.size() + ", expected 1 to " + MOST_FIELDS);
            Set<String> fields = new HashSet<>();
            selectFields.forEach(
                    field -> require(fields.add(field), "select-fields: got " + field + " twice, expected it once"));
            require(
                    where == null || where.length() <= LONGEST_WHERE,
                    "where: got more than " + LONGEST_WHERE + " characters, expected fewer");
            checkHandle(clientHandle);
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects what a subscription is; what is not set has the documented default. */
    public static final class Builder {
        private double publishingInterval = DEFAULT_PUBLISHING_INTERVAL;
        private long lifetimeCount = DEFAULT_LIFETIME_COUNT;
        private long maxKeepAliveCount = DEFAULT_KEEP_ALIVE_COUNT;
        private long maxNotificationsPerPublish;
        private int priority;
        private List<Item> items = List.of();
        private List<Events> events = List.of();
        private @Nullable SinkConfig sink;

        private Builder() {}

        public Builder publishingInterval(double millis) {
            publishingInterval = millis;
            return this;
        }

        public Builder lifetimeCount(long value) {
            lifetimeCount = value;
            return this;
        }

        public Builder maxKeepAliveCount(long value) {
            maxKeepAliveCount = value;
            return this;
        }

        public Builder maxNotificationsPerPublish(long value) {
            maxNotificationsPerPublish = value;
            return this;
        }

        public Builder priority(int value) {
            priority = value;
            return this;
        }

        public Builder items(Item... value) {
            return items(List.of(value));
        }

        public Builder items(List<Item> value) {
            items = value;
            return this;
        }

        public Builder events(Events... value) {
            return events(List.of(value));
        }

        public Builder events(List<Events> value) {
            events = value;
            return this;
        }

        public Builder sink(@Nullable SinkConfig value) {
            sink = value;
            return this;
        }

        /**
         * The subscription.
         *
         * @throws IllegalArgumentException naming what does not fit
         */
        public ConfiguredSubscription build() {
            return new ConfiguredSubscription(
                    publishingInterval,
                    lifetimeCount,
                    maxKeepAliveCount,
                    maxNotificationsPerPublish,
                    priority,
                    items,
                    events,
                    sink);
        }
    }

    private static void checkOwn(Set<Long> handles, long handle) {
        require(
                handles.add(handle),
                "client-handle: got " + handle + " twice, expected one of its own for each item of a subscription");
    }

    private static void checkHandle(long handle) {
        checkWhole("client-handle", handle, 0, MAX_UINT32);
    }

    private static void checkWhole(String what, long value, long least, long most) {
        require(
                value >= least && value <= most,
                what + ": got " + value + ", expected a whole number from " + least + " to " + most);
    }

    private static void checkNumber(String what, double value, double least, double most) {
        // NaN is in no range.
        require(
                value >= least && value <= most,
                what + ": got " + shown(value) + ", expected "
                        + (most == Double.MAX_VALUE
                                ? "a number of at least " + shown(least)
                                : shown(least) + " to " + shown(most)));
    }

    private static String shown(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
