package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.DiscoveryClient;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HandshakeCountTest {
    private static final int SESSIONS = 1_000;
    private static final int AT_ONCE = 8;

    private final Simulator simulator = Simulator.builder().build();
    private final Counters counters = simulator.counters();
    private final ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE);
    private final Queue<RawClient> clients = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void close() throws Exception {
        callers.shutdownNow();
        for (RawClient client : clients) {
            client.close();
        }
        simulator.close();
    }

    @Test
    void thousandSessionsThatComeBackAreNeverMoreAtOnceThanTheirClients() throws Exception {
        connect(SESSIONS);
        assertThat(counters.mostHandshakesAtOnce()).isBetween(1, AT_ONCE);

        simulator.faults().dropConnections();
        clients.clear();
        counters.resetMostHandshakesAtOnce();
        connect(SESSIONS);

        assertThat(counters.sessionsActivated()).isEqualTo(2 * SESSIONS);
        assertThat(counters.mostHandshakesAtOnce()).isBetween(1, AT_ONCE);
        assertThat(counters.handshakesAtOnce()).isZero();
    }

    @Test
    void handshakesThatHangAreUnderWay() throws Exception {
        Fault hang = simulator.faults().hang(Service.CREATE_SESSION);
        List<Future<?>> connecting = submit(AT_ONCE);
        await().until(() -> hang.held() == AT_ONCE);

        assertThat(counters.handshakesAtOnce()).isEqualTo(AT_ONCE);
        hang.close();
        finish(connecting);

        assertThat(counters.handshakesAtOnce()).isZero();
        assertThat(counters.mostHandshakesAtOnce()).isEqualTo(AT_ONCE);
        counters.resetMostHandshakesAtOnce();
        assertThat(counters.mostHandshakesAtOnce()).isZero();
    }

    @Test
    void discoveryEndsWithItsAnswerAndRefusalWithItsFault() throws Exception {
        DiscoveryClient.getEndpoints(simulator.endpointUrl()).get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
        simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_OutOfMemory);
        Future<?> refused = callers.submit(this::connectOne);

        await().until(refused::isDone);

        assertThat(counters.sessionsRefused()).isEqualTo(1);
        assertThat(counters.mostHandshakesAtOnce()).isEqualTo(1);
        assertThat(counters.handshakesAtOnce()).isZero();
    }

    @Test
    void lostConnectionEndsItsHandshake() throws Exception {
        Fault hang = simulator.faults().hang(Service.ACTIVATE_SESSION);
        submit(1);
        await().until(() -> hang.held() == 1);

        simulator.faults().dropConnections();

        await().until(() -> counters.handshakesAtOnce() == 0);
    }

    @Test
    void connectionWithoutARequestIsNoHandshake() throws Exception {
        try (Socket socket = RawHello.connect(simulator.port())) {
            socket.getOutputStream().write(RawHello.bytes(simulator.endpointUrl()));
            assertThat(socket.getInputStream().read()).isEqualTo('A');

            assertThat(counters.mostHandshakesAtOnce()).isZero();
        }
    }

    private void connect(int sessions) throws Exception {
        finish(submit(sessions));
    }

    private List<Future<?>> submit(int sessions) {
        List<Future<?>> connecting = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            connecting.add(callers.submit(this::connectOne));
        }
        return connecting;
    }

    private Void connectOne() throws Exception {
        clients.add(new RawClient(simulator));
        return null;
    }

    private static void finish(List<Future<?>> connecting) throws Exception {
        for (Future<?> each : connecting) {
            each.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
