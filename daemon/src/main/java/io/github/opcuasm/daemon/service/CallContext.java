package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.datatype.TypeRegistries;
import io.github.opcuasm.daemon.datatype.TypeRegistry;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.ServiceCall;
import io.github.opcuasm.daemon.opcua.ServiceCalls;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.ReaderConnection;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * One query on its way through the services: whose it is, and how long it may take. The first service call counts from the
 * arrival of the frame, each later one from its own beginning, and none goes on beyond the deadline of the whole query.
 * Used by one thread at a time, but for {@link #abandon}.
 */
public final class CallContext implements ServiceCalls {
    /** How long an answer is waited for that nobody takes any more, but that may bring something to give back. */
    private static final Duration LATE = Duration.ofSeconds(30);

    private final SessionHandle handle;
    private final TypeRegistries registries;
    private final Ticker ticker;
    private final long connectionId;
    private final long receivedAt;
    private final long deadline;
    private final Caller caller;
    private SessionState.@Nullable Active active;
    private @Nullable ServerInfo serverInfo;
    private long callFrom;
    private boolean called;
    private volatile boolean abandoned;
    private volatile @Nullable CompletableFuture<?> current;
    private volatile @Nullable Runnable onAbandoned;
    private volatile @Nullable String auditEntryId;
    /** Requests that change the plant, handed to the session or about to be. */
    private final AtomicInteger changes = new AtomicInteger();

    private volatile @Nullable CompletableFuture<?> lastChange;
    private @Nullable ReaderConnection connection;
    private boolean inBytes;

    /**
     * @param registries what is known of the servers' types
     * @param receivedAt when the frame was complete, the ticker's nanoseconds
     * @param deadline of the whole query, the ticker's nanoseconds
     * @param connectionId the connection whose turn it takes in the session's queue
     * @param caller on whose behalf
     */
    CallContext(
            SessionHandle handle,
            TypeRegistries registries,
            Ticker ticker,
            long receivedAt,
            long deadline,
            long connectionId,
            Caller caller) {
        this.handle = handle;
        this.caller = caller;
        this.registries = registries;
        this.ticker = ticker;
        this.receivedAt = receivedAt;
        this.callFrom = receivedAt;
        this.deadline = deadline;
        this.connectionId = connectionId;
    }

    /** The handle that the query came on. */
    public SessionHandle handle() {
        return handle;
    }

    @Override
    public OpcUaSession session() {
        return handle.session();
    }

    public SessionConfig config() {
        return handle.config();
    }

    /** It came on a connection that is kept. Before anything is done with it. */
    public void keptOn(ReaderConnection kept) {
        connection = kept;
    }

    /** Its caller reads and writes files as bytes, not as text: protocol 2. Before anything is done with it. */
    public void takesBytes() {
        inBytes = true;
    }

    /** Whether the content of files travels as bytes; else as text (protocol, section 6). */
    public boolean isInBytes() {
        return inBytes;
    }

    /** The kept connection that it came on; null if that ends with the answer. */
    @Nullable
    ReaderConnection connection() {
        return connection;
    }

    /** On whose behalf. */
    public Caller caller() {
        return caller;
    }

    /** Where may be connected to for it, beside its session's server. */
    public AddressFilter addresses() {
        return caller.addresses();
    }

    /** The session's namespaces, as they are now. */
    public NamespaceTable namespaces() {
        return session().serverInfo().namespaces();
    }

    /** All of them, by index: those of the activation that the request is bound to, else as they are now. */
    public List<String> namespaceUris() {
        return uris(server());
    }

    /** The namespaces of a handle's session, by index, as they are now. */
    public static List<String> namespaceUris(SessionHandle handle) {
        return uris(handle.session().serverInfo());
    }

    private static List<String> uris(ServerInfo server) {
        return Arrays.stream(server.namespaces().toArray())
                .map(uri -> uri == null ? "" : uri)
                .toList();
    }

    /** Whether the session's namespaces, as they are now, have that of the node. */
    public boolean knows(NodeReference node) {
        return !(node instanceof NamespacedNodeId named) || namespaces().getIndex(named.namespaceUri()) != null;
    }

    /**
     * The node by the index of its namespace, as it is now.
     *
     * @throws CommandException {@code InvalidNodeIdException} if the server has no such namespace
     */
    public NodeId local(NodeReference node) {
        return TypeMapper.toWire(TypeMapper.toMilo(node, namespaces()));
    }

    /** What is known of the server's types, as it is now. */
    public TypeRegistry types() {
        return registries.of(session());
    }

    /**
     * Finds out about the structures in values that the server sent, as far as it can be done in time; what cannot goes out
     * without its fields. Values without structures, and with known ones, are prepared at once.
     *
     * @return what to map these values with ({@code TypeMapper.toWire})
     */
    public CompletableFuture<ServerTypes> prepared(List<@Nullable DataValue> values) {
        return types().prepare(this, values);
    }

    /** As {@link #prepared}. */
    public CompletableFuture<ServerTypes> preparedVariants(List<@Nullable Variant> values) {
        return types().prepare(this, values);
    }

    /**
     * Encodes the structures that a value of a request gives by their fields; to be done before {@code TypeMapper.toMilo}
     * and before anything is sent. At once if there are none, or if their types are known.
     *
     * @param name of the value in messages
     * @return fails with {@code WriteTypeMismatchException} if the fields do not fit the type, or not the body beside them
     */
    public CompletableFuture<io.github.opcuasm.protocol.type.Variant> encoded(
            io.github.opcuasm.protocol.type.Variant value, String name) {
        return types().encode(this, value, null, name);
    }

    /**
     * As {@link #encoded(io.github.opcuasm.protocol.type.Variant, String)}, for what is declared with a data type: then
     * the fields need no type id, and numbers of enumerations are checked.
     */
    public CompletableFuture<io.github.opcuasm.protocol.type.Variant> encoded(
            io.github.opcuasm.protocol.type.Variant value, NodeId dataType, String name) {
        TypeRegistry types = types();
        return types.typeOf(this, dataType).thenCompose(declared -> types.encode(this, value, declared, name));
    }

    @Override
    public Duration patience() {
        long left = Math.min(config().opcuaTimeout().toNanos(), deadline - ticker.read());
        return Duration.ofNanos(Math.max(0, left));
    }

    /** When the next service call must have been answered. */
    public long nextDeadline() {
        if (called) {
            callFrom = ticker.read();
        }
        called = true;
        long callDeadline = callFrom + config().opcuaTimeout().toNanos();
        return callDeadline - deadline < 0 ? callDeadline : deadline;
    }

    /** It had to wait for others before its first service call, which counts from now. */
    void waitedForOthers() {
        called = true;
    }

    /** When a query ends that waits for something to happen: after {@code wait}, but within its own deadline. */
    public long deadlineAfter(Duration wait) {
        long end = receivedAt + wait.toNanos();
        return end - deadline < 0 ? end : deadline;
    }

    @Override
    public <T extends UaResponseMessageType> CompletableFuture<T> read(
            Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
        return submit(
                new ServiceCall<>(responseType, message, null, nextDeadline(), connectionId, config().autoRetry()));
    }

    @Override
    public <T extends UaResponseMessageType> CompletableFuture<T> once(
            Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
        return submit(new ServiceCall<>(responseType, message, null, nextDeadline(), connectionId, 0));
    }

    /**
     * Takes the session's present activation, and the namespaces of this moment, once. A request that changes the plant
     * does so on arrival: it must not outlast an interruption, whatever has to be found out, judged or recorded before it
     * can be sent, and what its node ids meant when they were judged is what they mean when they are sent.
     */
    public void bindActivation() {
        if (serverInfo == null) {
            // The state first: an activation shows only after its namespaces.
            active = session().state() instanceof SessionState.Active present ? present : null;
            serverInfo = session().serverInfo();
        }
    }

    /**
     * The activation that the request is bound to; the present one, if it was bound to none yet.
     *
     * @throws CommandException with outcome {@code not_sent} if the session was not active: {@code ConnectionException}, or
     *     what the server refuses to restore it with
     */
    public SessionState.Active requireActive() {
        bindActivation();
        SessionState.Active bound = active;
        if (bound != null) {
            return bound;
        }
        throw session().notActive();
    }

    /** What it changes stands in the audit log under this id, which goes to the server with each change. */
    public void auditedAs(String entryId) {
        auditEntryId = entryId;
    }

    /** What the server told of itself on the activation that the request is bound to; as it is now if it is bound to none. */
    ServerInfo server() {
        ServerInfo bound = serverInfo;
        return bound == null ? session().serverInfo() : bound;
    }

    /** How long the whole query still has; at least zero. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, deadline - ticker.read()));
    }

    /** Sends a request on this activation or not at all: never repeated, never late. */
    public <T extends UaResponseMessageType> CompletableFuture<T> change(
            SessionState.Active onlyOn, Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
        refuseIfAbandoned();
        // Said before it is sent: who asks after abandon() sees this, or submit sees that it is not wanted any more.
        changes.incrementAndGet();
        CompletableFuture<T> answer =
                submit(new ServiceCall<>(responseType, message, onlyOn, nextDeadline(), connectionId, 0)
                        .audited(auditEntryId));
        lastChange = answer;
        return answer;
    }

    /**
     * As {@link #change}, for what brings something that has to be given back if nobody takes it. It goes out before its
     * deadline or not at all, and waits for the answer some time longer than its caller does, who is told at the deadline
     * as of any other request.
     *
     * @param late takes an answer that came after the returned future had failed; on the session's event loop
     */
    public <T extends UaResponseMessageType> CompletableFuture<T> changeThatGives(
            SessionState.Active onlyOn,
            Class<T> responseType,
            Function<RequestHeader, UaRequestMessageType> message,
            Consumer<T> late) {
        refuseIfAbandoned();
        changes.incrementAndGet();
        long callDeadline = nextDeadline();
        AtomicBoolean timedOut = new AtomicBoolean();
        CompletableFuture<T> awaited = new CompletableFuture<>();
        CompletableFuture<T> answer = submit(new ServiceCall<>(
                        responseType,
                        header -> message.apply(within(header, callDeadline)),
                        onlyOn,
                        callDeadline + LATE.toNanos(),
                        connectionId,
                        0)
                .audited(auditEntryId));
        answer.whenComplete((response, failure) -> {
            if (failure == null) {
                if (!awaited.complete(response)) {
                    late.accept(response);
                }
            } else {
                awaited.completeExceptionally(
                        timedOut.get()
                                ? timeout(
                                        "it was waiting for its turn at "
                                                + session().server(),
                                        Outcome.NOT_SENT)
                                : failure);
            }
        });
        // After that: what the timer drops is told as not sent.
        Runnable cancelTimer = session()
                .schedule(
                        () -> {
                            timedOut.set(true);
                            session().cancel(answer);
                            awaited.completeExceptionally(
                                    timeout("no answer from " + session().server(), Outcome.UNKNOWN));
                        },
                        Duration.ofNanos(Math.max(0, callDeadline - ticker.read())));
        awaited.whenComplete((response, failure) -> cancelTimer.run());
        lastChange = awaited;
        return awaited;
    }

    /**
     * The header of a request that is about to be sent, with the time that its caller has.
     *
     * @throws CommandException with outcome {@code not_sent} if that is over
     */
    private RequestHeader within(RequestHeader header, long callDeadline) {
        long leftNanos = callDeadline - ticker.read();
        if (leftNanos <= 0) {
            throw timeout("the deadline had passed before the request could be sent", Outcome.NOT_SENT);
        }
        return new RequestHeader(
                header.getAuthenticationToken(),
                header.getTimestamp(),
                header.getRequestHandle(),
                header.getReturnDiagnostics(),
                header.getAuditEntryId(),
                uint(Math.min(
                        Math.max(1, leftNanos / 1_000_000),
                        header.getTimeoutHint().longValue())),
                header.getAdditionalHeader());
    }

    private static CommandException timeout(String where, Outcome outcome) {
        return new CommandException(
                ErrorType.CONNECTION, "Timed out: " + where, StatusCodes.Bad_Timeout, outcome, null);
    }

    /** The peer is gone: what was not sent yet is dropped, and nothing more is sent. From any thread. */
    public void abandon() {
        abandoned = true;
        CompletableFuture<?> waiting = current;
        if (waiting != null) {
            session().cancel(waiting);
        }
        Runnable action = onAbandoned;
        if (action != null) {
            action.run();
        }
    }

    /**
     * As {@link #abandon}, for a peer that stays and wants to know: {@code not_sent} if nothing that changes the plant has
     * left the daemon, nor will; {@code unknown} otherwise. Completes at once or from the session's event loop, never
     * exceptionally.
     */
    public CompletableFuture<Outcome> withdraw() {
        abandon();
        try {
            // Behind the dropping of what waits, which takes place there too.
            return CompletableFuture.supplyAsync(this::outcome, session().executor());
        } catch (RejectedExecutionException ended) {
            return CompletableFuture.completedFuture(outcome());
        }
    }

    private Outcome outcome() {
        int begun = changes.get();
        CompletableFuture<?> last = lastChange;
        boolean dropped = begun == 1 && last != null && last.isCompletedExceptionally() && wasNotSent(last);
        return begun == 0 || dropped ? Outcome.NOT_SENT : Outcome.UNKNOWN;
    }

    private static boolean wasNotSent(CompletableFuture<?> failed) {
        return failed.handle((value, failure) ->
                        failure instanceof CommandException error && error.outcome() == Outcome.NOT_SENT)
                .join();
    }

    /** Whether the peer is gone. */
    public boolean isAbandoned() {
        return abandoned;
    }

    /** Runs {@code action}, which may run twice, when the peer goes away; at once if that has happened. */
    public void onAbandoned(Runnable action) {
        onAbandoned = action;
        if (abandoned) {
            action.run();
        }
    }

    private <T extends UaResponseMessageType> CompletableFuture<T> submit(ServiceCall<T> call) {
        refuseIfAbandoned();
        CompletableFuture<T> answer = session().submit(call);
        current = answer;
        if (abandoned) {
            session().cancel(answer);
        }
        return answer;
    }

    private void refuseIfAbandoned() {
        if (abandoned) {
            throw new CommandException(ErrorType.CANCELLED, "Cancelled before it was sent");
        }
    }
}
