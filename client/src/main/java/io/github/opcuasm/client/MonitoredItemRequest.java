package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.NodeReference;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to watch of a node, and how: an item of {@code createMonitoredItems} and of {@link Monitor}. Immutable; what is not
 * given has the protocol's default (every 250 ms, a queue of 1, reporting).
 */
public final class MonitoredItemRequest {
    private final NodeReference node;
    private final Map<String, JsonValue> members;

    private MonitoredItemRequest(NodeReference node, Map<String, JsonValue> members) {
        this.node = node;
        this.members = members;
    }

    /** The changes of a node's value. */
    public static MonitoredItemRequest of(NodeReference node) {
        return new MonitoredItemRequest(node, Map.of("nodeId", Json.of(node)));
    }

    /** As {@link #of(NodeReference)}, the node in text form. */
    public static MonitoredItemRequest of(String node) {
        return of(Nodes.parse(node));
    }

    /** Another attribute than the value. */
    public MonitoredItemRequest attribute(AttributeId value) {
        return with("attributeId", value);
    }

    /** How often the server looks; 0 = as fast as it can. */
    public MonitoredItemRequest samplingInterval(Duration value) {
        return with("samplingInterval", Results.millis(value));
    }

    /** As often as the subscription sends. */
    public MonitoredItemRequest samplingWithPublishing() {
        return with("samplingInterval", -1.0);
    }

    /** How many values the server keeps between two messages, 1 and more. */
    public MonitoredItemRequest queueSize(long value) {
        return with("queueSize", value);
    }

    /** Of a full queue, whether the oldest value goes (the default) or the newest. */
    public MonitoredItemRequest discardOldest(boolean value) {
        return with("discardOldest", value);
    }

    /** What notifications call the item, 0 to 2^32 - 1. Of {@link Monitor} unless given, its place among the items, from 1. */
    public MonitoredItemRequest clientHandle(long value) {
        return with("clientHandle", value);
    }

    public MonitoredItemRequest monitoringMode(MonitoringMode value) {
        return with("monitoringMode", value);
    }

    /** Reports only what differs from the last value reported by more than this. */
    public MonitoredItemRequest deadband(double value) {
        return filter(Map.of("deadbandType", "absolute", "deadbandValue", value));
    }

    /** The same in percent of the node's EURange, 0 to 100. */
    public MonitoredItemRequest percentDeadband(double value) {
        return filter(Map.of("deadbandType", "percent", "deadbandValue", value));
    }

    /** A filter as docs/filters.md has it: {@code trigger}, {@code deadbandType}, {@code deadbandValue}. */
    public MonitoredItemRequest filter(Map<String, ?> value) {
        return with("filter", value);
    }

    private MonitoredItemRequest with(String name, @Nullable Object value) {
        Map<String, JsonValue> changed = new LinkedHashMap<>(members);
        changed.put(name, Json.of(value));
        return new MonitoredItemRequest(node, Collections.unmodifiableMap(changed));
    }

    NodeReference node() {
        return node;
    }

    Map<String, JsonValue> members() {
        return members;
    }
}
