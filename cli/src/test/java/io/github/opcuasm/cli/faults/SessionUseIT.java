package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.kept;
import static io.github.opcuasm.cli.faults.ProtocolPeer.openRequest;
import static io.github.opcuasm.cli.faults.ProtocolPeer.sessionId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who shares a session, who ends it, and how many the server sees. */
class SessionUseIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String READ_PARAMS = "[\"ns=2;s=Scalars/Int32\"]";

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;
    private static ProtocolPeer peer;

    private long createdBefore;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start();
        peer = new ProtocolPeer(daemon);
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @BeforeEach
    void count() {
        createdBefore = server.counters().sessionsCreated();
    }

    @AfterEach
    void closeWhatIsOpen() throws Exception {
        server.faults().clear();
        String list = peer.ask("{\"command\":\"list\"}");
        for (String part : list.split("\"id\":\"", -1)) {
            if (part.matches("[0-9a-f]{32}\".*")) {
                forceClose(part.substring(0, 32));
            }
        }
        assertThat(peer.ask("{\"command\":\"ping\"}")).contains("\"sessions\":0");
        await().atMost(LIMIT).until(() -> server.counters().sessionsNow() == 0);
    }

    @Test
    void aSharedSessionStaysUntilItsLastHolderClosesIt() throws Exception {
        String first = peer.open(server.endpointUrl(), "{\"opcuaTimeout\":10,\"batchSize\":5}");
        String second = peer.tryOpen(server.endpointUrl(), "{\"batchSize\":5.0,\"opcuaTimeout\":10.0}");
        assertThat(second).contains(first, "\"reused\":true");
        assertThat(peer.ask("{\"command\":\"list\"}")).contains("\"count\":1", "\"holders\":2");

        assertThat(peer.close(first)).isEqualTo("{\"success\":true,\"data\":null}");
        assertThat(peer.query(first, "read", READ_PARAMS)).contains("\"statusCode\":0");
        assertThat(peer.ask("{\"command\":\"list\"}")).contains("\"holders\":1");
        assertThat(peer.close(first)).isEqualTo("{\"success\":true,\"data\":null}");

        assertThat(peer.query(first, "read", READ_PARAMS)).contains("\"session_not_found\"", first);
        assertThat(peer.close(first)).contains("\"session_not_found\"");
        await().atMost(LIMIT).until(() -> server.counters().sessionsNow() == 0);
    }

    @Test
    void aForcedCloseEndsASharedSessionForAll() throws Exception {
        String session = peer.open(server.endpointUrl(), "{}");
        assertThat(peer.open(server.endpointUrl(), "{}")).isEqualTo(session);

        forceClose(session);

        assertThat(peer.query(session, "read", READ_PARAMS)).contains("\"session_not_found\"");
    }

    @Test
    void simultaneousOpensShareOneHandshake() throws Exception {
        int callers = 50;
        List<IpcProbe> opening = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        Fault hanging = server.faults().hang(Service.CREATE_SESSION);
        try {
            String request = openRequest(server.endpointUrl(), "{}");
            for (int i = 0; i < callers; i++) {
                IpcProbe probe = IpcProbe.connect(daemon.endpoint());
                opening.add(probe);
                probe.send(kept(1, request) + kept(2, "{\"command\":\"ping\"}"));
                // The ping behind it is answered: the open has been taken, and waits.
                assertThat(probe.readLine()).contains("\"id\":2");
            }
            await().atMost(LIMIT).until(() -> hanging.held() >= 1);
            hanging.close();
            for (IpcProbe probe : opening) {
                answers.add(String.valueOf(probe.readLine()));
            }
        } finally {
            for (IpcProbe probe : opening) {
                probe.close();
            }
        }

        assertThat(answers).hasSize(callers).allMatch(answer -> answer.contains("\"success\":true"));
        assertThat(answers.stream().map(ProtocolPeer::sessionId).distinct()).hasSize(1);
        assertThat(answers.stream().filter(answer -> answer.contains("\"reused\":false")))
                .hasSize(1);
        assertThat(created()).isEqualTo(1);
        assertThat(peer.ask("{\"command\":\"list\"}")).contains("\"count\":1", "\"holders\":" + callers);
    }

    @Test
    void whoInsistsGetsASessionOfItsOwn() throws Exception {
        String shared = peer.open(server.endpointUrl(), "{}");
        String request = openRequest(server.endpointUrl(), "{}");

        String own = peer.ask("{\"forceNew\":true," + request.substring(1));

        assertThat(own).contains("\"reused\":false").doesNotContain(shared);
        assertThat(created()).isEqualTo(2);
        assertThat(peer.close(sessionId(own))).contains("\"success\":true");
        assertThat(peer.query(shared, "read", READ_PARAMS)).contains("\"statusCode\":0");
    }

    @Test
    void otherRequestOptionsAreAnotherHandleOnTheSameSession() throws Exception {
        String patient = peer.open(server.endpointUrl(), "{\"opcuaTimeout\":60}");

        String other = peer.tryOpen(server.endpointUrl(), "{\"opcuaTimeout\":7.5,\"batchSize\":3,\"autoRetry\":0}");

        assertThat(other).contains("\"reused\":false").doesNotContain(patient);
        assertThat(created()).isEqualTo(1);
        assertThat(peer.query(patient, "getTimeout", "[]")).contains("\"data\":60.0");
        assertThat(peer.query(sessionId(other), "getTimeout", "[]")).contains("\"data\":7.5");
        assertThat(peer.close(patient)).contains("\"success\":true");
        assertThat(peer.query(sessionId(other), "read", READ_PARAMS)).contains("\"statusCode\":0");
    }

    @Test
    void anotherSessionNameIsAnotherSession() throws Exception {
        String one = peer.open(server.endpointUrl(), "{\"sessionName\":\"one\"}");
        String other = peer.open(server.endpointUrl(), "{\"sessionName\":\"other\"}");

        assertThat(other).isNotEqualTo(one);
        assertThat(created()).isEqualTo(2);
    }

    @Test
    void aRefusedOpenLeavesNothingBehindAndTheNextOneWorks() throws Exception {
        // Part 4, 7.38.2: Bad_OutOfMemory.
        try (Fault refusing = server.faults().fail(Service.CREATE_SESSION, 0x80030000L)) {
            assertThat(peer.tryOpen(server.endpointUrl(), "{}"))
                    .contains("\"ServiceException\"", "Bad_OutOfMemory (0x80030000)", "\"code\":2147680256");
            assertThat(refusing.held()).isZero();
        }

        assertThat(peer.tryOpen(server.endpointUrl(), "{}")).contains("\"reused\":false");
    }

    @Test
    void anIdleHandleEndsAndIsNotFoundAnyMore() throws Exception {
        try (var brisk = DaemonProcess.in(directory)
                .endpoint(endpoint("idle.sock"))
                .start("--timeout", "1", "--cleanup-interval", "0.2")) {
            ProtocolPeer caller = new ProtocolPeer(brisk);
            String session = caller.open(server.endpointUrl(), "{}");

            await().atMost(LIMIT)
                    .until(() -> caller.ask("{\"command\":\"ping\"}").contains("\"sessions\":0"));

            assertThat(caller.query(session, "read", READ_PARAMS)).contains("\"session_not_found\"", session);
            await().atMost(LIMIT).until(() -> server.counters().sessionsNow() == 0);
            assertThat(caller.tryOpen(server.endpointUrl(), "{}"))
                    .contains("\"reused\":false")
                    .doesNotContain(session);
        }
    }

    @Test
    void aHandleInUseOutlivesTheTimeoutAndItsHoldersDoNot() throws Exception {
        try (var brisk = DaemonProcess.in(directory)
                .endpoint(endpoint("holders.sock"))
                .start("--timeout", "5", "--cleanup-interval", "0.2")) {
            ProtocolPeer caller = new ProtocolPeer(brisk);
            String session = caller.open(server.endpointUrl(), "{}");
            assertThat(caller.open(server.endpointUrl(), "{}")).isEqualTo(session);

            await().atMost(LIMIT).until(() -> {
                assertThat(caller.query(session, "isConnected", "[]")).contains("\"data\":true");
                return caller.ask("{\"command\":\"list\"}").contains("\"holders\":0");
            });

            assertThat(caller.query(session, "read", READ_PARAMS)).contains("\"statusCode\":0");
            assertThat(caller.close(session)).contains("\"success\":true");
            assertThat(caller.ask("{\"command\":\"ping\"}")).contains("\"sessions\":0");
        }
    }

    @Test
    void withCloseAlwaysTheFirstOfTwoHoldersEndsTheSession() throws Exception {
        try (var strict = DaemonProcess.in(directory)
                .endpoint(endpoint("strict.sock"))
                .start("--close", "always", "--max-sessions", "2")) {
            ProtocolPeer caller = new ProtocolPeer(strict);
            String session = caller.open(server.endpointUrl(), "{}");
            assertThat(caller.open(server.endpointUrl(), "{}")).isEqualTo(session);

            assertThat(caller.close(session)).contains("\"success\":true");

            assertThat(caller.query(session, "read", READ_PARAMS)).contains("\"session_not_found\"");
            await().atMost(LIMIT).until(() -> server.counters().sessionsNow() == 0);
            expectTheLimitOfTwoHandles(caller);
        }
    }

    /** Reuse needs no room, and a close makes some. */
    private static void expectTheLimitOfTwoHandles(ProtocolPeer caller) throws IOException {
        String first = caller.open(server.endpointUrl(), "{\"batchSize\":1}");
        String second = caller.open(server.endpointUrl(), "{\"batchSize\":2}");
        assertThat(caller.tryOpen(server.endpointUrl(), "{\"batchSize\":3}"))
                .contains("\"max_sessions_reached\"", "Maximum number of sessions (2) reached");
        assertThat(caller.open(server.endpointUrl(), "{\"batchSize\":2}")).isEqualTo(second);

        assertThat(caller.close(first)).contains("\"success\":true");

        assertThat(caller.tryOpen(server.endpointUrl(), "{\"batchSize\":3}")).contains("\"success\":true");
    }

    @Test
    void aSessionThatLingersServesTheNextHandle() throws Exception {
        try (var lingering =
                DaemonProcess.in(directory).endpoint(endpoint("linger.sock")).start("--linger", "600")) {
            ProtocolPeer caller = new ProtocolPeer(lingering);
            String session = caller.open(server.endpointUrl(), "{}");
            assertThat(caller.close(session)).contains("\"success\":true");
            assertThat(caller.query(session, "read", READ_PARAMS)).contains("\"session_not_found\"");
            assertThat(server.counters().sessionsNow()).isEqualTo(1);

            String next = caller.tryOpen(server.endpointUrl(), "{\"batchSize\":7}");

            assertThat(next).contains("\"reused\":false").doesNotContain(session);
            assertThat(caller.query(sessionId(next), "read", READ_PARAMS)).contains("\"statusCode\":0");
            assertThat(created()).isEqualTo(1);
            assertThat(caller.close(sessionId(next))).contains("\"success\":true");
            lingering.signal("TERM");
            assertThat(lingering.awaitExit()).isZero();
            assertThat(server.counters().sessionsNow()).isZero();
        }
    }

    private long created() {
        return server.counters().sessionsCreated() - createdBefore;
    }

    private static void forceClose(String session) throws IOException {
        assertThat(peer.ask("{\"command\":\"close\",\"force\":true,\"sessionId\":\"" + session + "\"}"))
                .contains("\"success\":true");
    }

    private static IpcEndpoint endpoint(String name) {
        return new IpcEndpoint.Unix(directory.resolve(name));
    }
}
