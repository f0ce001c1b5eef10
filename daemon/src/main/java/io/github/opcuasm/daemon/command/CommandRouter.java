package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.cache.MetadataCache;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.Incident;
import io.github.opcuasm.daemon.ipc.RequestHandler;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.AttributeService;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonBody;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Takes each request through the protocol's order of checks (section 2) to the command that answers it, and turns whatever
 * becomes of it into a response. Runs on the connection's event loop and never blocks.
 */
public final class CommandRouter implements RequestHandler {
    private static final Logger LOG = LoggerFactory.getLogger(CommandRouter.class);

    /** The reference's client waits 30 s; a protocol-1 request is answered before that. */
    private static final Duration PROTOCOL_1_BOUND = Duration.ofSeconds(25);

    private static final Marker NOTICE = MarkerFactory.getMarker("NOTICE");
    private static final long LONG_FOR_PHP = 1 << 20;
    private static final int MAX_TIMEOUT_MS = 86_400_000;

    private final Authentication authentication;
    private final HandleRegistry handles;
    private final SessionCommands sessions;
    private final MethodTable methods;
    private final Hello hello;
    private final Ticker ticker;
    private final Duration requestTimeout;

    /**
     * A router over the services of this version.
     *
     * @param files does what reads and writes files; may refuse
     */
    public static CommandRouter create(
            DaemonConfig config,
            HandleRegistry handles,
            MetadataCache cache,
            Executor files,
            Ticker ticker,
            InstantSource clock,
            String version) {
        CachedAnswers answers = new CachedAnswers(cache);
        MethodTable methods = new MethodTable(List.of(
                new AttributeMethods(new AttributeService(ticker), answers)::addTo,
                new ViewMethods(new ViewService(), answers)::addTo,
                HandleMethods::addTo,
                new CacheMethods(answers)::addTo,
                new TrustMethods(files)::addTo));
        return new CommandRouter(config, handles, methods, ticker, clock, version);
    }

    private CommandRouter(
            DaemonConfig config,
            HandleRegistry handles,
            MethodTable methods,
            Ticker ticker,
            InstantSource clock,
            String version) {
        this.authentication = new Authentication(config.authToken(), config.allowAnonymousPing());
        this.handles = handles;
        this.sessions = new SessionCommands(handles, clock);
        this.methods = methods;
        this.hello = new Hello(config, version);
        this.ticker = ticker;
        this.requestTimeout = config.requestTimeout();
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        try {
            route(request, exchange);
        } catch (RuntimeException e) {
            exchange.respond(failure(exchange, e, false));
        }
    }

    private void route(Request request, Exchange exchange) {
        Authentication.Rights rights = authentication.check(request, exchange.peer());
        String command = request.get("command") instanceof JsonValue.Str name ? name.value() : "";
        switch (command) {
            case "ping" -> {
                bound(request, Duration.ZERO);
                exchange.respond(sessions.ping(rights == Authentication.Rights.ALL));
            }
            case "hello" -> {
                bound(request, Duration.ZERO);
                exchange.respond(hello.answer(request, exchange.peer()));
            }
            case "list" -> {
                bound(request, Duration.ZERO);
                exchange.respond(sessions.list());
            }
            case "open" -> open(request, exchange);
            case "close" -> close(request, exchange);
            case "query" -> query(request, exchange);
            default -> throw new CommandException(ErrorType.UNKNOWN_COMMAND, "Unknown command: " + cut(command));
        }
    }

    private void open(Request request, Exchange exchange) {
        JsonValue url = request.get("endpointUrl");
        EndpointUrl endpoint = EndpointUrl.parse(url instanceof JsonValue.Str text ? text.value() : "");
        SessionConfig config = SessionConfig.parse(request.get("config"));
        boolean forceNew = SessionCommands.flag(request, "forceNew");
        Duration bound = bound(request, config.opcuaTimeout());
        refuseIfOverloaded(exchange);
        CompletableFuture<HandleRegistry.Opened> opening = handles.open(endpoint, config, forceNew);
        bounded(bound, exchange, opening.thenApply(opened -> {
            if (exchange.isDone()) {
                handles.abandon(opened);
            }
            return sessions.opened(opened);
        }));
    }

    private void close(Request request, Exchange exchange) {
        SessionHandle handle = handles.use(SessionCommands.sessionId(request));
        boolean force = SessionCommands.flag(request, "force");
        Duration bound = bound(request, Duration.ZERO);
        bounded(bound, exchange, handles.close(handle, force).thenApply(done -> Response.success(JsonBody.NULL)));
    }

    private void query(Request request, Exchange exchange) {
        String name = request.get("method") instanceof JsonValue.Str text ? text.value() : "";
        MethodTable.Method method = methods.forQuery(name);
        if (method == null) {
            throw new CommandException(ErrorType.FORBIDDEN_METHOD, "Method not allowed: " + cut(name));
        }
        if (method.changesPlant()) {
            exchange.changesPlant();
        }
        SessionHandle handle;
        CompletableFuture<? extends @Nullable Object> result;
        try {
            handle = handles.use(SessionCommands.sessionId(request));
            refuseIfOverloaded(exchange);
            Duration bound = bound(request, handle.config().opcuaTimeout());
            CallContext context = new CallContext(
                    handle,
                    ticker,
                    exchange.receivedAt(),
                    exchange.receivedAt() + bound.toNanos(),
                    exchange.peer().connectionId());
            result = method.action().run(context, Params.of(request.get("params")));
            exchange.onAbandoned(context::abandon);
        } catch (RuntimeException e) {
            exchange.respond(failure(exchange, e, method.changesPlant()));
            return;
        }
        handles.begun(handle);
        result.whenComplete((value, failure) -> {
            handles.ended(handle);
            if (failure != null) {
                exchange.respond(failure(exchange, OpcUaErrors.unwrap(failure), method.changesPlant()));
            } else {
                Response response = new Response.Success(out -> ResultWriter.write(out, value), Weight.of(value));
                noticeIfLong(request, handle, response);
                exchange.respond(response);
            }
        });
    }

    /** The PHP client gives up on a line of more than 1 MiB. */
    private static void noticeIfLong(Request request, SessionHandle handle, Response response) {
        if (request.protocol() == 1
                && response instanceof Response.Success success
                && success.weight() > LONG_FOR_PHP
                && handle.firstLongAnswer()) {
            LOG.info(
                    NOTICE,
                    "An answer of session {} may be longer than the 1 MiB that the PHP client reads",
                    handle.id());
        }
    }

    /** Answers with {@code result}, or with a timeout if that takes longer than the request may. */
    private void bounded(Duration bound, Exchange exchange, CompletableFuture<Response> result) {
        if (result.isDone()) {
            result.whenComplete((response, failure) -> respond(exchange, response, failure));
            return;
        }
        long left = Math.max(0, exchange.receivedAt() + bound.toNanos() - ticker.read());
        Runnable cancelTimer = exchange.peer()
                .schedule(
                        () -> exchange.respond(
                                Response.failure(ErrorType.CONNECTION, "Timed out after " + bound.toMillis() + " ms")),
                        Duration.ofNanos(left));
        result.whenComplete((response, failure) -> {
            cancelTimer.run();
            respond(exchange, response, failure);
        });
    }

    private static void respond(Exchange exchange, @Nullable Response response, @Nullable Throwable failure) {
        if (response != null) {
            exchange.respond(response);
        } else if (failure != null) {
            exchange.respond(failure(exchange, OpcUaErrors.unwrap(failure), false));
        }
    }

    private Duration bound(Request request, Duration opcuaTimeout) {
        JsonValue timeoutMs = request.get("timeoutMs");
        if (timeoutMs != null) {
            return Duration.ofMillis(new Argument("timeoutMs", timeoutMs).whole(1, MAX_TIMEOUT_MS));
        }
        if (request.protocol() == 1) {
            return opcuaTimeout.compareTo(PROTOCOL_1_BOUND) > 0 ? opcuaTimeout : PROTOCOL_1_BOUND;
        }
        return requestTimeout;
    }

    private static void refuseIfOverloaded(Exchange exchange) {
        if (exchange.peer().isDaemonOverloaded()) {
            throw new CommandException(
                    ErrorType.OVERLOADED,
                    "Nothing was sent: too many answers wait for peers that do not read them; try again later");
        }
    }

    private static Response failure(Exchange exchange, Throwable cause, boolean changesPlant) {
        if (cause instanceof CommandException command) {
            return new Response.Failure(changesPlant ? notSentUnlessKnown(command) : command);
        }
        CommandException error = Incident.report(LOG, exchange.peer().connectionId(), cause);
        return new Response.Failure(changesPlant ? error.withOutcome(Outcome.UNKNOWN) : error);
    }

    /** Everything that fails after bytes may have left says so itself. */
    private static CommandException notSentUnlessKnown(CommandException e) {
        return e.outcome() == null ? e.withOutcome(Outcome.NOT_SENT) : e;
    }

    private static String cut(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }
}
