package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A line for each change of a value: for people, as JSON, or as CSV (RFC 4180). */
final class ChangeLines implements StreamOutput {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final PrintWriter out;
    private final List<String> labels;
    private final Form form;
    private final boolean timestamps;

    enum Form {
        TEXT,
        JSON,
        CSV
    }

    /** @param labels of the items, whose client handles count from 1 */
    ChangeLines(PrintWriter out, List<String> labels, Form form, boolean timestamps) {
        this.out = out;
        this.labels = labels;
        this.form = form;
        this.timestamps = timestamps;
        if (form == Form.CSV) {
            Csv.printHeader(out);
            out.flush();
        }
    }

    @Override
    public void show(Notification notification, StreamEvent.Notifications message) {
        if (!(notification instanceof Notification.DataChange change)) {
            return;
        }
        String label = labels.get((int) change.clientHandle() - 1);
        JsonValue.Obj value = Changes.json(change.dataValue());
        switch (form) {
            case TEXT -> out.println(text(label, value));
            case CSV -> Csv.print(out, label, value);
            case JSON -> {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("nodeId", label);
                line.putAll(value.members());
                line.put("typeName", Shown.typeName(value));
                line.put("status", Shown.status(value).name());
                line.put("sequenceNumber", message.sequenceNumber());
                line.put("epoch", message.epoch());
                out.println(Json.text(Json.of(line)));
            }
        }
    }

    private String text(String label, JsonValue.Obj value) {
        String time = timestamps ? Changes.time(value) + "  " : "";
        String status = Shown.status(value).isGood() ? "" : "  " + Shown.status(Shown.status(value));
        return time + label + "  " + Changes.line(Shown.value(value)) + status;
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
