package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.protocol.json.JsonBody;
import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.ResultWriter;
import io.github.opcuasm.protocol.json.ValueWriter;
import io.github.opcuasm.protocol.type.DateTime;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of a sink: {@code {"connection":…,"sessionId":…,"event":{"type":…,"subscriptionId":…,…}}}, whose event is that of
 * a stream's frame (docs/protocol.md), values in the shapes of protocol 2.
 */
final class EventLine {
    private EventLine() {}

    /** With its line break. */
    static byte[] of(PublishedEvent event) {
        byte[] json = JsonEncoder.toBytes(body(event), JsonStyle.PROTOCOL_2);
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    private static JsonBody body(PublishedEvent event) {
        return out -> {
            out.startObject();
            out.name("connection");
            out.string(event.origin().connection());
            out.name("sessionId");
            out.string(event.origin().sessionId());
            out.name("event");
            out.body(inner -> event(inner, event));
            out.then(out::endObject);
        };
    }

    private static void event(JsonOutput out, PublishedEvent event) throws IOException {
        out.startObject();
        out.name("type");
        out.string(type(event));
        out.name("subscriptionId");
        out.number(event.origin().subscriptionId());
        if (event instanceof PublishedEvent.Notifications message) {
            out.name("sequenceNumber");
            out.number(message.sequenceNumber());
            out.name("epoch");
            out.number(message.epoch());
            time(out, "publishTime", message.publishTime());
            out.name("notifications");
            out.elements(message.notifications(), ResultWriter::write);
        } else if (event instanceof PublishedEvent.Gap gap) {
            time(out, "from", gap.from());
            time(out, "to", gap.to());
            out.name("reason");
            out.string(gap.reason());
        } else if (event instanceof PublishedEvent.State state) {
            out.name("state");
            out.string(capitalised(state.state().name()));
            out.name("reason");
            out.string(state.reason());
        } else if (event instanceof PublishedEvent.Overflow overflow) {
            out.name("dropped");
            out.number(overflow.dropped());
        }
        out.then(out::endObject);
    }

    private static String type(PublishedEvent event) {
        return event.getClass().getSimpleName();
    }

    private static void time(JsonOutput out, String name, @Nullable DateTime time) throws IOException {
        out.name(name);
        ValueWriter.dateTime(out, time);
    }

    private static String capitalised(String name) {
        return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
    }
}
