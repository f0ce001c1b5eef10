package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where clients look for the daemon and its token when nothing is said. */
final class DaemonEnvironment {
    private static final String SOCKET = "OPCUA_SOCKET_PATH";
    private static final String TOKEN = "OPCUA_AUTH_TOKEN";
    private static final String TOKEN_FILE = "OPCUA_AUTH_TOKEN_FILE";

    private final Map<String, String> variables;

    DaemonEnvironment(Map<String, String> variables) {
        this.variables = variables;
    }

    /** {@code OPCUA_SOCKET_PATH}, else the daemon's default. */
    IpcEndpoint socket() {
        String socket = variables.get(SOCKET);
        if (socket == null || socket.isEmpty()) {
            boolean windows =
                    System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");
            return IpcEndpoint.parse(windows ? "tcp://127.0.0.1:9990" : "/tmp/opcua-session-manager.sock");
        }
        try {
            return IpcEndpoint.parse(socket);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(SOCKET + ": " + e.getMessage(), e);
        }
    }

    /** {@code OPCUA_AUTH_TOKEN}, else what the file {@code OPCUA_AUTH_TOKEN_FILE} has; null = none. */
    @Nullable
    String token() {
        String token = variables.get(TOKEN);
        String file = variables.get(TOKEN_FILE);
        if (token != null && !token.isEmpty()) {
            return token;
        }
        return file == null || file.isEmpty() ? null : read(Path.of(file));
    }

    static String read(Path file) {
        try {
            String token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw new IllegalArgumentException("token file: " + file + " is empty, expected a token");
            }
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException("token file: " + file + " cannot be read", e);
        }
    }
}
