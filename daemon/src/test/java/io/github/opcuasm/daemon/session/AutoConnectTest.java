package io.github.opcuasm.daemon.session;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.state.LogOf;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the daemon opens by itself: a test runs each step when it wants it, and sees how long it would have waited. */
final class AutoConnectTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(600);

    private final Simulator simulator = Simulator.builder().build();
    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1024 * 1024);
    private final ManualTicker ticker = new ManualTicker();
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final DaemonConfig config = DaemonConfig.builder()
            .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
            .timeout(TIMEOUT)
            .connections(List.of(
                    new NamedConnection("plc1", simulatorUrl(), new JsonValue.Obj(Map.of()), true),
                    new NamedConnection("other", simulatorUrl(), new JsonValue.Obj(Map.of()), false)))
            .build();
    private final HandleRegistry registry =
            Registries.of(config, transport, ticker, () -> Instant.parse("2026-01-02T03:04:05Z"));
    private final AutoConnect autoConnect = new AutoConnect(
            NamedConnections.of(config).autoConnected(),
            registry,
            Caller.daemon(),
            (action, delay) -> {
                var step = new Step(action, delay);
                steps.add(step);
                return () -> steps.remove(step);
            },
            new Random(7),
            (connection, handle, restored) -> {});

    /** What was to be run, and after how long. */
    private record Step(Runnable action, Duration delay) {}

    private String simulatorUrl() {
        simulator.start();
        return simulator.endpointUrl();
    }

    @AfterEach
    void close() throws Exception {
        autoConnect.close();
        simulator.faults().clear();
        resultOf(registry.closeAll());
        simulator.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void theDaemonsHandleIsGivenToWhoeverOpensTheSameAndEndsWithNoCloseOfTheirs() throws Exception {
        SessionHandle handle = opened();

        HandleRegistry.Opened anyones = resultOf(open(Caller.anyone()));
        resultOf(registry.close(handle, false));
        resultOf(registry.close(handle, false));
        ticker.advance(TIMEOUT.multipliedBy(3));
        registry.expireIdle();

        assertThat(anyones).isEqualTo(new HandleRegistry.Opened(handle.id(), true));
        assertThat(handle.connection()).isEqualTo("plc1");
        assertThat(handle.owner()).isEqualTo(Caller.DAEMON);
        assertThat(registry.use(handle.id(), Caller.anyone())).isSameAs(handle);
        assertThat(registry.holders(handle)).isEqualTo(1);
        assertThat(steps).isEmpty();
    }

    @Test
    void aHandleWhoseSessionIsStillBeingRestoredIsSaidToBeOpenWhenItIs() throws Exception {
        HandleRegistry.Opened known = resultOf(open(Caller.daemon()));
        SessionHandle handle = registry.use(known.sessionId(), Caller.daemon());
        Fault away = simulator.faults().refuseConnections();
        simulator.faults().dropConnections();
        await().until(() -> handle.state() instanceof SessionState.Reconnecting);

        try (LogOf log = LogOf.packageOf(AutoConnect.class)) {
            autoConnect.start();
            next().action().run();
            await().untilAsserted(() -> assertThat(ofConnection(log))
                    .containsExactly(
                            "Connection plc1 to SERVER keeps session " + handle.id() + ", which is being restored"));
            away.close();
            await().untilAsserted(() -> assertThat(ofConnection(log)).hasSize(2));
            simulator.faults().dropConnections();
            await().until(() -> handle.state() instanceof SessionState.Reconnecting);
            await().until(() -> handle.state() instanceof SessionState.Active);

            assertThat(ofConnection(log))
                    .hasSize(2)
                    .last()
                    .isEqualTo("Connection plc1 to SERVER is open as session " + handle.id());
        }
    }

    private List<String> ofConnection(LogOf log) {
        String server = EndpointUrl.parse(simulator.endpointUrl()).server();
        return log.infos().stream()
                .filter(line -> line.startsWith("Connection plc1"))
                .map(line -> line.replace(server, "SERVER"))
                .toList();
    }

    @Test
    void whoIsRestrictedGetsAHandleOfItsOwnOnTheSameSession() throws Exception {
        SessionHandle handle = opened();

        HandleRegistry.Opened own = resultOf(open(new Restricted("token:hmi")));

        assertThat(own.reused()).isFalse();
        assertThat(registry.list(new Restricted("token:hmi")))
                .singleElement()
                .satisfies(listed -> assertThat(listed.session()).isSameAs(handle.session()));
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(1);
    }

    @Test
    void aForcedCloseIsFollowedByOpeningItAgain() throws Exception {
        SessionHandle handle = opened();

        resultOf(registry.close(handle, true));
        Step again = next();
        again.action().run();

        assertThat(again.delay()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
        await().untilAsserted(() -> assertThat(registry.size()).isEqualTo(1));
        assertThat(registry.list(Caller.daemon()).get(0).id()).isNotEqualTo(handle.id());
    }

    @Test
    void pausesGrowWhileTheServerIsAwayAndItIsOpenedWhenItIsBack() throws Exception {
        Fault away = simulator.faults().refuseConnections();
        autoConnect.start();

        List<Duration> pauses = pauses(9);
        away.close();
        next().action().run();

        assertThat(pauses.get(0)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertThat(pauses.get(2)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
        assertThat(pauses.subList(5, 9))
                .allSatisfy(pause -> assertThat(pause).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60)));
        await().untilAsserted(() -> assertThat(registry.size()).isEqualTo(1));
    }

    @Test
    void whoeverIsRefusedWaitsLonger() throws Exception {
        Fault refusal = simulator.faults().fail(Service.ACTIVATE_SESSION, StatusCodes.Bad_UserAccessDenied);
        autoConnect.start();

        List<Duration> pauses = pauses(6);
        refusal.close();

        assertThat(pauses.get(0)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
        assertThat(pauses.get(5)).isBetween(Duration.ofSeconds(150), Duration.ofSeconds(300));
    }

    @Test
    void afterTheEndNothingIsOpenedAnyMore() throws Exception {
        SessionHandle handle = opened();
        autoConnect.close();

        resultOf(registry.close(handle, true));

        assertThat(steps).isEmpty();
        assertThat(registry.size()).isZero();
    }

    private CompletableFuture<HandleRegistry.Opened> open(Caller caller) {
        return registry.open(
                EndpointUrl.parse(simulator.endpointUrl()), SessionConfig.parse(null), false, caller, "other", TIMEOUT);
    }

    private SessionHandle opened() throws Exception {
        autoConnect.start();
        next().action().run();
        await().untilAsserted(() -> assertThat(registry.size()).isEqualTo(1));
        SessionHandle handle = registry.list(Caller.daemon()).get(0);
        await().untilAsserted(() -> assertThat(handle.connection()).isNotNull());
        return handle;
    }

    /** Runs attempts one after the other, and returns how long each made the next one wait. */
    private List<Duration> pauses(int attempts) throws Exception {
        List<Duration> pauses = new ArrayList<>();
        Step step = next();
        assertThat(step.delay()).isZero();
        for (int i = 0; i < attempts; i++) {
            step.action().run();
            step = next();
            pauses.add(step.delay());
        }
        steps.add(step);
        return pauses;
    }

    private Step next() throws Exception {
        return Objects.requireNonNull(steps.poll(30, TimeUnit.SECONDS), "nothing was scheduled");
    }

    /** Somebody who does not see the daemon's handles. */
    private record Restricted(String name) implements Caller {
        @Override
        public boolean mayUse(String owner) {
            return owner.equals(name);
        }

        @Override
        public AddressFilter addresses() {
            return AddressFilter.ALL;
        }
    }
}
