package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.BYTE_STRING;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.INT32;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.active;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.read;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.readCall;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.TcpProxy;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of requests on a session that stands: deadlines, bounds, turns. */
final class OpcUaSessionRequestTest {
    private static final Duration SHORT = Duration.ofMillis(400);

    private final SimulatedPlant plant = new SimulatedPlant();

    @AfterEach
    void close() {
        plant.close();
    }

    @Test
    void answersCarryWhatTheServerSaid() throws Exception {
        OpcUaSession session = plant.openSession();

        ReadResponse response = resultOf(read(session, LONG, 0));

        assertThat(response.getResults()[0].getValue()).isEqualTo(new Variant(-32));
        assertThat(session.state()).isInstanceOf(SessionState.Active.class);
        assertThat(session.serverInfo().maxNodesPerRead()).isEqualTo(10_000);
        assertThat(session.serverInfo().namespaces().get(2)).isEqualTo("urn:opcuasm:simulator");
    }

    @Test
    void faultOfTheServerIsAServiceException() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().fail(Service.READ, StatusCodes.Bad_TooManyOperations);

        CommandException failure = failureOf(read(session, LONG, 3));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_TooManyOperations);
        assertThat(failure).hasMessageContaining("Bad_TooManyOperations (0x80100000)");
        assertThat(failure.outcome()).isNull();
        assertThat(session.state()).isInstanceOf(SessionState.Active.class);
    }

    @Test
    void unansweredReadEndsAtItsDeadlineAndTheSessionGoesOn() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.READ);

        CommandException failure = failureOf(read(session, SHORT, 3));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure.outcome()).isNull();
        assertThat(plant.simulator.counters().received(Service.READ)).isEqualTo(2);
        // The late answer belongs to nobody and does no harm.
        hang.close();
        resultOf(read(session, LONG, 0));
        assertThat(plant.simulator.counters().connections()).isEqualTo(1);
    }

    @Test
    void unansweredWriteEndsAtItsDeadlineAsUnknown() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().hang(Service.WRITE);

        CommandException failure = failureOf(write(session, 5, SHORT));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(plant.simulator.counters().received(Service.WRITE)).isEqualTo(1);
    }

    @Test
    void requestWhoseDeadlineHadPassedIsNotSent() throws Exception {
        OpcUaSession session = plant.openSession();

        CommandException failure = failureOf(write(session, 5, Duration.ZERO));

        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        resultOf(read(session, LONG, 0));
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
    }

    @Test
    void writeWhoseTurnDoesNotComeBeforeItsDeadlineIsNeverSent() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.READ);
        List<CompletableFuture<ReadResponse>> hung = reads(session, RequestDispatcher.MAX_UNDER_WAY);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(RequestDispatcher.MAX_UNDER_WAY));

        CommandException failure = failureOf(write(session, 5, SHORT));

        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        hang.close();
        for (CompletableFuture<ReadResponse> read : hung) {
            resultOf(read);
        }
        resultOf(read(session, LONG, 0));
        assertThat(plant.simulator.counters().received(Service.WRITE)).isZero();
        assertThat(plant.simulator.writes(INT32)).isEmpty();
    }

    @Test
    void noMoreRequestsAreUnderWayThanTheWindowAllows() throws Exception {
        OpcUaSession session = plant.openSession();
        long before = plant.simulator.counters().received(Service.READ);
        Fault hang = plant.simulator.faults().hang(Service.READ);

        List<CompletableFuture<ReadResponse>> reads = reads(session, 2 * RequestDispatcher.MAX_UNDER_WAY);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(RequestDispatcher.MAX_UNDER_WAY));
        // Its turn would have come had the window been open; a write is not held by this fault.
        CompletableFuture<WriteResponse> write = write(session, 5, LONG);
        CompletableFuture<Boolean> behindIt = new CompletableFuture<>();
        session.schedule(() -> behindIt.complete(true), Duration.ZERO);
        resultOf(behindIt);

        assertThat(write).isNotDone();
        assertThat(plant.simulator.counters().received(Service.READ) - before)
                .isEqualTo(RequestDispatcher.MAX_UNDER_WAY);
        hang.close();
        for (CompletableFuture<ReadResponse> read : reads) {
            resultOf(read);
        }
        resultOf(write);
    }

    @Test
    void fullQueueRefusesAndKeepsWhatItHas() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.READ);
        List<CompletableFuture<ReadResponse>> taken =
                reads(session, RequestDispatcher.MAX_UNDER_WAY + RequestDispatcher.MAX_QUEUED);

        CommandException read = failureOf(read(session, LONG, 1));
        CommandException write = failureOf(write(session, 5, LONG));

        assertThat(read.type()).isEqualTo(ErrorType.OVERLOADED);
        assertThat(read.outcome()).isNull();
        assertThat(write.type()).isEqualTo(ErrorType.OVERLOADED);
        assertThat(write.outcome()).isEqualTo(Outcome.NOT_SENT);
        hang.close();
        for (CompletableFuture<ReadResponse> request : taken) {
            resultOf(request);
        }
        assertThat(plant.simulator.writes(INT32)).isEmpty();
        resultOf(write(session, 6, LONG));
        assertThat(plant.simulator.writes(INT32)).containsExactly(new Variant(6));
    }

    @Test
    void pipeliningConnectionDoesNotStarveAnother() throws Exception {
        OpcUaSession session = plant.openSession();
        ConcurrentLinkedQueue<Long> sent = new ConcurrentLinkedQueue<>();
        Fault hang = plant.simulator.faults().hang(Service.READ);
        List<CompletableFuture<ReadResponse>> requests = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            requests.add(session.submit(readCall(1, LONG, 0, () -> sent.add(1L))));
        }

        requests.add(session.submit(readCall(2, LONG, 0, () -> sent.add(2L))));
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(RequestDispatcher.MAX_UNDER_WAY));
        hang.close();
        for (CompletableFuture<ReadResponse> request : requests) {
            resultOf(request);
        }

        assertThat(List.copyOf(sent).indexOf(2L)).isLessThanOrEqualTo(RequestDispatcher.MAX_UNDER_WAY + 1);
    }

    @Test
    void requestThatCannotBeEncodedIsNotSentAndHarmsNothing() throws Exception {
        OpcUaSession session = plant.openSession();

        CommandException failure = failureOf(
                write(session, active(session), BYTE_STRING, ByteString.of(new byte[65 * 1024 * 1024]), LONG));

        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(failure.statusCode()).isNotNull();
        resultOf(read(session, LONG, 0));
        assertThat(plant.simulator.counters().connections()).isEqualTo(1);
        assertThat(plant.simulator.writes(BYTE_STRING)).isEmpty();
    }

    @Test
    void deadlineWithUnflushedBytesClosesTheChannelAndTellsSentFromNotSent() throws Exception {
        try (TcpProxy proxy = new TcpProxy(plant.simulator.port(), UnaryOperator.identity())) {
            OpcUaSession session = plant.openSession("opc.tcp://127.0.0.1:" + proxy.port() + "/simulator");
            SessionState.Active stalled = active(session);
            proxy.stall();

            // Together more than the kernel's buffers take: one is stuck halfway, those behind it never leave.
            List<CompletableFuture<WriteResponse>> writes = IntStream.range(0, 24)
                    .mapToObj(i -> write(
                            session, stalled, BYTE_STRING, ByteString.of(new byte[1024 * 1024]), Duration.ofSeconds(2)))
                    .toList();
            List<Outcome> outcomes = new ArrayList<>();
            for (CompletableFuture<WriteResponse> write : writes) {
                CommandException failure = failureOf(write);
                assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
                outcomes.add(Objects.requireNonNull(failure.outcome()));
            }

            assertThat(outcomes).startsWith(Outcome.UNKNOWN).endsWith(Outcome.NOT_SENT);
            assertThat(outcomes.lastIndexOf(Outcome.UNKNOWN))
                    .as("%s", outcomes)
                    .isLessThan(outcomes.indexOf(Outcome.NOT_SENT));
            resultOf(read(session, LONG, 0));
            assertThat(proxy.connections()).isGreaterThanOrEqualTo(2);
            assertThat(plant.simulator.writeCount(BYTE_STRING)).isZero();
        }
    }

    private static List<CompletableFuture<ReadResponse>> reads(OpcUaSession session, int count) {
        return IntStream.range(0, count).mapToObj(i -> read(session, LONG, 0)).toList();
    }
}
