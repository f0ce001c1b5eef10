package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Slots for sessions, and sessions that the server takes from their clients. */
final class SessionFaultsTest {
    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void close() throws Exception {
        simulator.faults().clear();
        clients.close();
        simulator.close();
    }

    @Test
    void manyOpensAtOnceNeverGetMoreSessionsThanThereAreSlots() throws Exception {
        int rivals = 16;
        simulator.limits().maxSessions(2);
        CountDownLatch allThere = new CountDownLatch(rivals);
        AtomicInteger opened = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        List<RawClient> sessions = Collections.synchronizedList(new ArrayList<>());

        for (int i = 0; i < rivals; i++) {
            Thread thread = new Thread(() -> {
                allThere.countDown();
                try {
                    assertThat(allThere.await(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS))
                            .isTrue();
                    sessions.add(new RawClient(simulator));
                    opened.incrementAndGet();
                } catch (IOException | ClassCastException | InterruptedException refused) {
                    // The answer is a ServiceFault and no CreateSessionResponse.
                    return;
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(TestClients.PATIENCE_SECONDS));
        }

        assertThat(opened).hasValue(2);
        assertThat(simulator.counters().mostSessionsAtOnce()).isEqualTo(2);
        assertThat(simulator.counters().sessionsRefused()).isEqualTo(rivals - 2);
        for (RawClient session : sessions) {
            session.close();
        }
    }

    @Test
    void aSlotIsFreeOnceItsSessionIsClosedOrForgotten() throws Exception {
        simulator.limits().maxSessions(1);
        OpcUaClient first = clients.connect(simulator);
        OpcUaClient second = clients.create(simulator);
        assertThatThrownBy(second::connect).isInstanceOf(UaException.class);

        first.disconnect();
        second.connect();
        second.disconnect();
        try (RawClient third = new RawClient(simulator)) {
            simulator.faults().forgetSessions();
            assertThat(third.read(Simulator.node("Scalars/Int32"))).isNotEmpty();
        }
        clients.connect(simulator);

        assertThat(simulator.counters().mostSessionsAtOnce()).isEqualTo(1);
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(4);
    }

    @Test
    void aSessionThatIsNeverActivatedTakesASlot() throws Exception {
        simulator.limits().maxSessions(1);
        try (Fault hanging = simulator.faults().fail(Service.ACTIVATE_SESSION, StatusCodes.Bad_UserAccessDenied)) {
            assertThatThrownBy(() -> clients.create(simulator).connect()).isInstanceOf(UaException.class);
            assertThat(hanging.held()).isZero();
        }

        assertThatThrownBy(() -> clients.create(simulator).connect())
                .isInstanceOfSatisfying(
                        UaException.class,
                        refusal ->
                                assertThat(refusal.getStatusCode().value()).isEqualTo(StatusCodes.Bad_TooManySessions));
    }

    @Test
    void closedSessionsAreToldSo() throws Exception {
        try (RawClient client = new RawClient(simulator)) {
            simulator.faults().closeSessions();

            assertThat(simulator.counters().sessionsNow()).isZero();
            assertThat(RawClient.serviceResult(client.read(Simulator.node("Scalars/Int32"))))
                    .isEqualTo(StatusCodes.Bad_SessionClosed);
        }
        try (RawClient next = new RawClient(simulator)) {
            assertThat(RawClient.serviceResult(next.read(Simulator.node("Scalars/Int32"))))
                    .isZero();
        }
    }

    @Test
    void replacedSessionsAreToldSoAndLiveOn() throws Exception {
        try (RawClient client = new RawClient(simulator)) {
            simulator.faults().replaceSessions();

            assertThat(RawClient.serviceResult(client.read(Simulator.node("Scalars/Int32"))))
                    .isEqualTo(StatusCodes.Bad_SecureChannelIdInvalid);
            assertThat(simulator.counters().sessionsNow()).isEqualTo(1);
        }
    }

    @Test
    void namesOfSessionsAreThoseThatClientsGave() throws Exception {
        assertThat(simulator.sessionNames()).isEmpty();
        try (RawClient client = new RawClient(simulator)) {
            assertThat(client.read(Simulator.node("Scalars/Int32"))).isNotEmpty();

            assertThat(simulator.sessionNames()).containsExactly("raw");
        }
    }

    @Test
    void theFirstConnectionIsThatSinceTheLastStart() throws Exception {
        assertThat(simulator.counters().firstConnection()).isEmpty();
        clients.connect(simulator).disconnect();
        long first = simulator.counters().firstConnection().orElseThrow();

        clients.connect(simulator).disconnect();
        assertThat(simulator.counters().firstConnection()).hasValue(first);
        simulator.stop();
        simulator.start();

        assertThat(simulator.counters().firstConnection()).isEmpty();
        clients.connect(simulator).disconnect();
        assertThat(simulator.counters().firstConnection().orElseThrow() - first).isPositive();
    }

    @Test
    void theWriteLogKeepsAsManyAsItWasBuiltFor() {
        WriteLog log = new WriteLog(2_000);

        IntStream.rangeClosed(1, 2_001).forEach(i -> log.add(Simulator.node("Scalars/Int32"), new Variant(i)));

        assertThat(log.values(Simulator.node("Scalars/Int32"))).hasSize(2_000).startsWith(new Variant(2));
        assertThatThrownBy(() -> Simulator.builder().writesKept(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
