package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.audit.AuditEvent;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.MonitoredItem;
import io.github.opcuasm.daemon.service.StreamService;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.NotificationStream;
import io.github.opcuasm.daemon.subscription.StreamHub;
import io.github.opcuasm.daemon.subscription.SubscriptionParameters;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonBody;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code subscribe} and {@code unsubscribe} (protocol, section 7). A stream needs what reading needs; while it runs, that is
 * looked at again every few seconds, so that one ends whose token was removed or has expired. Its handle is in use for as
 * long as it runs.
 */
final class StreamCommands {
    private final HandleRegistry handles;
    private final Openings openings;
    private final StreamService streams;
    private final EventTypeNames types;
    private final Admission admission;
    private final CallContexts contexts;
    private final Authentication authentication;
    private final Authorization authorization;
    private final AuditedCommands audit;
    private final Ticker ticker;

    StreamCommands(
            HandleRegistry handles,
            Openings openings,
            StreamService streams,
            EventTypeNames types,
            Admission admission,
            CallContexts contexts,
            Authentication authentication,
            Authorization authorization,
            AuditedCommands audit,
            Ticker ticker) {
        this.handles = handles;
        this.openings = openings;
        this.streams = streams;
        this.types = types;
        this.admission = admission;
        this.contexts = contexts;
        this.authentication = authentication;
        this.authorization = authorization;
        this.audit = audit;
        this.ticker = ticker;
    }

    /** Ends a stream of the same connection; {@code null} when its last event is on its way. */
    void unsubscribe(Request request, Exchange exchange) {
        Duration unused = admission.bound(request, Duration.ZERO);
        JsonValue target = request.get("target");
        if (target == null) {
            throw CommandException.invalidArgument("target", "nothing", "the id that a subscribe was sent with");
        }
        if (!exchange.peer().endStream(JsonReader.requestId(target, "target"), null)) {
            throw CommandException.invalidArgument(
                    "target", target.excerpt(), "the id of a stream that runs on this connection");
        }
        exchange.respond(Response.success(JsonBody.NULL));
    }

    /** Begins a stream, on a session or on a server that is opened for it. */
    void subscribe(Request request, Exchange exchange, Principal principal) {
        boolean opens = Openings.namesServer(request);
        authorization.streaming(principal, opens);
        exchange.willStream();
        if (opens) {
            open(request, exchange, principal);
        } else {
            begin(request, exchange, principal, handles.use(SessionCommands.sessionId(request), principal));
        }
    }

    private void open(Request request, Exchange exchange, Principal principal) {
        if (request.get("sessionId") != null) {
            throw CommandException.invalidArgument(
                    "sessionId", "a session beside a server", "either of them: a session has its own server");
        }
        Openings.Server server = openings.server(request, principal, "subscribe");
        Duration bound = admission.bound(request, server.config().opcuaTimeout());
        admission.refuseIfOverloaded(exchange);
        CompletableFuture<HandleRegistry.Opened> opening = openings.open(server, false, principal, bound);
        Runnable cancelTimer =
                exchange.peer().schedule(() -> opening.completeExceptionally(tooLate(bound)), left(exchange, bound));
        exchange.onAbandoned(() -> opening.completeExceptionally(
                new CommandException(ErrorType.CANCELLED, "Given up while the session was being opened")));
        opening.whenComplete((opened, failure) -> {
            if (opened == null || !opened.reused()) {
                audit.note(
                        AuditEvent.OPEN,
                        request,
                        exchange,
                        principal,
                        opened == null ? null : opened.sessionId(),
                        server.endpoint().text(),
                        server.connection(),
                        failure);
            }
            onLoop(exchange, () -> {
                cancelTimer.run();
                if (opened == null) {
                    refuse(request, exchange, principal, Objects.requireNonNull(failure));
                } else if (exchange.isDone()) {
                    handles.abandon(opened);
                } else {
                    try {
                        begin(request, exchange, principal, handles.use(opened.sessionId(), principal));
                    } catch (RuntimeException e) {
                        refuse(request, exchange, principal, e);
                    }
                }
            });
        });
    }

    private void begin(Request request, Exchange exchange, Principal principal, SessionHandle handle) {
        admission.refuseIfOverloaded(exchange);
        Duration bound = admission.bound(request, handle.config().opcuaTimeout());
        authorization.streamingOn(principal, handle);
        JsonValue subscription = request.get("subscription");
        SubscriptionParameters parameters = SubscriptionMethods.parameters(
                new Argument("subscription", subscription == null ? JsonValue.Obj.EMPTY : subscription));
        List<MonitoredItem> items = items(request, "items", MonitoredItemMethods::item);
        List<MonitoredItem> events = items(request, "events", MonitoredItemMethods::eventItem);
        if (items.isEmpty() && events.isEmpty()) {
            throw CommandException.invalidArgument("items", "none", "at least one item, or one of events");
        }
        CallContext context = contexts.of(
                handle,
                exchange.receivedAt(),
                exchange.receivedAt() + bound.toNanos(),
                exchange.peer().connectionId(),
                principal);
        NotificationStream stream = streams.stream();
        RunningStream running =
                new RunningStream(handles, streams, handle, stream, () -> check(request, exchange, handle));
        List<MonitoredItem> all = new ArrayList<>(items);
        all.addAll(events);
        CompletableFuture<StreamHub.Granted> granted = new CompletableFuture<>();
        Runnable cancelTimer =
                exchange.peer().schedule(() -> granted.completeExceptionally(tooLate(bound)), left(exchange, bound));
        exchange.onAbandoned(() -> granted.completeExceptionally(
                new CommandException(ErrorType.CANCELLED, "Given up before the stream began")));
        types.found(context, all)
                .thenCompose(found -> streams.begin(context, parameters, found, stream))
                .whenComplete((result, failure) -> {
                    if (failure == null) {
                        granted.complete(result);
                    } else {
                        granted.completeExceptionally(OpcUaErrors.unwrap(failure));
                    }
                });
        granted.whenComplete((result, failure) -> onLoop(exchange, () -> {
            cancelTimer.run();
            if (failure == null) {
                running.on(
                        exchange,
                        Objects.requireNonNull(request.id()),
                        new Response.Success(out -> write(out, result, items.size())));
            } else {
                running.ended();
                refuse(request, exchange, principal, failure);
            }
        }));
    }

    /** As it is answered first. */
    private static void write(JsonOutput out, StreamHub.Granted granted, int items) throws IOException {
        out.startObject();
        out.name("subscriptionId");
        out.number(granted.subscriptionId());
        out.name("revisedPublishingInterval");
        out.number(granted.parameters().publishingInterval());
        out.name("revisedLifetimeCount");
        out.number(granted.parameters().lifetimeCount());
        out.name("revisedMaxKeepAliveCount");
        out.number(granted.parameters().maxKeepAliveCount());
        out.name("items");
        out.elements(granted.items().subList(0, items), ResultWriter::write);
        out.then(() -> {
            out.name("events");
            out.elements(granted.items().subList(items, granted.items().size()), ResultWriter::write);
            out.then(out::endObject);
        });
    }

    private static List<MonitoredItem> items(Request request, String name, Function<Argument, MonitoredItem> reader) {
        return new Argument(name, request.get(name)).list(reader);
    }

    /** Whether the stream may go on; null if it may. */
    private @Nullable CommandException check(Request request, Exchange exchange, SessionHandle handle) {
        try {
            Principal now = authentication.principal(request, exchange.peer());
            if (now == null) {
                return new CommandException(ErrorType.AUTH_FAILED, "The token is not known any more, or has expired");
            }
            authorization.streamingOn(now, handle);
            return null;
        } catch (CommandException e) {
            return e.type() == ErrorType.OVERLOADED ? null : e;
        }
    }

    private void refuse(Request request, Exchange exchange, Principal principal, Throwable failure) {
        Throwable cause = OpcUaErrors.unwrap(failure);
        if (!exchange.isDone()) {
            audit.refused(request, exchange, principal, cause);
            exchange.respond(FailureAnswers.to(exchange, cause, false));
        }
    }

    private static void onLoop(Exchange exchange, Runnable action) {
        try {
            Runnable unused = exchange.peer().schedule(action, Duration.ZERO);
        } catch (RejectedExecutionException e) {
            exchange.respond(Response.failure(ErrorType.SHUTTING_DOWN, "The daemon is shutting down"));
        }
    }

    private Duration left(Exchange exchange, Duration bound) {
        return Duration.ofNanos(Math.max(0, exchange.receivedAt() + bound.toNanos() - ticker.read()));
    }

    private static CommandException tooLate(Duration bound) {
        return new CommandException(
                ErrorType.CONNECTION, "Timed out after " + bound.toMillis() + " ms, before the stream began");
    }
}
