package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.audit.AuditEvent;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.IpcPeer;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.ReaderConnection;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultWriter;
import io.github.opcuasm.protocol.json.WireWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * {@code query} and {@code invoke}: the same methods in two notations, plain JSON and typed values (protocol, sections 5
 * and 6). They differ in what is checked first, in how parameters are read and results written; deadlines, outcomes and
 * what happens when the peer goes are one code.
 */
final class MethodCalls {
    private static final Logger LOG = LoggerFactory.getLogger(MethodCalls.class);
    private static final Marker NOTICE = MarkerFactory.getMarker("NOTICE");
    private static final String PUBLISH = "publish";
    private static final long LONG_FOR_PHP = 1 << 20;
    private static final int MAX_SHOWN_NAME = 100;

    private final HandleRegistry handles;
    private final Openings openings;
    private final MethodTable methods;
    private final Admission admission;
    private final CallContexts contexts;
    private final Authorization authorization;
    private final AuditedCommands audit;
    private final Ticker ticker;

    /** Writes a method's result; may hand over as every step of an answer may. */
    @FunctionalInterface
    private interface Notation {
        void write(JsonOutput out, @Nullable Object result) throws IOException;
    }

    MethodCalls(
            HandleRegistry handles,
            Openings openings,
            MethodTable methods,
            Admission admission,
            CallContexts contexts,
            Authorization authorization,
            AuditedCommands audit,
            Ticker ticker) {
        this.openings = openings;
        this.ticker = ticker;
        this.audit = audit;
        this.authorization = authorization;
        this.handles = handles;
        this.methods = methods;
        this.admission = admission;
        this.contexts = contexts;
    }

    /** Plain parameters, plain result. The method is checked before the session. */
    void query(Request request, Exchange exchange, Principal principal) {
        String name = request.get("method") instanceof JsonValue.Str text ? text.value() : "";
        MethodTable.Method method = methods.forQuery(name, request.protocol());
        if (method == null) {
            throw new CommandException(ErrorType.FORBIDDEN_METHOD, "Method not allowed: " + cut(name));
        }
        run(new Call(
                request, exchange, principal, method, () -> Params.of(request.get("params")), ResultWriter::write));
    }

    /** Typed parameters, typed result. The session is checked before the method. */
    void invoke(Request request, Exchange exchange, Principal principal) {
        String name = invokedMethod(request.get("method"));
        MethodTable.Method method = methods.forInvoke(name);
        List<JsonValue> args = invokedArgs(request.get("args"), method);
        if (method == null) {
            authorization.command(principal, "invoke", Authorization.USE);
            if (!Openings.namesServer(request)) {
                handles.use(SessionCommands.sessionId(request), principal);
            }
            throw new CommandException(ErrorType.UNKNOWN_METHOD, "Unknown method: " + cut(name));
        }
        run(new Call(request, exchange, principal, method, () -> Params.typed(args), MethodCalls::writeTyped));
    }

    private static String invokedMethod(@Nullable JsonValue method) {
        if (method instanceof JsonValue.Str text && !text.value().isEmpty()) {
            return text.value();
        }
        throw CommandException.invalidArgument("invoke: method", excerpt(method), "a non-empty string");
    }

    private static List<JsonValue> invokedArgs(@Nullable JsonValue args, MethodTable.@Nullable Method method) {
        if (args == null) {
            return List.of();
        }
        List<JsonValue> elements = args.asArray();
        if (elements == null) {
            CommandException error =
                    CommandException.invalidArgument("invoke: args", excerpt(args), "an array of typed values");
            throw method != null && method.changesPlant() ? error.withOutcome(Outcome.NOT_SENT) : error;
        }
        return elements;
    }

    /** One request, and how it is read and answered. */
    private record Call(
            Request request,
            Exchange exchange,
            Principal principal,
            MethodTable.Method method,
            Supplier<Params> params,
            Notation notation) {}

    private void run(Call call) {
        if (call.method().changesPlant()) {
            call.exchange().changesPlant();
        }
        if (call.method().answeredOnce()) {
            call.exchange().answeredOnlyOnce();
        }
        try {
            boolean opens = Openings.namesServer(call.request());
            authorization.method(call.principal(), call.method(), opens);
            if (opens) {
                openAndCarryOut(call);
            } else {
                carryOut(call, handles.use(SessionCommands.sessionId(call.request()), call.principal()));
            }
        } catch (RuntimeException e) {
            refuse(call, null, null, e);
        }
    }

    /**
     * On a session that is opened or reused for it, and left open. The deadline counts from the request's arrival: what
     * opening takes is missing afterwards.
     */
    private void openAndCarryOut(Call call) {
        Exchange exchange = call.exchange();
        if (call.request().get("sessionId") != null) {
            throw CommandException.invalidArgument(
                    "sessionId", "a session beside a server", "either of them: a session has its own server");
        }
        Openings.Server server =
                openings.server(call.request(), call.principal(), call.method().name());
        Duration bound = admission.bound(call.request(), server.config().opcuaTimeout());
        admission.refuseIfOverloaded(exchange);
        CompletableFuture<HandleRegistry.Opened> opening = openings.open(server, false, call.principal(), bound);
        opening.whenComplete((opened, failure) -> {
            if (opened == null || !opened.reused()) {
                audit.note(
                        AuditEvent.OPEN,
                        call.request(),
                        exchange,
                        call.principal(),
                        opened == null ? null : opened.sessionId(),
                        server.endpoint().text(),
                        server.connection(),
                        failure);
            }
        });
        if (opening.isDone()) {
            opening.whenComplete((opened, failure) -> carryOutOpened(call, opened, failure));
            return;
        }
        long left = Math.max(0, exchange.receivedAt() + bound.toNanos() - ticker.read());
        Runnable cancelTimer =
                exchange.peer().schedule(() -> opening.completeExceptionally(tooLate(bound)), Duration.ofNanos(left));
        exchange.onAbandoned(() -> opening.completeExceptionally(
                new CommandException(ErrorType.CANCELLED, "Given up while the session was being opened")));
        opening.whenComplete((opened, failure) -> {
            try {
                Runnable unused = exchange.peer()
                        .schedule(
                                () -> {
                                    cancelTimer.run();
                                    carryOutOpened(call, opened, failure);
                                },
                                Duration.ZERO);
            } catch (RejectedExecutionException e) {
                refuse(call, null, null, new CommandException(ErrorType.SHUTTING_DOWN, "The daemon is shutting down"));
            }
        });
    }

    private void carryOutOpened(Call call, HandleRegistry.@Nullable Opened opened, @Nullable Throwable failure) {
        if (opened == null) {
            refuse(call, null, null, OpcUaErrors.unwrap(Objects.requireNonNull(failure)));
        } else if (call.exchange().isDone()) {
            handles.abandon(opened);
        } else {
            try {
                carryOut(call, handles.use(opened.sessionId(), call.principal()));
            } catch (RuntimeException e) {
                refuse(call, null, null, e);
            }
        }
    }

    private void carryOut(Call call, SessionHandle handle) {
        Request request = call.request();
        Exchange exchange = call.exchange();
        Principal principal = call.principal();
        MethodTable.Method method = call.method();
        Params given = null;
        CompletableFuture<? extends @Nullable Object> result;
        try {
            if (handle.isPublishedByDaemon() && method.name().equals(PUBLISH)) {
                throw new CommandException(
                        ErrorType.AUTO_PUBLISH_ACTIVE,
                        "The daemon publishes for this session by its configuration, into sinks and to listeners;"
                                + " open a session of your own (forceNew) to read messages by publish");
            }
            admission.refuseIfOverloaded(exchange);
            Duration bound = admission.bound(request, handle.config().opcuaTimeout());
            CallContext context = contexts.of(
                    handle,
                    exchange.receivedAt(),
                    exchange.receivedAt() + bound.toNanos(),
                    exchange.peer().connectionId(),
                    principal);
            if (request.protocol() > 1) {
                context.takesBytes();
                context.keptOn(new KeptConnection(exchange.peer()));
            }
            given = call.params().get();
            if (method.changesPlant()) {
                context.bindActivation();
            }
            authorization.onServer(principal, method, context, given);
            if (method.changesPlant()) {
                context.requireActive();
            }
            result = audit.run(method, given, context, exchange, principal, bound);
            exchange.onAbandoned(context::abandon);
            if (method.changesPlant()) {
                exchange.withdrawnBy(context::withdraw);
            }
        } catch (RuntimeException e) {
            refuse(call, handle, given, e);
            return;
        }
        handles.begun(handle);
        result.whenComplete((value, failure) -> {
            handles.ended(handle);
            if (failure != null) {
                exchange.respond(FailureAnswers.to(exchange, OpcUaErrors.unwrap(failure), method.changesPlant()));
                return;
            }
            Response.Success response;
            try {
                // Looks into lazy lists: what a server sent is mapped here for the first time.
                response = new Response.Success(out -> call.notation().write(out, value), Weight.of(value));
            } catch (RuntimeException | Error defect) {
                exchange.respond(FailureAnswers.to(exchange, defect, method.changesPlant()));
                return;
            }
            noticeIfLong(request, handle, response);
            exchange.respond(response);
        });
    }

    /** A connection that goes on after this answer. */
    private record KeptConnection(IpcPeer peer) implements ReaderConnection {
        @Override
        public long id() {
            return peer.connectionId();
        }

        @Override
        public void onEnd(Runnable action) {
            peer.onEnd(action);
        }
    }

    /** @param handle null if there was none yet */
    private void refuse(Call call, @Nullable SessionHandle handle, @Nullable Params given, Throwable reason) {
        if (!call.exchange().isDone()) {
            audit.refused(call.method(), call.request(), handle, given, call.exchange(), call.principal(), reason);
            call.exchange()
                    .respond(FailureAnswers.to(
                            call.exchange(), reason, call.method().changesPlant()));
        }
    }

    private static CommandException tooLate(Duration bound) {
        return new CommandException(
                ErrorType.CONNECTION,
                "Timed out after " + bound.toMillis() + " ms, while the session was being opened");
    }

    /** The data of an answer to {@code invoke}: {@code {"data":…}}. */
    static void writeTyped(JsonOutput out, @Nullable Object result) throws IOException {
        out.startObject();
        out.name("data");
        out.body(o -> WireWriter.write(o, result));
        out.then(out::endObject);
    }

    /** The PHP client gives up on a line of more than 1 MiB. */
    private static void noticeIfLong(Request request, SessionHandle handle, Response.Success response) {
        if (request.protocol() == 1 && response.weight() > LONG_FOR_PHP && handle.firstLongAnswer()) {
            LOG.info(
                    NOTICE,
                    "An answer of session {} may be longer than the 1 MiB that the PHP client reads",
                    handle.id());
        }
    }

    private static String excerpt(@Nullable JsonValue value) {
        return value == null ? "nothing" : value.excerpt();
    }

    /** A name that came, not longer than a message should show it. */
    static String cut(String text) {
        return text.length() > MAX_SHOWN_NAME ? text.substring(0, MAX_SHOWN_NAME) + "…" : text;
    }
}
