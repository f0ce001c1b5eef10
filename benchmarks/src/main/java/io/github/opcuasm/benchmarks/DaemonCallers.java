package io.github.opcuasm.benchmarks;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes callers of one daemon. Requests are lines without their newline. */
final class DaemonCallers {
    static final String PING = "{\"command\":\"ping\"}";

    private static final Pattern SESSION_ID = Pattern.compile("\"sessionId\":\"([0-9a-f]{32})\"");
    private static final int ANSWER_BYTES = 64 * 1024;

    private final UnixDomainSocketAddress address;

    DaemonCallers(Path socket) {
        this.address = UnixDomainSocketAddress.of(socket);
    }

    /** A caller with one connection for all its requests, which protocol 2 keeps open. */
    Caller kept(String request) throws IOException {
        ByteBuffer bytes = direct("{\"id\":1," + request.substring(1));
        RawConnection connection = RawConnection.to(address, ByteBuffer.allocateDirect(ANSWER_BYTES));
        return new Caller() {
            @Override
            public void call() throws IOException {
                connection.exchange(bytes);
            }

            @Override
            public void close() throws IOException {
                connection.close();
            }
        };
    }

    /** A caller that connects for each request, as {@code nc} and PHP programs do. */
    Caller single(String request) {
        ByteBuffer bytes = direct(request);
        ByteBuffer answer = ByteBuffer.allocateDirect(ANSWER_BYTES);
        return new Caller() {
            @Override
            public void call() throws IOException {
                try (RawConnection connection = RawConnection.to(address, answer)) {
                    connection.exchange(bytes);
                }
            }

            @Override
            public void close() {}
        };
    }

    /** The answer to one request on a connection of its own. */
    String ask(String request) throws IOException {
        ByteBuffer answer = ByteBuffer.allocateDirect(ANSWER_BYTES);
        try (RawConnection connection = RawConnection.to(address, answer)) {
            connection.exchange(direct(request));
        }
        return StandardCharsets.UTF_8.decode(answer.flip()).toString();
    }

    /**
     * Opens a session and returns its id.
     *
     * @param members of the request beside endpoint and command, such as {@code "forceNew":true}
     */
    String open(String endpointUrl, String members) throws IOException {
        String answer = ask("{\"command\":\"open\",\"endpointUrl\":\"" + endpointUrl + "\"," + members + "}");
        Matcher id = SESSION_ID.matcher(answer);
        if (!id.find()) {
            throw new IOException("no session id: " + answer);
        }
        return id.group(1);
    }

    /** A request that reads the Value of a node with a string identifier. */
    static String read(String sessionId, int namespace, String identifier) {
        return "{\"command\":\"query\",\"sessionId\":\"" + sessionId + "\",\"method\":\"read\",\"params\":[{\"ns\":"
                + namespace + ",\"id\":\"" + identifier + "\",\"type\":\"string\"}]}";
    }

    private static ByteBuffer direct(String request) {
        byte[] line = (request + "\n").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(line.length).put(line);
    }
}
