package io.github.opcuasm.testkit;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * A raw IPC connection for tests: sends any bytes, reads lines, and sees the end of the daemon's stream. Every wait has a
 * deadline of ten seconds, a {@link SocketTimeoutException} when it passes. Not for use by several threads.
 *
 * <pre>{@code
 * try (var probe = IpcProbe.connect(daemon.endpoint())) {
 *     probe.send("{\"command\":\"ping\"}\n");
 *     assertThat(probe.readLine()).contains("\"status\":\"ok\"");
 *     assertThat(probe.readLine()).isNull();
 * }
 * }</pre>
 */
public final class IpcProbe implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final List<ProbeObserver> OBSERVERS = ServiceLoader.load(ProbeObserver.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer inbox = ByteBuffer.allocate(64 * 1024).flip();
    private final List<ProbeObserver.Conversation> observed;

    private IpcProbe(SocketChannel channel, Selector selector, SelectionKey key) {
        this.observed = OBSERVERS.stream().map(ProbeObserver::connected).toList();
        this.channel = channel;
        this.selector = selector;
        this.key = key;
    }

    /** Connects to a Unix socket or a port. */
    public static IpcProbe connect(IpcEndpoint endpoint) throws IOException {
        SocketChannel channel = SocketChannel.open(address(endpoint));
        channel.configureBlocking(false);
        Selector selector = Selector.open();
        return new IpcProbe(channel, selector, channel.register(selector, SelectionKey.OP_READ));
    }

    private static SocketAddress address(IpcEndpoint endpoint) {
        if (endpoint instanceof IpcEndpoint.Unix unix) {
            return UnixDomainSocketAddress.of(unix.path());
        }
        IpcEndpoint.Tcp tcp = (IpcEndpoint.Tcp) endpoint;
        return new InetSocketAddress(tcp.address(), tcp.port());
    }

    /** One protocol-1 exchange on a connection of its own: the answer's line. */
    public static String ask(IpcEndpoint endpoint, String request) throws IOException {
        try (IpcProbe probe = connect(endpoint)) {
            probe.send(request + "\n");
            String answer = probe.readLine();
            if (answer == null) {
                throw new IOException("the daemon closed the connection without an answer");
            }
            return answer;
        }
    }

    /** Sends the text as it is, in UTF-8: a frame needs its newline. */
    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends all the bytes. */
    public void send(byte[] bytes) throws IOException {
        observed.forEach(conversation -> conversation.sent(bytes));
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            int unused = channel.write(buffer);
            if (!buffer.hasRemaining()) {
                return;
            }
            await(SelectionKey.OP_WRITE, end);
        }
    }

    /** Ends our side of the stream; answers can still be read. */
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** The next line without its newline; null if the daemon ended its stream first. */
    public @Nullable String readLine() throws IOException {
        var line = new ByteArrayOutputStream();
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            while (inbox.hasRemaining()) {
                byte next = inbox.get();
                if (next == '\n') {
                    String text = line.toString(StandardCharsets.UTF_8);
                    observed.forEach(conversation -> conversation.received(text));
                    return text;
                }
                line.write(next);
            }
            inbox.clear();
            int count = channel.read(inbox);
            inbox.flip();
            if (count < 0) {
                return null;
            }
            if (count == 0) {
                await(SelectionKey.OP_READ, end);
            }
        }
    }

    private void await(int operation, long end) throws IOException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("nothing happened within " + LIMIT.toSeconds() + " s");
        }
        key.interestOps(operation);
        selector.select(Math.max(1, left / 1_000_000));
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
