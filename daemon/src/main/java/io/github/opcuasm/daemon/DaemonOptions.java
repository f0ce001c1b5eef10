package io.github.opcuasm.daemon;

import io.github.opcuasm.daemon.policy.AccessPolicy;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's options, for {@link DaemonConfig#builder} and {@link SessionManagerDaemon#builder}. Names and defaults are
 * those of the command line (docs/daemon.md, <em>Options</em>), where each is explained; they are checked when something is
 * built, and an {@link IllegalArgumentException} names the option, what was got and what is expected. Where the daemon's log
 * goes is up to the SLF4J of the process. What is not set has its default; a socket has none.
 *
 * @param <B> the builder itself
 */
public abstract class DaemonOptions<B extends DaemonOptions<B>> {
    private List<IpcEndpoint> endpoints = List.of();
    private int socketMode = 0600;
    private Duration timeout = Duration.ofSeconds(600);
    private Duration cleanupInterval = Duration.ofSeconds(30);
    private int maxSessions = 100;
    private int maxConnections = 1024;
    private @Nullable String authToken;
    private @Nullable Path authTokenFile;
    private boolean allowAnonymousPing;
    private int maxFrameBytes = 65_536;
    private int maxInflight = 256;
    private Duration connectionIdleTimeout = Duration.ofSeconds(300);
    private Duration shutdownGrace = Duration.ofSeconds(10);
    private Duration linger = Duration.ZERO;
    private DaemonConfig.ClosePolicy closePolicy = DaemonConfig.ClosePolicy.SHARED;
    private Duration requestTimeout = Duration.ofSeconds(300);
    private int maxMessageBytes = 16 * 1024 * 1024;
    private Duration keepAliveInterval = Duration.ofSeconds(5);
    private DaemonConfig.CacheDriver cacheDriver = DaemonConfig.CacheDriver.MEMORY;
    private @Nullable Path cachePath;
    private Duration cacheTimeToLive = Duration.ofSeconds(300);
    private List<Path> allowedCertDirs = List.of();
    private DaemonConfig.DefaultTrust defaultTrust = DaemonConfig.DefaultTrust.FIRST_USE;
    private boolean allowDeprecatedPolicies;
    private @Nullable Path stateDir;
    private @Nullable Path tokensFile;
    private @Nullable Path auditLog;
    private @Nullable IpcEndpoint readOnlySocket;
    private int handshakesPerServer = 8;
    private Duration openWait = Duration.ofSeconds(10);
    private boolean keepSessionsOnExit;
    private int mailboxMessages = 10_000;
    private int mailboxBytes = 4 * 1024 * 1024;
    private Map<String, Integer> budgets = Map.of();
    private List<NamedConnection> connections = List.of();
    private AccessPolicy accessPolicy = AccessPolicy.AS_REFERENCE;
    private final List<SubscriptionListener> listeners = new ArrayList<>();

    DaemonOptions() {}

    abstract B self();

    /**
     * The options as they are now, checked.
     *
     * @throws IllegalArgumentException if they are not valid, or the token's file cannot be read
     */
    DaemonConfig config() {
        return new DaemonConfig(
                endpoints,
                socketMode,
                timeout,
                cleanupInterval,
                maxSessions,
                maxConnections,
                authTokenFile == null ? authToken : AuthTokenFile.read(authTokenFile),
                allowAnonymousPing,
                maxFrameBytes,
                maxInflight,
                connectionIdleTimeout,
                shutdownGrace,
                linger,
                closePolicy,
                requestTimeout,
                maxMessageBytes,
                keepAliveInterval,
                cacheDriver,
                cachePath,
                cacheTimeToLive,
                allowedCertDirs,
                defaultTrust,
                allowDeprecatedPolicies,
                stateDir,
                tokensFile,
                auditLog,
                readOnlySocket,
                handshakesPerServer,
                openWait,
                keepSessionsOnExit,
                mailboxMessages,
                mailboxBytes,
                budgets,
                connections,
                accessPolicy,
                listeners);
    }

    /** Where to listen, at least one. */
    public B socket(IpcEndpoint... value) {
        endpoints = List.of(value);
        return self();
    }

    /** Where to listen, at least one. */
    public B sockets(List<IpcEndpoint> value) {
        endpoints = List.copyOf(value);
        return self();
    }

    /** Permissions of Unix socket files, 0 to 0777. */
    public B socketMode(int value) {
        socketMode = value;
        return self();
    }

    /** A session idle this long is closed. */
    public B timeout(Duration value) {
        timeout = value;
        return self();
    }

    /** How late an idle session may be closed at most. */
    public B cleanupInterval(Duration value) {
        cleanupInterval = value;
        return self();
    }

    /** Handles at a time; 0 = no limit. */
    public B maxSessions(int value) {
        maxSessions = value;
        return self();
    }

    /** IPC connections at a time. */
    public B maxConnections(int value) {
        maxConnections = value;
        return self();
    }

    /** What peers must present; null = nothing. */
    public B authToken(@Nullable String value) {
        authToken = value;
        return self();
    }

    /**
     * The same, read from this file when the daemon is built: UTF-8, the white space around it does not count. Goes before {@link
     * #authToken}; a file that others can read is taken, with a warning in the log.
     */
    public B authTokenFile(@Nullable Path value) {
        authTokenFile = value;
        return self();
    }

    /** Whether {@code ping} needs no token. */
    public B allowAnonymousPing(boolean value) {
        allowAnonymousPing = value;
        return self();
    }

    /** Size of a request frame without its newline. */
    public B maxFrameBytes(int value) {
        maxFrameBytes = value;
        return self();
    }

    /** Requests under way on one protocol-2 connection. */
    public B maxInflight(int value) {
        maxInflight = value;
        return self();
    }

    /** How long an idle kept connection stays. */
    public B connectionIdleTimeout(Duration value) {
        connectionIdleTimeout = value;
        return self();
    }

    /** Upper bound on a graceful end. */
    public B shutdownGrace(Duration value) {
        shutdownGrace = value;
        return self();
    }

    /** How long an OPC UA session is kept after its last close. */
    public B linger(Duration value) {
        linger = value;
        return self();
    }

    /** Who a {@code close} ends: {@code --close}. */
    public B closePolicy(DaemonConfig.ClosePolicy value) {
        closePolicy = value;
        return self();
    }

    /** Bound on methods that need many service calls. */
    public B requestTimeout(Duration value) {
        requestTimeout = value;
        return self();
    }

    /** OPC UA message size. */
    public B maxMessageBytes(int value) {
        maxMessageBytes = value;
        return self();
    }

    /** A session that had no answer for this long is probed. */
    public B keepAliveInterval(Duration value) {
        keepAliveInterval = value;
        return self();
    }

    /** Where answers about the address space are remembered. */
    public B cacheDriver(DaemonConfig.CacheDriver value) {
        cacheDriver = value;
        return self();
    }

    /** Directory of the file driver; null for the others. */
    public B cachePath(@Nullable Path value) {
        cachePath = value;
        return self();
    }

    /** How long answers are remembered: {@code --cache-ttl}. */
    public B cacheTimeToLive(Duration value) {
        cacheTimeToLive = value;
        return self();
    }

    /** The only directories for certificates, keys and trust stores that callers name; empty = anywhere. */
    public B allowedCertDirs(List<Path> value) {
        allowedCertDirs = value;
        return self();
    }

    /** How servers' certificates are judged where a config says nothing. */
    public B defaultTrust(DaemonConfig.DefaultTrust value) {
        defaultTrust = value;
        return self();
    }

    /** Whether Basic128Rsa15 and Basic256 may be used. */
    public B allowDeprecatedPolicies(boolean value) {
        allowDeprecatedPolicies = value;
        return self();
    }

    /** What outlasts the daemon: its certificate, the servers that it trusts; null = nothing does. */
    public B stateDir(@Nullable Path value) {
        stateDir = value;
        return self();
    }

    /** Named tokens and what they may do; null = none. */
    public B tokensFile(@Nullable Path value) {
        tokensFile = value;
        return self();
    }

    /** Where changes of the plant and of the daemon are recorded; null = nowhere. */
    public B auditLog(@Nullable Path value) {
        auditLog = value;
        return self();
    }

    /** One more endpoint, whose peers may only read; null = none. */
    public B readOnlySocket(@Nullable IpcEndpoint value) {
        readOnlySocket = value;
        return self();
    }

    /** How many sessions are opened or restored on one server at a time. */
    public B handshakesPerServer(int value) {
        handshakesPerServer = value;
        return self();
    }

    /** How long an {@code open} waits for a session that its server has to give. */
    public B openWait(Duration value) {
        openWait = value;
        return self();
    }

    /** Whether a stop leaves the sessions on their servers to the next start; needs a state directory. */
    public B keepSessionsOnExit(boolean value) {
        keepSessionsOnExit = value;
        return self();
    }

    /** Messages of one subscription that wait for readers. */
    public B mailboxMessages(int value) {
        mailboxMessages = value;
        return self();
    }

    /** Bytes of the messages of one subscription that wait for readers. */
    public B mailboxBytes(int value) {
        mailboxBytes = value;
        return self();
    }

    /** Sessions that servers give us at most, by {@code host:port}. */
    public B budgets(Map<String, Integer> value) {
        budgets = value;
        return self();
    }

    /** Servers by name. */
    public B connections(List<NamedConnection> value) {
        connections = value;
        return self();
    }

    /** Who may do what, and where connections may lead. */
    public B accessPolicy(AccessPolicy value) {
        accessPolicy = value;
        return self();
    }

    /** One more who is told what the subscriptions of the connections bring. */
    public B listener(SubscriptionListener value) {
        listeners.add(value);
        return self();
    }
}
