package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.DaemonConfig;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's options, one row each: the same table serves the command line, the environment and the config file. A
 * row's setter throws an {@link IllegalArgumentException} that says what was got and what is expected.
 */
enum DaemonOption {
    SOCKET(
            "socket",
            "URI",
            "where to listen: unix:///path, /path or tcp://127.0.0.1:PORT; may be repeated",
            Shape.MANY) {
        @Override
        void apply(List<String> values, Target target) {
            target.config.sockets(values.stream().map(Endpoints::parse).toList());
        }
    },
    SOCKET_MODE("socket-mode", "OCTAL", "permissions of a Unix socket file (0600)") {
        @Override
        void apply(List<String> values, Target target) {
            String text = values.get(0);
            if (!text.matches("[0-7]{1,4}") || Integer.parseInt(text, 8) > 0777) {
                throw new IllegalArgumentException("got " + text + ", expected octal digits from 0 to 0777");
            }
            target.config.socketMode(Integer.parseInt(text, 8));
        }
    },
    TIMEOUT("timeout", "S", "a session idle this long is closed (600)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.timeout(Seconds.parse(values.get(0)));
        }
    },
    CLEANUP_INTERVAL("cleanup-interval", "S", "upper bound on how late an idle session is closed (30)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.cleanupInterval(Seconds.parse(values.get(0)));
        }
    },
    MAX_SESSIONS("max-sessions", "N", "sessions at a time, 0 = no limit (100)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.maxSessions(whole(values));
        }
    },
    MAX_CONNECTIONS("max-connections", "N", "IPC connections at a time (1024)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.maxConnections(whole(values));
        }
    },
    AUTH_TOKEN("auth-token", "T", "what peers must present; shows in the process list: prefer the two others"),
    AUTH_TOKEN_FILE("auth-token-file", "PATH", "the same, read from a file; OPCUA_AUTH_TOKEN beats both"),
    ALLOW_ANONYMOUS_PING("allow-anonymous-ping", "", "ping needs no token", Shape.FLAG) {
        @Override
        void apply(List<String> values, Target target) {
            target.config.allowAnonymousPing(flag(values));
        }
    },
    MAX_FRAME_BYTES("max-frame-bytes", "N", "size of a request (65536)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.maxFrameBytes(whole(values));
        }
    },
    MAX_INFLIGHT("max-inflight", "N", "requests under way on one kept connection (256)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.maxInflight(whole(values));
        }
    },
    MAILBOX_MESSAGES("mailbox-messages", "N", "messages of one subscription that wait for readers (10000)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.mailboxMessages(whole(values));
        }
    },
    MAILBOX_BYTES("mailbox-bytes", "N", "bytes of them (4194304)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.mailboxBytes(whole(values));
        }
    },
    CONNECTION_IDLE_TIMEOUT("connection-idle-timeout", "S", "an idle kept connection is closed after this long (300)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.connectionIdleTimeout(Seconds.parse(values.get(0)));
        }
    },
    SHUTDOWN_GRACE("shutdown-grace", "S", "upper bound on a graceful end (10)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.shutdownGrace(Seconds.parse(values.get(0)));
        }
    },
    LINGER("linger", "S", "keep an OPC UA session this long after its last close (0)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.linger(Seconds.parse(values.get(0)));
        }
    },
    CLOSE("close", "shared|always", "whether the last or any close ends a shared session (shared)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.closePolicy(LogSettings.choice(DaemonConfig.ClosePolicy.class, values.get(0)));
        }
    },
    REQUEST_TIMEOUT("request-timeout", "S", "bound on methods that need many service calls (300)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.requestTimeout(Seconds.parse(values.get(0)));
        }
    },
    MAX_MESSAGE_BYTES("max-message-bytes", "N", "size of an OPC UA message (16777216)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.maxMessageBytes(whole(values));
        }
    },
    KEEP_ALIVE_INTERVAL("keep-alive-interval", "S", "a session that had no answer for this long is probed (5)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.keepAliveInterval(Seconds.parse(values.get(0)));
        }
    },
    CACHE_DRIVER(
            "cache-driver",
            "memory|file|none",
            "where answers about the address space are remembered; file needs cache-path (memory)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.cacheDriver(LogSettings.choice(DaemonConfig.CacheDriver.class, values.get(0)));
        }
    },
    CACHE_PATH("cache-path", "DIR", "directory of the file cache; made if its parent exists") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.cachePath(Path.of(values.get(0)));
        }
    },
    CACHE_TTL("cache-ttl", "S", "how long they are remembered (300)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.cacheTimeToLive(Seconds.parse(values.get(0)));
        }
    },
    ALLOWED_CERT_DIRS(
            "allowed-cert-dirs",
            "A,B",
            "the only directories for certificates, keys and trust stores that callers name",
            Shape.MANY) {
        @Override
        void apply(List<String> values, Target target) {
            target.config.allowedCertDirs(values.stream()
                    .flatMap(value -> Stream.of(value.split(",")))
                    .map(String::strip)
                    .filter(value -> !value.isEmpty())
                    .map(DaemonOption::existingDirectory)
                    .toList());
        }
    },
    DEFAULT_TRUST(
            "default-trust",
            "none|first-use|strict",
            "which servers are believed where a session's config says nothing (first-use)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.defaultTrust(LogSettings.choice(DaemonConfig.DefaultTrust.class, values.get(0)));
        }
    },
    ALLOW_DEPRECATED_POLICIES(
            "allow-deprecated-policies", "", "also Basic256 and Basic128Rsa15, for old devices", Shape.FLAG) {
        @Override
        void apply(List<String> values, Target target) {
            target.config.allowDeprecatedPolicies(flag(values));
        }
    },
    STATE_DIR("state-dir", "DIR", "what outlasts the daemon: its certificate, trusted servers, sessions") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.stateDir(path(values));
        }
    },
    TOKENS_FILE("tokens-file", "PATH", "named tokens and what they may do, see `token add`; read again on SIGHUP") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.tokensFile(path(values));
        }
    },
    AUDIT_LOG("audit-log", "PATH", "record who changed what, one JSON object a line; may be moved away at any time") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.auditLog(path(values));
        }
    },
    READ_ONLY_SOCKET("read-only-socket", "URI", "listen there too, for peers that may only read") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.readOnlySocket(Endpoints.parse(values.get(0)));
        }
    },
    HANDSHAKES_PER_SERVER("handshakes-per-server", "N", "sessions opened or restored on one server at a time (8)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.handshakesPerServer(whole(values));
        }
    },
    OPEN_WAIT("open-wait", "S", "how long an open waits for a session that its server has to give (10)") {
        @Override
        void apply(List<String> values, Target target) {
            target.config.openWait(Seconds.parse(values.get(0)));
        }
    },
    KEEP_SESSIONS_ON_EXIT(
            "keep-sessions-on-exit",
            "",
            "a stop leaves the sessions on their servers to the next start; needs state-dir",
            Shape.FLAG) {
        @Override
        void apply(List<String> values, Target target) {
            target.config.keepSessionsOnExit(flag(values));
        }
    },
    LOG_FILE("log-file", "PATH", "log there instead of standard error; reopened on SIGHUP") {
        @Override
        void apply(List<String> values, Target target) {
            target.logFile = Path.of(values.get(0));
        }
    },
    LOG_LEVEL("log-level", "LEVEL", "debug, info, notice, warning or error (info)") {
        @Override
        void apply(List<String> values, Target target) {
            target.threshold = LogSettings.choice(LogSettings.Threshold.class, values.get(0));
        }
    },
    LOG_FORMAT("log-format", "text|json", "one line or one JSON object an entry (text)") {
        @Override
        void apply(List<String> values, Target target) {
            target.format = LogSettings.choice(LogSettings.Format.class, values.get(0));
        }
    };

    /** How many values an option takes. */
    enum Shape {
        FLAG,
        ONE,
        MANY
    }

    /** What the rows set. */
    static final class Target {
        final DaemonConfig.Builder config = DaemonConfig.builder();
        private LogSettings.Threshold threshold = LogSettings.DEFAULTS.threshold();
        private LogSettings.Format format = LogSettings.DEFAULTS.format();
        private @Nullable Path logFile;

        LogSettings log() {
            return new LogSettings(threshold, format, logFile);
        }
    }

    private final String longName;
    private final String label;
    private final String description;
    private final Shape shape;

    DaemonOption(String longName, String label, String description) {
        this(longName, label, description, Shape.ONE);
    }

    DaemonOption(String longName, String label, String description, Shape shape) {
        this.longName = longName;
        this.label = label;
        this.description = description;
        this.shape = shape;
    }

    /** Without dashes, as the config file has it. */
    String longName() {
        return longName;
    }

    String label() {
        return label;
    }

    String description() {
        return description;
    }

    Shape shape() {
        return shape;
    }

    /** Whether its value must not be shown. */
    boolean isSecret() {
        return this == AUTH_TOKEN;
    }

    /** Sets it. Tokens are not set here: where they come from has an order of its own ({@link DaemonToken}). */
    void apply(List<String> values, Target target) {}

    private static Path path(List<String> values) {
        if (values.get(0).isEmpty()) {
            throw new IllegalArgumentException("got an empty one, expected a path");
        }
        try {
            return Path.of(values.get(0)).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("got " + values.get(0) + ", expected a path", e);
        }
    }

    private static Path existingDirectory(String text) {
        Path path = path(List.of(text));
        if (!Files.isDirectory(path)) {
            throw new IllegalArgumentException("got " + text + ", expected directories that exist");
        }
        return path;
    }

    private static int whole(List<String> values) {
        String text = values.get(0);
        if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("got " + text + ", expected a whole number from 0 to 2147483647");
        }
        return Integer.parseInt(text);
    }

    private static boolean flag(List<String> values) {
        return switch (values.get(0).toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException("got " + values.get(0) + ", expected true or false");
        };
    }
}
