package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.resultOf;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.Registries;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A simulated server and handles to it. */
final class ServiceFixture implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(120);

    final Simulator simulator;
    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 16 * 1024 * 1024);
    final HandleRegistry registry = Registries.of(
            DaemonConfig.builder()
                    .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                    .keepAliveInterval(LONG)
                    .build(),
            transport,
            Ticker.SYSTEM,
            InstantSource.system());

    private final CallContexts contexts = new CallContexts(Ticker.SYSTEM);

    ServiceFixture() {
        this(Simulator.builder());
    }

    ServiceFixture(Simulator.Builder server) {
        simulator = server.build();
        simulator.start();
    }

    /** A query's context on a handle with this config; single quotes stand for double ones. */
    CallContext context(String config) throws Exception {
        String id = resultOf(registry.open(
                        EndpointUrl.parse(simulator.endpointUrl()),
                        SessionConfig.parse(json(config)),
                        false,
                        Caller.anyone()))
                .sessionId();
        return context(registry.use(id, Caller.anyone()));
    }

    CallContext context(SessionHandle handle) {
        return context(handle, Caller.anyone());
    }

    /** Of a query whose frame came so long ago. */
    CallContext contextOfOld(SessionHandle handle, Duration age) {
        long now = Ticker.SYSTEM.read();
        return contexts.of(handle, now - age.toNanos(), now + LONG.toNanos(), 1, Caller.anyone());
    }

    CallContext context(SessionHandle handle, Caller caller) {
        long now = Ticker.SYSTEM.read();
        return contexts.of(handle, now, now + LONG.toNanos(), 1, caller);
    }

    /** Ends a handle, whoever holds it; its session goes on if others share it. */
    void end(SessionHandle handle) throws Exception {
        resultOf(registry.close(handle, true));
    }

    SessionHandle handle() {
        return registry.list(Caller.anyone()).get(0);
    }

    static JsonValue json(String text) {
        byte[] utf8 = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(utf8, 0, utf8.length);
    }

    /** A node of the simulator's. */
    static NodeId node(String path) {
        return NodeId.text(Simulator.NAMESPACE_INDEX, path);
    }

    static NodeId standard(long id) {
        return NodeId.numeric(0, id);
    }

    @Override
    public void close() {
        simulator.faults().clear();
        registry.closeAll().orTimeout(30, TimeUnit.SECONDS).join();
        simulator.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
