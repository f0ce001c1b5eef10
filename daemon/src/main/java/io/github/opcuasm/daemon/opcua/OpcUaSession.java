package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One OPC UA session, kept alive over any number of channels.
 *
 * <p>All of it lives on one event loop: requests are handed over to that loop, wait in a bounded queue that serves
 * connections in turn, and go to the channel only
 *
 * <ul>
 *   <li>while the session is active,
 *   <li>before their deadline,
 *   <li>while everything handed over before has reached the kernel, and
 *   <li>while fewer than {@value #MAX_UNDER_WAY} are under way.
 * </ul>
 *
 * <p>So a request whose deadline passes is either still here, and then was never sent, or in the server's hands. If
 * bytes of it are stuck in between, the channel is closed. A request that changes the plant is never repeated and never
 * waits for a lost session: it fails at once, saying whether it may have been carried out. Others wait within their
 * deadline and are repeated as often as their caller allows.
 *
 * <p>A lost channel is restored with jittered pauses until the session is closed: the old session is activated on the
 * new channel if the server still has it, else a new one is created.
 */
public final class OpcUaSession {
    private static final Logger LOG = LoggerFactory.getLogger(OpcUaSession.class);
    private static final int MAX_QUEUED = 1024;
    private static final int MAX_UNDER_WAY = 32;
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    /** Faults that mean: the server does not know this session (any more). The request was not carried out. */
    private static final Set<Long> SESSION_LOST = Set.of(
            StatusCodes.Bad_SessionIdInvalid,
            StatusCodes.Bad_SessionClosed,
            StatusCodes.Bad_SessionNotActivated,
            StatusCodes.Bad_SecureChannelIdInvalid,
            StatusCodes.Bad_SecureChannelClosed);

    private final OpcUaTransport transport;
    private final EventLoop loop;
    private final SessionSettings settings;
    private final SessionHandshake handshake;
    private final KeepAlive keepAlive;
    private final RequestQueue queue = new RequestQueue(MAX_QUEUED);
    private final Set<PendingRequest<?>> underWay = new LinkedHashSet<>(4);
    private final ActivationWaiters waiters;
    private volatile SessionState state = new SessionState.Connecting();
    private volatile ServerInfo serverInfo = ServerInfo.UNKNOWN;
    private long requestHandle;
    private @Nullable UascChannel opening;

    /** @param keepAliveInterval a session without an answer for this long is probed */
    public OpcUaSession(OpcUaTransport transport, SessionSettings settings, Duration keepAliveInterval) {
        this.transport = transport;
        this.settings = settings;
        this.loop = transport.nextLoop();
        this.waiters = new ActivationWaiters(loop);
        this.handshake = new SessionHandshake(transport, loop, settings);
        this.keepAlive = new KeepAlive(transport.ticker(), loop, keepAliveInterval, settings.callTimeout());
    }

    /** Where the session stands, this moment; from any thread. */
    public SessionState state() {
        return state;
    }

    /** What the server said about itself when the session was last created; from any thread. */
    public ServerInfo serverInfo() {
        return serverInfo;
    }

    /** The event loop on which futures of this session complete. */
    public EventLoop eventLoop() {
        return loop;
    }

    /** The first handshake. Fails, without another attempt, with what the caller of {@code open} shall read. */
    public CompletableFuture<Void> open() {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        onLoop(
                opened,
                () -> UascChannel.open(transport, loop, settings, this::pump)
                        .thenCompose(channel -> {
                            opening = channel;
                            return handshake
                                    .create(channel)
                                    .whenComplete((session, failure) -> {
                                        if (failure != null) {
                                            channel.close();
                                        }
                                    })
                                    .thenAccept(session -> {
                                        if (state instanceof SessionState.Connecting connecting) {
                                            activated(connecting.activated(channel, session));
                                        } else {
                                            endOnServer(channel, session);
                                        }
                                    });
                        })
                        .whenComplete((done, failure) -> {
                            opening = null;
                            if (failure == null && state instanceof SessionState.Active) {
                                opened.complete(null);
                            } else if (failure == null) {
                                opened.completeExceptionally(closedError(null));
                            } else {
                                if (state instanceof SessionState.Connecting connecting) {
                                    state = connecting.failed();
                                }
                                opened.completeExceptionally(OpcUaErrors.handshake(settings.endpoint(), failure));
                            }
                        }));
        return opened;
    }

    /**
     * Sends a request when its turn comes. The future completes on {@link #eventLoop} with the answer, or with a
     * {@link CommandException}: {@code ServiceException} for a fault, {@code ConnectionException} for a lost connection
     * or a passed deadline, {@code overloaded} if too many wait. For a request that changes the plant the exception
     * carries the outcome.
     */
    public <T extends UaResponseMessageType> CompletableFuture<T> submit(ServiceCall<T> call) {
        PendingRequest<T> request = new PendingRequest<>(call);
        onLoop(request.future(), () -> accept(request));
        return request.future();
    }

    /**
     * Waits until the session is active: at once with one probe if it seems to be, else as long as it takes to restore
     * it, but not beyond {@code deadline} (the ticker's nanoseconds).
     */
    public CompletableFuture<Void> ensureActive(long deadline) {
        CompletableFuture<Void> active = new CompletableFuture<>();
        onLoop(active, () -> {
            if (state instanceof SessionState.Active now) {
                probe(now);
            }
            awaitActive(active, deadline);
        });
        return active;
    }

    /** CloseSession and CloseSecureChannel, each bounded; whatever waits fails. Completes when the channel is closed. */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        try {
            loop.execute(() -> closeNow().whenComplete((done, failure) -> closed.complete(null)));
        } catch (RejectedExecutionException e) {
            closed.complete(null);
        }
        return closed;
    }

    private CompletableFuture<?> closeNow() {
        SessionState before = state;
        state = new SessionState.Closed();
        keepAlive.stop();
        failAll(queue.removeIf(request -> true), false);
        List<PendingRequest<?>> sent = List.copyOf(underWay);
        underWay.clear();
        failAll(sent, true);
        waiters.fail(() -> closedError(null));
        if (before instanceof SessionState.Active active) {
            return endOnServer(active.channel(), active.session());
        }
        UascChannel channel = opening;
        if (channel != null) {
            channel.close();
        }
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<?> endOnServer(UascChannel channel, EstablishedSession session) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        var timer = loop.schedule(() -> answered.complete(null), CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        handshake.close(channel, session).whenComplete((response, failure) -> answered.complete(null));
        return answered.thenCompose(done -> {
            timer.cancel(false);
            return channel.close();
        });
    }

    private void accept(PendingRequest<?> request) {
        ServiceCall<?> call = request.call();
        long left = call.deadline() - transport.ticker().read();
        if (state instanceof SessionState.Closed) {
            request.fail(closedError(notSent(call)));
        } else if (left <= 0) {
            request.fail(
                    OpcUaErrors.timeout("The deadline had passed before the request could be sent", notSent(call)));
        } else if (call.changesPlant() && !(state instanceof SessionState.Active)) {
            request.fail(OpcUaErrors.connection(
                    "Not sent: the session to " + server() + " is being restored", Outcome.NOT_SENT, null));
        } else if (!queue.offer(request)) {
            request.fail(new CommandException(
                    ErrorType.OVERLOADED,
                    "Not sent: " + MAX_QUEUED + " requests already wait for this session; try again later",
                    null,
                    notSent(call),
                    null));
        } else {
            arm(request, left);
            pump();
        }
    }

    private void arm(PendingRequest<?> request, long nanos) {
        request.armDeadline(loop.schedule(() -> deadline(request), nanos, TimeUnit.NANOSECONDS));
    }

    /** Hands over what may go. */
    private void pump() {
        while (state instanceof SessionState.Active active
                && active.channel().isFlushed()
                && underWay.size() < MAX_UNDER_WAY) {
            PendingRequest<?> request = queue.poll();
            if (request == null) {
                return;
            }
            if (request.call().deadline() - transport.ticker().read() <= 0) {
                request.fail(timedOut(request));
            } else {
                transmit(active, request);
            }
        }
    }

    private void transmit(SessionState.Active active, PendingRequest<?> request) {
        long leftMs =
                Math.max(1, (request.call().deadline() - transport.ticker().read()) / 1_000_000);
        UaRequestMessageType message = request.call().message().apply(header(active.session(), leftMs));
        underWay.add(request);
        request.sentAs(active.channel().send(message, new Reply(active, request)));
    }

    private RequestHeader header(EstablishedSession session, long timeoutMs) {
        requestHandle = requestHandle + 1 & 0xFFFF_FFFFL;
        return new RequestHeader(
                session.authenticationToken(),
                DateTime.now(),
                uint(requestHandle),
                uint(0),
                null,
                uint(Math.min(timeoutMs, 0xFFFF_FFFFL)),
                null);
    }

    private void deadline(PendingRequest<?> request) {
        if (request.future().isDone()) {
            return;
        }
        long left = request.call().deadline() - transport.ticker().read();
        if (left > 0) {
            arm(request, left);
            return;
        }
        CommandException error = timedOut(request);
        if (underWay.remove(request) && state instanceof SessionState.Active active) {
            active.channel().forget(request.requestId());
            if (!active.channel().isFlushed()) {
                active.channel()
                        .abort(new UaException(
                                StatusCodes.Bad_Timeout, "a request's deadline passed before it had left"));
            }
        } else {
            queue.remove(request);
        }
        request.fail(error);
        pump();
    }

    private CommandException timedOut(PendingRequest<?> request) {
        Outcome outcome =
                !request.call().changesPlant() ? null : underWay.contains(request) ? Outcome.UNKNOWN : Outcome.NOT_SENT;
        String where = underWay.contains(request)
                ? "no answer from "
                : state instanceof SessionState.Active ? "it was waiting for its turn at " : "no connection to ";
        return OpcUaErrors.timeout("Timed out: " + where + server(), outcome);
    }

    private void activated(SessionState.Active active) {
        state = active;
        serverInfo = active.session().serverInfo();
        active.channel().closed().thenRun(() -> broken(active));
        keepAlive.start(active.session().revisedTimeout(), () -> probe(active));
        waiters.succeed();
        pump();
    }

    private void probe(SessionState.Active active) {
        if (state == active) {
            keepAlive.probe(active.channel(), header(active.session(), keepAlive.timeoutMs()), () -> {
                if (state == active) {
                    LOG.warn("Session to {} does not answer, reconnecting", server());
                    active.channel().abort(new UaException(StatusCodes.Bad_Timeout, "the server does not answer"));
                }
            });
        }
    }

    /** The channel ended, or the server forgot the session: whatever may wait, waits; the rest is told. */
    private void broken(SessionState.Active active) {
        if (state != active) {
            return;
        }
        LOG.info("Connection to {} lost, reconnecting", server());
        keepAlive.stop();
        state = active.broken();
        failAll(queue.removeIf(request -> request.call().changesPlant()), false);
        active.channel().close();
        reconnectLater();
    }

    private void reconnectLater() {
        if (state instanceof SessionState.Reconnecting now) {
            Duration delay = ReconnectDelay.before(now.failedAttempts(), transport.random());
            loop.schedule(() -> reconnect(now), delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void reconnect(SessionState.Reconnecting attempt) {
        if (state != attempt) {
            return;
        }
        UascChannel.open(transport, loop, settings, this::pump)
                .thenCompose(channel -> {
                    opening = channel;
                    return handshake
                            .restore(channel, attempt.previous())
                            .whenComplete((session, failure) -> {
                                if (failure != null) {
                                    channel.close();
                                }
                            })
                            .thenAccept(session -> {
                                if (state == attempt) {
                                    LOG.info("Session to {} restored", server());
                                    activated(attempt.restored(channel, session));
                                } else {
                                    endOnServer(channel, session);
                                }
                            });
                })
                .whenComplete((done, failure) -> {
                    opening = null;
                    if (failure != null && state == attempt) {
                        LOG.debug("Reconnecting to {} failed", server(), failure);
                        state = attempt.failedOnceMore();
                        reconnectLater();
                    }
                });
    }

    private void awaitActive(CompletableFuture<Void> waiter, long deadline) {
        if (state instanceof SessionState.Closed) {
            waiter.completeExceptionally(closedError(null));
            return;
        }
        waiters.add(
                waiter,
                deadline - transport.ticker().read(),
                () -> OpcUaErrors.timeout("Timed out: no connection to " + server(), null));
        if (state instanceof SessionState.Active) {
            keepAlive.afterProbe(waiters::succeed);
        }
    }

    private String server() {
        return settings.endpoint().server();
    }

    private void failAll(List<PendingRequest<?>> requests, boolean wereSent) {
        boolean closed = state instanceof SessionState.Closed;
        for (PendingRequest<?> request : requests) {
            Outcome outcome = !request.call().changesPlant() ? null : wereSent ? Outcome.UNKNOWN : Outcome.NOT_SENT;
            request.fail(
                    closed
                            ? closedError(outcome)
                            : OpcUaErrors.connection("The connection to " + server() + " was lost", outcome, null));
        }
    }

    private CommandException closedError(@Nullable Outcome outcome) {
        return OpcUaErrors.connection("The session was closed", outcome, null);
    }

    private static @Nullable Outcome notSent(ServiceCall<?> call) {
        return call.changesPlant() ? Outcome.NOT_SENT : null;
    }

    private void onLoop(CompletableFuture<?> result, Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
            return;
        }
        try {
            loop.execute(action);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(closedError(Outcome.NOT_SENT));
        }
    }

    /** What becomes of one request that is under way. */
    private final class Reply implements UascChannel.Listener {
        private final SessionState.Active sentOn;
        private final PendingRequest<?> request;

        Reply(SessionState.Active sentOn, PendingRequest<?> request) {
            this.sentOn = sentOn;
            this.request = request;
        }

        @Override
        public void onResponse(UaResponseMessageType response) {
            keepAlive.answered();
            underWay.remove(request);
            request.complete(response);
            pump();
        }

        @Override
        public void onFault(UaException fault) {
            keepAlive.answered();
            underWay.remove(request);
            long code = fault.getStatusCode().getValue();
            if (fault instanceof UaServiceFaultException && SESSION_LOST.contains(code)) {
                repeatOrFail(Outcome.NOT_SENT, "The server no longer knows the session: " + OpcUaErrors.describe(code));
                broken(sentOn);
            } else {
                CommandException error = OpcUaErrors.service("The server answered", code);
                request.fail(request.call().changesPlant() ? error.withOutcome(Outcome.UNKNOWN) : error);
                pump();
            }
        }

        @Override
        public void onNotSent(UaException cause) {
            underWay.remove(request);
            CommandException error = OpcUaErrors.service(
                    "The request could not be encoded", cause.getStatusCode().getValue());
            request.fail(request.call().changesPlant() ? error.withOutcome(Outcome.NOT_SENT) : error);
            pump();
        }

        @Override
        public void onClosed(UaException cause) {
            if (underWay.remove(request)) {
                repeatOrFail(Outcome.UNKNOWN, "The connection to " + server() + " was lost before the answer came");
            }
        }

        private void repeatOrFail(Outcome outcome, String message) {
            if (!(state instanceof SessionState.Closed) && request.takeRetry()) {
                queue.putBack(request);
            } else {
                request.fail(OpcUaErrors.connection(message, request.call().changesPlant() ? outcome : null, null));
            }
        }
    }
}
