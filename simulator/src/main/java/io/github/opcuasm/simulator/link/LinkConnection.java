package io.github.opcuasm.simulator.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection and the one to the server that belongs to it. It is over when both are closed, which for a silent
 * one is when both peers have given it up. All state belongs to the event loop, which is the same for both channels.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Closing needs no answer.
final class LinkConnection {
    private final Consumer<LinkConnection> whenOver;
    private final SocketChannel client;
    private final Pipe toServer;
    private final Pipe toClient;
    private @Nullable Channel server;
    private boolean connecting;
    private boolean over;

    LinkConnection(
            SocketChannel client,
            Conditions upstream,
            Conditions downstream,
            Triggers triggers,
            Consumer<LinkConnection> whenOver) {
        this.client = client;
        this.whenOver = whenOver;
        this.toServer = new Pipe(Direction.TO_SERVER, this, upstream, triggers);
        this.toClient = new Pipe(Direction.TO_CLIENT, this, downstream, triggers);
        client.pipeline().addLast(toServer);
    }

    /** Connects to the server; if nobody listens there, the client gets a reset. */
    void connect(SocketAddress address) {
        connecting = true;
        ChannelFuture attempt = new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(toClient)
                .connect(address);
        server = attempt.channel();
        attempt.addListener(outcome -> connected(attempt));
    }

    private void connected(ChannelFuture outcome) {
        connecting = false;
        if (outcome.isSuccess()) {
            toClient.connect(client);
            toServer.connect(outcome.channel());
        } else {
            end(Ending.RESET);
        }
        closed();
    }

    Pipe opposite(Pipe pipe) {
        return pipe == toServer ? toClient : toServer;
    }

    void follow() {
        toServer.follow();
        toClient.follow();
    }

    void end(Ending ending) {
        if (ending == Ending.SILENCE) {
            toServer.silence();
            toClient.silence();
            return;
        }
        close(client, ending);
        if (server != null) {
            close(server, ending);
        }
    }

    /** Takes note that a channel has been closed. */
    void closed() {
        if (!over && !connecting && !client.isActive() && (server == null || !server.isActive())) {
            over = true;
            toServer.clear();
            toClient.clear();
            whenOver.accept(this);
        }
    }

    Pipe toServer() {
        return toServer;
    }

    Pipe toClient() {
        return toClient;
    }

    private static void close(Channel channel, Ending ending) {
        if (ending == Ending.RESET && channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.close();
    }
}
