package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Map;

/** A server to open a session to: by URL and config, or by its name in the daemon's configuration. */
public sealed interface ServerTarget extends Target permits ServerTarget.Endpoint, ServerTarget.Connection {

    /**
     * A server by URL.
     *
     * @param url {@code opc.tcp://host[:port][/path]}
     * @param config the protocol's {@code config}
     */
    record Endpoint(String url, JsonValue.Obj config) implements ServerTarget {
        static Endpoint of(String url, Map<String, ?> config) {
            return new Endpoint(url, (JsonValue.Obj) Json.of(config));
        }

        @Override
        public void addTo(Map<String, JsonValue> request) {
            request.put("endpointUrl", Json.of(url));
            request.put("config", config);
        }

        /** Never shows the config, which may hold a password. */
        @Override
        public String toString() {
            return "Endpoint[url=" + url + "]";
        }
    }

    /**
     * A server by name.
     *
     * @param name of a connection in the daemon's configuration
     */
    record Connection(String name) implements ServerTarget {
        @Override
        public void addTo(Map<String, JsonValue> request) {
            request.put("connection", Json.of(name));
        }
    }
}
