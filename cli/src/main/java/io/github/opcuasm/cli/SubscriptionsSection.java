package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.filter.EventField;
import io.github.opcuasm.daemon.filter.WhereClause;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The key {@code subscriptions} of a connection under {@code auto-connect}: what the daemon itself subscribes to. Each
 * value is read by itself, so that a wrong one is named with its line.
 */
final class SubscriptionsSection {
    private static final List<String> KEYS = List.of(
            "publishing-interval",
            "lifetime-count",
            "max-keep-alive-count",
            "max-notifications-per-publish",
            "priority",
            "monitored-items",
            "event-monitored-items",
            "sink");
    private static final List<String> ITEM_KEYS = List.of(
            "node-id",
            "attribute-id",
            "sampling-interval",
            "client-handle",
            "queue-size",
            "discard-oldest",
            "monitoring-mode",
            "filter");
    private static final List<String> EVENT_KEYS = List.of("node-id", "select-fields", "where", "client-handle");
    private static final List<String> FILTER_KEYS = List.of("trigger", "deadband");
    private static final List<String> DEADBAND_KEYS = List.of("absolute", "percent");
    private static final List<String> MODES = List.of("disabled", "sampling", "reporting");
    private static final List<String> TRIGGERS = List.of("status", "status-value", "status-value-timestamp");
    private static final String LIST = "a list of mappings, such as - { node_id: \"ns=2;s=Speed\" }";
    private static final int VALUE = 13;
    private static final int LAST_ATTRIBUTE = 27;
    private static final int REPORTING = 2;
    private static final int STATUS_VALUE = 1;
    private static final int NO_DEADBAND = 0;
    private static final int ABSOLUTE = 1;
    private static final int PERCENT = 2;
    private static final long MAX_UINT32 = 0xFFFF_FFFFL;

    private SubscriptionsSection() {}

    /**
     * Those of one connection.
     *
     * @param sink where they are written that have none of their own; null = nowhere
     * @throws ConfigurationException naming file, line and key
     */
    static List<ConfiguredSubscription> read(@Nullable ConfigNode node, @Nullable ConfigNode sink) {
        SinkConfig common = sink == null ? null : SinkSection.read(sink);
        List<ConfiguredSubscription> subscriptions = new ArrayList<>();
        for (ConfigNode element : list(node, NamedConnection.MOST_SUBSCRIPTIONS)) {
            subscriptions.add(subscription(element, common));
        }
        if (sink != null && subscriptions.isEmpty()) {
            throw sink.refuse("a sink of a connection without subscriptions, which would stay empty; expected some");
        }
        return subscriptions;
    }

    private static ConfiguredSubscription subscription(ConfigNode node, @Nullable SinkConfig common) {
        Map<String, ConfigNode> members = members(node, KEYS);
        List<ConfigNode> items = list(members.get("monitored-items"), ConfiguredSubscription.MOST_ITEMS);
        List<ConfigNode> events = list(members.get("event-monitored-items"), ConfiguredSubscription.MOST_ITEMS);
        if (items.isEmpty() && events.isEmpty()) {
            throw node.refuse("a subscription to nothing, expected monitored_items or event_monitored_items");
        }
        Handles handles = new Handles(items, events);
        List<ConfiguredSubscription.Item> values = new ArrayList<>();
        items.forEach(item -> values.add(item(item, handles)));
        List<ConfiguredSubscription.Events> notifiers = new ArrayList<>();
        events.forEach(notifier -> notifiers.add(events(notifier, handles)));
        ConfigNode interval = members.get("publishing-interval");
        ConfigNode keepAlive = members.get("max-keep-alive-count");
        ConfigNode lifetime = members.get("lifetime-count");
        long keepAliveCount =
                whole(keepAlive, 1, ConfiguredSubscription.MOST_COUNT, ConfiguredSubscription.DEFAULT_KEEP_ALIVE_COUNT);
        long lifetimeCount =
                whole(lifetime, 1, ConfiguredSubscription.MOST_COUNT, ConfiguredSubscription.DEFAULT_LIFETIME_COUNT);
        if (lifetimeCount < 3 * keepAliveCount) {
            throw (lifetime != null ? lifetime : keepAlive == null ? node : keepAlive)
                    .refuse("got a lifetime_count of " + lifetimeCount + " with a max_keep_alive_count of "
                            + keepAliveCount + ", expected at least three times as much");
        }
        ConfigNode sink = members.get("sink");
        var builder = ConfiguredSubscription.builder()
                .publishingInterval(
                        interval == null
                                ? ConfiguredSubscription.DEFAULT_PUBLISHING_INTERVAL
                                : millis(interval, 0, "milliseconds from 0 to 86400000"))
                .lifetimeCount(lifetimeCount)
                .maxKeepAliveCount(keepAliveCount)
                .maxNotificationsPerPublish(
                        whole(members.get("max-notifications-per-publish"), 0, ConfiguredSubscription.MOST_COUNT, 0))
                .priority((int) whole(members.get("priority"), 0, 255, 0))
                .items(values)
                .events(notifiers)
                .sink(sink == null ? common : SinkSection.read(sink));
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw node.refuse(String.valueOf(e.getMessage()));
        }
    }

    private static ConfiguredSubscription.Item item(ConfigNode node, Handles handles) {
        Map<String, ConfigNode> members = members(node, ITEM_KEYS);
        int attribute = (int) whole(members.get("attribute-id"), 1, LAST_ATTRIBUTE, VALUE);
        ConfigNode sampling = members.get("sampling-interval");
        ConfigNode mode = members.get("monitoring-mode");
        ConfigNode discard = members.get("discard-oldest");
        ConfigNode filter = members.get("filter");
        if (filter != null && attribute != VALUE) {
            throw filter.refuse("got one for attribute " + attribute + ", expected it for the value (13) alone");
        }
        return new ConfiguredSubscription.Item(
                nodeId(node, members),
                attribute,
                sampling == null ? ConfiguredSubscription.AS_PUBLISHED : sampling(sampling),
                handles.of(members.get("client-handle")),
                whole(members.get("queue-size"), 1, ConfiguredSubscription.MOST_QUEUED, 1),
                discard == null || discard.flag(),
                mode == null ? REPORTING : Numbers.choice(mode, MODES),
                filter == null ? null : filter(filter));
    }

    private static ConfiguredSubscription.Events events(ConfigNode node, Handles handles) {
        Map<String, ConfigNode> members = members(node, EVENT_KEYS);
        ConfigNode fields = members.get("select-fields");
        ConfigNode where = members.get("where");
        List<String> names = fields == null ? ConfiguredSubscription.DEFAULT_FIELDS : fields(fields);
        long handle = handles.of(members.get("client-handle"));
        NodeReference nodeId = nodeId(node, members);
        if (where == null) {
            return new ConfiguredSubscription.Events(nodeId, names, null, handle);
        }
        return where.parse(text -> new ConfiguredSubscription.Events(
                nodeId, names, checked(text, () -> WhereClause.parse(text, "")), handle));
    }

    /** The text, if it can be read. */
    private static String checked(String text, Supplier<?> reading) {
        try {
            Object unused = reading.get();
            return text;
        } catch (CommandException e) {
            throw new IllegalArgumentException(e.messageText(), e);
        }
    }

    private static List<String> fields(ConfigNode node) {
        List<String> names = new ArrayList<>();
        for (ConfigNode element : node.elements()) {
            String name = element.parse(text -> checked(text, () -> EventField.parse(text, "")));
            if (names.contains(name)) {
                throw element.refuse("got " + name + " twice, expected each field once");
            }
            names.add(name);
        }
        if (names.isEmpty() || names.size() > ConfiguredSubscription.MOST_FIELDS) {
            throw node.refuse("got " + names.size() + " fields, expected 1 to " + ConfiguredSubscription.MOST_FIELDS);
        }
        return names;
    }

    private static ConfiguredSubscription.ChangeFilter filter(ConfigNode node) {
        Map<String, ConfigNode> members = members(node, FILTER_KEYS);
        ConfigNode trigger = members.get("trigger");
        ConfigNode deadband = members.get("deadband");
        int on = trigger == null ? STATUS_VALUE : Numbers.choice(trigger, TRIGGERS);
        if (deadband == null) {
            return new ConfiguredSubscription.ChangeFilter(on, NO_DEADBAND, 0);
        }
        Map<String, ConfigNode> band = members(deadband, DEADBAND_KEYS);
        ConfigNode absolute = band.get("absolute");
        ConfigNode percent = band.get("percent");
        if (absolute != null && percent == null) {
            double value = Numbers.decimal(absolute, 0, Double.MAX_VALUE, "a number that is not negative");
            return new ConfiguredSubscription.ChangeFilter(on, ABSOLUTE, value);
        }
        if (percent != null && absolute == null) {
            double value = Numbers.decimal(percent, 0, 100, "a percentage of the value's range, 0 to 100");
            return new ConfiguredSubscription.ChangeFilter(on, PERCENT, value);
        }
        throw deadband.refuse("expected either of absolute and percent, such as { absolute: 0.5 }");
    }

    /** Client handles, of the author's choice or from 1 on: those that are not taken. */
    private static final class Handles {
        private final Map<Long, String> places = new HashMap<>();
        private long next = 1;

        /** Looks for those of the author's choice first, so that the others keep clear of them. */
        Handles(List<ConfigNode> items, List<ConfigNode> events) {
            items.forEach(item -> take(members(item, ITEM_KEYS).get("client-handle")));
            events.forEach(notifier -> take(members(notifier, EVENT_KEYS).get("client-handle")));
        }

        long of(@Nullable ConfigNode given) {
            if (given != null) {
                return Numbers.whole(given, 0, MAX_UINT32);
            }
            while (places.containsKey(next)) {
                next++;
            }
            return next++;
        }

        private void take(@Nullable ConfigNode given) {
            if (given != null) {
                String before = places.put(Numbers.whole(given, 0, MAX_UINT32), given.place());
                if (before != null) {
                    throw given.refuse("got " + given.written() + ", which " + before
                            + " has already, expected one of its own for each item of a subscription");
                }
            }
        }
    }

    private static NodeReference nodeId(ConfigNode item, Map<String, ConfigNode> members) {
        ConfigNode node = members.get("node-id");
        if (node == null) {
            throw item.refuse("an item without node_id, expected one such as node_id: \"ns=2;s=Speed\"");
        }
        return node.parse(text -> {
            try {
                return NodeReference.parse(text);
            } catch (CommandException e) {
                throw new IllegalArgumentException(
                        "got " + text + ", expected a node such as i=2253, ns=2;s=Speed or nsu=urn:plant;s=Speed", e);
            }
        });
    }

    private static double sampling(ConfigNode node) {
        double millis = millis(node, -1, "milliseconds from 0 to 86400000, or -1 for the publishing interval");
        if (millis < 0 && millis != ConfiguredSubscription.AS_PUBLISHED) {
            throw node.refuse(node.text(), "milliseconds from 0 to 86400000, or -1 for the publishing interval");
        }
        return millis;
    }

    private static double millis(ConfigNode node, double least, String expected) {
        return Numbers.decimal(node, least, ConfiguredSubscription.MOST_MILLIS, expected);
    }

    private static long whole(@Nullable ConfigNode node, long least, long most, long otherwise) {
        return node == null ? otherwise : Numbers.whole(node, least, most);
    }

    private static List<ConfigNode> list(@Nullable ConfigNode node, int most) {
        if (node == null || node.isNull()) {
            return List.of();
        }
        if (!node.isList()) {
            throw node.refuse("expected " + LIST);
        }
        List<ConfigNode> elements = node.elements();
        if (elements.size() > most) {
            throw node.refuse("got " + elements.size() + ", expected at most " + most);
        }
        return elements;
    }

    private static Map<String, ConfigNode> members(ConfigNode node, List<String> keys) {
        String names = String.join(", ", keys).replace('-', '_');
        return node.members(keys, "a mapping of " + names, "expected one of " + names);
    }
}
