package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is offered of names that no server should have. A socket that answers every request with one stands in for a daemon. */
@Timeout(60)
class CompletionTest {
    @TempDir
    private static Path directory;

    @Test
    void namesThatAreNoLineAreNotOffered() throws Exception {
        Path socket = directory.resolve("d.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread daemon = new Thread(() -> serve(server));
            daemon.setDaemon(true);
            daemon.start();
            CommandRun run = new CommandRun()
                    .environment("OPCUA_SOCKET_PATH", socket.toString())
                    .environment("OPCUA_COMPLETION_TIMEOUT", "20");

            int code = run.run(Completion.OPTION, "read", "opc.tcp:");

            assertThat(code).isZero();
            assertThat(run.stdout()).isEqualTo("opc.tcp://good\n");
        }
    }

    @Test
    void namesOfTheSpecificationAreOfferedAsValues() throws Exception {
        CommandRun run = new CommandRun();

        int unused = run.run(Completion.OPTION, "history", "sim", "ns=2;s=X", "--aggregate", "Worst");
        unused = run.run(Completion.OPTION, "node", "add", "sim", "ns=2;s=X", "x", "--class", "Vari");

        assertThat(run.stdout().lines()).containsExactly("WorstQuality", "WorstQuality2", "Variable", "VariableType");
    }

    private static void serve(ServerSocketChannel server) {
        try (SocketChannel peer = server.accept()) {
            var requests = new BufferedReader(Channels.newReader(peer, StandardCharsets.UTF_8));
            for (String request = requests.readLine(); request != null; request = requests.readLine()) {
                String id = request.startsWith("{\"id\":") ? request.substring(6, request.indexOf(',')) : "null";
                String answer = "{\"id\":" + id + ",\"success\":true,\"data\":{\"count\":3,\"sessions\":["
                        + session("opc.tcp://a\\nopc.tcp://forged") + "," + session("opc.tcp://b\\tforged") + ","
                        + session("opc.tcp://good") + "]}}\n";
                int unused = peer.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String session(String url) {
        return "{\"id\":\"0123456789abcdef0123456789abcdef\",\"endpointUrl\":\"" + url
                + "\",\"lastUsed\":1795305600.25,\"config\":{},\"state\":\"Connected\",\"holders\":1,"
                + "\"connection\":null,\"subscriptions\":[]}";
    }
}
