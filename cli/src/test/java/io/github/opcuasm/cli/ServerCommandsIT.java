package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
        assertThat(refused(2, "call", url, "ns=2;s=Methods", "ns=2;s=Methods/Add", "1.5", "x"))
                .contains("ARG 2: got \"x\" for Double, expected a number", "nothing was sent");
        assertThat(refused(3, "call", url, "ns=2;s=Methods", "ns=2;s=Methods/Add", "1.5"))
                .contains("`methods TARGET OBJECT` shows the arguments");

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

    @Test
    void unknownNodesAndMethodsAreAnsweredWithTheNearestOnes() throws Exception {
        String url = server.endpointUrl();

        assertThat(refused(3, "read", url, "ns=2;s=Scalars/Doubel", "ns=3;s=Scalars/Int32"))
                .contains("did you mean ns=2;s=Scalars/Double?", "did you mean ns=2;s=Scalars/Int32?");
        assertThat(refused(3, "read", url, "ns=2;s=Scalars/Doubel", "--json")).isEmpty();
        assertThat(refused(1, "write", url, "ns=2;s=Scalars/Doubel", "1"))
                .contains("did you mean ns=2;s=Scalars/Double?", "nothing was sent");
        assertThat(refused(1, "browse", url, "ns=2;s=Scalrs")).contains("did you mean ns=2;s=Scalars?");
        assertThat(refused(1, "resolve", url, "/Objects/2:Simulator/2:Scalrs/2:Int32"))
                .contains("did you mean /Objects/2:Simulator/2:Scalars/2:Int32?");
        assertThat(refused(1, "history", url, "ns=2;s=History/Rmp")).contains("did you mean ns=2;s=History/Ramp?");
        assertThat(refused(2, "call", url, "ns=2;s=Methods", "ns=2;s=Methods/Ad", "1"))
                .contains("did you mean ns=2;s=Methods/Add?");
        assertThat(refused(2, "types", url, "Colr")).contains("did you mean Color?");
        assertThat(refused(2, "query", url, "raed", "i=1")).contains("did you mean read?");
    }

    @Test
    void sessionIdThatIsAlmostRightIsAnsweredWithTheOpenOne() throws Exception {
        String session = ok("open", server.endpointUrl()).substring(0, 32);
        String mistyped = session.substring(0, 31) + (session.endsWith("0") ? "1" : "0");

        assertThat(refused(1, "read", mistyped, "i=2258")).contains("did you mean " + session + "?");
    }

    /** The text of a value is made and read by its type; the server has the last word on both. */
    @Test
    void whatReadShowsIsWrittenBackUnchanged() throws Exception {
        String url = server.endpointUrl();
        List<String> nodes = new ArrayList<>();
        for (String type : List.of(
                "Boolean",
                "SByte",
                "Byte",
                "Int16",
                "UInt16",
                "Int32",
                "UInt32",
                "Int64",
                "UInt64",
                "Float",
                "Double",
                "String",
                "DateTime",
                "Guid",
                "ByteString",
                "XmlElement",
                "NodeId",
                "ExpandedNodeId",
                "StatusCode",
                "QualifiedName",
                "LocalizedText")) {
            nodes.add("ns=2;s=Scalars/" + type);
            nodes.add("ns=2;s=Arrays/" + type);
        }
        nodes.addAll(List.of(
                "ns=2;s=Arrays/Matrix",
                "ns=2;s=Types/Enum",
                "ns=2;s=Types/EnumArray",
                "ns=2;s=Types/Duration",
                "ns=2;s=Structures/Point",
                "ns=2;s=Structures/PolygonArray",
                "ns=2;s=Structures/PointMatrix"));
        List<String> before = values(url, nodes);
        List<String> write = new ArrayList<>(List.of("write", url));
        for (int i = 0; i < nodes.size(); i++) {
            write.add(nodes.get(i));
            write.add(before.get(i));
        }

        String written = ok(write.toArray(String[]::new));

        assertThat(written.lines()).hasSize(nodes.size()).allMatch(line -> line.endsWith("  Good"));
        assertThat(values(url, nodes)).isEqualTo(before);
    }

    @Test
    void numbersBelowZeroAndBeyondDoublesAreWrittenExactly() throws Exception {
        String url = server.endpointUrl();

        String written = ok("write", url, "ns=2;s=Scalars/Int64", "-9007199254740993", "ns=2;s=Scalars/Float", "-inf");

        assertThat(written.lines()).hasSize(2);
        assertThat(values(url, List.of("ns=2;s=Scalars/Int64", "ns=2;s=Scalars/Float")))
                .containsExactly("-9007199254740993", "-Infinity");
    }

    @Test
    void noneOfSeveralValuesIsWrittenIfOneDoesNotFit() throws Exception {
        String url = server.endpointUrl();
        long before = server.counters().received(Service.WRITE);

        assertThat(refused(2, "write", url, "ns=2;s=Scalars/UInt16", "7", "ns=2;s=Types/Enum", "Gren"))
                .contains("expected one of Red, Green, Blue; did you mean Green?", "nothing was sent");
        assertThat(refused(2, "write", url, "ns=2;s=Scalars/UInt16")).contains("VALUE: expected one behind");

        assertThat(server.counters().received(Service.WRITE)).isEqualTo(before);
    }

    @Test
    void methodsAreShownAsCallsThatWork() throws Exception {
        String shown = ok("methods", server.endpointUrl(), "ns=2;s=Methods");

        assertThat(shown).contains("2:Add(Augend: Double, Addend: Double) → Sum: Double\n");
        String pasted = shown.lines()
                .filter(line -> line.contains("Methods/Add"))
                .findFirst()
                .orElseThrow();
        assertThat(ok(pasted.strip()
                        .substring("opcua-session-manager ".length())
                        .replace("'", "")
                        .split(" ", -1)))
                .isEqualTo("Good\n  0.0  Double\n");
        assertThat(ok("methods", server.endpointUrl(), "ns=2;s=Methods", "--json"))
                .contains("\"inputArguments\":[{\"name\":\"Augend\",\"dataType\":\"i=11\",\"typeName\":\"Double\"");
    }

    /** Ids and properties that somebody may copy stay whole: not listed here are the tables that have such. */
    @Test
    void noTableIsWiderThanTheTerminal() throws Exception {
        String url = server.endpointUrl();

        for (List<String> line : List.of(
                List.of("endpoints", url),
                List.of("servers", url),
                List.of("types", url),
                List.of("types", url, "Everything"),
                List.of("browse", url, "--depth", "2"),
                List.of("read", url, "ns=2;s=Scalars/String", "ns=2;s=Structures/Everything"),
                List.of("history", url, "ns=2;s=History/Ramp", "--count", "5"))) {
            var narrow = new CommandRun().environment("COLUMNS", "40");
            List<String> words = new ArrayList<>(line);
            words.addAll(List.of("--socket", daemon.endpoint().uri()));

            int code = narrow.run(words.toArray(String[]::new));

            assertThat(code).as(narrow.stderr()).isZero();
            assertThat(narrow.stdout().lines())
                    .as(line.toString())
                    .isNotEmpty()
                    .allSatisfy(shown -> assertThat(CellText.width(shown)).isLessThanOrEqualTo(40));
        }
    }

    @Test
    void statsAreShownAgainAndAgain() throws Exception {
        assertThat(ok("stats", "--watch", "0.01", "--count", "3", "--json").lines())
                .hasSize(3)
                .allMatch(line -> line.startsWith("{\"daemon\":{\"version\":"));
        assertThat(refused(2, "stats", "--count", "3")).contains("--count: expected --watch beside it");
    }

    @Test
    void historyAsCsvHasAHeaderAndTheColumnsOfWatch() throws Exception {
        String csv = ok("history", server.endpointUrl(), "ns=2;s=History/Ramp", "--count", "1", "--csv");

        assertThat(csv).matches("time,node,value,type,status\r\n20[^,]+,ns=2;s=History/Ramp,[0-9.]+,Double,Good\r\n");
        assertThat(refused(2, "history", server.endpointUrl(), "i=1", "--csv", "--json"))
                .contains("got both --csv and --json");
    }

    @Test
    void historyThatIsCutSaysSo() throws Exception {
        CommandRun cut = run(0, "history", server.endpointUrl(), "ns=2;s=History/Ramp", "--from", "2h", "--csv");
        CommandRun all =
                run(0, "history", server.endpointUrl(), "ns=2;s=History/Ramp", "--from", "2h", "--csv", "--count", "0");

        assertThat(cut.stdout().lines()).hasSize(1_001);
        assertThat(cut.stderr()).contains("1000 values are shown, there are more: --count 0 shows all");
        assertThat(all.stdout().lines()).hasSizeGreaterThan(1_001);
        assertThat(all.stderr()).isEmpty();
        assertThat(ok("history", server.endpointUrl(), "ns=2;s=History/Ramp", "--count", "1", "--json"))
                .contains("\"truncated\":true");
    }

    @Test
    void aBadValueOfAHistoryIsInTheExitCode() throws Exception {
        assertThat(run(3, "history", server.endpointUrl(), "ns=2;s=History/Steps")
                        .stdout())
                .contains("Bad_SensorFailure");
    }

    @Test
    void mistakesAreNamedAsTheOptionsAre() throws Exception {
        String url = server.endpointUrl();
        String managed = "ns=2;s=Managed";

        assertThat(refused(2, "node", "add", url, managed, "x", "--id", "foo")).contains("--id: got foo");
        assertThat(refused(2, "node", "add", url, managed, "")).contains("NAME: got \"\"");
        assertThat(refused(2, "node", "add", url, managed, "x", "--type", "Int32", "--value", "99999999999"))
                .contains("--value: ", "(nothing was sent)");
        assertThat(refused(2, "node", "add", url, managed, "x", "--class", "Foo"))
                .contains("ReferenceType, DataType");
        assertThat(ok("node", "add", url, managed, "y", "--type-definition", "FolderType"))
                .contains("Good");
        assertThat(refused(2, "history", url, "ns=2;s=History/Ramp", "--aggregate", "Count", "--every", "1ms"))
                .contains("--every: ");
        assertThat(refused(1, "history", url, "ns=2;s=Nope"))
                .contains("ns=2;s=Nope: ")
                .doesNotContain("did you mean");
        assertThat(refused(2, "history", "insert", url, "ns=2;s=Nope", "2026-01-01T09:00:00Z", "1"))
                .contains("NODE: there is no node ns=2;s=Nope");
    }

    private static List<String> values(String url, List<String> nodes) {
        List<String> words = new ArrayList<>(List.of("read", url));
        words.addAll(nodes);
        return ok(words.toArray(String[]::new))
                .lines()
                .map(line -> line.split(" {2,}", -1)[1])
                .toList();
    }

    private static String ok(String... arguments) {
        return run(0, arguments).stdout();
    }

    private static String refused(int exitCode, String... arguments) {
        return run(exitCode, arguments).stderr();
    }

    private static CommandRun run(int exitCode, String... arguments) {
        var command = new CommandRun();
        // Suggestions have a share of the time for an answer; a busy machine needs more than a person would wait.
        String[] all = Arrays.copyOf(arguments, arguments.length + 4);
        all[arguments.length + 2] = "--timeout";
        all[arguments.length + 3] = "1800";
        all[arguments.length] = "--socket";
        all[arguments.length + 1] = daemon.endpoint().uri();

        int code = command.run(all);

        assertThat(code).as(command.stderr()).isEqualTo(exitCode);
        return command;
    }
}
