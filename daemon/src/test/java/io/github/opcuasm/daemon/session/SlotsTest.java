package io.github.opcuasm.daemon.session;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More orders for sessions than the server has to give, on a clock that only the test moves. */
final class SlotsTest {
    private static final Duration OPEN_WAIT = Duration.ofSeconds(10);
    /** Four that may not share: flags of trust, which matter to nobody on a channel without security. */
    private static final String A = "{}";

    private static final String B = "{'autoAccept':true}";
    private static final String C = "{'autoAcceptForce':true}";
    private static final String D = "{'autoAccept':true,'autoAcceptForce':true}";

    private final Simulator simulator = Simulator.builder().build();
    private final NioEventLoopGroup loops = new NioEventLoopGroup(2);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1024 * 1024);
    private final ManualTicker ticker = new ManualTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final String server;
    private HandleRegistry registry;

    SlotsTest() {
        simulator.start();
        server = EndpointUrl.parse(simulator.endpointUrl()).server();
        registry = withBudget(2);
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
    void opensBeyondTheBudgetAreServedInTheirOrderAsSessionsAreClosed() throws Exception {
        SessionHandle first = handle(A);
        SessionHandle second = handle(B);
        CompletableFuture<HandleRegistry.Opened> third = open(C);
        CompletableFuture<HandleRegistry.Opened> fourth = open(D);

        assertThat(third).isNotDone();
        resultOf(registry.close(first, false));

        assertThat(resultOf(third).reused()).isFalse();
        assertThat(fourth).isNotDone();
        resultOf(registry.close(second, false));
        assertThat(resultOf(fourth).reused()).isFalse();
        assertThat(simulator.counters().sessionsNow()).isEqualTo(2);
    }

    // The slot is free when the server says so, not when we have asked for it.
    @Test
    void sessionThatIsBeingClosedHoldsItsSlot() throws Exception {
        SessionHandle first = handle(A);
        handle(B);
        CompletableFuture<HandleRegistry.Opened> third = open(C);
        Fault hang = simulator.faults().hang(Service.CLOSE_SESSION);

        CompletableFuture<Void> closing = registry.close(first, false);
        await().untilAsserted(() -> assertThat(hang.held()).isEqualTo(1));
        assertThat(third).isNotDone();
        assertThat(simulator.counters().received(Service.CREATE_SESSION)).isEqualTo(2);
        hang.close();

        resultOf(closing);
        assertThat(resultOf(third).reused()).isFalse();
        assertThat(simulator.counters().sessionsNow()).isEqualTo(2);
    }

    @Test
    void sameUserSharesWhereThereIsNoSlotWhateverItAskedFor() throws Exception {
        SessionHandle first = handle(A);
        SessionHandle second = handle("{'sessionName':'other'}");
        assertThat(second.session()).isNotSameAs(first.session());

        SessionHandle named = handle("{'sessionName':'third','applicationName':'x','sessionTimeout':33}");
        SessionHandle forced =
                registry.use(resultOf(open(A, true, named("anyone"), OPEN_WAIT)).sessionId(), Caller.anyone());

        assertThat(named.session()).isIn(first.session(), second.session());
        assertThat(forced.session()).isIn(first.session(), second.session());
        assertThat(forced.id()).isNotEqualTo(first.id());
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(2);
    }

    @Test
    void everybodyWhoCanShareTheNewSessionDoesSoAtOnce() throws Exception {
        SessionHandle first = handle(A);
        handle(B);
        CompletableFuture<HandleRegistry.Opened> third = open(C);
        CompletableFuture<HandleRegistry.Opened> other = open(D);
        CompletableFuture<HandleRegistry.Opened> thirdToo = open("{'autoAcceptForce':true,'sessionName':'mine'}");

        resultOf(registry.close(first, false));

        assertThat(resultOf(thirdToo).sessionId()).isNotEqualTo(resultOf(third).sessionId());
        assertThat(other).isNotDone();
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(3);
    }

    @Test
    void unusedSessionIsClosedForSomebodyWhoWaits() throws Exception {
        SessionHandle busy = handle(A);
        registry.begun(busy);
        SessionHandle unused = handle(B);
        CompletableFuture<HandleRegistry.Opened> third = open(C);

        scheduler.advance(SlotReclaim.UNUSED_AFTER.minusMillis(1));
        assertThat(third).isNotDone();
        scheduler.advance(Duration.ofMillis(1));

        assertThat(resultOf(third).reused()).isFalse();
        assertThat(notFound(unused.id())).hasMessage("Session not found: " + unused.id());
        assertThat(registry.list(Caller.anyone())).contains(busy).hasSize(2);
    }

    @Test
    void whatTheDaemonOpenedItselfIsNeverTaken() throws Exception {
        registry = withBudget(1);
        String id = resultOf(open(A, false, Caller.daemon(), OPEN_WAIT)).sessionId();
        CompletableFuture<HandleRegistry.Opened> waiting = open(B);

        scheduler.advance(OPEN_WAIT);

        assertThat(failureOf(waiting))
                .hasMessageEndingWith("Held by daemon (handle " + id.substring(0, 8) + ", used 10 s ago)");
        assertThat(registry.use(id, Caller.daemon()).id()).isEqualTo(id);
    }

    // The server holds nothing of it: only its slot is kept, and may be for ever.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sessionThatTheServerRefusesToRestoreGivesItsSlotUpWhoeverItIs(boolean ofTheDaemon) throws Exception {
        registry = withBudget(1);
        Caller caller = ofTheDaemon ? Caller.daemon() : named("user:joe");
        SessionHandle refused =
                registry.use(resultOf(open(A, false, caller, OPEN_WAIT)).sessionId(), caller);
        registry.begun(refused);
        simulator.faults().fail(Service.CREATE_SESSION, StatusCodes.Bad_UserAccessDenied);
        simulator.faults().forgetSessions();
        simulator.faults().dropConnections();
        await().until(() -> refused.session().notConnected().messageText().contains("Bad_UserAccessDenied"));

        CompletableFuture<HandleRegistry.Opened> waiting = open(B);
        await().until(() -> {
            scheduler.advance(Duration.ofMillis(50));
            return waiting.isDone();
        });

        assertThat(failureOf(waiting)).hasMessageContaining("Bad_UserAccessDenied");
        assertThat(notFound(refused.id()).type()).isEqualTo(ErrorType.SESSION_NOT_FOUND);
    }

    @Test
    void lingeringSessionGoesFirst() throws Exception {
        registry = registry(config -> config.budgets(Map.of(server, 2)).linger(Duration.ofMinutes(10)));
        SessionHandle unused = handle(A);
        SessionHandle lingering = handle(B);
        scheduler.advance(Duration.ofSeconds(60));
        resultOf(registry.close(registry.use(lingering.id(), Caller.anyone()), false));
        assertThat(simulator.counters().sessionsNow()).isEqualTo(2);

        handle(C);

        assertThat(registry.use(unused.id(), Caller.anyone())).isSameAs(unused);
        assertThat(simulator.counters().sessionsNow()).isEqualTo(2);
    }

    @Test
    void whoeverWaitedInVainIsToldWhoHoldsTheSessions() throws Exception {
        registry.begun(handleOf(A, "user:www-data"));
        registry.begun(handleOf("{'autoRetry':2}", "token:hmi"));
        registry.begun(handleOf(B, "token:hmi"));
        CompletableFuture<HandleRegistry.Opened> third = open(C, false, named("user:joe"), OPEN_WAIT.plusSeconds(5));

        scheduler.advance(OPEN_WAIT.minusNanos(1));
        assertThat(third).isNotDone();
        scheduler.advance(Duration.ofNanos(1));

        CommandException failure = failureOf(third);
        assertThat(failure.type()).isEqualTo(ErrorType.SESSION_BUDGET);
        assertThat(failure.statusCode()).isNull();
        assertThat(failure)
                .hasMessage("No free session on " + server + " within 10 s: its budget is 2 (budget in the config"
                        + " file). Held by user:www-data and token:hmi (2 handles, used 10 s ago), token:hmi (1 handle,"
                        + " used 10 s ago)");
        assertThat(simulator.counters().received(Service.CREATE_SESSION)).isEqualTo(2);
    }

    // Everybody on a machine may be the same user: its name alone finds nobody.
    @Test
    void whoeverMayUseAHandleThatHoldsASessionIsToldWhichItIs() throws Exception {
        SessionHandle first = handle(A);
        first.named("plc1");
        registry.begun(first);
        registry.begun(handle(B));
        ticker.advance(Duration.ofSeconds(2));
        SessionHandle latest = handle("{'autoAccept':true,'autoRetry':2}");
        registry.begun(latest);
        CompletableFuture<HandleRegistry.Opened> third = open(C);

        scheduler.advance(OPEN_WAIT);

        assertThat(latest.session()).isNotSameAs(first.session());
        assertThat(failureOf(third))
                .hasMessageEndingWith(
                        "Held by anyone (plc1, handle " + first.id().substring(0, 8)
                                + ", used 12 s ago), anyone (2 handles, latest handle "
                                + latest.id().substring(0, 8) + ", used 10 s ago)");
    }

    @Test
    void messageIsBoundedHoweverManyHoldersThereAre() throws Exception {
        registry = withBudget(1);
        for (int i = 0; i < 30; i++) {
            registry.begun(handleOf(A, "user:somebody-with-a-name-" + i));
        }

        CompletableFuture<HandleRegistry.Opened> waiting = open(C);
        scheduler.advance(OPEN_WAIT);

        assertThat(failureOf(waiting).messageText()).hasSize(500).endsWith("…");
    }

    @Test
    void nobodyWaitsWhereTheDaemonWasToldSo() throws Exception {
        registry = registry(config -> config.budgets(Map.of(server, 1)).openWait(Duration.ZERO));
        SessionHandle first = handle(A);

        CommandException refused = failureOf(open(B));
        ticker.advance(SlotReclaim.UNUSED_AFTER);
        // But an unused session is still closed for whoever needs its slot.
        SessionHandle second = handle(B);

        assertThat(refused.type()).isEqualTo(ErrorType.SESSION_BUDGET);
        assertThat(refused).hasMessageStartingWith("No free session on " + server + ": its budget is 1 ");
        assertThat(notFound(first.id()).type()).isEqualTo(ErrorType.SESSION_NOT_FOUND);
        assertThat(registry.list(Caller.anyone())).containsExactly(second);
    }

    @Test
    void nobodyWaitsLongerThanItsCaller() throws Exception {
        registry = withBudget(1);
        registry.begun(handle(A));
        CompletableFuture<HandleRegistry.Opened> impatient = open(B, false, named("anyone"), Duration.ofSeconds(2));

        scheduler.advance(Duration.ofSeconds(2));

        assertThat(failureOf(impatient)).hasMessageStartingWith("No free session on " + server + " within 1.9 s");
    }

    @Test
    void withdrawnOpenLeavesTheQueue() throws Exception {
        registry = withBudget(1);
        SessionHandle first = handle(A);
        CompletableFuture<HandleRegistry.Opened> gone = open(B);
        CompletableFuture<HandleRegistry.Opened> next = open(C);

        gone.completeExceptionally(new CommandException(ErrorType.CANCELLED, "gone"));
        resultOf(registry.close(first, false));

        assertThat(resultOf(next).reused()).isFalse();
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(2);
        assertThat(registry.size()).isEqualTo(1);
    }

    @Test
    void endOfTheDaemonEndsWaiting() throws Exception {
        registry = withBudget(1);
        handle(A);
        CompletableFuture<HandleRegistry.Opened> waiting = open(B);

        resultOf(registry.closeAll());

        assertThat(failureOf(waiting).type()).isEqualTo(ErrorType.SHUTTING_DOWN);
    }

    @Test
    void waitingOpensCountTowardsTheHandles() throws Exception {
        registry = registry(config -> config.budgets(Map.of(server, 1)).maxSessions(2));
        SessionHandle first = handle(A);
        CompletableFuture<HandleRegistry.Opened> waiting = open(B);
        CompletableFuture<HandleRegistry.Opened> waitingForTheSame = open(B);

        assertThat(failureOf(open(C)).type()).isEqualTo(ErrorType.MAX_SESSIONS_REACHED);

        resultOf(registry.close(first, false));
        assertThat(resultOf(waitingForTheSame).sessionId())
                .isEqualTo(resultOf(waiting).sessionId());
    }

    @Test
    void failureThatIsNoMatterOfSlotsLetsTheNextOneTry() throws Exception {
        registry = withBudget(1);
        CompletableFuture<HandleRegistry.Opened> failing = open("{'securityPolicy':'Basic256Sha256'}");
        CompletableFuture<HandleRegistry.Opened> next = open(B);

        // The server has no such endpoint.
        assertThat(failureOf(failing).type()).isNotEqualTo(ErrorType.SESSION_BUDGET);

        assertThat(resultOf(next).reused()).isFalse();
    }

    @Test
    void serverThatHasTooManySessionsIsWaitedForLikeABudget() throws Exception {
        registry = registry(config -> config);
        simulator.limits().maxSessions(1);
        SessionHandle first = handle(A);
        CompletableFuture<HandleRegistry.Opened> second = open(B);
        await().untilAsserted(
                        () -> assertThat(simulator.counters().sessionsRefused()).isEqualTo(1));
        await().until(() -> !scheduler.isEmpty());

        assertThat(second).isNotDone();
        resultOf(registry.close(first, false));

        assertThat(resultOf(second).reused()).isFalse();
        // It has been learned: the next one waits without a word to the server.
        CompletableFuture<HandleRegistry.Opened> third = open(C, false, named("anyone"), Duration.ofMillis(1_000));
        assertThat(third).isNotDone();
        assertThat(simulator.counters().sessionsRefused()).isEqualTo(1);
    }

    @Test
    void serverWhoseSessionsOthersHoldIsTriedAgainWithPauses() throws Exception {
        registry = registry(config -> config);
        simulator.limits().maxSessions(0);
        CompletableFuture<HandleRegistry.Opened> waiting = open(A);
        refusedTimes(1);

        scheduler.advance(Duration.ofMillis(999));
        assertThat(simulator.counters().received(Service.CREATE_SESSION)).isEqualTo(1);
        scheduler.advance(Duration.ofMillis(202));
        refusedTimes(2);
        simulator.limits().maxSessions(1);
        scheduler.advance(Duration.ofMillis(2_401));

        assertThat(resultOf(waiting).reused()).isFalse();
        assertThat(simulator.counters().sessionsNow()).isEqualTo(1);
    }

    @Test
    void messageSaysThatOthersHoldTheSessions() throws Exception {
        registry = registry(config -> config.openWait(Duration.ZERO));
        simulator.limits().maxSessions(0);

        CommandException failure = failureOf(open(A));

        assertThat(failure.type()).isEqualTo(ErrorType.SESSION_BUDGET);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_TooManySessions);
        assertThat(failure)
                .hasMessage("No free session on " + server + ": the server answered Bad_TooManySessions (0x80560000)"
                        + " while none of its sessions is ours: other clients hold them");
    }

    @Test
    void idleHandleFreesItsSlot() throws Exception {
        Duration timeout = Duration.ofSeconds(3);
        registry = registry(config -> config.budgets(Map.of(server, 1)).timeout(timeout));
        SessionHandle idle = handle(A);
        CompletableFuture<HandleRegistry.Opened> waiting = open(B);
        scheduler.advance(timeout);
        assertThat(waiting).isNotDone();

        registry.expireIdle();

        assertThat(resultOf(waiting).reused()).isFalse();
        assertThat(notFound(idle.id()).type()).isEqualTo(ErrorType.SESSION_NOT_FOUND);
    }

    // Whoever shares for ever, opening and closing, would otherwise keep all others out for ever.
    @Test
    void usersTakeTurnsWhereSomebodyWaits() throws Exception {
        registry = withBudget(1);
        SessionHandle shared = handle(A);
        handle(A);
        CompletableFuture<HandleRegistry.Opened> waiting = open(B);
        assertThat(resultOf(open(A)).reused()).isTrue();

        scheduler.advance(Duration.ofSeconds(1));
        CompletableFuture<HandleRegistry.Opened> late = open(A);
        assertThat(late).isNotDone();
        for (int holders = 3; holders > 0; holders--) {
            resultOf(registry.close(shared, false));
        }

        SessionHandle other = registry.use(resultOf(waiting).sessionId(), Caller.anyone());
        assertThat(late).isNotDone();
        resultOf(registry.close(other, false));
        assertThat(resultOf(late).reused()).isFalse();
    }

    @Test
    void turnThatDoesNotEndKeepsNobodyOutForLong() throws Exception {
        registry = withBudget(1);
        SessionHandle busy = handle(A);
        registry.begun(busy);
        CompletableFuture<HandleRegistry.Opened> waiting = open(B);
        scheduler.advance(Duration.ofSeconds(1));
        CompletableFuture<HandleRegistry.Opened> late = open(A);
        assertThat(late).isNotDone();

        scheduler.advance(OPEN_WAIT.dividedBy(2).plusSeconds(1));

        assertThat(resultOf(late)).isEqualTo(new HandleRegistry.Opened(busy.id(), true));
        assertThat(waiting).isNotDone();
    }

    @Test
    void otherServersHaveNoPartInIt() throws Exception {
        registry = registry(config -> config.budgets(Map.of("elsewhere:4840", 1)));

        handle(A);
        handle(B);
        handle(C);

        assertThat(simulator.counters().sessionsNow()).isEqualTo(3);
        assertThat(scheduler.isEmpty()).isTrue();
    }

    private void refusedTimes(int times) {
        await().untilAsserted(
                        () -> assertThat(simulator.counters().sessionsRefused()).isEqualTo(times));
        await().until(() -> scheduler.tasks() == 2);
    }

    private CommandException notFound(String id) {
        return catchThrowableOfType(CommandException.class, () -> registry.use(id, Caller.anyone()));
    }

    private SessionHandle handle(String config) throws Exception {
        return registry.use(resultOf(open(config)).sessionId(), Caller.anyone());
    }

    private SessionHandle handleOf(String config, String caller) throws Exception {
        Caller named = named(caller);
        return registry.use(resultOf(open(config, false, named, OPEN_WAIT)).sessionId(), named);
    }

    private CompletableFuture<HandleRegistry.Opened> open(String config) {
        return open(config, false, Caller.anyone(), Duration.ofMinutes(1));
    }

    private CompletableFuture<HandleRegistry.Opened> open(
            String config, boolean forceNew, Caller caller, Duration bound) {
        byte[] utf8 = config.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return registry.open(
                EndpointUrl.parse(simulator.endpointUrl()),
                SessionConfig.parse(JsonReader.readValue(utf8, 0, utf8.length)),
                forceNew,
                caller,
                bound);
    }

    private static Caller named(String name) {
        return new Caller() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean mayUse(String owner) {
                return owner.equals(name);
            }

            @Override
            public AddressFilter addresses() {
                return AddressFilter.ALL;
            }
        };
    }

    private HandleRegistry withBudget(int sessions) {
        return registry(config -> config.budgets(Map.of(server, sessions)));
    }

    private HandleRegistry registry(UnaryOperator<DaemonConfig.Builder> options) {
        DaemonConfig.Builder config = DaemonConfig.builder()
                .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                .openWait(OPEN_WAIT);
        return Registries.of(
                options.apply(config).build(),
                transport,
                ticker,
                () -> Instant.parse("2026-01-02T03:04:05Z"),
                scheduler);
    }
}
