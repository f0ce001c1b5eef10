package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Repeats what was recorded of the reference daemon in front of two servers, and expects of ours the same members, types
 * and values, but for the rules of {@link Rule} and the list {@code differences.txt} (docs/conformance.md). A test for
 * each exchange, named as in the recording.
 */
@RequiresNode
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceIT {
    private NodeServer types;
    private NodeServer testServer;
    private DaemonProcess daemon;
    private List<RecordedExchange> exchanges;
    private Replay replay;

    @BeforeAll
    void startAll(@TempDir Path directory) throws IOException, InterruptedException, ExecutionException {
        ExecutorService starters = Executors.newFixedThreadPool(2);
        try {
            Future<NodeServer> first =
                    starters.submit(starting(NodeServer.Script.TYPES, directory.resolve("types-pki")));
            Future<NodeServer> second =
                    starters.submit(starting(NodeServer.Script.TEST_SERVER, directory.resolve("test-pki")));
            types = first.get();
            testServer = second.get();
        } finally {
            starters.shutdown();
        }
        daemon = DaemonProcess.in(directory).start();
        exchanges = RecordedExchange.all();
        replay = new Replay(
                exchanges, Differences.load(), new Correspondence(urls(), directory), daemon.endpoint(), types.url());
    }

    private static Callable<NodeServer> starting(NodeServer.Script script, Path pki) {
        return () -> NodeServer.start(script, pki);
    }

    /** The recording's secured servers are not here, so whatever asks for security gets as far as the other one. */
    private Map<String, String> urls() throws IOException {
        Map<String, String> urls = new HashMap<>();
        urls.put("opc.tcp://localhost:4851/UA/Types", types.url());
        for (int port : new int[] {4840, 4841, 4842, 4843, 4845, 4846}) {
            urls.put("opc.tcp://localhost:" + port + "/UA/TestServer", testServer.url());
        }
        urls.put("opc.tcp://localhost:59999/x", "opc.tcp://127.0.0.1:" + closedPort() + "/x");
        return urls;
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @AfterAll
    void stopAll() {
        if (daemon != null) {
            daemon.close();
        }
        if (types != null) {
            types.close();
        }
        if (testServer != null) {
            testServer.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> exchanges() {
        return exchanges.stream()
                .map(exchange -> DynamicTest.dynamicTest(
                        exchange.key(),
                        () -> assertThat(replay.problemsOf(exchange))
                                .as(exchange.key())
                                .isEmpty()));
    }
}
