package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.OperationLimit;
import io.github.opcuasm.simulator.Service;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A slot on the server that is taken and that nobody can give back is reported. */
final class OpcUaSessionOrphansTest {
    private static final String ORPHANED = "orphaned for 60 s";

    private final SimulatedPlant plant = new SimulatedPlant();

    @AfterEach
    void close() {
        plant.close();
    }

    @Test
    void sessionWhoseGrantWasLostIsAnOrphanAlsoOfAFailedOpen() throws Exception {
        plant.simulator.faults().withholdAnswers(Service.CREATE_SESSION);
        OpcUaSession session = session(Duration.ofMillis(500));
        RecordedNews news = RecordedNews.of(session);

        failureOf(session.open());

        assertThat(news.news).containsExactly(ORPHANED, "closed");
        assertThat(resultOf(session.close())).isFalse();
    }

    @Test
    void sessionThatWasRefusedIsNone() throws Exception {
        plant.simulator.limits().maxSessions(0);
        OpcUaSession session = session(LONG);
        RecordedNews news = RecordedNews.of(session);

        failureOf(session.open());

        assertThat(news.news).containsExactly("closed");
        assertThat(resultOf(session.close())).isTrue();
    }

    @Test
    void sessionThatCouldNotBeActivatedIsClosedBeforeTheOpenFails() {
        plant.simulator.faults().hang(Service.ACTIVATE_SESSION);
        OpcUaSession session = session(Duration.ofMillis(500));
        RecordedNews news = RecordedNews.of(session);

        failureOf(session.open());

        assertThat(plant.simulator.counters().received(Service.CLOSE_SESSION)).isEqualTo(1);
        assertThat(news.news).containsExactly("closed");
    }

    @Test
    void connectionThatIsLostBetweenGrantAndActivationLeavesAnOrphan() {
        Fault hang = plant.simulator.faults().hang(Service.ACTIVATE_SESSION);
        OpcUaSession session = session(LONG);
        RecordedNews news = RecordedNews.of(session);
        CompletableFuture<Void> opened = session.open();
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        plant.simulator.faults().dropConnections();

        failureOf(opened);
        assertThat(news.news).containsExactly(ORPHANED, "closed");
    }

    @Test
    void closeTellsWhetherTheServerHasConfirmedIt() throws Exception {
        OpcUaSession confirmed = plant.openSession();
        OpcUaSession unconfirmed = plant.openSession();
        RecordedNews quiet = RecordedNews.of(confirmed);
        RecordedNews news = RecordedNews.of(unconfirmed);

        assertThat(resultOf(confirmed.close())).isTrue();
        plant.simulator.faults().freeze();
        assertThat(resultOf(unconfirmed.close())).isFalse();

        assertThat(quiet.news).containsExactly("closed");
        assertThat(news.news).containsExactly("closed", ORPHANED);
        assertThat(resultOf(unconfirmed.close())).as("the second time").isFalse();
    }

    @Test
    void lostSessionThatIsClosedStaysOnTheServer() throws Exception {
        OpcUaSession session = plant.openSession();
        RecordedNews news = RecordedNews.of(session);
        plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();
        await().until(() -> session.state() instanceof SessionState.Reconnecting);

        assertThat(resultOf(session.close())).isFalse();

        assertThat(news.news).containsExactly("closed", ORPHANED);
    }

    @Test
    void lostSessionThatIsClosedWhileItIsRestoredIsClosedOnTheServer() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.ACTIVATE_SESSION);
        plant.simulator.faults().dropConnections();
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        CompletableFuture<Boolean> closed = session.close();
        await().until(() -> session.state() instanceof SessionState.Closed);
        hang.close();

        assertThat(resultOf(closed)).isTrue();
        assertThat(plant.simulator.counters().sessionsNow()).isZero();
    }

    // The user's rights may have changed, or the nonce is an old one: the server goes on holding what it does not give
    // us.
    @Test
    void sessionThatTheServerDoesNotLetUsHaveBackIsAnOrphanAndReplacedAtOnce() throws Exception {
        OpcUaSession session = plant.openSession();
        RecordedNews news = RecordedNews.of(session);
        Fault refusal = plant.simulator.faults().fail(Service.ACTIVATE_SESSION, StatusCodes.Bad_UserAccessDenied);
        plant.simulator.faults().dropConnections();
        await().untilAsserted(() -> assertThat(news.news).startsWith(ORPHANED));
        await().untilAsserted(
                        () -> assertThat(session.notConnected().messageText()).contains("Bad_UserAccessDenied"));
        long created = plant.simulator.counters().received(Service.CREATE_SESSION);

        refusal.close();
        await().atMost(Duration.ofSeconds(60)).until(() -> session.state() instanceof SessionState.Active);
        resultOf(read(session, LONG, 0));

        assertThat(created).as("the first, and one for each refused attempt").isGreaterThanOrEqualTo(2);
        assertThat(news.news).containsExactly(ORPHANED, "activated", "restored anew");
    }

    // Each answer comes in time, and all together never end.
    @Test
    void handshakeAsAWholeIsBounded() {
        plant.simulator.limits().operations(OperationLimit.MAX_NODES_PER_READ, 1);
        plant.simulator.faults().delay(Service.CREATE_SESSION, Duration.ofMillis(400));
        plant.simulator.faults().delay(Service.ACTIVATE_SESSION, Duration.ofMillis(400));
        plant.simulator.faults().delay(Service.READ, Duration.ofMillis(400));
        OpcUaSession session = session(Duration.ofMillis(500));

        assertThat(failureOf(session.open()).statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
    }

    private OpcUaSession session(Duration callTimeout) {
        return plant.session(plant.simulator.endpointUrl(), callTimeout, LONG);
    }
}
