package io.github.opcuasm.cli.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a handle's mailboxes by {@code publish}, on a connection that is kept or on one for each call. */
final class MailboxReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final IpcEndpoint endpoint;
    private final String sessionId;
    private final boolean kept;
    private @Nullable IpcProbe connection;
    private int id;

    MailboxReader(IpcEndpoint endpoint, String sessionId, boolean kept) {
        this.endpoint = endpoint;
        this.sessionId = sessionId;
        this.kept = kept;
    }

    /** What a failure says. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final String type;

        Refused(JsonNode error) {
            super(error.toString());
            this.type = error.path("type").asText();
        }

        String type() {
            return type;
        }
    }

    /**
     * Acknowledges and asks for the next message.
     *
     * @return null if none came in time
     * @throws IOException if the connection is lost; whether the acknowledgements have arrived nobody knows
     */
    @Nullable
    ReadMessage publish(List<ReadMessage.Key> acknowledged, int maxWaitMillis) throws IOException, Refused {
        String params = "["
                + acknowledged.stream().map(ReadMessage.Key::acknowledgement).collect(Collectors.joining(",", "[", "]"))
                + ",null," + maxWaitMillis + "]";
        return ReadMessage.of(ask(ProtocolPeer.queryRequest(sessionId, "publish", params)));
    }

    private JsonNode ask(String request) throws IOException, Refused {
        JsonNode answer = JSON.readTree(kept ? onKeptConnection(request) : IpcProbe.ask(endpoint, request));
        if (!answer.path("success").booleanValue()) {
            throw new Refused(answer.path("error"));
        }
        return answer.path("data");
    }

    private String onKeptConnection(String request) throws IOException {
        IpcProbe open = connection;
        if (open == null) {
            open = IpcProbe.connect(endpoint);
            connection = open;
        }
        try {
            open.send(ProtocolPeer.kept(++id, request));
            String line = open.readLine();
            if (line == null) {
                throw new IOException("the daemon closed the connection");
            }
            return line;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Lets the connection go, as a reader that crashes. The next call connects anew. */
    @Override
    public void close() throws IOException {
        IpcProbe open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
