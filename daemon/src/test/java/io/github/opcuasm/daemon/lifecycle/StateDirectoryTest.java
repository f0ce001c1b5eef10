package io.github.opcuasm.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.daemon.DaemonStartException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class StateDirectoryTest {
    private static final String OURS = Long.toString(ProcessHandle.current().pid());

    @TempDir
    private Path directory;

    @Test
    void itIsMadeForItsUserAloneAndStays() throws Exception {
        Path path = directory.resolve("state");

        try (StateDirectory state = StateDirectory.open(path)) {
            assertThat(state.path()).isEqualTo(path.toRealPath());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rwx------");
            assertThat(path.resolve("lock")).hasContent(OURS);
        }
        StateDirectory.open(path).close();
        assertThat(path).isDirectory();
    }

    @Test
    void aSecondDaemonInTheSameJvmIsRefusedAndTheLockStays() throws Exception {
        Path path = directory.resolve("state");
        Path alias = Files.createSymbolicLink(directory.resolve("alias"), path);

        try (StateDirectory state = StateDirectory.open(path)) {
            for (Path name : new Path[] {path, alias}) {
                assertThatThrownBy(() -> StateDirectory.open(name))
                        .isInstanceOf(DaemonStartException.class)
                        .hasMessage("State directory " + name + " is in use by another daemon (PID: " + OURS
                                + "). Stop that one, or choose another --state-dir");
            }

            assertThat(state.path()).isDirectory();
            assertThat(answerOf(lockElsewhere(path))).isEqualTo("refused");
        }
        assertThat(answerOf(lockElsewhere(path))).isEqualTo("locked");
    }

    @Test
    void aDaemonInAnotherProcessIsRespectedUntilItEnds() throws Exception {
        Path path = directory.resolve("state");
        StateDirectory.open(path).close();
        Process holder = lockElsewhere(path);
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("locked");

            // The file still names this process, which is alive: any will do for the message.
            assertThatThrownBy(() -> StateDirectory.open(path))
                    .hasMessage("State directory " + path + " is in use by another daemon (PID: " + OURS
                            + "). Stop that one, or choose another --state-dir");
        } finally {
            holder.destroyForcibly();
            assertThat(holder.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        StateDirectory.open(path).close();
    }

    @Test
    void whatIsOpenToOthersIsRefusedAndLeftAlone() throws Exception {
        Path path = Files.createDirectory(directory.resolve("state"));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-x---"));

        assertThatThrownBy(() -> StateDirectory.open(path))
                .isInstanceOf(DaemonStartException.class)
                .hasMessageContaining("open to other users (rwxr-x---)")
                .hasMessageEndingWith("chmod 700 " + path);

        assertThat(path).isEmptyDirectory();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void whatIsNoDirectoryIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("none"));

        for (Path path : new Path[] {file, dangling}) {
            assertThatThrownBy(() -> StateDirectory.open(path)).hasMessageContaining("is no directory");
        }
        assertThatThrownBy(() -> StateDirectory.open(directory.resolve("no/parent")))
                .hasMessageContaining("its parent does not exist");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aLockThatIsALinkIsNotFollowed() throws Exception {
        Path path = directory.resolve("state");
        StateDirectory.open(path).close();
        Path precious = Files.writeString(directory.resolve("precious"), "precious");
        Files.delete(path.resolve("lock"));
        Files.createSymbolicLink(path.resolve("lock"), precious);

        assertThatThrownBy(() -> StateDirectory.open(path)).hasMessageContaining("is a symbolic link");

        assertThat(precious).hasContent("precious");
        Files.delete(path.resolve("lock"));
        StateDirectory.open(path).close();
    }

    @Test
    void whoseLockWasRemovedOrReplacedNoLongerHoldsTheDirectory() throws Exception {
        Path path = directory.resolve("state");
        try (StateDirectory state = StateDirectory.open(path)) {
            boolean first = state.isHeld();
            Files.move(path.resolve("lock"), path.resolve("moved"));
            boolean removed = state.isHeld();
            Files.writeString(path.resolve("lock"), "another one's");
            boolean replaced = state.isHeld();

            assertThat(first).isTrue();
            assertThat(removed).isFalse();
            assertThat(replaced).isFalse();
        }
    }

    private static String answerOf(Process process) throws IOException {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            return String.valueOf(output.readLine());
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process lockElsewhere(Path path) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        path.resolve("lock").toString())
                .redirectErrorStream(true)
                .start();
    }
}
