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
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server goes away, comes back, forgets, or hangs while sessions are in use. */
class OutageIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final NodeId NODE = Simulator.node("Scalars/Int32");
    private static final String READ_PARAMS = "[\"ns=2;s=Scalars/Int32\"]";
    private static final String WRITE_PARAMS = "[\"ns=2;s=Scalars/Int32\",4711,6]";

    /** Longer than a probe waits: an answer that comes at all came before this deadline. */
    private static final String PATIENT = "{\"opcuaTimeout\":600}";

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;
    private static ProtocolPeer peer;

    @BeforeAll
    static void startAll() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start();
        peer = new ProtocolPeer(daemon);
    }

    @AfterAll
    static void stopAll() {
        daemon.close();
        server.close();
    }

    @BeforeEach
    void forgetWrites() {
        server.clearWrites();
    }

    @AfterEach
    void repair() {
        server.faults().clear();
        server.start();
    }

    @Test
    void aWriteDuringAnOutageFailsAtOnceAndNeverArrives() throws Exception {
        String session = peer.open(server.endpointUrl(), PATIENT);
        server.stop();
        awaitState(session, "Broken");

        for (String write : new String[] {WRITE_PARAMS, "[\"ns=2;s=Scalars/Int32\",4711]"}) {
            assertThat(peer.query(session, "write", write))
                    .contains("\"ConnectionException\"", "\"outcome\":\"not_sent\"");
        }
        assertThat(peer.query(
                        session, "writeMulti", "[[{\"nodeId\":\"ns=2;s=Scalars/Int32\",\"value\":1,\"type\":6}]]"))
                .contains("\"ConnectionException\"", "\"outcome\":\"not_sent\"");

        server.start();
        assertThat(peer.query(session, "read", READ_PARAMS)).contains("\"statusCode\":0");
        assertThat(peer.query(session, "write", "[\"ns=2;s=Scalars/Int32\",1,6]"))
                .contains("\"data\":0");
        assertThat(server.writes(NODE)).hasSize(1);
        assertThat(server.writeCount()).isEqualTo(1);
        forceClose(session);
    }

    /** The promise is 5 s from accepting again; the probe's 10 s leave the rest to a busy machine. */
    @Test
    void aReadDuringAnOutageIsAnsweredOnTheSameSessionOnceTheServerIsBack() throws Exception {
        String session = peer.open(server.endpointUrl(), PATIENT);
        server.stop();
        awaitState(session, "Broken");
        try (IpcProbe caller = IpcProbe.connect(daemon.endpoint())) {
            caller.send(kept(1, queryRequest(session, "read", READ_PARAMS)));
            caller.send(kept(2, queryRequest(session, "isConnected", "[]")));
            assertThat(caller.readLine()).contains("\"id\":2", "\"data\":false");

            server.start();

            assertThat(caller.readLine()).contains("\"id\":1", "\"statusCode\":0", "\"type\":6");
            assertThat(peer.query(session, "getConnectionState", "[]")).contains("\"Connected\"");
        }
        forceClose(session);
    }

    @Test
    void aReadDuringALongOutageFailsAtItsDeadline() throws Exception {
        String session = peer.open(server.endpointUrl(), "{\"opcuaTimeout\":0.5}");
        server.stop();
        awaitState(session, "Broken");

        assertThat(peer.query(session, "read", READ_PARAMS))
                .contains("\"ConnectionException\"", "\"code\":2148139008")
                .doesNotContain("outcome");
        forceClose(session);
    }

    @Test
    void aConnectionThatDropsIsRestoredWithTheSessionThatTheServerStillHas() throws Exception {
        String session = peer.open(server.endpointUrl(), PATIENT);
        long created = server.counters().sessionsCreated();

        assertThat(server.faults().dropConnections()).isPositive();

        assertThat(peer.query(session, "read", READ_PARAMS)).contains("\"statusCode\":0");
        assertThat(server.counters().sessionsCreated()).isEqualTo(created);
        forceClose(session);
    }

    @Test
    void aSessionThatTheServerForgotIsCreatedAnewUnderTheSameId() throws Exception {
        String session = peer.open(server.endpointUrl(), PATIENT);
        long created = server.counters().sessionsCreated();

        server.faults().forgetSessions();

        assertThat(peer.query(session, "read", READ_PARAMS)).contains("\"statusCode\":0");
        assertThat(server.counters().sessionsCreated()).isEqualTo(created + 1);
        forceClose(session);
    }

    @Test
    void aWriteThatAHungServerHoldsIsUndecidedAtItsDeadline() throws Exception {
        String session = peer.open(server.endpointUrl(), "{\"opcuaTimeout\":0.5}");
        try (Fault hanging = server.faults().hang(Service.WRITE)) {

            assertThat(peer.query(session, "write", WRITE_PARAMS))
                    .contains("\"ConnectionException\"", "\"code\":2148139008", "\"outcome\":\"unknown\"");
            assertThat(hanging.held()).isEqualTo(1);
        }
        // What the server held it now carries out; the daemon did not send it again.
        await().atMost(LIMIT).until(() -> server.writeCount(NODE) == 1);
        assertThat(peer.query(session, "read", READ_PARAMS)).contains("\"value\":4711");
        assertThat(server.counters().received(Service.WRITE))
                .isEqualTo(server.counters().served(Service.WRITE));
        assertThat(server.writeCount(NODE)).isEqualTo(1);
        forceClose(session);
    }

    @Test
    void aWriteWhoseConnectionBreaksIsUndecidedAndNotRepeated() throws Exception {
        String session = peer.open(server.endpointUrl(), PATIENT);
        try (IpcProbe caller = IpcProbe.connect(daemon.endpoint());
                Fault hanging = server.faults().hang(Service.WRITE)) {
            long received = server.counters().received(Service.WRITE);
            caller.send(kept(1, queryRequest(session, "write", WRITE_PARAMS)));
            await().atMost(LIMIT).until(() -> hanging.held() == 1);

            server.faults().dropConnections();

            assertThat(caller.readLine()).contains("\"id\":1", "\"ConnectionException\"", "\"outcome\":\"unknown\"");
            assertThat(peer.query(session, "read", READ_PARAMS)).contains("\"statusCode\":0");
            assertThat(server.counters().received(Service.WRITE)).isEqualTo(received + 1);
        }
        assertThat(server.writes(NODE)).isEmpty();
        forceClose(session);
    }

    @Test
    void aReadWhoseConnectionBreaksIsRepeated() throws Exception {
        String session = peer.open(server.endpointUrl(), PATIENT);
        Fault hanging = server.faults().hang(Service.READ);
        try (IpcProbe caller = IpcProbe.connect(daemon.endpoint())) {
            caller.send(kept(1, queryRequest(session, "read", READ_PARAMS)));
            await().atMost(LIMIT).until(() -> hanging.held() >= 1);

            server.faults().dropConnections();
            hanging.close();

            assertThat(caller.readLine()).contains("\"id\":1", "\"statusCode\":0");
        }
        forceClose(session);
    }

    @Test
    void aHandleWhoseServerIsAwayEndsWithItsFirstClose() throws Exception {
        String session = peer.open(server.endpointUrl(), PATIENT);
        assertThat(peer.open(server.endpointUrl(), PATIENT)).isEqualTo(session);
        server.stop();
        awaitState(session, "Broken");

        assertThat(peer.close(session)).contains("\"success\":true");

        assertThat(peer.query(session, "isConnected", "[]")).contains("\"session_not_found\"");
        assertThat(peer.ask("{\"command\":\"ping\"}")).contains("\"sessions\":0");
    }

    @Test
    void anOpenWhileTheServerIsAwayFailsAndTheNextOneWorks() throws Exception {
        server.stop();

        assertThat(peer.tryOpen(server.endpointUrl(), PATIENT))
                .contains("\"ConnectionException\"", "127.0.0.1:" + server.port());

        server.start();
        forceClose(peer.open(server.endpointUrl(), PATIENT));
    }

    private static void awaitState(String session, String state) {
        await().atMost(LIMIT)
                .until(() -> peer.query(session, "getConnectionState", "[]").contains("\"" + state + "\""));
    }

    private static void forceClose(String session) throws IOException {
        assertThat(peer.ask("{\"command\":\"close\",\"force\":true,\"sessionId\":\"" + session + "\"}"))
                .contains("\"success\":true");
    }
}
