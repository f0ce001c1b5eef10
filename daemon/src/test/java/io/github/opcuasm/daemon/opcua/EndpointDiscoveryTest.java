package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EndpointDiscoveryTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Simulator simulator = Simulator.builder().build();
    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 16 * 1024 * 1024);
    private final EndpointDiscovery discovery = new EndpointDiscovery(transport);

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void close() {
        simulator.faults().clear();
        simulator.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void serverTellsItsEndpointsWithoutASession() throws Exception {
        List<EndpointDescription> endpoints = resultOf(ask(LONG));

        assertThat(endpoints).isNotEmpty().allSatisfy(endpoint -> {
            assertThat(endpoint.endpointUrl()).startsWith("opc.tcp://");
            assertThat(endpoint.securityMode()).isBetween(1, 3);
            assertThat(endpoint.transportProfileUri()).endsWith("/uatcp-uasc-uabinary");
            assertThat(endpoint.userIdentityTokens()).isNotEmpty();
        });
        assertThat(endpoints.stream().map(EndpointDescription::securityPolicyUri))
                .contains("http://opcfoundation.org/UA/SecurityPolicy#None");
        assertThat(simulator.counters().sessionsCreated()).isZero();
    }

    @Test
    void itsChannelIsClosedAfterwards() throws Exception {
        resultOf(ask(LONG));

        assertThat(simulator.counters().connections()).isEqualTo(1);
        await().untilAsserted(
                        () -> assertThat(simulator.counters().connectionsNow()).isZero());
    }

    @Test
    void thoseWhoAskAtATimeShareOneAttempt() throws Exception {
        Fault hanging = simulator.faults().hang(Service.GET_ENDPOINTS);
        CompletableFuture<List<EndpointDescription>> first = ask(LONG);
        await().untilAsserted(() -> assertThat(hanging.held()).isEqualTo(1));
        CompletableFuture<List<EndpointDescription>> second = ask(LONG);

        hanging.close();

        assertThat(resultOf(second)).isEqualTo(resultOf(first)).isNotEmpty();
        assertThat(simulator.counters().received(Service.GET_ENDPOINTS)).isEqualTo(1);
        resultOf(ask(LONG));
        assertThat(simulator.counters().received(Service.GET_ENDPOINTS)).isEqualTo(2);
    }

    @Test
    void whoJoinedAndMayWaitLongerAsksAgain() throws Exception {
        Fault hanging = simulator.faults().hang(Service.GET_ENDPOINTS);
        CompletableFuture<List<EndpointDescription>> first = ask(Duration.ofSeconds(2));
        CompletableFuture<List<EndpointDescription>> second = ask(LONG);

        CommandException failure = failureOf(first);
        hanging.close();

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(resultOf(second)).isNotEmpty();
    }

    @Test
    void whoJoinedWaitsNoLongerThanHeMay() {
        simulator.faults().hang(Service.GET_ENDPOINTS);
        CompletableFuture<List<EndpointDescription>> first = ask(LONG);

        CommandException failure = failureOf(ask(Duration.ofMillis(200)));

        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(first).isNotDone();
    }

    @Test
    void frozenServerIsGivenUpAndItsChannelClosed() {
        Fault frozen = simulator.faults().freeze();

        CommandException failure = failureOf(ask(Duration.ofMillis(500)));
        frozen.close();

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        await().untilAsserted(
                        () -> assertThat(simulator.counters().connectionsNow()).isZero());
    }

    @Test
    void nobodyThereIsAConnectionException() {
        simulator.stop();

        CommandException failure = failureOf(ask(LONG));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure).hasMessageContaining("Failed to connect to 127.0.0.1:");
    }

    @Test
    void refusalIsAServiceException() {
        simulator.faults().fail(Service.GET_ENDPOINTS, StatusCodes.Bad_TooManyOperations);

        CommandException failure = failureOf(ask(LONG));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_TooManyOperations);
    }

    @Test
    void attemptsAreBounded() {
        simulator.faults().hang(Service.GET_ENDPOINTS);
        String url = simulator.endpointUrl();
        for (int i = 0; i < EndpointDiscovery.MAX_ATTEMPTS; i++) {
            discovery.endpoints(EndpointUrl.parse(url + "/" + i), SimulatedPlant.in(LONG), AddressFilter.ALL);
        }

        CommandException failure = failureOf(ask(LONG));

        assertThat(failure.type()).isEqualTo(ErrorType.OVERLOADED);
    }

    private CompletableFuture<List<EndpointDescription>> ask(Duration timeout) {
        return discovery.endpoints(
                EndpointUrl.parse(simulator.endpointUrl()), SimulatedPlant.in(timeout), AddressFilter.ALL);
    }
}
