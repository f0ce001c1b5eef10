package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A listener that does not accept: its queue is full. */
@Timeout(60)
class DaemonSocketTest {
    private static final int MORE_THAN_THE_QUEUE = 8;

    private final List<SocketChannel> queue = new ArrayList<>();

    @AfterEach
    void leave() throws IOException {
        for (SocketChannel each : queue) {
            each.close();
        }
    }

    @Test
    void anInterruptEndsTheWaitForAUnixSocket(@TempDir Path directory) throws Exception {
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path path = directory.resolve("s");
            listener.bind(UnixDomainSocketAddress.of(path), 1);
            fill(StandardProtocolFamily.UNIX, listener.getLocalAddress());

            assertInterruptible(IpcEndpoint.parse(path.toString()));
        }
    }

    @Test
    void anInterruptEndsTheWaitForATcpPort() throws Exception {
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            listener.bind(new InetSocketAddress(loopback, 0), 1);
            fill(StandardProtocolFamily.INET, listener.getLocalAddress());

            int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            assertInterruptible(new IpcEndpoint.Tcp("127.0.0.1", loopback, port));
        }
    }

    private static void assertInterruptible(IpcEndpoint endpoint) {
        ClientOptions options = ClientOptions.DEFAULTS.withConnectTimeout(Duration.ofSeconds(10));
        Thread.currentThread().interrupt();
        boolean stays;
        DaemonNotRunningException failure;

        try {
            failure = catchThrowableOfType(
                    DaemonNotRunningException.class, () -> DaemonClient.connect(endpoint, options));
        } finally {
            stays = Thread.interrupted();
        }

        assertThat(failure).hasMessageContaining("interrupted while it did not accept yet");
        assertThat(stays).isTrue();
    }

    private void fill(StandardProtocolFamily family, SocketAddress address) throws IOException {
        for (int i = 0; i < MORE_THAN_THE_QUEUE; i++) {
            SocketChannel channel = SocketChannel.open(family);
            queue.add(channel);
            channel.configureBlocking(false);
            try {
                boolean unused = channel.connect(address);
            } catch (IOException e) {
                return; // the queue of a Unix socket is full
            }
        }
    }
}
