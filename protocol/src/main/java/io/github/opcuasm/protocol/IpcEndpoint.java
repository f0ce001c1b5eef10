package io.github.opcuasm.protocol;

import java.net.InetAddress;
import java.nio.file.Path;

/**
 * Where daemon and clients meet: a Unix socket or a loopback port. Parsed by one rule on both sides (docs/daemon.md,
 * <em>Socket URIs</em>).
 */
public sealed interface IpcEndpoint {

    /** The URI form, as the daemon logs it. */
    String uri();

    /** {@code unix:///absolute/path.sock}. */
    record Unix(Path path) implements IpcEndpoint {
        @Override
        public String uri() {
            return "unix://" + path;
        }

        @Override
        public String toString() {
            return uri();
        }
    }

    /**
     * {@code tcp://127.0.0.1:9990}.
     *
     * @param host as given, without brackets
     * @param address a loopback address; never resolved by name
     * @param port 0 to 65535; 0 lets the system choose (listening only)
     */
    record Tcp(String host, InetAddress address, int port) implements IpcEndpoint {
        @Override
        public String uri() {
            return "tcp://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }

        @Override
        public String toString() {
            return uri();
        }
    }
}
