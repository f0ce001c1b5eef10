package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A client of the daemon, for programs that live milliseconds or months: blocking calls over one kept connection
 * (protocol 2), safe to share between threads; their requests are under way at the same time.
 *
 * <pre>{@code
 * try (var client = DaemonClient.connect(IpcEndpoint.parse("/tmp/opcua-session-manager.sock"), ClientOptions.DEFAULTS)) {
 *     OpenedSession session = client.open("opc.tcp://plc-1:4840", Map.of(), false);
 *     JsonValue value = client.read(session.sessionId(), "ns=2;s=Speed");
 * }
 * }</pre>
 *
 * <p>Closing the client leaves sessions open: that is what the daemon is for. A connection that the daemon closed while
 * it was idle is replaced by the next call. A call that only reads is repeated once, within its time, if the connection
 * is lost under it; a call that changes something never is: {@link ClientException#outcome()} tells what is known.
 */
public final class DaemonClient implements AutoCloseable {
    /** The daemon gives up first, by this much, so that its answer says what became of the request. */
    private static final Duration ANSWER_GRACE = Duration.ofSeconds(1);

    private static final Set<String> READING_METHODS = Set.of(
            "read",
            "readMulti",
            "browse",
            "browseAll",
            "browseRecursive",
            "translateBrowsePaths",
            "resolveNodeId",
            "historyReadRaw",
            "historyReadProcessed",
            "historyReadAtTime",
            "discoverDataTypes",
            "republish",
            "isConnected",
            "getConnectionState",
            "getEndpoints",
            "getTimeout",
            "getAutoRetry",
            "getBatchSize",
            "getDefaultBrowseMaxDepth",
            "getServerMaxNodesPerRead",
            "getServerMaxNodesPerWrite");

    private final IpcEndpoint endpoint;
    private final ClientOptions options;
    private final AtomicLong nextId = new AtomicLong(1);
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable KeptConnection connection;
    private boolean closed;

    private DaemonClient(IpcEndpoint endpoint, ClientOptions options) {
        this.endpoint = endpoint;
        this.options = options;
    }

    /**
     * Connects.
     *
     * @throws DaemonNotRunningException if nothing accepts there within the connect timeout
     */
    public static DaemonClient connect(IpcEndpoint endpoint, ClientOptions options) {
        var client = new DaemonClient(endpoint, options);
        client.connection();
        return client;
    }

    public IpcEndpoint endpoint() {
        return endpoint;
    }

    /** {@code {"status":"ok","sessions":N,"time":seconds}}. */
    public JsonValue.Obj ping() {
        return Answers.object(command("ping", Map.of(), true), "what ping answers");
    }

    /** The open sessions, as the daemon lists them: {@code id}, {@code endpointUrl}, {@code lastUsed}, {@code config}, {@code state}, {@code holders}, {@code connection}. */
    public List<JsonValue.Obj> list() {
        JsonValue.Obj data = Answers.object(command("list", Map.of(), true), "what list answers");
        List<JsonValue.Obj> sessions = new ArrayList<>();
        for (JsonValue session :
                Answers.array(member(data, "sessions"), "the sessions").elements()) {
            sessions.add(Answers.object(session, "a session"));
        }
        return List.copyOf(sessions);
    }

    /**
     * Opens a session, or finds one that is open with the same endpoint and config.
     *
     * @param config the protocol's {@code config}: values as {@link Json#of} takes them
     * @param forceNew open one of its own whatever is there
     */
    public OpenedSession open(String endpointUrl, Map<String, ?> config, boolean forceNew) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("endpointUrl", Json.of(endpointUrl));
        members.put("config", Json.of(config));
        return open(members, forceNew);
    }

    /**
     * Opens a server that the daemon's configuration names, or finds a session of it that is open.
     *
     * @param name of the connection
     * @param forceNew open one of its own whatever is there
     */
    public OpenedSession openConnection(String name, boolean forceNew) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("connection", Json.of(name));
        return open(members, forceNew);
    }

    private OpenedSession open(Map<String, JsonValue> members, boolean forceNew) {
        members.put("forceNew", Json.of(forceNew));
        JsonValue.Obj data = Answers.object(command("open", members, false), "what open answers");
        boolean reused = data.get("reused") instanceof JsonValue.Bool flag && flag.value();
        if (member(data, "sessionId") instanceof JsonValue.Str id) {
            return new OpenedSession(id.value(), reused);
        }
        throw new ConnectionLostException("open: got no sessionId", Outcome.UNKNOWN, null);
    }

    /**
     * Ends this caller's use of a session; the last one's ends the session.
     *
     * @param force end it for all
     */
    public void close(String sessionId, boolean force) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("sessionId", Json.of(sessionId));
        if (force) {
            members.put("force", Json.of(true));
        }
        JsonValue unused = command("close", members, false);
    }

    /**
     * Calls a method of the protocol's section 5.
     *
     * @param params positional, as {@link Json#of} takes them
     */
    public JsonValue query(String sessionId, String method, @Nullable Object... params) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("sessionId", Json.of(sessionId));
        members.put("method", Json.of(method));
        members.put("params", Json.of(params));
        return command("query", members, READING_METHODS.contains(method));
    }

    /**
     * Asks a server for its endpoints; needs no session, so it works whatever security the server demands.
     *
     * @return EndpointDescriptions (protocol, section 5)
     */
    public JsonValue endpoints(String url) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("endpointUrl", Json.of(url));
        members.put("method", Json.of("getEndpoints"));
        members.put("params", Json.of(List.of(url)));
        return command("query", members, true);
    }

    /** As {@link #endpoints}, of a server that the daemon's configuration names. */
    public JsonValue endpointsOf(String connection) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("connection", Json.of(connection));
        members.put("method", Json.of("getEndpoints"));
        members.put("params", Json.of(List.of()));
        return command("query", members, true);
    }

    /** Reads the value of a node, whose id is in text form ({@code ns=2;s=Speed}). */
    public JsonValue.Obj read(String sessionId, String nodeId) {
        return Answers.object(query(sessionId, "read", nodeId), "a DataValue");
    }

    /** Reads the values of several nodes in one service call, in their order. */
    public List<JsonValue.Obj> readMulti(String sessionId, List<String> nodeIds) {
        return readMulti(sessionId, nodeIds, 13);
    }

    /** Reads one attribute of several nodes: 1 to 27; 13 = Value (Part 6, A.1). */
    public List<JsonValue.Obj> readMulti(String sessionId, List<String> nodeIds, int attributeId) {
        List<Map<String, Object>> items = new ArrayList<>();
        nodeIds.forEach(nodeId -> items.add(Map.of("nodeId", nodeId, "attributeId", attributeId)));
        List<JsonValue.Obj> values = new ArrayList<>();
        for (JsonValue value : Answers.array(query(sessionId, "readMulti", items), "DataValues")
                .elements()) {
            values.add(Answers.object(value, "a DataValue"));
        }
        return List.copyOf(values);
    }

    /**
     * Writes a value; never sent twice.
     *
     * @param value plain JSON in the protocol's value shapes, as {@link Json#of} takes it
     * @param type the BuiltinType's number (1 to 25); null lets the daemon ask the server
     * @return the server's status code, unsigned 32 bit
     */
    public long write(String sessionId, String nodeId, @Nullable Object value, @Nullable Integer type) {
        return Answers.whole(query(sessionId, "write", nodeId, value, type), "a status code");
    }

    /**
     * Begins a stream of what changes. It gets a connection of its own, which ends with it: a reader that is slow, or stops,
     * holds up nobody else.
     *
     * @return when the subscription stands; which items there are, {@link NotificationStream#items} says
     */
    public NotificationStream subscribe(StreamRequest stream) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This client was closed");
            }
        } finally {
            lock.unlock();
        }
        long now = System.nanoTime();
        long end = now + options.requestTimeout().plus(ANSWER_GRACE).toNanos();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        stream.addTo(members);
        ByteBuffer frame = frame(nextId.getAndIncrement(), "subscribe", members, end);
        return NotificationStream.open(
                endpoint, frame, now + options.connectTimeout().toNanos(), end, options.maxAnswerBytes());
    }

    /**
     * Sends one of the commands that administer the daemon: {@code trust}, {@code certificate}, {@code explain}. Never
     * repeated.
     *
     * @param members what the command takes, as {@link Json#of} takes it; null members are left out
     * @return the command's {@code data}
     */
    public JsonValue administer(String command, Map<String, ? extends @Nullable Object> members) {
        Map<String, JsonValue> request = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            if (value != null) {
                request.put(name, Json.of(value));
            }
        });
        return command(command, request, false);
    }

    private static JsonValue member(JsonValue.Obj object, String name) {
        JsonValue value = object.get(name);
        return value == null ? JsonValue.Null.INSTANCE : value;
    }

    /**
     * Sends one request and waits for its answer: what the other calls are made of, for commands that this class has no
     * method for.
     *
     * @param members what the command takes besides {@code id}, {@code authToken} and {@code timeoutMs}
     * @param repeatable that it changes nothing: sent once more, within its time, if the connection is lost under it
     * @return the answer's {@code data}
     */
    public JsonValue command(String command, Map<String, JsonValue> members, boolean repeatable) {
        long end =
                System.nanoTime() + options.requestTimeout().plus(ANSWER_GRACE).toNanos();
        try {
            return Answers.data(attempt(command, members, end));
        } catch (ConnectionLostException e) {
            if (repeatable || e.outcome().filter(Outcome.NOT_SENT::equals).isPresent()) {
                return Answers.data(attempt(command, members, end));
            }
            throw e;
        }
    }

    private JsonValue.Obj attempt(String command, Map<String, JsonValue> members, long end) {
        long id = nextId.getAndIncrement();
        return connection().exchange(id, frame(id, command, members, end), end);
    }

    private ByteBuffer frame(long id, String command, Map<String, JsonValue> members, long end) {
        Map<String, JsonValue> request = new LinkedHashMap<>();
        request.put("id", Json.of(id));
        request.put("command", Json.of(command));
        if (options.token() != null) {
            request.put("authToken", Json.of(options.token()));
        }
        request.putAll(members);
        long millis = (end - System.nanoTime()) / 1_000_000 - ANSWER_GRACE.toMillis();
        request.put("timeoutMs", Json.of(Math.max(1, millis)));
        return RequestWriter.frame(new JsonValue.Obj(request));
    }

    private KeptConnection connection() {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("This client was closed");
            }
            KeptConnection current = connection;
            if (current == null || !current.isUsable()) {
                current = KeptConnection.connect(endpoint, options.connectTimeout(), options.maxAnswerBytes());
                connection = current;
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the connection, not the sessions, and not the streams. Calls under way fail. May be called twice. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (connection != null) {
                connection.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
