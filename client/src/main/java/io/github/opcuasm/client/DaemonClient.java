package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A client of the daemon, for programs that live milliseconds or months: blocking calls over one kept connection
 * (protocol 2) and asynchronous ones, safe to share between threads; their requests are under way at the same time.
 *
 * <pre>{@code
 * try (var client = DaemonClient.connect(IpcEndpoint.parse("/tmp/opcua-session-manager.sock"), ClientOptions.DEFAULTS)) {
 *     OpenedSession session = client.open("opc.tcp://plc-1:4840", Map.of(), false);
 *     JsonValue value = client.read(session.sessionId(), "ns=2;s=Speed");
 * }
 * }</pre>
 *
 * <p>Closing the client leaves sessions open: that is what the daemon is for. A connection that the daemon closed while
 * it was idle is replaced by the next call, which waits for a daemon that is away for the moment ({@link
 * ClientOptions#reconnectFor}). A call that only reads is repeated once, within its time, if the connection is lost under
 * it; a call that changes something never is, once any of it may have been sent: {@link ClientException#outcome()} tells
 * what is known.
 *
 * <p>It talks to daemons of protocol 1 too, as the reference's is: {@link ProtocolVersion}.
 */
public final class DaemonClient implements AutoCloseable {
    private final IpcEndpoint endpoint;
    private final ClientOptions options;
    private final DaemonCalls calls;

    private DaemonClient(IpcEndpoint endpoint, ClientOptions options) {
        this.endpoint = endpoint;
        this.options = options;
        this.calls = new DaemonCalls(endpoint, options);
    }

    /**
     * Connects. Says nothing yet: which protocol the daemon speaks shows with the first call ({@link ProtocolVersion}).
     *
     * @throws DaemonNotRunningException if nothing accepts there within the connect timeout
     */
    public static DaemonClient connect(IpcEndpoint endpoint, ClientOptions options) {
        var client = new DaemonClient(endpoint, options);
        client.calls.connections().open();
        return client;
    }

    /**
     * Connects to the daemon on this machine, and starts one before if there is none: {@link AutoStart} with all that it
     * has by default.
     */
    public static DaemonClient autoStart(IpcEndpoint endpoint, ClientOptions options) {
        return AutoStart.at(endpoint).connect(options);
    }

    /** Where the daemon is. */
    public IpcEndpoint endpoint() {
        return endpoint;
    }

    /** {@code {"status":"ok","sessions":N,"time":seconds}}. */
    public JsonValue.Obj ping() {
        return Answers.object(command("ping", Map.of(), true), "what ping answers");
    }

    /**
     * Who the daemon is and what it can do.
     *
     * @throws RequestFailedException with {@code unknown_command} from a daemon that speaks protocol 1 only
     */
    public DaemonHello hello() {
        return DaemonHello.of(command("hello", Map.of(), true));
    }

    /** The daemon's counters and latencies, and those of the sessions that the caller may see (protocol, {@code stats}). */
    public JsonValue.Obj stats() {
        return Answers.object(command("stats", Map.of(), true), "what stats answers");
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
        return open(Target.server(endpointUrl, config), forceNew);
    }

    /**
     * Opens a server that the daemon's configuration names, or finds a session of it that is open.
     *
     * @param name of the connection
     * @param forceNew open one of its own whatever is there
     */
    public OpenedSession openConnection(String name, boolean forceNew) {
        return open(Target.connection(name), forceNew);
    }

    /** As the two before, of a server given in either way. */
    public OpenedSession open(ServerTarget server, boolean forceNew) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        server.addTo(members);
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
     * Calls a method of the protocol's section 5, or 6 where the daemon speaks protocol 2, on a session.
     *
     * @param params positional, as {@link Json#of} takes them
     */
    public JsonValue query(String sessionId, String method, @Nullable Object... params) {
        return query(Target.session(sessionId), method, params);
    }

    /**
     * Calls a method of the protocol's section 5.
     *
     * @param params positional, as {@link Json#of} takes them
     */
    public JsonValue query(Target target, String method, @Nullable Object... params) {
        return command("query", method(target, method, "params", params), isReading(method));
    }

    /** The asynchronous twin of {@link #query(Target, String, Object...)}; what {@link #commandAsync} says goes for it. */
    public CompletableFuture<JsonValue> queryAsync(Target target, String method, @Nullable Object... params) {
        return commandAsync("query", method(target, method, "params", params), isReading(method));
    }

    /**
     * Calls a method of the protocol's section 6, whose values carry their types.
     *
     * @param args positional, as {@link Json#of} takes them
     * @return the typed value; null where the method gives nothing
     */
    public JsonValue invoke(Target target, String method, @Nullable Object... args) {
        JsonValue data = command("invoke", method(target, method, "args", args), isReading(method));
        return member(Answers.object(data, "what invoke answers"), "data");
    }

    private static Map<String, JsonValue> method(
            Target target, String method, String argumentsName, @Nullable Object[] arguments) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        target.addTo(members);
        members.put("method", Json.of(method));
        members.put(argumentsName, Json.of(arguments));
        return members;
    }

    /**
     * Whether a method of {@code query} or {@code invoke} is known to change nothing, neither on the server nor in the daemon, so
     * that {@link #command} may send it twice. False of every method that this client does not know.
     */
    public static boolean isReading(String method) {
        return ReadingMethods.contain(method);
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
        if (calls.connections().isClosed()) {
            throw new IllegalStateException("This client was closed");
        }
        if (calls.connections().spoken() == ProtocolVersion.ONE) {
            throw noStreams(null);
        }
        long end = calls.end();
        long connectEnd = Deadline.in(options.connectTimeout());
        Map<String, JsonValue> members = new LinkedHashMap<>();
        stream.addTo(members);
        ByteBuffer frame = calls.frame("subscribe", members, end);
        try {
            return NotificationStream.open(endpoint, frame, connectEnd, end, options.maxAnswerBytes());
        } catch (RequestFailedException e) {
            throw e.type().equals(ErrorType.UNKNOWN_COMMAND.wireName()) ? noStreams(e) : e;
        }
    }

    private UnsupportedDaemonException noStreams(@Nullable RequestFailedException why) {
        return new UnsupportedDaemonException(
                "The daemon on " + endpoint + " has no streams, which need protocol 2:"
                        + " create a subscription and call publish, or use a daemon that has them",
                why);
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
     * @param repeatable that it changes nothing: sent once more, within its time, if the connection is lost under it; {@link
     *     #isReading} knows it of methods
     * @throws ClientException if it has no result; interrupted, the thread stays so, and the daemon is told that nobody
     *     waits any more
     * @return the answer's {@code data}
     */
    public JsonValue command(String command, Map<String, JsonValue> members, boolean repeatable) {
        return command(command, members, repeatable, end());
    }

    /** When a call that begins now must have ended, in {@link System#nanoTime()}'s nanoseconds. */
    long end() {
        return calls.end();
    }

    /** Which protocol the daemon speaks; AUTO where that is open: before the first answer, and after a restart. */
    ProtocolVersion spoken() {
        return calls.connections().spoken();
    }

    /** One of several requests that share the time of one call: {@link #end}, asked for once. */
    JsonValue command(String command, Map<String, JsonValue> members, boolean repeatable, long end) {
        return calls.call(command, members, repeatable, end);
    }

    /**
     * The asynchronous twin of {@link #command}: returns when the request is written. Any number may be under way; when
     * the daemon takes no more for the moment, or when 32 are under way of those that have a connection each (in protocol
     * 1 all, else requests of more than 64 KiB), this waits.
     *
     * <p>The future ends with the answer's {@code data} or with a {@link ClientException}, an {@link
     * AnswerTimeoutException} after the request timeout among them. {@link ClientOptions#callbacks} ends it, and runs what
     * hangs on it, in the common pool by default: a callback may wait and may call, and delays no answer but those whose
     * futures wait for the same threads. Whoever ends it first, by {@code cancel} or {@code orTimeout}, gives the request
     * up, and the daemon is told ({@code cancel}): what of a change can still be stopped is, what cannot may have
     * happened. Cancelling a future that was derived from this one gives up nothing.
     *
     * <p>The first asynchronous call of a connection starts a daemon thread, which reads answers while no blocking call
     * does and ends after 5 s without work.
     *
     * @param members what the command takes besides {@code id}, {@code authToken} and {@code timeoutMs}
     * @param repeatable as in {@link #command}
     */
    public CompletableFuture<JsonValue> commandAsync(
            String command, Map<String, JsonValue> members, boolean repeatable) {
        return commandAsync(command, members, repeatable, end());
    }

    /** The asynchronous twin of {@link #command(String, Map, boolean, long)}. */
    CompletableFuture<JsonValue> commandAsync(
            String command, Map<String, JsonValue> members, boolean repeatable, long end) {
        return calls.callAsync(command, members, repeatable, end);
    }

    /** Where the futures of asynchronous calls end. */
    Executor callbacks() {
        Executor given = options.callbacks();
        return given == null ? new CompletableFuture<Void>().defaultExecutor() : given;
    }

    /** Closes the connection, not the sessions, and not the streams. Calls under way fail. May be called twice. */
    @Override
    public void close() {
        calls.close();
    }
}
