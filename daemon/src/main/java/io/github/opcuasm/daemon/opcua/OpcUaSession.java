package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One OPC UA session, kept alive over any number of channels.
 *
 * <p>All of it lives on one event loop: the state here, its requests in {@link RequestDispatcher}, its probes in
 * {@link KeepAlive}. A channel that is lost is restored with jittered pauses until the session is closed: the old session
 * is activated on the new channel if the server still has it, else a new one is created.
 */
public final class OpcUaSession {
    private static final Logger LOG = LoggerFactory.getLogger(OpcUaSession.class);
    private static final String FORGOTTEN = "the server does not know it any more";
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    private final SessionConnector connector;
    private final OpcUaTransport transport;
    private final EventLoop loop;
    private final Executor executor;
    private final SessionSettings settings;
    private final String server;
    private final SessionSettings recovery;
    private final SessionHandshake handshake;
    private final SessionHandshake recoveryHandshake;
    private final KeepAlive keepAlive;
    private final RequestDispatcher dispatcher;
    private final ActivationWaiters waiters;
    private volatile SessionState state = new SessionState.Connecting();
    private volatile ServerInfo serverInfo = ServerInfo.unknown();
    private final List<SessionListener> listeners = new ArrayList<>(1);
    private @Nullable ConnectionAttempt connecting;
    /** Where the last attempt got through; asked for anew once it fails. */
    private @Nullable ChosenEndpoint endpoint;
    /** Of the certificate that the last activation was made with; empty without security. */
    private volatile String serverFingerprint = "";

    /** @param keepAliveInterval a session without an answer for this long is probed */
    public OpcUaSession(SessionConnector connector, SessionSettings settings, Duration keepAliveInterval) {
        this.connector = connector;
        this.transport = connector.transport();
        this.settings = settings;
        this.server = settings.endpoint().server();
        this.loop = transport.nextLoop();
        this.executor = new LoopExecutor(loop);
        this.waiters = new ActivationWaiters(loop);
        this.recovery = settings.forRecovery();
        this.handshake = new SessionHandshake(connector, loop, settings);
        this.recoveryHandshake = new SessionHandshake(connector, loop, recovery);
        this.keepAlive = new KeepAlive(transport.ticker(), loop, keepAliveInterval, recovery.callTimeout());
        this.dispatcher = new RequestDispatcher(
                loop,
                transport.ticker(),
                server,
                this::state,
                keepAlive,
                new NamespaceRefresh(transport.ticker(), this::refreshNamespaces),
                active -> broken(active, FORGOTTEN));
    }

    /** Where the session stands, this moment; from any thread. */
    public SessionState state() {
        return state;
    }

    /**
     * What the server said about itself when the session was last created, with the namespaces that it was found to have
     * added since; from any thread.
     */
    public ServerInfo serverInfo() {
        return serverInfo;
    }

    /** {@code host:port}: sessions with the same one are on the same server. */
    public String server() {
        return server;
    }

    /** How its channel is secured, and as whom it is activated: who sees less must not decide for who sees more. */
    public SessionScope scope() {
        SecuritySettings security = settings.security();
        return new SessionScope(
                server,
                security.profile(),
                security.identity().kind(),
                security.identity().name(),
                serverFingerprint);
    }

    /** What is needed to decode the structures of namespace 0, and to encode them. */
    public EncodingContext encodingContext() {
        return transport.encodingContext();
    }

    /**
     * Runs {@code action} after {@code delay} on the event loop that the session lives on.
     *
     * @return takes it back, if it has not run yet
     */
    public Runnable schedule(Runnable action, Duration delay) {
        var scheduled = loop.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    /** Runs what it is given on the event loop that the session lives on: at once if that is the caller's thread. */
    public Executor executor() {
        return executor;
    }

    /** From now on {@code listener} is told, on the session's event loop; of the end also if that has come already. */
    public void listen(SessionListener listener) {
        executor.execute(() -> {
            if (state instanceof SessionState.Closed) {
                listener.closed();
            } else {
                listeners.add(listener);
            }
        });
    }

    /** What somebody is told who waited for the server while there was no connection to it. */
    public CommandException notConnected() {
        return OpcUaErrors.timeout("Timed out: " + OpcUaErrors.noConnection(server, state), null);
    }

    /** The first handshake. Fails, without another attempt, with what the caller of {@code open} shall read. */
    public CompletableFuture<Void> open() {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        onLoop(
                opened,
                null,
                () -> connect(settings, handshake::create, (established, failure) -> {
                    if (failure != null) {
                        if (state instanceof SessionState.Connecting first) {
                            state = first.failed();
                            tellClosed();
                        }
                        opened.completeExceptionally(OpcUaErrors.handshake(settings.endpoint(), failure));
                    } else if (established != null && state instanceof SessionState.Connecting first) {
                        activated(first.activated(established.channel(), established.session()), () -> {});
                        opened.complete(null);
                    } else {
                        opened.completeExceptionally(RequestDispatcher.closedError(null));
                    }
                }));
        return opened;
    }

    /**
     * Instead of {@link #open}: goes on with what an earlier process left. The session counts as lost from the start and is
     * restored for as long as it takes.
     *
     * @param left the session as of its last activation; null if nothing of it is left on the server
     */
    public void resume(@Nullable ResumableSession left) {
        executor.execute(() -> {
            if (state instanceof SessionState.Connecting first) {
                endpoint = left == null ? null : left.endpoint();
                state = first.leftBehind(left == null ? null : left.session(), "the daemon has just been started");
                reconnectAfter(Duration.ZERO);
            }
        });
    }

    /**
     * Sends a request when its turn comes. The future completes on the session's event loop with the answer, or with a
     * {@link CommandException}: {@code ServiceException} for a fault, {@code ConnectionException} for a lost connection
     * or a passed deadline, {@code overloaded} if too many wait. For a request that changes the plant the exception
     * carries the outcome.
     */
    public <T extends UaResponseMessageType> CompletableFuture<T> submit(ServiceCall<T> call) {
        PendingRequest<T> request = new PendingRequest<>(call);
        onLoop(request.future(), call.changesPlant() ? Outcome.NOT_SENT : null, () -> dispatcher.accept(request));
        return request.future();
    }

    /**
     * Nobody wants this answer of {@link #submit} any more: if the request still waits, it fails with {@code cancelled} and
     * is never sent; one that is under way goes on.
     */
    public void cancel(CompletableFuture<?> answer) {
        onLoop(answer, Outcome.NOT_SENT, () -> dispatcher.cancel(answer));
    }

    /**
     * Waits until the session is active: for the answer to one probe if it seems to be, else as long as it takes to
     * restore it, but not beyond {@code deadline} (the ticker's nanoseconds).
     */
    public CompletableFuture<Void> ensureActive(long deadline) {
        CompletableFuture<Void> active = new CompletableFuture<>();
        onLoop(active, null, () -> {
            if (state instanceof SessionState.Closed) {
                active.completeExceptionally(RequestDispatcher.closedError(null));
                return;
            }
            waiters.add(
                    active,
                    deadline - transport.ticker().read(),
                    () -> OpcUaErrors.timeout("Timed out: " + OpcUaErrors.noConnection(server, state), null));
            if (state instanceof SessionState.Active now) {
                probe(now);
                keepAlive.afterProbe(waiters::succeed);
            }
        });
        return active;
    }

    /** CloseSession and CloseSecureChannel, each bounded; whatever waits fails. Completes when the channel is closed. */
    public CompletableFuture<Void> close() {
        return end(active -> endOnServer(new Established(active.channel(), active.session())));
    }

    /** As {@link #close}, but the session stays on the server, to be resumed by another process. */
    public CompletableFuture<Void> leave() {
        return end(active -> active.channel().close());
    }

    private CompletableFuture<Void> end(Function<SessionState.Active, CompletableFuture<?>> ending) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        try {
            loop.execute(() -> endNow(ending).whenComplete((done, failure) -> closed.complete(null)));
        } catch (RejectedExecutionException e) {
            closed.complete(null);
        }
        return closed;
    }

    private CompletableFuture<?> endNow(Function<SessionState.Active, CompletableFuture<?>> ending) {
        SessionState before = state;
        state = new SessionState.Closed();
        keepAlive.stop();
        dispatcher.failAll();
        waiters.fail(() -> RequestDispatcher.closedError(null));
        tellClosed();
        if (before instanceof SessionState.Active active) {
            return ending.apply(active);
        }
        ConnectionAttempt attempt = connecting;
        return attempt == null ? CompletableFuture.completedFuture(null) : attempt.giveUp();
    }

    private void tellClosed() {
        tell(SessionListener::closed);
        listeners.clear();
    }

    /** All of them, even if one throws: that is its own defect, and the session goes on. */
    private void tell(Consumer<SessionListener> news) {
        for (SessionListener listener : List.copyOf(listeners)) {
            try {
                news.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("A listener of the session to {} failed", server, e);
            }
        }
    }

    /** A session on its channel. */
    private record Established(UascChannel channel, EstablishedSession session) {}

    /** Tells how an attempt to connect ended: one of the two is null. */
    private interface Ending {
        void ended(@Nullable Established established, @Nullable Throwable failure);
    }

    /** Lets {@code shake} make a session on a new channel; what nobody took over in the end is closed. */
    private void connect(SessionSettings bounds, ConnectionAttempt.Shake shake, Ending ending) {
        ConnectionAttempt attempt = new ConnectionAttempt(connector, loop, bounds, dispatcher::pump);
        connecting = attempt;
        attempt.start(endpoint, state instanceof SessionState.Connecting, shake).whenComplete((connected, failure) -> {
            connecting = null;
            // After a failure its certificate or its endpoints may be others.
            endpoint = connected == null ? null : connected.endpoint();
            if (connected != null) {
                serverFingerprint = connected.endpoint().serverFingerprint();
            }
            Established established =
                    connected == null ? null : new Established(attempt.channel(), connected.session());
            ending.ended(established, failure);
            CompletableFuture<?> left;
            if (established == null) {
                left = attempt.channel().close();
            } else if (state instanceof SessionState.Active active && active.channel() == attempt.channel()) {
                left = CompletableFuture.completedFuture(null);
            } else {
                left = endOnServer(established);
            }
            left.whenComplete((done, trouble) -> attempt.isOver());
        });
    }

    private CompletableFuture<?> endOnServer(Established established) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        var timer = loop.schedule(() -> answered.complete(null), CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        recoveryHandshake
                .close(established.channel(), established.session())
                .whenComplete((response, failure) -> answered.complete(null));
        return answered.thenCompose(done -> {
            timer.cancel(false);
            return established.channel().close();
        });
    }

    /** @param tell runs before any request goes out: those that waited may mean what the old session had */
    private void activated(SessionState.Active active, Runnable tell) {
        // In this order: whoever sees the new activation finds its namespaces, not those of the one before. What was
        // added
        // since a session was created is not forgotten while it lasts.
        ServerInfo told = active.session().serverInfo();
        if (!told.isOfSameSession(serverInfo)) {
            serverInfo = told;
        }
        state = active;
        active.channel().closed().thenRun(() -> broken(active, active.channel().closeReason()));
        keepAlive.start(active.session().revisedTimeout(), () -> probe(active));
        dispatcher.pumpAfter(() -> {
            ChosenEndpoint reached = endpoint;
            if (reached != null) {
                ResumableSession now = new ResumableSession(reached, active.session());
                tell(listener -> listener.activated(now));
            }
            tell.run();
            waiters.succeed();
        });
    }

    /** Whether the server has added namespaces. */
    private CompletableFuture<Boolean> refreshNamespaces() {
        if (!(state instanceof SessionState.Active active)) {
            return CompletableFuture.completedFuture(false);
        }
        return recoveryHandshake.namespaces(active.channel(), active.session()).thenApply(uris -> {
            ServerInfo before = serverInfo;
            ServerInfo now = before.withNamespacesAdded(uris);
            if (state != active || now.equals(before)) {
                return false;
            }
            serverInfo = now;
            return true;
        });
    }

    private void probe(SessionState.Active active) {
        if (state == active) {
            Runnable onDead = () -> {
                if (active.channel().waitsForRsa()) {
                    probe(active);
                } else {
                    active.channel().abort(new UaException(StatusCodes.Bad_Timeout, "the server does not answer"));
                }
            };
            keepAlive.probe(
                    active.channel(),
                    dispatcher.header(active.session(), keepAlive.timeoutMs()),
                    onDead,
                    () -> broken(active, FORGOTTEN));
        }
    }

    /** The channel ended, or the server forgot the session: whatever may wait, waits; the rest is told. */
    private void broken(SessionState.Active active, String reason) {
        if (state != active) {
            return;
        }
        LOG.warn("Session to {} lost ({}), reconnecting", server, reason);
        keepAlive.stop();
        state = active.broken(reason);
        dispatcher.failWaitingChanges();
        active.channel().close();
        reconnectAfter(ReconnectDelay.before(0, transport.random()));
    }

    private void reconnectAfter(Duration delay) {
        if (state instanceof SessionState.Reconnecting attempt) {
            loop.schedule(() -> reconnect(attempt), delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void reconnect(SessionState.Reconnecting attempt) {
        if (state != attempt) {
            return;
        }
        connect(
                recovery,
                (channel, chosen) -> attempt.previous() == null
                        ? recoveryHandshake.create(channel, chosen)
                        : recoveryHandshake.restore(channel, chosen, attempt.previous()),
                (established, failure) -> {
                    if (state != attempt) {
                        return;
                    }
                    if (established != null) {
                        LOG.info("Session to {} restored", server);
                        boolean anew = attempt.previous() == null
                                || !attempt.previous()
                                        .authenticationToken()
                                        .equals(established.session().authenticationToken());
                        activated(
                                attempt.restored(established.channel(), established.session()),
                                () -> tell(listener -> listener.restored(anew)));
                    } else {
                        String reason = OpcUaErrors.reason(failure);
                        if (attempt.failedAttempts() == 0 || !reason.equals(attempt.reason())) {
                            LOG.warn("Reconnecting to {} failed, trying on: {}", server, reason);
                        }
                        SessionState.Reconnecting next = attempt.failedOnceMore(reason);
                        state = next;
                        reconnectAfter(
                                failure != null && OpcUaErrors.isRefusal(failure)
                                        ? ReconnectDelay.afterRefusal(next.failedAttempts(), transport.random())
                                        : ReconnectDelay.before(next.failedAttempts(), transport.random()));
                    }
                });
    }

    private void onLoop(CompletableFuture<?> result, @Nullable Outcome ifRefused, Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
            return;
        }
        try {
            loop.execute(action);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(RequestDispatcher.closedError(ifRefused));
        }
    }
}
