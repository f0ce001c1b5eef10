package io.github.opcuasm.daemon.session;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Many at once on a server that has two sessions to give, in real time. */
final class SlotStormTest {
    private static final int THREADS = 50;
    private static final int ROUNDS = Integer.getInteger("opcuasm.slots.rounds", 4);
    private static final List<String> USERS = List.of(
            "{}",
            "{\"autoAccept\":true}",
            "{\"autoAcceptForce\":true}",
            "{\"autoAccept\":true,\"autoAcceptForce\":true}");
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final Set<String> served = ConcurrentHashMap.newKeySet();
    private final List<Throwable> failures = new ArrayList<>();

    @Test
    void fourUsersAndTwoSlotsServeEverybodyInTurnOrSaySo() throws Exception {
        try (Simulator simulator = Simulator.builder().build()) {
            simulator.start();
            // The server itself would refuse a third one: none must ever be asked for.
            simulator.limits().maxSessions(2);
            NioEventLoopGroup loops = new NioEventLoopGroup(2);
            OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1024 * 1024);
            EndpointUrl endpoint = EndpointUrl.parse(simulator.endpointUrl());
            HandleRegistry registry = Registries.of(
                    DaemonConfig.builder()
                            .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                            .budgets(Map.of(endpoint.server(), 2))
                            .build(),
                    transport,
                    Ticker.SYSTEM,
                    InstantSource.system());
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            try {
                // Two that never close have both slots when the others come.
                use(registry, endpoint, USERS.get(0), false);
                use(registry, endpoint, USERS.get(1), false);
                List<Callable<Void>> users = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    String config = USERS.get(i % USERS.size());
                    users.add(() -> {
                        for (int round = 0; round < ROUNDS; round++) {
                            use(registry, endpoint, config, true);
                        }
                        return null;
                    });
                }
                for (Future<Void> user : threads.invokeAll(users, 2, TimeUnit.MINUTES)) {
                    user.get();
                }

                assertThat(simulator.counters().sessionsRefused()).isZero();
                assertThat(failures)
                        .allSatisfy(failure -> assertThat(failure)
                                .isInstanceOfSatisfying(
                                        CommandException.class,
                                        error -> assertThat(error.type()).isEqualTo(ErrorType.SESSION_BUDGET)));
                assertThat(served).containsExactlyInAnyOrderElementsOf(USERS);
            } finally {
                threads.shutdownNow();
                resultOf(registry.closeAll());
                transport.close();
                loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
            }
            assertThat(simulator.counters().sessionsNow()).isZero();
        }
    }

    private void use(HandleRegistry registry, EndpointUrl endpoint, String config, boolean closes) throws Exception {
        byte[] utf8 = config.getBytes(StandardCharsets.UTF_8);
        SessionConfig parsed = SessionConfig.parse(JsonReader.readValue(utf8, 0, utf8.length));
        try {
            String id = registry.open(endpoint, parsed, false, Caller.anyone(), BOUND)
                    .get(BOUND.toSeconds(), TimeUnit.SECONDS)
                    .sessionId();
            SessionHandle handle = registry.use(id, Caller.anyone());
            registry.begun(handle);
            try {
                // A read of the server's state.
                resultOf(handle.session().ensureActive(Ticker.SYSTEM.read() + BOUND.toNanos()));
            } finally {
                registry.ended(handle);
            }
            served.add(config);
            if (closes) {
                resultOf(registry.close(handle, false));
            }
        } catch (ExecutionException e) {
            synchronized (failures) {
                failures.add(OpcUaErrors.unwrap(Objects.requireNonNull(e.getCause())));
            }
        }
    }
}
