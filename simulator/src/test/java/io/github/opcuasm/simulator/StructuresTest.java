package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.core.types.DynamicStructType;
import org.eclipse.milo.opcua.sdk.core.types.DynamicUnionType;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumField;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Custom types as a client finds them: definitions, the type tree, encodings, values. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StructuresTest {
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

    @ParameterizedTest
    @CsvSource({
        "Everything, i=22, Structure, 30",
        "Optionals, i=22, StructureWithOptionalFields, 5",
        "Choice, i=12756, Union, 4",
        "Polygon, i=22, Structure, 3",
        "Tree, i=22, Structure, 2",
        "Point3D, ns=2;s=DataTypes/Point, Structure, 3",
        "Circle, ns=2;s=DataTypes/Shape, Structure, 2",
        "Drawing, i=22, StructureWithSubtypedValues, 5",
        "Mixed, i=22, Structure, 7",
    })
    void structureHasADefinitionAnEncodingAndASupertype(String name, String base, StructureType kind, int fields)
            throws Exception {
        NodeId type = Simulator.node("DataTypes/" + name);

        StructureDefinition definition = (StructureDefinition) definition(type);

        assertThat(definition.getBaseDataType()).isEqualTo(NodeId.parse(base));
        assertThat(definition.getStructureType()).isEqualTo(kind);
        assertThat(definition.getFields()).hasSize(fields);
        assertThat(targets(type, NodeIds.HasSubtype, BrowseDirection.Inverse)).containsExactly(NodeId.parse(base));
        assertThat(targets(type, NodeIds.HasEncoding, BrowseDirection.Forward))
                .containsExactly(definition.getDefaultEncodingId());
    }

    // Part 3, 8.48: the fields of the base type come first.
    @Test
    void subtypeRepeatsTheFieldsOfItsBase() throws Exception {
        StructureDefinition definition = (StructureDefinition) definition(Simulator.node("DataTypes/Point3D"));

        assertThat(definition.getFields()).extracting(StructureField::getName).containsExactly("X", "Y", "Z");
    }

    @Test
    void enumerationsAndOptionSetsNameTheirValues() throws Exception {
        assertThat(fields("Color")).isEqualTo(Map.of(0L, "Red", 1L, "Green", 2L, "Blue"));
        assertThat(fields("Level")).isEqualTo(Map.of(-1L, "Unknown", 10L, "Low", 20L, "High"));
        assertThat(fields("Alarms")).isEqualTo(Map.of(0L, "Hot", 1L, "Cold", 2L, "Wet", 31L, "Broken"));
        assertThat(fields("Permissions")).isEqualTo(Map.of(0L, "Look", 1L, "Touch", 9L, "Destroy"));
        assertThat(value("DataTypes/Color/EnumStrings"))
                .isEqualTo(new LocalizedText[] {text("Red"), text("Green"), text("Blue")});
        assertThat((ExtensionObject[]) value("DataTypes/Level/EnumValues")).hasSize(3);
        assertThat((LocalizedText[]) value("DataTypes/Alarms/OptionSetValues")).hasSize(32);
    }

    @ParameterizedTest
    @CsvSource({"Color, i=29", "Level, i=29", "Alarms, i=7", "Permissions, i=12755", "Temperature, i=11", "Serial, i=12"
    })
    void simpleTypeHangsUnderItsBase(String name, String base) throws Exception {
        assertThat(targets(Simulator.node("DataTypes/" + name), NodeIds.HasSubtype, BrowseDirection.Inverse))
                .containsExactly(NodeId.parse(base));
    }

    // Milo's own decoder reads what the definitions say: they fit the bytes, which are not written by Milo.
    @Test
    void valuesFitTheirDefinitions() throws Exception {
        assertThat(decoded("Point").getMembers()).isEqualTo(Map.of("X", 1.5, "Y", -2.0));
        assertThat(decoded("Point3D").getMembers()).isEqualTo(Map.of("X", 1.0, "Y", 2.0, "Z", 3.0));
        assertThat(decoded("OptionalsLast").getMembers())
                .containsEntry("Id", 5)
                .containsEntry("Active", true)
                .containsEntry("Tags", new String[] {"x", "y"});
        assertThat(decoded("OptionalsAll").getMembers())
                .containsEntry("Name", "valve")
                .containsEntry("Limit", 9.5);
        Map<String, Object> everything = decoded("Everything").getMembers();
        assertThat(everything).hasSize(30);
        assertThat(everything).containsEntry("Matrix", Matrix.ofDouble(new double[][] {{11, 12, 13}, {21, 22, 23}}));
        assertThat(everything).containsEntry("Guid", UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
        assertThat(everything).containsEntry("QualifiedName", new QualifiedName(2, "name"));
        assertThat(everything).containsEntry("DateTime", new DateTime(Instant.parse("2024-02-29T12:30:15.123456700Z")));
        assertThat(decoded("Polygon").getMembers()).containsEntry("Label", "triangle");
        assertThat(decoded("Tree").getMembers()).containsEntry("Name", "root");
        assertThat(decoded("Mixed").getMembers()).containsEntry("Temperature", 21.5);
        ExtensionObject text = (ExtensionObject) value("Structures/ChoiceText");
        DynamicUnionType choice = (DynamicUnionType) text.decode(client.getDynamicEncodingContext());
        assertThat(choice.getValue().orElseThrow().fieldValue()).isEqualTo("five");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Everything",
                "Optionals",
                "OptionalsNone",
                "Choice",
                "Polygon",
                "Point3D",
                "Shape",
                "Drawing",
                "Tree",
                "Mixed",
                "Permissions",
                "Opaque",
                "Diagnosed",
                "Changing"
            })
    void writtenBodyIsKeptByteForByte(String name) throws Exception {
        ExtensionObject before = (ExtensionObject) value("Structures/" + name);
        ExtensionObject odd = ExtensionObject.of(ByteString.of(new byte[] {1, 2, 3}), before.getEncodingOrTypeId());

        StatusCode result = TestClients.writeNow(client, "Structures/" + name, odd);

        assertThat(result).isEqualTo(StatusCode.GOOD);
        assertThat(value("Structures/" + name)).isEqualTo(odd);
        assertThat(simulator.writes(Simulator.node("Structures/" + name))).containsExactly(new Variant(odd));
        assertThat(TestClients.writeNow(client, "Structures/" + name, before)).isEqualTo(StatusCode.GOOD);
        simulator.clearWrites();
    }

    @ParameterizedTest
    @CsvSource({
        "EverythingArray, 2",
        "OptionalsArray, 3",
        "ChoiceArray, 4",
        "PointArray, 2",
        "ShapeArray, 2",
        "DrawingArray, 2",
        "TreeArray, 2",
        "EmptyArray, 0",
    })
    void structuresComeInArrays(String name, int length) throws Exception {
        assertThat((ExtensionObject[]) value("Structures/" + name)).hasSize(length);
    }

    @Test
    void oddStructuresAreServedAsTheyAre() throws Exception {
        ExtensionObject xml = (ExtensionObject) value("Structures/Xml");
        ExtensionObject nothing = (ExtensionObject) value("Structures/Null");
        ExtensionObject opaque = (ExtensionObject) value("Structures/Opaque");

        assertThat(xml.getBody()).isEqualTo(XmlElement.of("<Point><X>1.5</X><Y>-2</Y></Point>"));
        assertThat(nothing.isNull()).isTrue();
        assertThat(targets(Simulator.node("DataTypes/Opaque"), NodeIds.HasEncoding, BrowseDirection.Forward))
                .isEmpty();
        assertThat(opaque.getEncodingOrTypeId()).isEqualTo(Simulator.node("DataTypes/Opaque/Default Binary"));
    }

    @Test
    void derivedTypesTakeValuesOfTheirBase() throws Exception {
        assertThat(TestClients.writeNow(client, "Types/Enum", 2)).isEqualTo(StatusCode.GOOD);
        assertThat(TestClients.writeNow(client, "Types/OptionSet", uint(5))).isEqualTo(StatusCode.GOOD);
        assertThat(TestClients.writeNow(client, "Types/Temperature", 99.5)).isEqualTo(StatusCode.GOOD);
        assertThat(TestClients.writeNow(client, "Types/Serial", "SN-2")).isEqualTo(StatusCode.GOOD);
        assertThat(TestClients.writeNow(client, "Types/Number", (short) 3)).isEqualTo(StatusCode.GOOD);
        assertThat(value("Types/Number")).isEqualTo((short) 3);
        assertThat(TestClients.writeNow(client, "Types/Number", "three"))
                .isEqualTo(new StatusCode(StatusCodes.Bad_TypeMismatch));
        assertThat(TestClients.writeNow(client, "Types/Temperature", 1))
                .isEqualTo(new StatusCode(StatusCodes.Bad_TypeMismatch));
        assertThat(TestClients.writeNow(client, "Structures/Point", 1))
                .isEqualTo(new StatusCode(StatusCodes.Bad_TypeMismatch));
    }

    private DynamicStructType decoded(String name) throws Exception {
        ExtensionObject value = (ExtensionObject) value("Structures/" + name);
        return (DynamicStructType) value.decode(client.getDynamicEncodingContext());
    }

    private Map<Long, String> fields(String type) throws Exception {
        EnumDefinition definition = (EnumDefinition) definition(Simulator.node("DataTypes/" + type));
        return Arrays.stream(definition.getFields()).collect(Collectors.toMap(EnumField::getValue, EnumField::getName));
    }

    private Object definition(NodeId type) throws Exception {
        ReadValueId attribute = new ReadValueId(type, AttributeId.DataTypeDefinition.uid(), null, null);
        ExtensionObject read = (ExtensionObject)
                Objects.requireNonNull(client.readAsync(0, TimestampsToReturn.Neither, List.of(attribute))
                        .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .getResults()[0]
                        .value()
                        .value());
        return read.decode(client.getStaticEncodingContext());
    }

    private List<NodeId> targets(NodeId node, NodeId referenceType, BrowseDirection direction) throws Exception {
        ReferenceDescription[] found = client.browseAsync(
                        new BrowseDescription(node, direction, referenceType, true, uint(0), uint(63)))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getReferences();
        return found == null
                ? List.of()
                : Arrays.stream(found)
                        .map(reference -> reference
                                .getNodeId()
                                .toNodeId(client.getNamespaceTable())
                                .orElseThrow())
                        .toList();
    }

    private Object value(String path) throws Exception {
        return Objects.requireNonNull(TestClients.readNow(client, path).value().value());
    }

    private static LocalizedText text(String text) {
        return LocalizedText.english(text);
    }
}
