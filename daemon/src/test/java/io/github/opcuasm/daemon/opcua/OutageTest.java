package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.resume;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A server is gone for a while, and many want it back. */
final class OutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ManualTicker ticker = new ManualTicker();
    private final SimulatedPlant plant = new SimulatedPlant(Simulator.builder().build(), ticker);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void close() {
        logger().detachAppender(log);
        plant.close();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(OutageLog.class);
    }

    @Test
    void manySessionsComeBackAFewAtATimeAndTheLogSaysSoInAFewLines() throws Exception {
        List<OpcUaSession> sessions = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            sessions.add(plant.openSession());
        }
        plant.simulator.counters().resetMostHandshakesAtOnce();
        Fault refusing = plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines()).hasSize(2));

        refusing.close();
        await().atMost(PATIENCE)
                .until(() -> sessions.stream().allMatch(session -> session.state() instanceof SessionState.Active));

        assertThat(plant.simulator.counters().mostHandshakesAtOnce()).isBetween(1, 8);
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(60);
        await().untilAsserted(() -> assertThat(lines()).hasSize(3));
        assertThat(lines().get(0)).contains("lost");
        assertThat(lines().get(1)).contains("is away").contains("wait");
        assertThat(lines().get(2)).contains("60 sessions").contains("60 activated again, 0 created anew");
    }

    @Test
    void refusalOfManyIsSaidOnceAndThenWithTheirNumber() throws Exception {
        List<OpcUaSession> sessions = List.of(plant.openSession(), plant.openSession(), plant.openSession());
        plant.simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_UserAccessDenied);
        plant.simulator.faults().forgetSessions();

        sessions.forEach(session -> read(session));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(lines()).last().asString().contains("3 sessions"));
        assertThat(lines()).allMatch(line -> line.contains("lost") || line.contains("Bad_UserAccessDenied"));
        assertThat(lines()).hasSizeBetween(3, 4);
        assertThat(lines().get(1))
                .endsWith("trying on: The server refused the session: Bad_UserAccessDenied (0x801F0000)");
    }

    @Test
    void oneSessionThatIsReplacedIsThreeLines() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().forgetSessions();

        resultOf(read(session));

        await().untilAsserted(() -> assertThat(lines()).hasSize(2));
        assertThat(lines().get(0)).contains("lost (the server does not know it any more)");
        assertThat(lines().get(1)).contains("restored").contains("created anew");
    }

    @Test
    void sessionsOfAnEarlierProcessAreOneLineThatTellsThoseLeftFromThoseOpenedAnew() throws Exception {
        List<OpcUaSession> sessions = List.of(unopened(), unopened(), unopened());
        OpcUaSession before = unopened();
        RecordedNews news = RecordedNews.of(before);
        resultOf(before.open());
        resultOf(before.leave());
        Fault hang = plant.simulator.faults().freeze();

        OpcUaSession left = unopened();
        resume(left, news.left());
        sessions.forEach(session -> resume(session, null));
        assertThat(lines()).as("before the server was heard").isEmpty();
        hang.close();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines()).hasSize(2));

        assertThat(lines().get(0))
                .startsWith("4 sessions to ")
                .endsWith(" of an earlier process: 1 to be resumed, 3 to be opened anew");
        assertThat(lines().get(1)).contains("1 activated again, 3 created anew");
    }

    @Test
    void sessionThatTheEarlierProcessClosedIsNotCalledResumed() throws Exception {
        OpcUaSession session = unopened();

        resume(session, null);
        resultOf(session.ensureActive(soon()));

        await().untilAsserted(() -> assertThat(lines()).hasSize(2));
        assertThat(lines().get(0)).startsWith("Session to ").endsWith(" of an earlier process is to be opened anew");
        assertThat(lines().get(1)).contains("created anew");
    }

    @Test
    void whoWaitsIsToldWhatTheProbeOfAnotherFound() throws Exception {
        OpcUaSession one = plant.openSession();
        OpcUaSession other = plant.openSession();
        plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();

        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(one.notConnected().messageText()).contains("refused");
            assertThat(other.notConnected().messageText()).contains("refused");
        });
    }

    // Without this a session that is lost after each activation would come back as fast as it can for ever.
    @Test
    void sessionThatDoesNotLastKeepsItsCountOfFailures() throws Exception {
        OpcUaSession session = plant.openSession();

        assertThat(failuresAtNextLoss(session)).isEqualTo(1);
        assertThat(failuresAtNextLoss(session)).isEqualTo(2);
        assertThat(failuresAtNextLoss(session)).isEqualTo(3);
        ticker.advance(Duration.ofSeconds(10));
        assertThat(failuresAtNextLoss(session)).isZero();
    }

    /** Loses the session, and gets it back. */
    private int failuresAtNextLoss(OpcUaSession session) throws Exception {
        Fault hang = plant.simulator.faults().hang(Service.ACTIVATE_SESSION);
        plant.simulator.faults().dropConnections();
        await().until(() -> session.state() instanceof SessionState.Reconnecting);
        int failures = session.state() instanceof SessionState.Reconnecting lost ? lost.failedAttempts() : -1;
        hang.close();
        await().atMost(PATIENCE).until(() -> session.state() instanceof SessionState.Active);
        return failures;
    }

    // Some servers count the session's timeout from its last request, and an activation is none.
    @Test
    void sessionThatIsActivatedAgainIsUsedAtOnce() throws Exception {
        OpcUaSession session = plant.openSession();
        long reads = plant.simulator.counters().received(Service.READ);

        plant.simulator.faults().dropConnections();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(plant.simulator.counters().received(Service.READ))
                        .isEqualTo(reads + 1));
        assertThat(session.state()).isInstanceOf(SessionState.Active.class);
    }

    @Test
    void healthySessionIsProbedForAllWhoAskAndNotAgainForAWhile() throws Exception {
        OpcUaSession session = plant.openSession();
        long reads = plant.simulator.counters().received(Service.READ);

        CompletableFuture<Void> one = session.ensureActive(soon());
        CompletableFuture<Void> other = session.ensureActive(soon());
        resultOf(one);
        resultOf(other);
        resultOf(session.ensureActive(soon()));
        assertThat(plant.simulator.counters().received(Service.READ)).isEqualTo(reads + 1);

        ticker.advance(Duration.ofSeconds(5));
        resultOf(session.ensureActive(soon()));
        assertThat(plant.simulator.counters().received(Service.READ)).isEqualTo(reads + 2);
    }

    // The pause after a refusal is a second at least; who asks for the session does not wait for it, once.
    @Test
    void whoWantsALostSessionNowSkipsThePauseOnceInAWhile() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault refusal = plant.simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_UserAccessDenied);
        plant.simulator.faults().forgetSessions();
        assertThat(failureOf(read(session))).hasMessageContaining("Bad_UserAccessDenied");
        refusal.close();

        CompletableFuture<Void> active = session.ensureActive(soon());

        resultOf(active);
        resultOf(read(session));
    }

    @Test
    void openMeetsTheServerAtOnceWhileOthersWaitForIt() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault refusing = plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(session.notConnected().messageText()).contains("refused"));

        assertThat(failureOf(
                        plant.session(plant.simulator.endpointUrl(), LONG, LONG).open()))
                .hasMessageContaining("refused");

        refusing.close();
        resultOf(plant.session(plant.simulator.endpointUrl(), LONG, LONG).open());
        resultOf(read(session));
    }

    /** A session that was not opened here. */
    private OpcUaSession unopened() {
        return plant.session(plant.simulator.endpointUrl(), LONG, LONG);
    }

    private CompletableFuture<ReadResponse> read(OpcUaSession session) {
        ServiceCall<ReadResponse> call = SimulatedPlant.readCall(1, LONG, 1, () -> {});
        return session.submit(new ServiceCall<>(call.responseType(), call.message(), null, soon(), 1, 1));
    }

    private long soon() {
        return ticker.read() + LONG.toNanos();
    }

    private List<String> lines() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains(":" + plant.simulator.port()))
                .toList();
    }
}
