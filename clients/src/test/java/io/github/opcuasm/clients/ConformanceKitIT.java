package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.testkit.CheckedConversation;
import io.github.opcuasm.testkit.TrafficSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the conformance kit against our daemon and against every client of ours, and checks by docs/schema what went to and fro
 * in front of the daemon.
 */
@RequiresProgram({"python3", "perl", "node"})
class ConformanceKitIT {
    @RegisterExtension
    static final Plant PLANT = Plant.open();

    private final TrafficSchema schema = TrafficSchema.ofRepository();

    /** What clients that take long to start are asked of clients.ndjson; {@code -Dkit.everything=true} asks for all. */
    private static final List<String> SOME =
            List.of("stream", "in another order", "byte by byte", "beyond 2^53", "without id", "half an answer");

    /** A client, as the kit starts it from its folder. */
    record Client(String name, boolean startsFast, List<String> command) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Client> clients() {
        return Stream.of(
                new Client("Perl", true, List.of("perl", "../examples/perl/opcua-client.pl")),
                new Client("Python", false, List.of("python3", "drivers/python_driver.py")),
                new Client("Node", true, List.of("node", "drivers/node_driver.mjs")),
                new Client(
                        "Java",
                        false,
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                                DaemonClientDriver.class.getName())));
    }

    @Test
    void theDaemonPasses() throws Exception {
        Path record = PLANT.directory().resolve("daemon.ndjson");

        Script.Result result = kit(
                List.of("daemon", "--socket", PLANT.socket(), "--server", PLANT.url(), "--record", record.toString()));

        assertPassed(result, 100);
        assertThat(problems(record)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void everyClientPassesWhateverADaemonDoes(Client client) throws Exception {
        boolean all = client.startsFast || Boolean.getBoolean("kit.everything");
        List<String> arguments = new ArrayList<>(List.of("client", "--jobs", "3"));
        if (!all) {
            SOME.forEach(text -> arguments.addAll(List.of("--match", text)));
        }
        arguments.add("--");
        arguments.addAll(client.command);

        assertPassed(kit(arguments), all ? 35 : 11);
    }

    @ParameterizedTest
    @MethodSource("clients")
    void everyClientPassesInFrontOfOurDaemon(Client client) throws Exception {
        Path record = PLANT.directory().resolve(client + ".ndjson");
        List<String> arguments = new ArrayList<>(List.of(
                "client", "--daemon", PLANT.socket(), "--server", PLANT.url(), "--record", record.toString(), "--"));
        arguments.addAll(client.command);

        assertPassed(kit(arguments), 80);
        assertThat(problems(record)).isEmpty();
    }

    @Test
    void theKitSeesADaemonThatIsNone() throws Exception {
        Script.Result result = kit(List.of(
                "client",
                "--match",
                "one request after",
                "--timeout",
                "5",
                "--",
                "sh",
                "-c",
                "read request; echo '[]'; cat > /dev/null"));

        assertThat(result.exitCode()).as(result.stdout()).isEqualTo(1);
        assertThat(result.stdout()).contains("FAIL  one request after the other: /: expected an object, got []");
    }

    @Test
    void theStrangersClientHasAtMost60Lines() throws IOException {
        assertThat(Files.readAllLines(Script.module().resolve("examples/perl/opcua-client.pl")))
                .hasSizeLessThanOrEqualTo(60);
    }

    @Test
    void theStrangersClientIsUsableByHand() throws Exception {
        Script.Result result = Script.of("perl", "opcua-client.pl", PLANT.socket(), "{\"command\":\"ping\"}")
                .in("examples/perl")
                .run();

        assertThat(result.exitCode()).isZero();
        assertThat(result.stdout()).contains("\"status\":\"ok\"");
        assertThat(result.stdout().lines()).hasSize(1);
    }

    private static Script.Result kit(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "kit.py"));
        command.addAll(arguments);
        return Script.of(command.toArray(String[]::new)).in("conformance").run();
    }

    private static void assertPassed(Script.Result result, int atLeast) {
        List<String> lines = result.stdout().lines().toList();
        assertThat(lines.stream().filter(line -> line.startsWith("FAIL")))
                .as(result.stderr())
                .isEmpty();
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
        assertThat(lines.stream().filter(line -> line.startsWith("ok"))).hasSizeGreaterThan(atLeast);
        assertThat(lines.stream().filter(line -> line.startsWith("skip"))).isEmpty();
    }

    /** What the schema does not know of recorded frames. */
    private List<String> problems(Path record) throws IOException {
        Map<String, CheckedConversation> connections = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (String line : Files.readAllLines(record)) {
            JsonNode frame = TrafficSchema.parse(line);
            String text = frame.path("line").textValue();
            CheckedConversation conversation = connections.computeIfAbsent(
                    frame.path("connection").asText(), number -> new CheckedConversation(schema));
            if (frame.path("from").textValue().equals("client")) {
                conversation.sent((text + "\n").getBytes(StandardCharsets.UTF_8));
            } else {
                conversation.received(text).problems().forEach(problem -> problems.add(problem + " in " + text));
            }
        }
        assertThat(connections).isNotEmpty();
        return problems;
    }
}
