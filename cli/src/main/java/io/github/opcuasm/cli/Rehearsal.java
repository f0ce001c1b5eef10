package io.github.opcuasm.cli;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Loads the classes that the JVM is to list for an archive ({@link ArchiveBuilder}), by using them. Of clients it runs the
 * usual commands once each against a stand-in for the daemon, in this process. The stand-in answers with what a daemon on
 * the simulator answers, so that connecting, parsing, printing and failing are the real ones; nobody needs to have a daemon
 * or a server for it. The daemon is only started.
 */
final class Rehearsal {
    static final String OF_CLIENTS = "clients";
    static final String OF_DAEMON = "daemon";

    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final String URL = "opc.tcp://localhost:4840";
    private static final String DATA_VALUE =
            "{\"value\":12.5,\"type\":11,\"dimensions\":null,\"statusCode\":0,\"sourceTimestamp\":"
                    + "\"2026-11-22T00:00:00.1234567+00:00\",\"serverTimestamp\":\"2026-11-22T00:00:00.1234567+00:00\"}";
    private static final String REFERENCE =
            "{\"referenceTypeId\":{\"ns\":0,\"id\":35,\"type\":\"numeric\"},\"isForward\":true,\"nodeId\":{\"ns\":2,"
                    + "\"id\":\"Line\",\"type\":\"string\"},\"browseName\":{\"ns\":2,\"name\":\"Line\"},\"displayName\":"
                    + "{\"locale\":null,\"text\":\"Line\"},\"nodeClass\":1,\"typeDefinition\":{\"ns\":0,\"id\":61,"
                    + "\"type\":\"numeric\"}}";

    private static final List<List<String>> COMMANDS = List.of(
            List.of("ping"),
            List.of("ping", "--json"),
            List.of("list"),
            List.of("open", URL),
            List.of("read", URL, "i=2258", "ns=2;s=Line"),
            List.of("read", URL, "i=2258", "/Objects/2:Line", "--json"),
            List.of("write", URL, "ns=2;s=Line", "12.5"),
            List.of("browse", URL),
            List.of("watch", URL, "ns=2;s=Line", "--count", "1"),
            List.of("watch", URL, "ns=2;s=Line", "--count", "1", "--json"),
            List.of("close", "0123456789abcdef0123456789abcdef"),
            List.of("read", URL, "i=2258", "--socket", "/nowhere/d.sock"),
            List.of("read", "--help"),
            List.of(Completion.OPTION, "read", URL, "/Objects/"),
            List.of("rad"));

    private Rehearsal() {}

    /** Takes a directory with room for sockets, and what to rehearse. Ends the JVM if it takes unreasonably long. */
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        startThread(Rehearsal::haltLate);
        if (args[1].equals(OF_DAEMON)) {
            Main.main(new String[] {"--socket", daemonSocket(directory).toString()});
        } else {
            ClassArchive.renew(args);
            runClients(directory, Console.system());
            System.exit(0);
        }
    }

    /** There as soon as the daemon listens. */
    static Path daemonSocket(Path directory) {
        return directory.resolve("d.sock");
    }

    private static void runClients(Path directory, Console console) {
        Path socket = directory.resolve("rehearsal.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            startThread(() -> serve(server));
            for (List<String> command : COMMANDS) {
                Map<String, String> environment = Map.of(Endpoints.ENVIRONMENT, socket.toString());
                int unused = Main.run(
                        command.toArray(new String[0]),
                        new Console(console.out(), console.err(), environment, question -> null));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void startThread(Runnable work) {
        Thread thread = new Thread(work, "rehearsal");
        thread.setDaemon(true);
        thread.start();
    }

    private static void haltLate() {
        try {
            Thread.sleep(LIMIT.toMillis());
            Runtime.getRuntime().halt(ExitCode.FAILURE.code());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void serve(ServerSocketChannel server) {
        while (server.isOpen()) {
            try {
                SocketChannel peer = server.accept();
                startThread(() -> answerAll(peer));
            } catch (IOException e) {
                return; // all commands are over
            }
        }
    }

    private static void answerAll(SocketChannel peer) {
        try (peer) {
            answer(peer);
        } catch (IOException e) {
            // The command is over.
        }
    }

    private static void answer(SocketChannel peer) throws IOException {
        var requests = new BufferedReader(Channels.newReader(peer, StandardCharsets.UTF_8));
        var answers = new BufferedWriter(Channels.newWriter(peer, StandardCharsets.UTF_8));
        for (String request = requests.readLine(); request != null; request = requests.readLine()) {
            String id = request.startsWith("{\"id\":") ? request.substring(6, request.indexOf(',')) : "null";
            answers.write("{\"id\":" + id + ",\"success\":true,\"data\":" + data(request) + "}\n");
            if (request.contains("\"subscribe\"")) {
                answers.write("{\"id\":" + id
                        + ",\"event\":{\"type\":\"Notifications\",\"subscriptionId\":1,\"sequenceNumber\":1,\"epoch\":0,"
                        + "\"publishTime\":\"2026-11-22T00:00:00+00:00\",\"notifications\":[{\"type\":\"DataChange\","
                        + "\"clientHandle\":1,\"dataValue\":" + DATA_VALUE + "}]}}\n");
            }
            answers.flush();
        }
    }

    private static String data(String request) {
        if (request.contains("\"ping\"")) {
            return "{\"status\":\"ok\",\"sessions\":1,\"time\":1795305600.25}";
        }
        if (request.contains("\"list\"")) {
            return "{\"count\":1,\"sessions\":[{\"id\":\"0123456789abcdef0123456789abcdef\",\"endpointUrl\":\"" + URL
                    + "\",\"lastUsed\":1795305600.25,\"config\":{},\"state\":\"Connected\",\"holders\":1,"
                    + "\"connection\":null,\"subscriptions\":[]}]}";
        }
        if (request.contains("\"open\"")) {
            return "{\"sessionId\":\"0123456789abcdef0123456789abcdef\",\"reused\":true}";
        }
        if (request.contains("\"readMulti\"")) {
            return "[" + DATA_VALUE + "," + DATA_VALUE + "]";
        }
        if (request.contains("\"browse")) {
            return "[{\"reference\":" + REFERENCE + ",\"children\":[]}]";
        }
        if (request.contains("\"resolveNodeId\"")) {
            return "{\"ns\":2,\"id\":\"Line\",\"type\":\"string\"}";
        }
        if (request.contains("\"subscribe\"")) {
            return "{\"subscriptionId\":1,\"revisedPublishingInterval\":500.0,\"revisedLifetimeCount\":2400,"
                    + "\"revisedMaxKeepAliveCount\":10,\"items\":[{\"statusCode\":0,\"monitoredItemId\":1,"
                    + "\"revisedSamplingInterval\":500.0,\"revisedQueueSize\":10}],\"events\":[]}";
        }
        return request.contains("\"write\"") ? "0" : "{}";
    }
}
