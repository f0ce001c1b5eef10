package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.kept;
import static io.github.opcuasm.cli.faults.ProtocolPeer.queryRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals, with and without something under way. */
class ShutdownIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String READ_PARAMS = "[\"ns=2;s=Scalars/Int32\"]";
    private static final String PATIENT = "{\"opcuaTimeout\":600}";

    private static Simulator server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startServer() {
        server = Simulator.builder().build();
        server.start();
    }

    @AfterEach
    void calmDown() {
        server.faults().clear();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void whoWaitsForAHungServerGetsAnAnswerWhenTheGraceIsOver() throws Exception {
        try (var daemon = DaemonProcess.in(directory).start("--shutdown-grace", "1");
                IpcProbe keptCaller = IpcProbe.connect(daemon.endpoint());
                IpcProbe oneShotCaller = IpcProbe.connect(daemon.endpoint())) {
            String session = new ProtocolPeer(daemon).open(server.endpointUrl(), PATIENT);
            Fault hangingReads = server.faults().hang(Service.READ);
            server.faults().hang(Service.CLOSE_SESSION);
            String read = queryRequest(session, "read", READ_PARAMS);
            keptCaller.send(kept(1, read));
            oneShotCaller.send(read + "\n");
            await().atMost(LIMIT).until(() -> hangingReads.held() >= 2);

            daemon.signal("TERM");

            assertThat(keptCaller.readLine()).contains("\"id\":1", "\"success\":false", "\"shutting_down\"");
            assertThat(oneShotCaller.readLine()).contains("\"success\":false", "\"shutting_down\"");
            assertThat(daemon.awaitExit()).isZero();
            assertNoFilesLeft();
        }
    }

    @Test
    void aRequestUnderWayIsFinishedAndNewOnesAreRefused() throws Exception {
        try (var daemon = DaemonProcess.in(directory).start("--shutdown-grace", "60");
                IpcProbe caller = IpcProbe.connect(daemon.endpoint())) {
            String session = new ProtocolPeer(daemon).open(server.endpointUrl(), PATIENT);
            Fault hanging = server.faults().hang(Service.READ);
            caller.send(kept(1, queryRequest(session, "read", READ_PARAMS)));
            await().atMost(LIMIT).until(() -> hanging.held() >= 1);

            daemon.signal("TERM");
            awaitNoListener(daemon);
            caller.send(kept(2, "{\"command\":\"ping\"}"));
            assertThat(caller.readLine()).contains("\"id\":2", "\"shutting_down\"");
            hanging.close();

            assertThat(caller.readLine()).contains("\"id\":1", "\"success\":true", "\"type\":6");
            assertThat(daemon.awaitExit()).isZero();
            assertThat(server.counters().sessionsNow()).isZero();
            assertNoFilesLeft();
        }
    }

    @Test
    void aSecondSignalEndsAtOnceAndLeavesNoFiles() throws Exception {
        try (var daemon = DaemonProcess.in(directory).start("--shutdown-grace", "600");
                IpcProbe caller = IpcProbe.connect(daemon.endpoint())) {
            String session = new ProtocolPeer(daemon).open(server.endpointUrl(), PATIENT);
            Fault hanging = server.faults().hang(Service.READ);
            caller.send(kept(1, queryRequest(session, "read", READ_PARAMS)));
            await().atMost(LIMIT).until(() -> hanging.held() >= 1);
            daemon.signal("TERM");
            awaitNoListener(daemon);
            assertThat(daemon.isAlive()).isTrue();

            daemon.signal("INT");

            assertThat(daemon.awaitExit()).isEqualTo(130);
            assertNoFilesLeft();
        }
    }

    @Test
    void aKeptConnectionAtRestDoesNotHoldTheEndUp() throws Exception {
        try (var daemon = DaemonProcess.in(directory).start("--shutdown-grace", "600");
                IpcProbe resting = IpcProbe.connect(daemon.endpoint());
                IpcProbe silent = IpcProbe.connect(daemon.endpoint())) {
            resting.send(kept(1, "{\"command\":\"ping\"}"));
            assertThat(resting.readLine()).contains("\"status\":\"ok\"");

            daemon.signal("INT");

            assertThat(daemon.awaitExit()).isZero();
            assertThat(resting.readLine()).isNull();
            assertThat(silent.readLine()).isNull();
            assertNoFilesLeft();
        }
    }

    @Test
    void hangupOpensTheLogAgainAndNothingElseChanges() throws Exception {
        Path log = directory.resolve("daemon.log");
        Path rotated = directory.resolve("daemon.log.1");
        try (var daemon = DaemonProcess.in(directory).start("--log-file", log.toString());
                IpcProbe caller = IpcProbe.connect(daemon.endpoint())) {
            ProtocolPeer peer = new ProtocolPeer(daemon);
            String session = peer.open(server.endpointUrl(), PATIENT);
            caller.send(kept(1, "{\"command\":\"ping\"}"));
            assertThat(caller.readLine()).contains("\"id\":1");
            Files.move(log, rotated);

            daemon.signal("HUP");
            await().atMost(LIMIT).until(() -> Files.exists(log));

            caller.send(kept(2, "{\"command\":\"ping\"}"));
            assertThat(caller.readLine()).contains("\"id\":2", "\"sessions\":1");
            assertThat(peer.query(session, "read", READ_PARAMS)).contains("\"type\":6");
            daemon.signal("TERM");
            assertThat(daemon.awaitExit()).isZero();
            assertThat(Files.readString(rotated)).contains("started on").doesNotContain("Stopped");
            assertThat(Files.readString(log)).contains("Stopped").doesNotContain("started on");
        }
    }

    private static void awaitNoListener(DaemonProcess daemon) {
        await().atMost(LIMIT).until(() -> {
            try {
                IpcProbe.connect(daemon.endpoint()).close();
                return false;
            } catch (IOException refused) {
                return true;
            }
        });
    }

    private void assertNoFilesLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).allMatch(name -> name.endsWith(".txt"));
        }
    }
}
