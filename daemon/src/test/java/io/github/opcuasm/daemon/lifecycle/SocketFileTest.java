package io.github.opcuasm.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketFileTest {
    private static final int BACKLOG = 16;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"0600,rw-------", "0660,rw-rw----", "0777,rwxrwxrwx", "0000,---------", "0651,rw-r-x--x"})
    void theFileHasExactlyItsModeAndNothingElseIsLeft(String mode, String permissions) throws Exception {
        Path path = directory.resolve("d.sock");

        try (SocketFile socket = SocketFile.bind(path, Integer.parseInt(mode, 8), BACKLOG)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo(permissions);
            assertThat(entries()).containsExactly(path);
            assertThat(socket.path()).isEqualTo(path);
            connect(path);
        }
        assertThat(entries()).isEmpty();
    }

    @Test
    void aPathOfTheFullUsableLengthWorksAgainAndAgain() throws Exception {
        Path path = pathOfLength(107);

        for (int round = 0; round < 3; round++) {
            try (SocketFile socket = SocketFile.bind(path, 0600, BACKLOG)) {
                assertThat(EndpointProbe.accepts(new IpcEndpoint.Unix(path))).isTrue();
                assertThatThrownBy(() -> SocketFile.bind(path, 0600, BACKLOG))
                        .hasMessage("Another process is listening on unix://" + path);
                assertThat(socket.channel().isOpen()).isTrue();
            }
            assertThat(EndpointProbe.accepts(new IpcEndpoint.Unix(path))).isFalse();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void aPathThatIsOneByteTooLongIsRefusedWithTheKernelsNumbers() throws Exception {
        Path path = pathOfLength(108);

        assertThatThrownBy(() -> SocketFile.bind(path, 0600, BACKLOG))
                .isInstanceOf(DaemonStartException.class)
                .hasMessage("Unix socket path is too long: 108 bytes, but the Linux kernel limits sun_path to 108 bytes"
                        + " (usable 107). The kernel silently truncates longer paths, which breaks chmod() and"
                        + " reconnect. Set OPCUA_SOCKET_PATH (or pass --socket) to a shorter path, e.g."
                        + " /tmp/opcua-session.sock. Got: " + path);
    }

    @Test
    void bytesCountNotCharacters() {
        Path path = Path.of("/tmp/" + "x".repeat(100) + "€");

        assertThatThrownBy(() -> UnixSocketPath.check(path)).hasMessageContaining("108 bytes, but");
    }

    @Test
    void aDeadSocketIsReplaced() throws Exception {
        Path path = directory.resolve("d.sock");
        deadSocket(path);

        try (SocketFile socket = SocketFile.bind(path, 0600, BACKLOG)) {
            assertThat(socket.channel().isOpen()).isTrue();
            connect(path);
        }
    }

    @Test
    void aLiveSocketIsLeftAlone() throws Exception {
        Path path = directory.resolve("d.sock");
        try (ServerSocketChannel foreign = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            foreign.bind(UnixDomainSocketAddress.of(path));

            assertThatThrownBy(() -> SocketFile.bind(path, 0600, BACKLOG))
                    .isInstanceOf(DaemonStartException.class)
                    .hasMessage("Another process is listening on unix://" + path);

            connect(path);
        }
    }

    @Test
    void aLiveSocketWithAFullBacklogIsLeftAlone() throws Exception {
        Path path = directory.resolve("d.sock");
        try (ServerSocketChannel foreign = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel first = SocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel second = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            foreign.bind(UnixDomainSocketAddress.of(path), 1);
            first.connect(UnixDomainSocketAddress.of(path));
            second.connect(UnixDomainSocketAddress.of(path));

            assertThatThrownBy(() -> SocketFile.bind(path, 0600, BACKLOG))
                    .hasMessage("Another process is listening on unix://" + path);
        }
    }

    @Test
    void whatIsNoSocketIsNamedAndNeverDeleted() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Path dead = directory.resolve("dead");
        deadSocket(dead);
        Path link = Files.createSymbolicLink(directory.resolve("link"), dead);

        for (Path path : List.of(file, folder, link)) {
            assertThatThrownBy(() -> SocketFile.bind(path, 0600, BACKLOG))
                    .isInstanceOf(DaemonStartException.class)
                    .hasMessageContaining("Cannot listen on unix://" + path)
                    .hasMessageContaining("left alone")
                    .message()
                    .doesNotContain("\n");
        }

        assertThat(file).hasContent("precious");
        assertThat(folder).isDirectory();
        assertThat(link).isSymbolicLink();
        assertThat(Files.exists(dead, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void aMissingDirectoryIsNamed() {
        assertThatThrownBy(() -> SocketFile.bind(directory.resolve("no/d.sock"), 0600, BACKLOG))
                .isInstanceOf(DaemonStartException.class)
                .hasMessageContaining("directory does not exist");
    }

    @Test
    void onlyOurOwnSocketIsRemovedAtTheEnd() throws Exception {
        Path path = directory.resolve("d.sock");
        SocketFile socket = SocketFile.bind(path, 0600, BACKLOG);
        Files.delete(path);
        deadSocket(path);

        socket.close();
        socket.close();

        assertThat(Files.exists(path, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    private Path pathOfLength(int length) throws IOException {
        int missing = length - directory.toString().length() - 2;
        Path deep = Files.createDirectory(directory.resolve("d".repeat(missing / 2)));
        Path path = deep.resolve("s".repeat(missing - missing / 2));
        assertThat(path.toString()).hasSize(length);
        return path;
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    private static void connect(Path path) throws IOException {
        SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
    }

    private static void deadSocket(Path path) throws IOException {
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(path));
        }
    }
}
