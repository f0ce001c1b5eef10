package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A connection on which requests follow each other without waiting. Requests are written with single quotes. */
final class PipelinedConnection implements AutoCloseable {
    private static final int PATIENCE_MS = 30_000;

    private final Socket socket;
    private final BufferedReader answers;

    PipelinedConnection(RunningDaemon daemon) throws IOException {
        IpcEndpoint.Tcp endpoint = daemon.endpoint();
        socket = new Socket(endpoint.address(), endpoint.port());
        socket.setSoTimeout(PATIENCE_MS);
        socket.setTcpNoDelay(true);
        answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Sends a request under this id. */
    void send(int id, String request) throws IOException {
        sendAsIs("{'id':" + id + "," + request.substring(1));
    }

    /** Sends a request as it is. */
    void sendAsIs(String request) throws IOException {
        socket.getOutputStream().write((request.replace('\'', '"') + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The next line that the daemon sends. */
    JsonValue.Obj next() throws IOException {
        byte[] line = Objects.requireNonNull(answers.readLine(), "The daemon closed the connection")
                .getBytes(StandardCharsets.UTF_8);
        return (JsonValue.Obj) JsonReader.readValue(line, 0, line.length);
    }

    /** The error of an answer. */
    static JsonValue.Obj error(JsonValue.Obj answer) {
        if (answer.get("error") instanceof JsonValue.Obj error) {
            return error;
        }
        throw new AssertionError("no error: " + answer);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
