package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.link.Ending;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each thing that can be made to go wrong. */
@Timeout(60)
@SuppressWarnings("try") // faults are for their scope
final class DaemonExtensionFaultsTest {
    @RegisterExtension
    static final DaemonExtension opcua = DaemonExtension.builder()
            .daemon(config -> config.maxSessions(20).authToken("a token for this test"))
            .simulator(server -> server.writesKept(5))
            .secured()
            .perClass()
            .build();

    private static final String NODE = "ns=2;s=Scalars/Int32";

    @Test
    void optionsReachTheDaemonAndTheServer(DaemonClient client) {
        String session = open(Map.of("securityPolicy", "Basic256Sha256"));

        assertThat(opcua.daemon().config().maxSessions()).isEqualTo(20);
        assertThat(client.read(session, NODE).get("statusCode")).hasToString("0");
    }

    @Test
    void restartedDaemonIsAnotherOneThatItsClientsFindAgain(IpcEndpoint endpoint, DaemonClient client) {
        String session = open(Map.of());
        var before = opcua.daemon();

        opcua.restartDaemon();

        assertThat(opcua.daemon()).isNotSameAs(before);
        assertThat(opcua.endpoint()).isEqualTo(endpoint);
        assertThat(client.list()).isEmpty();
        assertThatThrownBy(() -> client.read(session, NODE)).isInstanceOf(RequestFailedException.SessionNotFound.class);
    }

    @Test
    void typedClientReadsAsIfNothingHadHappened(ManagedClient client) {
        client.connect(opcua.endpointUrl());
        client.write(NODE, 17);

        opcua.restartDaemon();

        assertThat(client.read(NODE).as(int.class)).isEqualTo(17);
    }

    @Test
    void restartedServerHasForgottenWhatWasWritten() {
        String session = open(Map.of());
        opcua.client().write(session, NODE, 4711, null);
        String url = opcua.endpointUrl();

        opcua.restartServer();

        assertThat(opcua.endpointUrl()).isEqualTo(url);
        assertThat(opcua.client().read(session, NODE).get("value")).isNotEqualTo(new JsonValue.Num("4711"));
    }

    @Test
    void readsOutlastALostConnection() {
        String session = open(Map.of());
        long before = opcua.server().counters().connections();

        opcua.cutConnections();

        assertThat(opcua.client().read(session, NODE).get("statusCode")).hasToString("0");
        assertThat(opcua.server().counters().connections()).isGreaterThan(before);
    }

    @Test
    void stalledServerAnswersWhenItMay() {
        String session = open(Map.of("opcuaTimeout", 0.3, "autoRetry", 0));

        try (Fault stalled = opcua.stallServer()) {
            assertThatThrownBy(() -> opcua.client().read(session, NODE)).isInstanceOf(RequestFailedException.class);
        }

        await().untilAsserted(() ->
                assertThat(opcua.client().read(session, NODE).get("statusCode")).hasToString("0"));
    }

    @Test
    void linkBreaksWhatGoesThroughIt() {
        String session =
                opcua.client().open(opcua.link().endpointUrl(), Map.of(), false).sessionId();
        long before = opcua.link().accepted();

        opcua.link().breakAll(Ending.RESET);

        assertThat(opcua.client().read(session, NODE).get("statusCode")).hasToString("0");
        assertThat(opcua.link().accepted()).isGreaterThan(before);
    }

    @Test
    void singleServicesFailOnDemand() {
        String session = open(Map.of());

        try (Fault failing = opcua.server().faults().fail(Service.READ, 0x80020000L)) {
            assertThatThrownBy(() -> opcua.client().read(session, NODE)).hasMessageContaining("Bad_InternalError");
        }
    }

    private static String open(Map<String, ?> config) {
        return opcua.client().open(opcua.endpointUrl(), config, true).sessionId();
    }
}
