package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.opcuasm.simulator.Producers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Readers of the changes of {@link ChangeLoad}: one in Node.js, and one in each of three languages at once. */
@RequiresProgram({"node", "python3"})
class StreamLoadIT {
    private static final System.Logger LOG = System.getLogger(StreamLoadIT.class.getName());

    @RegisterExtension
    static final Plant PLANT = Plant.of(ChangeLoad.simulator());

    @Test
    void aNodeReaderGetsEveryChange() throws Exception {
        ChangeLoad.lossless(PLANT, "Node.js", node());
    }

    @Test
    void readersInJavaPythonAndNodeAtOnceGetEveryChange() throws Exception {
        Producers producers = PLANT.simulator().producers();
        long before = producers.round();
        try (JavaReader java = JavaReader.start(PLANT);
                Script.Running python =
                        start(Script.of("python3", "load_check.py").in("python"));
                Script.Running node = start(node())) {
            python.awaitLine("SUBSCRIBED");
            node.awaitLine("SUBSCRIBED");

            ChangeLoad.produce(producers);

            // Whether readers share a monitored item on the server or not: each gets the first value and every later
            // one.
            long changes = (producers.round() - before + 1) * ChangeLoad.VARIABLES;
            assertThat(java.await(producers.round())).isEqualTo(new JavaReader.Count(changes, 0, 0));
            assertThat(countOf("Python", python.await())).isEqualTo(new JavaReader.Count(changes, 0, 0));
            assertThat(countOf("Node.js", node.await())).isEqualTo(new JavaReader.Count(changes, 0, 0));
        }
    }

    private static Script node() {
        return Script.of("node", "load-check.mjs").in("node");
    }

    private static Script.Running start(Script script) throws Exception {
        return script.environment(PLANT.environment())
                .environment("TEST_VARIABLES", Integer.toString(ChangeLoad.VARIABLES))
                .start();
    }

    private static JavaReader.Count countOf(String name, Script.Result result) throws Exception {
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
        String line = result.stdout().lines().skip(1).findFirst().orElse("{}");
        LOG.log(System.Logger.Level.INFO, "{0}: {1}", name, line);
        JsonNode told = new ObjectMapper().readTree(line);
        return new JavaReader.Count(
                told.path("changes").asLong(-1),
                told.path("lost").asLong(-1),
                told.path("interruptions").asLong(-1));
    }
}
