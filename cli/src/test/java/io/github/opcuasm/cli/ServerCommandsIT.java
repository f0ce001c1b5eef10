package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands that look around on a server and act on it. They run in this JVM, against a daemon in its own: that a
 * command is a process too, {@link ClientCommandsIT} shows.
 */
@Timeout(60)
class ServerCommandsIT {
    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @Test
    void browseShowsATreeFromAPath() throws Exception {
        assertThat(ok("browse", server.endpointUrl(), "/Objects/2:Simulator/2:Methods", "--depth", "2"))
                .startsWith("/Objects/2:Simulator/2:Methods\n")
                .contains("├─ 2:Add  Method  ns=2;s=Methods/Add\n│  ├─ InputArguments  Variable  ");
        assertThat(ok("browse", server.endpointUrl(), "--class", "object"))
                .contains("2:Simulator  Object  ns=2;s=Simulator")
                .doesNotContain("Variable");
        assertThat(ok("browse", "--json", server.endpointUrl(), "i=85"))
                .contains("\"nodes\":[{\"reference\":{\"referenceTypeId\":{\"ns\":0,\"id\":35,\"type\":\"numeric\"}");
    }

    @Test
    void wrongArgumentsAreNamedBeforeAnythingIsAsked() throws Exception {
        assertThat(refused(2, "browse", server.endpointUrl(), "--depth", "0")).contains("--depth: got 0");
        assertThat(refused(2, "browse", server.endpointUrl(), "--class", "Varable"))
                .contains("did you mean Variable?");
        assertThat(refused(2, "history", server.endpointUrl(), "i=1", "--from", "yesterday"))
                .contains("--from: got yesterday", "2h (two hours ago)");
        assertThat(refused(2, "history", server.endpointUrl(), "i=1", "--aggregate", "Average"))
                .contains("--aggregate and --every belong together");
        assertThat(refused(2, "history", server.endpointUrl(), "i=1", "--aggregate", "Averge", "--every", "5m"))
                .contains("did you mean Average?");
    }

    @Test
    void resolveFindsANodeAndNamesTheStepThatIsMissing() throws Exception {
        assertThat(ok("resolve", server.endpointUrl(), "/Objects/2:Simulator/2:Scalars/2:Int32"))
                .isEqualTo("ns=2;s=Scalars/Int32\n");
        assertThat(refused(1, "resolve", server.endpointUrl(), "/Objects/2:Simulator/2:Scolars/2:Int32"))
                .contains("2:Scolars", "Bad_NoMatch");
    }

    @Test
    void callTakesTheTypesFromTheServerOrFromAPrefix() throws Exception {
        String url = server.endpointUrl();
        long before = server.calls().count();

        assertThat(ok("call", url, "ns=2;s=Methods", "ns=2;s=Methods/Add", "1.5", "2"))
                .isEqualTo("Good\n  3.5  Double\n");
        assertThat(ok("call", url, "ns=2;s=Methods", "ns=2;s=Methods/Echo", "Byte:7"))
                .contains("7  Byte");
        assertThat(refused(2, "call", url, "ns=2;s=Methods", "ns=2;s=Methods/Echo", "7"))
                .contains("ARG 1 (", "Int32:1");
        assertThat(refused(1, "call", url, "ns=2;s=Methods", "ns=2;s=Methods/Add", "1.5", "x"))
                .contains("does not fit Double", "nothing was sent");
        assertThat(refused(3, "call", url, "ns=2;s=Methods", "ns=2;s=Methods/Add", "1.5"))
                .isEmpty();

        assertThat(server.calls().count() - before).isEqualTo(2);
    }

    @Test
    void historyIsReadRawAtTimesAndAggregated() throws Exception {
        String url = server.endpointUrl();

        assertThat(ok("history", url, "ns=2;s=History/Ramp", "--count", "3").lines())
                .hasSize(3)
                .allMatch(line -> line.endsWith("Good"));
        assertThat(ok("history", url, "ns=2;s=History/Ramp", "--at", "10m").lines())
                .hasSize(1);
        assertThat(ok("history", url, "ns=2;s=History/Ramp", "--from", "15m", "--aggregate", "average", "--every", "5m")
                        .lines())
                .hasSize(3);
        assertThat(ok("history", url, "ns=2;s=History/Empty")).contains("no values in that time");
        assertThat(refused(1, "history", url, "ns=2;s=Scalars/Int32")).contains("Bad_HistoryOperationUnsupported");
    }

    @Test
    void endpointsNeedNoSession() throws Exception {
        long before = server.counters().sessionsCreated();

        assertThat(ok("endpoints", server.endpointUrl())).startsWith(server.endpointUrl() + "  None  None  level ");

        assertThat(server.counters().sessionsCreated()).isEqualTo(before);
        assertThat(refused(1, "endpoints", "http://plc")).contains("opc.tcp://host");
    }

    @Test
    void infoTellsMakeStateAndNamespaces() throws Exception {
        assertThat(ok("info", server.endpointUrl()))
                .contains("OPC UA simulator", "Running", "namespace 0", "http://opcfoundation.org/UA/");
        assertThat(ok("info", "--json", server.endpointUrl())).contains("\"productName\":\"OPC UA simulator\"");
    }

    @Test
    void structuresAreShownByTheirFieldsAndWrittenFromThem() throws Exception {
        String url = server.endpointUrl();
        String node = "ns=2;s=Structures/OptionalsAll";

        String before = ok("read", url, node);
        String written = ok("write", url, node, "{\"Id\":7,\"Active\":true}");
        String after = ok("read", url, node);

        assertThat(before).contains("{\"Id\":");
        assertThat(written).endsWith("Good\n");
        assertThat(after).contains("{\"Id\":7,\"Active\":true}");
    }

    private static String ok(String... arguments) {
        return run(0, arguments).stdout();
    }

    private static String refused(int exitCode, String... arguments) {
        return run(exitCode, arguments).stderr();
    }

    private static CommandRun run(int exitCode, String... arguments) {
        var command = new CommandRun();
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--socket";
        all[arguments.length + 1] = daemon.endpoint().uri();

        int code = command.run(all);

        assertThat(code).as(command.stderr()).isEqualTo(exitCode);
        return command;
    }
}
