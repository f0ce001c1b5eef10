package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Reads, writes and browses node-opcua through the daemon's process. Tests that write use the nodes below
 * {@code Scratch} and {@code Odd}, so the order of the tests does not matter.
 */
@RequiresNode
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeOpcUaIT {
    private static final String NAMESPACE_URI = "urn:opcuasm:interop";
    private static final String HIERARCHICAL_REFERENCES = "\"i=33\"";
    private static final int CHILDREN = 300;
    private static final int REFERENCES_PER_PAGE = 100;
    private static final int NODES_PER_READ = 40;
    private static final int NODES_PER_WRITE = 20;
    private static final long GOOD = 0;

    private NodeServer server;
    private DaemonProcess daemon;
    private ScriptSession session;
    private int namespaceIndex;

    @BeforeAll
    void startBoth(@TempDir Path directory) throws IOException, InterruptedException {
        server = NodeServer.start(directory.resolve("pki"));
        daemon = DaemonProcess.in(directory).start();
        session = ScriptSession.open(JsonLines.to(daemon), server.url(), "{}");
        namespaceIndex = namespaceIndex();
    }

    @AfterAll
    void stopBoth() {
        if (daemon != null) {
            daemon.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsAScalarOfEveryType(ForeignValue expected) throws IOException {
        JsonNode read = session.read(node("Scalar/" + expected.nodeName));

        assertThat(read.get("value")).isEqualTo(JsonLines.parse(expected.scalar));
        assertGood(read, expected.builtinType);
    }

    @ParameterizedTest
    @EnumSource
    void readsAnArrayOfEveryType(ForeignValue expected) throws IOException {
        JsonNode read = session.read(node("Array/" + expected.nodeName));

        assertThat(read.get("value")).isEqualTo(JsonLines.parse(expected.array));
        assertGood(read, expected.builtinType);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Int32  |  6 | [2,3]   | [1,2,3,4,5,6]
                    Double | 11 | [2,2,2] | [0.5,1.5,2.5,3.5,4.5,5.5,6.5,7.5]
                    String | 12 | [3,1]   | ["a","","c"]
                    """)
    void readsAMatrixRowByRow(String name, int type, String dimensions, String elements) throws IOException {
        JsonNode read = session.read(node("Matrix/" + name));

        assertThat(read.get("value")).isEqualTo(JsonLines.parse(elements));
        assertThat(read.get("dimensions")).isEqualTo(JsonLines.parse(dimensions));
        assertThat(read.get("type").intValue()).isEqualTo(type);
    }

    /** Part 6, 5.2.2.16: an array of Variant is the only way to mix types. */
    @Test
    void readsAnArrayOfVariants() throws IOException {
        JsonNode read = session.read(node("Array/BaseDataType"));

        assertThat(read.get("value")).isEqualTo(JsonLines.parse("""
                                [{"type":6,"value":7,"dimensions":null},{"type":12,"value":"seven","dimensions":null}]"""));
        assertGood(read, 24);
    }

    @ParameterizedTest
    @EnumSource
    void writesEveryElementOfTheRangeAsAScalar(ForeignValue type) throws IOException {
        String nodeId = node("Scratch/Scalar/" + type.nodeName);

        for (JsonNode element : JsonLines.parse(type.array)) {
            long status = session.write(nodeId, element.toString(), Integer.toString(type.builtinType));

            assertThat(status).isEqualTo(GOOD);
            JsonNode read = session.read(nodeId);
            assertThat(read.get("value")).isEqualTo(element);
            assertGood(read, type.builtinType);
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesAnArrayOfEveryType(ForeignValue type) throws IOException {
        String nodeId = node("Scratch/Array/" + type.nodeName);
        String twoScalars = "[" + type.scalar + "," + type.scalar + "]";

        long status = session.write(nodeId, twoScalars, Integer.toString(type.builtinType));

        assertThat(status).isEqualTo(GOOD);
        JsonNode read = session.read(nodeId);
        assertThat(read.get("value")).isEqualTo(JsonLines.parse(twoScalars));
        assertGood(read, type.builtinType);
    }

    @Test
    void writesWithoutATypeAsTheVariablesOwn() throws IOException {
        String nodeId = node("Scratch/Scalar/UInt16");

        long status = session.write(nodeId, "4711", "null");

        assertThat(status).isEqualTo(GOOD);
        assertGood(session.read(nodeId), 5);
    }

    /** The type was given, so the server judges (Part 4, 5.11.4). */
    @Test
    void handsOnTheServersVerdictOnAWrongType() throws IOException {
        long badTypeMismatch = 0x80740000L;

        long status = session.write(node("Scratch/Scalar/Int32"), "\"text\"", "12");

        assertThat(status).isEqualTo(badTypeMismatch);
    }

    @Test
    void handsOnRefusedAccess() throws IOException {
        long badNotReadable = 0x803A0000L;
        long badNotWritable = 0x803B0000L;

        JsonNode read = session.read(node("Odd/WriteOnly"));
        long written = session.write(node("Odd/ReadOnly"), "2", "6");

        assertThat(read.get("statusCode").longValue()).isEqualTo(badNotReadable);
        assertThat(written).isEqualTo(badNotWritable);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    NaN              | 11 | "NaN"
                    Infinity         | 11 | "Infinity"
                    NegativeInfinity | 10 | "-Infinity"
                    NullByteString   | 15 | null
                    EmptyByteString  | 15 | ""
                    EmptyArray       |  6 | []
                    ControlCharacters| 12 | "\\u0000\\u0001\\u001f\\u007f\\u2028"
                    """)
    void readsOddValues(String name, int type, String expected) throws IOException {
        JsonNode read = session.read(node("Odd/" + name));

        assertThat(read.get("value")).isEqualTo(JsonLines.parse(expected));
        assertGood(read, type);
    }

    /** Milo reads a Variant that holds a null String as one that holds nothing, so the type is not asserted. */
    @Test
    void readsANullString() throws IOException {
        JsonNode read = session.read(node("Odd/NullString"));

        assertThat(read.get("value").isNull()).isTrue();
        assertThat(read.get("statusCode").longValue()).isEqualTo(GOOD);
    }

    /** A JSON reader of numbers loses the sign, so the text is looked at. */
    @Test
    void keepsTheSignOfZero() throws IOException {
        String line = session.line("read", "[\"" + node("Odd/NegativeZero") + "\"]");

        assertThat(line).contains("\"value\":-0.0,");
    }

    @Test
    void readsAVariableWithoutAValue() throws IOException {
        JsonNode read = session.read(node("Odd/NoValue"));

        assertThat(read.get("value").isNull()).isTrue();
        assertThat(read.get("type").isNull()).isTrue();
    }

    @Test
    void readsABadAndAnUncertainStatus() throws IOException {
        long badSensorFailure = 0x808C0000L;
        long uncertainLastUsableValue = 0x40900000L;

        JsonNode bad = session.read(node("Odd/BadStatus"));
        JsonNode uncertain = session.read(node("Odd/UncertainStatus"));

        assertThat(bad.get("statusCode").longValue()).isEqualTo(badSensorFailure);
        assertThat(bad.get("value").isNull()).isTrue();
        assertThat(uncertain.get("statusCode").longValue()).isEqualTo(uncertainLastUsableValue);
        assertThat(uncertain.get("value").intValue()).isEqualTo(5);
    }

    @Test
    void readsLargeValuesWhole() throws IOException {
        JsonNode text = session.read(node("Odd/LargeString"));
        JsonNode array = session.read(node("Odd/LargeArray"));

        assertThat(text.get("value").textValue()).isEqualTo("0123456789abcdef".repeat(8192));
        assertThat(array.get("value")).hasSize(50_000);
        assertThat(array.get("value").get(49_999).doubleValue()).isEqualTo(24_999.5);
    }

    @Test
    void readsMoreNodesThanTheServerTakesAtOnce() throws IOException {
        String items = eachChild("{\"nodeId\":\"%s\"}");
        long before = served("Read");

        JsonNode values = session.query("readMulti", "[[" + items + "]]");

        assertThat(values).hasSize(CHILDREN);
        assertAll(IntStream.range(0, CHILDREN)
                .mapToObj(i ->
                        () -> assertThat(values.get(i).get("value").intValue()).isEqualTo(i)));
        assertThat(served("Read") - before).isGreaterThan(CHILDREN / NODES_PER_READ);
    }

    @Test
    void writesMoreNodesThanTheServerTakesAtOnce() throws IOException {
        String items = IntStream.range(0, CHILDREN)
                .mapToObj(i -> "{\"nodeId\":\"%s\",\"value\":%d,\"type\":6}".formatted(child(i), i))
                .collect(Collectors.joining(","));
        long before = served("Write");

        JsonNode statuses = session.query("writeMulti", "[[" + items + "]]");

        assertThat(statuses).hasSize(CHILDREN).allMatch(status -> status.longValue() == GOOD);
        assertThat(served("Write") - before).isEqualTo(CHILDREN / NODES_PER_WRITE);
    }

    /** Part 4, 5.11.2: an unknown node is a result of its item, not of the service. */
    @Test
    void anUnknownNodeFailsOnlyItsOwnItem() throws IOException {
        long badNodeIdUnknown = 0x80340000L;

        JsonNode values = session.query("readMulti", """
                [[{"nodeId":"%s"},{"nodeId":"%s"}]]""".formatted(node("Nowhere"), node("Scalar/Boolean")));

        assertThat(values.get(0).get("statusCode").longValue()).isEqualTo(badNodeIdUnknown);
        assertThat(values.get(1).get("value").booleanValue()).isTrue();
    }

    @Test
    void browseGivesTheServersFirstPage() throws IOException {
        JsonNode references = session.query("browse", childrenOfMany());

        assertThat(references).hasSize(REFERENCES_PER_PAGE);
        JsonNode first = references.get(0);
        assertThat(first.get("nodeId")).isEqualTo(JsonLines.parse("""
                                {"ns":%d,"id":"Many/Child000","type":"string"}""".formatted(namespaceIndex)));
        assertThat(first.get("browseName")).isEqualTo(JsonLines.parse("""
                                {"ns":%d,"name":"Child000"}""".formatted(namespaceIndex)));
        assertThat(first.get("isForward").booleanValue()).isTrue();
        assertThat(first.get("nodeClass").intValue()).isEqualTo(2);
        assertThat(first.get("displayName").get("text").textValue()).isEqualTo("Child000");
        assertThat(first.get("referenceTypeId")).isEqualTo(JsonLines.parse("""
                                {"ns":0,"id":35,"type":"numeric"}"""));
        assertThat(first.get("typeDefinition")).isEqualTo(JsonLines.parse("""
                                {"ns":0,"id":63,"type":"numeric"}"""));
    }

    @Test
    void browseAllFollowsEveryPage() throws IOException {
        JsonNode references = session.query("browseAll", childrenOfMany());

        List<String> names = new ArrayList<>();
        references.forEach(
                reference -> names.add(reference.get("browseName").get("name").textValue()));
        assertThat(names)
                .containsExactlyElementsOf(IntStream.range(0, CHILDREN)
                        .mapToObj("Child%03d"::formatted)
                        .toList());
        assertThat(new HashSet<>(names)).hasSameSizeAs(names);
    }

    /** The server keeps ten continuation points a session and refuses the eleventh (Part 4, 7.9). */
    @Test
    void aFirstPageLeavesNoContinuationPointBehind() throws IOException {
        int morePagesThanTheServerKeeps = 30;

        for (int i = 0; i < morePagesThanTheServerKeeps; i++) {
            assertThat(session.query("browse", childrenOfMany())).hasSize(REFERENCES_PER_PAGE);
        }
    }

    @Test
    void everyProcessSharesTheOneSession() throws IOException {
        long before = served("CreateSession");

        JsonNode again = JsonLines.to(daemon)
                .ask("{\"command\":\"open\",\"endpointUrl\":\"" + server.url() + "\",\"config\":{}}");

        assertThat(again.get("data").get("reused").booleanValue()).isTrue();
        assertThat(served("CreateSession")).isEqualTo(before);
    }

    private static void assertGood(JsonNode dataValue, int builtinType) {
        assertThat(dataValue.get("type").intValue()).isEqualTo(builtinType);
        assertThat(dataValue.get("dimensions").isNull()).isTrue();
        assertThat(dataValue.get("statusCode").longValue()).isEqualTo(GOOD);
        assertThat(dataValue.get("sourceTimestamp").textValue())
                .matches("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}\\+00:00");
    }

    private int namespaceIndex() throws IOException {
        JsonNode uris = session.read("i=2255").get("value");
        for (int i = 0; i < uris.size(); i++) {
            if (NAMESPACE_URI.equals(uris.get(i).textValue())) {
                return i;
            }
        }
        throw new AssertionError("No " + NAMESPACE_URI + " in " + uris);
    }

    private String node(String path) {
        return "ns=" + namespaceIndex + ";s=" + path;
    }

    private String child(int i) {
        return node("Many/Child%03d".formatted(i));
    }

    private String eachChild(String item) {
        return IntStream.range(0, CHILDREN)
                .mapToObj(i -> item.formatted(child(i)))
                .collect(Collectors.joining(","));
    }

    private String childrenOfMany() {
        return "[\"" + node("Many") + "\",0," + HIERARCHICAL_REFERENCES + "]";
    }

    private long served(String service) throws IOException {
        return session.read(node("Served/" + service)).get("value").longValue();
    }
}
