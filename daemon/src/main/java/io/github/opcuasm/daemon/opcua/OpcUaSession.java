package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.opcua.SessionAttempts.Established;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.jspecify.annotations.Nullable;

/**
 * One OPC UA session, kept alive over any number of channels.
 *
 * <p>All of it lives on one event loop: the state here, its requests in {@link RequestDispatcher}, its probes in
 * {@link KeepAlive}, the way back to a lost one in {@link SessionRecovery}. A session that is lost is restored until it is
 * closed; what comes back may be another session on the server.
 */
public final class OpcUaSession {
    private static final Duration PROBED_LATELY = Duration.ofSeconds(SessionRecovery.HURRY_SECONDS);

    private final OpcUaTransport transport;
    private final EventLoop loop;
    private final Executor executor;
    private final SessionSettings settings;
    private final String server;
    private final SessionHandshake firstHandshake;
    private final SessionHandshake handshake;
    private final SessionConnector connector;
    private final SessionAttempts attempts;
    private final SessionRecovery recovery;
    private final KeepAlive keepAlive;
    private final RequestDispatcher dispatcher;
    private final ActivationWaiters waiters;
    private volatile SessionState state = new SessionState.Connecting();
    private volatile ServerInfo serverInfo = ServerInfo.unknown();
    private final SessionListeners listeners;
    private final SessionRemains remains;
    private CompletableFuture<?> ending = CompletableFuture.completedFuture(null);

    /** @param keepAliveInterval a session without an answer for this long is probed */
    public OpcUaSession(SessionConnector connector, SessionSettings settings, Duration keepAliveInterval) {
        this.connector = connector;
        this.transport = connector.transport();
        this.settings = settings;
        this.server = settings.endpoint().server();
        this.loop = transport.nextLoop();
        this.executor = new LoopExecutor(loop);
        this.waiters = new ActivationWaiters(loop);
        SessionSettings forRecovery = settings.forRecovery();
        this.listeners = new SessionListeners(server);
        this.remains = new SessionRemains(listeners, this::ifLost);
        this.firstHandshake = new SessionHandshake(connector, loop, settings, remains);
        this.handshake = new SessionHandshake(connector, loop, forRecovery, remains);
        this.keepAlive = new KeepAlive(transport.ticker(), loop, keepAliveInterval, forRecovery.callTimeout());
        this.dispatcher = new RequestDispatcher(
                loop,
                transport.ticker(),
                server,
                this::state,
                new Lost(),
                keepAlive,
                new NamespaceRefresh(transport.ticker(), this::refreshNamespaces),
                this::disowned);
        this.attempts = new SessionAttempts(connector, loop, dispatcher::pump, this::dispose);
        this.recovery = new SessionRecovery(connector, loop, forRecovery, handshake, attempts, new Recovered());
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
                attempts.serverFingerprint());
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

    /**
     * From now on {@code listener} is told, on the session's event loop; of the end also if that has come already. Who
     * listens before {@link #open} or {@link #resume} misses nothing.
     */
    public void listen(SessionListener listener) {
        executor.execute(() -> {
            listeners.add(listener);
            if (state instanceof SessionState.Closed) {
                listener.closed();
            }
        });
    }

    /**
     * What somebody is told who waited for the server while there was no connection to it: what it refused the session
     * with, if it did.
     */
    public CommandException notConnected() {
        CommandException refusal = recovery.refusal();
        return refusal != null ? refusal : OpcUaErrors.timeout("Timed out: " + noConnection(), null);
    }

    /** What a request that changes the plant is told when it meets a session that is not active. */
    public CommandException notActive() {
        CommandException refusal = recovery.refusal();
        return refusal != null ? refusal.withOutcome(Outcome.NOT_SENT) : OpcUaErrors.notActive(server);
    }

    /**
     * The server answers on this channel, but not as it should: another one is made, on which the session is activated again.
     * Nothing if the session is not active.
     */
    public void abandonChannel(String reason) {
        executor.execute(() -> {
            if (state instanceof SessionState.Active active) {
                active.channel().abort(new UaException(StatusCodes.Bad_ConnectionClosed, reason));
            }
        });
    }

    private String noConnection() {
        return OpcUaErrors.noConnection(
                server, state instanceof SessionState.Reconnecting lost ? recovery.reason(lost) : null);
    }

    /** The first handshake. Fails, without another attempt, with what the caller of {@code open} shall read. */
    public CompletableFuture<Void> open() {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        onLoop(opened, null, () -> {
            if (state instanceof SessionState.Closed) {
                opened.completeExceptionally(RequestDispatcher.closedError(null));
                return;
            }
            attempts.begin(
                    settings,
                    connector.gates().open(server, settings.callTimeout()),
                    firstHandshake::create,
                    (established, failure) -> opened(opened, established, failure));
        });
        return opened;
    }

    private boolean opened(
            CompletableFuture<Void> opened, @Nullable Established established, @Nullable Throwable failure) {
        if (established != null && state instanceof SessionState.Connecting first) {
            activated(first.activated(established.channel(), established.session()), () -> {});
            opened.complete(null);
            return true;
        }
        if (failure == null) {
            opened.completeExceptionally(RequestDispatcher.closedError(null));
            return false;
        }
        CommandException error = OpcUaErrors.handshake(settings.endpoint(), failure);
        if (state instanceof SessionState.Connecting first) {
            state = first.failed();
            listeners.tell(SessionListener::closed);
            dispatcher.failAll();
            waiters.fail(() -> error);
        }
        opened.completeExceptionally(error);
        return false;
    }

    /**
     * Instead of {@link #open}: an earlier process had the session, which counts as lost from now on. Called once, before
     * anybody else knows of this object; nothing is sent before {@link #resume}.
     *
     * @param left the session as of its last activation; null if nothing of it is left on the server
     */
    public void leftBehind(@Nullable ResumableSession left) {
        state = new SessionState.Connecting()
                .leftBehind(left == null ? null : left.session(), "the daemon has just been started");
        if (left != null) {
            executor.execute(() -> {
                attempts.expect(left.endpoint());
                handshake.expectStaleNonce();
            });
        }
    }

    /** Goes on with what was left behind, for as long as it takes; does nothing for a session that was closed meanwhile. */
    public void resume() {
        executor.execute(() -> {
            if (state instanceof SessionState.Reconnecting lost) {
                recovery.resume(lost.previous() != null);
            }
        });
    }

    /**
     * Whether the server refuses to restore the session, and is known to hold nothing of it: then it takes no slot but in
     * our books. Until the next attempt begins; from any thread.
     */
    public boolean isRefusedAndGone() {
        return state instanceof SessionState.Reconnecting lost && lost.previous() == null && recovery.refusal() != null;
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

    /** What it did so far. The future completes on the session's event loop; with nothing if that has ended. */
    public CompletableFuture<SessionStatistics> statistics() {
        CompletableFuture<SessionStatistics> told = new CompletableFuture<>();
        onLoop(told, null, () -> told.complete(dispatcher.statistics()));
        return told.exceptionally(ended -> SessionStatistics.NONE);
    }

    /**
     * Waits until the session is active. One that seems to be is probed, unless it answered a probe less than 5 s ago; one
     * that is lost is tried to be restored at once, unless somebody asked for that less than 5 s ago, and then for as long
     * as it takes, but not beyond {@code deadline} (the ticker's nanoseconds) nor a refusal. Who asks at the same time
     * shares the answer.
     */
    public CompletableFuture<Void> ensureActive(long deadline) {
        CompletableFuture<Void> active = new CompletableFuture<>();
        onLoop(active, null, () -> {
            if (state instanceof SessionState.Closed) {
                active.completeExceptionally(RequestDispatcher.closedError(null));
                return;
            }
            if (state instanceof SessionState.Active && keepAlive.wasProbedWithin(PROBED_LATELY)) {
                active.complete(null);
                return;
            }
            waiters.add(active, deadline - transport.ticker().read(), this::notConnected);
            if (state instanceof SessionState.Active now) {
                probe(now);
                keepAlive.afterProbe(waiters::succeed);
            } else {
                recovery.hurry();
                CommandException refusal = recovery.refusal();
                if (refusal != null) {
                    waiters.fail(() -> refusal);
                }
            }
        });
        return active;
    }

    /**
     * CloseSession and CloseSecureChannel, each bounded; whatever waits fails.
     *
     * @return completes when the channel is closed, with whether nothing is left of the session on the server: it confirmed
     *     the end, or held none
     */
    public CompletableFuture<Boolean> close() {
        return end(false);
    }

    /**
     * As {@link #close}, but the session stays on the server, to be resumed by another process as of the last {@link
     * SessionListener#activated}.
     */
    public CompletableFuture<Void> leave() {
        return end(true).thenAccept(nothingLeft -> {});
    }

    private CompletableFuture<Boolean> end(boolean leaves) {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        try {
            loop.execute(() -> {
                ending = endNow(leaves);
                ending.whenComplete((done, failure) -> ended.complete(remains.isNothingLeft()));
            });
        } catch (RejectedExecutionException e) {
            ended.complete(false);
        }
        return ended;
    }

    private CompletableFuture<?> endNow(boolean leaves) {
        SessionState before = state;
        if (before instanceof SessionState.Closed) {
            return ending;
        }
        state = new SessionState.Closed();
        remains.sessionEnds(before, leaves);
        keepAlive.stop();
        dispatcher.failAll();
        waiters.fail(() -> RequestDispatcher.closedError(null));
        listeners.tell(SessionListener::closed);
        if (before instanceof SessionState.Active active) {
            return dispose(new Established(active.channel(), active.session()));
        }
        CompletableFuture<?> over = attempts.giveUp();
        recovery.stop();
        return over.thenRun(remains::settle);
    }

    /** Ends what nobody uses, or leaves it. */
    private CompletableFuture<?> dispose(Established established) {
        remains.found();
        return remains.isLeftToOthers()
                ? established.channel().close()
                : handshake
                        .close(established.channel(), established.session())
                        .thenCompose(confirmed -> established.channel().close());
    }

    private void ifLost(UnaryOperator<SessionState.Reconnecting> change) {
        if (state instanceof SessionState.Reconnecting lost) {
            state = change.apply(lost);
        }
    }

    /** @param tell runs before any request goes out: those that waited may mean what the old session had */
    private void activated(SessionState.Active active, Runnable tell) {
        // In this order: whoever sees the new activation finds its namespaces, not those of the one before.
        // What was added since a session was created is not forgotten while it lasts.
        ServerInfo told = Objects.requireNonNull(active.session().serverInfo());
        if (!told.isOfSameSession(serverInfo)) {
            serverInfo = told;
        }
        state = active;
        recovery.activated();
        active.channel().closed().thenRun(() -> broken(active, active.channel().closeReason()));
        keepAlive.start(active.session().revisedTimeout(), () -> probe(active));
        dispatcher.pumpAfter(() -> {
            tell.run();
            waiters.succeed();
        });
    }

    /** Whether the server has added namespaces. */
    private CompletableFuture<Boolean> refreshNamespaces() {
        if (!(state instanceof SessionState.Active active)) {
            return CompletableFuture.completedFuture(false);
        }
        return handshake.namespaces(active.channel(), active.session()).thenApply(uris -> {
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
                    fault -> disowned(active, fault));
        }
    }

    /** The server says that it does not know the session, or that it is not ours. */
    private void disowned(SessionState.Active active, UaException fault) {
        if (!OpcUaErrors.isTakenOver(fault)) {
            broken(active, "the server does not know it any more");
        } else if (state == active) {
            SessionState.Reconnecting lost =
                    active.takenOver(SessionTakenOverException.REASON, recovery.failuresSoFar());
            lost(active, lost);
            recovery.beginAfterTakeOver(lost);
            remains.givenUp(active.session(), false);
        }
    }

    /** The channel ended, or the server forgot the session. */
    private void broken(SessionState.Active active, String reason) {
        if (state == active) {
            SessionState.Reconnecting lost = active.broken(reason, recovery.failuresSoFar());
            lost(active, lost);
            recovery.begin(lost);
        }
    }

    /** Whatever may wait, waits; the rest is told. */
    private void lost(SessionState.Active active, SessionState.Reconnecting lost) {
        keepAlive.stop();
        state = lost;
        dispatcher.failWaitingChanges();
        active.channel().close();
        listeners.tell(listener -> listener.lost(lost.reason()));
    }

    /** What its requests are told while it is lost. */
    private final class Lost implements RequestDispatcher.Outage {
        @Override
        public String noConnection() {
            return OpcUaSession.this.noConnection();
        }

        @Override
        public @Nullable CommandException refusal() {
            return recovery.refusal();
        }
    }

    /** What becomes of the session while it is lost. */
    private final class Recovered implements SessionRecovery.Owner {
        @Override
        public SessionState state() {
            return state;
        }

        @Override
        public void failed(SessionState.Reconnecting next) {
            state = next;
        }

        @Override
        public void refused(CommandException refusal) {
            dispatcher.failRefused(refusal);
            waiters.fail(() -> refusal);
        }

        @Override
        public void restored(SessionState.Reconnecting before, Established established, boolean anew, boolean quiet) {
            SessionState.Active active = before.restored(established.channel(), established.session());
            dispatcher.restored();
            activated(active, () -> listeners.tell(listener -> listener.restored(anew)));
            // There are servers that count the session's timeout from its last request and not from the activation.
            if (quiet && dispatcher.isIdle()) {
                probe(active);
            }
        }
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
