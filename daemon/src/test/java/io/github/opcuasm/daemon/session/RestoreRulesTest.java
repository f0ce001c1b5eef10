package io.github.opcuasm.daemon.session;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import io.github.opcuasm.daemon.state.StateStore;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a handle may be after a restart, and what of its session must not be forgotten, or must. */
@Timeout(60)
final class RestoreRulesTest {
    private static final Simulator SIMULATOR = Simulator.builder().build();
    private static final Duration TIMEOUT = Duration.ofSeconds(600);
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    private static final String OPERATOR = "{'username':'operator','password':'right','allowPlaintextPassword':true}";
    private static final String SECURED = "{'securityPolicy':'Basic256Sha256','securityMode':'SignAndEncrypt'}";

    @TempDir
    private Path directory;

    private final ManualTicker ticker = new ManualTicker();
    private final List<Life> lives = new ArrayList<>();
    private Instant wallClock = START;

    @BeforeAll
    static void startServer() {
        SIMULATOR.start();
    }

    @AfterAll
    static void stopServer() {
        SIMULATOR.close();
    }

    @AfterEach
    void endAll() throws Exception {
        for (Life life : lives) {
            resultOf(life.registry.closeAll());
            life.kill();
        }
        SIMULATOR.faults().clear();
        SIMULATOR.limits().reset();
        // Those that were killed left theirs.
        SIMULATOR.faults().forgetSessions();
        await().until(() -> SIMULATOR.counters().sessionsNow() == 0);
    }

    /** One daemon's registry, with what belongs to it; killed, it closes nothing on the server and writes nothing more. */
    private final class Life {
        private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
        private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1024 * 1024);
        private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
        private final StateStore store;
        private final HandleRegistry registry;

        Life(Path state, Executor files, NamedConnection... connections) {
            lives.add(this);
            DaemonConfig config = DaemonConfig.builder()
                    .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                    .timeout(TIMEOUT)
                    .build();
            store = new StateStore(state, writer, () -> wallClock);
            registry = Registries.of(config, transport, store, ticker, () -> wallClock, files);
            registry.restore(store.open(() -> true), key -> AddressFilter.ALL, List.of(connections));
        }

        String open(String config, @Nullable String connection) throws Exception {
            return resultOf(registry.open(
                            EndpointUrl.parse(SIMULATOR.endpointUrl()),
                            config(config),
                            false,
                            Caller.anyone(),
                            connection,
                            TIMEOUT))
                    .sessionId();
        }

        SessionHandle handle(String id) {
            return registry.use(id, Caller.anyone());
        }

        SessionHandle active(String id) {
            SessionHandle handle = handle(id);
            await().until(() -> handle.state() instanceof SessionState.Active);
            return handle;
        }

        void flush() throws Exception {
            resultOf(store.flush());
        }

        void kill() {
            store.close();
            writer.shutdownNow();
            transport.close();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }

        /** As SIGTERM does: its sessions are closed. */
        void stop() throws Exception {
            resultOf(registry.closeAll());
            flush();
            kill();
        }
    }

    // What differs is the user, or the security: who is put on the other's session reads and writes as somebody else.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {OPERATOR + "|true", OPERATOR + "|false", SECURED + "|true", SECURED + "|false"})
    void handlesThatSharedASessionPartWhereOneIsAnotherUserToday(String today, boolean namedFirst) throws Exception {
        Life first = life();
        String early = first.open("{}", namedFirst ? "plc1" : null);
        String late = first.open("{'autoRetry':3}", namedFirst ? null : "plc1");
        assertThat(first.handle(early).session()).isSameAs(first.handle(late).session());
        first.stop();

        Life second = life(plc1(namedFirst ? today : today.replace("}", ",'autoRetry':3}"), SIMULATOR.endpointUrl()));

        assertThat(second.handle(early).session())
                .isNotSameAs(second.handle(late).session());
    }

    @Test
    void handleThatWasOpenedByUrlStaysAtItsServerThoughSomebodyAskedForItByName() throws Exception {
        Life first = life();
        String id = first.open("{}", null);
        assertThat(first.open("{}", "plc1")).isEqualTo(id);
        first.flush();
        first.kill();

        Life moved = life(plc1("{}", "opc.tcp://127.0.0.1:1"));
        String url = moved.handle(id).endpointUrl();
        moved.kill();
        Life without = life();

        assertThat(url).isEqualTo(SIMULATOR.endpointUrl());
        assertThat(without.handle(id).endpointUrl()).isEqualTo(SIMULATOR.endpointUrl());
    }

    @Test
    void handleThatWasOpenedByNameFollowsTheConfiguration() throws Exception {
        Life first = life();
        String id = first.open("{}", "plc1");
        first.kill();

        Life second = life(plc1("{}", "opc.tcp://127.0.0.1:1"));

        assertThat(second.handle(id).endpointUrl()).isEqualTo("opc.tcp://127.0.0.1:1");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {"none", "plc2"})
    void handleThatOthersAskedForWithoutItsNameEndsRatherThanLeadingThemElsewhere(@Nullable String otherwise)
            throws Exception {
        Life first = life();
        String id = first.open("{}", "plc1");
        assertThat(first.open("{}", otherwise)).isEqualTo(id);
        first.flush();
        first.kill();

        Life unchanged = life(plc1("{}", SIMULATOR.endpointUrl()));
        unchanged.handle(id);
        unchanged.kill();
        Life moved = life(plc1("{}", "opc.tcp://127.0.0.1:1"));

        assertNotFound(moved, id);
    }

    // A Publish may wait for a day.
    @Test
    void handleWithARequestUnderWayWasNotIdleWhenTheDaemonWasKilled() throws Exception {
        Life first = life();
        String id = first.open("{}", null);
        first.registry.begun(first.handle(id));
        wallClock = wallClock.plus(TIMEOUT).plusSeconds(5);
        ticker.advance(TIMEOUT.plusSeconds(5));
        first.registry.rememberUses();
        first.flush();
        first.kill();

        Life second = life();

        assertThat(second.handle(id).id()).isEqualTo(id);
    }

    @Test
    void sessionThatCouldNotBeClosedIsClosedByTheNextDaemon() throws Exception {
        Life first = life();
        String id = first.open("{}", null);
        closeWithoutServer(first, id);
        first.flush();
        first.kill();
        assertThat(SIMULATOR.counters().sessionsNow()).isEqualTo(1);

        Life second = life();
        second.registry.resume();

        assertNotFound(second, id);
        await().until(() -> SIMULATOR.counters().sessionsNow() == 0);
    }

    @Test
    void sessionThatCouldNotBeClosedIsForgottenWhenItsServerHasForgottenIt() throws Exception {
        Life first = life();
        closeWithoutServer(first, first.open("{'sessionTimeout':60}", null));
        first.flush();
        assertThat(sessionFiles(directory)).hasSize(1);

        ticker.advance(Duration.ofSeconds(59));
        first.registry.rememberUses();
        first.flush();
        assertThat(sessionFiles(directory)).hasSize(1);
        ticker.advance(Duration.ofSeconds(1));
        first.registry.rememberUses();
        first.flush();

        assertThat(sessionFiles(directory)).isEmpty();
    }

    private void closeWithoutServer(Life life, String id) throws Exception {
        SessionHandle handle = life.active(id);
        Fault away = SIMULATOR.faults().refuseConnections();
        SIMULATOR.faults().dropConnections();
        await().until(() -> !(handle.state() instanceof SessionState.Active));
        resultOf(life.registry.close(handle, true));
        away.close();
    }

    @Test
    void handleThatIsClosedBeforeItsSessionGoesOnLeavesNoneThatNobodyCounts() throws Exception {
        Life first = life();
        String id = first.open("{}", null);
        first.kill();

        Life second = life();
        SessionHandle handle = second.handle(id);
        assertThat(handle.state()).isInstanceOf(SessionState.Reconnecting.class);
        resultOf(second.registry.close(handle, false));
        second.registry.resume();
        assertThat(handle.state()).isInstanceOf(SessionState.Closed.class);
        second.flush();
        second.kill();
        Life third = life();
        third.registry.resume();

        assertNotFound(third, id);
        await().until(() -> SIMULATOR.counters().sessionsNow() == 0);
    }

    // A disk that is not there today may be there tomorrow.
    @Test
    void handleWhoseFilesCannotBeReadNowIsLeftForTheNextStart() throws Exception {
        Path trust = Files.createDirectory(directory.resolve("trust"));
        String config = "{'trustStorePath':'" + trust + "'}";
        Life first = life();
        String id = first.open(config, null);
        first.kill();
        long created = SIMULATOR.counters().sessionsCreated();

        try (LogOf log = LogOf.packageOf(RestorePlan.class)) {
            Life second = new Life(directory, task -> {
                throw new RejectedExecutionException("too much to do");
            });
            second.registry.resume();
            assertNotFound(second, id);
            second.flush();
            second.kill();
            assertThat(log.warnings()).singleElement().asString().contains(id).contains("next start");
        }
        Life third = life();
        third.registry.resume();

        third.active(id);
        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created);
    }

    @Test
    void configThatIsOnlySpeltOtherwiseIsTheSame() throws Exception {
        Life first = life();
        String id = first.open("{'opcuaTimeout':10.0,'autoRetry':1}", "plc1");
        first.kill();
        long created = SIMULATOR.counters().sessionsCreated();

        Life second = life(plc1("{'autoRetry':1,'opcuaTimeout':10}", SIMULATOR.endpointUrl()));
        second.registry.resume();
        second.active(id);

        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created);
    }

    // Whoever took it over would lose it to the next daemon.
    @Test
    void sessionThatSomebodyElseHasIsNotInTheStateAnyMore() throws Exception {
        Life first = life();
        SessionHandle handle = first.active(first.open("{}", null));
        assertThat(sessionFiles(directory)).hasSize(1);
        SIMULATOR.limits().maxSessions(0);
        SIMULATOR.faults().replaceSessions();

        CompletableFuture<Void> active = handle.session().ensureActive(Ticker.SYSTEM.read() + TIMEOUT.toNanos());

        await().untilAsserted(() -> {
            first.flush();
            assertThat(sessionFiles(directory)).isEmpty();
        });
        assertThat(active).as("which waits for a slot").isNotDone();
    }

    private Life life(NamedConnection... connections) {
        return new Life(directory, ForkJoinPool.commonPool(), connections);
    }

    private static NamedConnection plc1(String config, String url) {
        return new NamedConnection("plc1", url, config(config).given(), false);
    }

    private static SessionConfig config(String config) {
        byte[] json = config.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return SessionConfig.parse((JsonValue.Obj) JsonReader.readValue(json, 0, json.length));
    }

    private static void assertNotFound(Life life, String id) {
        assertThatThrownBy(() -> life.registry.use(id, Caller.anyone()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("Session not found");
    }

    private static List<Path> sessionFiles(Path state) throws IOException {
        try (Stream<Path> all = Files.list(state.resolve("sessions"))) {
            return all.filter(path -> path.getFileName().toString().startsWith(RememberedSession.KIND))
                    .toList();
        }
    }
}
