package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.testkit.DaemonProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The command line, the environment and the config file; through the process where it matters what the process makes
 * of them.
 */
@Timeout(60)
class DaemonOptionsIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--sokcet /tmp/x.sock | 2 | unknown option --sokcet; did you mean --socket?",
                "--read-only-socket tcp://0.0.0.0:1 | 1 | --read-only-socket: ",
                "--log-level loud | 2 | --log-level: got loud, expected one of debug, info, notice, warning, error",
                "--socket tcp://0.0.0.0:9990 | 1 | 0.0.0.0",
                "--socket http://localhost:1 | 1 | unix:// and tcp://",
            })
    void aStartThatFailsSaysWhyInOneLine(String arguments, int exitCode, String message) throws Exception {
        try (var process = DaemonProcess.in(directory).run(arguments.split(" "))) {

            assertThat(process.awaitExit()).isEqualTo(exitCode);
            assertThat(process.stderr().strip())
                    .startsWith("opcua-session-manager: ")
                    .contains(message);
            assertThat(process.stderr().lines()).hasSize(1);
            assertThat(process.stdout()).isEmpty();
        }
    }

    /** What is refused before anything is started needs no process of its own. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--timeout abc | 2 | --timeout: got abc, expected seconds",
                "--timeout=0 | 2 | --timeout: got 0, expected more than 0",
                "--max-sessions | 2 | --max-sessions",
                "--max-sessions -1 | 2 | --max-sessions: got -1",
                "--socket-mode 888 | 2 | --socket-mode: got 888",
                "--close never | 2 | --close: got never, expected one of shared, always",
                "--state-dri /tmp/x | 2 | unknown option --state-dri; did you mean --state-dir?",
                "--default-trust all | 2 | --default-trust: got all, expected one of none, first-use, strict",
                "--allowed-cert-dirs /tmp,/nonexistent | 2 | --allowed-cert-dirs: got /nonexistent, expected directories",
                "--handshakes-per-server 0 | 2 | --handshakes-per-server: got 0, expected 1 or more",
                "--check-config --tokens-file /nonexistent/tokens | 1 | /nonexistent/tokens does not exist",
                "lst | 2 | unexpected argument lst; did you mean list?",
                "--auth-token-file /nonexistent/token | 1 | auth-token-file: there is no file /nonexistent/token",
                "--config /nonexistent/c.yaml | 1 | there is no file /nonexistent/c.yaml",
            })
    void aWrongOptionIsNamedInOneLine(String arguments, int exitCode, String message) {
        var command = new CommandRun();

        int code = command.run(arguments.split(" "));

        assertThat(code).isEqualTo(exitCode);
        assertThat(command.stderr().strip())
                .startsWith("opcua-session-manager: ")
                .contains(message);
        assertThat(command.stderr().lines()).hasSize(1);
        assertThat(command.stdout()).isEmpty();
    }

    @Test
    void theVersionIsTheBuilds() throws Exception {
        try (var process = DaemonProcess.in(directory).run("--version")) {

            assertThat(process.awaitExit()).isZero();
            assertThat(process.stdout()).matches("opcua-session-manager [0-9]+\\.[0-9]+\\.[0-9]+\\S*\\n");
        }
    }

    @Test
    void theCommandLineBeatsTheEnvironmentWhichBeatsTheFile() throws Exception {
        Path file = write("max_sessions: 5\nlinger: 1\nsocket: /tmp/from-file.sock\n");

        String shown = check(
                DaemonProcess.in(directory).environment("OPCUA_SOCKET_PATH", "/tmp/from-env.sock"),
                file,
                "--linger",
                "2.5");

        assertThat(shown)
                .containsPattern("max-sessions +5 ")
                .containsPattern("linger +2\\.5 +\\(--linger\\)")
                .containsPattern("socket +/tmp/from-env\\.sock +\\(OPCUA_SOCKET_PATH\\)");
    }

    @Test
    void keysAreTakenInEveryCaseAndOctalModesStayOctal() throws Exception {
        Path file = write("socketMode: 0660\ncleanup_interval: 0.5\nmax-inflight: 3\nauth-token: geheim\n");

        String shown = check(DaemonProcess.in(directory), file);

        assertThat(shown)
                .containsPattern("socket-mode +0660 ")
                .containsPattern("cleanup-interval +0\\.5 ")
                .containsPattern("max-inflight +3 ")
                .doesNotContain("geheim");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "timeout: 5;max-sesions: 3 | :2: unknown key max-sesions; did you mean max-sessions?",
                "timeout: 5;max-sessions: many | :2: max-sessions: got many",
                "timeout: 5;timeout: 6 | :2: timeout: given twice",
                "timeout: [1, 2] | :1: timeout: expected one value",
                "timeout: [5 | :2: not valid YAML",
                "timeout: 5;auth-token: ${NO_SUCH_VARIABLE} | :2: auth-token: the environment variable NO_SUCH_VARIABLE is not",
                "timeout: 5;auth-token: file:nowhere | :2: auth-token: there is no file ",
                "access:;  rules:;  - {name: a, who: anyone, may: raed} | :3: access.rules.may: got raed, expected read",
                "!!java.net.URL [x] | :1: not valid YAML: Global tag is not allowed",
            })
    void aWrongFileIsNamedWithLineAndKey(String text, String message) throws Exception {
        Path file = write(text.replace(';', '\n') + "\n");

        var command = new CommandRun();

        int code = command.run("--check-config", "--config", file.toString());

        assertThat(code).isEqualTo(1);
        assertThat(command.stderr()).contains(file + message);
    }

    @Test
    void anEmptyTokenInTheEnvironmentDoesNotSwitchTheCheckOff() throws Exception {
        try (var process =
                DaemonProcess.in(directory).environment("OPCUA_AUTH_TOKEN", "").run("--check-config")) {

            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(process.stderr()).contains("OPCUA_AUTH_TOKEN: is set but empty");
        }
    }

    private Path write(String text) throws Exception {
        return Files.writeString(directory.resolve("c.yaml"), text);
    }

    private static String check(DaemonProcess.Launcher launcher, Path file, String... more) throws Exception {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "--check-config";
        arguments[1] = "--config";
        arguments[2] = file.toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        try (var process = launcher.run(arguments)) {
            assertThat(process.awaitExit()).as(process.stderr()).isZero();
            return process.stdout();
        }
    }
}
