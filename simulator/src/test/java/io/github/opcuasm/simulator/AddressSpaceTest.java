package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AddressSpaceTest {
    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterAll
    void close() throws Exception {
        clients.close();
        simulator.close();
    }

    static Stream<Arguments> writableValues() {
        return Stream.of(
                Arguments.of("Scalars/Boolean", false),
                Arguments.of("Scalars/SByte", Byte.MIN_VALUE),
                Arguments.of("Scalars/Byte", ubyte(255)),
                Arguments.of("Scalars/Int16", Short.MIN_VALUE),
                Arguments.of("Scalars/UInt16", ushort(65_535)),
                Arguments.of("Scalars/Int32", Integer.MIN_VALUE),
                Arguments.of("Scalars/UInt32", uint(0xFFFF_FFFFL)),
                Arguments.of("Scalars/Int64", Long.MIN_VALUE),
                Arguments.of("Scalars/UInt64", ULong.MAX),
                Arguments.of("Scalars/Float", Float.MIN_VALUE),
                Arguments.of("Scalars/Double", Double.NEGATIVE_INFINITY),
                Arguments.of("Scalars/String", "a\0b\uD83D\uDE00"),
                Arguments.of("Scalars/DateTime", DateTime.MAX_DATE_TIME),
                Arguments.of("Scalars/Guid", new UUID(-1, 1)),
                Arguments.of("Scalars/ByteString", ByteString.of(new byte[] {0, -1})),
                Arguments.of("Scalars/XmlElement", XmlElement.of("<x/>")),
                Arguments.of("Scalars/NodeId", new NodeId(2, new UUID(3, 4))),
                Arguments.of("Scalars/ExpandedNodeId", ExpandedNodeId.of("urn:x", 5)),
                Arguments.of("Scalars/StatusCode", new StatusCode(StatusCodes.Bad_Timeout)),
                Arguments.of("Scalars/QualifiedName", new QualifiedName(1, "q")),
                Arguments.of("Scalars/LocalizedText", new LocalizedText("fr", "é")),
                Arguments.of("Scalars/Variant", "now a string"),
                Arguments.of("Arrays/Int32", new Integer[] {1, 2, 3, 4}),
                Arguments.of("Arrays/String", new String[] {"x", null}),
                Arguments.of("Arrays/Variant", new Variant[] {new Variant(1), new Variant("v")}),
                Arguments.of("Arrays/Empty", new Integer[] {9}),
                Arguments.of("Arrays/Null", new Integer[] {9}),
                Arguments.of("Arrays/Matrix", Matrix.ofInt32(new int[][] {{1, 2, 3}, {4, 5, 6}})));
    }

    @ParameterizedTest
    @MethodSource("writableValues")
    void writtenValueIsReadBackAndLogged(String path, Object value) throws Exception {
        StatusCode result = TestClients.writeNow(client, path, value);

        assertThat(result).isEqualTo(StatusCode.GOOD);
        assertThat(value(path)).isEqualTo(value);
        assertThat(simulator.writes(Simulator.node(path)))
                .extracting(Variant::value)
                .last()
                .isEqualTo(value);
    }

    @Test
    void everyBuiltinTypeHasAScalarAndAnArray() throws Exception {
        List<String> types = List.of(
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
                "LocalizedText",
                "Variant");

        for (String type : types) {
            DataValue scalar = TestClients.readNow(client, "Scalars/" + type);
            DataValue array = TestClients.readNow(client, "Arrays/" + type);

            assertThat(scalar.statusCode()).as(type).isEqualTo(StatusCode.GOOD);
            assertThat(scalar.value().value()).as(type).isNotNull();
            assertThat(array.value().value())
                    .as(type)
                    .asInstanceOf(InstanceOfAssertFactories.ARRAY)
                    .isNotEmpty();
        }
    }

    @Test
    void oddValuesSurviveTheWire() throws Exception {
        assertThat(value("OddScalars/Int64Min")).isEqualTo(Long.MIN_VALUE);
        assertThat(value("OddScalars/UInt64Max")).isEqualTo(ULong.MAX);
        assertThat(value("OddScalars/DoubleNaN")).isEqualTo(Double.NaN);
        assertThat(value("OddScalars/DoubleInfinity")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(value("OddScalars/FloatMin")).isEqualTo(Float.MIN_VALUE);
        assertThat(value("OddScalars/NegativeZero")).isEqualTo(-0.0).isNotEqualTo(0.0);
        assertThat(value("OddScalars/StringNull")).isNull();
        assertThat(value("OddScalars/StringEmpty")).isEqualTo("");
        assertThat(value("OddScalars/StringNul")).isEqualTo("before\0after");
        assertThat(value("OddScalars/StringEmoji")).isEqualTo("valve \uD83D\uDEB0 open");
        assertThat(value("OddScalars/DateTimeNull")).isEqualTo(DateTime.NULL_VALUE);
        assertThat(value("OddScalars/ByteStringNull")).isEqualTo(ByteString.NULL_VALUE);
        assertThat(value("OddScalars/ByteStringEmpty")).isEqualTo(ByteString.of(new byte[0]));
        assertThat(value("Arrays/Large"))
                .asInstanceOf(InstanceOfAssertFactories.ARRAY)
                .hasSize(1_000);
    }

    @ParameterizedTest
    @CsvSource({
        "Quality/Bad, Bad_SensorFailure",
        "Quality/BadWithValue, Bad_OutOfService",
        "Quality/Uncertain, Uncertain_LastUsableValue",
        "Quality/GoodOverride, Good_LocalOverride",
        "Access/None, Bad_NotReadable",
        "Access/WriteOnly, Bad_NotReadable",
        "Access/UserNone, Bad_UserAccessDenied",
    })
    void readHasTheStatusOfTheVariable(String path, String status) throws Exception {
        StatusCode read = TestClients.readNow(client, path).statusCode();

        assertThat(StatusCodes.lookup(read.getValue()).orElseThrow()[0]).isEqualTo(status);
    }

    @Test
    void sourceTimeMayBeMissing() throws Exception {
        // Milo decodes a missing time as the null DateTime.
        assertThat(TestClients.readNow(client, "Quality/WithoutSourceTime").sourceTime())
                .isEqualTo(DateTime.NULL_VALUE);
        assertThat(TestClients.readNow(client, "Quality/Uncertain").sourceTime())
                .isNotEqualTo(DateTime.NULL_VALUE);
    }

    static Stream<Arguments> refusedWrites() {
        return Stream.of(
                Arguments.of("Scalars/Int32", "text", StatusCodes.Bad_TypeMismatch),
                Arguments.of("Scalars/Int32", 1L, StatusCodes.Bad_TypeMismatch),
                Arguments.of("Scalars/Int32", new Integer[] {1}, StatusCodes.Bad_TypeMismatch),
                Arguments.of("Scalars/Int32", Variant.NULL_VALUE, StatusCodes.Bad_TypeMismatch),
                Arguments.of("Arrays/Int32", 1, StatusCodes.Bad_TypeMismatch),
                Arguments.of("Arrays/Matrix", new Integer[] {1}, StatusCodes.Bad_TypeMismatch),
                Arguments.of("Access/ReadOnly", 1, StatusCodes.Bad_NotWritable),
                Arguments.of("Access/None", 1, StatusCodes.Bad_NotWritable),
                Arguments.of("Access/UserReadOnly", 1, StatusCodes.Bad_UserAccessDenied),
                Arguments.of("Dynamic/Sine", 1.0, StatusCodes.Bad_NotWritable),
                Arguments.of("Scalars/Missing", 1, StatusCodes.Bad_NodeIdUnknown));
    }

    @ParameterizedTest
    @MethodSource("refusedWrites")
    void refusedWriteLeavesNoTrace(String path, Object value, long status) throws Exception {
        long before = simulator.writeCount(Simulator.node(path));

        StatusCode result = TestClients.writeNow(client, path, value);

        assertThat(result).isEqualTo(new StatusCode(status));
        assertThat(simulator.writeCount(Simulator.node(path))).isEqualTo(before);
    }

    @Test
    void writeOnlyVariableTakesWrites() throws Exception {
        assertThat(TestClients.writeNow(client, "Access/WriteOnly", 5)).isEqualTo(StatusCode.GOOD);

        assertThat(simulator.writes(Simulator.node("Access/WriteOnly"))).contains(new Variant(5));
    }

    // Part 4, 5.11.2: results come in the order of the request, whoever serves them.
    @Test
    void mixedReadKeepsItsOrder() throws Exception {
        ReadResponse response = client.read(
                0,
                TimestampsToReturn.Neither,
                List.of(
                        TestClients.valueOf(NodeIds.Server_NamespaceArray),
                        TestClients.valueOf(Simulator.node("OddScalars/Int32Max")),
                        TestClients.valueOf(Simulator.node("Access/None")),
                        TestClients.valueOf(NodeIds.Server_ServiceLevel),
                        TestClients.valueOf(Simulator.node("Scalars/Missing"))));

        DataValue[] results = response.getResults();
        assertThat(results[0].value().value()).isInstanceOf(String[].class);
        assertThat(results[1].value().value()).isEqualTo(Integer.MAX_VALUE);
        assertThat(results[2].statusCode()).isEqualTo(new StatusCode(StatusCodes.Bad_NotReadable));
        assertThat(results[3].value().value()).isNotNull();
        assertThat(results[4].statusCode()).isEqualTo(new StatusCode(StatusCodes.Bad_NodeIdUnknown));
    }

    private @Nullable Object value(String path) throws Exception {
        return TestClients.readNow(client, path).value().value();
    }
}
