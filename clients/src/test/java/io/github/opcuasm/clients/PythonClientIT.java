package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Python client, blocking and for asyncio, by its own tests and from outside. */
@RequiresProgram("python3")
class PythonClientIT {
    @RegisterExtension
    static final Plant PLANT = Plant.guarded(ChangeLoad.simulator()).heap(ChangeLoad.HEAP);

    static Script python(String... arguments) {
        return Script.of(Stream.concat(Stream.of("python3"), Stream.of(arguments))
                        .toArray(String[]::new))
                .in("python")
                .environment("PYTHONDONTWRITEBYTECODE", "1");
    }

    @ParameterizedTest
    @MethodSource("suites")
    void passesItsOwnTests(String suite) throws Exception {
        Script.Result result = python("-W", "error::DeprecationWarning", "-m", "unittest", suite)
                .environment(PLANT.environment())
                .run();

        assertThat(result.exitCode()).as(result.stderr()).isZero();
        assertThat(result.stderr()).doesNotContain("Traceback").doesNotContain("skipped");
    }

    static Stream<String> suites() {
        return Stream.of("test_client", "test_async_client", "test_services");
    }

    @Test
    void theExampleRuns() throws Exception {
        Script.Result result = python("example.py", PLANT.url())
                .environment(PLANT.environment())
                .run();

        assertThat(result.exitCode()).as(result.stderr()).isZero();
        assertThat(result.stdout())
                .contains("UInt64 is 18446744073709551615", "Echo says 9007199254740993", "message 1 brought 1");
    }

    @Test
    void tellsOfADaemonThatIsKilledAndGoesOnWithTheNextOne() throws Exception {
        try (Script.Running outage =
                python("outage.py").environment(PLANT.environment()).start()) {
            outage.awaitLine("STREAMING");
            PLANT.daemon().kill9();
            outage.awaitLine("GONE");
            PLANT.startDaemon();

            outage.awaitLine("BACK");
            Script.Result result = outage.await();
            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stderr()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void losesNoChange(String client) throws Exception {
        ChangeLoad.lossless(PLANT, "Python, " + client, python("load_check.py").environment("TEST_CLIENT", client));
    }

    static Stream<String> clients() {
        return Stream.of("blocking", "asyncio");
    }
}
