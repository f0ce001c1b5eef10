package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the names of the recording are called in a replay: sessions, URLs, paths, times, subscriptions, monitored items,
 * sequence numbers. Those that the daemon or a server hands out are learned from its answers.
 */
final class Correspondence {
    /** Times in the recording that start so are those of the recording itself, all others are values. */
    private static final String RECORDING_DAY = "2026-11-22T19:";

    private static final Instant RECORDING_TIME = Instant.parse("2026-11-22T19:35:42Z");
    /** Directories of the recording, with the folders that stand for them. */
    private static final Map<String, String> RECORDED_DIRECTORIES = Map.of("/RIG/run", "", "/CERTS", "/certs");

    private static final long UNUSED_SEQUENCE_NUMBER = 4_000_000_000L;
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'+00:00'");
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'");
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Map<String, String> urls;
    private final Path directory;
    private final Map<String, String> sessions = new LinkedHashMap<>();
    private final Map<Long, Long> serverIds = new HashMap<>();
    private final Map<Long, Long> sequenceNumbers = new HashMap<>();
    private @Nullable Duration timeShift;

    /**
     * @param urls the URLs of the recording with those of the replay
     * @param directory stands for the one that the reference daemon was given; that of its certificates is {@code certs}
     *     below it
     */
    Correspondence(Map<String, String> urls, Path directory) {
        this.urls = Map.copyOf(urls);
        this.directory = directory;
    }

    /** Whether the text is a time of the recording itself. */
    static boolean isRecordingTime(String text) {
        return text.startsWith(RECORDING_DAY);
    }

    String liveUrl(String recorded) {
        return urls.getOrDefault(recorded, recorded);
    }

    @Nullable
    String liveSession(String recorded) {
        return sessions.get(recorded);
    }

    void openedSession(String recorded, String live) {
        sessions.put(recorded, live);
    }

    /** Null while the server has not handed it out. */
    @Nullable
    Long liveServerId(long recorded) {
        return serverIds.get(recorded);
    }

    /** The text with every recorded session id and URL in it replaced. */
    String liveText(String recorded) {
        String text = recorded;
        for (Map.Entry<String, String> session : sessions.entrySet()) {
            text = text.replace(session.getKey(), session.getValue());
        }
        return text;
    }

    /** The request as it has to be sent now. */
    JsonNode liveRequest(RecordedExchange exchange) {
        JsonNode request = live(exchange.request());
        if (exchange.operation().equals("republish")) {
            ((ArrayNode) request.get("params"))
                    .set(1, liveSequenceNumber(exchange.request().get("params").get(1)));
        }
        return request;
    }

    private JsonNode live(JsonNode recorded) {
        if (recorded.isObject()) {
            ObjectNode object = JSON.objectNode();
            for (Map.Entry<String, JsonNode> member : recorded.properties()) {
                JsonNode value = member.getValue();
                boolean isSequenceNumber = member.getKey().equals("sequenceNumber");
                object.set(member.getKey(), isSequenceNumber ? liveSequenceNumber(value) : live(value));
            }
            return object;
        }
        if (recorded.isArray()) {
            ArrayNode array = JSON.arrayNode();
            recorded.forEach(element -> array.add(live(element)));
            return array;
        }
        if (recorded.isTextual()) {
            return JSON.textNode(liveRequestText(recorded.textValue()));
        }
        if (recorded.isIntegralNumber() && recorded.canConvertToLong()) {
            Long id = serverIds.get(recorded.longValue());
            return id == null ? recorded : JSON.numberNode(id);
        }
        return recorded;
    }

    private String liveRequestText(String recorded) {
        if (isRecordingTime(recorded)) {
            return shifted(recorded);
        }
        return recorded.startsWith("/") ? livePath(recorded) : liveText(liveUrl(recorded));
    }

    String livePath(String recorded) {
        for (Map.Entry<String, String> folder : RECORDED_DIRECTORIES.entrySet()) {
            if (recorded.startsWith(folder.getKey())) {
                return directory
                        + folder.getValue()
                        + recorded.substring(folder.getKey().length());
            }
        }
        return recorded;
    }

    /** The same distance from now as it had from the time of the recording. */
    private String shifted(String recorded) {
        if (timeShift == null) {
            timeShift = Duration.between(RECORDING_TIME, Instant.now());
        }
        OffsetDateTime time = OffsetDateTime.parse(recorded).plus(timeShift).withOffsetSameInstant(ZoneOffset.UTC);
        return time.format(recorded.contains(".") ? MICROS : SECONDS);
    }

    private JsonNode liveSequenceNumber(JsonNode recorded) {
        Long live = sequenceNumbers.get(recorded.longValue());
        return JSON.numberNode(live == null ? UNUSED_SEQUENCE_NUMBER : live);
    }

    /** Learns what a successful answer hands out. */
    void learn(RecordedExchange exchange, JsonNode answer) {
        JsonNode recordedData = exchange.response().path("data");
        JsonNode data = answer.path("data");
        if (exchange.command().equals("open")) {
            String recorded = recordedData.path("sessionId").textValue();
            String live = data.path("sessionId").textValue();
            if (recorded != null && live != null) {
                sessions.putIfAbsent(recorded, live);
            }
        } else if (exchange.operation().equals("publish")) {
            if (!recordedData.path("notifications").isEmpty()
                    && !data.path("notifications").isEmpty()) {
                sequenceNumbers.put(
                        recordedData.get("sequenceNumber").longValue(),
                        data.path("sequenceNumber").longValue());
            }
        } else {
            learnServerIds(recordedData, data);
        }
    }

    private void learnServerIds(JsonNode recorded, JsonNode live) {
        for (String name : new String[] {"subscriptionId", "monitoredItemId", "subId"}) {
            long recordedId = recorded.path(name).longValue();
            long liveId = live.path(name).longValue();
            if (recordedId > 0 && liveId > 0) {
                serverIds.putIfAbsent(recordedId, liveId);
            }
        }
        for (Map.Entry<String, JsonNode> member : recorded.properties()) {
            learnServerIds(member.getValue(), live.path(member.getKey()));
        }
        for (int i = 0; i < recorded.size() && recorded.isArray(); i++) {
            learnServerIds(recorded.get(i), live.path(i));
        }
    }
}
