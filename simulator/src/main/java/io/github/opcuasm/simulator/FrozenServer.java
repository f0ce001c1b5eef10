package io.github.opcuasm.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A TCP port that accepts connections and never answers a byte, as a hung server does. It keeps at most
 * {@link #MAX_CONNECTIONS} connections open and closes further ones.
 */
public final class FrozenServer implements AutoCloseable {
    /** Connections that are kept open. */
    public static final int MAX_CONNECTIONS = 10_000;

    private static final long PATIENCE_MILLIS = 5_000;
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final ServerSocket listener;
    private final Thread acceptor;
    private final List<Socket> connections = new ArrayList<>();
    private long accepted;
    private boolean closed;

    private FrozenServer(ServerSocket listener) {
        this.listener = listener;
        this.acceptor = new Thread(this::accept, "frozen-server-" + listener.getLocalPort());
        acceptor.setDaemon(true);
    }

    /**
     * Listens on a free port of 127.0.0.1.
     *
     * @throws UncheckedIOException if there is none
     */
    public static FrozenServer start() {
        try {
            ServerSocket listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0), 1_024);
            FrozenServer server = new FrozenServer(listener);
            server.acceptor.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on a free port of 127.0.0.1: " + e.getMessage(), e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return listener.getLocalPort();
    }

    /** An endpoint URL that leads here. */
    public String endpointUrl() {
        return "opc.tcp://127.0.0.1:" + port() + Simulator.PATH;
    }

    /** Connections accepted so far. */
    public synchronized long accepted() {
        return accepted;
    }

    /** Closes the port and every connection, and returns when the port is free. */
    @Override
    public void close() {
        closeAll();
        try {
            // A socket in accept() keeps its port until that call is over.
            acceptor.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void closeAll() {
        closed = true;
        closeQuietly(listener);
        connections.forEach(FrozenServer::closeQuietly);
        connections.clear();
    }

    private void accept() {
        try {
            while (true) {
                keep(listener.accept());
            }
        } catch (IOException e) {
            // The listener was closed, or the process is out of descriptors: either way this port accepts no more.
            closeAll();
        }
    }

    private synchronized void keep(Socket connection) {
        accepted++;
        if (closed || connections.size() == MAX_CONNECTIONS) {
            closeQuietly(connection);
        } else {
            connections.add(connection);
        }
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // A socket that does not close cleanly is as gone as it gets.
            return;
        }
    }
}
