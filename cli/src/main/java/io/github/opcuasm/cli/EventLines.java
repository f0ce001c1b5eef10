package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.Variant;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A line for each event: its fields for people, or as JSON. */
final class EventLines implements StreamOutput {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final PrintWriter out;
    private final List<String> fields;
    private final boolean json;

    EventLines(PrintWriter out, List<String> fields, boolean json) {
        this.out = out;
        this.fields = fields;
        this.json = json;
    }

    @Override
    public void show(Notification notification, StreamEvent.Notifications message) {
        if (notification instanceof Notification.Event event) {
            out.println(json ? json(event, message) : text(event));
        }
    }

    private String json(Notification.Event event, StreamEvent.Notifications message) {
        Map<String, Object> named = new LinkedHashMap<>();
        List<Variant> values = event.eventFields();
        for (int i = 0; i < Math.min(fields.size(), values.size()); i++) {
            named.put(fields.get(i), Changes.json(values.get(i)).get("value"));
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", named);
        line.put("sequenceNumber", message.sequenceNumber());
        line.put("epoch", message.epoch());
        return Json.text(Json.of(line));
    }

    private static String text(Notification.Event event) {
        List<String> shown = new ArrayList<>();
        event.eventFields().forEach(field -> shown.add(Changes.line(shown(Changes.json(field)))));
        return String.join("  ", shown).stripTrailing();
    }

    /** A text without its locale, a node id in its short form; {@code -} for none. */
    static String shown(JsonValue.Obj field) {
        JsonValue value = field.get("value");
        if (value == null) {
            return "-";
        }
        if (value instanceof JsonValue.Obj object) {
            if (object.members().containsKey("locale")) {
                return Shown.plain(object.get("text"));
            }
            if (object.members().containsKey("id")) {
                return Shown.nodeId(object);
            }
        }
        return Shown.value(field);
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public Duration patience() {
        return FOR_EVER;
    }

    @Override
    public void close() {
        out.flush();
    }
}
