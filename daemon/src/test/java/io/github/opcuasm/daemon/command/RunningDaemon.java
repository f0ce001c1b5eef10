package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Simulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;

/** A daemon on a port of the system's choice, and a simulated server. Requests are written with single quotes. */
final class RunningDaemon implements AutoCloseable {
    private static final int PATIENCE_MS = 30_000;

    final Simulator simulator;
    private final SessionManagerDaemon daemon;

    RunningDaemon(UnaryOperator<DaemonConfig.Builder> options) throws DaemonStartException {
        this(options, Ticker.SYSTEM);
    }

    RunningDaemon(UnaryOperator<DaemonConfig.Builder> options, Ticker ticker) throws DaemonStartException {
        this(options, ticker, Simulator.builder().build());
        simulator.start();
    }

    private RunningDaemon(UnaryOperator<DaemonConfig.Builder> options, Ticker ticker, Simulator simulator)
            throws DaemonStartException {
        this.simulator = simulator;
        DaemonConfig config = options.apply(DaemonConfig.builder()
                        .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                        .keepAliveInterval(Duration.ofSeconds(120)))
                .build();
        daemon = new SessionManagerDaemon(config, ticker, InstantSource.system(), new Random(1));
        daemon.start();
    }

    /** Before this server, which is started, and closed with the daemon. */
    RunningDaemon(Simulator simulator, UnaryOperator<DaemonConfig.Builder> options) throws DaemonStartException {
        this(options, Ticker.SYSTEM, simulator);
        simulator.start();
    }

    /** Where it listens. */
    IpcEndpoint.Tcp endpoint() {
        return (IpcEndpoint.Tcp) daemon.boundEndpoints().get(0);
    }

    /** Everything that it listens on. */
    List<IpcEndpoint> endpoints() {
        return daemon.boundEndpoints();
    }

    /** As SIGHUP does. */
    void reload() {
        daemon.reload();
    }

    /** The answer to one protocol-1 request on one of the endpoints. */
    JsonValue.Obj askOn(int endpoint, String request) throws IOException {
        byte[] frame = (request.replace('\'', '"') + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] answer;
        if (daemon.boundEndpoints().get(endpoint) instanceof IpcEndpoint.Unix unix) {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(unix.path()))) {
                channel.write(ByteBuffer.wrap(frame));
                answer = Channels.newInputStream(channel).readAllBytes();
            }
        } else {
            IpcEndpoint.Tcp tcp = (IpcEndpoint.Tcp) daemon.boundEndpoints().get(endpoint);
            try (Socket socket = new Socket(tcp.address(), tcp.port())) {
                socket.setSoTimeout(PATIENCE_MS);
                socket.getOutputStream().write(frame);
                answer = socket.getInputStream().readAllBytes();
            }
        }
        return (JsonValue.Obj) JsonReader.readValue(answer, 0, answer.length);
    }

    /** The answer to one protocol-1 request. */
    JsonValue.Obj ask(String request) throws IOException {
        IpcEndpoint.Tcp endpoint = (IpcEndpoint.Tcp) daemon.boundEndpoints().get(0);
        try (Socket socket = new Socket(endpoint.address(), endpoint.port())) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.getOutputStream().write((request.replace('\'', '"') + "\n").getBytes(StandardCharsets.UTF_8));
            byte[] answer = socket.getInputStream().readAllBytes();
            return (JsonValue.Obj) JsonReader.readValue(answer, 0, answer.length);
        }
    }

    /** The answer to the last of some protocol-2 requests on one connection, each sent when the one before is answered. */
    JsonValue.Obj askKept(String... requests) throws IOException {
        IpcEndpoint.Tcp endpoint = (IpcEndpoint.Tcp) daemon.boundEndpoints().get(0);
        try (Socket socket = new Socket(endpoint.address(), endpoint.port())) {
            socket.setSoTimeout(PATIENCE_MS);
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            byte[] answer = new byte[0];
            for (String request : requests) {
                socket.getOutputStream().write((request.replace('\'', '"') + "\n").getBytes(StandardCharsets.UTF_8));
                answer = Objects.requireNonNull(answers.readLine()).getBytes(StandardCharsets.UTF_8);
            }
            return (JsonValue.Obj) JsonReader.readValue(answer, 0, answer.length);
        }
    }

    /** A connection for many protocol-2 requests, one after the other. */
    KeptConnection connect() throws IOException {
        IpcEndpoint.Tcp endpoint = (IpcEndpoint.Tcp) daemon.boundEndpoints().get(0);
        return new KeptConnection(new Socket(endpoint.address(), endpoint.port()), PATIENCE_MS);
    }

    /** The data of a request that succeeds. */
    JsonValue data(String request) throws IOException {
        JsonValue.Obj answer = ask(request);
        if (!(answer.get("success") instanceof JsonValue.Bool success) || !success.value()) {
            throw new AssertionError(request + " failed: " + answer);
        }
        return Objects.requireNonNull(answer.members().get("data"));
    }

    /** The error of a request that fails. */
    JsonValue.Obj error(String request) throws IOException {
        JsonValue.Obj answer = ask(request);
        if (!(answer.get("error") instanceof JsonValue.Obj error)) {
            throw new AssertionError(request + " succeeded: " + answer);
        }
        return error;
    }

    /** A request for a session with this config. */
    String opening(String config) {
        return "{'command':'open','endpointUrl':'" + simulator.endpointUrl() + "','config':" + config + "}";
    }

    /** As {@link #opening}, for a session that is shared with nobody. */
    String openingAnew(String config) {
        return opening(config).replace("'command'", "'forceNew':true,'command'");
    }

    static String text(JsonValue.Obj object, String member) {
        return object.get(member) instanceof JsonValue.Str text ? text.value() : "";
    }

    /** Opens a session with this config. */
    String open(String config) throws IOException {
        return text((JsonValue.Obj) data(opening(config)), "sessionId");
    }

    static String query(String sessionId, String method, String params) {
        return "{'command':'query','sessionId':'" + sessionId + "','method':'" + method + "','params':" + params + "}";
    }

    static String invoke(String sessionId, String method, String args) {
        return "{'command':'invoke','sessionId':'" + sessionId + "','method':'" + method + "','args':" + args + "}";
    }

    /** Another daemon before the same server. */
    RunningDaemon successor(UnaryOperator<DaemonConfig.Builder> options) throws DaemonStartException {
        return new RunningDaemon(options, Ticker.SYSTEM, simulator);
    }

    /** Ends the daemon, while the server goes on as it is. */
    void shutDown() {
        daemon.close();
    }

    @Override
    public void close() {
        simulator.faults().clear();
        daemon.close();
        simulator.close();
    }
}
