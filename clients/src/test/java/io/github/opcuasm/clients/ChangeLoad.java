package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.opcuasm.simulator.Producers;
import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.Simulator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A load of value changes for a reader in another language: variables that each rise by one, so that the reader sees what
 * is missing, and a count of what the server queued for it, so that the test sees it too.
 *
 * <p>The reader subscribes to the {@code TEST_VARIABLES} variables {@code ns=2;s=Produced/00000} and so on (queue 1000,
 * sampling 0, publishing interval 50 ms) and prints {@code SUBSCRIBED}. It ends by itself when nothing more comes, with
 * one line of JSON: {@code changes}, {@code lost}, {@code interruptions}, {@code seconds}, {@code cpuSeconds}.
 *
 * <p>{@code -Dclients.load.rate=50000 -Dclients.load.seconds=60 -Dclients.load.variables=500
 * -Dclients.load.heap=512m} make it a measurement; the default proves only that
 * nothing is lost.
 */
final class ChangeLoad {
    private static final System.Logger LOG = System.getLogger(ChangeLoad.class.getName());
    /** The daemon's; what may wait for a reader is a share of it. */
    static final String HEAP = System.getProperty("clients.load.heap", "256m");

    private static final int RATE = Integer.getInteger("clients.load.rate", 5_000);
    private static final int SECONDS = Integer.getInteger("clients.load.seconds", 2);
    static final int VARIABLES = Integer.getInteger("clients.load.variables", 100);
    private static final ObjectMapper JSON = new ObjectMapper();

    private ChangeLoad() {}

    /** The server that makes the changes. */
    static Simulator simulator() {
        return Simulator.builder().produced(VARIABLES).build();
    }

    /** Runs the reader under the load; fails if anything that was queued for it did not arrive. */
    static void lossless(Plant plant, String name, Script script) throws Exception {
        Producers producers = plant.simulator().producers();
        long before = producers.queuedChanges();
        script.environment(plant.environment()).environment("TEST_VARIABLES", Integer.toString(VARIABLES));
        try (Script.Running reader = script.start()) {
            reader.awaitLine("SUBSCRIBED");
            produce(producers);
            Script.Result result = reader.await();
            long queued = producers.queuedChanges() - before;

            assertThat(result.exitCode()).as(result.stderr()).isZero();
            JsonNode count =
                    JSON.readTree(result.stdout().lines().skip(1).findFirst().orElse("{}"));
            LOG.log(System.Logger.Level.INFO, "{0}: {1} queued, {2}", name, Long.toString(queued), count);
            assertThat(queued).isGreaterThan(VARIABLES);
            assertThat(count.path("lost").asLong(-1)).isZero();
            assertThat(count.path("interruptions").asLong(-1)).isZero();
            assertThat(count.path("changes").asLong(-1)).isEqualTo(queued);
        }
    }

    /** Lets them change for as long as the load lasts; returns when the last value is queued. */
    static void produce(Producers producers) {
        Production production = producers.change(RATE);
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        } finally {
            production.close();
        }
    }
}
