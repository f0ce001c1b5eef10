package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FaultsTest {
    private static final NodeId INT32 = Simulator.node("Scalars/Int32");
    private static final Duration LONG = Duration.ofHours(1);

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeEach
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterEach
    void close() throws Exception {
        simulator.faults().clear();
        clients.close();
        simulator.close();
    }

    @Test
    void hungWriteIsExecutedWhenTheHangEnds() throws Exception {
        Fault hang = simulator.faults().hang(Service.WRITE);

        CompletableFuture<StatusCode> write = TestClients.write(client, "Scalars/Int32", 5);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        assertThat(simulator.writeCount(INT32)).isZero();
        assertThat(simulator.counters().received(Service.WRITE)).isEqualTo(1);
        assertThat(simulator.counters().served(Service.WRITE)).isZero();
        assertThat(write).isNotDone();
        hang.close();
        assertThat(write.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(StatusCode.GOOD);
        assertThat(simulator.writes(INT32)).containsExactly(new Variant(5));
    }

    @Test
    void hungWriteOfALostConnectionNeverArrives() {
        Fault hang = simulator.faults().hang(Service.WRITE);
        CompletableFuture<StatusCode> write = TestClients.write(client, "Scalars/Int32", 5);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        simulator.faults().dropConnections();
        hang.close();

        await().untilAsserted(() -> assertThat(write).isCompletedExceptionally());
        assertThat(simulator.writeCount(INT32)).isZero();
    }

    @Test
    void otherServicesGoOnBesideAHang() throws Exception {
        try (Fault hang = simulator.faults().hang(Service.WRITE)) {
            CompletableFuture<StatusCode> write = TestClients.write(client, "Scalars/Int32", 5);

            assertThat(TestClients.readNow(client, "Scalars/Int32").value().value())
                    .isEqualTo(-32);

            assertThat(write).isNotDone();
            await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));
        }
    }

    @Test
    void withheldAnswerBelongsToAnExecutedRequest() throws Exception {
        Fault withheld = simulator.faults().withholdAnswers(Service.WRITE);

        CompletableFuture<StatusCode> write = TestClients.write(client, "Scalars/Int32", 5);
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));

        assertThat(simulator.writes(INT32)).containsExactly(new Variant(5));
        assertThat(write).isNotDone();
        withheld.close();
        assertThat(write.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(StatusCode.GOOD);
    }

    @Test
    void delayedReadIsAnsweredNoSooner() throws Exception {
        long start = System.nanoTime();
        try (Fault delay = simulator.faults().delay(Service.READ, Duration.ofMillis(200))) {
            DataValue value = TestClients.readNow(client, "Scalars/Int32");

            assertThat(value.value().value()).isEqualTo(-32);
            assertThat(System.nanoTime() - start)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
            assertThat(delay.held()).isZero();
        }
    }

    @Test
    void endingADelayEndsItsWaits() throws Exception {
        Fault delay = simulator.faults().delay(Service.READ, LONG);
        CompletableFuture<DataValue> read = TestClients.read(client, "Scalars/Int32");
        await().untilAsserted(() -> assertThat(delay.held()).isGreaterThanOrEqualTo(1));

        delay.close();

        assertThat(read.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .value()
                        .value())
                .isEqualTo(-32);
    }

    @Test
    void newFaultOfAServiceReplacesTheOneBefore() throws Exception {
        Fault hang = simulator.faults().hang(Service.READ);
        CompletableFuture<DataValue> read = TestClients.read(client, "Scalars/Int32");
        await().untilAsserted(() -> assertThat(hang.held()).isGreaterThanOrEqualTo(1));

        Fault fail = simulator.faults().fail(Service.READ, StatusCodes.Bad_ServerHalted);

        read.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
        hang.close();
        assertStatus(TestClients.read(client, "Scalars/Int32"), StatusCodes.Bad_ServerHalted);
        fail.close();
        assertThat(TestClients.readNow(client, "Scalars/Int32").statusCode().isGood())
                .isTrue();
    }

    @Test
    void failedCreateSessionIsTheClientsToReport() throws Exception {
        try (Fault fail = simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_OutOfMemory)) {
            OpcUaClient second = clients.create(simulator);

            assertStatus(second.connectAsync(), StatusCodes.Bad_OutOfMemory);

            assertThat(fail.held()).isZero();
        }
        clients.connect(simulator);
    }

    @Test
    void droppedConnectionIsResetAndItsSessionLives() throws Exception {
        try (Fault hang = simulator.faults().hang(Service.ACTIVATE_SESSION);
                Socket socket = answeredSocket()) {
            int dropped = simulator.faults().dropConnections();

            assertThat(dropped).isGreaterThanOrEqualTo(2);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
            assertThat(simulator.counters().sessionsNow()).isEqualTo(1);
            assertThat(hang.held()).isBetween(0, 1);
        }
        await().atMost(Duration.ofSeconds(TestClients.PATIENCE_SECONDS))
                .ignoreExceptions()
                .until(() -> TestClients.readNow(client, "Scalars/Int32")
                        .statusCode()
                        .isGood());
    }

    @Test
    void refusedPortComesBackAndConnectionsStay() throws Exception {
        Fault refusing = simulator.faults().refuseConnections();

        assertThatThrownBy(() -> RawHello.connect(simulator.port()).close()).isInstanceOf(ConnectException.class);
        assertThat(TestClients.readNow(client, "Scalars/Int32").statusCode().isGood())
                .isTrue();

        refusing.close();
        answeredSocket().close();
    }

    @Test
    void frozenServerAcceptsAndAnswersOnlyWhenThawed() throws Exception {
        TestClients.readNow(client, "Scalars/Int32");
        long reads = simulator.counters().received(Service.READ);
        Fault frozen = simulator.faults().freeze();
        CompletableFuture<DataValue> read = TestClients.read(client, "Scalars/Int32");

        try (Socket socket = RawHello.connect(simulator.port())) {
            socket.setSoTimeout(200);
            socket.getOutputStream().write(RawHello.bytes(simulator.endpointUrl()));
            InputStream answers = socket.getInputStream();

            assertThatThrownBy(answers::read).isInstanceOf(SocketTimeoutException.class);
            assertThat(read).isNotDone();
            assertThat(simulator.counters().received(Service.READ)).isEqualTo(reads);

            frozen.close();
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TestClients.PATIENCE_SECONDS));
            assertThat(answers.read()).isEqualTo('A');
        }
        assertThat(read.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .value()
                        .value())
                .isEqualTo(-32);
    }

    @Test
    void forgottenSessionMeetsBadSessionIdInvalidOnALivingConnection() throws Exception {
        try (Fault noReturn = simulator.faults().hang(Service.CREATE_SESSION)) {
            long connections = simulator.counters().connections();

            simulator.faults().forgetSessions();

            assertThat(simulator.counters().sessionsNow()).isZero();
            assertStatus(TestClients.read(client, "Scalars/Int32"), StatusCodes.Bad_SessionIdInvalid);
            assertThat(simulator.counters().connections()).isEqualTo(connections);
            assertThat(noReturn.held()).isBetween(0, 1);
        }
    }

    @Test
    void faultsSurviveARestart() throws Exception {
        OpcUaClient second = clients.create(simulator);
        simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_ServerHalted);
        Fault refusing = simulator.faults().refuseConnections();

        simulator.stop();
        simulator.start();

        assertThatThrownBy(() -> RawHello.connect(simulator.port()).close()).isInstanceOf(ConnectException.class);
        refusing.close();
        assertStatus(second.connectAsync(), StatusCodes.Bad_ServerHalted);
        simulator.faults().clear();
        clients.connect(simulator);
    }

    @Test
    void servicesHaveTheNamesOfTheSpecification() {
        assertThat(Service.named("CreateSession")).isEqualTo(Service.CREATE_SESSION);
        assertThat(Service.named("read")).isEqualTo(Service.READ);
        assertThatThrownBy(() -> Service.named("Reed"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Unknown service: Reed");
    }

    private Socket answeredSocket() throws IOException {
        Socket socket = RawHello.connect(simulator.port());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TestClients.PATIENCE_SECONDS));
        socket.getOutputStream().write(RawHello.bytes(simulator.endpointUrl()));
        assertThat(socket.getInputStream().readNBytes(28)).startsWith('A', 'C', 'K', 'F');
        return socket;
    }

    private static void assertStatus(CompletableFuture<?> call, long status) {
        assertThatThrownBy(() -> call.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                .orElseThrow()
                                .getValue())
                        .isEqualTo(status));
    }
}
