package io.github.opcuasm.daemon;

/**
 * The daemon as a library: the same that the command line starts, options one to one. No static state: two of them live
 * in one JVM.
 *
 * <pre>{@code
 * var config = DaemonConfig.builder().socket(new IpcEndpoint.Unix(Path.of("/tmp/opcua.sock"))).build();
 * try (var daemon = new SessionManagerDaemon(config)) {
 *     daemon.start();
 *     …
 * }
 * }</pre>
 */
public final class SessionManagerDaemon implements AutoCloseable {
    private final DaemonConfig config;

    public SessionManagerDaemon(DaemonConfig config) {
        this.config = config;
    }

    public DaemonConfig config() {
        return config;
    }

    @Override
    public void close() {}
}
