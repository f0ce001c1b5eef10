package io.github.opcuasm.interop;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The reference's daemon as it was recorded: takes one frame, passes over the members that it does not know, answers with
 * the very line that it answered then, in the order in which it did, and closes. What was never asked it answers with
 * {@code never_recorded}.
 */
final class RecordedDaemon implements AutoCloseable {
    private final ServerSocket listener;
    private final Map<JsonValue, Queue<String>> answers = new HashMap<>();
    private final AtomicInteger requests = new AtomicInteger();

    /**
     * One line of the recording.
     *
     * @param answer as it came, without its newline
     */
    record Exchange(JsonValue request, String answer) {
        /** Whether a client can ask this: an object with a command. */
        boolean isCommand() {
            return request instanceof JsonValue.Obj object && object.get("command") instanceof JsonValue.Str;
        }
    }

    RecordedDaemon(List<Exchange> exchanges) throws IOException {
        for (Exchange exchange : exchanges) {
            answers.computeIfAbsent(exchange.request(), request -> new ArrayDeque<>())
                    .add(exchange.answer());
        }
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "recorded-daemon");
        thread.setDaemon(true);
        thread.start();
    }

    /** The whole recording. */
    static List<Exchange> recording() throws IOException, CommandException {
        List<Exchange> exchanges = new ArrayList<>();
        try (InputStream stream = RecordedDaemon.class.getResourceAsStream("/conformance/exchanges.ndjson")) {
            if (stream == null) {
                throw new IOException("no recording on the class path");
            }
            var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String member = ",\"response\":";
                String answer = line.substring(line.lastIndexOf(member) + member.length(), line.length() - 1);
                JsonValue request = ((JsonValue.Obj) parse(line)).members().get("request");
                if (request == null) {
                    throw new IOException("no request in " + line);
                }
                exchanges.add(new Exchange(request, answer));
            }
        }
        return List.copyOf(exchanges);
    }

    static JsonValue parse(String json) throws CommandException {
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(utf8, 0, utf8.length);
    }

    IpcEndpoint endpoint() {
        return new IpcEndpoint.Tcp("127.0.0.1", listener.getInetAddress(), listener.getLocalPort());
    }

    int requests() {
        return requests.get();
    }

    private void serve() {
        try {
            while (true) {
                try (Socket socket = listener.accept()) {
                    var lines =
                            new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                    String line = lines.readLine();
                    if (line != null) {
                        requests.incrementAndGet();
                        socket.getOutputStream().write((answer(line) + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                } catch (CommandException e) {
                    throw new IOException(e);
                }
            }
        } catch (IOException e) {
            // closed, or a client that sent what the test will miss
        }
    }

    private String answer(String line) throws CommandException {
        Map<String, JsonValue> known = new LinkedHashMap<>(((JsonValue.Obj) parse(line)).members());
        known.remove("id");
        known.remove("timeoutMs");
        Queue<String> recorded = answers.get(new JsonValue.Obj(known));
        String answer = recorded == null ? null : recorded.poll();
        return answer == null ? "{\"success\":false,\"error\":{\"type\":\"never_recorded\",\"message\":\"\"}}" : answer;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
