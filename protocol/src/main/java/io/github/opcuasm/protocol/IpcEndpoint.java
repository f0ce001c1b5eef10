package io.github.opcuasm.protocol;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where daemon and clients meet: a Unix socket or a loopback port. Parsed by one rule on both sides (docs/daemon.md,
 * <em>Socket URIs</em>).
 */
public sealed interface IpcEndpoint {

    /** The URI form, as the daemon logs it. */
    String uri();

    /**
     * Reads {@code unix:///absolute/path.sock}, {@code /absolute/path.sock} or {@code tcp://HOST:PORT} with a loopback
     * host: {@code localhost}, 127.0.0.0/8, {@code [::1]} or {@code [::ffff:127.0.0.0]/104}. Never looks up a name. The
     * length of a path is not checked here ({@link Unix#checkLength}).
     *
     * @throws IllegalArgumentException for anything else, saying what is taken
     */
    static IpcEndpoint parse(String uri) {
        return EndpointUri.parse(uri);
    }

    /**
     * {@code unix:///absolute/path.sock}.
     *
     * @param path absolute
     */
    record Unix(Path path) implements IpcEndpoint {
        public Unix {
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException("path: got " + path + ", expected an absolute path");
            }
        }

        /**
         * Checks the path against the kernel's {@code sun_path}: 108 bytes on Linux, 104 on macOS, one of them for the
         * terminating NUL.
         *
         * @throws IllegalArgumentException if it does not fit, with numbers and a way out
         */
        public void checkLength() {
            boolean darwin =
                    System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac");
            checkLength(darwin ? "Darwin" : "Linux", darwin ? 104 : 108);
        }

        void checkLength(String kernel, int sunPath) {
            int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
            if (bytes >= sunPath) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "Unix socket path is too long: %d bytes, but the %s kernel limits sun_path to %d bytes"
                                + " (usable %d). The kernel silently truncates longer paths, which breaks chmod() and"
                                + " reconnect. Set OPCUA_SOCKET_PATH (or pass --socket) to a shorter path, e.g."
                                + " /tmp/opcua-session.sock. Got: %s",
                        bytes,
                        kernel,
                        sunPath,
                        sunPath - 1,
                        path));
            }
        }

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
        public Tcp {
            if (!address.isLoopbackAddress()) {
                throw new IllegalArgumentException("address: got " + address + ", expected a loopback address");
            }
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port: got " + port + ", expected 0 to 65535");
            }
        }

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
