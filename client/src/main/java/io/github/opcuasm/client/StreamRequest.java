package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a stream shall bring (protocol, {@code subscribe}): of which server, how often, and what. Streams of one OPC UA session
 * that ask for the same share a subscription on the server, so asking for what others ask for costs the server nothing.
 *
 * <pre>{@code
 * StreamRequest.ofConnection("plc1").publishingInterval(Duration.ofMillis(100)).item("ns=2;s=Speed", 1)
 * }</pre>
 *
 * <p>The request is one frame, at most the daemon's {@code --max-frame-bytes} (65 536): some 700 items. Not thread-safe.
 */
public final class StreamRequest {
    private final Map<String, JsonValue> target;
    private final Map<String, JsonValue> subscription = new LinkedHashMap<>();
    private final List<JsonValue> items = new ArrayList<>();
    private final List<JsonValue> events = new ArrayList<>();

    private StreamRequest(Map<String, JsonValue> target) {
        this.target = target;
    }

    /** On a session or a server. */
    public static StreamRequest of(Target target) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        target.addTo(members);
        return new StreamRequest(members);
    }

    /** On a session that is open. While the stream lives, the session is not idle. */
    public static StreamRequest ofSession(String sessionId) {
        return new StreamRequest(Map.of("sessionId", Json.of(sessionId)));
    }

    /** On a session to this server, opened or reused for it and left open. */
    public static StreamRequest ofServer(String endpointUrl, Map<String, ?> config) {
        return new StreamRequest(Map.of("endpointUrl", Json.of(endpointUrl), "config", Json.of(config)));
    }

    /** As {@link #ofServer}, of a server that the daemon's configuration names. */
    public static StreamRequest ofConnection(String name) {
        return new StreamRequest(Map.of("connection", Json.of(name)));
    }

    /** How often the server sends what changed; 500 ms unless given. It may choose another, see {@link NotificationStream#subscription}. */
    public StreamRequest publishingInterval(Duration interval) {
        return subscription("publishingInterval", interval.toNanos() / 1e6);
    }

    /**
     * One of the subscription's other parameters (Part 4, 5.14.2): {@code lifetimeCount}, {@code maxKeepAliveCount}, {@code
     * maxNotificationsPerPublish}, {@code priority}.
     */
    public StreamRequest subscription(String parameter, Number value) {
        subscription.put(parameter, Json.of(value));
        return this;
    }

    /** The changes of a node's value. */
    public StreamRequest item(String nodeId, long clientHandle) {
        return item(Map.of("nodeId", nodeId, "clientHandle", clientHandle));
    }

    /**
     * A monitored item with what {@code createMonitoredItems} takes: {@code nodeId}, {@code attributeId}, {@code
     * samplingInterval}, {@code queueSize}, {@code clientHandle}, {@code monitoringMode}, {@code discardOldest}, {@code
     * filter}.
     *
     * @param item values as {@link Json#of} takes them
     */
    public StreamRequest item(Map<String, ?> item) {
        items.add(Json.of(item));
        return this;
    }

    /**
     * The events of a node.
     *
     * @param event {@code nodeId}, {@code selectFields}, {@code where}, {@code clientHandle}
     */
    public StreamRequest event(Map<String, ?> event) {
        events.add(Json.of(event));
        return this;
    }

    void addTo(Map<String, JsonValue> request) {
        request.putAll(target);
        request.put("subscription", new JsonValue.Obj(subscription));
        request.put("items", new JsonValue.Arr(items));
        request.put("events", new JsonValue.Arr(events));
    }
}
