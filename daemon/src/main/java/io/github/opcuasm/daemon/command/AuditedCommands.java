package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.audit.Actor;
import io.github.opcuasm.daemon.audit.AuditEntry;
import io.github.opcuasm.daemon.audit.AuditEvent;
import io.github.opcuasm.daemon.audit.AuditLog;
import io.github.opcuasm.daemon.audit.AuditResult;
import io.github.opcuasm.daemon.audit.Subject;
import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.IpcPeer;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The commands, as the audit log sees them. What changes something waits until its attempt is recorded, and comes back to
 * the connection's event loop for it; everything else, and everything where nothing is recorded, goes through at once.
 */
final class AuditedCommands {
    private final AuditLog log;

    AuditedCommands(AuditLog log) {
        this.log = log;
    }

    /**
     * Carries out a method, after its attempt was recorded if it changes something.
     *
     * @param left until the query's deadline
     */
    CompletableFuture<? extends @Nullable Object> run(
            MethodTable.Method method,
            Params params,
            CallContext context,
            Exchange exchange,
            Principal principal,
            Duration left) {
        AuditEvent event = log.isRecording() ? AuditedMethods.event(method) : null;
        SessionHandle handle = context.handle();
        if (event == null) {
            CompletableFuture<? extends @Nullable Object> running =
                    method.action().run(context, params);
            return log.isRecording()
                    ? running.whenComplete((value, failure) ->
                            refused(exchange, principal, failure, () -> AuditedMethods.refused(method, handle, params)))
                    : running;
        }
        Subject subject = new Subject(
                method.name(),
                handle.id(),
                handle.endpointUrl(),
                handle.connection(),
                AuditedMethods.targets(method, params));
        return recorded(event, subject, exchange, principal, left, id -> {
            context.auditedAs(id);
            return method.action().run(context, params);
        });
    }

    /**
     * Carries out a command that changes which servers are trusted, after its attempt was recorded.
     *
     * @param left until the command's deadline
     */
    CompletableFuture<Response> trust(
            Request request,
            Exchange exchange,
            Principal principal,
            Duration left,
            Supplier<CompletableFuture<Response>> action) {
        if (!log.isRecording()) {
            return action.get();
        }
        Subject subject = AuditedMethods.trust(request);
        return recorded(AuditEvent.ADMINISTRATION, subject, exchange, principal, left, id -> action.get());
    }

    private <T extends @Nullable Object> CompletableFuture<T> recorded(
            AuditEvent event,
            Subject subject,
            Exchange exchange,
            Principal principal,
            Duration left,
            Function<String, CompletableFuture<? extends T>> action) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable cancelTimer = exchange.peer().schedule(() -> result.completeExceptionally(tooLate()), left);
        log.begin(actor(exchange, principal), event, subject)
                .whenComplete((entry, failure) -> back(exchange, entry, result, () -> {
                    cancelTimer.run();
                    if (entry == null) {
                        result.completeExceptionally(OpcUaErrors.unwrap(Objects.requireNonNull(failure)));
                    } else if (result.isDone()) {
                        entry.end(AuditResult.failed(tooLate()));
                    } else {
                        carryOut(() -> action.apply(entry.id()), entry, result);
                    }
                }));
        return result;
    }

    /** Records an {@code open} or {@code close} when it is over. */
    void note(
            AuditEvent event,
            Request request,
            Exchange exchange,
            Principal principal,
            @Nullable String session,
            @Nullable String endpoint,
            @Nullable String connection,
            @Nullable Throwable failure) {
        if (log.isRecording()) {
            AuditResult result =
                    failure == null ? AuditResult.done(List.of()) : AuditResult.failed(OpcUaErrors.unwrap(failure));
            Subject subject = new Subject(named(request, "command"), session, endpoint, connection, List.of());
            log.note(actor(exchange, principal), event, subject, result);
        }
    }

    /** Records that a principal was not allowed what it asked for; other failures, and none, are not recorded. */
    void refused(Request request, Exchange exchange, Principal principal, @Nullable Throwable failure) {
        refused(exchange, principal, failure, () -> AuditedMethods.refused(request));
    }

    /**
     * As {@link #refused(Request, Exchange, Principal, Throwable)}, of a method.
     *
     * @param handle null if it was not looked for, or not found
     * @param params null if they were not read
     */
    void refused(
            MethodTable.Method method,
            Request request,
            @Nullable SessionHandle handle,
            @Nullable Params params,
            Exchange exchange,
            Principal principal,
            Throwable failure) {
        refused(
                exchange,
                principal,
                failure,
                () -> handle == null || params == null
                        ? AuditedMethods.refused(request)
                        : AuditedMethods.refused(method, handle, params));
    }

    private void refused(
            Exchange exchange, Principal principal, @Nullable Throwable failure, Supplier<Subject> subject) {
        if (failure != null && log.isRecording()) {
            AuditResult result = AuditResult.failed(OpcUaErrors.unwrap(failure));
            if (result.isRefusal()) {
                log.note(actor(exchange, principal), AuditEvent.ACCESS, subject.get(), result);
            }
        }
    }

    /** Records that somebody showed no token, or a wrong one. */
    void unknown(Request request, Exchange exchange) {
        if (log.isRecording()) {
            IpcPeer peer = exchange.peer();
            log.note(
                    new Actor("unknown", "unknown", peer.user(), peer.group(), null, peer.connectionId()),
                    AuditEvent.AUTHENTICATION,
                    new Subject(named(request, "command"), null, null, List.of()),
                    AuditResult.failed(new CommandException(ErrorType.AUTH_FAILED, "")));
        }
    }

    private static void back(
            Exchange exchange, @Nullable AuditEntry entry, CompletableFuture<?> result, Runnable action) {
        try {
            Runnable unused = exchange.peer().schedule(action, Duration.ZERO);
        } catch (RejectedExecutionException e) {
            CommandException ending = new CommandException(
                            ErrorType.SHUTTING_DOWN, "Not sent: the daemon is shutting down")
                    .withOutcome(Outcome.NOT_SENT);
            if (entry != null) {
                entry.end(AuditResult.failed(ending));
            }
            result.completeExceptionally(ending);
        }
    }

    private static <T extends @Nullable Object> void carryOut(
            Supplier<CompletableFuture<? extends T>> action, AuditEntry entry, CompletableFuture<T> result) {
        CompletableFuture<? extends T> running;
        try {
            running = action.get();
        } catch (RuntimeException e) {
            running = CompletableFuture.failedFuture(e);
        }
        running.whenComplete((value, failure) -> {
            if (failure == null) {
                entry.end(AuditResult.done(statusOf(value)));
                result.complete(value);
            } else {
                Throwable cause = OpcUaErrors.unwrap(failure);
                entry.end(AuditResult.failed(notSentUnlessKnown(cause)));
                result.completeExceptionally(cause);
            }
        });
    }

    /** What fails after bytes may have left says so itself. */
    private static Throwable notSentUnlessKnown(Throwable cause) {
        return cause instanceof CommandException error && error.outcome() == null
                ? error.withOutcome(Outcome.NOT_SENT)
                : cause;
    }

    private static List<StatusCode> statusOf(@Nullable Object value) {
        if (value instanceof StatusCode status) {
            return List.of(status);
        } else if (value instanceof CallResult call) {
            return List.of(call.statusCode());
        } else if (value instanceof AddNodesResult node) {
            return List.of(node.statusCode());
        } else if (value instanceof List<?> results) {
            return results.stream().flatMap(result -> statusOf(result).stream()).toList();
        }
        return List.of();
    }

    private static CommandException tooLate() {
        return new CommandException(
                ErrorType.CONNECTION,
                "Not sent: the deadline passed while the change was being recorded in the audit log",
                null,
                Outcome.NOT_SENT,
                null);
    }

    private static Actor actor(Exchange exchange, Principal principal) {
        return new Actor(
                principal.name(),
                principal.kind().text(),
                principal.user(),
                principal.group(),
                principal.token(),
                exchange.peer().connectionId());
    }

    private static String named(Request request, String member) {
        return request.get(member) instanceof JsonValue.Str name ? MethodCalls.cut(name.value()) : "";
    }
}
