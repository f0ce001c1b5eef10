package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A local process, as the daemon sees it: a plain socket of the JDK's. Every wait has a bound. */
final class TestPeer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024).flip();

    private TestPeer(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    static TestPeer connect(IpcEndpoint endpoint) throws IOException {
        if (endpoint instanceof IpcEndpoint.Unix unix) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(unix.path()));
            return new TestPeer(channel);
        }
        IpcEndpoint.Tcp tcp = (IpcEndpoint.Tcp) endpoint;
        SocketChannel channel = SocketChannel.open();
        // Else the kernel takes megabytes for a peer that does not read.
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
        channel.connect(new InetSocketAddress(tcp.address(), tcp.port()));
        return new TestPeer(channel);
    }

    TestPeer send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    TestPeer send(byte[] bytes) throws IOException {
        ByteBuffer output = ByteBuffer.wrap(bytes);
        while (output.hasRemaining()) {
            if (channel.write(output) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
        return this;
    }

    /** What the kernel takes without anybody reading on the other side; the number of bytes. */
    int sendWhatFits(byte[] bytes) throws IOException {
        ByteBuffer output = ByteBuffer.wrap(bytes);
        int taken;
        do {
            taken = channel.write(output);
        } while (taken > 0 && output.hasRemaining());
        return output.position();
    }

    TestPeer halfClose() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** The next line without its newline, or null at the end of the stream. */
    @Nullable
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (input.hasRemaining()) {
                byte next = input.get();
                if (next == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                line.write(next);
            }
            if (!fill()) {
                return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
            }
        }
    }

    List<String> lines(int count) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(String.valueOf(line()));
        }
        return lines;
    }

    /** Everything up to the end of the stream. */
    String rest() throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        do {
            while (input.hasRemaining()) {
                rest.write(input.get());
            }
        } while (fill());
        return rest.toString(StandardCharsets.UTF_8);
    }

    /** Whether the daemon closed or reset the connection; throws away what comes before. */
    boolean seesEnd() {
        try {
            rest();
            return true;
        } catch (IOException reset) {
            return !(reset instanceof SocketTimeoutException);
        }
    }

    private boolean fill() throws IOException {
        input.clear();
        int read;
        while ((read = channel.read(input)) == 0) {
            await(SelectionKey.OP_READ);
        }
        input.flip();
        return read > 0;
    }

    private void await(int operation) throws IOException {
        Objects.requireNonNull(channel.keyFor(selector)).interestOps(operation);
        selector.selectedKeys().clear();
        if (selector.select(PATIENCE.toMillis()) == 0) {
            throw new SocketTimeoutException("nothing happened for " + PATIENCE);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
