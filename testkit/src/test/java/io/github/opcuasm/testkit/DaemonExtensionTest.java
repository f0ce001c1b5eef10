package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Simulator;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DaemonExtension.class)
final class DaemonExtensionTest {

    @Test
    void aTestGetsADaemonAndAServerThatKnowEachOther(DaemonClient client, Simulator server) {
        var session = client.open(server.endpointUrl(), Map.of(), false);

        JsonValue.Obj value = client.read(session.sessionId(), "ns=2;s=Scalars/Int32");

        assertThat(value.get("statusCode")).isEqualTo(new JsonValue.Num("0"));
        assertThat(server.counters().sessionsNow()).isEqualTo(1);
    }

    @Test
    void aTestMayTalkToTheDaemonInRawLines(IpcEndpoint endpoint, SessionManagerDaemon daemon) throws Exception {
        String answer = IpcProbe.ask(endpoint, "{\"command\":\"ping\"}");

        assertThat(answer).startsWith("{\"success\":true");
        assertThat(daemon.boundEndpoints()).containsExactly(endpoint);
    }
}
