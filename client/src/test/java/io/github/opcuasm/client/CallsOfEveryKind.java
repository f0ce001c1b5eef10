package io.github.opcuasm.client;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that needs nothing but the client: blocking, asynchronous, found by itself, and refused. */
final class CallsOfEveryKind {
    private CallsOfEveryKind() {}

    public static void main(String[] args) throws Exception {
        IpcEndpoint endpoint = IpcEndpoint.parse(args[0]);
        try (DaemonClient client = DaemonClient.connect(endpoint, ClientOptions.DEFAULTS)) {
            client.ping();
            client.query(Target.server("opc.tcp://plc", Map.of("opcuaTimeout", 1.5)), "read", "i=1");
            client.commandAsync("ping", Map.of(), true).get(20, TimeUnit.SECONDS);
            try {
                client.subscribe(StreamRequest.of(Target.connection("plc")).item("i=1", 1))
                        .close();
                throw new IllegalStateException("expected no subscription");
            } catch (ConnectionLostException e) {
                // an answer without one
            }
            try {
                AutoStart.at(endpoint).connect(ClientOptions.DEFAULTS).close();
                throw new IllegalStateException("expected no version");
            } catch (ConnectionLostException e) {
                // nor this
            }
        }
        System.out.print("done\n");
    }
}
