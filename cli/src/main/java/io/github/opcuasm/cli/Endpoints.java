package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.util.Locale;

/** Where the daemon listens and clients look when nothing else is said. */
final class Endpoints {
    static final String ENVIRONMENT = "OPCUA_SOCKET_PATH";

    private Endpoints() {}

    static String defaultUri() {
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");
        return windows ? "tcp://127.0.0.1:9990" : "unix:///tmp/opcua-session-manager.sock";
    }

    /**
     * Reads a socket URI.
     *
     * @throws ConfigurationException with the reason, for anything but an absolute path or a loopback address
     */
    static IpcEndpoint parse(String uri) {
        try {
            return IpcEndpoint.parse(uri);
        } catch (IllegalArgumentException | CommandException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
    }
}
