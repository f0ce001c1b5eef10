package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.lifecycle.SocketFile;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One bound endpoint. The JDK's channel is bound first and handed to Netty later: so all endpoints are bound before any
 * is served, and Netty never learns the final path of a Unix socket, which it would delete without looking.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing tells nothing that channelInactive does not
final class IpcListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IpcListener.class);

    /** The kernel cuts it to its own limit. */
    private static final int BACKLOG = 4096;

    private static final int LONGEST_READ = 16 * 1024;

    private final IpcEndpoint endpoint;
    private final ServerSocketChannel socket;
    private final @Nullable SocketFile socketFile;
    private final boolean readOnly;
    private @Nullable Channel channel;

    private IpcListener(
            IpcEndpoint endpoint, ServerSocketChannel socket, @Nullable SocketFile socketFile, boolean readOnly) {
        this.endpoint = endpoint;
        this.socket = socket;
        this.socketFile = socketFile;
        this.readOnly = readOnly;
    }

    /**
     * Binds; connections wait in the kernel until {@link #serve}.
     *
     * @param readOnly whether its peers may only read
     */
    static IpcListener bind(IpcEndpoint endpoint, int socketMode, boolean readOnly) throws DaemonStartException {
        if (endpoint instanceof IpcEndpoint.Unix unix) {
            SocketFile file = SocketFile.bind(unix.path(), socketMode, BACKLOG);
            return new IpcListener(endpoint, file.channel(), file, readOnly);
        }
        return bindTcp((IpcEndpoint.Tcp) endpoint, readOnly);
    }

    private static IpcListener bindTcp(IpcEndpoint.Tcp endpoint, boolean readOnly) throws DaemonStartException {
        ServerSocketChannel socket = null;
        try {
            socket = ServerSocketChannel.open();
            socket.bind(new InetSocketAddress(endpoint.address(), endpoint.port()), BACKLOG);
            int port = ((InetSocketAddress) socket.getLocalAddress()).getPort();
            return new IpcListener(
                    new IpcEndpoint.Tcp(endpoint.host(), endpoint.address(), port), socket, null, readOnly);
        } catch (BindException e) {
            closeQuietly(socket);
            throw new DaemonStartException(
                    "Another process is listening on " + endpoint + ", or the port is not ours to use: "
                            + e.getMessage(),
                    e);
        } catch (IOException e) {
            closeQuietly(socket);
            throw new DaemonStartException("Cannot listen on " + endpoint + ": " + e.getMessage(), e);
        }
    }

    /** With the port that the system chose. */
    IpcEndpoint endpoint() {
        return endpoint;
    }

    /** Begins to accept; the future tells when. */
    ChannelFuture serve(EventLoopGroup group, IpcContext context) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channelFactory(this::openChannel)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(OutboundAnswers.SLICE / 2, OutboundAnswers.SLICE))
                .childOption(ChannelOption.RCVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(256, 1024, LONGEST_READ))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline()
                                .addLast(new IpcConnection(
                                        context, child, readOnly, endpoint instanceof IpcEndpoint.Unix));
                    }
                });
        if (endpoint instanceof IpcEndpoint.Tcp) {
            bootstrap.childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        ChannelFuture registered = bootstrap.register();
        channel = registered.channel();
        return registered;
    }

    private ServerChannel openChannel() {
        return endpoint instanceof IpcEndpoint.Unix
                ? new NioServerDomainSocketChannel(socket)
                : new NioServerSocketChannel(socket);
    }

    /** Accepts no more; the socket file stays, refusing connections. Completes when the listener is closed. */
    @Nullable
    ChannelFuture stopAccepting() {
        if (channel != null) {
            return channel.close();
        }
        closeQuietly(socket);
        return null;
    }

    /** Also removes the socket file. May run twice. */
    @Override
    public void close() {
        stopAccepting();
        if (socketFile != null) {
            socketFile.close();
        }
    }

    private static void closeQuietly(@Nullable ServerSocketChannel socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("Closing a listener failed", e);
            }
        }
    }
}
