package io.github.opcuasm.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The daemon as a script sees it: connect, send a line, read until the daemon closes. Reads strictly: an answer is one
 * line with one JSON object, no duplicate member, nothing after it.
 */
final class JsonLines {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final Path socket;

    private JsonLines(Path socket) {
        this.socket = socket;
    }

    /** The way to a daemon on a Unix socket. */
    static JsonLines to(DaemonProcess daemon) {
        return new JsonLines(((IpcEndpoint.Unix) daemon.endpoint()).path());
    }

    /** The whole answer. */
    JsonNode ask(String request) throws IOException {
        return parse(line(request));
    }

    /** The answer as it came, without its newline. */
    String line(String request) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer frame = StandardCharsets.UTF_8.encode(request + "\n");
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
            var answer = new ByteArrayOutputStream();
            ByteBuffer part = ByteBuffer.allocate(65_536);
            while (channel.read(part) >= 0) {
                answer.write(part.array(), 0, part.position());
                part.clear();
            }
            String text = answer.toString(StandardCharsets.UTF_8);
            if (text.isEmpty() || text.indexOf('\n') != text.length() - 1) {
                throw new IOException("Not one line: " + text);
            }
            return text.substring(0, text.length() - 1);
        }
    }

    static JsonNode parse(String json) throws JsonProcessingException {
        return JSON.readTree(json);
    }

    /** The text as a JSON string, quotes included. */
    static String quoted(String text) throws JsonProcessingException {
        return JSON.writeValueAsString(text);
    }
}
