package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which events of a node, and what of them (docs/filters.md).
 *
 * @param node that notifies, for example the server (i=2253)
 * @param selectFields in this order: {@code Severity}, {@code 2:Batch}, {@code AlarmConditionType::ActiveState/Id}
 * @param where which events; null = all
 * @param clientHandle what notifications call the item, 0 to 2^32 - 1; null = 1, of {@link Monitor} its place
 */
public record EventRequest(
        NodeReference node,
        List<String> selectFields,
        @Nullable String where,
        @Nullable Long clientHandle) {
    private static final List<String> USUAL_FIELDS =
            List.of("EventId", "EventType", "SourceName", "Time", "Message", "Severity");

    public EventRequest {
        selectFields = List.copyOf(selectFields);
        if (clientHandle != null && (clientHandle < 0 || clientHandle > 0xFFFF_FFFFL)) {
            throw new IllegalArgumentException("clientHandle: got " + clientHandle + ", expected 0 to 4294967295");
        }
    }

    /** All events: EventId, EventType, SourceName, Time, Message and Severity. */
    public static EventRequest of(NodeReference node) {
        return new EventRequest(node, USUAL_FIELDS, null, null);
    }

    /** As {@link #of(NodeReference)}, the node in text form. */
    public static EventRequest of(String node) {
        return of(Nodes.parse(node));
    }

    /** These fields instead of the usual six. */
    public EventRequest select(String... fields) {
        return new EventRequest(node, List.of(fields), where, clientHandle);
    }

    /** Only events of which this is true: {@code Severity >= 500 and SourceName like 'Pump%'}. */
    public EventRequest where(String clause) {
        return new EventRequest(node, selectFields, clause, clientHandle);
    }

    public EventRequest withClientHandle(long value) {
        return new EventRequest(node, selectFields, where, value);
    }

    Map<String, JsonValue> members(long handle) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("nodeId", Json.of(node));
        members.put("selectFields", Json.of(selectFields));
        members.put("clientHandle", Json.of(handle));
        if (where != null) {
            members.put("where", Json.of(where));
        }
        return members;
    }
}
