package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.resultOf;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.jspecify.annotations.Nullable;

/** A simulated server, and sessions to it that a test opens. */
final class SimulatedPlant implements AutoCloseable {
    static final NodeId INT32 = Simulator.node("Scalars/Int32");
    static final NodeId BYTE_STRING = Simulator.node("Scalars/ByteString");

    /** Longer than any test takes: what waits this long must be ended by something else. */
    static final Duration LONG = Duration.ofSeconds(120);

    final Simulator simulator;
    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final OpcUaTransport transport;
    private final SessionConnector connector;
    private final List<OpcUaSession> sessions = new ArrayList<>();

    SimulatedPlant() {
        this(16 * 1024 * 1024);
    }

    SimulatedPlant(int maxMessageBytes) {
        this(maxMessageBytes, Simulator.builder().build());
    }

    SimulatedPlant(Simulator simulator) {
        this(16 * 1024 * 1024, simulator);
    }

    /** @param ticker of the sessions, not of the simulator */
    SimulatedPlant(Simulator simulator, Ticker ticker) {
        this(16 * 1024 * 1024, simulator, ticker);
    }

    private SimulatedPlant(int maxMessageBytes, Simulator simulator) {
        this(maxMessageBytes, simulator, Ticker.SYSTEM);
    }

    private SimulatedPlant(int maxMessageBytes, Simulator simulator, Ticker ticker) {
        this.simulator = simulator;
        transport = new OpcUaTransport(loops, ticker, new Random(1), maxMessageBytes);
        connector = TestSecurity.connector(transport);
        simulator.start();
    }

    /** A session that has not been opened. */
    OpcUaSession session(String url, Duration callTimeout, Duration keepAliveInterval) {
        return session(url, callTimeout, keepAliveInterval, TestSecurity.PLAIN);
    }

    OpcUaSession session(String url, Duration callTimeout, Duration keepAliveInterval, SecuritySettings security) {
        OpcUaSession session = new OpcUaSession(
                connector,
                new SessionSettings(
                        EndpointUrl.parse(url),
                        "test",
                        "test",
                        Duration.ofSeconds(60),
                        callTimeout,
                        AddressFilter.ALL,
                        security),
                keepAliveInterval);
        sessions.add(session);
        return session;
    }

    /** An open session that sends no probes by itself. */
    OpcUaSession openSession() throws Exception {
        return openSession(simulator.endpointUrl());
    }

    OpcUaSession openSession(String url) throws Exception {
        OpcUaSession session = session(url, Duration.ofSeconds(20), LONG);
        resultOf(session.open());
        return session;
    }

    static long in(Duration duration) {
        return Ticker.SYSTEM.read() + duration.toNanos();
    }

    static CompletableFuture<ReadResponse> read(OpcUaSession session, Duration timeout, int retries) {
        return session.submit(readCall(1, timeout, retries, () -> {}));
    }

    /** @param onSent called when the request is handed to the channel */
    static ServiceCall<ReadResponse> readCall(long connectionId, Duration timeout, int retries, Runnable onSent) {
        ReadValueId[] items = {new ReadValueId(INT32, AttributeId.Value.uid(), null, QualifiedName.NULL_VALUE)};
        Function<RequestHeader, UaRequestMessageType> message = header -> {
            onSent.run();
            return new ReadRequest(header, 0.0, TimestampsToReturn.Neither, items);
        };
        return new ServiceCall<>(ReadResponse.class, message, null, in(timeout), connectionId, retries);
    }

    /** The session's activation, which holds now. */
    static SessionState.Active active(OpcUaSession session) {
        if (session.state() instanceof SessionState.Active active) {
            return active;
        }
        throw new AssertionError("The session is " + session.state());
    }

    static CompletableFuture<WriteResponse> write(OpcUaSession session, int value, Duration timeout) {
        return write(session, active(session), INT32, value, timeout);
    }

    /** @param onlyOn the activation on which the write may go out */
    static CompletableFuture<WriteResponse> write(
            OpcUaSession session, SessionState.Active onlyOn, NodeId node, Object value, Duration timeout) {
        WriteValue[] values = {
            new WriteValue(node, AttributeId.Value.uid(), null, DataValue.valueOnly(new Variant(value)))
        };
        return session.submit(new ServiceCall<>(
                WriteResponse.class, header -> new WriteRequest(header, values), onlyOn, in(timeout), 1, 9));
    }

    /** Goes on with what an earlier session left; null for nothing. */
    static void resume(OpcUaSession session, @Nullable ResumableSession left) {
        session.leftBehind(left);
        session.resume();
    }

    /** Ends all sessions so far, whatever their state. */
    void closeSessions() {
        CompletableFuture.allOf(sessions.stream().map(OpcUaSession::close).toArray(CompletableFuture[]::new))
                .join();
        sessions.clear();
    }

    @Override
    public void close() {
        simulator.faults().clear();
        sessions.forEach(OpcUaSession::close);
        simulator.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
