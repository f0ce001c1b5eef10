package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.SubscriptionListener.Origin;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Messages for a sink, each with its number as sequence number and as value, and lines as they are found in a file. */
final class SinkEvents {
    static final Origin PLC1 = new Origin("plc1", "0123456789abcdef0123456789abcdef", 7);

    private static final ConfiguredSubscription CONFIGURED = ConfiguredSubscription.builder()
            .items(ConfiguredSubscription.Item.of(NodeId.numeric(0, 2258), 1))
            .build();

    private SinkEvents() {}

    static PublishedEvent message(long number) {
        return message(number, "");
    }

    /** @param padding makes the line longer */
    static PublishedEvent message(long number, String padding) {
        return new PublishedEvent.Notifications(
                PLC1,
                CONFIGURED,
                number,
                0,
                DateTime.of(Instant.parse("2026-05-15T08:30:00.1234567Z")),
                List.of(
                        new Notification.DataChange(1, DataValue.of(Variant.scalar(BuiltinType.INT64, number))),
                        new Notification.Event(2, List.of(Variant.scalar(BuiltinType.STRING, padding)))),
                50 + padding.length());
    }

    /** The events in the lines of a file, each of which has to be whole. */
    static List<JsonValue.Obj> events(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(SinkEvents::event).toList();
    }

    static JsonValue.Obj event(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        JsonValue.Obj whole = (JsonValue.Obj) JsonReader.readValue(bytes, 0, bytes.length);
        return (JsonValue.Obj) Objects.requireNonNull(whole.members().get("event"));
    }

    /** What each event is: the number of a message, or {@code -n} for an overflow of n. */
    static List<Long> numbers(List<JsonValue.Obj> events) {
        return events.stream()
                .map(event ->
                        event.get("dropped") == null ? number(event, "sequenceNumber") : -number(event, "dropped"))
                .toList();
    }

    private static long number(JsonValue.Obj event, String member) {
        return Long.parseLong(((JsonValue.Num) Objects.requireNonNull(event.get(member))).literal());
    }
}
