package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A server on a Unix socket and on a port of the system's choice, with two event loops. */
final class RunningServer implements AutoCloseable {
    final ScriptedHandler handler = new ScriptedHandler();
    final NioEventLoopGroup group = new NioEventLoopGroup(2);
    final IpcServer server;

    private RunningServer(DaemonConfig config, IpcLimits limits) throws DaemonStartException {
        server = new IpcServer(config, group, handler, Ticker.SYSTEM, limits);
        server.start();
    }

    private RunningServer(DaemonConfig config, PeerCredentials credentials) throws DaemonStartException {
        server = new IpcServer(
                config,
                group,
                handler,
                Ticker.SYSTEM,
                IpcLimits.ofProtocol(),
                credentials,
                new IpcCounters(Ticker.SYSTEM));
        server.start();
    }

    /** One that finds out in this way whose processes its peers are. */
    static RunningServer with(PeerCredentials credentials, Path directory) throws DaemonStartException {
        return new RunningServer(
                DaemonConfig.builder()
                        .socket(new IpcEndpoint.Unix(directory.resolve("ipc.sock")))
                        .build(),
                credentials);
    }

    static RunningServer in(Path directory) throws DaemonStartException, IOException {
        return in(directory, config -> config, IpcLimits.ofProtocol());
    }

    static RunningServer in(Path directory, UnaryOperator<DaemonConfig.Builder> options, IpcLimits limits)
            throws DaemonStartException, IOException {
        DaemonConfig.Builder config = DaemonConfig.builder()
                .socket(
                        new IpcEndpoint.Unix(directory.resolve("ipc.sock")),
                        new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0));
        return new RunningServer(options.apply(config).build(), limits);
    }

    /** The protocol's limits with these times. */
    static IpcLimits times(Duration firstFrame, Duration writeProgress, Duration linger) {
        IpcLimits limits = IpcLimits.ofProtocol();
        return new IpcLimits(
                firstFrame,
                limits.identification(),
                writeProgress,
                linger,
                limits.lingerBytes(),
                limits.undeliveredOfConnection(),
                limits.undeliveredInAll());
    }

    IpcEndpoint unix() {
        return server.boundEndpoints().get(0);
    }

    IpcEndpoint tcp() {
        return server.boundEndpoints().get(1);
    }

    IpcEndpoint endpoint(Transport transport) {
        return transport == Transport.UNIX ? unix() : tcp();
    }

    IpcCounters.Snapshot counters() {
        return server.counters().snapshot();
    }

    @Override
    public void close() {
        server.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    enum Transport {
        UNIX,
        TCP
    }
}
