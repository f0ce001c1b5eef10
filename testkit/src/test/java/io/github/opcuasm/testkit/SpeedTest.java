package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

// begin: extension
final class SpeedTest {
    @RegisterExtension
    static final DaemonExtension opcua =
            DaemonExtension.builder().daemon(config -> config.maxSessions(5)).build();

    private static final String NODE = "ns=2;s=Scalars/Int32";

    @Test
    void readsOutlastALostConnection(DaemonClient client) {
        String session = client.open(opcua.endpointUrl(), Map.of(), false).sessionId();

        opcua.cutConnections();

        assertThat(client.read(session, NODE).get("statusCode")).hasToString("0");
    }

    @Test
    void refusedReadsAreTold(DaemonClient client) {
        String session = client.open(opcua.endpointUrl(), Map.of(), false).sessionId();

        try (Fault refusing = opcua.server().faults().fail(Service.READ, 0x80020000L)) {
            assertThatThrownBy(() -> client.read(session, NODE)).hasMessageContaining("Bad_InternalError");
            assertThat(refusing.held()).isZero();
        }
    }
}
// end
