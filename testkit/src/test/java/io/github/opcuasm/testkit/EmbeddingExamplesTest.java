package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.daemon.SubscriptionListener;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.simulator.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/embedding.md, which are the lines between the comments here, run. */
@Timeout(60)
final class EmbeddingExamplesTest {
    @TempDir
    private Path directory;

    @Test
    void daemonIsStartedAskedAndClosed() throws DaemonStartException {
        Path socket = directory.resolve("opcua.sock");

        // begin: start
        try (SessionManagerDaemon daemon = SessionManagerDaemon.builder()
                .socket(new IpcEndpoint.Unix(socket))
                .maxSessions(400)
                .timeout(Duration.ofMinutes(30))
                .build()) {
            daemon.start();

            try (DaemonClient client =
                    DaemonClient.connect(daemon.boundEndpoints().get(0), ClientOptions.DEFAULTS)) {
                JsonValue.Obj answer = client.ping();
                assertThat(answer.get("status")).hasToString("\"ok\"");
            }
        }
        // end

        assertThat(socket).doesNotExist();
    }

    @Test
    void listenerIsToldWhatTheConfiguredSubscriptionsBring() throws Exception {
        try (Simulator server = Simulator.builder().tick(Duration.ofMillis(50)).build()) {
            server.start();
            Path socket = directory.resolve("opcua.sock");
            String url = server.endpointUrl();
            BlockingQueue<DataValue> values = new LinkedBlockingQueue<>();

            // begin: listener
            ConfiguredSubscription counter = ConfiguredSubscription.builder()
                    .publishingInterval(100)
                    .items(ConfiguredSubscription.Item.of(NodeReference.parse("ns=2;s=Dynamic/Counter"), 1)
                            .queueing(10))
                    .build();
            SessionManagerDaemon daemon = SessionManagerDaemon.builder()
                    .socket(new IpcEndpoint.Unix(socket))
                    .connections(List.of(
                            new NamedConnection("line1", url, new JsonValue.Obj(Map.of()), true, List.of(counter))))
                    .listener(new SubscriptionListener() {
                        @Override
                        public void dataChange(Message message, ConfiguredSubscription.Item item, DataValue value) {
                            // On a thread of this listener's own, in order; it may block.
                            values.add(value);
                        }
                    })
                    .build();
            // end
            try (daemon) {
                daemon.start();

                assertThat(values.poll(30, TimeUnit.SECONDS)).isNotNull();
            }
        }
    }

    @Test
    void twoDaemonsLiveInOneJvm() throws DaemonStartException {
        Path first = directory.resolve("first.sock");
        Path second = directory.resolve("second.sock");

        // begin: two
        try (SessionManagerDaemon plant = SessionManagerDaemon.builder()
                        .socket(new IpcEndpoint.Unix(first))
                        .build();
                SessionManagerDaemon office = SessionManagerDaemon.builder()
                        .socket(new IpcEndpoint.Unix(second))
                        .build()) {
            plant.start();
            office.start();
            // …
            assertThat(first).exists();
            assertThat(second).exists();
        }
        // end

        await().untilAsserted(() -> assertThat(second).doesNotExist());
    }

    @Test
    void optionsAreCheckedWhenTheDaemonIsBuilt() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "of an embedded daemon\n");

        SessionManagerDaemon daemon = SessionManagerDaemon.builder()
                .socket(new IpcEndpoint.Unix(directory.resolve("opcua.sock")))
                .authToken("not this one")
                .authTokenFile(token)
                .build();

        try (daemon) {
            assertThat(daemon.config().authToken()).isEqualTo("of an embedded daemon");
        }
    }
}
