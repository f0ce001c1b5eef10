package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A peer that takes an answer only as the protocol has it: one line that is one strictly valid JSON object, either
 * {@code data} or an error of a documented type, with a message for people. Requests are written with single quotes.
 *
 * <p>It has one connection for protocol 2, where the answer must come before the next request, and one for each request
 * of protocol 1, where nothing may follow the answer.
 */
final class StrictPeer implements AutoCloseable {
    private static final int PATIENCE_MS = 30_000;
    private static final int MAX_MESSAGE = 500;

    private final IpcEndpoint.Tcp endpoint;
    private final Socket kept;

    StrictPeer(RunningDaemon daemon) throws IOException {
        endpoint = daemon.endpoint();
        kept = connect();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(endpoint.address(), endpoint.port());
        socket.setSoTimeout(PATIENCE_MS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** The answer of protocol 1. */
    JsonValue.Obj ask(String request) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request.replace('\'', '"'));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(answer).as("%s: the end of the line", request).endsWith((byte) '\n');
            return checked(request, answer, answer.length - 1);
        }
    }

    /** The answer of protocol 2 to a request that has an {@code id}. */
    JsonValue.Obj askKept(String request) throws IOException {
        return askKeptAsWritten(request.replace('\'', '"'));
    }

    /** The answer of protocol 2 to a request that is written with double quotes. */
    JsonValue.Obj askKeptAsWritten(String request) throws IOException {
        send(kept, request);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        InputStream answers = kept.getInputStream();
        byte[] part = new byte[64 * 1024];
        boolean complete = false;
        while (!complete) {
            int read = answers.read(part);
            assertThat(read).as("%s: the connection", request).isPositive();
            line.write(part, 0, read);
            complete = part[read - 1] == '\n';
        }
        return checked(request, line.toByteArray(), line.size() - 1);
    }

    private static void send(Socket socket, String request) throws IOException {
        socket.getOutputStream().write((request + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static JsonValue.Obj checked(String request, byte[] answer, int length) {
        for (int i = 0; i < length; i++) {
            assertThat(answer[i] == '\n')
                    .as("%s: a line break at %s", request, i)
                    .isFalse();
        }
        JsonValue.Obj object = (JsonValue.Obj) JsonReader.readValue(answer, 0, length);
        JsonValue.Obj error = error(object);
        assertThat(object.get("success")).as(request).isEqualTo(new JsonValue.Bool(error == null));
        assertThat(object.members().containsKey("data")).as(request).isEqualTo(error == null);
        if (error != null) {
            assertThat(ErrorType.ofWireName(RunningDaemon.text(error, "type")))
                    .as("%s: %s", request, error)
                    .isPresent()
                    .get()
                    .isNotEqualTo(ErrorType.INTERNAL_ERROR);
            assertThat(RunningDaemon.text(error, "message"))
                    .as(request)
                    .isNotBlank()
                    .hasSizeLessThanOrEqualTo(MAX_MESSAGE);
        }
        return object;
    }

    /** The error of an answer; null for a success. */
    static JsonValue.@Nullable Obj error(JsonValue.Obj answer) {
        return (JsonValue.Obj) answer.get("error");
    }

    /** The data of an answer, which must be a success. */
    static JsonValue data(JsonValue.Obj answer) {
        assertThat(answer.members()).doesNotContainKey("error");
        return Objects.requireNonNull(answer.members().get("data"));
    }

    /** The elements of an array that must be one. */
    static List<JsonValue> elements(JsonValue array) {
        return Objects.requireNonNull(array.asArray());
    }

    /** A member that must be there. */
    static JsonValue member(JsonValue object, String name) {
        return Objects.requireNonNull(((JsonValue.Obj) object).members().get(name));
    }

    /** Status codes, one for each item of a request. */
    static List<Long> codes(JsonValue results) {
        return elements(results).stream()
                .map(code -> Long.valueOf(code.toString()))
                .toList();
    }

    /** The same request, of protocol 2. */
    static String kept(String request) {
        return request.replace("{'command'", "{'id':1,'command'");
    }

    @Override
    public void close() throws IOException {
        kept.close();
    }
}
