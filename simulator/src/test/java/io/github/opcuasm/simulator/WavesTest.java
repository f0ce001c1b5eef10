package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WavesTest {
    private static final long TICK = Duration.ofMillis(100).toNanos();

    private final AtomicLong now = new AtomicLong(-7_000_000_000L);
    private final Waves waves = waves(42);

    @Test
    void counterStepsOncePerFullTick() {
        now.addAndGet(TICK - 1);
        assertThat(waves.counter()).isEqualTo(uint(0));

        now.addAndGet(1);

        assertThat(waves.counter()).isEqualTo(uint(1));
    }

    @Test
    void counterWrapsBehindTheLargestUInt32() {
        now.addAndGet(TICK * 0x1_0000_0000L + TICK);

        assertThat(waves.counter()).isEqualTo(uint(1));
    }

    @Test
    void sineAndSawtoothFollowTheTicker() {
        now.addAndGet(Duration.ofMillis(250).toNanos());
        assertThat(waves.sine()).isEqualTo(1.0, within(1e-12));
        assertThat(waves.sawtooth()).isEqualTo(0.25);

        now.addAndGet(Duration.ofMillis(500).toNanos());

        assertThat(waves.sine()).isEqualTo(-1.0, within(1e-12));
        assertThat(waves.sawtooth()).isEqualTo(0.75);
    }

    @Test
    void randomIsDecidedBySeedAndTick() {
        List<Double> first = randoms(waves(1));
        List<Double> second = randoms(waves(1));
        List<Double> otherSeed = randoms(waves(2));

        assertThat(second).isEqualTo(first);
        assertThat(otherSeed).isNotEqualTo(first);
        assertThat(first).doesNotHaveDuplicates().allMatch(random -> random >= 0 && random < 1);
    }

    @Test
    void clientsReadWhatTheTickerSays() throws Exception {
        AtomicLong ticker = new AtomicLong();
        try (Simulator simulator = Simulator.builder()
                        .ticker(ticker::get)
                        .tick(Duration.ofSeconds(1))
                        .period(Duration.ofSeconds(8))
                        .build();
                TestClients clients = new TestClients()) {
            simulator.start();
            OpcUaClient client = clients.connect(simulator);

            ticker.set(Duration.ofSeconds(2).toNanos());

            assertThat(value(client, "Dynamic/Counter")).isEqualTo(uint(2));
            assertThat(value(client, "Dynamic/Sawtooth")).isEqualTo(0.25);
            assertThat((Double) value(client, "Dynamic/Sine")).isEqualTo(1.0, within(1e-12));
            Object random = value(client, "Dynamic/Random");
            assertThat(value(client, "Dynamic/Random")).isEqualTo(random);
            ticker.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(value(client, "Dynamic/Random")).isNotEqualTo(random);
        }
    }

    private static @Nullable Object value(OpcUaClient client, String path) throws Exception {
        return TestClients.readNow(client, path).value().value();
    }

    private Waves waves(long seed) {
        return new Waves(now::get, Duration.ofNanos(TICK), Duration.ofSeconds(1), seed);
    }

    private List<Double> randoms(Waves waves) {
        long start = now.get();
        List<Double> randoms = IntStream.range(0, 20)
                .mapToObj(tick -> {
                    now.set(start + tick * TICK);
                    return waves.random();
                })
                .toList();
        now.set(start);
        return randoms;
    }
}
