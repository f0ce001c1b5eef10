package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.protocol.CommandException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The servers that the configuration names, read and checked as an {@code open} would; in the order of the file. */
public final class NamedConnections {
    private final Map<String, Connection> byName;

    private NamedConnections(Map<String, Connection> byName) {
        this.byName = byName;
    }

    /**
     * One of them.
     *
     * @param config holds secrets
     * @param autoConnect whether the daemon itself opens it
     */
    public record Connection(String name, EndpointUrl endpoint, SessionConfig config, boolean autoConnect) {
        /**
         * Reads one.
         *
         * @param deprecatedPolicies whether they are allowed
         * @throws CommandException for what an {@code open} would be refused
         */
        public static Connection of(NamedConnection named, boolean deprecatedPolicies) {
            SessionConfig session = SessionConfig.parse(named.config());
            session.requirePolicy(deprecatedPolicies);
            return new Connection(named.name(), EndpointUrl.parse(named.endpointUrl()), session, named.autoConnect());
        }

        /** Never shows the config. */
        @Override
        public String toString() {
            return "Connection[" + name + "]";
        }
    }

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException naming the connection, for what an {@code open} would be refused
     */
    public static NamedConnections of(DaemonConfig config) {
        Map<String, Connection> byName = new LinkedHashMap<>();
        for (NamedConnection named : config.connections()) {
            try {
                byName.put(named.name(), Connection.of(named, config.allowDeprecatedPolicies()));
            } catch (CommandException e) {
                throw new IllegalArgumentException("connections: " + named.name() + ": " + e.messageText(), e);
            }
        }
        return new NamedConnections(Collections.unmodifiableMap(byName));
    }

    /** Null if none has this name. */
    public @Nullable Connection named(String name) {
        return byName.get(name);
    }

    /** All of them. */
    public Collection<Connection> all() {
        return byName.values();
    }

    /** Those that the daemon itself opens. */
    public List<Connection> autoConnected() {
        return byName.values().stream().filter(Connection::autoConnect).toList();
    }
}
