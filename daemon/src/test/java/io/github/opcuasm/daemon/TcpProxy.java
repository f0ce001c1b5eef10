package io.github.opcuasm.daemon;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Stands between a client and an OPC UA server. It can stop taking what the client sends, with small buffers, and it can
 * change the server's messages.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int SMALL_BUFFER = 4096;
    private static final int HEADER = 8;

    private final ServerSocket listening;
    private final int serverPort;
    private final UnaryOperator<byte[]> change;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    /** @param change what the client gets of one message of the server's, header included */
    public TcpProxy(int serverPort, UnaryOperator<byte[]> change) throws IOException {
        this.serverPort = serverPort;
        this.change = change;
        listening = new ServerSocket();
        listening.setReceiveBufferSize(SMALL_BUFFER);
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start("accept", this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** Connections that clients have made. */
    public int connections() {
        return accepted.get();
    }

    /** From now on nothing is read from the clients that are connected now. */
    public void stall() {
        links.forEach(link -> link.stalled = true);
    }

    @Override
    public void close() throws IOException {
        listening.close();
        links.forEach(Link::end);
    }

    private void accept() throws IOException {
        while (true) {
            Link link = new Link(listening.accept(), new Socket(InetAddress.getLoopbackAddress(), serverPort));
            links.add(link);
            accepted.incrementAndGet();
            start("upstream", link::upstream);
            start("downstream", link::downstream);
        }
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException e) {
                        // The end of the socket is the end of the work.
                        Thread.currentThread().interrupt();
                    }
                },
                "tcp-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile boolean stalled;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void upstream() throws IOException, InterruptedException {
            try (InputStream from = client.getInputStream();
                    OutputStream to = server.getOutputStream()) {
                byte[] part = new byte[SMALL_BUFFER];
                for (int read = from.read(part); read >= 0; read = from.read(part)) {
                    if (stalled) {
                        ended.await();
                    }
                    to.write(part, 0, read);
                }
            } finally {
                end();
            }
        }

        void downstream() throws IOException {
            try (DataInputStream from = new DataInputStream(server.getInputStream());
                    OutputStream to = client.getOutputStream()) {
                while (true) {
                    byte[] header = from.readNBytes(HEADER);
                    if (header.length < HEADER) {
                        return;
                    }
                    ByteBuffer size = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
                    byte[] message = new byte[size.getInt(4)];
                    System.arraycopy(header, 0, message, 0, HEADER);
                    from.readFully(message, HEADER, message.length - HEADER);
                    to.write(change.apply(message));
                }
            } finally {
                end();
            }
        }

        void end() {
            links.remove(this);
            ended.countDown();
            try {
                client.close();
                server.close();
            } catch (IOException e) {
                // Closed is closed.
            }
        }
    }
}
