package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A request and the answer of the reference daemon to it.
 *
 * @param index its place in the recording, from 0
 * @param key its tag; with {@code " (2)"} and so on where the recording uses a tag again
 */
record RecordedExchange(int index, String key, JsonNode request, JsonNode response) {
    private static final String RECORDING = "/conformance/exchanges.ndjson";

    /** The whole recording, in order. */
    static List<RecordedExchange> all() throws IOException {
        List<RecordedExchange> exchanges = new ArrayList<>();
        Map<String, Integer> uses = new HashMap<>();
        try (InputStream stream = RecordedExchange.class.getResourceAsStream(RECORDING)) {
            if (stream == null) {
                throw new IOException("No " + RECORDING + " on the class path");
            }
            var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode exchange = JsonLines.parse(line);
                String tag = exchange.get("tag").textValue();
                int use = uses.merge(tag, 1, Integer::sum);
                String key = use == 1 ? tag : tag + " (" + use + ")";
                exchanges.add(
                        new RecordedExchange(exchanges.size(), key, exchange.get("request"), exchange.get("response")));
            }
        }
        return List.copyOf(exchanges);
    }

    /** The command; empty if the request has none. */
    String command() {
        return request.path("command").asText();
    }

    /** The method that is queried or invoked, else the command. */
    String operation() {
        String command = command();
        return command.equals("query") || command.equals("invoke")
                ? request.path("method").asText()
                : command;
    }
}
