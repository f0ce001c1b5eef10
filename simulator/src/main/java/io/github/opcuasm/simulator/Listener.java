package io.github.opcuasm.simulator;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The listening socket. It owns its port from the first bind until {@link #close()}: while it is silenced, a
 * {@link PortReservation} holds it. A fresh listener is bound and takes no connection until {@link #listen()};
 * those that come meanwhile wait in the backlog.
 */
public final class Listener implements AutoCloseable {
    private static final int BACKLOG = 1_024;

    private final EventLoopGroup eventLoops;
    private final ChannelHandler connectionHandler;
    private final InetSocketAddress address;
    private @Nullable Channel channel;
    private @Nullable PortReservation reservation;

    private Listener(EventLoopGroup eventLoops, ChannelHandler connectionHandler, InetSocketAddress wanted) {
        this.eventLoops = eventLoops;
        this.connectionHandler = connectionHandler;
        Channel bound = bind(wanted);
        this.channel = bound;
        this.address = (InetSocketAddress) bound.localAddress();
    }

    /**
     * Binds a socket.
     *
     * @param wanted port 0 asks for any free port
     * @param connectionHandler set up for each connection
     * @throws UncheckedIOException if the address cannot be had
     */
    public static Listener bind(EventLoopGroup eventLoops, InetSocketAddress wanted, ChannelHandler connectionHandler) {
        return new Listener(eventLoops, connectionHandler, wanted);
    }

    /** Where it listens, with the port that it was given. */
    public InetSocketAddress address() {
        return address;
    }

    /** Takes connections. */
    public synchronized void listen() {
        if (channel == null) {
            channel = bind(address);
            if (reservation != null) {
                reservation.close();
                reservation = null;
            }
        }
        channel.config().setAutoRead(true);
    }

    /** Takes no more connections: the system refuses them. */
    public synchronized void silence() {
        if (channel != null) {
            channel.close().syncUninterruptibly();
            // The JDK keeps the socket open to the kernel, which goes on accepting, until the selector has run again.
            channel.eventLoop().schedule(() -> {}, 1, TimeUnit.MILLISECONDS).awaitUninterruptibly();
            channel = null;
            reservation = PortReservation.of(address);
        }
    }

    @Override
    public synchronized void close() {
        silence();
        if (reservation != null) {
            reservation.close();
            reservation = null;
        }
    }

    private Channel bind(InetSocketAddress wanted) {
        ChannelFuture binding = new ServerBootstrap()
                .group(eventLoops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(connectionHandler)
                .bind(wanted)
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw cannotListen(wanted, binding.cause());
        }
        return binding.channel();
    }

    private static UncheckedIOException cannotListen(InetSocketAddress wanted, Throwable cause) {
        String where = wanted.getHostString() + ":" + wanted.getPort();
        String why = cause instanceof BindException && wanted.getPort() != 0
                ? cause.getMessage() + "; stop what uses the port, or choose another (0 takes any free one)"
                : String.valueOf(cause.getMessage());
        return new UncheckedIOException(
                "Cannot listen on " + where + ": " + why,
                cause instanceof IOException io ? io : new IOException(cause));
    }
}
