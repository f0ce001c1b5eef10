package io.github.opcuasm.daemon;

import io.github.opcuasm.protocol.json.JsonValue;

/**
 * A server that the configuration gives a name to (docs/daemon.md, <em>Named connections</em>), so that those who use it
 * need to know neither its address nor its secrets.
 *
 * @param name what {@code open} and the client commands take
 * @param endpointUrl {@code opc.tcp://host[:port][/path]}
 * @param config as an {@code open} would give it; holds secrets
 * @param autoConnect whether the daemon itself opens it, and keeps it open
 */
public record NamedConnection(String name, String endpointUrl, JsonValue.Obj config, boolean autoConnect) {
    /** Never shows the config. */
    @Override
    public String toString() {
        return "NamedConnection[" + name + "]";
    }
}
