package io.github.opcuasm.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The server of one of this module's scripts, a process of its own. It can be ended and started again on the same port;
 * every start begins with the same values.
 *
 * <p>Its standard input is a pipe that this JVM holds open: the server ends by itself when the pipe closes, so it never
 * outlives the tests, however they end.
 */
final class NodeServer implements AutoCloseable {
    private static final int START_ATTEMPTS = 3;
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 60;

    /** A script, from the module's folder, and the path of its server's URL. */
    enum Script {
        INTEROP("server.mjs", "/interop"),
        SECURED("secured.mjs", "/secured"),
        STRUCTURES("structures.mjs", "/structures"),
        SERVICES("services.mjs", "/services"),
        TYPES("conformance/types.mjs", "/UA/Types"),
        TEST_SERVER("conformance/test-server.mjs", "/UA/TestServer");

        private final String file;
        private final String resourcePath;

        Script(String file, String resourcePath) {
            this.file = file;
            this.resourcePath = resourcePath;
        }
    }

    private final Script script;
    private final Path pki;
    private final List<String> arguments;
    private final int port;
    private Running running;

    private NodeServer(Script script, Path pki, List<String> arguments, int port, Running running) {
        this.script = script;
        this.pki = pki;
        this.arguments = arguments;
        this.port = port;
        this.running = running;
    }

    /** The server of {@code server.mjs}. */
    static NodeServer start(Path pki) throws IOException, InterruptedException {
        return start(Script.INTEROP, pki);
    }

    /**
     * Starts one on a free port and returns when it accepts. The port is found by binding it first, so another process
     * may take it in between: then the next one is tried.
     *
     * @param pki where the server keeps its certificate; reused by the next start
     * @param more arguments of the script beside port and folder
     */
    static NodeServer start(Script script, Path pki, String... more) throws IOException, InterruptedException {
        List<String> arguments = List.of(more);
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            try {
                return new NodeServer(script, pki, arguments, port, Running.start(script, pki, arguments, port));
            } catch (IOException e) {
                if (attempt == START_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    String url() {
        return "opc.tcp://127.0.0.1:" + port + script.resourcePath;
    }

    /** SIGKILL: connections break without a word. */
    void kill() throws InterruptedException {
        running.process.destroyForcibly();
        running.awaitEnd();
    }

    /** SIGTERM: the server closes its sessions and channels. */
    void stop() throws InterruptedException {
        running.process.destroy();
        running.awaitEnd();
    }

    /** Starts again on the same port, after {@link #kill} or {@link #stop}; returns when the server accepts. */
    void restart() throws IOException, InterruptedException {
        if (running.process.isAlive()) {
            throw new IllegalStateException("The server still runs");
        }
        running = Running.start(script, pki, arguments, port);
    }

    /** Ends it by force: what a test wanted to see of an orderly end it has seen. */
    @Override
    public void close() {
        running.process.destroyForcibly();
        running.process.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** One life of the server. */
    private static final class Running {
        private static final int KEPT_LINES = 50;

        private final Process process;
        private final CompletableFuture<Void> ready = new CompletableFuture<>();
        private final Deque<String> lastLines = new ArrayDeque<>();

        private Running(Process process) {
            this.process = process;
        }

        static Running start(Script script, Path pki, List<String> arguments, int port)
                throws IOException, InterruptedException {
            var command =
                    new ProcessBuilder("node", script.file, "--port", Integer.toString(port), "--pki", pki.toString());
            command.command().addAll(arguments);
            command.directory(NodePresence.directory().toFile()).redirectErrorStream(true);
            var running = new Running(command.start());
            var reader = new Thread(running::drain, "node-server-" + port);
            reader.setDaemon(true);
            reader.start();
            running.awaitReady();
            return running;
        }

        /** Reads to the end, so that the server never blocks on a full pipe; keeps the last lines for messages. */
        private void drain() {
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("READY ")) {
                        ready.complete(null);
                    }
                    keep(line);
                }
                ready.completeExceptionally(new IOException("The server ended: " + output()));
            } catch (IOException e) {
                ready.completeExceptionally(e);
            }
        }

        private void keep(String line) {
            synchronized (lastLines) {
                if (lastLines.size() == KEPT_LINES) {
                    lastLines.removeFirst();
                }
                lastLines.addLast(line);
            }
        }

        private String output() {
            synchronized (lastLines) {
                return String.join("\n", lastLines);
            }
        }

        private void awaitReady() throws IOException, InterruptedException {
            try {
                ready.get(START_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                process.destroyForcibly();
                throw new IOException("The server did not get ready: " + output(), e);
            }
        }

        private void awaitEnd() throws InterruptedException {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("The server did not end: " + output());
            }
        }
    }
}
