package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.INT32;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.active;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.in;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.TcpProxy;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server adds a namespace while a session lasts: as the proxy shows it, the simulator's has no URI until it is
 * revealed.
 */
final class OpcUaSessionNamespacesTest {
    private static final NodeReference INT32_BY_URI =
            NodeReference.parse("nsu=" + Simulator.NAMESPACE_URI + ";s=Scalars/Int32");
    private static final NodeReference NOWHERE = NodeReference.parse("nsu=urn:nowhere;s=Scalars/Int32");

    private final SimulatedPlant plant = new SimulatedPlant();
    private TcpProxy proxy;
    private OpcUaSession session;
    private volatile boolean hidden = true;

    @BeforeEach
    void open() throws Exception {
        proxy = new TcpProxy(plant.simulator.port(), message -> hidden ? withoutNamespace(message) : message);
        session = plant.openSession("opc.tcp://127.0.0.1:" + proxy.port() + "/simulator");
    }

    @AfterEach
    void close() throws Exception {
        plant.close();
        proxy.close();
    }

    @Test
    void namespaceThatWasAddedIsFoundByItsUri() throws Exception {
        ServerInfo before = session.serverInfo();
        assertThat(before.namespaces().getIndex(Simulator.NAMESPACE_URI)).isNull();
        hidden = false;

        ReadResponse response = resultOf(read(INT32_BY_URI, LONG));

        assertThat(response.getResults()[0].getValue()).isEqualTo(new Variant(-32));
        assertThat(session.serverInfo().namespaces().getIndex(Simulator.NAMESPACE_URI))
                .isEqualTo(INT32.getNamespaceIndex());
        assertThat(session.serverInfo().isOfSameSession(before)).isTrue();
        // What others hold of before stays as it was.
        assertThat(before.namespaces().getIndex(Simulator.NAMESPACE_URI)).isNull();
    }

    @Test
    void writeByUriHappensOnceOnItsActivation() throws Exception {
        hidden = false;

        resultOf(write(INT32_BY_URI, active(session)));

        assertThat(plant.simulator.writes(INT32)).containsExactly(new Variant(5));
    }

    @Test
    void uriThatTheServerDoesNotHaveIsAskedForOnceForAll() throws Exception {
        long before = plant.simulator.counters().received(Service.READ);
        List<CompletableFuture<ReadResponse>> reads = new ArrayList<>();
        resultOf(CompletableFuture.runAsync(
                () -> {
                    for (int i = 0; i < 2 * RequestDispatcher.MAX_UNDER_WAY; i++) {
                        reads.add(read(NOWHERE, LONG));
                    }
                },
                session.executor()));

        for (CompletableFuture<ReadResponse> read : reads) {
            CommandException failure = failureOf(read);
            assertThat(failure.type()).isEqualTo(ErrorType.INVALID_NODE_ID);
            assertThat(failure).hasMessageContaining("urn:nowhere");
        }
        assertThat(plant.simulator.counters().received(Service.READ)).isEqualTo(before + 1);
        assertThat(session.serverInfo().namespaces().getIndex("urn:nowhere")).isNull();
    }

    @Test
    void questionTakesNoLongerThanTheDeadlineOfTheRequest() throws Exception {
        plant.simulator.faults().hang(Service.READ);

        CommandException failure = failureOf(read(INT32_BY_URI, Duration.ofMillis(300)));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
    }

    @Test
    void writeThatWaitsForTheQuestionIsNotSentOnALaterActivation() throws Exception {
        Fault hang = plant.simulator.faults().hang(Service.READ);
        CompletableFuture<WriteResponse> write = write(INT32_BY_URI, active(session));
        await().until(() -> hang.held() == 1);
        hidden = false;

        plant.simulator.faults().dropConnections();

        assertThat(failureOf(write).outcome()).isEqualTo(Outcome.NOT_SENT);
        hang.close();
        resultOf(session.ensureActive(in(LONG)));
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
    }

    @Test
    void requestThatNobodyWaitsForIsDroppedWhileTheServerIsAsked() throws Exception {
        Fault hang = plant.simulator.faults().hang(Service.READ);
        CompletableFuture<WriteResponse> write = write(INT32_BY_URI, active(session));
        await().until(() -> hang.held() == 1);
        hidden = false;

        session.cancel(write);
        CommandException failure = failureOf(write);
        hang.close();
        resultOf(read(INT32_BY_URI, LONG));

        assertThat(failure.type()).isEqualTo(ErrorType.CANCELLED);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
    }

    @Test
    void addedNamespaceIsKnownAsLongAsTheSessionLasts() throws Exception {
        hidden = false;
        resultOf(read(INT32_BY_URI, LONG));
        hidden = true;

        plant.simulator.faults().dropConnections();
        await().until(() -> plant.simulator.counters().sessionsActivated() == 2);

        assertThat(resultOf(read(INT32_BY_URI, LONG)).getResults()[0].getValue())
                .isEqualTo(new Variant(-32));
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(1);
    }

    private NodeId resolved(NodeReference node) {
        return TypeMapper.toMilo(node, session.serverInfo().namespaces());
    }

    private CompletableFuture<ReadResponse> read(NodeReference node, Duration timeout) {
        return session.submit(new ServiceCall<>(
                ReadResponse.class,
                header -> new ReadRequest(header, 0.0, TimestampsToReturn.Neither, new ReadValueId[] {
                    new ReadValueId(resolved(node), AttributeId.Value.uid(), null, QualifiedName.NULL_VALUE)
                }),
                null,
                in(timeout),
                1,
                1));
    }

    private CompletableFuture<WriteResponse> write(NodeReference node, SessionState.Active onlyOn) {
        return session.submit(new ServiceCall<>(
                WriteResponse.class,
                header -> new WriteRequest(header, new WriteValue[] {
                    new WriteValue(resolved(node), AttributeId.Value.uid(), null, DataValue.valueOnly(new Variant(5)))
                }),
                onlyOn,
                in(LONG),
                1,
                0));
    }

    /** A message with null where the simulator's URI is as a string; its size is at byte 4. */
    private static byte[] withoutNamespace(byte[] message) {
        byte[] uri = Simulator.NAMESPACE_URI.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer wanted = ByteBuffer.allocate(4 + uri.length).order(ByteOrder.LITTLE_ENDIAN);
        wanted.putInt(uri.length).put(uri);
        int at = 0;
        while (at + wanted.capacity() <= message.length
                && !Arrays.equals(message, at, at + wanted.capacity(), wanted.array(), 0, wanted.capacity())) {
            at++;
        }
        if (at + wanted.capacity() > message.length) {
            return message;
        }
        ByteBuffer changed = ByteBuffer.allocate(message.length - uri.length).order(ByteOrder.LITTLE_ENDIAN);
        changed.put(message, 0, at).putInt(-1);
        changed.put(message, at + wanted.capacity(), message.length - at - wanted.capacity());
        changed.putInt(4, changed.capacity());
        return changed.array();
    }
}
