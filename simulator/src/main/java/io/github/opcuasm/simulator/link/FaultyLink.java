package io.github.opcuasm.simulator.link;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Listener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A TCP link to a server that breaks on demand. Clients connect to {@link #endpointUrl()}; each gets a connection of its
 * own to the server, on which bytes pass unchanged until something is asked for. A peer that ends its stream has closed the
 * connection, also for the other direction.
 *
 * <pre>{@code
 * try (FaultyLink link = FaultyLink.before(simulator.endpointUrl())) {
 *     connectTo(link.endpointUrl());
 *     Trigger cut = link.breakAt(Passage.before(TO_CLIENT, OPN, 1), Ending.RESET);
 *     link.breakAll(Ending.RESET);
 *     ...
 * }
 * }</pre>
 *
 * <p>What is switched on holds for the connections that exist and for those to come, from the return of the method until
 * its {@link Fault} is closed. There is one of each kind in each direction: closing undoes the kind. One thread moves all
 * bytes; methods may be called from any other. A link holds at most {@link #MAX_CONNECTIONS} connections and resets the
 * rest.
 */
public final class FaultyLink implements AutoCloseable {
    /** Connections at a time. */
    public static final int MAX_CONNECTIONS = 10_000;

    private static final int ACCEPT_TIMES_KEPT = 10_000;
    private static final long PATIENCE_SECONDS = 10;

    private final NioEventLoopGroup eventLoop = new NioEventLoopGroup(1, new DefaultThreadFactory("faulty-link", true));
    private final Conditions toServer = new Conditions();
    private final Conditions toClient = new Conditions();
    private final Triggers triggers = new Triggers();
    private final Set<LinkConnection> connections = new HashSet<>();
    private final Deque<Long> acceptTimes = new ArrayDeque<>();
    private final InetSocketAddress server;
    private final Listener listener;
    private final String endpointUrl;
    private long accepted;
    private boolean leavingUnserved;

    private FaultyLink(URI serverUrl) {
        this.server = new InetSocketAddress(serverUrl.getHost(), serverUrl.getPort());
        this.listener = Listener.bind(
                eventLoop,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accepted(channel);
                    }
                });
        this.endpointUrl = "opc.tcp://127.0.0.1:" + port() + serverUrl.getRawPath();
    }

    /**
     * A link that takes connections on a free port of 127.0.0.1.
     *
     * @param endpointUrl of the server, with host and port; it need not run yet
     */
    public static FaultyLink before(String endpointUrl) {
        FaultyLink link = new FaultyLink(URI.create(endpointUrl));
        link.listener.listen();
        return link;
    }

    /** The server's URL with this link's host and port. */
    public String endpointUrl() {
        return endpointUrl;
    }

    public int port() {
        return listener.address().getPort();
    }

    /** Ends every connection that there is now. New ones may come at once. */
    public void breakAll(Ending ending) {
        run(() -> List.copyOf(connections).forEach(connection -> connection.end(ending)));
    }

    /**
     * Ends a connection at this point of it, once. What was to pass before has been handed to the system by then; a reset
     * may still overtake it where the receiver does not keep up.
     */
    public Trigger breakAt(Passage passage, Ending ending) {
        return ask(() -> triggers.arm(passage, ending, this::run));
    }

    /**
     * Lets so many bytes pass in this direction, over all connections and from now on, and ends the connection with the
     * last of them there, once.
     *
     * @param bytes at least 1
     */
    public Trigger truncate(Direction direction, long bytes, Ending ending) {
        if (bytes < 1) {
            throw new IllegalArgumentException("At least 1 byte passes, was " + bytes);
        }
        return ask(() -> triggers.arm(direction, bytes, ending, this::run));
    }

    /** Refuses new connections, as a port on which nobody listens; those that exist go on. Undoing takes them again. */
    public Fault refuse() {
        listener.silence();
        return this::listen;
    }

    /**
     * Takes new connections and leaves it at that: the server does not hear of them, and they never hear anything, also
     * after the undoing. Those that exist go on.
     */
    public Fault leaveUnserved() {
        run(() -> leavingUnserved = true);
        return () -> run(() -> leavingUnserved = false);
    }

    /**
     * Stops the bytes of this direction on their way, the end of the stream included. Undoing lets them arrive, late but
     * whole and in order, as after an outage of the network that TCP has outlived.
     */
    public Fault hold(Direction direction) {
        change(direction, it -> it.held(true));
        return () -> change(direction, it -> it.held(false));
    }

    /**
     * Loses the bytes of this direction while its connections stay; their ends are lost too. A connection that has lost
     * some goes on losing them after the undoing: to its peers it looks as it did.
     */
    public Fault swallow(Direction direction) {
        change(direction, it -> it.swallowing(true));
        return () -> change(direction, it -> it.swallowing(false));
    }

    /** Loses the bytes of both directions, see {@link #swallow(Direction)}. */
    public Fault swallow() {
        Fault toServer = swallow(Direction.TO_SERVER);
        Fault toClient = swallow(Direction.TO_CLIENT);
        return () -> {
            toServer.close();
            toClient.close();
        };
    }

    /** Lets all bytes of this direction arrive so much later; undoing lets those under way arrive at once. */
    public Fault delay(Direction direction, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("A delay is not negative, was " + delay);
        }
        change(direction, it -> it.delayNanos(delay.toNanos()));
        return () -> change(direction, it -> it.delayNanos(0));
    }

    /** Lets no more than so many bytes a second pass in this direction on each connection. */
    public Fault throttle(Direction direction, int bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("At least 1 byte a second passes, was " + bytesPerSecond);
        }
        change(direction, it -> it.bytesPerSecond(bytesPerSecond));
        return () -> change(direction, it -> it.bytesPerSecond(Integer.MAX_VALUE));
    }

    /** Undoes everything that is switched on and disarms all triggers. What is silent stays silent. */
    public void heal() {
        run(() -> {
            triggers.clear();
            leavingUnserved = false;
            toServer.clear();
            toClient.clear();
            followAll();
        });
        listen();
    }

    /** Connections that clients have now, or have given up while the server has not; silent ones are among them. */
    public int connections() {
        return ask(connections::size);
    }

    /** Bytes that this link has lost in a direction, on all connections. */
    public long lostBytes(Direction direction) {
        return ask(() -> of(direction).lostBytes());
    }

    /** Connections that clients have made in all. */
    public long accepted() {
        return ask(() -> accepted);
    }

    /**
     * When the first connection was accepted at or after this moment, among the newest 10,000.
     *
     * @param nanoTime as {@link System#nanoTime()} gives it, and as the result is
     */
    public OptionalLong firstAcceptedAfter(long nanoTime) {
        return ask(() -> acceptTimes.stream()
                .mapToLong(Long::longValue)
                .filter(time -> time - nanoTime >= 0)
                .findFirst());
    }

    /** Resets all connections and gives the port back. May be repeated. */
    @Override
    public void close() {
        listener.close();
        if (!eventLoop.isShuttingDown()) {
            breakAll(Ending.RESET);
            eventLoop
                    .shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void accepted(SocketChannel client) {
        accepted++;
        if (acceptTimes.size() == ACCEPT_TIMES_KEPT) {
            acceptTimes.remove();
        }
        acceptTimes.add(System.nanoTime());
        LinkConnection connection = new LinkConnection(client, toServer, toClient, triggers, this::over);
        connections.add(connection);
        if (connections.size() > MAX_CONNECTIONS) {
            connection.end(Ending.RESET);
        } else if (leavingUnserved) {
            connection.end(Ending.SILENCE);
        } else {
            connection.connect(server);
        }
    }

    private void over(LinkConnection connection) {
        connections.remove(connection);
        triggers.forget(connection.toServer());
        triggers.forget(connection.toClient());
    }

    private Conditions of(Direction direction) {
        return direction == Direction.TO_SERVER ? toServer : toClient;
    }

    private void change(Direction direction, Consumer<Conditions> change) {
        run(() -> {
            change.accept(of(direction));
            followAll();
        });
    }

    private void followAll() {
        List.copyOf(connections).forEach(LinkConnection::follow);
    }

    private void listen() {
        if (!eventLoop.isShuttingDown()) {
            listener.listen();
        }
    }

    /** Nothing once the link is closed: undoing a fault then is harmless. */
    private void run(Runnable work) {
        if (!eventLoop.isShuttingDown()) {
            Object unused = ask(() -> {
                work.run();
                return true;
            });
        }
    }

    private <T> T ask(Callable<T> work) {
        var done = eventLoop.submit(work);
        if (!done.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("The link's thread did nothing for " + PATIENCE_SECONDS + " s");
        }
        return done.syncUninterruptibly().getNow();
    }
}
