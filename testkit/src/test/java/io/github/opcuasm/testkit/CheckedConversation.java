package io.github.opcuasm.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection's frames against docs/schema: each answer with the request that it is for, each event by itself. What has
 * no id is for the oldest request without one. Requests are not judged until they are answered: tests send wrong ones on purpose.
 *
 * <p>Frames above {@link #LARGEST} characters are not looked into.
 */
public final class CheckedConversation {
    /** Larger ones cost more to check than all others together, and have the same shapes. */
    static final int LARGEST = 64 * 1024;

    private static final Verdict SKIPPED = new Verdict(Kind.SKIPPED, List.of());

    private final TrafficSchema schema;
    private final Map<String, Deque<JsonNode>> asked = new HashMap<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** What came, and what is wrong with it. */
    public record Verdict(Kind kind, List<String> problems) {}

    /** What a received frame was. */
    public enum Kind {
        ANSWER,
        EVENT,
        /** Too large to be looked into, or one of many. */
        SKIPPED
    }

    public CheckedConversation(TrafficSchema schema) {
        this.schema = schema;
    }

    /** Any part of a frame, or several. */
    public void sent(byte[] bytes) {
        for (byte next : bytes) {
            if (next == '\n') {
                asked(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else if (line.size() <= LARGEST) {
                line.write(next);
            }
        }
    }

    private void asked(String text) {
        try {
            JsonNode request = TrafficSchema.parse(text);
            if (request.isObject()) {
                asked.computeIfAbsent(id(request), id -> new ArrayDeque<>()).add(request);
            }
        } catch (JsonProcessingException e) {
            // The daemon has to say so; then there is no request to its answer.
        }
    }

    /** Judges one line. */
    public Verdict received(String text) {
        return received(text, true);
    }

    /**
     * Takes one line in.
     *
     * @param judged false to remember only that its request was answered
     */
    Verdict received(String text, boolean judged) {
        if (text.length() > LARGEST) {
            return SKIPPED;
        }
        JsonNode frame;
        try {
            frame = TrafficSchema.parse(text);
        } catch (JsonProcessingException e) {
            return new Verdict(Kind.ANSWER, List.of("not one JSON text: " + e.getOriginalMessage()));
        }
        if (!judged) {
            if (frame.has("success")) {
                asked.getOrDefault(id(frame), new ArrayDeque<>()).poll();
            }
            return SKIPPED;
        }
        if (frame.has("event")) {
            return new Verdict(Kind.EVENT, schema.event(frame));
        }
        return new Verdict(Kind.ANSWER, schema.exchange(request(frame), frame));
    }

    /** The request that this answers: the oldest of the same id that it fits, if an id was used twice. */
    private @Nullable JsonNode request(JsonNode answer) {
        Deque<JsonNode> candidates = asked.getOrDefault(id(answer), new ArrayDeque<>());
        for (JsonNode request : candidates) {
            if (candidates.size() == 1 || schema.exchange(request, answer).isEmpty()) {
                candidates.remove(request);
                return request;
            }
        }
        return candidates.poll();
    }

    private static String id(JsonNode frame) {
        return frame.hasNonNull("id") ? frame.get("id").toString() : "";
    }
}
