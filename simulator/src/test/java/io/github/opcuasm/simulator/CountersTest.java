package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.Test;

final class CountersTest {
    @Test
    void everyAnswerHasBeenCountedWhenItArrives() throws Exception {
        try (Simulator simulator = Simulator.builder().build();
                TestClients clients = new TestClients()) {
            simulator.start();
            Counters counters = simulator.counters();
            OpcUaClient client = clients.create(simulator);
            long handshakes = counters.handshakes();

            client.connect();
            long reads = counters.served(Service.READ);
            TestClients.readNow(client, "Scalars/Int32");
            TestClients.readNow(client, "Scalars/Int32");

            assertThat(counters.handshakes()).isEqualTo(handshakes + 1);
            assertThat(counters.sessionsCreated()).isEqualTo(1);
            assertThat(counters.sessionsActivated()).isEqualTo(1);
            assertThat(counters.sessionsNow()).isEqualTo(1);
            assertThat(counters.sessionsClosed()).isZero();
            assertThat(counters.served(Service.READ)).isGreaterThanOrEqualTo(reads + 2);
            assertThat(counters.received(Service.READ)).isGreaterThanOrEqualTo(counters.served(Service.READ));
            assertThat(counters.served()).isGreaterThanOrEqualTo(counters.served(Service.READ) + 2);

            client.disconnect();

            assertThat(counters.sessionsNow()).isZero();
            assertThat(counters.sessionsClosed()).isEqualTo(1);
            assertThat(counters.served(Service.CLOSE_SESSION)).isEqualTo(1);
        }
    }

    @Test
    void writeLogKeepsTheNewestAndCountsAll() {
        WriteLog log = new WriteLog(WriteLog.KEPT_PER_NODE);

        IntStream.rangeClosed(0, WriteLog.KEPT_PER_NODE)
                .forEach(i -> log.add(Simulator.node("Scalars/Int32"), new Variant(i)));

        assertThat(log.values(Simulator.node("Scalars/Int32")))
                .hasSize(WriteLog.KEPT_PER_NODE)
                .startsWith(new Variant(1))
                .endsWith(new Variant(WriteLog.KEPT_PER_NODE));
        assertThat(log.count()).isEqualTo(WriteLog.KEPT_PER_NODE + 1);
    }
}
