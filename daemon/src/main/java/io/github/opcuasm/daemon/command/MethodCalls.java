package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
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
import java.util.concurrent.CompletableFuture;
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
    private static final long LONG_FOR_PHP = 1 << 20;
    private static final int MAX_SHOWN_NAME = 100;

    private final HandleRegistry handles;
    private final MethodTable methods;
    private final Admission admission;
    private final CallContexts contexts;
    private final Authorization authorization;
    private final AuditedCommands audit;

    /** Writes a method's result; may hand over as every step of an answer may. */
    @FunctionalInterface
    private interface Notation {
        void write(JsonOutput out, @Nullable Object result) throws IOException;
    }

    MethodCalls(
            HandleRegistry handles,
            MethodTable methods,
            Admission admission,
            CallContexts contexts,
            Authorization authorization,
            AuditedCommands audit) {
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
        MethodTable.Method method = methods.forQuery(name);
        if (method == null) {
            throw new CommandException(ErrorType.FORBIDDEN_METHOD, "Method not allowed: " + cut(name));
        }
        run(request, exchange, principal, method, () -> Params.of(request.get("params")), ResultWriter::write);
    }

    /** Typed parameters, typed result. The session is checked before the method. */
    void invoke(Request request, Exchange exchange, Principal principal) {
        String name = invokedMethod(request.get("method"));
        MethodTable.Method method = methods.forInvoke(name);
        List<JsonValue> args = invokedArgs(request.get("args"), method);
        if (method == null) {
            authorization.command(principal, "invoke", Authorization.USE);
            handles.use(SessionCommands.sessionId(request), principal);
            throw new CommandException(ErrorType.UNKNOWN_METHOD, "Unknown method: " + cut(name));
        }
        run(request, exchange, principal, method, () -> Params.typed(args), MethodCalls::writeTyped);
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

    private void run(
            Request request,
            Exchange exchange,
            Principal principal,
            MethodTable.Method method,
            Supplier<Params> params,
            Notation notation) {
        if (method.changesPlant()) {
            exchange.changesPlant();
        }
        if (method.answeredOnce()) {
            exchange.answeredOnlyOnce();
        }
        SessionHandle handle;
        SessionHandle found = null;
        Params given = null;
        CompletableFuture<? extends @Nullable Object> result;
        try {
            authorization.method(principal, method);
            handle = handles.use(SessionCommands.sessionId(request), principal);
            found = handle;
            admission.refuseIfOverloaded(exchange);
            Duration bound = admission.bound(request, handle.config().opcuaTimeout());
            CallContext context = contexts.of(
                    handle,
                    exchange.receivedAt(),
                    exchange.receivedAt() + bound.toNanos(),
                    exchange.peer().connectionId(),
                    principal);
            given = params.get();
            if (method.changesPlant()) {
                context.bindActivation();
            }
            authorization.onServer(principal, method, context, given);
            if (method.changesPlant()) {
                context.requireActive();
            }
            result = audit.run(method, given, context, exchange, principal, bound);
            exchange.onAbandoned(context::abandon);
        } catch (RuntimeException e) {
            audit.refused(method, request, found, given, exchange, principal, e);
            exchange.respond(FailureAnswers.to(exchange, e, method.changesPlant()));
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
                response = new Response.Success(out -> notation.write(out, value), Weight.of(value));
            } catch (RuntimeException | Error defect) {
                exchange.respond(FailureAnswers.to(exchange, defect, method.changesPlant()));
                return;
            }
            noticeIfLong(request, handle, response);
            exchange.respond(response);
        });
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
