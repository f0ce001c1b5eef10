package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.INT32;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.active;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.in;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.read;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.TcpProxy;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session outlives its channels and its server; a request that changes the plant outlives nothing. */
final class OpcUaSessionRecoveryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SimulatedPlant plant = new SimulatedPlant();

    @AfterEach
    void close() {
        plant.close();
    }

    @Test
    void readUnderWayIsRepeatedOnTheRestoredSession() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.READ);
        CompletableFuture<ReadResponse> read = read(session, LONG, 1);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        plant.simulator.faults().dropConnections();
        hang.close();

        assertThat(resultOf(read).getResults()[0].getValue()).isEqualTo(new Variant(-32));
        // The server still had the session: it was activated again, not created anew.
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(1);
        assertThat(plant.simulator.counters().sessionsActivated()).isEqualTo(2);
    }

    /** Each break doubles the pauses of breaks, and none those of refusals: else this one would take 30 s and more. */
    @Test
    void pauseAfterARefusalDoesNotGrowWithTheBreaksBeforeIt() throws Exception {
        OpcUaSession session = plant.openSession();
        for (int i = 0; i < 5; i++) {
            breakOnce(session);
            await().atMost(PATIENCE).until(() -> session.state() instanceof SessionState.Active);
        }
        long refused = plant.simulator.counters().activationsRefused();

        Fault refusing = plant.simulator.faults().fail(Service.ACTIVATE_SESSION, StatusCodes.Bad_UserAccessDenied);
        breakOnce(session);
        await().atMost(PATIENCE).until(() -> plant.simulator.counters().activationsRefused() > refused);
        refusing.close();

        await().atMost(Duration.ofSeconds(15)).until(() -> session.state() instanceof SessionState.Active);
    }

    /** Waits until the break was noticed: seen while the session is away, or by what brought it back. */
    private void breakOnce(OpcUaSession session) {
        long activated = plant.simulator.counters().sessionsActivated();
        plant.simulator.faults().dropConnections();
        await().until(() -> session.state() instanceof SessionState.Reconnecting
                || plant.simulator.counters().sessionsActivated() > activated);
    }

    @Test
    void readWithoutRetriesFailsWithTheConnection() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.READ);
        CompletableFuture<ReadResponse> read = read(session, LONG, 0);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        plant.simulator.faults().dropConnections();

        CommandException failure = failureOf(read);
        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isNull();
    }

    @Test
    void readIsRepeatedNoMoreOftenThanAllowed() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().hang(Service.READ);
        long before = plant.simulator.counters().received(Service.READ);
        CompletableFuture<ReadResponse> read = read(session, LONG, 2);

        for (int i = 1; i <= 3; i++) {
            long sent = before + i;
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(plant.simulator.counters().received(Service.READ))
                            .isEqualTo(sent));
            plant.simulator.faults().dropConnections();
        }

        assertThat(failureOf(read).type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(plant.simulator.counters().received(Service.READ)).isEqualTo(before + 3);
    }

    @Test
    void sameSessionObjectServesSoonAfterTheServerIsBack() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.stop();
        await().untilAsserted(() -> assertThat(session.state()).isInstanceOf(SessionState.Reconnecting.class));
        CompletableFuture<ReadResponse> waiting = read(session, LONG, 1);

        plant.simulator.start();
        long accepting = System.nanoTime();
        resultOf(waiting);

        assertThat(Duration.ofNanos(System.nanoTime() - accepting)).isLessThan(Duration.ofSeconds(5));
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(2);
        assertThat(session.state().connectionState()).isEqualTo(ConnectionState.CONNECTED);
    }

    @Test
    void readFailsAtItsDeadlineWhileTheServerIsAway() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.stop();
        await().untilAsserted(() -> assertThat(session.state()).isInstanceOf(SessionState.Reconnecting.class));

        CommandException failure = failureOf(read(session, Duration.ofMillis(300), 1));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(session.state().connectionState()).isEqualTo(ConnectionState.BROKEN);
    }

    @Test
    void executedWriteWhoseAnswerWasLostIsUnknownAndHappenedOnce() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault withheld = plant.simulator.faults().withholdAnswers(Service.WRITE);
        CompletableFuture<WriteResponse> write = write(session, 5, LONG);
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));

        plant.simulator.faults().dropConnections();
        CommandException failure = failureOf(write);
        withheld.close();
        resultOf(read(session, LONG, 1));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(plant.simulator.writes(INT32)).containsExactly(new Variant(5));
    }

    @Test
    void writeThatTheServerHadNotBegunIsUnknownAndNeverHappens() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.WRITE);
        CompletableFuture<WriteResponse> write = write(session, 5, LONG);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        plant.simulator.faults().dropConnections();
        CommandException failure = failureOf(write);
        hang.close();
        resultOf(read(session, LONG, 1));

        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(plant.simulator.writes(INT32)).isEmpty();
        assertThat(plant.simulator.counters().received(Service.WRITE)).isEqualTo(1);
    }

    @Test
    void writeThatWaitedForItsTurnWhenTheConnectionBrokeIsNotSent() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.READ);
        IntStream.range(0, RequestDispatcher.MAX_UNDER_WAY).forEach(i -> read(session, LONG, 0));
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(RequestDispatcher.MAX_UNDER_WAY));
        CompletableFuture<WriteResponse> write = write(session, 5, LONG);

        plant.simulator.faults().dropConnections();
        CommandException failure = failureOf(write);
        hang.close();
        resultOf(read(session, LONG, 1));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
    }

    @Test
    void writeDuringAnOutageFailsAtOnceAndNeverArrives() throws Exception {
        OpcUaSession session = plant.openSession();
        SessionState.Active before = active(session);
        plant.simulator.stop();
        await().untilAsserted(() -> assertThat(session.state()).isInstanceOf(SessionState.Reconnecting.class));

        CommandException failure = failureOf(write(session, before, INT32, 5, LONG));
        plant.simulator.start();
        resultOf(read(session, LONG, 1));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
    }

    // A write that was accepted before the connection broke waits for nobody, not even for a short outage.
    @Test
    void writeOfAnEarlierActivationIsNotSentOnALaterOne() throws Exception {
        OpcUaSession session = plant.openSession();
        SessionState.Active before = active(session);
        plant.simulator.faults().dropConnections();
        resultOf(read(session, LONG, 1));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(plant.simulator.counters().sessionsActivated())
                        .isEqualTo(2));

        CommandException failure = failureOf(write(session, before, INT32, 5, LONG));

        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
    }

    @Test
    void forgottenSessionIsReplacedForAReadAndFailsAWriteAsNotSent() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().forgetSessions();

        CommandException write = failureOf(write(session, 5, LONG));
        resultOf(read(session, LONG, 1));
        plant.simulator.faults().forgetSessions();
        resultOf(read(session, LONG, 1));

        assertThat(write.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(write.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(3);
        assertThat(plant.simulator.writes(INT32)).isEmpty();
    }

    // A busy server still holds the session, and a slot for it: another one beside it would leak the first.
    @Test
    void serverThatIsTooBusyToActivateKeepsItsSession() throws Exception {
        OpcUaSession session = plant.openSession();
        NodeId before = active(session).session().sessionId();
        Fault busy = plant.simulator.faults().fail(Service.ACTIVATE_SESSION, StatusCodes.Bad_TcpServerTooBusy);

        plant.simulator.faults().dropConnections();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(plant.simulator.counters().received(Service.ACTIVATE_SESSION))
                        .isGreaterThanOrEqualTo(3));
        busy.close();
        resultOf(read(session, LONG, 1));

        assertThat(plant.simulator.counters().received(Service.CREATE_SESSION)).isEqualTo(1);
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(1);
        assertThat(active(session).session().sessionId()).isEqualTo(before);
    }

    /** These refuse a request before it is looked at. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                StatusCodes.Bad_SessionIdInvalid,
                StatusCodes.Bad_SessionNotActivated,
                StatusCodes.Bad_SecureChannelIdInvalid
            })
    void writeRefusedSinceTheServerDoesNotKnowTheSessionIsNotSent(long fault) throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().fail(Service.WRITE, fault);

        CommandException failure = failureOf(write(session, 5, LONG));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(fault);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isEqualTo(1);
    }

    /** These may come for a request that the server was carrying out already. */
    @ParameterizedTest
    @ValueSource(longs = {StatusCodes.Bad_SessionClosed, StatusCodes.Bad_SecureChannelClosed})
    void writeThatMetTheEndOfTheSessionOnTheServerIsUnknown(long fault) throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().fail(Service.WRITE, fault);

        CommandException failure = failureOf(write(session, 5, LONG));

        assertThat(failure.statusCode()).isEqualTo(fault);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isEqualTo(1);
    }

    @Test
    void requestOnTheChannelThatIsBeingReplacedDoesNotTouchItsSuccessor() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.WRITE);
        CompletableFuture<WriteResponse> write = write(session, 5, LONG);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        plant.simulator.faults().forgetSessions();
        resultOf(read(session, LONG, 1));

        assertThat(failureOf(write).outcome()).isEqualTo(Outcome.UNKNOWN);
        hang.close();
        resultOf(write(session, 6, LONG));
        assertThat(plant.simulator.writes(INT32)).endsWith(new Variant(6));
    }

    @Test
    void keepAliveFindsAFrozenServerAndTheSessionReturnsWhenItThaws() throws Exception {
        OpcUaSession session =
                plant.session(plant.simulator.endpointUrl(), Duration.ofMillis(500), Duration.ofMillis(200));
        resultOf(session.open());

        Fault frozen = plant.simulator.faults().freeze();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(session.state()).isInstanceOf(SessionState.Reconnecting.class));
        frozen.close();

        resultOf(read(session, LONG, 1));
        assertThat(session.state()).isInstanceOf(SessionState.Active.class);
    }

    @Test
    void keepAliveReadsOnlyWhileNothingElseIsAnswered() throws Exception {
        OpcUaSession session =
                plant.session(plant.simulator.endpointUrl(), Duration.ofSeconds(20), Duration.ofMillis(100));
        resultOf(session.open());
        long before = plant.simulator.counters().received(Service.READ);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(plant.simulator.counters().received(Service.READ))
                        .isGreaterThanOrEqualTo(before + 3));

        assertThat(plant.simulator.counters().connections()).isEqualTo(1);
        assertThat(session.state()).isInstanceOf(SessionState.Active.class);
    }

    @Test
    void keepAliveFindsThatTheServerForgotTheSession() throws Exception {
        OpcUaSession session =
                plant.session(plant.simulator.endpointUrl(), Duration.ofSeconds(20), Duration.ofMillis(200));
        resultOf(session.open());

        plant.simulator.faults().forgetSessions();

        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(2));
    }

    @Test
    void probeForSomebodyWhoWantsAnActiveSessionSeesThatItWasForgotten() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().forgetSessions();

        resultOf(session.ensureActive(in(LONG)));

        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(2);
        resultOf(write(session, 5, LONG));
        assertThat(plant.simulator.writes(INT32)).containsExactly(new Variant(5));
    }

    @Test
    void waitingForAnActiveSessionEndsAtItsDeadlineOrWithTheSession() throws Exception {
        OpcUaSession session = plant.openSession();
        resultOf(session.ensureActive(in(LONG)));
        plant.simulator.stop();
        await().untilAsserted(() -> assertThat(session.state()).isInstanceOf(SessionState.Reconnecting.class));

        CompletableFuture<Void> patient = session.ensureActive(in(LONG));
        CommandException impatient = failureOf(session.ensureActive(in(Duration.ofMillis(200))));

        assertThat(impatient.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(impatient.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(patient).isNotDone();
        plant.simulator.start();
        resultOf(patient);
        resultOf(session.close());
        assertThat(failureOf(session.ensureActive(in(LONG))).type()).isEqualTo(ErrorType.CONNECTION);
    }

    @Test
    void listenerThatFailsHindersNobody() throws Exception {
        OpcUaSession session = plant.openSession();
        List<String> told = new CopyOnWriteArrayList<>();
        session.listen(listener(
                () -> {
                    throw new IllegalStateException("a defect");
                },
                () -> {
                    throw new IllegalStateException("another");
                }));
        session.listen(listener(() -> told.add("restored"), () -> told.add("closed")));
        Fault refusing = plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();
        await().until(() -> session.state() instanceof SessionState.Reconnecting);
        CompletableFuture<Void> active = session.ensureActive(in(LONG));
        CompletableFuture<ReadResponse> read = read(session, LONG, 0);

        refusing.close();
        resultOf(active);
        resultOf(read);
        resultOf(session.close());

        assertThat(told).containsExactly("restored", "closed");
    }

    // What waits may mean what the old session had: nothing goes out before all have been told.
    @Test
    void listenersAreToldBeforeAnythingGoesOutWhateverTheyDo() throws Exception {
        OpcUaSession session = plant.openSession();
        List<String> order = new CopyOnWriteArrayList<>();
        session.listen(listener(
                () -> {
                    order.add("first told");
                    read(session, LONG, 0);
                },
                () -> {}));
        session.listen(listener(() -> order.add("second told"), () -> {}));
        Fault refusing = plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();
        await().until(() -> session.state() instanceof SessionState.Reconnecting);
        CompletableFuture<ReadResponse> waiting =
                session.submit(SimulatedPlant.readCall(1, LONG, 0, () -> order.add("sent")));

        refusing.close();
        resultOf(waiting);

        assertThat(order).containsExactly("first told", "second told", "sent");
    }

    private static SessionListener listener(Runnable onRestored, Runnable onClosed) {
        return new SessionListener() {
            @Override
            public void restored(boolean anew) {
                onRestored.run();
            }

            @Override
            public void closed() {
                onClosed.run();
            }
        };
    }

    // Part 4, 5.6.2: a token is renewed before its lifetime ends. The proxy shortens what the server grants.
    @Test
    void channelIsRenewedWhileRequestsGoOn() throws Exception {
        try (TcpProxy proxy = new TcpProxy(plant.simulator.port(), OpcUaSessionRecoveryTest::shortLived)) {
            OpcUaSession session = plant.openSession("opc.tcp://127.0.0.1:" + proxy.port() + "/simulator");

            await().atMost(PATIENCE).untilAsserted(() -> {
                resultOf(read(session, LONG, 0));
                assertThat(plant.simulator.counters().renewals()).isGreaterThanOrEqualTo(2);
            });

            resultOf(write(session, 5, LONG));
            assertThat(plant.simulator.counters().handshakes()).isEqualTo(1);
            assertThat(proxy.connections()).isEqualTo(1);
        }
    }

    /** Lets the token of an OpenSecureChannel response live for 1 s: last in it are the lifetime and a null nonce. */
    private static byte[] shortLived(byte[] message) {
        if (message[0] == 'O' && message[1] == 'P' && message[2] == 'N') {
            ByteBuffer buffer = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
            int nonceLength = buffer.getInt(message.length - 4);
            assertThat(nonceLength).isLessThanOrEqualTo(0);
            assertThat(buffer.getInt(message.length - 8)).isEqualTo(3_600_000);
            buffer.putInt(message.length - 8, 1_000);
        }
        return message;
    }
}
