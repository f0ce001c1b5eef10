package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** A session id and what a script does with it; every request is a connection of its own. */
final class ScriptSession {
    private final JsonLines daemon;
    private final String id;

    private ScriptSession(JsonLines daemon, String id) {
        this.daemon = daemon;
        this.id = id;
    }

    /** @param config a JSON object */
    static ScriptSession open(JsonLines daemon, String endpointUrl, String config) throws IOException {
        JsonNode answer = daemon.ask("""
                {"command":"open","endpointUrl":"%s","config":%s}""".formatted(endpointUrl, config));
        return new ScriptSession(daemon, succeeded(answer).get("sessionId").textValue());
    }

    /** The method's result; a failure fails the test. */
    JsonNode query(String method, String params) throws IOException {
        return succeeded(answer(method, params));
    }

    /** The whole answer, success or not. */
    JsonNode answer(String method, String params) throws IOException {
        return daemon.ask(frame(method, params));
    }

    /** The answer's text. */
    String line(String method, String params) throws IOException {
        return daemon.line(frame(method, params));
    }

    /** The DataValue of a node's Value attribute. */
    JsonNode read(String nodeId) throws IOException {
        return query("read", "[\"" + nodeId + "\"]");
    }

    /**
     * Writes a node's Value attribute.
     *
     * @param value JSON
     * @param builtinType number of the built-in type, or {@code null} to let the daemon find out
     * @return the status code
     */
    long write(String nodeId, String value, String builtinType) throws IOException {
        return query("write", writeParams(nodeId, value, builtinType)).longValue();
    }

    static String writeParams(String nodeId, String value, String builtinType) {
        return "[\"" + nodeId + "\"," + value + "," + builtinType + "]";
    }

    private String frame(String method, String params) {
        return """
                {"command":"query","sessionId":"%s","method":"%s","params":%s}""".formatted(id, method, params);
    }

    private static JsonNode succeeded(JsonNode answer) {
        if (!answer.path("success").booleanValue()) {
            throw new AssertionError("Refused: " + answer);
        }
        return answer.get("data");
    }
}
