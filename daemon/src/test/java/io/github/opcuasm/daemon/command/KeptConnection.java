package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.WireReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A connection to a daemon that stays open: protocol 2, in which null arrays and the seventh digit of a time show. One
 * request at a time. Requests are JSON as it is sent, with double quotes.
 */
final class KeptConnection implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader answers;

    KeptConnection(Socket socket, int patienceMs) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(patienceMs);
        socket.setTcpNoDelay(true);
        answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The answer to a query, success or not. */
    JsonValue.Obj query(String sessionId, String method, String params) throws IOException {
        return ask("{\"id\":1,\"command\":\"query\",\"sessionId\":\"" + sessionId + "\",\"method\":\"" + method
                + "\",\"params\":" + params + "}");
    }

    /** The data of a query that succeeds. */
    JsonValue data(String sessionId, String method, String params) throws IOException {
        JsonValue.Obj answer = query(sessionId, method, params);
        return Objects.requireNonNull(
                answer.members().get("data"), () -> method + params + " failed: " + answer.get("error"));
    }

    /** The data of an invoke that succeeds, in the plain shapes of a query's. */
    JsonValue invoked(String sessionId, String method, String args) throws IOException {
        JsonValue.Obj answer = ask("{\"id\":1,\"command\":\"invoke\",\"sessionId\":\"" + sessionId + "\",\"method\":\""
                + method + "\",\"args\":" + args + "}");
        JsonValue.Obj data = (JsonValue.Obj) Objects.requireNonNull(
                answer.members().get("data"), () -> method + args + " failed: " + answer.get("error"));
        return WireReader.read(Objects.requireNonNull(data.members().get("data")), method);
    }

    private JsonValue.Obj ask(String request) throws IOException {
        socket.getOutputStream().write((request + "\n").getBytes(StandardCharsets.UTF_8));
        byte[] answer = Objects.requireNonNull(answers.readLine(), "The daemon closed the connection")
                .getBytes(StandardCharsets.UTF_8);
        return (JsonValue.Obj) JsonReader.readValue(answer, 0, answer.length);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
