package io.github.opcuasm.daemon.lifecycle;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.nio.file.Path;

/** Where PID files lie: apart from {@link PidFile}, because clients ask too, and have no logging on their class path. */
public final class PidFilePath {
    private PidFilePath() {}

    /**
     * The PID file of an endpoint: {@code SOCKET.pid} beside a Unix socket; for a port, in the system's temporary
     * directory, named after the endpoint with every run of other characters as one underscore.
     */
    public static Path of(IpcEndpoint endpoint) {
        if (endpoint instanceof IpcEndpoint.Unix unix) {
            return unix.path().resolveSibling(unix.path().getFileName() + ".pid");
        }
        String name = endpoint.uri().replaceAll("[^A-Za-z0-9.-]+", "_");
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "opcua-session-manager-" + name + ".pid");
    }
}
