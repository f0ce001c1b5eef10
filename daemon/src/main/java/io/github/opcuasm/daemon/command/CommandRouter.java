package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.cache.MetadataCache;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.RequestHandler;
import io.github.opcuasm.daemon.opcua.EndpointDiscovery;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.AttributeService;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.service.DiscoveryService;
import io.github.opcuasm.daemon.service.GatheredPages;
import io.github.opcuasm.daemon.service.HistoryService;
import io.github.opcuasm.daemon.service.MethodService;
import io.github.opcuasm.daemon.service.MonitoredItemService;
import io.github.opcuasm.daemon.service.ServerInfoService;
import io.github.opcuasm.daemon.service.SubscriptionService;
import io.github.opcuasm.daemon.service.TypeService;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
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

/**
 * Takes each request through the protocol's order of checks (section 2) to the command that answers it, and turns whatever
 * becomes of it into a response. Runs on the connection's event loop and never blocks.
 */
public final class CommandRouter implements RequestHandler {
    /** Answers that are gathered from many pages may take this part of the heap, all together. */
    private static final int HEAP_SHARE = 4;

    private final Authentication authentication;
    private final HandleRegistry handles;
    private final SessionCommands sessions;
    private final MethodCalls calls;
    private final DiscoveryService discovery;
    private final Describe describe;
    private final Hello hello;
    private final Ticker ticker;
    private final Admission admission;

    /**
     * A router over the services of this version.
     *
     * @param files does what reads and writes files; may refuse
     */
    public static CommandRouter create(
            DaemonConfig config,
            HandleRegistry handles,
            EndpointDiscovery endpoints,
            MetadataCache cache,
            Executor files,
            Ticker ticker,
            InstantSource clock,
            String version) {
        DiscoveryService discovery = new DiscoveryService(endpoints);
        MethodTable methods = methods(discovery, cache, files, ticker);
        return new CommandRouter(config, handles, methods, discovery, ticker, clock, version);
    }

    static MethodTable methods(DiscoveryService discovery, MetadataCache cache, Executor files, Ticker ticker) {
        SubscriptionRegistry subscriptions = new SubscriptionRegistry(ticker);
        CachedAnswers answers = new CachedAnswers(cache);
        TypeService types = new TypeService();
        AttributeService attributes = new AttributeService(ticker);
        GatheredPages gathered = new GatheredPages(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        return new MethodTable(List.of(
                new AttributeMethods(attributes, answers)::addTo,
                new ViewMethods(new ViewService(ticker, gathered), answers)::addTo,
                new DiscoveryMethods(discovery, answers)::addTo,
                new CallMethods(new MethodService())::addTo,
                new HistoryMethods(new HistoryService(ticker, gathered))::addTo,
                new ServerInfoMethods(new ServerInfoService(attributes))::addTo,
                new SubscriptionMethods(new SubscriptionService(subscriptions))::addTo,
                new MonitoredItemMethods(new MonitoredItemService(subscriptions))::addTo,
                new TypeMethods(types)::addTo,
                HandleMethods::addTo,
                new CacheMethods(answers, attributes, types)::addTo,
                new TrustMethods(files)::addTo));
    }

    private CommandRouter(
            DaemonConfig config,
            HandleRegistry handles,
            MethodTable methods,
            DiscoveryService discovery,
            Ticker ticker,
            InstantSource clock,
            String version) {
        this.authentication = new Authentication(config.authToken(), config.allowAnonymousPing());
        this.handles = handles;
        this.discovery = discovery;
        this.sessions = new SessionCommands(handles, clock);
        this.hello = new Hello(config, version);
        this.ticker = ticker;
        this.admission = new Admission(config.requestTimeout());
        this.calls = new MethodCalls(handles, methods, admission, new CallContexts(ticker));
        this.describe = new Describe(methods.invocable());
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        try {
            route(request, exchange);
        } catch (RuntimeException e) {
            exchange.respond(FailureAnswers.to(exchange, e, false));
        }
    }

    private void route(Request request, Exchange exchange) {
        Authentication.Rights rights = authentication.check(request, exchange.peer());
        String command = request.get("command") instanceof JsonValue.Str name ? name.value() : "";
        switch (command) {
            case "ping" -> {
                admission.bound(request, Duration.ZERO);
                exchange.respond(sessions.ping(rights == Authentication.Rights.ALL));
            }
            case "hello" -> {
                admission.bound(request, Duration.ZERO);
                exchange.respond(hello.answer(request, exchange.peer()));
            }
            case "list" -> {
                admission.bound(request, Duration.ZERO);
                exchange.respond(sessions.list());
            }
            case "open" -> open(request, exchange);
            case "close" -> close(request, exchange);
            case "query" -> query(request, exchange);
            case "invoke" -> calls.invoke(request, exchange);
            case "describe" -> describe(request, exchange);
            default ->
                throw new CommandException(ErrorType.UNKNOWN_COMMAND, "Unknown command: " + MethodCalls.cut(command));
        }
    }

    private void open(Request request, Exchange exchange) {
        JsonValue url = request.get("endpointUrl");
        EndpointUrl endpoint = EndpointUrl.parse(url instanceof JsonValue.Str text ? text.value() : "");
        SessionConfig config = SessionConfig.parse(request.get("config"));
        boolean forceNew = SessionCommands.flag(request, "forceNew");
        Duration bound = admission.bound(request, config.opcuaTimeout());
        admission.refuseIfOverloaded(exchange);
        CompletableFuture<HandleRegistry.Opened> opening = handles.open(endpoint, config, forceNew, Caller.anyone());
        bounded(bound, exchange, opening.thenApply(opened -> {
            if (exchange.isDone()) {
                handles.abandon(opened);
            }
            return sessions.opened(opened);
        }));
    }

    private void close(Request request, Exchange exchange) {
        SessionHandle handle = handles.use(SessionCommands.sessionId(request), Caller.anyone());
        boolean force = SessionCommands.flag(request, "force");
        Duration bound = admission.bound(request, Duration.ZERO);
        bounded(bound, exchange, handles.close(handle, force).thenApply(done -> Response.success(JsonBody.NULL)));
    }

    private void query(Request request, Exchange exchange) {
        boolean asksForEndpoints = request.get("method") instanceof JsonValue.Str method
                && method.value().equals("getEndpoints")
                && request.get("sessionId") == null
                && request.get("endpointUrl") != null;
        if (asksForEndpoints) {
            endpoints(request, exchange);
        } else {
            calls.query(request, exchange);
        }
    }

    /** A server that refuses a session without security still tells what it offers: this question needs none. */
    private void endpoints(Request request, Exchange exchange) {
        String url = new Argument("endpointUrl", request.get("endpointUrl")).text();
        Duration opcuaTimeout = SessionConfig.parse(request.get("config")).opcuaTimeout();
        Duration bound = admission.bound(request, opcuaTimeout);
        admission.refuseIfOverloaded(exchange);
        long deadline = exchange.receivedAt() + Math.min(bound.toNanos(), opcuaTimeout.toNanos());
        bounded(
                bound,
                exchange,
                discovery
                        .getEndpoints(url, deadline, Caller.anyone().addresses())
                        .thenApply(found ->
                                new Response.Success(out -> ResultWriter.write(out, found), Weight.of(found))));
    }

    private void describe(Request request, Exchange exchange) {
        handles.use(SessionCommands.sessionId(request), Caller.anyone());
        admission.bound(request, Duration.ZERO);
        exchange.respond(describe.answer());
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
            exchange.respond(FailureAnswers.to(exchange, OpcUaErrors.unwrap(failure), false));
        }
    }
}
