package io.github.opcuasm.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A daemon that answers every request with the same text, or none, and keeps what it was asked. */
final class AnsweringDaemon implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"id\":([0-9]+)");

    private final ServerSocket socket;
    private final String answer;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    private AnsweringDaemon(ServerSocket socket, String answer) {
        this.socket = socket;
        this.answer = answer;
    }

    /** @param answer the members of each answer besides its id */
    static AnsweringDaemon start(String answer) throws IOException {
        var daemon = new AnsweringDaemon(
                new ServerSocket(0, 10, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})), answer);
        Thread thread = new Thread(daemon::serve, "answering-daemon");
        thread.setDaemon(true);
        thread.start();
        return daemon;
    }

    static AnsweringDaemon succeeding(String data) throws IOException {
        return start("\"success\":true,\"data\":" + data);
    }

    static AnsweringDaemon failing(String type, String message, String more) throws IOException {
        return start(
                "\"success\":false,\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message + "\"" + more + "}");
    }

    /** One that reads and never answers. */
    static AnsweringDaemon silent() throws IOException {
        return start("");
    }

    String uri() {
        return "tcp://127.0.0.1:" + socket.getLocalPort();
    }

    /** The frames that came. */
    List<String> requests() {
        return requests;
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket peer = socket.accept()) {
                answer(peer);
            } catch (IOException e) {
                // The peer or the test has ended: the next one, if there is any.
            }
        }
    }

    private void answer(Socket peer) throws IOException {
        var reader = new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8));
        for (String frame = reader.readLine(); frame != null; frame = reader.readLine()) {
            requests.add(frame);
            if (answer.isEmpty()) {
                continue;
            }
            Matcher id = ID.matcher(frame);
            String line = "{\"id\":" + (id.find() ? id.group(1) : "0") + "," + answer + "}\n";
            peer.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
            peer.getOutputStream().flush();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
