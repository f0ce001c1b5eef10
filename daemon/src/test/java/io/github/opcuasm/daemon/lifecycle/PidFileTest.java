package io.github.opcuasm.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PidFileTest {
    private static final String OURS = Long.toString(ProcessHandle.current().pid());

    @TempDir
    Path directory;

    private Path path = Path.of("/");
    private IpcEndpoint endpoint = new IpcEndpoint.Unix(path);

    @BeforeEach
    void nameEndpoint() {
        Path socket = directory.resolve("d.sock");
        endpoint = new IpcEndpoint.Unix(socket);
        path = directory.resolve("d.sock.pid");
    }

    @Test
    void itHoldsThePidAndNothingElseAndGoesAway() throws Exception {
        try (PidFile pidFile = PidFile.acquire(endpoint)) {
            assertThat(pidFile.path()).isEqualTo(path);
            assertThat(path).hasContent(OURS);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aSecondDaemonInTheSameJvmIsRefusedAndTheLockStays() throws Exception {
        try (PidFile first = PidFile.acquire(endpoint)) {
            assertThatThrownBy(() -> PidFile.acquire(endpoint))
                    .isInstanceOf(DaemonStartException.class)
                    .hasMessage("Another daemon instance is already running (PID: " + OURS
                            + "). If this is stale, remove " + path);

            assertThat(first.path()).exists();
            assertThat(canBeLockedByAnotherProcess()).isFalse();
        }
        PidFile.acquire(endpoint).close();
    }

    @Test
    void ofManyThatStartAtOnceExactlyOneWins() throws Exception {
        int starters = 8;
        ExecutorService threads = Executors.newFixedThreadPool(starters);
        try {
            for (int round = 0; round < 20; round++) {
                CyclicBarrier together = new CyclicBarrier(starters);
                Callable<Object> start = () -> {
                    together.await();
                    try {
                        return PidFile.acquire(endpoint);
                    } catch (DaemonStartException refused) {
                        return refused;
                    }
                };
                List<Object> results = new ArrayList<>();
                for (Future<Object> result : threads.invokeAll(Collections.nCopies(starters, start))) {
                    results.add(result.get());
                }

                assertThat(results).filteredOn(PidFile.class::isInstance).hasSize(1);
                for (Object result : results) {
                    if (result instanceof PidFile winner) {
                        winner.close();
                    }
                }
                assertThat(path).doesNotExist();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aLockOfAnotherProcessIsRespectedAndItsPidNamed() throws Exception {
        // Any living process will do for the PID; the lock is held by another.
        String recorded = Long.toString(ProcessHandle.current().pid());
        Files.writeString(path, recorded);
        Process holder = lockElsewhere();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("locked");

            assertThatThrownBy(() -> PidFile.acquire(endpoint))
                    .hasMessage("Another daemon instance is already running (PID: " + recorded
                            + "). If this is stale, remove " + path);

            assertThat(path).hasContent(recorded);
        } finally {
            holder.destroyForcibly();
            assertThat(holder.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        // Killed: the lock is gone with it.
        try (PidFile next = PidFile.acquire(endpoint)) {
            assertThat(next.path()).hasContent(OURS);
        }
    }

    @Test
    void thePidOfADeadPredecessorIsNotNamed() throws Exception {
        // More digits than any PID has.
        String recorded = "9".repeat(25);
        Files.writeString(path, recorded);
        Process holder = lockElsewhere();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("locked");

            assertThatThrownBy(() -> PidFile.acquire(endpoint))
                    .hasMessage("Another daemon instance is already running (PID: unknown). If this is stale, remove "
                            + path);

            assertThat(path).hasContent(recorded);
        } finally {
            holder.destroyForcibly();
            assertThat(holder.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        // Killed: the lock is gone with it.
        try (PidFile next = PidFile.acquire(endpoint)) {
            assertThat(next.path()).hasContent(OURS);
        }
    }

    @Test
    void thePidOfAnotherLiveProgramDoesNotBlock() throws Exception {
        Files.writeString(
                path,
                Long.toString(ProcessHandle.current()
                                .parent()
                                .map(ProcessHandle::pid)
                                .orElse(1L)) + "\n12345678901234567890");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));

        try (PidFile pidFile = PidFile.acquire(endpoint)) {
            assertThat(pidFile.path()).hasContent(OURS);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void whoListensWithoutALockIsNotDisturbed() throws Exception {
        Files.writeString(path, "4711");
        try (ServerSocketChannel foreign = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            foreign.bind(UnixDomainSocketAddress.of(directory.resolve("d.sock")));

            assertThatThrownBy(() -> PidFile.acquire(endpoint))
                    .isInstanceOf(DaemonStartException.class)
                    .hasMessage("Another process is listening on " + endpoint);

            assertThat(path).hasContent("4711");
        }
        PidFile.acquire(endpoint).close();
    }

    @Test
    void aForeignListenerOnAPortIsFoundAndNoFileLeft() throws Exception {
        try (ServerSocket foreign = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            IpcEndpoint tcp =
                    new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), foreign.getLocalPort());

            assertThatThrownBy(() -> PidFile.acquire(tcp, path)).hasMessage("Another process is listening on " + tcp);

            assertThat(path).doesNotExist();
        }
    }

    @Test
    void aSymbolicLinkIsNotFollowed() throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "precious");
        Files.createSymbolicLink(path, precious);

        assertRefused("is a symbolic link");
        assertThat(precious).hasContent("precious");
        assertThat(path).isSymbolicLink();
    }

    @Test
    void aDanglingSymbolicLinkIsNotFollowed() throws Exception {
        Path target = directory.resolve("not there");
        Files.createSymbolicLink(path, target);

        assertRefused("is a symbolic link");
        assertThat(target).doesNotExist();
    }

    @Test
    void aFileWithASecondNameIsRefused() throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "precious");
        Files.createLink(path, precious);

        assertRefused("has 2 hard links");
        assertThat(precious).hasContent("precious");
    }

    @Test
    void aDirectoryIsRefused() throws Exception {
        Files.createDirectory(path);

        assertRefused("is a directory");
        assertThat(path).isDirectory();
    }

    @Test
    void afterTheFileWasReplacedTheNewOneIsNotRemoved() throws Exception {
        PidFile pidFile = PidFile.acquire(endpoint);
        Files.delete(path);
        Files.writeString(path, "4711");

        pidFile.close();
        pidFile.close();

        assertThat(path).hasContent("4711");
    }

    @Test
    void aMissingDirectoryIsNamed() {
        assertThatThrownBy(() -> PidFile.acquire(new IpcEndpoint.Unix(directory.resolve("no/d.sock"))))
                .isInstanceOf(DaemonStartException.class)
                .hasMessageContaining("directory does not exist");
    }

    @Test
    void portsHaveTheirFileInTheTemporaryDirectory() throws Exception {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        InetAddress loopback = InetAddress.getLoopbackAddress();

        assertThat(PidFilePath.of(new IpcEndpoint.Tcp("127.0.0.1", loopback, 9990)))
                .isEqualTo(temporary.resolve("opcua-session-manager-tcp_127.0.0.1_9990.pid"));
        assertThat(PidFilePath.of(new IpcEndpoint.Tcp("::1", loopback, 9990)))
                .isEqualTo(temporary.resolve("opcua-session-manager-tcp_1_9990.pid"));
        assertThat(PidFilePath.of(new IpcEndpoint.Unix(Path.of("/run/a.sock")))).hasToString("/run/a.sock.pid");
    }

    private void assertRefused(String defect) {
        assertThatThrownBy(() -> PidFile.acquire(endpoint))
                .isInstanceOf(DaemonStartException.class)
                .hasMessageContaining("The PID file " + path + " " + defect + " (owner ")
                .message()
                .doesNotContain("\n");
    }

    private boolean canBeLockedByAnotherProcess() throws Exception {
        Process process = lockElsewhere();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            return "locked".equals(output.readLine());
        } finally {
            process.destroyForcibly();
        }
    }

    private Process lockElsewhere() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        path.toString())
                .redirectErrorStream(true)
                .start();
    }
}
