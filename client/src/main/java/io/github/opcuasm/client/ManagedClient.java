package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.NodeReference;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An OPC UA session, by way of the daemon, which keeps it open when this process ends. Calls are named as the services are; each
 * has an asynchronous twin. Safe to share between threads.
 *
 * <pre>{@code
 * try (var client = ManagedClient.create()) {
 *     client.connect("opc.tcp://plc-1:4840");
 *     double speed = client.read("ns=2;s=Speed").as(double.class);
 *     client.write("ns=2;s=SetPoint", 12.5);
 * }
 * }</pre>
 *
 * <p><b>What is repeated.</b> A call that only reads is sent once more when the connection to the daemon is lost under it. A call
 * that changes something never is: {@link ClientException#outcome()} says what is known of it. If the daemon does not know the
 * session any more, because it was restarted or the session expired, the session is opened again as {@code connect} opened it
 * and the call is sent again, whatever it is: nothing of it reached the server. Calls about something that belonged to the old
 * session (a subscription, a continuation point, an open file) fail with {@link RequestFailedException.SessionNotFound} instead;
 * after that this client is on a new session, where the same number may stand for something else.
 *
 * <p>{@link #close} ends what this process holds: its connections, and its subscriptions. The session stays with the daemon for
 * the next process, unless {@link #disconnect} gives it up first.
 */
public final class ManagedClient
        implements AttributeServices,
                HistoryServices,
                ViewServices,
                SubscriptionServices,
                NodeManagementServices,
                FileServices,
                SessionServices,
                AutoCloseable {
    private final DaemonClient daemon;
    private final SessionCalls calls;
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable ClientSession> session = new AtomicReference<>();

    private ManagedClient(DaemonClient daemon) {
        this.daemon = daemon;
        this.calls = new SessionCalls(daemon);
    }

    /**
     * A client of the daemon at {@code OPCUA_SOCKET_PATH}, else at the default socket, with the token of {@code
     * OPCUA_AUTH_TOKEN} or in the file {@code OPCUA_AUTH_TOKEN_FILE}.
     *
     * @throws DaemonNotRunningException if none listens there
     */
    public static ManagedClient create() {
        return builder().build();
    }

    /**
     * As {@link #create}; where no daemon is listening, one is started first, safely if several programs want one at once
     * ({@link DaemonClient#autoStart}).
     */
    public static ManagedClient autoStart() {
        return builder().autoStart().build();
    }

    /** A client of another daemon, or with other times. */
    public static Builder builder() {
        return new Builder(System.getenv());
    }

    /** The daemon's own commands, on the same connection: {@code ping}, {@code list}, {@code stats}. */
    public DaemonClient daemon() {
        return daemon;
    }

    // Sessions

    /** Opens an unsecured anonymous session, or finds one that is open. Another one that this client had is given up. */
    public void connect(String endpointUrl) {
        connect(endpointUrl, SessionOptions.DEFAULTS);
    }

    public CompletableFuture<Void> connectAsync(String endpointUrl) {
        return connectAsync(endpointUrl, SessionOptions.DEFAULTS);
    }

    /**
     * Opens a session, or finds one that is open with the same endpoint and the same options.
     *
     * @param endpointUrl {@code opc.tcp://host[:port][/path]}
     * @throws RequestFailedException.Connection if the server cannot be reached
     * @throws RequestFailedException.UntrustedCertificate if its certificate is not trusted; the message has the way out
     */
    public void connect(String endpointUrl, SessionOptions options) {
        open(serverMembers(endpointUrl, options, false));
    }

    public CompletableFuture<Void> connectAsync(String endpointUrl, SessionOptions options) {
        return openAsync(serverMembers(endpointUrl, options, false));
    }

    /** Opens a session of its own, whatever is open. */
    public void connectForceNew(String endpointUrl, SessionOptions options) {
        open(serverMembers(endpointUrl, options, true));
    }

    public CompletableFuture<Void> connectForceNewAsync(String endpointUrl, SessionOptions options) {
        return openAsync(serverMembers(endpointUrl, options, true));
    }

    /** Opens, or finds, a session of a server that the daemon's configuration names: {@code plc1}. */
    public void connectNamed(String connection) {
        open(Map.of("connection", Json.of(connection)));
    }

    public CompletableFuture<Void> connectNamedAsync(String connection) {
        return openAsync(Map.of("connection", Json.of(connection)));
    }

    private static Map<String, JsonValue> serverMembers(String endpointUrl, SessionOptions options, boolean forceNew) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("endpointUrl", Json.of(endpointUrl));
        members.put("config", Json.of(options.config()));
        members.put("forceNew", Json.of(forceNew));
        return members;
    }

    private void open(Map<String, JsonValue> members) {
        ClientSession opened = ClientSession.open(daemon, members);
        use(opened).ifPresent(ClientSession::closeQuietly);
    }

    private CompletableFuture<Void> openAsync(Map<String, JsonValue> members) {
        return ClientSession.openAsync(daemon, members)
                .thenCompose(opened ->
                        use(opened).map(ClientSession::closeQuietlyAsync).orElseGet(ManagedClient::done));
    }

    /** The session that there was, to be given up, unless the new one is the same. */
    private Optional<ClientSession> use(ClientSession opened) {
        ClientSession before = session.get();
        return before != null && before.takeOver(opened) ? Optional.empty() : replace(opened);
    }

    private Optional<ClientSession> replace(@Nullable ClientSession by) {
        return Optional.ofNullable(session.getAndSet(by));
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    /** Whether {@code connect} found a session that was open. */
    public boolean wasSessionReused() {
        return session().current().reused();
    }

    /** The id of the session at the daemon; it changes when the session has to be opened again. */
    public String sessionId() {
        return session().current().sessionId();
    }

    /** Gives the session up; the daemon ends it with its last user. Without one, nothing happens. */
    public void disconnect() {
        replace(null).ifPresent(ClientSession::close);
    }

    public CompletableFuture<Void> disconnectAsync() {
        return replace(null).map(ClientSession::closeAsync).orElseGet(ManagedClient::done);
    }

    /** Whether there is a session and it is connected to the server. */
    public boolean isConnected() {
        return getConnectionState() == ConnectionState.CONNECTED;
    }

    public CompletableFuture<Boolean> isConnectedAsync() {
        return getConnectionStateAsync().thenApply(state -> state == ConnectionState.CONNECTED);
    }

    /** How the session stands with the server; {@code DISCONNECTED} without one, and if the daemon does not know it. */
    public ConnectionState getConnectionState() {
        if (session.get() == null) {
            return ConnectionState.DISCONNECTED;
        }
        try {
            return Queries.connectionState(query(Queries.CONNECTION_STATE));
        } catch (RequestFailedException.SessionNotFound e) {
            return ConnectionState.DISCONNECTED;
        }
    }

    public CompletableFuture<ConnectionState> getConnectionStateAsync() {
        if (session.get() == null) {
            return CompletableFuture.completedFuture(ConnectionState.DISCONNECTED);
        }
        return queryAsync(Queries.CONNECTION_STATE).handle((state, failure) -> {
            if (failure == null) {
                return Queries.connectionState(state);
            } else if (ClientSession.unwrapped(failure) instanceof RequestFailedException.SessionNotFound) {
                return ConnectionState.DISCONNECTED;
            }
            throw new CompletionException(ClientSession.unwrapped(failure));
        });
    }

    // Servers, without a session

    /** The endpoints of a server: which security it offers, and for whom. Needs no session. */
    public List<EndpointDescription> getEndpoints(String url) {
        return ofServer(url, Queries.getEndpoints(url, true));
    }

    public CompletableFuture<List<EndpointDescription>> getEndpointsAsync(String url) {
        return ofServerAsync(url, Queries.getEndpoints(url, true));
    }

    /** The applications that a server, or a discovery server, tells of (Part 4, 5.5.2). Needs no session. */
    public List<ApplicationDescription> findServers(String url) {
        return ofServer(url, Queries.findServers(url));
    }

    public CompletableFuture<List<ApplicationDescription>> findServersAsync(String url) {
        return ofServerAsync(url, Queries.findServers(url));
    }

    /** With a session, on it: the reference's daemon takes no other. */
    private <T> T ofServer(String url, Query<T> query) {
        return session.get() == null ? calls.withoutSession(url, query) : query(query);
    }

    private <T> CompletableFuture<T> ofServerAsync(String url, Query<T> query) {
        return session.get() == null ? calls.withoutSessionAsync(url, query) : queryAsync(query);
    }

    // Methods

    /**
     * Begins to say what shall be watched: {@code monitor().item("ns=2;s=Speed").listen(listener)}, or {@code open()} to ask for
     * one event after the other.
     */
    public Monitor monitor() {
        return new Monitor(this);
    }

    @Override
    public <T> T query(Query<T> query) {
        return calls.send(query, session()).result();
    }

    @Override
    public <T> CompletableFuture<T> queryAsync(Query<T> query) {
        return calls.sendAsync(query, session());
    }

    @Override
    public InputStream fileInput(NodeReference file, long position) {
        return FileInput.open(calls, session(), file, position);
    }

    @Override
    public OutputStream fileOutput(NodeReference file, OpenFileMode... modes) {
        return FileOutput.open(calls, session(), file, modes);
    }

    ClientSession session() {
        ClientSession on = session.get();
        if (on == null) {
            throw new IllegalStateException("No session: call connect first");
        }
        return on;
    }

    /** A subscription that ends with this client. */
    void keep(Subscription subscription) {
        subscriptions.add(subscription);
    }

    void forget(Subscription subscription) {
        subscriptions.remove(subscription);
    }

    /** Ends this client's subscriptions and connections; the session stays with the daemon. May be called twice. */
    @Override
    public void close() {
        subscriptions.forEach(Subscription::close);
        daemon.close();
    }

    /** Where the daemon is, and how to talk to it. Not thread-safe. */
    public static final class Builder {
        private final DaemonEnvironment environment;
        private @Nullable IpcEndpoint socket;
        private @Nullable String token;
        private ClientOptions options = ClientOptions.DEFAULTS;
        private boolean startsDaemon;

        Builder(Map<String, String> environment) {
            this.environment = new DaemonEnvironment(environment);
        }

        /** {@code /path/of.sock}, {@code unix:///path/of.sock} or {@code tcp://127.0.0.1:9990}. */
        public Builder socket(String uri) {
            return socket(IpcEndpoint.parse(uri));
        }

        public Builder socket(IpcEndpoint endpoint) {
            socket = endpoint;
            return this;
        }

        /** What the daemon was told to ask for. */
        public Builder token(String value) {
            token = value;
            return this;
        }

        /** The token is what this file has, without the white space around it. It is read by this call. */
        public Builder tokenFile(Path file) {
            token = DaemonEnvironment.read(file);
            return this;
        }

        /** Bound on reaching the daemon; 5 s unless given. */
        public Builder connectTimeout(Duration value) {
            options = options.withConnectTimeout(value);
            return this;
        }

        /** Which protocol to speak; what the daemon speaks unless given. */
        public Builder protocol(ProtocolVersion value) {
            options = options.withProtocol(value);
            return this;
        }

        /** How long a call waits for a daemon that is being restarted; 5 s unless given. */
        public Builder reconnectFor(Duration value) {
            options = options.withReconnectFor(value);
            return this;
        }

        /** Completes the futures of asynchronous calls; the common pool unless given ({@link ClientOptions}). */
        public Builder callbacks(Executor value) {
            options = options.withCallbacks(value);
            return this;
        }

        /** Bound on one call; 30 s unless given. */
        public Builder requestTimeout(Duration value) {
            options = options.withRequestTimeout(value);
            return this;
        }

        /** Bound on the memory that one answer may take; 256 MiB unless given. */
        public Builder maxAnswerBytes(int value) {
            options = options.withMaxAnswerBytes(value);
            return this;
        }

        /** Starts a daemon where none is listening: {@link DaemonClient#autoStart}. */
        public Builder autoStart() {
            startsDaemon = true;
            return this;
        }

        /**
         * Connects to the daemon.
         *
         * @throws DaemonNotRunningException if none listens there
         */
        public ManagedClient build() {
            ClientOptions all = options.withToken(token == null ? environment.token() : token);
            IpcEndpoint endpoint = socket == null ? environment.socket() : socket;
            return new ManagedClient(
                    startsDaemon ? DaemonClient.autoStart(endpoint, all) : DaemonClient.connect(endpoint, all));
        }
    }
}
