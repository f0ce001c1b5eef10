package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is found and what is said; that a daemon really starts, the tests of the program show. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class AutoStartTest {
    private static final String NEVER = "exit 9";

    @TempDir
    Path directory;

    @Test
    void aDaemonThatRunsIsUsedAndNothingIsStarted() throws Exception {
        try (var daemon = hello("2", "\"id\",\"streams\"");
                DaemonClient client =
                        starting(daemon.endpoint(), NEVER).requiring("streams").connect(ClientOptions.DEFAULTS)) {
            assertThat(client.hello().features()).containsExactly("id", "streams");

            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void aDaemonOfProtocol1IsTooOld() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
            peer.send(
                    "{\"success\":false,\"error\":{\"type\":\"unknown_command\",\"message\":\"Unknown command: hello\"}}\n");
            peer.socket().close();
        })) {

            var failure = refusal(daemon.endpoint());

            assertThat(failure).hasMessageContaining("speaks protocol 1 only, 2 is needed");
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void aDaemonOfProtocol1IsGoodEnoughForWhoAsksForIt() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
                    peer.send("{\"success\":true,\"data\":{\"status\":\"ok\"}}\n");
                    peer.socket().close();
                });
                DaemonClient client = starting(daemon.endpoint(), NEVER)
                        .connect(ClientOptions.DEFAULTS.withProtocol(ProtocolVersion.ONE))) {

            assertThat(client.ping().get("status")).hasToString("\"ok\"");
        }
    }

    @Test
    void aDaemonOfALaterProtocolIsTooNew() throws Exception {
        try (var daemon = hello("3", "")) {

            var failure = refusal(daemon.endpoint());

            assertThat(failure).hasMessageContaining("(sm 9.1) speaks protocol 3, this client 2: use a newer client");
        }
    }

    @Test
    void aDaemonThatLacksAFeatureIsNamedWithIt() throws Exception {
        try (var daemon = hello("2", "\"id\"")) {

            assertThatThrownBy(() -> starting(daemon.endpoint(), NEVER)
                            .requiring("id", "stats")
                            .connect(ClientOptions.DEFAULTS))
                    .isInstanceOf(UnsupportedDaemonException.class)
                    .hasMessageContaining("(sm 9.1) lacks stats: end it, and install a newer one");
        }
    }

    @Test
    void aDaemonThatWantsAnotherTokenIsNotReplaced() throws Exception {
        try (var daemon = new ScriptedDaemon((id, request, peer) -> {
            peer.send("{\"success\":false,\"error\":{\"type\":\"auth_failed\",\"message\":\"Invalid\"}}\n");
            peer.socket().close();
        })) {

            var failure = catchThrowableOfType(
                    RequestFailedException.class,
                    () -> starting(daemon.endpoint(), NEVER).connect(ClientOptions.DEFAULTS));

            assertThat(failure.type()).isEqualTo("auth_failed");
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void oneThatEndsInsteadOfAnsweringIsQuoted() {
        assertThatThrownBy(() -> starting(nobody(), "echo starting; echo 'no space left' >&2; exit 3")
                        .connect(ClientOptions.DEFAULTS))
                .isInstanceOf(DaemonNotRunningException.class)
                .hasMessageContaining("/bin/sh ended with 3: starting | no space left");
    }

    @Test
    void itsOutputIsForThisUserOnlyAndAppended() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> starting(nobody(), "echo spoke; exit 1").connect(ClientOptions.DEFAULTS))
                    .hasMessageEndingWith("spoke)");
        }

        Path state = directory.resolve("opcua-session-manager");
        assertThat(permissions(state)).isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(state)) {
            List<Path> all = files.sorted().toList();
            assertThat(all)
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-------"));
            Path log = all.get(1);
            assertThat(log)
                    .hasFileName("unix_" + nobody().uri().substring(8).replaceAll("[^A-Za-z0-9.-]+", "_") + ".log");
            assertThat(log).content().isEqualTo("spoke\nspoke\n");
        }
    }

    @Test
    void oneThatNeitherAnswersNorEndsIsWaitedForInVain() throws Exception {
        Path pid = directory.resolve("pid");

        var failure = catchThrowableOfType(
                DaemonNotRunningException.class,
                () -> starting(nobody(), "echo $$ > " + pid + "; exec sleep 60")
                        .startWithin(Duration.ofSeconds(1))
                        .connect(ClientOptions.DEFAULTS));

        String number = Files.readString(pid).strip();
        ProcessHandle.of(Long.parseLong(number)).ifPresent(ProcessHandle::destroy);
        assertThat(failure).hasMessageContaining("(PID " + number + ") did not answer within 1 s, see " + directory);
    }

    @Test
    void withoutAProgramTheWaysOutAreNamed() {
        AutoStart start = AutoStart.at(nobody())
                .environment(Map.of("XDG_STATE_HOME", directory.toString(), "PATH", directory.toString()));

        assertThatThrownBy(() -> start.connect(ClientOptions.DEFAULTS))
                .isInstanceOf(DaemonNotRunningException.class)
                .hasMessageContaining(
                        "there is no opcua-session-manager on the PATH: install it, or set OPCUA_DAEMON_COMMAND");
    }

    @Test
    void theProgramIsLookedForInTheVariableThenOnThePath() throws Exception {
        Path onPath = program("opcua-session-manager", "echo path $@; exit 1");
        Path other = program("other", "echo other $@; exit 1");

        assertThatThrownBy(() -> AutoStart.at(nobody())
                        .environment(Map.of("XDG_STATE_HOME", directory.toString(), "PATH", onPath.getParent() + ":"))
                        .options("--timeout", "60")
                        .connect(ClientOptions.DEFAULTS))
                .hasMessageContaining("path --socket " + nobody().uri() + " --timeout 60");
        assertThatThrownBy(() -> AutoStart.at(nobody())
                        .environment(Map.of(
                                "XDG_STATE_HOME", directory.toString(),
                                "PATH", String.valueOf(onPath.getParent()),
                                "OPCUA_DAEMON_COMMAND", other + " word"))
                        .connect(ClientOptions.DEFAULTS))
                .hasMessageContaining("other word --socket");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> AutoStart.at(nobody())
                        .environment(Map.of("XDG_STATE_HOME", file.toString()))
                        .connect(ClientOptions.DEFAULTS))
                .isInstanceOf(DaemonNotRunningException.class)
                .hasMessageContaining("none can be made: set XDG_STATE_HOME to another");
    }

    private AutoStart starting(IpcEndpoint endpoint, String script) {
        return AutoStart.at(endpoint)
                .environment(Map.of("XDG_STATE_HOME", directory.toString()))
                .command("/bin/sh", "-c", script);
    }

    private IpcEndpoint nobody() {
        return new IpcEndpoint.Unix(directory.resolve("none.sock"));
    }

    private UnsupportedDaemonException refusal(IpcEndpoint endpoint) {
        return catchThrowableOfType(
                UnsupportedDaemonException.class,
                () -> starting(endpoint, NEVER).connect(ClientOptions.DEFAULTS));
    }

    private Path program(String name, String script) throws IOException {
        Path program = Files.createDirectories(directory.resolve("bin")).resolve(name);
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    private static String permissions(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            return String.valueOf(e);
        }
    }

    private static ScriptedDaemon hello(String protocol, String features) throws IOException {
        return new ScriptedDaemon((id, request, peer) -> peer.succeed(
                id,
                "{\"product\":\"sm\",\"version\":\"9.1\",\"protocol\":" + protocol + ",\"features\":[" + features
                        + "]}"));
    }
}
