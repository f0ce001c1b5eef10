package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.cli.CommandLineRun;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands against a server that is not ours. Its nodes are named by the URI of their namespace, as those who do not
 * know its index would; what they print is compared in all detail with the simulator's elsewhere.
 */
@RequiresNode
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeCommandsIT {
    private static final String NAMESPACE = "nsu=urn:opcuasm:interop;";

    private NodeServer server;
    private DaemonProcess daemon;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException, InterruptedException {
        server = NodeServer.start(directory.resolve("pki"));
        daemon = DaemonProcess.in(directory).start();
    }

    @AfterAll
    void stop() {
        if (daemon != null) {
            daemon.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void discoveryTellsEndpointsAndServers() {
        assertThat(ok("endpoints", server.url())).contains("None  None  level ", "anonymous");
        assertThat(ok("servers", server.url())).contains("interop", "urn:opcuasm:interop:server", "opc.tcp://");
        assertThat(ok("info", server.url())).contains("Running", "urn:opcuasm:interop");
    }

    @Test
    void nodesAreFoundReadAndWritten() {
        String url = server.url();
        String int64 = NAMESPACE + "s=Scratch/Scalar/Int64";
        String text = NAMESPACE + "s=Scratch/Scalar/LocalizedText";
        String status = NAMESPACE + "s=Scratch/Scalar/StatusCode";

        assertThat(ok("browse", url, "--class", "Object")).contains("Interop  Object  ns=");
        assertThat(ok("write", url, int64, "-9007199254740993", text, "Säge", status, "Bad_NodeIdUnknown")
                        .lines())
                .hasSize(3)
                .allMatch(line -> line.endsWith("  Good"));
        assertThat(ok("read", url, int64, text, status).lines())
                .anyMatch(line -> line.contains("  -9007199254740993  Int64 "))
                .anyMatch(line -> line.contains("  Säge "))
                .anyMatch(line -> line.contains("  Bad_NodeIdUnknown "));
        assertThat(ok("watch", url, int64, "--count", "1")).endsWith("  -9007199254740993\n");
    }

    @Test
    void methodsOfTheServerObjectAreShownAndCalled() {
        String shown = ok("methods", server.url(), "i=2253");

        assertThat(shown).contains("GetMonitoredItems(SubscriptionId: UInt32)", "ServerHandles: UInt32[]");
        assertThat(run("call", server.url(), "i=2253", "i=11492", "123456").code())
                .isEqualTo(3);
    }

    @Test
    void mistakesAreAnsweredWithWhatWasPerhapsMeant() {
        String namespace = index();

        CommandLineRun read = run("read", server.url(), namespace + "s=Scalar/Int23");
        CommandLineRun history = run("history", server.url(), namespace + "s=Scalar/Int32");
        CommandLineRun events = run("events", server.url(), "--select", "Mesage", "--duration", "0.1");

        assertThat(read.code()).isEqualTo(3);
        assertThat(read.stderr()).contains("did you mean " + namespace + "s=Scalar/Int32?");
        assertThat(history.code()).isEqualTo(1);
        assertThat(events.stderr()).contains("did you mean Message?");
    }

    @Test
    void statsCountWhatWasAsked() {
        String read = ok("query", server.url(), "read", "i=2258");

        assertThat(read).startsWith("{\"value\":\"20");
        assertThat(ok("stats")).contains("requests", server.url());
        assertThat(ok("hello")).contains("stats");
    }

    private String index() {
        String namespaces = ok("info", server.url());
        String row = namespaces
                .lines()
                .filter(line -> line.endsWith(" urn:opcuasm:interop"))
                .findFirst()
                .orElseThrow();
        return "ns=" + row.split(" +", -1)[1] + ";";
    }

    private String ok(String... arguments) {
        CommandLineRun run = run(arguments);
        assertThat(run.code()).as(run.stderr()).isZero();
        return run.stdout();
    }

    private CommandLineRun run(String... arguments) {
        return CommandLineRun.of(daemon.endpoint().uri(), arguments);
    }
}
