package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.kept;
import static io.github.opcuasm.cli.faults.ProtocolPeer.openRequest;
import static io.github.opcuasm.cli.faults.ProtocolPeer.queryRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.FrozenServer;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that takes everything and answers nothing delays nobody but its own callers. */
class HungServerIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String NODE = "[\"ns=2;s=Scalars/Int32\"]";
    private static final int PINGS = 200;

    @TempDir
    private static Path directory;

    private static DaemonProcess daemon;
    private static ProtocolPeer peer;

    @BeforeAll
    static void start() throws Exception {
        daemon = DaemonProcess.in(directory).start();
        peer = new ProtocolPeer(daemon);
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @Test
    void pingsAreAnsweredWhileAnOpenWaitsForTheServer() throws Exception {
        try (FrozenServer frozen = FrozenServer.start();
                IpcProbe waiting = IpcProbe.connect(daemon.endpoint())) {
            waiting.send(kept(1, openRequest(frozen.endpointUrl(), "{\"opcuaTimeout\":600}")));
            await().atMost(LIMIT).until(() -> frozen.accepted() == 1);

            for (int i = 0; i < PINGS; i++) {
                peer.expectPing();
            }

            // The open came first on its connection and is still unanswered.
            waiting.send(kept(2, "{\"command\":\"ping\"}"));
            assertThat(waiting.readLine()).contains("\"id\":2", "\"status\":\"ok\"");
        }
    }

    @Test
    void anOpenFailsAfterItsTimeout() throws Exception {
        try (FrozenServer frozen = FrozenServer.start()) {
            assertThat(peer.tryOpen(frozen.endpointUrl(), "{\"opcuaTimeout\":0.5}"))
                    .contains("\"ConnectionException\"", "127.0.0.1:" + frozen.port(), "Bad_Timeout");
            assertThat(peer.ask("{\"command\":\"list\"}")).doesNotContain(frozen.endpointUrl());
        }
    }

    @Test
    void anOpenThatIsGivenUpByItsCallerIsBoundByTheCallersTime() throws Exception {
        try (FrozenServer frozen = FrozenServer.start()) {
            String open = openRequest(frozen.endpointUrl(), "{\"opcuaTimeout\":600}");

            assertThat(peer.ask("{\"timeoutMs\":300," + open.substring(1)))
                    .contains("\"ConnectionException\"", "300 ms");
        }
    }

    @Test
    void anotherServersSessionIsServedBesideHungReads() throws Exception {
        try (Simulator hung = Simulator.builder().build();
                Simulator sound = Simulator.builder().build();
                IpcProbe waiting = IpcProbe.connect(daemon.endpoint())) {
            hung.start();
            sound.start();
            String onHung = peer.open(hung.endpointUrl(), "{\"opcuaTimeout\":600}");
            String onSound = peer.open(sound.endpointUrl(), "{}");
            try (Fault hanging = hung.faults().hang(Service.READ)) {
                for (int id = 1; id <= 100; id++) {
                    waiting.send(kept(id, queryRequest(onHung, "read", NODE)));
                }
                await().atMost(LIMIT).until(() -> hanging.held() > 0);

                for (int i = 0; i < PINGS; i++) {
                    assertThat(peer.query(onSound, "read", NODE)).contains("\"statusCode\":0");
                }
                waiting.send(kept(1000, "{\"command\":\"ping\"}"));
                assertThat(waiting.readLine()).contains("\"id\":1000");
            }
            for (int i = 0; i < 100; i++) {
                assertThat(waiting.readLine()).contains("\"statusCode\":0");
            }
        }
    }

    @Test
    void aReadOfAHungServerFailsAtItsDeadline() throws Exception {
        try (Simulator server = Simulator.builder().build()) {
            server.start();
            String session = peer.open(server.endpointUrl(), "{\"opcuaTimeout\":0.5}");
            try (Fault hanging = server.faults().hang(Service.READ)) {

                assertThat(peer.query(session, "read", NODE))
                        .contains("\"ConnectionException\"", "\"code\":2148139008")
                        .doesNotContain("outcome");
                assertThat(hanging.held()).isPositive();
            }
        }
    }
}
