package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.certificates.CertificateAuthority;
import io.github.opcuasm.simulator.certificates.CertificateFiles;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
 * Repeats what was recorded of the reference daemon in front of its servers, secured ones among them, and expects of ours the same members, types
 * and values, but for the rules of {@link Rule} and the list {@code differences.txt} (docs/conformance.md). A test for
 * each exchange, named as in the recording.
 */
@RequiresNode
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceIT {
    /** The ports of the recording's servers, with what its server scripts are started with. */
    private static final Map<Integer, List<String>> TEST_SERVERS = Map.of(
            4840, List.of(),
            4841, List.of("--security", "users"),
            4842, List.of("--security", "certificates"),
            4843, List.of("--security", "all"),
            4846, List.of("--security", "sign"));

    /** The recording's server that accepts every client certificate is, for clients, the one with all policies. */
    private static final Map<Integer, Integer> SAME_SERVERS = Map.of(4845, 4843);

    private final List<NodeServer> servers = new CopyOnWriteArrayList<>();
    private DaemonProcess daemon;
    private List<RecordedExchange> exchanges;
    private Replay replay;

    @BeforeAll
    void startAll(@TempDir Path directory) throws IOException, InterruptedException, ExecutionException {
        Path user = certificates(directory.resolve("certs"));
        Map<String, String> urls = new HashMap<>();
        urls.put("opc.tcp://localhost:59999/x", "opc.tcp://127.0.0.1:" + closedPort() + "/x");
        ExecutorService starters = Executors.newFixedThreadPool(2);
        try {
            Future<NodeServer> types =
                    starters.submit(() -> started(NodeServer.Script.TYPES, directory.resolve("types-pki")));
            Map<Integer, Future<NodeServer>> testServers = new TreeMap<>();
            TEST_SERVERS.forEach((port, arguments) -> testServers.put(
                    port,
                    starters.submit(() -> started(
                            NodeServer.Script.TEST_SERVER,
                            directory.resolve("pki-" + port),
                            Stream.concat(arguments.stream(), Stream.of("--user-certificate", user.toString()))
                                    .toArray(String[]::new)))));
            urls.put("opc.tcp://localhost:4851/UA/Types", types.get().url());
            for (Map.Entry<Integer, Future<NodeServer>> server : testServers.entrySet()) {
                urls.put(recordedUrl(server.getKey()), server.getValue().get().url());
            }
        } finally {
            starters.shutdown();
        }
        SAME_SERVERS.forEach((port, same) -> urls.put(recordedUrl(port), urls.get(recordedUrl(same))));
        daemon = DaemonProcess.in(directory).start();
        exchanges = RecordedExchange.all();
        replay = new Replay(
                exchanges,
                Differences.load(),
                new Correspondence(urls, directory),
                daemon.endpoint(),
                urls.get("opc.tcp://localhost:4851/UA/Types"));
    }

    private NodeServer started(NodeServer.Script script, Path pki, String... arguments)
            throws IOException, InterruptedException {
        NodeServer server = NodeServer.start(script, pki, arguments);
        servers.add(server);
        return server;
    }

    private static String recordedUrl(int port) {
        return "opc.tcp://localhost:" + port + "/UA/TestServer";
    }

    /**
     * The files that the recorded requests name; returns the client's certificate, also its user's, as DER. It is its own
     * issuer: node-opcua takes others only with the revocation lists of theirs.
     */
    private static Path certificates(Path directory) throws IOException {
        Path ca = Files.createDirectories(directory.resolve("ca"));
        CertificateFiles client = new CertificateFiles(Files.createDirectories(directory.resolve("client")));
        IssuedCertificate issued =
                CertificateTemplate.client("urn:opcuasm:conformance:client").selfSigned();
        new CertificateFiles(ca)
                .pem("ca-cert.pem", CertificateAuthority.root("OPC UA Test CA").certificate());
        client.pem("cert.pem", issued.certificate());
        client.pkcs8Pem("key.pem", issued.privateKey());
        return client.der("cert.der", issued.certificate());
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
        servers.forEach(NodeServer::close);
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
