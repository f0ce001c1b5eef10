package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Writes the events of streams (protocol, section 7). */
public final class EventWriter {
    private EventWriter() {}

    /** Writes one event. */
    public static void write(JsonOutput out, StreamEvent event) throws IOException {
        out.startObject();
        out.name("type");
        if (event instanceof StreamEvent.Notifications message) {
            notifications(out, message);
            return;
        } else if (event instanceof StreamEvent.Overflow overflow) {
            out.string("Overflow");
            out.name("dropped");
            out.number(overflow.dropped());
        } else if (event instanceof StreamEvent.Gap gap) {
            out.string("Gap");
            out.name("from");
            ValueWriter.dateTime(out, gap.from());
            out.name("to");
            ValueWriter.dateTime(out, gap.to());
            out.name("reason");
            out.string(gap.reason());
        } else if (event instanceof StreamEvent.State state) {
            out.string("State");
            out.name("state");
            out.string(state.state());
            out.name("reason");
            out.string(state.reason());
        } else if (event instanceof StreamEvent.KeepAlive) {
            out.string("KeepAlive");
        } else if (event instanceof StreamEvent.End end) {
            end(out, end.error());
        }
        out.endObject();
    }

    private static void notifications(JsonOutput out, StreamEvent.Notifications message) throws IOException {
        out.string("Notifications");
        out.name("subscriptionId");
        out.number(message.subscriptionId());
        out.name("sequenceNumber");
        out.number(message.sequenceNumber());
        out.name("epoch");
        out.number(message.epoch());
        out.name("publishTime");
        ValueWriter.dateTime(out, message.publishTime());
        out.name("notifications");
        out.elements(message.notifications(), EventWriter::notification);
        out.then(out::endObject);
    }

    private static void notification(JsonOutput out, Notification notification) throws IOException {
        ResultWriter.write(out, notification);
    }

    private static void end(JsonOutput out, StreamEvent.@Nullable StreamError error) throws IOException {
        out.string("End");
        out.name("error");
        if (error == null) {
            out.nullValue();
            return;
        }
        out.startObject();
        out.name("type");
        out.string(error.type());
        out.name("message");
        out.string(error.message());
        if (error.statusCode() != null) {
            out.name("code");
            ValueWriter.statusCode(out, error.statusCode());
        }
        out.endObject();
    }
}
