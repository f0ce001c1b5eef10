package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More connections than the daemon takes. */
class SilentConnectionsIT {
    private static final int SILENT = 2_000;
    private static final int LIMIT = 1_024;

    @TempDir
    private Path directory;

    @Test
    void aNewcomerIsServedAmongTwoThousandSilentConnections() throws Exception {
        // The JVM raises its soft limit to the hard one by itself, and so does the daemon's.
        assumeTrue(
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                        && system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount() > 2 * SILENT,
                "this system allows a process too few open files");
        List<SocketChannel> silent = new ArrayList<>();
        try (var daemon = DaemonProcess.in(directory).start()) {
            for (int i = 0; i < SILENT; i++) {
                silent.add(connect(daemon));
            }

            String answer = IpcProbe.ask(daemon.endpoint(), "{\"command\":\"ping\"}");

            assertThat(answer).contains("\"status\":\"ok\"");
            // Each newcomer above the limit, the one with the ping included, took the place of the oldest.
            int dropped = SILENT - LIMIT + 1;
            await().atMost(Duration.ofSeconds(20)).until(() -> countEnded(silent) == dropped);
            assertThat(hasEnded(silent.get(0))).isTrue();
            assertThat(ping(silent.get(SILENT - 1))).contains("\"status\":\"ok\"");
            assertThat(countEnded(silent)).isEqualTo(dropped + 1L);
        } finally {
            for (SocketChannel channel : silent) {
                channel.close();
            }
        }
    }

    @Test
    void aConnectionThatIsInUseMakesNoRoom() throws Exception {
        try (var daemon = DaemonProcess.in(directory).start("--max-connections", "2");
                IpcProbe first = IpcProbe.connect(daemon.endpoint());
                IpcProbe second = IpcProbe.connect(daemon.endpoint())) {
            for (IpcProbe kept : List.of(first, second)) {
                kept.send(ProtocolPeer.kept(1, "{\"command\":\"ping\"}"));
                assertThat(kept.readLine()).contains("\"status\":\"ok\"");
            }

            try (IpcProbe newcomer = IpcProbe.connect(daemon.endpoint())) {
                assertThat(newcomer.readLine()).contains("\"too_many_connections\"", "Too many concurrent connections");
                assertThat(newcomer.readLine()).isNull();
            }

            first.send(ProtocolPeer.kept(2, "{\"command\":\"ping\"}"));
            assertThat(first.readLine()).contains("\"id\":2", "\"status\":\"ok\"");
        }
    }

    private static SocketChannel connect(DaemonProcess daemon) throws IOException {
        IpcEndpoint.Unix endpoint = (IpcEndpoint.Unix) daemon.endpoint();
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(endpoint.path()));
        channel.configureBlocking(false);
        return channel;
    }

    private static long countEnded(List<SocketChannel> channels) throws IOException {
        long ended = 0;
        for (SocketChannel channel : channels) {
            ended += hasEnded(channel) ? 1 : 0;
        }
        return ended;
    }

    private static boolean hasEnded(SocketChannel channel) throws IOException {
        return channel.read(ByteBuffer.allocate(1)) < 0;
    }

    private static String ping(SocketChannel channel) throws IOException {
        channel.configureBlocking(true);
        channel.write(ByteBuffer.wrap("{\"command\":\"ping\"}\n".getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(4096);
        int count;
        do {
            count = channel.read(answer);
        } while (count >= 0);
        channel.configureBlocking(false);
        return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }
}
