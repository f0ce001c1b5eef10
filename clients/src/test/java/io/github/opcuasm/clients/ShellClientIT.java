package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code opcua.sh}, by its own tests and from outside. */
@RequiresProgram({"sh", "jq", "nc -U", "socat"})
class ShellClientIT {
    private static final String NODE = "ns=2;s=Scalars/Int32";
    private static final String FIRST_LINE = NODE + "\t-32";

    @RegisterExtension
    static final Plant PLANT = Plant.guarded();

    private static Script shell(String... arguments) {
        return Script.of(Stream.concat(Stream.of("sh"), Stream.of(arguments)).toArray(String[]::new))
                .in("shell")
                .environment(PLANT.environment())
                .environment("TMPDIR", PLANT.directory().toString());
    }

    private static Script watch() {
        return shell("opcua.sh", "watch", "--interval", "100", PLANT.url(), NODE);
    }

    @Test
    void passesItsOwnTests() throws Exception {
        Script.Result result = shell("test_opcua.sh").run();

        assertThat(result.exitCode()).as(result.stderr()).isZero();
    }

    @Test
    void theExampleRuns() throws Exception {
        Script.Result result = shell("example.sh", PLANT.url()).run();

        assertThat(result.exitCode()).as(result.stderr()).isZero();
        assertThat(result.stdout())
                .contains("UInt64 is 18446744073709551615", "exit code 1", "3.75", "Dynamic/Counter is now ");
    }

    @Test
    void socatWillDoForNc() throws Exception {
        Script.Result result = shell("opcua.sh", "read", PLANT.url(), "i=2259")
                .environment("OPCUA_NC", "socat")
                .run();

        assertThat(result).isEqualTo(new Script.Result(0, "0\n", ""));
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void aSignalEndsWatchAndLeavesNothingBehind(String signal, int exitCode) throws Exception {
        try (Script.Running watch = watch().start()) {
            watch.awaitLine(FIRST_LINE);
            List<ProcessHandle> children =
                    ProcessHandle.of(watch.pid()).orElseThrow().descendants().toList();

            watch.signal(signal);

            assertThat(watch.await().exitCode()).isEqualTo(exitCode);
            for (ProcessHandle child : children) {
                child.onExit().get(20, TimeUnit.SECONDS);
            }
            assertThat(PLANT.directory().toFile().list((folder, name) -> name.startsWith("opcua.")))
                    .isEmpty();
        }
    }

    @Test
    void aReaderThatHasReadEnoughEndsWatch() throws Exception {
        Script.Result result = shell(
                        "-c", "sh opcua.sh watch \"$1\" 'ns=2;s=Dynamic/Counter' | head -n 1", "sh", PLANT.url())
                .run();

        assertThat(result.exitCode()).isZero();
        assertThat(result.stdout()).startsWith("ns=2;s=Dynamic/Counter\t");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void theTokenIsNoArgumentOfAnyProcess() throws Exception {
        try (Script.Running watch = watch().environment("OPCUA_CONFIG", "{\"sessionName\":\"not for everybody\"}")
                .start()) {
            watch.awaitLine(FIRST_LINE);

            List<String> commands = ProcessHandle.of(watch.pid())
                    .orElseThrow()
                    .descendants()
                    .flatMap(child -> child.info().commandLine().stream())
                    .toList();

            assertThat(commands)
                    .isNotEmpty()
                    .allSatisfy(command -> assertThat(command).doesNotContain(Plant.TOKEN, "not for everybody"));
            watch.signal("TERM");
            assertThat(watch.await().exitCode()).isEqualTo(143);
        }
    }

    @Test
    void aDaemonThatHangsIsWaitedForNoLongerThanTold() throws Exception {
        PLANT.daemon().signal("STOP");
        try {
            Script.Result result =
                    shell("opcua.sh", "ping").environment("OPCUA_TIMEOUT", "1").run();

            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).contains("said nothing for 1 s");
        } finally {
            PLANT.daemon().signal("CONT");
        }
    }

    @Test
    void aDaemonThatIsKilledEndsWatchWithAReason() throws Exception {
        try (Script.Running watch = watch().start()) {
            watch.awaitLine(FIRST_LINE);

            PLANT.daemon().kill9();

            Script.Result result = watch.await();
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).contains("closed the connection");
        } finally {
            PLANT.startDaemon();
        }
    }
}
