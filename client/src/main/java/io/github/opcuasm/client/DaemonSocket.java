package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Opens sockets to the daemon: not blocking, connected within a time or until the thread is interrupted. */
final class DaemonSocket {
    private static final long QUEUE_FULL_PAUSE_NANOS = 5_000_000;

    private DaemonSocket() {}

    /** @param end in {@link System#nanoTime()}'s nanoseconds */
    static SocketChannel connect(IpcEndpoint endpoint, long end) throws IOException {
        return endpoint instanceof IpcEndpoint.Unix unix
                ? connect(unix, end)
                : connect((IpcEndpoint.Tcp) endpoint, end);
    }

    /**
     * A Unix socket connects at once or not at all. An error other than "refused" on a socket that may be written to means
     * that the queue of its listener is full, so it is tried again with a new channel.
     */
    private static SocketChannel connect(IpcEndpoint.Unix endpoint, long end) throws IOException {
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            boolean connected = false;
            try {
                channel.configureBlocking(false);
                connected = channel.connect(UnixDomainSocketAddress.of(endpoint.path()));
            } catch (ConnectException e) {
                throw e; // nobody listens
            } catch (SocketException e) {
                if (!Files.isWritable(endpoint.path())) {
                    throw e;
                }
            } finally {
                if (!connected) {
                    channel.close();
                }
            }
            if (connected) {
                return channel;
            }
            if (System.nanoTime() - end >= 0) {
                throw new IOException("it does not accept in time");
            }
            LockSupport.parkNanos(QUEUE_FULL_PAUSE_NANOS);
            requireNotInterrupted();
        }
    }

    private static SocketChannel connect(IpcEndpoint.Tcp endpoint, long end) throws IOException {
        SocketChannel channel = SocketChannel.open();
        boolean connected = false;
        try (Selector selector = Selector.open()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            connected = channel.connect(new InetSocketAddress(endpoint.address(), endpoint.port()));
            channel.register(selector, connected ? 0 : SelectionKey.OP_CONNECT);
            while (!connected) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new IOException("it does not accept in time");
                }
                selector.select(millis(left));
                selector.selectedKeys().clear();
                connected = channel.finishConnect();
                if (!connected) {
                    requireNotInterrupted();
                }
            }
            if (Objects.equals(channel.getLocalAddress(), channel.getRemoteAddress())) {
                // A port that nobody has may be given to this very connection, which then meets itself.
                connected = false;
                throw new ConnectException("nobody listens");
            }
            return channel;
        } finally {
            if (!connected) {
                channel.close();
            }
        }
    }

    /** An interrupted thread would not wait, but ask again and again. It stays interrupted. */
    private static void requireNotInterrupted() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while it did not accept yet");
        }
    }

    static String reason(Exception failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /** At least 1: 0 stands for ever. */
    static long millis(long nanos) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    static void closeQuietly(@Nullable Closeable... things) {
        for (Closeable thing : things) {
            try {
                if (thing != null) {
                    thing.close();
                }
            } catch (IOException ignored) {
                // closing is all that is wanted
            }
        }
    }
}
