package io.github.opcuasm.cli.faults;

import static io.github.opcuasm.cli.faults.ProtocolPeer.kept;
import static io.github.opcuasm.cli.faults.ProtocolPeer.queryRequest;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes increasing numbers to a node of its own, some at a time on one kept connection, and keeps what became of each.
 * After a write that failed it reads once, which waits for the session as reads do: so it neither spins while there is no
 * server nor misses the moment when there is one.
 */
final class NumberedWriter {
    /** What a caller is told of a write. */
    enum Told {
        GOOD,
        NOT_SENT,
        UNKNOWN,
        /** An answer without an outcome: the server said no. */
        REFUSED
    }

    /** What a writer was told of one number, and in which fault. */
    record Answer(Told told, String during, String text) {}

    private static final int AT_ONCE = 4;
    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

    private final IpcEndpoint daemon;
    private final String sessionId;
    private final String nodeId;
    private final int typeId;
    private final Supplier<String> fault;
    private final Map<Integer, Answer> answers = new HashMap<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int next;
    private final AtomicInteger good = new AtomicInteger();
    private volatile boolean stopped;

    /**
     * A writer that has not been started.
     *
     * @param typeId of the node's numeric type
     * @param first the first number
     * @param fault what happens at the moment
     */
    NumberedWriter(IpcEndpoint daemon, String sessionId, String nodeId, int typeId, int first, Supplier<String> fault) {
        this.daemon = daemon;
        this.sessionId = sessionId;
        this.nodeId = nodeId;
        this.typeId = typeId;
        this.next = first;
        this.fault = fault;
    }

    void start() {
        Thread thread = new Thread(
                () -> {
                    try (IpcProbe connection = IpcProbe.connect(daemon)) {
                        while (!stopped) {
                            write(connection);
                        }
                        ended.complete(null);
                    } catch (IOException | RuntimeException e) {
                        ended.completeExceptionally(e);
                    }
                },
                "writer-of-" + nodeId);
        thread.setDaemon(true);
        thread.start();
    }

    /** How many writes were answered Good so far. */
    int good() {
        return good.get();
    }

    /** Lets the writes under way be answered; fails if an answer is missing. */
    Map<Integer, Answer> stop() throws Exception {
        stopped = true;
        ended.get(60, TimeUnit.SECONDS);
        return answers;
    }

    /** The number after the last one written, once stopped. */
    int next() {
        return next;
    }

    private void write(IpcProbe connection) throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < AT_ONCE; i++) {
            int number = next++;
            requests.append(kept(
                    number, queryRequest(sessionId, "write", "[\"" + nodeId + "\"," + number + "," + typeId + "]")));
        }
        connection.send(requests.toString());
        boolean failed = false;
        for (int i = 0; i < AT_ONCE; i++) {
            String line = line(connection);
            Matcher id = ID.matcher(line);
            if (!id.find()) {
                throw new IOException("an answer without its id: " + line);
            }
            Told told = told(line);
            failed |= told != Told.GOOD;
            Answer before = answers.put(
                    Integer.parseInt(id.group(1)), new Answer(told, fault.get(), told == Told.GOOD ? "" : line));
            if (before != null) {
                throw new IOException("answered twice: " + before + " and " + line);
            }
        }
        if (failed) {
            connection.send(kept(0, queryRequest(sessionId, "read", "[\"" + nodeId + "\"]")));
            String unused = line(connection);
        }
    }

    private Told told(String line) {
        if (line.contains("\"data\":0")) {
            good.incrementAndGet();
            return Told.GOOD;
        } else if (line.contains("\"outcome\":\"not_sent\"")) {
            return Told.NOT_SENT;
        }
        return line.contains("\"outcome\":\"unknown\"") ? Told.UNKNOWN : Told.REFUSED;
    }

    private static String line(IpcProbe connection) throws IOException {
        String line = connection.readLine();
        if (line == null) {
            throw new IOException("the daemon closed the connection");
        }
        return line;
    }
}
