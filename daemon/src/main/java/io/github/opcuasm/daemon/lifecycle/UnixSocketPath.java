package io.github.opcuasm.daemon.lifecycle;

import io.github.opcuasm.daemon.DaemonStartException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The kernel's bound on the path of a Unix socket: {@code sun_path} holds 108 bytes on Linux and 104 on Darwin, the
 * terminating NUL included. Bytes count, not characters.
 */
public final class UnixSocketPath {
    private static final int LINUX_SUN_PATH = 108;
    private static final int DARWIN_SUN_PATH = 104;

    private UnixSocketPath() {}

    /**
     * Checks a path before anything is bound to it.
     *
     * @throws DaemonStartException if the kernel would not take the whole path
     */
    public static void check(Path path) throws DaemonStartException {
        boolean darwin = isDarwin();
        int limit = darwin ? DARWIN_SUN_PATH : LINUX_SUN_PATH;
        int length = length(path);
        if (length >= limit) {
            throw new DaemonStartException(String.format(
                    Locale.ROOT,
                    "Unix socket path is too long: %d bytes, but the %s kernel limits sun_path to %d bytes (usable %d)."
                            + " The kernel silently truncates longer paths, which breaks chmod() and reconnect. Set"
                            + " OPCUA_SOCKET_PATH (or pass --socket) to a shorter path, e.g. /tmp/opcua-session.sock."
                            + " Got: %s",
                    length,
                    darwin ? "Darwin" : "Linux",
                    limit,
                    limit - 1,
                    path));
        }
    }

    static int length(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static boolean isDarwin() {
        return System.getProperty("os.name", "").startsWith("Mac");
    }
}
