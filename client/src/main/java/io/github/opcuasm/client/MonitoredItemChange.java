package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code modifyMonitoredItems} shall change of an item; the rest stays as it was last asked for. Immutable. */
public final class MonitoredItemChange {
    private final Map<String, JsonValue> members;

    private MonitoredItemChange(Map<String, JsonValue> members) {
        this.members = members;
    }

    /** Of the item with this id, as {@code createMonitoredItems} gave it. */
    public static MonitoredItemChange of(long monitoredItemId) {
        return new MonitoredItemChange(Map.of("monitoredItemId", Json.of(monitoredItemId)));
    }

    /** How often the server looks; 0 = as fast as it can. */
    public MonitoredItemChange samplingInterval(Duration value) {
        return with("samplingInterval", Results.millis(value));
    }

    public MonitoredItemChange queueSize(long value) {
        return with("queueSize", value);
    }

    public MonitoredItemChange clientHandle(long value) {
        return with("clientHandle", value);
    }

    public MonitoredItemChange discardOldest(boolean value) {
        return with("discardOldest", value);
    }

    /** A filter as docs/filters.md has it. */
    public MonitoredItemChange filter(Map<String, ?> value) {
        return with("filter", value);
    }

    private MonitoredItemChange with(String name, @Nullable Object value) {
        Map<String, JsonValue> changed = new LinkedHashMap<>(members);
        changed.put(name, Json.of(value));
        return new MonitoredItemChange(Collections.unmodifiableMap(changed));
    }

    Map<String, JsonValue> members() {
        return members;
    }
}
