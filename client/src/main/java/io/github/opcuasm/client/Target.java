package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Map;

/**
 * What a {@code query}, {@code invoke} or {@code subscribe} works on: a session that is open, or a {@link ServerTarget},
 * for which the daemon opens one, or reuses it, and leaves it open. A server as target needs a daemon of ours; the
 * reference's knows sessions only.
 */
public sealed interface Target permits Target.Session, ServerTarget {

    /** Puts the members that say so into a request. */
    void addTo(Map<String, JsonValue> request);

    /** The session that {@code open} gave this id. */
    static Target session(String sessionId) {
        return new Session(sessionId);
    }

    /**
     * The server at this URL.
     *
     * @param config the protocol's {@code config}: values as {@link Json#of} takes them
     */
    static ServerTarget server(String endpointUrl, Map<String, ?> config) {
        return ServerTarget.Endpoint.of(endpointUrl, config);
    }

    /** The server that the daemon's configuration has under this name. */
    static ServerTarget connection(String name) {
        return new ServerTarget.Connection(name);
    }

    /**
     * A session that is open.
     *
     * @param sessionId 32 hex digits
     */
    record Session(String sessionId) implements Target {
        @Override
        public void addTo(Map<String, JsonValue> request) {
            request.put("sessionId", Json.of(sessionId));
        }
    }
}
