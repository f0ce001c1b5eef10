package io.github.opcuasm.daemon;

import io.github.opcuasm.daemon.policy.AccessPolicy;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every option of the daemon (docs/daemon.md, <em>Command line</em>), validated. Build one with {@link #builder()}; what
 * is not set has the documented default.
 *
 * @param endpoints where to listen, at least one
 * @param socketMode permissions of Unix socket files, 0 to 0777
 * @param timeout a session idle this long is closed
 * @param cleanupInterval how late an idle session may be closed at most
 * @param maxSessions handles at a time; 0 = no limit
 * @param maxConnections IPC connections at a time
 * @param authToken what peers must present; null = nothing
 * @param allowAnonymousPing whether {@code ping} needs no token
 * @param maxFrameBytes size of a request frame without its newline
 * @param maxInflight requests under way on one protocol-2 connection
 * @param connectionIdleTimeout how long an idle kept connection stays
 * @param shutdownGrace upper bound on a graceful end
 * @param linger how long an OPC UA session is kept after its last close
 * @param closePolicy who a {@code close} ends
 * @param requestTimeout bound on methods that need many service calls
 * @param maxMessageBytes OPC UA message size
 * @param keepAliveInterval a session that had no answer for this long is probed
 * @param cacheDriver where answers about the address space are remembered
 * @param cachePath directory of the file driver; null for the others
 * @param cacheTimeToLive how long they are remembered
 * @param allowedCertDirs the only directories for certificates, keys and trust stores that callers name; empty = anywhere
 * @param defaultTrust how servers' certificates are judged where a config says nothing
 * @param allowDeprecatedPolicies whether Basic128Rsa15 and Basic256 may be used
 * @param stateDir what outlasts the daemon: its certificate, the servers that it trusts; null = nothing does
 * @param tokensFile named tokens and what they may do; null = none
 * @param auditLog where changes of the plant and of the daemon are recorded; null = nowhere
 * @param readOnlySocket one more endpoint, whose peers may only read; null = none
 * @param handshakesPerServer how many sessions are opened or restored on one server at a time
 * @param openWait how long an {@code open} waits for a session that its server has to give
 * @param keepSessionsOnExit whether a stop leaves the sessions on their servers to the next start; needs a state directory
 * @param mailboxMessages messages of one subscription that wait for readers
 * @param mailboxBytes bytes of them
 * @param budgets sessions that servers give us at most, by {@code host:port}; others as many as they will
 * @param connections servers by name
 * @param accessPolicy who may do what, and where connections may lead
 * @param listeners who is told what the subscriptions of the connections bring
 */
public record DaemonConfig(
        List<IpcEndpoint> endpoints,
        int socketMode,
        Duration timeout,
        Duration cleanupInterval,
        int maxSessions,
        int maxConnections,
        @Nullable String authToken,
        boolean allowAnonymousPing,
        int maxFrameBytes,
        int maxInflight,
        Duration connectionIdleTimeout,
        Duration shutdownGrace,
        Duration linger,
        ClosePolicy closePolicy,
        Duration requestTimeout,
        int maxMessageBytes,
        Duration keepAliveInterval,
        CacheDriver cacheDriver,
        @Nullable Path cachePath,
        Duration cacheTimeToLive,
        List<Path> allowedCertDirs,
        DefaultTrust defaultTrust,
        boolean allowDeprecatedPolicies,
        @Nullable Path stateDir,
        @Nullable Path tokensFile,
        @Nullable Path auditLog,
        @Nullable IpcEndpoint readOnlySocket,
        int handshakesPerServer,
        Duration openWait,
        boolean keepSessionsOnExit,
        int mailboxMessages,
        int mailboxBytes,
        Map<String, Integer> budgets,
        List<NamedConnection> connections,
        AccessPolicy accessPolicy,
        List<SubscriptionListener> listeners) {

    /** A journal of a mailbox is read as a whole. */
    private static final int MAX_MAILBOX_BYTES = 64 * 1024 * 1024;

    /** Where answers about the address space are remembered: {@code --cache-driver memory|file|none}. */
    public enum CacheDriver {
        MEMORY,
        /** Outlasts the daemon; needs a directory. */
        FILE,
        NONE
    }

    /** How a server's certificate is judged where a config says nothing: {@code --default-trust none|first-use|strict}. */
    public enum DefaultTrust {
        /** Any is taken. */
        NONE,
        /** The first one of a server is pinned. */
        FIRST_USE,
        /** As the policy {@code full}, with the store of the state directory. */
        STRICT
    }

    /** Who a {@code close} ends: {@code --close shared|always}. */
    public enum ClosePolicy {
        /** The last holder's close ends the session. */
        SHARED,
        /** Any close ends it, as in the reference. */
        ALWAYS
    }

    public DaemonConfig {
        require(!endpoints.isEmpty(), "socket", "none", "at least one endpoint");
        require(socketMode >= 0 && socketMode <= 0777, "socket-mode", Integer.toOctalString(socketMode), "0 to 777");
        requirePositive("timeout", timeout);
        requirePositive("cleanup-interval", cleanupInterval);
        require(maxSessions >= 0, "max-sessions", maxSessions, "0 (no limit) or more");
        require(maxConnections >= 1, "max-connections", maxConnections, "1 or more");
        require(authToken == null || !authToken.isEmpty(), "auth-token", "an empty one", "at least one character");
        require(maxFrameBytes >= 1024, "max-frame-bytes", maxFrameBytes, "1024 or more");
        require(maxInflight >= 1, "max-inflight", maxInflight, "1 or more");
        requirePositive("connection-idle-timeout", connectionIdleTimeout);
        require(!shutdownGrace.isNegative(), "shutdown-grace", shutdownGrace, "0 or more");
        require(!linger.isNegative(), "linger", linger, "0 or more");
        requirePositive("request-timeout", requestTimeout);
        require(maxMessageBytes >= 8192, "max-message-bytes", maxMessageBytes, "8192 or more");
        requirePositive("keep-alive-interval", keepAliveInterval);
        require(
                cacheDriver != CacheDriver.FILE || cachePath != null,
                "cache-driver",
                "file",
                "a directory in cache-path beside it, or memory or none");
        requirePositive("cache-ttl", cacheTimeToLive);
        require(handshakesPerServer >= 1, "handshakes-per-server", handshakesPerServer, "1 or more");
        require(!openWait.isNegative(), "open-wait", openWait, "0 or more");
        require(
                !keepSessionsOnExit || stateDir != null,
                "keep-sessions-on-exit",
                "true",
                "state-dir beside it, where the sessions are remembered");
        require(mailboxMessages >= 1, "mailbox-messages", mailboxMessages, "1 or more");
        require(
                mailboxBytes >= 1024 && mailboxBytes <= MAX_MAILBOX_BYTES,
                "mailbox-bytes",
                mailboxBytes,
                "1024 to " + MAX_MAILBOX_BYTES);
        budgets.forEach((server, sessions) -> require(sessions >= 1, "budget", server + ": " + sessions, "1 or more"));
        endpoints = List.copyOf(endpoints);
        allowedCertDirs = List.copyOf(allowedCertDirs);
        budgets = Map.copyOf(budgets);
        connections = List.copyOf(connections);
        requireNamesOfTheirOwn(connections);
        requireEqualSinks(connections);
        listeners = List.copyOf(listeners);
    }

    /** Never shows the token. */
    @Override
    public String toString() {
        return "DaemonConfig[endpoints=" + endpoints + ", token=" + (authToken == null ? "none" : "set") + "]";
    }

    /** Whether anything depends on who a peer is: with everything shared, nothing ruled and nothing recorded all are alike. */
    public boolean tellsPeersApart() {
        return !accessPolicy.shareHandles()
                || !accessPolicy.rules().isEmpty()
                || authToken != null
                || tokensFile != null
                || auditLog != null;
    }

    public static Builder builder() {
        return new Builder();
    }

    private static void requireNamesOfTheirOwn(List<NamedConnection> connections) {
        Set<String> names = new HashSet<>();
        connections.forEach(connection -> require(
                names.add(connection.name().toLowerCase(Locale.ROOT)),
                "connections",
                "two named " + connection.name(),
                "names of their own, which differ in more than case"));
    }

    /** A file cannot be rotated in two ways. */
    private static void requireEqualSinks(List<NamedConnection> connections) {
        Map<Path, SinkConfig> sinks = new HashMap<>();
        for (NamedConnection connection : connections) {
            for (ConfiguredSubscription subscription : connection.subscriptions()) {
                SinkConfig sink = subscription.sink();
                SinkConfig before = sink == null ? null : sinks.putIfAbsent(sink.path(), sink);
                require(
                        before == null || before.equals(sink),
                        "sink",
                        "two ways to write " + (sink == null ? "it" : sink.path()),
                        "the same wherever it is named");
            }
        }
    }

    private static void requirePositive(String option, Duration value) {
        require(!value.isNegative() && !value.isZero(), option, value, "more than 0");
    }

    private static void require(boolean holds, String option, Object got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(option + ": got " + got + ", expected " + expected);
        }
    }

    /** Collects options; names are those of the command line. */
    public static final class Builder extends DaemonOptions<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * The options, checked.
         *
         * @throws IllegalArgumentException if they are not valid, or the token's file cannot be read
         */
        public DaemonConfig build() {
            return config();
        }
    }
}
