package io.github.opcuasm.cli.faults;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message as {@code publish} answered it. */
record ReadMessage(
        Key key, List<Value> values, long dropped, @Nullable GapTold gap) {
    /** What tells it from every other message. */
    record Key(long subscriptionId, long epoch, long sequenceNumber) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int epochs = Long.compare(epoch, other.epoch);
            return epochs != 0 ? epochs : Long.compare(sequenceNumber, other.sequenceNumber);
        }

        /** As {@code publish} takes it for an acknowledgement. */
        String acknowledgement() {
            return "{\"subscriptionId\":" + subscriptionId + ",\"sequenceNumber\":" + sequenceNumber + ",\"epoch\":"
                    + epoch + "}";
        }
    }

    record Value(long clientHandle, long value, Instant serverTime) {}

    /** A stretch of time of which values may be missing. */
    record GapTold(Instant from, Instant to, String reason) {}

    /**
     * Of the data of an answer.
     *
     * @return null if it is a keep-alive
     */
    static @Nullable ReadMessage of(JsonNode data) {
        if (data.path("notifications").isEmpty()) {
            return null;
        }
        List<Value> values = new ArrayList<>();
        for (JsonNode notification : data.path("notifications")) {
            JsonNode value = notification.path("dataValue");
            values.add(new Value(
                    notification.path("clientHandle").longValue(),
                    value.path("value").longValue(),
                    instant(value.path("serverTimestamp"))));
        }
        JsonNode gap = data.path("gap");
        return new ReadMessage(
                new Key(
                        data.path("subscriptionId").longValue(),
                        data.path("epoch").longValue(),
                        data.path("sequenceNumber").longValue()),
                values,
                data.path("dropped").longValue(),
                gap.isObject()
                        ? new GapTold(
                                instant(gap.path("from")),
                                instant(gap.path("to")),
                                gap.path("reason").asText())
                        : null);
    }

    private static Instant instant(JsonNode text) {
        return OffsetDateTime.parse(text.textValue()).toInstant();
    }
}
