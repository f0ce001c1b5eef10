package io.github.opcuasm.daemon.datatype;

import static io.github.opcuasm.daemon.datatype.Shapes.array;
import static io.github.opcuasm.daemon.datatype.Shapes.field;
import static io.github.opcuasm.daemon.datatype.Shapes.id;
import static io.github.opcuasm.daemon.datatype.Shapes.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.StructureValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies against bytes written by hand from the tables of Part 6, 5.2.5 to 5.2.8; integers are little-endian. */
final class StructureBytesTest {
    private static final ServerTypes NOTHING_NESTED = ServerTypes.ofNamespaces(new NamespaceTable());

    private final Shapes shapes = new Shapes()
            .structure("Point", Layout.STRUCTURE, field("X", NodeIds.Int16), field("Y", NodeIds.Int16))
            .structure(
                    "Optionals",
                    Layout.WITH_OPTIONAL_FIELDS,
                    optional("A", NodeIds.Byte),
                    field("Id", NodeIds.Byte),
                    optional("B", NodeIds.String),
                    optional("C", NodeIds.UInt16))
            .structure(
                    "Choice",
                    Layout.UNION,
                    field("Number", NodeIds.Int32),
                    field("Point", id("Point")),
                    array("Many", NodeIds.Byte, 1))
            .structure("Grid", Layout.STRUCTURE, array("Cells", NodeIds.Byte, 2), array("Points", id("Point"), 2))
            .structure("Tree", Layout.STRUCTURE, field("Name", NodeIds.Byte), array("Children", id("Tree"), 1))
            .type("Color", NodeIds.Enumeration, false, Set.of(0L, 1L, 7L))
            .type("Flags", NodeIds.UInt16, false, Set.of(0L, 1L))
            .type("Rights", NodeIds.OptionSet, false, Set.of(0L, 1L))
            .type("Shape", NodeIds.Structure, true, null)
            .type("Length", NodeIds.Duration, false, null)
            .structure(
                    "Mixed",
                    Layout.STRUCTURE,
                    field("Color", id("Color")),
                    field("Flags", id("Flags")),
                    field("Rights", id("Rights")),
                    field("Length", id("Length")),
                    field("Text", NodeIds.LocalizedText))
            .structure(
                    "Open",
                    Layout.WITH_SUBTYPED_VALUES,
                    optional("Shape", id("Shape")),
                    optional("Point", id("Point")),
                    optional("Amount", NodeIds.Number),
                    field("Plain", id("Point")),
                    field("Any", NodeIds.BaseDataType));

    // Part 6, 5.2.7: bit n stands for the n-th optional field, whether or not those before it are there.
    @ParameterizedTest
    @CsvSource({
        "00000000 07, '{\"Id\":7}'",
        "01000000 0907, '{\"A\":9,\"Id\":7}'",
        "02000000 07 01000000 78, '{\"Id\":7,\"B\":\"x\"}'",
        "03000000 0907 01000000 78, '{\"A\":9,\"Id\":7,\"B\":\"x\"}'",
        "04000000 07 0102, '{\"Id\":7,\"C\":513}'",
        "05000000 0907 0102, '{\"A\":9,\"Id\":7,\"C\":513}'",
        "06000000 07 FFFFFFFF 0102, '{\"Id\":7,\"B\":null,\"C\":513}'",
        "07000000 0907 00000000 0102, '{\"A\":9,\"Id\":7,\"B\":\"\",\"C\":513}'"
    })
    void everyCombinationOfOptionalFields(String hex, String json) {
        assertBothWays("Optionals", hex, json);
    }

    static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of("Point", "FEFF 0300", "{'X':-2,'Y':3}"),
                Arguments.of("Choice", "00000000", "{}"),
                Arguments.of("Choice", "01000000 FFFFFFFF", "{'Number':-1}"),
                Arguments.of("Choice", "02000000 0100 0200", "{'Point':{'X':1,'Y':2}}"),
                Arguments.of("Choice", "03000000 02000000 0AFF", "{'Many':[10,255]}"),
                Arguments.of("Choice", "03000000 FFFFFFFF", "{'Many':null}"),
                Arguments.of("Choice", "03000000 00000000", "{'Many':[]}"),
                Arguments.of(
                        "Grid",
                        "02000000 02000000 03000000 010203040506 02000000 01000000 02000000 0100 0200 0300 0400",
                        "{'Cells':[[1,2,3],[4,5,6]],'Points':[[{'X':1,'Y':2},{'X':3,'Y':4}]]}"),
                Arguments.of(
                        "Grid",
                        "02000000 00000000 05000000 FFFFFFFF",
                        "{'Cells':{'value':[],'dimensions':[0,5]},'Points':null}"),
                Arguments.of(
                        "Tree",
                        "01 02000000 02 00000000 03 FFFFFFFF",
                        "{'Name':1,'Children':[{'Name':2,'Children':[]},{'Name':3,'Children':null}]}"),
                Arguments.of(
                        "Mixed",
                        "07000000 FFFF 02000000 0102 FFFFFFFF 000000000000F83F 02 00000000",
                        "{'Color':7,'Flags':65535,'Rights':{'Value':'AQI=','ValidBits':null},'Length':1.5,"
                                + "'Text':{'locale':null,'text':''}}"),
                // An ExtensionObject where a structure may have subtypes or is abstract, a Variant where a number may.
                Arguments.of(
                        "Open",
                        "0000 00 01 05 0500 01 02000000 AAFF 03 07 0100 0200 0B 000000000000F83F",
                        "{'Shape':{'typeId':'i=0','encoding':0},'Point':{'typeId':'ns=5;i=5','encoding':1,'body':'qv8='},"
                                + "'Amount':{'type':3,'value':7},'Plain':{'X':1,'Y':2},'Any':{'type':11,'value':1.5}}"));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void bodyIsTheSpecifications(String type, String hex, String json) {
        assertBothWays(type, hex, json);
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of("Point", "FEFF 03", "too short"),
                Arguments.of("Point", "FEFF 0300 00", "too long"),
                Arguments.of("Point", "", "empty"),
                Arguments.of("Choice", "04000000", "no such field"),
                Arguments.of("Choice", "FFFFFFFF", "no such field"),
                Arguments.of("Choice", "03000000 FFFFFF7F 00", "an array of 2^31 - 1"),
                Arguments.of("Choice", "03000000 FEFFFFFF", "an array of -2"),
                Arguments.of("Optionals", "08000000 07", "a bit too many"),
                Arguments.of("Optionals", "02000000 07 FFFFFF7F", "a string of 2^31 - 1"),
                Arguments.of("Grid", "02000000 FFFFFF7F FFFFFF7F 00", "a matrix of 2^62"),
                Arguments.of("Grid", "03000000 01000000 01000000 01000000 00", "three dimensions of two"),
                Arguments.of("Tree", "01 01000000".repeat(100), "a hundred in each other"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("hostile")
    void bodyThatDoesNotFitFails(String type, String hex, String why) {
        assertThatThrownBy(() -> decode(type, bytes(hex))).isInstanceOf(RuntimeException.class);
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                Arguments.of("Point", "{'X':1}", "value.Y: got nothing"),
                Arguments.of("Point", "{'X':1,'Y':2,'Z':3}", "value.Z: got a member"),
                Arguments.of("Point", "{'X':1,'Y':32768}", "value.Y: 32768 does not fit Int16"),
                Arguments.of("Point", "{'X':1,'Y':null}", "value.Y: null does not fit Int16"),
                Arguments.of("Point", "5", "value: got 5"),
                Arguments.of("Choice", "{'Number':1,'Many':[]}", "value: got 2 members"),
                Arguments.of("Choice", "{'Point':{'X':1,'Y':'a'}}", "value.Point.Y: \"a\" does not fit Int16"),
                Arguments.of("Choice", "{'Point':null}", "value.Point: got null"),
                Arguments.of("Grid", "{'Cells':[[1],[2,3]],'Points':null}", "value.Cells: "),
                Arguments.of("Grid", "{'Cells':{'value':[1],'dimensions':[2,1]},'Points':null}", "value.Cells: got 1"),
                Arguments.of("Grid", "{'Cells':null,'Points':[[{'X':1,'Y':2},{'X':3}]]}", "value.Points[1].Y: "),
                Arguments.of("Tree", "{'Name':1,'Children':[{'Name':2}]}", "value.Children[0].Children: "),
                Arguments.of(
                        "Mixed",
                        "{'Color':6,'Flags':0,'Rights':{'Value':'','ValidBits':''},'Length':1,'Text':null}",
                        "value.Color: got 6, expected a number of the enumeration: [0, 1, 7]"),
                Arguments.of(
                        "Open",
                        "{'Shape':{'a':1},'Point':null,'Amount':null,'Plain':{'X':1,'Y':2},'Any':null}",
                        "value.Shape: got an object of 1, expected {\"typeId\""));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void valueThatDoesNotFitIsRefusedByItsPath(String type, String json, String message) {
        CommandException failure = catchThrowableOfType(CommandException.class, () -> read(type, json));

        assertThat(failure.type()).isEqualTo(ErrorType.WRITE_TYPE_MISMATCH);
        assertThat(failure.messageText()).startsWith(message);
    }

    @Test
    void structureOfWhatNobodyKnowsIsUnusableAndSoIsWhatContainsIt() {
        Map<?, ValueType> types = new Shapes()
                .structure("Inner", Layout.STRUCTURE, field("A", id("Unheard")))
                .structure("Outer", Layout.STRUCTURE, field("Inner", id("Inner")), field("Self", id("Circle")))
                .structure("Circle", Layout.STRUCTURE, array("Outer", id("Outer"), 1))
                .structure("Twice", Layout.STRUCTURE, field("A", NodeIds.Byte), field("A", NodeIds.Byte))
                .structure("AnyRank", Layout.STRUCTURE, array("A", NodeIds.Byte, -2))
                .type("Opaque", NodeIds.Structure, false, null)
                .structure("Alone", Layout.STRUCTURE, array("Any", NodeIds.BaseDataType, -2))
                .all();

        assertThat(types.keySet()).isEqualTo(Set.of(id("Alone")));
    }

    @Test
    void absentFieldsAreNotInTheMapAndNullsAre() {
        StructureValue value = decode("Optionals", bytes("02000000 07 FFFFFFFF"));

        assertThat(List.copyOf(value.keySet())).containsExactly("Id", "B");
        assertThat(value.get("B")).isNull();
        assertThat(value.containsKey("A")).isFalse();
        assertThat(value).hasSize(2);
    }

    private void assertBothWays(String type, String hex, String json) {
        StructureValue decoded = decode(type, bytes(hex));
        StructureValue read = read(type, json);

        assertThat(DecodedValues.difference(decoded, read, "value")).isNull();
        assertThat(new StructureEncoder().encode(shapes.shape(type), read).toHex())
                .isEqualTo(ByteString.copyOf(bytes(hex)).toHex());
        assertThat(new StructureEncoder().encode(shapes.shape(type), decoded).toHex())
                .isEqualTo(ByteString.copyOf(bytes(hex)).toHex());
    }

    private StructureValue decode(String type, byte[] body) {
        return new StructureDecoder(body, NOTHING_NESTED, 0).decode(shapes.shape(type));
    }

    private StructureValue read(String type, String json) {
        return new RequestEncoder((id, missing) -> null, NOTHING_NESTED)
                .structure(shapes.shape(type), json(json), "value");
    }

    static JsonValue json(String text) {
        byte[] utf8 = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(utf8, 0, utf8.length);
    }

    private static byte[] bytes(String hex) {
        return ByteString.fromHex(hex.replace(" ", "").toLowerCase(Locale.ROOT)).toByteArray();
    }
}
