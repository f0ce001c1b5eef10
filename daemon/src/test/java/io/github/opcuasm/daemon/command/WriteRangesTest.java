package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where the range of each type ends: the last value that fits arrives exactly, the first one that does not is refused and
 * nothing is sent, with the type beside the value or without. Single quotes stand for double ones.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class WriteRangesTest {
    private RunningDaemon daemon;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(UnaryOperator.identity());
        session = daemon.open("{'opcuaTimeout':20}");
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource({
        "SByte, -128, 127, -129, 128",
        "Byte, 0, 255, -1, 256",
        "Int16, -32768, 32767, -32769, 32768",
        "UInt16, 0, 65535, -1, 65536",
        "Int32, -2147483648, 2147483647, -2147483649, 2147483648",
        "UInt32, 0, 4294967295, -1, 4294967296",
        "Int64, -9223372036854775808, 9223372036854775807, -9223372036854775809, 9223372036854775808",
        "UInt64, 0, 18446744073709551615, -1, 18446744073709551616",
        "StatusCode, 0, 4294967295, -1, 4294967296",
    })
    void wholeNumbersEndWhereTheirTypeEnds(String type, String min, String max, String below, String above)
            throws Exception {
        for (String fits : new String[] {min, max}) {
            assertWritten(type, fits, fits);
            assertWritten(type, "'" + fits + "'", fits);
            assertWritten(type, fits + ".0", fits);
        }
        assertWritten(type, "1e1", "10");
        assertWritten(type, "'+7'", "7");
        assertWritten(type, "'007'", "7");
        for (String misfit : new String[] {
            below,
            above,
            "'" + below + "'",
            "'" + above + "'",
            "0.5",
            "'0.5'",
            "1e99",
            "1e999999999",
            "1e-1",
            "''",
            "' 1'",
            "'1 '",
            "'1e1'",
            "'0x1'",
            "'1_0'",
            "'１'",
            "'-'",
            "'NaN'",
            "true",
            "{}",
            "[1]"
        }) {
            assertRefused(type, misfit);
        }
        assertRefused(type, "null");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Boolean | true | true",
                "Boolean | 0 | false",
                "Boolean | 1 | true",
                "Boolean | 1.0 | true",
                "Float | 3.4028235e38 | 3.4028235E38",
                "Float | 0.1 | 0.1",
                "Float | 16777217 | 1.6777216E7",
                "Float | 1e-99 | 0.0",
                "Float | 'NaN' | 'NaN'",
                "Float | '-Infinity' | '-Infinity'",
                "Float | '1.5' | 1.5",
                "Double | 1.7976931348623157e308 | 1.7976931348623157E308",
                "Double | 9007199254740993 | 9.007199254740992E15",
                "Double | -0.0 | -0.0",
                "Double | '1e3' | 1000.0",
                "Guid | '72962B91-FA75-4AE6-8D28-B404DC7DAF63' | '72962b91-fa75-4ae6-8d28-b404dc7daf63'",
                "ByteString | '' | ''",
                "ByteString | 'AA==' | 'AA=='",
                "NodeId | 'ns=2;b=AP8=' | {'ns':2,'id':'00ff','type':'opaque'}",
                "NodeId | {'id':5} | {'ns':0,'id':5,'type':'numeric'}",
                "NodeId | {'v':'ns=2;s=x'} | {'ns':2,'id':'x','type':'string'}",
                "ExpandedNodeId | {'v':'ns=2;s=x'} | {'ns':2,'id':'x','type':'string'}",
                "QualifiedName | {'ns':2,'n':'x'} | {'ns':2,'name':'x'}",
                "LocalizedText | {'locale':'de','text':'x'} | {'locale':'de','text':'x'}",
                "LocalizedText | {'text':'x'} | {'locale':null,'text':'x'}",
            })
    void whatThePhpClientAndPeopleWriteIsTaken(String type, String json, String read) throws Exception {
        assertWritten(type, json, read);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "2026-05-15T10:30:00Z | 2026-05-15T10:30:00.000000+00:00",
                "2026-05-15T10:30:00+00:00 | 2026-05-15T10:30:00.000000+00:00",
                "2026-05-15T10:30:00+05:30 | 2026-05-15T05:00:00.000000+00:00",
                "2026-05-15T10:30:00+0530 | 2026-05-15T05:00:00.000000+00:00",
                "2026-05-15T10:30:00-03 | 2026-05-15T13:30:00.000000+00:00",
                "2026-05-15T10:30:00.1-18:00 | 2026-05-16T04:30:00.100000+00:00",
                "2026-05-15T10:30Z | 2026-05-15T10:30:00.000000+00:00",
                "2026-05-15t10:30:00z | 2026-05-15T10:30:00.000000+00:00",
                "2026-05-15T10:30:00.123456789Z | 2026-05-15T10:30:00.123456+00:00",
                "2024-02-29T23:59:59.999999Z | 2024-02-29T23:59:59.999999+00:00",
                "1601-01-01T00:00:00.0000010Z | 1601-01-01T00:00:00.000001+00:00",
                "9999-12-31T23:59:58Z | 9999-12-31T23:59:58.000000+00:00",
            })
    void timesOfAnyOffsetBecomeUtc(String written, String read) throws Exception {
        assertWritten("DateTime", "'" + written + "'", "'" + read + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1601-01-01T00:00:00Z | null",
                "1600-12-31T23:59:59Z | null",
                "0001-01-01T00:00:00Z | null",
                "9999-12-31T23:59:59Z | '9999-12-31T23:59:59.000000+00:00'",
                "9999-12-31T23:59:59-01:00 | '9999-12-31T23:59:59.000000+00:00'",
                "+10000-01-01T00:00:00Z | '9999-12-31T23:59:59.000000+00:00'",
            })
    void timesBeyondTheEndsBecomeTheEnds(String written, String read) throws Exception {
        assertThat(daemon.data(write("DateTime", "'" + written + "'", null))).hasToString("0");

        JsonValue.Obj value =
                (JsonValue.Obj) daemon.data(RunningDaemon.query(session, "read", "['ns=2;s=Scalars/DateTime']"));
        String found = String.valueOf(value.members().get("value"));
        assertThat(read.equals("null") ? found : found.substring(0, 20))
                .isEqualTo(read.replace('\'', '"').substring(0, Math.min(read.length(), 20)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'date':'2026-01-02 03:04:05.123456','timezone_type':3,'timezone':'UTC'} | 2026-01-02T03:04:05.123456+00:00",
                "{'date':'2026-07-02 03:04:05.000000','timezone_type':3,'timezone':'Europe/Vienna'}"
                        + " | 2026-07-02T01:04:05.000000+00:00",
                "{'date':'2026-01-02 03:04:05.000000','timezone_type':1,'timezone':'+05:30'} | 2026-01-01T21:34:05.000000+00:00",
                "{'date':'2026-01-02 03:04:05.000000','timezone_type':2,'timezone':'CET'} | 2026-01-02T02:04:05.000000+00:00",
                "{'date':'2026-01-02 03:04:05.000000','timezone_type':2,'timezone':'Z'} | 2026-01-02T03:04:05.000000+00:00",
                // An abbreviation says whether it is summer time; the zones that some of them name do not.
                "{'date':'2026-07-02 03:04:05.000000','timezone_type':2,'timezone':'CEST'} | 2026-07-02T01:04:05.000000+00:00",
                "{'date':'2026-07-02 03:04:05.000000','timezone_type':2,'timezone':'EDT'} | 2026-07-02T07:04:05.000000+00:00",
                "{'date':'2026-01-02 03:04:05.000000','timezone_type':2,'timezone':'EST'} | 2026-01-02T08:04:05.000000+00:00",
                "{'date':'2026-07-02 03:04:05.000000','timezone_type':2,'timezone':'CET'} | 2026-07-02T02:04:05.000000+00:00",
                "{'date':'2026-07-02 03:04:05.000000','timezone_type':2,'timezone':'PST'} | 2026-07-02T11:04:05.000000+00:00",
                "{'date':'2026-07-02 03:04:05.000000','timezone_type':2,'timezone':'BST'} | 2026-07-02T02:04:05.000000+00:00",
                "{'date':'2026-01-02 03:04:05.000000','timezone_type':2,'timezone':'gmt'} | 2026-01-02T03:04:05.000000+00:00",
                "{'date':'2026-01-02 03:04:05.000000','timezone':'Asia/Kolkata'} | 2026-01-01T21:34:05.000000+00:00",
                "{'date':'2026-01-02 03:04:05.000000','timezone':'EST'} | 2026-01-02T08:04:05.000000+00:00",
            })
    void phpTimesAreTakenInTheirZone(String php, String read) throws Exception {
        assertWritten("DateTime", php, "'" + read + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Boolean | 2",
                "Boolean | -1",
                "Boolean | 0.5",
                "Boolean | 'true'",
                "Boolean | null",
                "Float | 3.5e38",
                "Float | -1e39",
                "Float | '1e99'",
                "Float | 'nan'",
                "Float | ' 1'",
                "Float | '1f'",
                "Float | '0x1p3'",
                "Float | null",
                "Double | 1e309",
                "Double | '-1e400'",
                "Double | '1d'",
                "Double | ''",
                "Double | true",
                "String | 5",
                "String | true",
                "String | ['a']",
                "DateTime | '2026-05-15'",
                "DateTime | '2026-05-15T10:30:00'",
                "DateTime | '2026-05-15 10:30:00Z'",
                "DateTime | '2023-02-29T00:00:00Z'",
                "DateTime | '2026-05-15T24:00:01Z'",
                "DateTime | '2026-05-15T10:30:00+19:00'",
                "DateTime | 1778841000",
                "DateTime | {'date':'2026-01-02T03:04:05','timezone':'UTC'}",
                "DateTime | {'date':'2026-01-02 03:04:05.000000','timezone':'Nowhere/City'}",
                "DateTime | {'date':'2026-02-30 03:04:05.000000','timezone':'UTC'}",
                "DateTime | {'timezone':'UTC'}",
                // Of two places at least, hours apart.
                "DateTime | {'date':'2026-01-02 03:04:05.000000','timezone_type':2,'timezone':'IST'}",
                "DateTime | {'date':'2026-01-02 03:04:05.000000','timezone_type':2,'timezone':'Europe/Vienna'}",
                "DateTime | {'date':'2026-01-02 03:04:05.000000','timezone':'IST'}",
                "Guid | '72962b91fa754ae68d28b404dc7daf63'",
                "Guid | '{72962b91-fa75-4ae6-8d28-b404dc7daf63}'",
                "Guid | '72962b91-fa75-4ae6-8d28-b404dc7daf6'",
                "Guid | '1-1-1-1-1'",
                "Guid | 5",
                "ByteString | 'AA'",
                "ByteString | 'A==='",
                "ByteString | 'AB=='",
                "ByteString | ' AA=='",
                "ByteString | 'AA==AA=='",
                "ByteString | '-_8='",
                "ByteString | 'ä'",
                "ByteString | [1,2]",
                "XmlElement | 5",
                "NodeId | 'ns=2'",
                "NodeId | 'ns=2;b=00f'",
                "NodeId | {'v':'ns=2'}",
                "NodeId | {'v':5}",
                "NodeId | {'ns':2}",
                "NodeId | {'ns':65536,'id':1}",
                "NodeId | {'ns':2,'id':4294967296}",
                "NodeId | {'ns':2,'id':'xyz','type':'opaque'}",
                "NodeId | {'ns':2,'id':'x','type':'guid'}",
                "QualifiedName | 'x'",
                "QualifiedName | {'ns':65536,'name':'x'}",
                "QualifiedName | {'ns':2,'name':5}",
                "LocalizedText | {'locale':5,'text':'x'}",
                "LocalizedText | 5",
            })
    void whatDoesNotFitIsNotSent(String type, String json) throws Exception {
        assertRefused(type, json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Structures/Point | {'typeId':{'v':'ns=2;s=DataTypes/Point/Default Binary'},'encoding':1,"
                        + "'bodyB64':'AAAAAAAA8D8AAAAAAAAAQA=='} | {'X':1.0,'Y':2.0}",
                "Structures/Point | {'typeId':{'v':'ns=2;s=DataTypes/Point/Default Binary'},'encoding':1,'value':null,"
                        + "'bodyB64':'AAAAAAAA8D8AAAAAAAAAwA=='} | {'X':1.0,'Y':-2.0}",
            })
    void phpExtensionObjectsAreTaken(String node, String json, String fields) throws Exception {
        assertThat(daemon.data(RunningDaemon.query(session, "write", "['ns=2;s=" + node + "'," + json + "]")))
                .hasToString("0");

        JsonValue.Obj read =
                (JsonValue.Obj) daemon.data(RunningDaemon.query(session, "read", "['ns=2;s=" + node + "']"));
        JsonValue.Obj structure = (JsonValue.Obj) Objects.requireNonNull(read.get("value"));
        assertThat(ComparableJson.of(Objects.requireNonNull(structure.get("value"))))
                .isEqualTo(json(fields));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'typeId':{'v':'i=886'},'encoding':3,'bodyB64':'AA=='}",
                "{'typeId':{'v':'i=886'},'encoding':1,'bodyB64':'A'}",
                "{'typeId':{'v':'i='},'encoding':1,'bodyB64':'AA=='}",
                "{'typeId':5,'encoding':1,'bodyB64':'AA=='}",
                "{'typeId':{'v':'i=886'},'encoding':'x','bodyB64':'AA=='}",
                "'AA=='",
            })
    void malformedExtensionObjectIsNotSent(String json) throws Exception {
        assertNotSent("Structures/Point", json, null);
        assertNotSent("Structures/Point", json, BuiltinType.EXTENSION_OBJECT);
    }

    /** The rank is a part of the type: neither is anything cut from an array, nor one made of a scalar. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Scalars/Int32 | [1]",
                "Scalars/Int32 | []",
                "Arrays/Int32 | 1",
                "Arrays/Int32 | [[1],[2]]",
                "Arrays/Int32 | [1,null]",
                "Arrays/Int32 | [1,2147483648]",
                "Arrays/Matrix | [1,2,3]",
                "Arrays/Matrix | [[1,2],[3]]",
                "Arrays/Matrix | [[[1]]]",
                "Arrays/Matrix | {'value':[1,2,3],'dimensions':[2,2]}",
                "Arrays/Matrix | {'value':[1,2,3,4],'dimensions':[4]}",
                "Arrays/Matrix | {'value':[1,2,3,4],'dimensions':[-2,-2]}",
                "Arrays/Matrix | {'value':[],'dimensions':[65536,65536]}",
                "Types/ScalarOrArray | [[1],[2]]",
                "Types/OneOrMoreDimensions | 1",
            })
    void shapeThatDoesNotFitIsNotSent(String node, String json) throws Exception {
        assertNotSent(node, json, null);
    }

    private void assertWritten(String type, String json, String read) throws IOException {
        BuiltinType builtin = BuiltinType.ofName(type).orElseThrow();
        for (@Nullable BuiltinType given : new @Nullable BuiltinType[] {null, builtin}) {
            assertThat(daemon.ask(write(type, json, given)).members().get("data"))
                    .as("%s %s", type, json)
                    .hasToString("0");
            JsonValue.Obj value = (JsonValue.Obj)
                    daemon.data(RunningDaemon.query(session, "read", "['ns=2;s=Scalars/" + type + "']"));
            assertThat(ComparableJson.of(Objects.requireNonNull(value.members().get("value"))))
                    .as("%s %s", type, json)
                    .isEqualTo(json(read));
            assertThat(value.get("type")).hasToString(String.valueOf(builtin.id()));
        }
    }

    private void assertRefused(String type, String json) throws IOException {
        assertNotSent("Scalars/" + type, json, null);
        // With the type alone beside it an array is one.
        if (!json.startsWith("[") && !json.equals("{}")) {
            assertNotSent("Scalars/" + type, json, BuiltinType.ofName(type).orElseThrow());
        }
    }

    /** Without {@code given} the daemon finds the type out. */
    private void assertNotSent(String node, String json, @Nullable BuiltinType given) throws IOException {
        long before = daemon.simulator.counters().received(Service.WRITE);
        String type = given == null ? "" : "," + given.id();

        JsonValue.Obj error =
                daemon.error(RunningDaemon.query(session, "write", "['ns=2;s=" + node + "'," + json + type + "]"));

        assertThat(RunningDaemon.text(error, "type")).as("%s %s", node, json).isEqualTo("WriteTypeMismatchException");
        assertThat(RunningDaemon.text(error, "message")).startsWith("value");
        assertThat(RunningDaemon.text(error, "outcome")).isEqualTo("not_sent");
        assertThat(daemon.simulator.counters().received(Service.WRITE)).isEqualTo(before);
    }

    private String write(String type, String json, @Nullable BuiltinType given) {
        String number = given == null ? "" : "," + given.id();
        return RunningDaemon.query(session, "write", "['ns=2;s=Scalars/" + type + "'," + json + number + "]");
    }

    private static JsonValue json(String text) {
        return ComparableJson.of(text.replace('\'', '"'));
    }
}
