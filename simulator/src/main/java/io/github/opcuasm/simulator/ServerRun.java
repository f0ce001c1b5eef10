package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.security.CertificateManager;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.transport.server.OpcServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.ServerApplicationContext;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;
import org.eclipse.milo.opcua.stack.transport.server.uasc.UascServerHelloHandler;
import org.jspecify.annotations.Nullable;

/**
 * One life of the server, from a start to its stop, with threads of its own.
 *
 * <p>The order of a start: bind the port (Milo wants to know it before it exists), build Milo's server on it,
 * fill the address space, take connections. Milo's own TCP transport is left out: it counts connections per
 * address in static state, and its pipeline has no place in front of the protocol's handlers.
 */
final class ServerRun implements AutoCloseable {
    private static final int MAX_QUEUED_REQUESTS = 65_536;
    private static final int PATIENCE_SECONDS = 5;
    private static final long SHORTEST_LIFETIME_MILLIS = 60_000;
    private static final long NO_CHANNEL = -1;

    private static final EncodingLimits ENCODING_LIMITS = new EncodingLimits(
            EncodingLimits.DEFAULT_MAX_CHUNK_SIZE, 4_096, 64 * 1024 * 1024, EncodingLimits.DEFAULT_MAX_RECURSION_DEPTH);

    private final SimulatorParts parts;
    private final CustomModel model;
    private final EventLoopGroup eventLoops;
    private final ThreadPoolExecutor executor;
    private final ScheduledThreadPoolExecutor scheduler;
    private final Listener listener;
    private final SessionSlots slots;
    private @Nullable OpcUaServer server;
    private @Nullable SimulatorNamespace namespace;
    private volatile @Nullable SimulatorSubscriptions subscriptions;
    private volatile @Nullable ServerApplicationContext application;

    private ServerRun(SimulatorParts parts, InetSocketAddress wanted) {
        this.parts = parts;
        this.model = new CustomModel(parts.model());
        this.slots = new SessionSlots(parts.limits(), parts.counters());
        this.eventLoops = new NioEventLoopGroup(parts.threads(), daemons("simulator-io"));
        this.executor = new ThreadPoolExecutor(
                parts.threads(),
                parts.threads(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_QUEUED_REQUESTS),
                daemons("simulator"));
        this.scheduler = new ScheduledThreadPoolExecutor(1, daemons("simulator-timer"));
        scheduler.setRemoveOnCancelPolicy(true);
        try {
            this.listener = Listener.bind(eventLoops, wanted, new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel channel) {
                    connected(channel);
                }
            });
        } catch (RuntimeException e) {
            stopThreads();
            throw e;
        }
    }

    /**
     * Starts a server.
     *
     * @param wanted where to listen; port 0 asks for any free port
     * @throws java.io.UncheckedIOException if it cannot listen there
     */
    static ServerRun start(SimulatorParts parts, InetSocketAddress wanted) {
        ServerRun run = new ServerRun(parts, wanted);
        try {
            run.startServer();
            return run;
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return listener.address();
    }

    long sessions() {
        return server == null
                ? 0
                : server.getSessionManager().getCurrentSessionCount().longValue();
    }

    @Nullable
    EventNodes events() {
        return namespace == null ? null : namespace.events();
    }

    /** Lets the endpoints have the certificate that the server presents by now. */
    void followCertificate() {
        if (server != null) {
            server.resetEndpointDescriptionCache();
        }
    }

    /** Null before the server is complete. */
    @Nullable
    SimulatorSubscriptions subscriptions() {
        return subscriptions;
    }

    /** Brings the address space to what the simulator's model settings have become. */
    void followModel() {
        model.followSettings();
    }

    int namespaceIndex() {
        return namespace == null ? 0 : namespace.getNamespaceIndex().intValue();
    }

    List<String> sessionNames() {
        return allSessions().stream()
                .map(session -> String.valueOf(session.getSessionName()))
                .sorted()
                .toList();
    }

    void forgetSessions() {
        if (server != null) {
            for (Session session : allSessions()) {
                server.getSessionManager().killSession(session.getSessionId(), true);
            }
        }
    }

    void closeSessions() {
        allSessions().forEach(slots::remember);
        forgetSessions();
    }

    void replaceSessions() {
        allSessions().forEach(session -> session.setSecureChannelId(NO_CHANNEL));
    }

    private List<Session> allSessions() {
        return server == null ? List.of() : server.getSessionManager().getAllSessions();
    }

    @Override
    public void close() {
        parts.connections().unserve();
        listener.close();
        parts.connections().closeAll(false);
        if (namespace != null) {
            namespace.shutdown();
        }
        if (server != null) {
            server.shutdown().join();
        }
        stopThreads();
    }

    private void startServer() {
        parts.counters().countStart();
        PublishedLimits limits = new PublishedLimits(parts.limits());
        SimulatorServer created = new SimulatorServer(config(limits), profile -> new Transport());
        server = created;
        slots.follow(created.getSessionManager());
        // Milo keeps a tree of nodes for each session's diagnostics, which costs more than the session.
        created.getServerNamespace().shutdown();
        limits.publish(created);
        ServerDescription.publish(created, parts.aggregates());
        parts.model().namespacesBefore().forEach(created.getNamespaceTable()::add);
        SimulatorNamespace filled = new SimulatorNamespace(created, parts, model);
        namespace = filled;
        filled.startup();
        var history = new SimulatorHistory(created, filled, filled.history(), parts.limits());
        var updates = new HistoryUpdates(filled, filled.history(), new EventUpdates(created, filled, filled.history()));
        created.addServiceSet(Simulator.PATH, new SimulatorAttributes(created, filled, history, updates));
        subscriptions = new SimulatorSubscriptions(created, parts.faults().subscriptions(), parts.limits());
        created.addServiceSet(Simulator.PATH, subscriptions);
        created.addMethods(Simulator.PATH, new SimulatorMethods(created, filled, filled.methods(), parts.calls()));
        created.addServiceSet(Simulator.PATH, Objects.requireNonNull(filled.nodeManagement()));
        created.startup().join();
    }

    private OpcUaServerConfig config(PublishedLimits limits) {
        return OpcUaServerConfig.builder()
                .setApplicationName(LocalizedText.english("OPC UA simulator"))
                .setApplicationUri(Simulator.APPLICATION_URI)
                .setProductUri(Simulator.APPLICATION_URI)
                .setBuildInfo(ServerDescription.BUILD_INFO)
                .setEndpoints(parts.security().endpoints(address(), parts.hostname()))
                .setIdentityValidator(parts.security().users())
                .setCertificateManager(certificates())
                .setLimits(limits)
                .setEncodingLimits(ENCODING_LIMITS)
                .setExecutor(executor)
                .setScheduledExecutor(scheduler)
                .build();
    }

    private CertificateManager certificates() {
        ServerCertificates certificates = parts.security().certificates();
        return certificates == null
                ? new DefaultCertificateManager(new MemoryCertificateQuarantine(), List.of())
                : certificates;
    }

    private void connected(SocketChannel channel) {
        ServerApplicationContext served = application;
        if (served == null) {
            var unused = channel.close();
            return;
        }
        parts.counters().countConnection();
        var answers = new Answers(served.getEncodingContext(), model.rawValues(), parts.faults());
        var handshakeAnswers =
                new HandshakeAnswers(parts.faults(), parts.security().certificates());
        var handshake = new Handshake(parts.counters());
        channel.closeFuture().addListener(closed -> handshake.end());
        var services = new DisturbedServices(
                served, parts.faults(), parts.limits(), parts.counters(), slots, answers, handshakeAnswers, handshake);
        long lifetime = parts.limits().channelLifetime().toMillis();
        var config = OpcTcpServerTransportConfig.newBuilder()
                .setExecutor(executor)
                .setEventLoop(eventLoops)
                .setMinimumSecureChannelLifetime(uint(Math.min(lifetime, SHORTEST_LIFETIME_MILLIS)))
                .setMaximumSecureChannelLifetime(uint(lifetime))
                .build();
        channel.pipeline().addLast(new ConnectionGate(parts.connections()));
        channel.pipeline().addLast(new UascServerHelloHandler(config, services, TransportProfile.TCP_UASC_UABINARY));
    }

    private void stopThreads() {
        scheduler.shutdownNow();
        executor.shutdownNow();
        eventLoops
                .shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        try {
            if (!executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    || !scheduler.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        "The simulator's threads did not end within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static DefaultThreadFactory daemons(String name) {
        return new DefaultThreadFactory(name, true);
    }

    /** The name under which clients reach a listener at this address. */
    static String hostnameOf(InetAddress address, String host) {
        if (!address.isAnyLocalAddress()) {
            return host;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (java.net.UnknownHostException e) {
            return "localhost";
        }
    }

    /** Hands connections of the bound listener to the server. */
    private final class Transport implements OpcServerTransport {
        @Override
        public void bind(ServerApplicationContext context, InetSocketAddress address) {
            application = context;
            parts.connections().serve(listener);
        }

        @Override
        public void unbind() {
            application = null;
        }
    }
}
