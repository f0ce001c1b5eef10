package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.LONG;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.in;
import static io.github.opcuasm.daemon.opcua.SimulatedPlant.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SubscriptionAcknowledgement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that rest with the server, beside those that it answers at once. */
final class LongPollTest {
    private final SimulatedPlant plant = new SimulatedPlant();

    @AfterEach
    void close() {
        plant.close();
    }

    @Test
    void longPollsTakeNoPlaceFromOrdinaryRequests() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.PUBLISH);
        IntStream.range(0, RequestDispatcher.MAX_LONG_POLLS).forEach(i -> poll(session, LONG));
        await().until(() -> hang.held() == RequestDispatcher.MAX_LONG_POLLS);

        resultOf(read(session, LONG, 0));

        assertThat(failureOf(poll(session, LONG)).type()).isEqualTo(ErrorType.OVERLOADED);
    }

    @Test
    void ordinaryRequestsTakeNoPlaceFromLongPolls() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault reads = plant.simulator.faults().hang(Service.READ);
        Fault polls = plant.simulator.faults().hang(Service.PUBLISH);
        int many = RequestDispatcher.MAX_UNDER_WAY + 5;
        IntStream.range(0, many).forEach(i -> read(session, LONG, 0));
        await().until(() -> reads.held() == RequestDispatcher.MAX_UNDER_WAY);

        poll(session, LONG);

        await().until(() -> polls.held() == 1);
        assertThat(reads.held()).isEqualTo(RequestDispatcher.MAX_UNDER_WAY);
    }

    @Test
    void longPollEndsAtItsDeadline() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().hang(Service.PUBLISH);

        CommandException failure = failureOf(poll(session, Duration.ofMillis(300)));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure.outcome()).isNull();
    }

    @Test
    void longPollIsNotRepeatedOnANewChannel() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.PUBLISH);
        CompletableFuture<PublishResponse> poll = poll(session, LONG);
        await().until(() -> hang.held() == 1);

        plant.simulator.faults().dropConnections();

        assertThat(failureOf(poll).type()).isEqualTo(ErrorType.CONNECTION);
        resultOf(session.ensureActive(in(LONG)));
        assertThat(plant.simulator.counters().received(Service.PUBLISH)).isEqualTo(1);
    }

    @Test
    void withoutAConnectionALongPollFailsAtOnce() throws Exception {
        OpcUaSession session = plant.openSession();
        plant.simulator.faults().refuseConnections();
        plant.simulator.faults().dropConnections();
        await().until(() -> session.state() instanceof SessionState.Reconnecting);

        CommandException failure = failureOf(poll(session, LONG));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure).hasMessageContaining("no connection to");
    }

    @Test
    void closedSessionEndsItsLongPolls() throws Exception {
        OpcUaSession session = plant.openSession();
        Fault hang = plant.simulator.faults().hang(Service.PUBLISH);
        CompletableFuture<PublishResponse> poll = poll(session, LONG);
        await().until(() -> hang.held() == 1);

        session.close();

        assertThat(failureOf(poll)).hasMessageContaining("The session was closed");
    }

    @Test
    void listenersLearnWhetherTheSessionIsANewOneAndWhenItEnds() throws Exception {
        OpcUaSession session = plant.openSession();
        List<String> told = new CopyOnWriteArrayList<>();
        session.listen(new SessionListener() {
            @Override
            public void restored(boolean anew) {
                told.add("anew " + anew);
            }

            @Override
            public void closed() {
                told.add("closed");
            }
        });

        plant.simulator.faults().dropConnections();
        await().untilAsserted(() -> assertThat(told).containsExactly("anew false"));
        plant.simulator.faults().forgetSessions();
        // Shows the session that it is forgotten.
        read(session, LONG, 0);
        await().untilAsserted(() -> assertThat(told).containsExactly("anew false", "anew true"));
        session.close();

        await().untilAsserted(() -> assertThat(told).containsExactly("anew false", "anew true", "closed"));
    }

    private static CompletableFuture<PublishResponse> poll(OpcUaSession session, Duration patience) {
        return session.submit(ServiceCall.longPoll(
                PublishResponse.class,
                header -> new PublishRequest(header, new SubscriptionAcknowledgement[0]),
                in(patience)));
    }
}
