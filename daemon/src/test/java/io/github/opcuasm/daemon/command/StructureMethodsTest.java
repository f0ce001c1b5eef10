package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Structures of a server's own types, from the server to the answer and from the request to the server. */
final class StructureMethodsTest {
    private static RunningDaemon daemon;
    private static String session;

    // One for all: each test leaves the nodes as they were, and counts from where it began.
    @BeforeAll
    static void start() throws Exception {
        daemon = new RunningDaemon(UnaryOperator.identity());
        session = daemon.open("{}");
    }

    @AfterAll
    static void end() {
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Point | {'X':1.5,'Y':-2.0}",
                "Point3D | {'X':1.0,'Y':2.0,'Z':3.0}",
                "OptionalsNone | {'Id':5,'Active':true}",
                "OptionalsFirst | {'Id':5,'Name':'valve','Active':true}",
                "OptionalsMiddle | {'Id':5,'Limit':9.5,'Active':true}",
                "OptionalsLast | {'Id':5,'Active':true,'Tags':['x','y']}",
                "OptionalsAll | {'Id':5,'Name':'valve','Limit':9.5,'Active':true,'Tags':['x','y']}",
                "Choice | {'Number':-5}",
                "ChoiceText | {'Text':'five'}",
                "ChoicePoint | {'Point':{'X':3.0,'Y':4.0}}",
                "ChoiceSamples | {'Samples':[0.5,'NaN']}",
                "ChoiceNone | {}",
                "Polygon | {'Label':'triangle','Center':{'X':0.0,'Y':0.0},'Corners':[{'X':0.0,'Y':1.0},"
                        + "{'X':1.0,'Y':0.0},{'X':-1.0,'Y':0.0}]}",
                "Tree | {'Name':'root','Children':[{'Name':'branch','Children':[{'Name':'leaf','Children':[]}]},"
                        + "{'Name':'bare','Children':null}]}",
                "Permissions | {'Value':'AQI=','ValidBits':'AwI='}",
                "Mixed | {'Color':2,'Level':20,'Alarms':2147483649,'Temperature':21.5,'Serial':'SN-1','Colors':[0,1,2],"
                        + "'Permissions':{'Value':'AQI=','ValidBits':'AwI='}}",
                "Diagnosed | {'Info':null,'After':4}",
                "Shape | {'Name':'circle','Radius':2.0}",
                "TooShort | null",
                "TooLong | null",
                "NoSuchChoice | null",
                "NoSuchOption | null",
                "Opaque | null",
                "Xml | null"
            })
    void structureIsDecodedByItsDefinition(String name, String fields) throws Exception {
        JsonValue.Obj value = structure(read(session, name));

        assertThat(text(value.members().get("value"))).isEqualTo(text(json(fields)));
        assertThat(value.get("body")).isInstanceOf(JsonValue.Str.class);
    }

    @Test
    void everyBuiltInTypeKeepsItsValueInAStructure() throws Exception {
        JsonValue.Obj fields = (JsonValue.Obj)
                Objects.requireNonNull(structure(read(session, "Everything")).get("value"));

        assertThat(text(fields.get("UInt64"))).isEqualTo("18446744073709551615");
        assertThat(text(fields.get("Int64"))).isEqualTo("-9223372036854775808");
        assertThat(text(fields.get("UInt32"))).isEqualTo("4294967295");
        assertThat(text(fields.get("Byte"))).isEqualTo("255");
        assertThat(text(fields.get("Double"))).isEqualTo("-0.0");
        assertThat(text(fields.get("ByteString"))).isEqualTo("\"AP8=\"");
        assertThat(text(fields.members().get("StringArray"))).isEqualTo("[\"a\",\"\",null]");
        assertThat(text(fields.members().get("NullArray"))).isEqualTo("null");
        assertThat(text(fields.members().get("EmptyArray"))).isEqualTo("[]");
        assertThat(text(fields.members().get("Matrix")))
                .isEqualTo("{\"value\":[11.0,12.0,13.0,21.0,22.0,23.0],\"dimensions\":[2,3]}");
        assertThat(text(((JsonValue.Obj) Objects.requireNonNull(fields.get("ExtensionObject")))
                        .members()
                        .get("value")))
                .isEqualTo("{\"X\":1.0,\"Y\":2.0}");
        assertThat(text(((JsonValue.Arr) Objects.requireNonNull(fields.get("VariantArray")))
                        .elements()
                        .get(0)))
                .isEqualTo("{\"type\":1,\"value\":true,\"dimensions\":null}");
    }

    @Test
    void subtypesAndAbstractFieldsBringTheirTypes() throws Exception {
        JsonValue.Obj fields = (JsonValue.Obj)
                Objects.requireNonNull(structure(read(session, "Drawing")).get("value"));
        JsonValue.Obj main = (JsonValue.Obj) Objects.requireNonNull(fields.get("Main"));

        assertThat(text(main.get("value"))).isEqualTo("{\"Name\":\"circle\",\"Radius\":2.0}");
        assertThat(((JsonValue.Arr) Objects.requireNonNull(fields.get("All"))).elements())
                .hasSize(3);
        assertThat(text(fields.get("Amount"))).isEqualTo("{\"type\":11,\"value\":0.25,\"dimensions\":null}");
        assertThat(text(fields.get("Origin"))).isEqualTo("{\"X\":0.0,\"Y\":0.0}");
    }

    // Whatever was read can be written back, and arrives byte for byte.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Everything",
                "EverythingArray",
                "Mixed",
                "MixedArray",
                "Permissions",
                "Optionals",
                "OptionalsAll",
                "OptionalsNone",
                "OptionalsFirst",
                "OptionalsMiddle",
                "OptionalsArray",
                "Choice",
                "ChoicePoint",
                "ChoiceNone",
                "ChoiceArray",
                "PointArray",
                "PointMatrix",
                "Polygon",
                "Tree",
                "TreeArray",
                "Point3D",
                "Shape",
                "ShapeArray",
                "Drawing",
                "DrawingArray",
                "Diagnosed",
                "Opaque",
                "Xml",
                "TooLong"
            })
    void whatWasReadIsWrittenBackByteForByte(String name) throws Exception {
        JsonValue.Obj before = read(session, name);

        int written =
                daemon.simulator.writes(Simulator.node("Structures/" + name)).size();

        assertThat(write(name, text(withDimensions(before)))).isEqualTo("0");
        assertThat(text(read(session, name).get("value"))).isEqualTo(text(before.get("value")));
        assertThat(daemon.simulator.writes(Simulator.node("Structures/" + name)))
                .hasSize(written + 1);
    }

    // Fields alone, without the body.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mixed",
                "Permissions",
                "Optionals",
                "OptionalsAll",
                "OptionalsNone",
                "OptionalsMiddle",
                "Choice",
                "ChoiceText",
                "ChoicePoint",
                "ChoiceSamples",
                "ChoiceNone",
                "Polygon",
                "Tree",
                "Point3D",
                "Drawing",
                "Point"
            })
    void fieldsAloneMakeTheSameBody(String name) throws Exception {
        String before = text(structure(read(session, name)).get("body"));
        String fields = text(structure(read(session, name)).get("value"));

        assertThat(write(name, fields)).isEqualTo("0");
        assertThat(text(structure(read(session, name)).get("body"))).isEqualTo(before);
        String type = name.replaceAll("(Optionals|Choice).*", "$1");
        assertThat(write(name, "{'typeId':'ns=2;s=DataTypes/" + type + "','value':" + fields + "}"))
                .isEqualTo("0");
        assertThat(text(structure(read(session, name)).get("body"))).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Structures/Point | {'X':1} | value.Y: got nothing",
                "Structures/Point | {'X':1,'Y':2,'z':3} | value.z: got a member",
                "Structures/Point | {'X':1,'Y':'far'} | value.Y: \"far\" does not fit Double",
                "Structures/Polygon | {'Label':'','Center':{'X':1,'Y':true},'Corners':[]} | value.Center.Y: true does not",
                "Structures/Polygon | {'Label':'','Center':{'X':1,'Y':1},'Corners':[{'X':1}]} | value.Corners[0].Y: got",
                "Structures/PointArray | [{'X':1,'Y':2},{'X':1}] | value[1].Y: got nothing",
                "Structures/Choice | {'Number':1,'Text':'a'} | value: got 2 members",
                "Structures/Mixed | {'Color':3,'Level':20,'Alarms':0,'Temperature':1,'Serial':'','Colors':[],"
                        + "'Permissions':{'Value':'','ValidBits':''}} | value.Color: got 3, expected a number of the",
                "Structures/Shape | {'Name':'x'} | value: got an object of 1, expected {\"typeId\"",
                "Structures/Opaque | {'typeId':'ns=2;s=DataTypes/Opaque','value':{'a':1}} | value.typeId: got ns=2;s=Data",
                "Structures/Point | {'typeId':'ns=2;s=DataTypes/Point/Default Binary','encoding':1,"
                        + "'body':'AAAAAAAA8D8AAAAAAAAAAA==','value':{'X':1,'Y':0.5}} | value.value.Y: got another value",
                "Types/Enum | 3 | value: got 3, expected a number of the enumeration: [0, 1, 2]",
                "Types/EnumArray | [0,5] | value[1]: got 5",
                "Types/OptionSet | 4294967296 | value: 4294967296 does not fit UInt32",
                "Types/Temperature | 'warm' | value: \"warm\" does not fit Double",
                "Types/Serial | 5 | value: 5 does not fit String"
            })
    void whatDoesNotFitIsRefusedByItsPathAndNotSent(String node, String value, String message) throws Exception {
        long before = daemon.simulator.counters().received(Service.WRITE);

        JsonValue.Obj error =
                daemon.error(RunningDaemon.query(session, "write", "['ns=2;s=" + node + "'," + value + "]"));

        assertThat(RunningDaemon.text(error, "type")).isEqualTo("WriteTypeMismatchException");
        assertThat(RunningDaemon.text(error, "message")).startsWith(message);
        assertThat(RunningDaemon.text(error, "outcome")).isEqualTo("not_sent");
        assertThat(daemon.simulator.counters().received(Service.WRITE)).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"Enum | 2", "EnumArray | [2,1]", "OptionSet | 5", "Temperature | 3", "Serial | 'a'", "Duration | 7"
            })
    void valueOfASubtypeIsWrittenByTypeDetection(String name, String value) throws Exception {
        String status =
                text(daemon.data(RunningDaemon.query(session, "write", "['ns=2;s=Types/" + name + "'," + value + "]")));

        assertThat(status).isEqualTo("0");
    }

    @Test
    void typesAreAskedForOnceByAllSessionsOfAServer() throws Exception {
        daemon.data(RunningDaemon.query(session, "flushCache", "[]"));
        read(session, "Polygon");
        long browsed = daemon.simulator.counters().received(Service.BROWSE);
        String other = daemon.open("{'sessionName':'other'}");

        read(session, "Polygon");
        read(other, "Polygon");
        read(session, "Opaque");
        long browsedForOpaque = daemon.simulator.counters().received(Service.BROWSE) - browsed;
        read(other, "Opaque");

        assertThat(daemon.simulator.counters().received(Service.BROWSE) - browsed)
                .isEqualTo(browsedForOpaque);
        assertThat(browsedForOpaque).isPositive();
    }

    @Test
    void typeThatChangesIsAskedForAgainAndTheValueDecodedInTheSameAnswer() throws Exception {
        assertThat(text(structure(read(session, "Changing")).get("value")))
                .isEqualTo("{\"Count\":7,\"Label\":\"after\"}");

        daemon.simulator.changeType();

        assertThat(text(structure(read(session, "Changing")).get("value")))
                .isEqualTo("{\"Count\":7,\"Added\":2.5,\"Label\":\"after\"}");
        daemon.simulator.restoreType();
    }

    @Test
    void discoveryCountsTheServersOwnTypes() throws Exception {
        String all = text(daemon.data(RunningDaemon.query(session, "discoverDataTypes", "[]")));
        long browsed = daemon.simulator.counters().received(Service.BROWSE);
        String again = text(daemon.data(RunningDaemon.query(session, "discoverDataTypes", "[null,true]")));
        String none = text(daemon.data(RunningDaemon.query(session, "discoverDataTypes", "[1,false]")));

        assertThat(Integer.parseInt(all)).isGreaterThanOrEqualTo(16);
        assertThat(again).isEqualTo(all);
        assertThat(none).isEqualTo("0");
        assertThat(daemon.simulator.counters().received(Service.BROWSE)).isGreaterThan(browsed);
    }

    private JsonValue.Obj read(String sessionId, String name) throws Exception {
        return (JsonValue.Obj)
                daemon.data(RunningDaemon.query(sessionId, "read", "['ns=2;s=Structures/" + name + "']"));
    }

    private String write(String name, String value) throws Exception {
        return text(
                daemon.data(RunningDaemon.query(session, "write", "['ns=2;s=Structures/" + name + "'," + value + "]")));
    }

    /** Matrices are written flat with their dimensions, or nested. */
    private static JsonValue withDimensions(JsonValue.Obj dataValue) {
        JsonValue value = Objects.requireNonNull(dataValue.get("value"));
        JsonValue dimensions = dataValue.get("dimensions");
        return dimensions == null ? value : new JsonValue.Obj(Map.of("value", value, "dimensions", dimensions));
    }

    private static JsonValue.Obj structure(JsonValue.Obj dataValue) {
        return (JsonValue.Obj) Objects.requireNonNull(dataValue.get("value"));
    }

    private static JsonValue json(String text) {
        byte[] utf8 = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(utf8, 0, utf8.length);
    }

    private static String text(@Nullable JsonValue value) {
        if (value instanceof JsonValue.Obj object) {
            return object.members().entrySet().stream()
                    .map(member -> '"' + member.getKey() + "\":" + text(member.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        } else if (value instanceof JsonValue.Arr array) {
            return array.elements().stream().map(StructureMethodsTest::text).collect(Collectors.joining(",", "[", "]"));
        }
        return String.valueOf(value);
    }
}
