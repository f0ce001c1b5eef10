package io.github.opcuasm.daemon.session;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.internal.ThreadExecutorMap;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handles and the sessions that they share, on a clock that only the test moves. */
final class HandleRegistryTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration TIMEOUT = Duration.ofSeconds(600);

    private final Simulator simulator = Simulator.builder().build();
    private final NioEventLoopGroup loops = new NioEventLoopGroup(2);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1024 * 1024);
    private final ManualTicker ticker = new ManualTicker();
    private HandleRegistry registry = registry(config -> config);

    HandleRegistryTest() {
        simulator.start();
    }

    @AfterEach
    void close() throws Exception {
        simulator.faults().clear();
        resultOf(registry.closeAll());
        simulator.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void sameEndpointAndConfigGetTheSameHandle() throws Exception {
        HandleRegistry.Opened first = opened("{'opcuaTimeout':10,'autoRetry':2}");

        HandleRegistry.Opened second = opened("{'autoRetry':2,'opcuaTimeout':10.0,'unknown':true}");

        assertThat(first.reused()).isFalse();
        assertThat(first.sessionId()).matches("[0-9a-f]{32}");
        assertThat(second).isEqualTo(new HandleRegistry.Opened(first.sessionId(), true));
        assertThat(registry.size()).isEqualTo(1);
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(1);
    }

    @Test
    void otherRequestOptionsGetAnotherHandleOnTheSameSession() throws Exception {
        HandleRegistry.Opened plain = opened("{}");

        HandleRegistry.Opened explicit = opened("{'autoRetry':1}");

        assertThat(explicit.reused()).isFalse();
        assertThat(explicit.sessionId()).isNotEqualTo(plain.sessionId());
        assertThat(registry.use(explicit.sessionId(), Caller.anyone()).session())
                .isSameAs(registry.use(plain.sessionId(), Caller.anyone()).session());
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(1);
        // The session stays until its last handle is closed.
        resultOf(registry.close(registry.use(plain.sessionId(), Caller.anyone()), false));
        assertThat(simulator.counters().sessionsNow()).isEqualTo(1);
        resultOf(registry.close(registry.use(explicit.sessionId(), Caller.anyone()), false));
        assertThat(simulator.counters().sessionsNow()).isZero();
    }

    @Test
    void forcedNewHandleHasASessionOfItsOwnAndTheOldestIsReused() throws Exception {
        HandleRegistry.Opened forced = resultOf(open("{}", true));
        HandleRegistry.Opened forcedToo = resultOf(open("{}", true));

        HandleRegistry.Opened reused = opened("{}");

        assertThat(forced.reused()).isFalse();
        assertThat(forcedToo.reused()).isFalse();
        assertThat(reused).isEqualTo(new HandleRegistry.Opened(forced.sessionId(), true));
        assertThat(registry.use(forced.sessionId(), Caller.anyone()).session())
                .isNotSameAs(
                        registry.use(forcedToo.sessionId(), Caller.anyone()).session());
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(2);
        assertThat(registry.list(Caller.anyone()).stream().map(SessionHandle::id))
                .containsExactly(forced.sessionId(), forcedToo.sessionId());
    }

    @Test
    void simultaneousOpensShareOneAttempt() throws Exception {
        Fault hang = simulator.faults().hang(Service.CREATE_SESSION);
        List<CompletableFuture<HandleRegistry.Opened>> opens = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            opens.add(open("{}", false));
        }
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        hang.close();
        List<HandleRegistry.Opened> opened = new ArrayList<>();
        for (CompletableFuture<HandleRegistry.Opened> open : opens) {
            opened.add(resultOf(open));
        }

        assertThat(opened.stream().map(HandleRegistry.Opened::sessionId).distinct())
                .hasSize(1);
        assertThat(opened.stream().filter(each -> !each.reused())).hasSize(1);
        assertThat(simulator.counters().received(Service.CREATE_SESSION)).isEqualTo(1);
        assertThat(registry.holders(registry.list(Caller.anyone()).get(0))).isEqualTo(10);
    }

    @Test
    void simultaneousOpensShareTheFailureToo() throws Exception {
        Fault fault = simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_OutOfMemory);
        CompletableFuture<HandleRegistry.Opened> first = open("{}", false);
        CompletableFuture<HandleRegistry.Opened> second = open("{}", false);

        assertThat(failureOf(first).statusCode()).isEqualTo(StatusCodes.Bad_OutOfMemory);
        assertThat(failureOf(second).statusCode()).isEqualTo(StatusCodes.Bad_OutOfMemory);

        fault.close();
        assertThat(opened("{}").reused()).isFalse();
    }

    @Test
    void failedOpenLeavesNothing() throws Exception {
        registry = registry(config -> config.maxSessions(1));
        Fault refused = simulator.faults().refuseConnections();

        CommandException failure = failureOf(open("{}", false));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(registry.size()).isZero();
        refused.close();
        assertThat(opened("{}").reused()).isFalse();
    }

    @Test
    void noMoreHandlesThanAllowedAttemptsUnderWayIncluded() throws Exception {
        registry = registry(config -> config.maxSessions(2));
        Fault hang = simulator.faults().hang(Service.CREATE_SESSION);
        CompletableFuture<HandleRegistry.Opened> first = open("{}", false);
        CompletableFuture<HandleRegistry.Opened> second = open("{'autoRetry':7}", false);

        CommandException refused = failureOf(open("{'autoRetry':8}", false));

        assertThat(refused.type()).isEqualTo(ErrorType.MAX_SESSIONS_REACHED);
        assertThat(refused).hasMessage("Maximum number of sessions (2) reached");
        hang.close();
        resultOf(first);
        String id = resultOf(second).sessionId();
        // One that exists is reused, however full it is.
        assertThat(opened("{}").reused()).isTrue();
        assertThat(failureOf(open("{}", true)).type()).isEqualTo(ErrorType.MAX_SESSIONS_REACHED);
        resultOf(registry.close(registry.use(id, Caller.anyone()), false));
        assertThat(opened("{'autoRetry':8}").reused()).isFalse();
    }

    @Test
    void lastHolderClosesTheSession() throws Exception {
        String id = opened("{}").sessionId();
        opened("{}");
        SessionHandle handle = registry.use(id, Caller.anyone());

        resultOf(registry.close(handle, false));
        assertThat(registry.use(id, Caller.anyone())).isSameAs(handle);
        assertThat(registry.holders(handle)).isEqualTo(1);
        resultOf(registry.close(handle, false));

        assertThat(notFound(id).type()).isEqualTo(ErrorType.SESSION_NOT_FOUND);
        assertThat(simulator.counters().sessionsNow()).isZero();
    }

    @Test
    void holderCountsNoLongerThanTheTimeoutAfterItsOpen() throws Exception {
        String id = opened("{}").sessionId();
        ticker.advance(TIMEOUT.minusSeconds(1));
        opened("{}");
        ticker.advance(Duration.ofSeconds(1));
        SessionHandle handle = registry.use(id, Caller.anyone());

        assertThat(registry.holders(handle)).isEqualTo(1);
        resultOf(registry.close(handle, false));

        assertThat(notFound(id).type()).isEqualTo(ErrorType.SESSION_NOT_FOUND);
    }

    // Scripts that open ever again and never close must not fill the heap before the timeout forgets them.
    @Test
    void holdersOfOneHandleAreBounded() throws Exception {
        String id = opened("{}").sessionId();

        for (int i = 0; i < 20_000; i++) {
            assertThat(opened("{}").reused()).isTrue();
        }

        SessionHandle handle = registry.use(id, Caller.anyone());
        assertThat(registry.holders(handle)).isEqualTo(10_000);
        // The newest are those that count.
        ticker.advance(TIMEOUT.minusNanos(1));
        opened("{}");
        assertThat(registry.holders(handle)).isEqualTo(10_000);
        ticker.advance(Duration.ofNanos(1));
        assertThat(registry.holders(handle)).isEqualTo(1);
    }

    @Test
    void forceEndsASessionThatOthersHold() throws Exception {
        String id = opened("{}").sessionId();
        opened("{}");

        resultOf(registry.close(registry.use(id, Caller.anyone()), true));

        assertThat(registry.size()).isZero();
        assertThat(simulator.counters().sessionsNow()).isZero();
    }

    @Test
    void anyCloseEndsASessionWhereTheDaemonWasToldSo() throws Exception {
        registry = registry(config -> config.closePolicy(DaemonConfig.ClosePolicy.ALWAYS));
        String id = opened("{}").sessionId();
        opened("{}");

        resultOf(registry.close(registry.use(id, Caller.anyone()), false));

        assertThat(registry.size()).isZero();
        assertThat(simulator.counters().sessionsNow()).isZero();
    }

    @Test
    void sessionThatIsNotConnectedEndsWithTheFirstClose() throws Exception {
        String id = opened("{}").sessionId();
        opened("{}");
        simulator.stop();
        SessionHandle handle = registry.use(id, Caller.anyone());
        await().untilAsserted(() -> assertThat(handle.state()).isInstanceOf(SessionState.Reconnecting.class));

        resultOf(registry.close(handle, false));

        assertThat(registry.size()).isZero();
        assertThat(handle.state()).isInstanceOf(SessionState.Closed.class);
    }

    @Test
    void brokenSessionIsReusedSinceItComesBack() throws Exception {
        String id = opened("{}").sessionId();
        simulator.stop();
        SessionHandle handle = registry.use(id, Caller.anyone());
        await().untilAsserted(() -> assertThat(handle.state()).isInstanceOf(SessionState.Reconnecting.class));

        assertThat(opened("{}")).isEqualTo(new HandleRegistry.Opened(id, true));
    }

    @Test
    void idleHandleIsGoneAtOnceAndItsSessionSoonAfter() throws Exception {
        String id = opened("{}").sessionId();
        ticker.advance(TIMEOUT.minusNanos(1));
        assertThat(registry.use(id, Caller.anyone()).id()).isEqualTo(id);
        ticker.advance(TIMEOUT.minusNanos(1));
        registry.expireIdle();
        assertThat(registry.size()).isEqualTo(1);

        ticker.advance(Duration.ofNanos(1));

        assertThat(notFound(id)).hasMessage("Session not found: " + id);
        assertThat(opened("{}").reused()).isFalse();
        registry.expireIdle();
        assertThat(registry.size()).isEqualTo(1);
        assertThat(registry.list(Caller.anyone()).get(0).id()).isNotEqualTo(id);
    }

    @Test
    void handleWithARequestUnderWayIsNotIdle() throws Exception {
        String id = opened("{}").sessionId();
        SessionHandle handle = registry.use(id, Caller.anyone());
        registry.begun(handle);
        registry.begun(handle);

        ticker.advance(TIMEOUT.multipliedBy(3));
        registry.ended(handle);
        ticker.advance(TIMEOUT.multipliedBy(3));
        registry.expireIdle();

        assertThat(registry.list(Caller.anyone())).containsExactly(handle);
        assertThat(opened("{}")).isEqualTo(new HandleRegistry.Opened(id, true));
        // It becomes idle a timeout after the last answer, not after the last request.
        ticker.advance(TIMEOUT);
        registry.ended(handle);
        ticker.advance(TIMEOUT.minusNanos(1));
        registry.expireIdle();
        assertThat(registry.list(Caller.anyone())).containsExactly(handle);
        ticker.advance(Duration.ofNanos(1));
        registry.expireIdle();
        assertThat(registry.size()).isZero();
    }

    @Test
    void idleSessionIsClosedOnTheServer() throws Exception {
        opened("{}");
        ticker.advance(TIMEOUT);

        registry.expireIdle();

        await().untilAsserted(
                        () -> assertThat(simulator.counters().sessionsNow()).isZero());
        assertThat(simulator.counters().received(Service.CLOSE_SESSION)).isEqualTo(1);
    }

    @Test
    void lingeringSessionServesTheNextOpen() throws Exception {
        registry = registry(config -> config.linger(Duration.ofMinutes(10)));
        String id = opened("{}").sessionId();

        resultOf(registry.close(registry.use(id, Caller.anyone()), false));
        assertThat(registry.size()).isZero();
        HandleRegistry.Opened next = opened("{}");

        assertThat(next.reused()).isFalse();
        assertThat(next.sessionId()).isNotEqualTo(id);
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(1);
        assertThat(simulator.counters().received(Service.CLOSE_SESSION)).isZero();
    }

    @Test
    void lingeringSessionEndsWhenNobodyCame() throws Exception {
        registry = registry(config -> config.linger(Duration.ofMillis(100)));
        String id = opened("{}").sessionId();

        resultOf(registry.close(registry.use(id, Caller.anyone()), false));

        await().untilAsserted(
                        () -> assertThat(simulator.counters().sessionsNow()).isZero());
    }

    // All on the session's own loop, where timers run in the order of their deadlines however late that is: the first
    // release's, then the look at the session, then the second release's.
    @Test
    void lingerCountsFromTheLastRelease() throws Exception {
        Duration linger = Duration.ofMillis(100);
        registry = registry(config -> config.linger(linger));
        SessionHandle first = registry.use(opened("{}").sessionId(), Caller.anyone());
        OpcUaSession session = first.session();
        CompletableFuture<SessionState> afterTheFirst = new CompletableFuture<>();
        CompletableFuture<HandleRegistry.Opened> reopened = new CompletableFuture<>();

        session.schedule(
                () -> {
                    registry.close(first, false);
                    session.schedule(() -> behindWhatIsQueued(() -> afterTheFirst.complete(session.state())), linger);
                    HandleRegistry.Opened second = open("{}", false).join();
                    registry.close(registry.use(second.sessionId(), Caller.anyone()), false);
                    reopened.complete(second);
                },
                Duration.ZERO);

        assertThat(resultOf(reopened).reused()).isFalse();
        assertThat(resultOf(afterTheFirst)).isInstanceOf(SessionState.Active.class);
        await().untilAsserted(
                        () -> assertThat(simulator.counters().sessionsNow()).isZero());
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(1);
    }

    @Test
    void forcedCloseDoesNotLinger() throws Exception {
        registry = registry(config -> config.linger(Duration.ofMinutes(10)));
        String id = opened("{}").sessionId();

        resultOf(registry.close(registry.use(id, Caller.anyone()), true));

        assertThat(simulator.counters().sessionsNow()).isZero();
    }

    @Test
    void endOfTheDaemonEndsAttemptsAndRefusesNewOnes() throws Exception {
        opened("{'autoRetry':1}");
        opened("{'sessionName':'other'}");
        Fault hang = simulator.faults().hang(Service.CREATE_SESSION);
        CompletableFuture<HandleRegistry.Opened> underWay = open("{'sessionName':'third'}", false);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));

        resultOf(registry.closeAll());

        assertThat(failureOf(underWay).type()).isIn(ErrorType.SHUTTING_DOWN, ErrorType.CONNECTION);
        assertThat(failureOf(open("{}", false)).type()).isEqualTo(ErrorType.SHUTTING_DOWN);
        assertThat(registry.size()).isZero();
        assertThat(simulator.counters().received(Service.CLOSE_SESSION)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "00000000000000000000000000000000"})
    void unknownIdIsNotFound(String id) {
        assertThat(notFound(id)).hasMessage("Session not found: " + id);
        assertThat(notFound("a".repeat(5000)).messageText()).hasSizeLessThan(200);
    }

    @Test
    void useIsRemembered() throws Exception {
        String id = opened("{}").sessionId();

        SessionHandle handle = registry.use(id, Caller.anyone());

        assertThat(handle.lastUsed()).isEqualTo(NOW);
        assertThat(handle.endpointUrl()).isEqualTo(simulator.endpointUrl());
    }

    private static void behindWhatIsQueued(Runnable action) {
        Objects.requireNonNull(ThreadExecutorMap.currentExecutor()).execute(action);
    }

    private CommandException notFound(String id) {
        return catchThrowableOfType(CommandException.class, () -> registry.use(id, Caller.anyone()));
    }

    private HandleRegistry.Opened opened(String config) throws Exception {
        return resultOf(open(config, false));
    }

    private CompletableFuture<HandleRegistry.Opened> open(String config, boolean forceNew) {
        byte[] utf8 = config.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return registry.open(
                EndpointUrl.parse(simulator.endpointUrl()),
                SessionConfig.parse(JsonReader.readValue(utf8, 0, utf8.length)),
                forceNew,
                Caller.anyone());
    }

    private HandleRegistry registry(UnaryOperator<DaemonConfig.Builder> options) {
        DaemonConfig.Builder config = DaemonConfig.builder()
                .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                .timeout(TIMEOUT);
        return Registries.of(options.apply(config).build(), transport, ticker, () -> NOW);
    }
}
