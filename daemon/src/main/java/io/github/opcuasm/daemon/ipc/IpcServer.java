package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The daemon's side of the local sockets: binds the endpoints and turns frames into requests and answers into frames
 * (protocol, sections 1, 2 and 7).
 *
 * <p>Life: {@link #start} once, then {@link #stopAccepting}, {@link #drain} and {@link #close} in this order, any of
 * them left out or repeated. The event loop group is the caller's, and outlives the server. The methods here are not
 * for event loops: they may wait for one.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing tells nothing that channelInactive does not
public final class IpcServer implements AutoCloseable {
    private static final Duration LOOP_WAIT = Duration.ofSeconds(5);
    private static final Duration STREAM_GRACE = Duration.ofMillis(500);

    private final DaemonConfig config;
    private final EventLoopGroup group;
    private final IpcContext context;
    private final List<IpcListener> listeners = new ArrayList<>();
    private boolean started;

    /**
     * @param group of NIO event loops; connections are spread over it
     * @param handler gets every well-formed request
     * @param ticker measures every timeout and {@link Exchange#receivedAt}
     * @param counters of this server alone
     */
    public IpcServer(
            DaemonConfig config, EventLoopGroup group, RequestHandler handler, Ticker ticker, IpcCounters counters) {
        this(
                config,
                group,
                handler,
                ticker,
                IpcLimits.ofProtocol(),
                new PeerCredentials(config.maxConnections(), config.tellsPeersApart()),
                counters);
    }

    IpcServer(DaemonConfig config, EventLoopGroup group, RequestHandler handler, Ticker ticker, IpcLimits limits) {
        this(
                config,
                group,
                handler,
                ticker,
                limits,
                new PeerCredentials(config.maxConnections(), config.tellsPeersApart()),
                new IpcCounters(ticker));
    }

    IpcServer(
            DaemonConfig config,
            EventLoopGroup group,
            RequestHandler handler,
            Ticker ticker,
            IpcLimits limits,
            PeerCredentials credentials,
            IpcCounters counters) {
        this.config = config;
        this.group = group;
        this.context = new IpcContext(
                handler,
                ticker,
                limits,
                config.maxFrameBytes(),
                config.maxInflight(),
                config.connectionIdleTimeout(),
                new ConnectionTable(config.maxConnections()),
                new UndeliveredAnswers(limits.undeliveredInAll()),
                new BusyConnections(),
                credentials,
                counters,
                new AtomicLong());
    }

    /**
     * Binds all endpoints, or none, and serves them.
     *
     * @throws DaemonStartException if one cannot be bound
     * @throws IllegalStateException if it was called before
     */
    public synchronized void start() throws DaemonStartException {
        if (started) {
            throw new IllegalStateException("started already");
        }
        started = true;
        context.counters().started();
        boolean served = false;
        try {
            for (IpcEndpoint endpoint : config.endpoints()) {
                listeners.add(IpcListener.bind(endpoint, config.socketMode(), false));
            }
            IpcEndpoint readOnly = config.readOnlySocket();
            if (readOnly != null) {
                listeners.add(IpcListener.bind(readOnly, config.socketMode(), true));
            }
            for (IpcListener listener : listeners) {
                ChannelFuture serving = listener.serve(group, context);
                if (!await(serving) || !serving.isSuccess()) {
                    throw new DaemonStartException(
                            "Cannot serve " + listener.endpoint() + ": " + serving.cause(), serving.cause());
                }
            }
            served = true;
        } finally {
            if (!served) {
                close();
            }
        }
    }

    /** What is listened on, with real ports where 0 was asked for; in the order of the configuration, the read-only one last. */
    public synchronized List<IpcEndpoint> boundEndpoints() {
        return listeners.stream().map(IpcListener::endpoint).toList();
    }

    public IpcCounters counters() {
        return context.counters();
    }

    /** Bytes of heap and buffers that answers keep which peers have not read yet; exact to some KiB a connection. */
    public long undeliveredBytes() {
        return context.undelivered().bytes();
    }

    /** Accepts no more connections; new requests on kept ones are answered with {@code shutting_down}. */
    public synchronized void stopAccepting() {
        context.busy().stop();
        for (IpcListener listener : listeners) {
            ChannelFuture closing = listener.stopAccepting();
            if (closing != null && await(closing)) {
                awaitNextSelect(closing.channel().eventLoop());
            }
        }
    }

    /**
     * Waits until the requests under way are answered and their answers written, at most for {@code grace}; what is not
     * answered then is answered with {@code shutting_down}. Streams end at once, and are waited for a moment only: just so
     * long that a peer which reads gets what says so. Implies {@link #stopAccepting}.
     *
     * @return completes, never exceptionally, when nothing is left, or when the grace is over and the last answers were
     *     handed to the kernel as far as it took them
     */
    public CompletionStage<Void> drain(Duration grace) {
        stopAccepting();
        CompletableFuture<Void> idle =
                endStreams(grace).thenCompose(ended -> context.busy().whenIdle());
        CompletableFuture<Void> drained = new CompletableFuture<>();
        var deadline = group.next()
                .schedule(
                        () -> refuseUnderWay().thenRun(() -> drained.complete(null)),
                        grace.toNanos(),
                        TimeUnit.NANOSECONDS);
        idle.thenRun(() -> {
            deadline.cancel(false);
            drained.complete(null);
        });
        return drained;
    }

    private CompletableFuture<Void> endStreams(Duration grace) {
        CommandException ending = PendingExchange.shuttingDown(null);
        List<CompletableFuture<Void>> told = new ArrayList<>();
        for (IpcConnection connection : context.table().connections()) {
            CompletableFuture<Void> delivered = new CompletableFuture<>();
            connection.execute(
                    () -> connection.endStreams(ending).whenComplete((done, failure) -> delivered.complete(null)));
            told.add(delivered);
        }
        Duration wait = grace.compareTo(STREAM_GRACE) < 0 ? grace : STREAM_GRACE;
        return CompletableFuture.allOf(told.toArray(new CompletableFuture<?>[0]))
                .completeOnTimeout(null, wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    private CompletableFuture<Void> refuseUnderWay() {
        List<CompletableFuture<Void>> refused = new ArrayList<>();
        for (IpcConnection connection : context.table().connections()) {
            refused.add(CompletableFuture.runAsync(connection::refuseUnderWay, connection::execute));
        }
        // Answers given on a loop go out in a task behind this one.
        return CompletableFuture.allOf(refused.toArray(new CompletableFuture<?>[0]))
                .thenCompose(done -> {
                    List<CompletableFuture<Void>> flushed = new ArrayList<>();
                    group.forEach(loop -> flushed.add(CompletableFuture.runAsync(() -> {}, loop)));
                    return CompletableFuture.allOf(flushed.toArray(new CompletableFuture<?>[0]));
                });
    }

    /** Closes everything and removes the socket files that are still ours. May run twice. */
    @Override
    public synchronized void close() {
        stopAccepting();
        listeners.forEach(IpcListener::close);
        context.table().connections().forEach(IpcConnection::close);
        context.table().endingChannels().forEach(Channel::close);
        context.credentials().close();
    }

    /** The JDK keeps a closed listener open to the kernel, which goes on accepting, until its selector has run again. */
    private static void awaitNextSelect(EventLoop loop) {
        if (!loop.isShuttingDown()) {
            await(loop.schedule(() -> {}, 1, TimeUnit.MILLISECONDS));
        }
    }

    private static boolean await(Future<?> future) {
        return future.awaitUninterruptibly(LOOP_WAIT.toMillis());
    }
}
