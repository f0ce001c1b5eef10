package io.github.opcuasm.simulator.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The two ends of a link, as plain sockets: a listener in the place of the server, and clients. */
final class LinkPeers implements AutoCloseable {
    static final int PATIENCE_MILLIS = 10_000;

    final ServerSocket listener;
    final FaultyLink link;
    private final List<Socket> sockets = new ArrayList<>();

    LinkPeers() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(PATIENCE_MILLIS);
        link = FaultyLink.before("opc.tcp://127.0.0.1:" + listener.getLocalPort() + "/plant");
    }

    /** A client's socket. */
    Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), link.port()), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** The server's socket of the next connection. */
    Socket accept() throws IOException {
        Socket socket = listener.accept();
        sockets.add(socket);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** A final chunk of so many bytes in all, whose body is one repeated letter. */
    static byte[] chunk(MessageType type, int size, char letter) {
        byte[] chunk = new byte[size];
        Arrays.fill(chunk, (byte) letter);
        ByteBuffer.wrap(chunk)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((type.name() + "F").getBytes(StandardCharsets.US_ASCII))
                .putInt(size);
        return chunk;
    }

    static void send(Socket socket, byte[]... parts) throws IOException {
        for (byte[] part : parts) {
            socket.getOutputStream().write(part);
        }
    }

    static void send(Socket socket, String text) throws IOException {
        send(socket, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** What comes until the stream ends. */
    static byte[] rest(Socket socket) throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    static String receive(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        link.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        listener.close();
    }
}
