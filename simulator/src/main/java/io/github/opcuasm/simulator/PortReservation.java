package io.github.opcuasm.simulator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a port for a listener that is away for a while, by a socket that is bound and neither listens nor
 * connects: connecting to the port is refused, and nobody else is given it. Without it, a client that keeps
 * trying to reach a stopped server on an ephemeral port can get that very port for its own end and connect to
 * itself, or any other socket can take it before the server returns.
 *
 * <p>A listener with SO_REUSEADDR can bind beside the reservation where the system follows BSD. Where it does not
 * let us reserve, we go without.
 */
final class PortReservation implements AutoCloseable {
    private final Socket socket;

    private PortReservation(Socket socket) {
        this.socket = socket;
    }

    static @Nullable PortReservation of(InetSocketAddress address) {
        Socket socket = new Socket();
        try {
            socket.setReuseAddress(true);
            socket.bind(address);
            return new PortReservation(socket);
        } catch (IOException e) {
            closeQuietly(socket);
            return null;
        }
    }

    @Override
    public void close() {
        closeQuietly(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // An unconnected socket has nothing left to lose.
            return;
        }
    }
}
