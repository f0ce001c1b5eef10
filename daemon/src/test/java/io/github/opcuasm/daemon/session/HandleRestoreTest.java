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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Handles and sessions over the end of what made them. A registry is killed by cutting its channels: nothing is closed on
 * the server and nothing more is written, as after SIGKILL.
 */
@Timeout(60)
final class HandleRestoreTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(600);
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    private static final Simulator SIMULATOR = Simulator.builder().build();

    @TempDir
    private Path directory;

    private final ManualTicker ticker = new ManualTicker();
    private final List<Life> lives = new ArrayList<>();
    private Instant wallClock = START;
    private List<NamedConnection> connections = List.of();

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
        // Those that were killed left theirs.
        SIMULATOR.faults().forgetSessions();
        await().until(() -> SIMULATOR.counters().sessionsNow() == 0);
    }

    /** One daemon's registry, with what belongs to it. */
    private final class Life {
        private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
        private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1024 * 1024);
        private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
        private final StateStore store = new StateStore(directory, writer, () -> wallClock);
        private final HandleRegistry registry;

        Life(UnaryOperator<DaemonConfig.Builder> options) {
            lives.add(this);
            DaemonConfig config = options.apply(DaemonConfig.builder()
                            .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                            .timeout(TIMEOUT))
                    .build();
            registry = Registries.of(config, transport, store, ticker, () -> wallClock);
            registry.restore(store.open(() -> true), key -> AddressFilter.ALL, connections);
            registry.resume();
        }

        HandleRegistry.Opened open(String config, boolean forceNew) throws Exception {
            return resultOf(registry.open(
                    EndpointUrl.parse(SIMULATOR.endpointUrl()), config(config), forceNew, Caller.anyone()));
        }

        HandleRegistry.Opened open(String config) throws Exception {
            return open(config, false);
        }

        SessionHandle handle(String id) {
            return registry.use(id, Caller.anyone());
        }

        SessionHandle active(String id) {
            SessionHandle handle = handle(id);
            await().until(() -> handle.state() instanceof SessionState.Active);
            return handle;
        }

        /** What was promised is on the disk; the rest is not waited for. */
        void kill() {
            store.close();
            writer.shutdownNow();
            transport.close();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }

        void flush() throws Exception {
            resultOf(store.flush());
        }
    }

    @Test
    void killedAndStartedAgainTheSameIdsGoOnWithTheSameSessions() throws Exception {
        Life first = life();
        String one = first.open("{}").sessionId();
        String two = first.open("{'autoRetry':3}").sessionId();
        String alone = first.open("{}", true).sessionId();
        long created = SIMULATOR.counters().sessionsCreated();
        first.kill();

        Life second = life();

        assertThat(second.active(one).session()).isSameAs(second.active(two).session());
        assertThat(second.active(alone).session())
                .isNotSameAs(second.active(one).session());
        assertThat(second.handle(two).config().autoRetry()).isEqualTo(3);
        assertThat(second.registry.list(Caller.anyone()).stream().map(SessionHandle::id))
                .containsExactly(one, two, alone);
        assertThat(second.open("{}")).isEqualTo(new HandleRegistry.Opened(one, true));
        assertThat(second.open("{'autoRetry':4}").reused()).isFalse();
        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created);
        assertThat(SIMULATOR.counters().sessionsNow()).isEqualTo(2);
    }

    @Test
    void eachLifeActivatesWithTheNonceOfTheOneBefore() throws Exception {
        String id = life().open("{}").sessionId();
        long created = SIMULATOR.counters().sessionsCreated();

        for (int i = 0; i < 3; i++) {
            lives.get(lives.size() - 1).kill();
            Life next = life();
            next.active(id);
            next.flush();
        }

        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created);
    }

    @Test
    void leftByAStopSessionsGoOnAndClosedByOneTheyAreOpenedAnew() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        long created = SIMULATOR.counters().sessionsCreated();

        resultOf(first.registry.leaveAll());
        first.flush();
        first.kill();
        Life second = life();
        second.active(id);
        long createdAfterLeaving = SIMULATOR.counters().sessionsCreated();
        resultOf(second.registry.closeAll());
        second.flush();
        second.kill();
        long left = SIMULATOR.counters().sessionsNow();
        Life third = life();
        third.active(id);

        assertThat(createdAfterLeaving).isEqualTo(created);
        assertThat(left).isZero();
        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created + 1);
    }

    @Test
    void handleThatWasClosedDoesNotComeBack() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        resultOf(first.registry.close(first.handle(id), true));
        first.flush();
        first.kill();

        Life second = life();

        assertNotFound(second, id);
        assertThat(files()).isEmpty();
    }

    @Test
    void handleThatWasIdleForLongerThanTheTimeoutIsNotRestoredAndItsSessionIsClosed() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        first.kill();
        wallClock = wallClock.plus(TIMEOUT);

        Life second = life();

        assertNotFound(second, id);
        await().until(() -> SIMULATOR.counters().sessionsNow() == 0);
        await().until(() -> {
            second.flush();
            return files().isEmpty();
        });
    }

    @Test
    void whatTheDaemonKeepsOpenIsRestoredHoweverLongNobodyUsedIt() throws Exception {
        connections = List.of(new NamedConnection("plc1", SIMULATOR.endpointUrl(), JsonValue.Obj.EMPTY, true));
        Life first = life();
        String id = openedByTheDaemon(first, "plc1");
        long created = SIMULATOR.counters().sessionsCreated();
        first.kill();
        wallClock = wallClock.plus(TIMEOUT.multipliedBy(3));

        Life second = new Life(options -> options.maxSessions(1));
        SessionHandle handle = second.active(id);
        ticker.advance(TIMEOUT.multipliedBy(3));
        second.registry.expireIdle();

        assertThat(second.handle(id)).isSameAs(handle);
        assertThat(openedByTheDaemon(second, "plc1")).isEqualTo(id);
        assertThat(second.registry.holders(handle)).isEqualTo(1);
        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created);
    }

    @Test
    void whatTheDaemonDoesNotKeepOpenAnyMoreIsIdleLikeOthers() throws Exception {
        connections = List.of(new NamedConnection("plc1", SIMULATOR.endpointUrl(), JsonValue.Obj.EMPTY, true));
        Life first = life();
        String id = openedByTheDaemon(first, "plc1");
        first.kill();
        connections = List.of(new NamedConnection("plc1", SIMULATOR.endpointUrl(), JsonValue.Obj.EMPTY, false));
        wallClock = wallClock.plus(TIMEOUT);

        Life second = life();

        assertNotFound(second, id);
    }

    private static String openedByTheDaemon(Life life, String connection) throws Exception {
        return resultOf(life.registry.open(
                        EndpointUrl.parse(SIMULATOR.endpointUrl()),
                        config("{}"),
                        false,
                        Caller.daemon(),
                        connection,
                        TIMEOUT))
                .sessionId();
    }

    @Test
    void handlesThatWereIdleAreCountedInTheLogAndOnesThatCameBackToo() throws Exception {
        Life first = life();
        first.open("{}");
        first.open("{'autoRetry':1}");
        wallClock = wallClock.plus(TIMEOUT.dividedBy(2));
        first.open("{'autoRetry':2}");
        first.kill();
        wallClock = wallClock.plus(TIMEOUT.dividedBy(2));

        try (LogOf log = LogOf.packageOf(RestorePlan.class)) {
            life();

            assertThat(log.warnings()).isEmpty();
            assertThat(log.infos())
                    .containsExactly(
                            "2 sessions are not restored: they were not used for 600 s",
                            "Restored 1 session of the daemon before; connecting to its server");
        }
    }

    @Test
    void whereNothingIsRestoredNothingIsSaid() throws Exception {
        Life first = life();
        first.open("{}");
        first.kill();
        wallClock = wallClock.plus(TIMEOUT);

        try (LogOf log = LogOf.packageOf(RestorePlan.class)) {
            life();

            assertThat(log.infos()).containsExactly("1 session is not restored: it was not used for 600 s");
        }
    }

    @Test
    void idleTimeAndHoldersCountOnOverTheRestart() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        ticker.advance(TIMEOUT.dividedBy(2));
        wallClock = wallClock.plus(TIMEOUT.dividedBy(2));
        first.open("{}");
        first.registry.rememberUses();
        first.flush();
        first.kill();
        wallClock = wallClock.plus(TIMEOUT.dividedBy(4));

        Life second = life();
        SessionHandle handle = second.registry.list(Caller.anyone()).get(0);
        int holders = second.registry.holders(handle);
        ticker.advance(TIMEOUT.dividedBy(4));
        int holdersLater = second.registry.holders(handle);
        ticker.advance(TIMEOUT.dividedBy(2));
        second.registry.expireIdle();

        assertThat(handle.id()).isEqualTo(id);
        assertThat(handle.lastUsed()).isEqualTo(START.plus(TIMEOUT.dividedBy(2)));
        assertThat(holders).isEqualTo(2);
        assertThat(holdersLater).isEqualTo(1);
        assertNotFound(second, id);
    }

    @Test
    void wallClockThatWentBackwardsEndsNothing() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        first.kill();
        wallClock = wallClock.minus(Duration.ofDays(400));

        Life second = life();

        assertThat(second.active(id).lastUsed()).isEqualTo(wallClock);
        assertThat(second.registry.holders(second.handle(id))).isEqualTo(1);
    }

    @Test
    void sessionWhoseHandleWasLostIsClosedOnItsServer() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        first.kill();
        Files.delete(directory.resolve("sessions/handle-" + id + ".sealed"));

        Life second = life();

        assertNotFound(second, id);
        await().until(() -> SIMULATOR.counters().sessionsNow() == 0);
    }

    @Test
    void handleWhoseSessionRecordWasLostGetsANewSession() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        long created = SIMULATOR.counters().sessionsCreated();
        first.kill();
        for (Path file : files()) {
            if (file.getFileName().toString().startsWith("session-")) {
                Files.delete(file);
            }
        }

        Life second = life();
        second.active(id);

        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created + 1);
    }

    @Test
    void handleWhoseFilesAreGoneIsDropped() throws Exception {
        Path parent = Files.createDirectory(directory.resolve("trust"));
        Life first = life();
        String config = "{'trustStorePath':'" + parent.resolve("store") + "'}";
        String dropped = first.open(config).sessionId();
        String stays = first.open("{}").sessionId();
        first.kill();
        Files.delete(parent);

        Life second = life();

        assertNotFound(second, dropped);
        second.active(stays);
    }

    @Test
    void ofMoreHandlesThanThereMayBeTheLastUsedStay() throws Exception {
        Life first = life();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            wallClock = wallClock.plusSeconds(1);
            ids.add(first.open("{'autoRetry':" + i + "}").sessionId());
        }
        first.kill();

        Life second = new Life(options -> options.maxSessions(2));

        assertNotFound(second, ids.get(0));
        assertThat(second.handle(ids.get(1)).session())
                .isSameAs(second.handle(ids.get(2)).session());
    }

    @Test
    void recordThatMakesNoSenseIsSetAsideAndTheOthersGoOn() throws Exception {
        Life first = life();
        String id = first.open("{}").sessionId();
        resultOf(first.store.write("handle-00", List::of));
        resultOf(first.store.write("other-00", List::of));
        first.kill();

        Life second = life();

        second.active(id);
        assertThat(names(directory.resolve("set-aside")))
                .anyMatch(name -> name.endsWith("handle-00.sealed"))
                .anyMatch(name -> name.endsWith("other-00.sealed"))
                .hasSize(2);
    }

    @Test
    void namedConnectionThatChangedGoesOnWithTheConfigOfTodayAndItsOldSessionIsClosed() throws Exception {
        Life first = life();
        String id = openedByName(first, "plc1");
        long created = SIMULATOR.counters().sessionsCreated();
        first.kill();
        connections = List.of(new NamedConnection(
                "plc1",
                SIMULATOR.endpointUrl(),
                config("{'sessionName':'changed'}").given(),
                false));

        Life second = life();
        SessionHandle handle = second.active(id);

        assertThat(handle.config().sessionName()).isEqualTo("changed");
        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created + 1);
        await().until(() -> SIMULATOR.counters().sessionsNow() == 1);
    }

    @Test
    void namedConnectionThatIsAsBeforeGoesOnWithItsSession() throws Exception {
        Life first = life();
        String id = openedByName(first, "plc1");
        long created = SIMULATOR.counters().sessionsCreated();
        first.kill();
        connections = List.of(new NamedConnection("plc1", SIMULATOR.endpointUrl(), JsonValue.Obj.EMPTY, false));

        Life second = life();
        second.active(id);

        assertThat(SIMULATOR.counters().sessionsCreated()).isEqualTo(created);
    }

    @Test
    void namedConnectionThatIsGoneEndsItsHandles() throws Exception {
        Life first = life();
        String id = openedByName(first, "plc1");
        first.kill();

        Life second = life();

        assertNotFound(second, id);
        await().until(() -> SIMULATOR.counters().sessionsNow() == 0);
    }

    /** A handle whose record says that it was opened by this name. */
    private String openedByName(Life life, String connection) throws Exception {
        String id = life.open("{}").sessionId();
        String session = files().stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.startsWith(RememberedSession.KIND))
                .findFirst()
                .orElseThrow();
        RememberedHandle named = new RememberedHandle(
                id,
                0,
                new SessionOrigin(SIMULATOR.endpointUrl(), config("{}"), AddressFilter.ALL.key()),
                Caller.anyone().name(),
                connection,
                AskedFor.BY_NAME,
                false,
                session.substring(0, session.indexOf('.')),
                Materials.NONE.fingerprint(),
                wallClock,
                List.of(wallClock));
        resultOf(life.store.write(named.record(), named::parts));
        return id;
    }

    @Test
    void idIsToldWhenItsRecordIsWritten() throws Exception {
        Life first = life();

        String id = first.open("{}").sessionId();

        assertThat(directory.resolve("sessions/handle-" + id + ".sealed")).exists();
    }

    @Test
    void diskThatStandsStillDelaysAnOpenByASecondAtMost() throws Exception {
        Life first = life();
        first.writer.execute(() -> {
            try {
                Thread.currentThread().join();
            } catch (InterruptedException e) {
                // The end of the test.
            }
        });

        String id = first.open("{}").sessionId();

        assertThat(first.handle(id).state()).isInstanceOf(SessionState.Active.class);
        assertThat(files()).isEmpty();
    }

    @Test
    void nothingOfAConfigCanBeReadInTheFiles() throws Exception {
        Life first = life();
        first.open("{'sessionName':'SECRET-NAME','clientKeyPassphrase':'SECRET-WORD'}");
        first.flush();

        for (Path file : files()) {
            assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .startsWith("opcuasm-state 1 ")
                    .doesNotContain("SECRET", "opc.tcp", "anyone");
        }
        assertThat(files()).hasSize(2);
    }

    private Life life() {
        return new Life(options -> options);
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

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve("sessions"))) {
            return all.sorted().toList();
        }
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> all = Files.list(of)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
