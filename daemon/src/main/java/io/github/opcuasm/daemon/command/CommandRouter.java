package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.access.AccessControl;
import io.github.opcuasm.daemon.access.FailedAttempts;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.audit.AuditEvent;
import io.github.opcuasm.daemon.audit.AuditLog;
import io.github.opcuasm.daemon.cache.MetadataCache;
import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.certificate.OwnCertificate;
import io.github.opcuasm.daemon.certificate.ServerTrust;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.IpcCounters;
import io.github.opcuasm.daemon.ipc.RequestHandler;
import io.github.opcuasm.daemon.opcua.EndpointDiscovery;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.AggregateService;
import io.github.opcuasm.daemon.service.AttributeService;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.service.DiscoveryService;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.FileService;
import io.github.opcuasm.daemon.service.GatheredPages;
import io.github.opcuasm.daemon.service.HistoryService;
import io.github.opcuasm.daemon.service.HistoryUpdateService;
import io.github.opcuasm.daemon.service.MethodService;
import io.github.opcuasm.daemon.service.MonitoredItemService;
import io.github.opcuasm.daemon.service.NodeManagementService;
import io.github.opcuasm.daemon.service.ServerInfoService;
import io.github.opcuasm.daemon.service.StreamService;
import io.github.opcuasm.daemon.service.SubscriptionService;
import io.github.opcuasm.daemon.service.TypeService;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.NamedConnections;
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

    /** Of the connections, at most this part may wait for the answer to a wrong token. */
    private static final int DELAYED_SHARE = 8;

    private final Authentication authentication;
    private final Authorization authorization;
    private final Explain explain;
    private final AdminCommands admin;
    private final HandleRegistry handles;
    private final Openings openings;
    private final SessionCommands sessions;
    private final MethodCalls calls;
    private final StreamCommands streams;
    private final DiscoveryMethods discovery;
    private final Describe describe;
    private final Hello hello;
    private final Stats stats;
    private final Ticker ticker;
    private final Admission admission;
    private final AuditedCommands audit;

    /** What there is of certificates: whose are trusted, our own, and where callers may name some. */
    public record Certificates(ServerTrust servers, OwnCertificate own, AllowedDirectories allowed) {}

    /**
     * A router over the services of this version.
     *
     * @param files does what reads and writes files; may refuse
     * @param counters of the listeners that requests come from
     */
    public static CommandRouter create(
            DaemonConfig config,
            HandleRegistry handles,
            SubscriptionRegistry subscriptions,
            CallContexts contexts,
            NamedConnections connections,
            EndpointDiscovery endpoints,
            AccessControl access,
            Certificates certificates,
            MetadataCache cache,
            Executor files,
            AuditLog audit,
            IpcCounters counters,
            Ticker ticker,
            InstantSource clock,
            String version) {
        DiscoveryService discovery = new DiscoveryService(endpoints);
        CachedAnswers answers = new CachedAnswers(cache);
        GatheredPages gathered = new GatheredPages(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        ViewService views = new ViewService(ticker, gathered);
        DiscoveryMethods discoveryMethods = new DiscoveryMethods(discovery, answers);
        MethodTable methods =
                methods(subscriptions, discovery, answers, gathered, views, certificates.allowed(), files, ticker);
        return new CommandRouter(
                config,
                handles,
                contexts,
                connections,
                access,
                certificates,
                methods,
                discoveryMethods,
                subscriptions,
                new EventTypeNames(views, answers.eventTypes()),
                new AuditedCommands(audit),
                counters,
                ticker,
                clock,
                version);
    }

    static MethodTable methods(
            SubscriptionRegistry subscriptions,
            DiscoveryService discovery,
            CachedAnswers answers,
            GatheredPages gathered,
            ViewService views,
            AllowedDirectories allowed,
            Executor files,
            Ticker ticker) {
        TypeService types = new TypeService();
        AttributeService attributes = new AttributeService(ticker);
        FileService fileService = new FileService(views, attributes, gathered, ticker);
        HistoryService history = new HistoryService(ticker, gathered);
        EventTypeNames eventTypes = new EventTypeNames(views, answers.eventTypes());
        CacheMethods caches = new CacheMethods(answers, attributes, types, fileService);
        return new MethodTable(List.of(
                new AttributeMethods(attributes, answers)::addTo,
                new ViewMethods(views, answers)::addTo,
                new DiscoveryMethods(discovery, answers)::addTo,
                new CallMethods(new MethodService())::addTo,
                new HistoryMethods(history, eventTypes)::addTo,
                new HistoryUpdateMethods(new HistoryUpdateService(attributes), eventTypes)::addTo,
                new AggregateMethods(new AggregateService(history, attributes, views, answers.aggregates(), gathered))
                        ::addTo,
                new NodeManagementMethods(new NodeManagementService(), caches::forgetNodes)::addTo,
                new FileMethods(fileService, caches::forgetNodes)::addTo,
                new ServerInfoMethods(new ServerInfoService(attributes))::addTo,
                new SubscriptionMethods(new SubscriptionService(subscriptions))::addTo,
                new MonitoredItemMethods(new MonitoredItemService(subscriptions), eventTypes)::addTo,
                new TypeMethods(types)::addTo,
                HandleMethods::addTo,
                caches::addTo,
                new TrustMethods(allowed, files)::addTo));
    }

    private CommandRouter(
            DaemonConfig config,
            HandleRegistry handles,
            CallContexts contexts,
            NamedConnections connections,
            AccessControl access,
            Certificates certificates,
            MethodTable methods,
            DiscoveryMethods discovery,
            SubscriptionRegistry subscriptions,
            EventTypeNames types,
            AuditedCommands audit,
            IpcCounters counters,
            Ticker ticker,
            InstantSource clock,
            String version) {
        this.audit = audit;
        this.authentication = new Authentication(
                access,
                config.allowAnonymousPing(),
                new FailedAttempts(ticker, Math.max(1, config.maxConnections() / DELAYED_SHARE)));
        this.authorization = new Authorization(access);
        this.openings = new Openings(handles, connections, access, authorization);
        this.admin = new AdminCommands(certificates.servers(), certificates.own());
        this.handles = handles;
        this.discovery = discovery;
        this.sessions = new SessionCommands(handles, subscriptions, clock);
        this.hello = new Hello(config, version);
        this.stats = new Stats(handles, subscriptions, counters, authorization, version);
        this.ticker = ticker;
        this.admission = new Admission(config.requestTimeout());
        this.calls = new MethodCalls(handles, openings, methods, admission, contexts, authorization, audit, ticker);
        this.streams = new StreamCommands(
                handles,
                openings,
                new StreamService(subscriptions, contexts, ticker),
                types,
                admission,
                contexts,
                authentication,
                authorization,
                audit,
                ticker);
        this.explain = new Explain(access, handles, methods, authorization, openings);
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
        Principal principal = authentication.principal(request, exchange.peer());
        if (principal != null) {
            try {
                route(request, exchange, principal);
            } catch (RuntimeException e) {
                audit.refused(request, exchange, principal, e);
                throw e;
            }
        } else if (authentication.isProbe(request, exchange.peer())) {
            admission.bound(request, Duration.ZERO);
            exchange.respond(sessions.ping(null));
        } else {
            audit.unknown(request, exchange);
            authentication.refuse(request, exchange);
        }
    }

    private void route(Request request, Exchange exchange, Principal principal) {
        String command = request.get("command") instanceof JsonValue.Str name ? name.value() : "";
        switch (command) {
            case "ping" -> {
                admission.bound(request, Duration.ZERO);
                exchange.respond(sessions.ping(principal));
            }
            case "hello" -> {
                admission.bound(request, Duration.ZERO);
                Response answer = hello.answer(request, exchange.peer());
                authentication.keep(request, exchange.peer());
                exchange.respond(answer);
            }
            case "list" -> {
                authorization.command(principal, command, Authorization.ANY);
                bounded(admission.bound(request, Duration.ZERO), exchange, sessions.list(principal));
            }
            case "open" -> open(request, exchange, principal);
            case "close" -> close(request, exchange, principal);
            case "query" -> query(request, exchange, principal);
            case "invoke" -> calls.invoke(request, exchange, principal);
            case "subscribe" -> streams.subscribe(request, exchange, principal);
            case "unsubscribe" -> {
                authorization.command(principal, command, Authorization.ANY);
                streams.unsubscribe(request, exchange);
            }
            case "cancel" -> {
                admission.bound(request, Duration.ZERO);
                Cancel.answer(request, exchange);
            }
            case "stats" -> {
                authorization.command(principal, command, Authorization.ANY);
                bounded(admission.bound(request, Duration.ZERO), exchange, stats.answer(principal));
            }
            case "describe" -> describe(request, exchange, principal);
            case "trust", "certificate" -> {
                authorization.command(principal, command, Authorization.ADMIN);
                Duration bound = admission.bound(request, Duration.ZERO);
                bounded(
                        bound,
                        exchange,
                        command.equals("trust")
                                ? trust(request, exchange, principal, bound)
                                : admin.certificate(request));
            }
            case "explain" -> {
                admission.bound(request, Duration.ZERO);
                exchange.respond(explain.answer(request, principal));
            }
            default ->
                throw new CommandException(ErrorType.UNKNOWN_COMMAND, "Unknown command: " + MethodCalls.cut(command));
        }
    }

    private CompletableFuture<Response> trust(Request request, Exchange exchange, Principal principal, Duration bound) {
        return AdminCommands.changesTrust(request)
                ? audit.trust(request, exchange, principal, bound, () -> admin.trust(request))
                : admin.trust(request);
    }

    private void open(Request request, Exchange exchange, Principal principal) {
        authorization.connecting(principal, "open", null);
        authorization.chargeOpen(principal);
        Openings.Server server = openings.server(request, principal, "open");
        boolean forceNew = SessionCommands.flag(request, "forceNew");
        Duration bound = admission.bound(request, server.config().opcuaTimeout());
        admission.refuseIfOverloaded(exchange);
        CompletableFuture<HandleRegistry.Opened> opening = openings.open(server, forceNew, principal, bound);
        exchange.onAbandoned(() -> opening.completeExceptionally(
                new CommandException(ErrorType.CANCELLED, "Given up while the session was being opened")));
        opening.whenComplete((opened, failure) -> audit.note(
                AuditEvent.OPEN,
                request,
                exchange,
                principal,
                opened == null ? null : opened.sessionId(),
                server.endpoint().text(),
                server.connection(),
                failure));
        // Who went away, or cancelled at the last moment, will not close it.
        bounded(bound, exchange, opening.thenApply(sessions::opened), () -> opening.thenAccept(handles::abandon));
    }

    private void close(Request request, Exchange exchange, Principal principal) {
        authorization.command(principal, "close", Authorization.USE);
        if (SessionCommands.sessionId(request) == null) {
            throw new CommandException(
                    ErrorType.SESSION_NOT_FOUND,
                    "Session not found: close takes the sessionId of one, and neither connection nor endpointUrl; list shows"
                            + " the ids");
        }
        SessionHandle handle = handles.use(SessionCommands.sessionId(request), principal);
        authorization.closing(principal, handle);
        boolean force = SessionCommands.flag(request, "force");
        Duration bound = admission.bound(request, Duration.ZERO);
        CompletableFuture<?> closing = handles.close(handle, force);
        closing.whenComplete((done, failure) -> audit.note(
                AuditEvent.CLOSE,
                request,
                exchange,
                principal,
                handle.id(),
                handle.endpointUrl(),
                handle.connection(),
                failure));
        bounded(bound, exchange, closing.thenApply(done -> Response.success(JsonBody.NULL)));
    }

    private void query(Request request, Exchange exchange, Principal principal) {
        if (request.get("method") instanceof JsonValue.Str method
                && DiscoveryMethods.NAMES.contains(method.value())
                && request.get("sessionId") == null
                && Openings.namesServer(request)) {
            discover(request, exchange, principal, method.value());
        } else {
            calls.query(request, exchange, principal);
        }
    }

    /** A server that refuses a session without security still tells what it offers: these questions need none. */
    private void discover(Request request, Exchange exchange, Principal principal, String method) {
        authorization.connecting(principal, method, null);
        authorization.chargeOpen(principal);
        Openings.Server server = openings.server(request, principal, method);
        Duration opcuaTimeout = server.config().opcuaTimeout();
        Duration bound = admission.bound(request, opcuaTimeout);
        admission.refuseIfOverloaded(exchange);
        long deadline = exchange.receivedAt() + Math.min(bound.toNanos(), opcuaTimeout.toNanos());
        bounded(
                bound,
                exchange,
                discovery
                        .ask(method, server.endpoint().text(), deadline, principal.addresses())
                        .whenComplete((found, failure) -> audit.refused(request, exchange, principal, failure))
                        .thenApply(found ->
                                new Response.Success(out -> ResultWriter.write(out, found), Weight.of(found))));
    }

    private void describe(Request request, Exchange exchange, Principal principal) {
        authorization.command(principal, "describe", Authorization.ANY);
        handles.use(SessionCommands.sessionId(request), principal);
        admission.bound(request, Duration.ZERO);
        exchange.respond(describe.answer());
    }

    /** Answers with {@code result}, or with a timeout if that takes longer than the request may. */
    private void bounded(Duration bound, Exchange exchange, CompletableFuture<Response> result) {
        bounded(bound, exchange, result, () -> {});
    }

    /** @param unwanted what to do if there is a result, and nobody gets it */
    private void bounded(Duration bound, Exchange exchange, CompletableFuture<Response> result, Runnable unwanted) {
        if (result.isDone()) {
            result.whenComplete((response, failure) -> respond(exchange, response, failure, unwanted));
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
            respond(exchange, response, failure, unwanted);
        });
    }

    private static void respond(
            Exchange exchange, @Nullable Response response, @Nullable Throwable failure, Runnable unwanted) {
        if (response != null) {
            if (!exchange.respond(response)) {
                unwanted.run();
            }
        } else if (failure != null) {
            exchange.respond(FailureAnswers.to(exchange, OpcUaErrors.unwrap(failure), false));
        }
    }
}
