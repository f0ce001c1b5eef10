package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.ConnectException;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.junit.jupiter.api.Test;

final class SimulatorTest {
    @Test
    void portZeroGivesEachSimulatorAPortOfItsOwn() throws Exception {
        try (Simulator first = Simulator.builder().build();
                Simulator second = Simulator.builder().build();
                TestClients clients = new TestClients()) {
            first.start();
            second.start();

            OpcUaClient toFirst = clients.connect(first);
            OpcUaClient toSecond = clients.connect(second);
            TestClients.writeNow(toFirst, "Scalars/Int32", 1);

            assertThat(first.port()).isNotEqualTo(second.port());
            assertThat(first.endpointUrl()).isEqualTo("opc.tcp://127.0.0.1:" + first.port() + "/simulator");
            assertThat(TestClients.readNow(toSecond, "Scalars/Int32").value().value())
                    .isEqualTo(-32);
            assertThat(second.writeCount()).isZero();
        }
    }

    @Test
    void namespaceHasTheDocumentedIndex() throws Exception {
        try (Simulator simulator = Simulator.builder().build();
                TestClients clients = new TestClients()) {
            simulator.start();

            OpcUaClient client = clients.connect(simulator);

            assertThat(client.getNamespaceTable().getIndex(Simulator.NAMESPACE_URI))
                    .isEqualTo(UShort.valueOf(Simulator.NAMESPACE_INDEX));
        }
    }

    @Test
    void takenPortFailsTheStartWithOneClearMessage() {
        try (Simulator holder = Simulator.builder().build()) {
            holder.start();
            try (Simulator late = Simulator.builder().port(holder.port()).build()) {
                assertThatThrownBy(late::start)
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageStartingWith("Cannot listen on 127.0.0.1:" + holder.port() + ": ")
                        .hasMessageContaining("in use");
                assertThat(late.isRunning()).isFalse();
            }
        }
    }

    @Test
    void restartBringsAFreshServerOnTheSamePort() throws Exception {
        try (Simulator simulator = Simulator.builder().build();
                TestClients clients = new TestClients()) {
            simulator.start();
            String url = simulator.endpointUrl();
            OpcUaClient before = clients.connect(simulator);
            TestClients.writeNow(before, "Scalars/Int32", 7);

            simulator.stop();
            simulator.start();

            assertThat(simulator.endpointUrl()).isEqualTo(url);
            OpcUaClient after = clients.connect(simulator);
            assertThat(TestClients.readNow(after, "Scalars/Int32").value().value())
                    .isEqualTo(-32);
            assertThat(simulator.writeCount(Simulator.node("Scalars/Int32"))).isEqualTo(1);
        }
    }

    @Test
    void stoppedServerRefusesConnectionsAndKeepsItsPort() throws Exception {
        try (Simulator simulator = Simulator.builder().build()) {
            simulator.start();
            int port = simulator.port();

            simulator.stop();

            assertThatThrownBy(() -> RawHello.connect(port).close()).isInstanceOf(ConnectException.class);
            try (Simulator thief = Simulator.builder().port(port).build()) {
                simulator.start();
                assertThatThrownBy(thief::start).isInstanceOf(UncheckedIOException.class);
            }
            RawHello.connect(port).close();
        }
    }

    @Test
    void stopForgetsSessionsAndCountsThemAsClosed() throws Exception {
        try (Simulator simulator = Simulator.builder().build();
                TestClients clients = new TestClients()) {
            simulator.start();
            clients.connect(simulator);
            assertThat(simulator.counters().sessionsNow()).isEqualTo(1);

            simulator.stop();

            assertThat(simulator.counters().sessionsNow()).isZero();
            assertThat(simulator.counters().sessionsClosed()).isEqualTo(1);
            assertThat(simulator.counters().connectionsNow()).isZero();
        }
    }

    @Test
    void closeEndsTheThreadsAndMayBeRepeated() {
        Simulator simulator = Simulator.builder().build();
        simulator.start();

        simulator.close();
        simulator.close();

        assertThatThrownBy(simulator::start).isInstanceOf(IllegalStateException.class);
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("simulator-")));
    }

    @Test
    void endpointIsUnknownBeforeTheStart() {
        try (Simulator simulator = Simulator.builder().build()) {
            assertThatThrownBy(simulator::endpointUrl).isInstanceOf(IllegalStateException.class);
        }
    }
}
