package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.INT32;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.active;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.read;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How sessions begin and end. */
final class OpcUaSessionOpenCloseTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SimulatedPlant plant = new SimulatedPlant();

    @AfterEach
    void close() {
        plant.close();
    }

    @Test
    void refusedConnectionFailsTheOpenAndNamesTheServer() {
        plant.simulator.faults().refuseConnections();
        OpcUaSession session = plant.session(plant.simulator.endpointUrl(), LONG, LONG);

        CommandException failure = failureOf(session.open());

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure).hasMessageContaining("127.0.0.1:" + plant.simulator.port());
        assertThat(session.state()).isInstanceOf(SessionState.Closed.class);
    }

    @Test
    void nameThatDoesNotResolveFailsTheOpen() {
        OpcUaSession session = plant.session("opc.tcp://no-such-host.invalid:4840", PATIENCE, LONG);

        CommandException failure = failureOf(session.open());

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure).hasMessageContaining("no-such-host.invalid:4840").hasMessageContaining("does not resolve");
    }

    @Test
    void hostNameIsResolved() throws Exception {
        OpcUaSession session =
                plant.session("opc.tcp://localhost:" + plant.simulator.port() + "/simulator", PATIENCE, LONG);

        resultOf(session.open());

        resultOf(read(session, LONG, 0));
    }

    @Test
    void serverThatAcceptsAndSaysNothingFailsTheOpenInTime() throws Exception {
        try (Fault frozen = plant.simulator.faults().freeze()) {
            OpcUaSession session = plant.session(plant.simulator.endpointUrl(), Duration.ofMillis(500), LONG);

            CommandException failure = failureOf(session.open());

            assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
            assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
            assertThat(frozen.held()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CREATE_SESSION", "ACTIVATE_SESSION", "READ"})
    void eachStepOfTheHandshakeIsBounded(Service hung) {
        plant.simulator.faults().hang(hung);
        OpcUaSession session = plant.session(plant.simulator.endpointUrl(), Duration.ofMillis(500), LONG);

        CommandException failure = failureOf(session.open());

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(plant.simulator.counters().connectionsNow()).isZero());
    }

    @Test
    void sessionThatTheServerRefusesIsAServiceException() {
        plant.simulator.limits().maxSessions(0);
        OpcUaSession session = plant.session(plant.simulator.endpointUrl(), LONG, LONG);

        CommandException failure = failureOf(session.open());

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_TooManySessions);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(plant.simulator.counters().connectionsNow()).isZero());
    }

    @Test
    void sessionThatCouldNotBeActivatedDoesNotStayOnTheServer() {
        plant.simulator.faults().fail(Service.ACTIVATE_SESSION, StatusCodes.Bad_IdentityTokenRejected);
        OpcUaSession session = plant.session(plant.simulator.endpointUrl(), LONG, LONG);

        CommandException failure = failureOf(session.open());

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_IdentityTokenRejected);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        assertThat(plant.simulator.counters().sessionsNow()).isZero());
    }

    @Test
    void serverThatTellsNothingAboutItselfStillGivesASession() throws Exception {
        Fault fault = plant.simulator.faults().fail(Service.READ, StatusCodes.Bad_ServiceUnsupported);
        OpcUaSession session = plant.openSession();
        fault.close();

        assertThat(session.serverInfo().maxNodesPerRead()).isNull();
        resultOf(read(session, LONG, 0));
    }

    @Test
    void closeEndsTheSessionOnTheServer() throws Exception {
        OpcUaSession session = plant.openSession();

        resultOf(session.close());

        assertThat(plant.simulator.counters().received(Service.CLOSE_SESSION)).isEqualTo(1);
        assertThat(plant.simulator.counters().sessionsNow()).isZero();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(plant.simulator.counters().connectionsNow()).isZero());
        assertThat(session.state().connectionState()).isEqualTo(ConnectionState.DISCONNECTED);
    }

    @Test
    void closeMayRunTwiceAndNothingIsSentAfterIt() throws Exception {
        OpcUaSession session = plant.openSession();
        SessionState.Active before = active(session);
        resultOf(session.close());
        resultOf(session.close());

        CommandException read = failureOf(read(session, LONG, 3));
        CommandException write = failureOf(write(session, before, INT32, 5, LONG));

        assertThat(read.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(write.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
        assertThat(plant.simulator.counters().connections()).isEqualTo(1);
    }

    @Test
    void closeFailsWhatWaitsAndIsBoundedThoughTheServerIsFrozen() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.WRITE);
        CompletableFuture<WriteResponse> write = write(session, 5, LONG);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));
        plant.simulator.faults().freeze();
        CompletableFuture<ReadResponse> read = read(session, LONG, 1);

        long start = System.nanoTime();
        CompletableFuture<Boolean> closed = session.close();

        assertThat(failureOf(write).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(failureOf(read).type()).isEqualTo(ErrorType.CONNECTION);
        resultOf(closed);
        // CloseSession has 2 s, CloseSecureChannel 1 s.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void closeWhileConnectingAbortsTheAttempt() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            silent.setSoTimeout(30_000);
            OpcUaSession session = plant.session("opc.tcp://127.0.0.1:" + silent.getLocalPort(), LONG, LONG);
            CompletableFuture<Void> opening = session.open();

            try (Socket accepted = silent.accept()) {
                accepted.setSoTimeout(30_000);
                CompletableFuture<Boolean> closed = session.close();

                assertThat(failureOf(opening).type()).isEqualTo(ErrorType.CONNECTION);
                resultOf(closed);
                // At most a Hello, then the end of the stream, which is waited for no longer than the socket's timeout.
                assertThat(accepted.getInputStream().readAllBytes()).hasSizeLessThan(200);
            }
        }
    }

    @Test
    void closeWhileTheSessionIsCreatedLeavesNoConnection() throws Exception {
        Fault hang = plant.simulator.faults().hang(Service.CREATE_SESSION);
        OpcUaSession session = plant.session(plant.simulator.endpointUrl(), LONG, LONG);
        CompletableFuture<Void> opening = session.open();
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        resultOf(session.close());

        assertThat(failureOf(opening).type()).isEqualTo(ErrorType.CONNECTION);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(plant.simulator.counters().connectionsNow()).isZero());
    }

    @Test
    void closeWhileReconnectingEndsTheAttempts() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.stop();
        await().untilAsserted(() -> assertThat(session.state()).isInstanceOf(SessionState.Reconnecting.class));
        CompletableFuture<ReadResponse> waiting = read(session, LONG, 1);

        resultOf(session.close());
        plant.simulator.start();

        assertThat(failureOf(waiting)).hasMessageContaining("closed");
        assertThat(session.state()).isInstanceOf(SessionState.Closed.class);
        // Another session gets through; the closed one does not come back.
        plant.openSession();
        assertThat(plant.simulator.counters().sessionsCreated()).isEqualTo(2);
    }
}
