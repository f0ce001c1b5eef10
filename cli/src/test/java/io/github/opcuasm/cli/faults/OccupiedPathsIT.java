package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Something else lies where the socket or the PID file should be, or the path itself will not do. */
class OccupiedPathsIT {
    @TempDir
    private Path directory;

    /** Where the processes write, so that the other directory holds nothing but what the tests put there. */
    @TempDir
    private Path output;

    private Path socket;
    private Path pidFile;

    @BeforeEach
    void paths() {
        socket = directory.resolve("d.sock");
        pidFile = directory.resolve("d.sock.pid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d.sock", "d.sock.pid"})
    void aDirectoryIsLeftAlone(String name) throws Exception {
        Files.createDirectory(directory.resolve(name));
        Files.writeString(directory.resolve(name).resolve("content"), "precious");

        assertThat(refusal()).contains(name, "a directory", "left alone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "precious"})
    void aRegularFileInTheSocketsPlaceIsLeftAlone(String content) throws Exception {
        Files.writeString(socket, content);

        assertThat(refusalHere()).contains("d.sock", "a regular file", "left alone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d.sock", "d.sock.pid"})
    void aLinkIsNotFollowed(String name) throws Exception {
        Path target = Files.writeString(directory.resolve("target"), "precious");
        Files.createSymbolicLink(directory.resolve(name), target);

        assertThat(refusalHere()).contains(name, "a symbolic link", "left alone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d.sock", "d.sock.pid"})
    void aLinkThatLeadsNowhereCreatesNothing(String name) throws Exception {
        Files.createSymbolicLink(directory.resolve(name), directory.resolve("target"));

        assertThat(refusalHere()).contains(name, "a symbolic link", "left alone");
    }

    @Test
    void aPidFileWithASecondNameIsLeftAlone() throws Exception {
        Path other = Files.writeString(directory.resolve("other"), "precious");
        Files.createLink(pidFile, other);

        assertThat(refusalHere()).contains("d.sock.pid", "hard links", "left alone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d.sock", "d.sock.pid"})
    void aPipeIsNotOpened(String name) throws Exception {
        Process mkfifo = new ProcessBuilder("mkfifo", directory.resolve(name).toString())
                .inheritIO()
                .start();
        assertThat(mkfifo.waitFor()).isZero();

        assertThat(refusal()).contains(name, "a special file", "left alone");
    }

    @Test
    void aSocketOnWhichAnotherProgramListensIsLeftAlone() throws Exception {
        try (ServerSocketChannel foreign = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            foreign.bind(UnixDomainSocketAddress.of(socket));

            assertThat(refusal()).contains("Another process is listening on unix://" + socket);
        }
    }

    @Test
    void aSocketInThePidFilesPlaceIsLeftAlone() throws Exception {
        try (ServerSocketChannel foreign = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            foreign.bind(UnixDomainSocketAddress.of(pidFile));

            assertThat(refusalHere()).contains("d.sock.pid", "a socket", "left alone");
        }
    }

    @Test
    void aSocketOnWhichNobodyListensIsReplacedWithAWarning() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }

        try (var daemon = DaemonProcess.in(directory).start()) {
            assertThat(daemon.stderr()).containsPattern("\\[WARNING] .*" + socket);
            assertThat(Files.readString(pidFile)).isEqualTo(Long.toString(daemon.pid()));
        }
    }

    @Test
    void aPidFileThatNamesAnotherProgramBlocksNothing() throws Exception {
        long foreign = ProcessHandle.current().pid();
        Files.writeString(pidFile, Long.toString(foreign));

        try (var daemon = DaemonProcess.in(directory).start()) {
            new ProtocolPeer(daemon).expectPing();
            assertThat(Files.readString(pidFile)).isEqualTo(Long.toString(daemon.pid()));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pidFile)))
                    .isEqualTo("rw-------");
            assertThat(daemon.stderr()).containsPattern("\\[WARNING] .*" + foreign);
        }
    }

    /** As it is between the lock and the PID of a daemon that follows a killed one. */
    @Test
    void aDeadPidIsNotGivenAsTheRunningDaemons() throws Exception {
        try (var ended = DaemonProcess.in(output).run("--version");
                var running =
                        DaemonProcess.in(output).endpoint(endpoint(socket)).start()) {
            assertThat(ended.awaitExit()).isZero();
            assertThat(running.isAlive()).isTrue();
            // Into the same file: the running daemon's lock stays.
            Files.writeString(pidFile, Long.toString(ended.pid()));

            assertThat(refusal())
                    .contains("Another daemon instance is already running")
                    .doesNotContain("PID: " + ended.pid());
        }
    }

    @Test
    void whatAKilledDaemonLeftBehindIsReplacedWithAWarning() throws Exception {
        long killed;
        try (var first = DaemonProcess.in(directory).start()) {
            killed = first.pid();
            first.kill9();
        }
        assertThat(socket).exists();
        assertThat(pidFile).hasContent(Long.toString(killed));

        try (var second = DaemonProcess.in(directory).start()) {
            new ProtocolPeer(second).expectPing();
            assertThat(second.stderr()).containsPattern("\\[WARNING] .*" + killed);
            assertThat(second.stderr()).containsPattern("\\[WARNING] .*socket.*" + socket);
            second.signal("TERM");
            assertThat(second.awaitExit()).isZero();
        }
        assertThat(socket).doesNotExist();
        assertThat(pidFile).doesNotExist();
    }

    @Test
    void aSocketThatAnotherProgramPutThereMeanwhileSurvivesTheEnd() throws Exception {
        try (var daemon = DaemonProcess.in(output).endpoint(endpoint(socket)).start();
                ServerSocketChannel foreign = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.delete(socket);
            foreign.bind(UnixDomainSocketAddress.of(socket));

            daemon.signal("TERM");

            assertThat(daemon.awaitExit()).isZero();
            assertThat(socket).exists();
            assertThat(pidFile).doesNotExist();
        }
    }

    @Test
    void aPathThatTheKernelWouldCutIsRefusedInBytes() throws Exception {
        Path tooLong = ofLength(108);

        assertThat(refusal(tooLong))
                .isEqualTo("opcua-session-manager: Unix socket path is too long: 108 bytes, but the Linux kernel limits"
                        + " sun_path to 108 bytes (usable 107). The kernel silently truncates longer paths, which breaks"
                        + " chmod() and reconnect. Set OPCUA_SOCKET_PATH (or pass --socket) to a shorter path, e.g."
                        + " /tmp/opcua-session.sock. Got: " + tooLong + "\n");
    }

    @Test
    void aPathOfTheFullUsableLengthWorks() throws Exception {
        Path longest = ofLength(107);

        try (var daemon = DaemonProcess.in(output).run("--socket", longest.toString())) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> daemon.stderr().contains("started on unix://" + longest));
            assertThat(longest).exists();
            daemon.signal("TERM");
            assertThat(daemon.awaitExit()).isZero();
        }
        assertThat(snapshot()).isEmpty();
    }

    @Test
    void hostsThatAreNotThisMachinesLoopbackAreRefused() throws Exception {
        // Of the others, IpcEndpointTest knows more.
        List<String> hosts = List.of("0.0.0.0", "128.0.0.1", "127.0.0.1.example.org");
        List<DaemonProcess> started = new ArrayList<>();
        try {
            for (String host : hosts) {
                started.add(DaemonProcess.in(output).run("--socket", "tcp://" + host + ":9990"));
            }
            for (int i = 0; i < hosts.size(); i++) {
                DaemonProcess process = started.get(i);

                assertThat(process.awaitExit()).as(hosts.get(i)).isEqualTo(1);
                assertThat(process.stderr())
                        .contains(hosts.get(i).replaceAll("[\\[\\]]", ""), "TLS proxy", "SSH tunnel");
            }
        } finally {
            started.forEach(DaemonProcess::close);
        }
    }

    /** What a start says that must fail, and must leave the directory as it was. */
    private String refusal() throws Exception {
        return refusal(socket);
    }

    /** As {@link #refusal()}, of a daemon in this JVM: how a process ends then, the others show. */
    private String refusalHere() throws Exception {
        Map<String, String> before = snapshot();
        try (var daemon = new SessionManagerDaemon(
                DaemonConfig.builder().socket(endpoint(socket)).build())) {

            var refused = catchThrowableOfType(DaemonStartException.class, daemon::start);

            assertThat(refused).isNotNull();
            assertThat(snapshot()).isEqualTo(before);
            return String.valueOf(refused.getMessage());
        }
    }

    private String refusal(Path path) throws Exception {
        Map<String, String> before = snapshot();
        try (var process = DaemonProcess.in(output).run("--socket", path.toString())) {

            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(snapshot()).isEqualTo(before);
            return process.stderr();
        }
    }

    /** Each file with its inode, size, times and, where it can be read, content. */
    private Map<String, String> snapshot() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(path -> !path.equals(directory)).toList()) {
                String content = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.readString(file) : "";
                String attributes = Files.readAttributes(
                                file, "unix:ino,mode,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS)
                        .toString();
                files.put(file.toString(), attributes + content);
            }
        }
        return files;
    }

    private Path ofLength(int bytes) {
        return directory.resolve("s".repeat(bytes - directory.toString().length() - 1));
    }

    private static IpcEndpoint endpoint(Path path) {
        return new IpcEndpoint.Unix(path);
    }
}
