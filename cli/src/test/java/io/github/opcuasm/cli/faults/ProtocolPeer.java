package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A local process that speaks protocol 1: a connection for each request, the answer as the text that came. */
final class ProtocolPeer {
    private static final Pattern SESSION_ID = Pattern.compile("\"sessionId\":\"([0-9a-f]{32})\"");

    private final IpcEndpoint endpoint;

    ProtocolPeer(DaemonProcess daemon) {
        this.endpoint = daemon.endpoint();
    }

    String ask(String request) throws IOException {
        return IpcProbe.ask(endpoint, request);
    }

    void expectPing() throws IOException {
        assertThat(ask("{\"command\":\"ping\"}")).startsWith("{\"success\":true,\"data\":{\"status\":\"ok\"");
    }

    /** The answer to an {@code open}, whatever it is. */
    String tryOpen(String endpointUrl, String config) throws IOException {
        return ask(openRequest(endpointUrl, config));
    }

    /** The id of a session that must open. */
    String open(String endpointUrl, String config) throws IOException {
        return sessionId(tryOpen(endpointUrl, config));
    }

    String query(String sessionId, String method, String params) throws IOException {
        return ask(queryRequest(sessionId, method, params));
    }

    String close(String sessionId) throws IOException {
        return ask("{\"command\":\"close\",\"sessionId\":\"" + sessionId + "\"}");
    }

    static String openRequest(String endpointUrl, String config) {
        return "{\"command\":\"open\",\"endpointUrl\":\"" + endpointUrl + "\",\"config\":" + config + "}";
    }

    static String queryRequest(String sessionId, String method, String params) {
        return "{\"command\":\"query\",\"sessionId\":\"" + sessionId + "\",\"method\":\"" + method + "\",\"params\":"
                + params + "}";
    }

    /** The same request on a connection that is kept. */
    static String kept(int id, String request) {
        return "{\"id\":" + id + "," + request.substring(1) + "\n";
    }

    static String sessionId(String answer) {
        Matcher found = SESSION_ID.matcher(answer);
        assertThat(found.find()).as(answer).isTrue();
        return found.group(1);
    }
}
