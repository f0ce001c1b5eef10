package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A listener on a free port whose answers a test writes: what a daemon may do, and what it never should. */
final class ScriptedDaemon implements AutoCloseable {

    /** What to do with one request. */
    @FunctionalInterface
    interface Script {
        void answer(String id, JsonValue.Obj request, Peer peer) throws IOException;
    }

    /** One connection, from the daemon's side. */
    record Peer(Socket socket) {
        void send(String text) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        /** As a daemon of protocol 1 does it. */
        void answerAndClose(String answer) throws IOException {
            send(answer + "\n");
            socket.close();
        }

        void succeed(String id, String data) throws IOException {
            send("{\"id\":" + id + ",\"success\":true,\"data\":" + data + "}\n");
        }
    }

    private final ServerSocket listener;
    private final Thread acceptor;
    private final Script script;
    private final List<JsonValue.Obj> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> peers = new CopyOnWriteArrayList<>();
    private final Semaphore hungUp = new Semaphore(0);

    ScriptedDaemon(Script script) throws IOException {
        this(0, script);
    }

    /** In the place of one that was closed. */
    ScriptedDaemon(int port, Script script) throws IOException {
        this.script = script;
        this.listener = listen(port);
        this.acceptor = start(this::accept);
    }

    /** The kernel lets go of a listener that was closed only when the thread in its accept has woken. */
    private static ServerSocket listen(int port) throws IOException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (true) {
            try {
                return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            } catch (BindException e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    IpcEndpoint endpoint() {
        return new IpcEndpoint.Tcp("127.0.0.1", listener.getInetAddress(), listener.getLocalPort());
    }

    List<JsonValue.Obj> requests() {
        return new ArrayList<>(requests);
    }

    int port() {
        return listener.getLocalPort();
    }

    int connections() {
        return peers.size();
    }

    /** Waits for the client to close one more connection; false if it does not. */
    boolean awaitHangUp() throws InterruptedException {
        return hungUp.tryAcquire(20, TimeUnit.SECONDS);
    }

    /** How many connections the client has closed beyond those that were waited for. */
    int hangUps() {
        return hungUp.availablePermits();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                peers.add(socket);
                Thread unused = start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try {
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                byte[] utf8 = line.getBytes(StandardCharsets.UTF_8);
                JsonValue.Obj request = JsonReader.readObject(utf8, 0, utf8.length);
                requests.add(request);
                script.answer(String.valueOf(request.get("id")), request, new Peer(socket));
            }
            hungUp.release();
        } catch (IOException e) {
            // the client is gone
        }
    }

    private static Thread start(Runnable work) {
        Thread thread = new Thread(work, "scripted-daemon");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Refuses new connections and serves those that there are. */
    void stopListening() throws IOException {
        listener.close();
        try {
            // Until it has woken, the kernel goes on accepting.
            acceptor.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        stopListening();
        for (Socket peer : peers) {
            peer.close();
        }
    }
}
