package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValueReaderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Boolean | true | true",
                "Boolean | 0 | false",
                "Boolean | 1 | true",
                "Boolean | 1.0 | true",
                "SByte | -128 | -128",
                "Byte | 255 | 255",
                "Byte | 255.0 | 255",
                "Byte | \"7\" | 7",
                "Int16 | -32768 | -32768",
                "UInt16 | 65535 | 65535",
                "Int32 | 3.0 | 3",
                "Int32 | 3e2 | 300",
                "UInt32 | 4294967295 | 4294967295",
                "Int64 | \"-9223372036854775808\" | -9223372036854775808",
                "Int64 | 9007199254740993 | 9007199254740993",
                "UInt64 | \"18446744073709551615\" | 18446744073709551615",
                "UInt64 | 18446744073709551615 | 18446744073709551615",
                "Float | 0.1 | 0.1",
                "Float | 3 | 3.0",
                "Float | \"1.5e3\" | 1500.0",
                "Float | \"-Infinity\" | -Infinity",
                "Double | \"0.1\" | 0.1",
                "Double | 1e-400 | 0.0",
                "Double | \"NaN\" | NaN",
                "String | \"\" | ''",
                "Guid | \"72962B91-FA75-4AE6-8D28-B404DC7DAF63\" | 72962b91-fa75-4ae6-8d28-b404dc7daf63"
            })
    void scalarsAreTakenInEveryShapeOfTheirs(String type, String json, String expected) {
        Object value = ValueReader.readScalar(json(json), type(type), "value");

        assertThat(value).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Byte | 300 | value: 300 does not fit Byte (0 to 255)",
                "Byte | -1 | value: -1 does not fit Byte (0 to 255)",
                "Byte | 3.5 | value: 3.5 does not fit Byte (0 to 255)",
                "Byte | \"x\" | value: \"x\" does not fit Byte (0 to 255)",
                "Byte | true | value: true does not fit Byte (0 to 255)",
                "SByte | 128 | value: 128 does not fit SByte (-128 to 127)",
                "Int16 | 32768 | value: 32768 does not fit Int16 (-32768 to 32767)",
                "UInt16 | 65536 | value: 65536 does not fit UInt16 (0 to 65535)",
                "Int32 | 2147483648 | value: 2147483648 does not fit Int32 (-2147483648 to 2147483647)",
                "Int32 | 1e999999999 | value: 1e999999999 does not fit Int32 (-2147483648 to 2147483647)",
                "Int32 | null | value: null does not fit Int32 (it has no null)",
                "Int32 | [1] | value: an array of 1 does not fit Int32 (-2147483648 to 2147483647)",
                "Boolean | 2 | value: 2 does not fit Boolean (true or false, 1 or 0)",
                "Boolean | \"true\" | value: \"true\" does not fit Boolean (true or false, 1 or 0)",
                "Float | 1e39 | value: 1e39 does not fit Float (at most 3.4028235E38 in magnitude)",
                "Double | \"1e999\" | value: \"1e999\" does not fit Double (at most 1.7976931348623157E308 in magnitude)",
                "Double | \"0x1p3\" | value: \"0x1p3\" does not fit Double (a number, \"NaN\", \"Infinity\" or \"-Infinity\")",
                "Double | \"1d\" | value: \"1d\" does not fit Double (a number, \"NaN\", \"Infinity\" or \"-Infinity\")",
                "String | 5 | value: 5 does not fit String (a string)",
                "String | \"\\ud800\" | value: text with half of a surrogate pair does not fit String (Unicode text)",
                "Guid | \"1-1-1-1-1\" | value: \"1-1-1-1-1\" does not fit Guid (8-4-4-4-12 hexadecimal digits)",
                "ByteString | \"AA\" | value: \"AA\" does not fit ByteString (strict base64)",
                "ByteString | \"AB==\" | value: \"AB==\" does not fit ByteString (strict base64)",
                "ByteString | \"AA==\\n\" | value: \"AA==\uFFFD\" does not fit ByteString (strict base64)",
                "ByteString | \"A-_=\" | value: \"A-_=\" does not fit ByteString (strict base64)",
                "DiagnosticInfo | {} | value: an object of 0 does not fit DiagnosticInfo (it cannot be written)",
                "StatusCode | 4294967296 | value: 4294967296 does not fit StatusCode (0 to 4294967295)"
            })
    void whatDoesNotFitIsRefusedWithTheRange(String type, String json, String message) {
        CommandException error = catchThrowableOfType(
                CommandException.class, () -> ValueReader.readScalar(json(json), type(type), "value"));

        assertThat(error.type()).isEqualTo(ErrorType.WRITE_TYPE_MISMATCH);
        assertThat(error.messageText()).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"2026-01-02T03:04:05Z\" | 2026-01-02T03:04:05Z",
                "\"2026-01-02T03:04:05.1234567+00:00\" | 2026-01-02T03:04:05.123456700Z",
                "\"2026-01-02T03:04:05.123456789+02:00\" | 2026-01-02T01:04:05.123456700Z",
                "\"2026-01-02T03:04:05+0200\" | 2026-01-02T01:04:05Z",
                "\"2026-01-02t03:04-05\" | 2026-01-02T08:04:00Z",
                "{\"date\":\"2026-07-02 03:04:05.123456\",\"timezone_type\":3,\"timezone\":\"UTC\"} | 2026-07-02T03:04:05.123456Z",
                "{\"date\":\"2026-07-02 03:04:05.000000\",\"timezone_type\":1,\"timezone\":\"+02:00\"} | 2026-07-02T01:04:05Z",
                "{\"date\":\"2026-07-02 03:04:05.000000\",\"timezone_type\":3,\"timezone\":\"Europe/Vienna\"} | 2026-07-02T01:04:05Z"
            })
    void pointsInTimeAreTakenWithAnyOffset(String json, Instant expected) {
        DateTime value = (DateTime) ValueReader.readScalar(json(json), BuiltinType.DATE_TIME, "value");

        assertThat(value).isEqualTo(DateTime.of(expected));
    }

    @Test
    void timesBeyondTheRangeClamp() {
        assertThat(ValueReader.readDateTime(json("\"1600-12-31T23:59:59Z\""), "startTime"))
                .isEqualTo(DateTime.NULL);
        assertThat(ValueReader.readDateTime(json("\"-5000-01-01T00:00:00Z\""), "startTime"))
                .isEqualTo(DateTime.NULL);
        assertThat(ValueReader.readDateTime(json("\"9999-12-31T23:59:59Z\""), "startTime"))
                .isEqualTo(DateTime.MAX);
        assertThat(ValueReader.readDateTime(json("\"+99999-01-01T00:00:00Z\""), "startTime"))
                .isEqualTo(DateTime.MAX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2026-01-02\"",
                "\"2026-01-02T03:04:05\"",
                "\"2026-02-30T00:00:00Z\"",
                "5",
                "[]",
                "{\"date\":\"2026-07-02 03:04:05\",\"timezone\":\"Nowhere/Land\"}",
                "\"2026-01-02T03:04:05+01:00+0200\""
            })
    void anythingElseIsNoPointInTime(String json) {
        CommandException error =
                catchThrowableOfType(CommandException.class, () -> ValueReader.readDateTime(json(json), "startTime"));

        assertThat(error.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
        assertThat(error.messageText()).startsWith("startTime");
    }

    @Test
    void arraysAndMatricesFollowTheValueRank() {
        assertThat(read("[1,2]", "Int32", 1)).isEqualTo(Variant.array(BuiltinType.INT32, List.of(1, 2)));
        assertThat(read("[1,2]", "Int32", -2)).isEqualTo(Variant.array(BuiltinType.INT32, List.of(1, 2)));
        assertThat(read("5", "Int32", -2)).isEqualTo(Variant.scalar(BuiltinType.INT32, 5));
        assertThat(read("5", "Int32", -3)).isEqualTo(Variant.scalar(BuiltinType.INT32, 5));
        assertThat(read("[]", "Int32", 1)).isEqualTo(Variant.array(BuiltinType.INT32, List.of()));
        assertThat(read("null", "Int32", 1)).isEqualTo(Variant.nullArray(BuiltinType.INT32));
        assertThat(read("[[1,2,3],[4,5,6]]", "Int32", 2))
                .isEqualTo(Variant.matrix(BuiltinType.INT32, List.of(1, 2, 3, 4, 5, 6), List.of(2, 3)));
        assertThat(read("[[[\"a\"]],[[\"b\"]]]", "String", 0))
                .isEqualTo(Variant.matrix(BuiltinType.STRING, List.of("a", "b"), List.of(2, 1, 1)));
        assertThat(read("{\"value\":[1,2,3,4],\"dimensions\":[2,2]}", "Int32", 2))
                .isEqualTo(Variant.matrix(BuiltinType.INT32, List.of(1, 2, 3, 4), List.of(2, 2)));
        assertThat(read("[[],[]]", "Int32", 2)).isEqualTo(Variant.matrix(BuiltinType.INT32, List.of(), List.of(2, 0)));
        assertThat(read("[]", "Int32", 2)).isEqualTo(Variant.matrix(BuiltinType.INT32, List.of(), List.of(0, 0)));
    }

    // PHP arrays whose keys do not run from 0 are objects in JSON.
    @Test
    void anObjectStandsForAnArrayWhereTheTypeIsNoObjectItself() {
        assertThat(read("{\"1\":5,\"2\":6}", "Int32", -2)).isEqualTo(Variant.array(BuiltinType.INT32, List.of(5, 6)));
        assertThat(read("{\"locale\":null,\"text\":\"x\"}", "LocalizedText", -2))
                .isEqualTo(Variant.scalar(BuiltinType.LOCALIZED_TEXT, new LocalizedText(null, "x")));
        assertThat(read("{\"7\":{\"text\":\"x\"}}", "LocalizedText", 1))
                .isEqualTo(Variant.array(BuiltinType.LOCALIZED_TEXT, List.of(new LocalizedText(null, "x"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1] | -1",
                "5 | 1",
                "5 | 0",
                "[[1]] | 1",
                "[1] | 2",
                "[[1],[2,3]] | 2",
                "[[1],2] | 2",
                "[1,[2]] | -2",
                "[[1,2]] | -3",
                "[[[1]]] | 2",
                "{\"value\":[1,2,3],\"dimensions\":[2,2]} | 2",
                "{\"value\":[1,2],\"dimensions\":[2,-1]} | 2",
                "{\"value\":[1,2],\"dimensions\":[1,2]} | 3",
                "{\"value\":[],\"dimensions\":[65536,65536]} | 2"
            })
    void otherRanksAreRefused(String json, int valueRank) {
        CommandException error = catchThrowableOfType(CommandException.class, () -> read(json, "Int32", valueRank));

        assertThat(error.type()).isEqualTo(ErrorType.WRITE_TYPE_MISMATCH);
        assertThat(error.messageText()).startsWith("value: ");
    }

    @Test
    void phpObjectsAreTakenIn() {
        assertThat(read("{\"ns\":2,\"n\":\"x\"}", "QualifiedName", -1).value()).isEqualTo(new QualifiedName(2, "x"));
        assertThat(read("{\"v\":\"ns=2;s=x\"}", "NodeId", -1).value()).isEqualTo(NodeId.text(2, "x"));
        assertThat(read("{\"typeId\":{\"v\":\"i=886\"},\"encoding\":1,\"bodyB64\":\"AQI=\"}", "ExtensionObject", -1)
                        .value())
                .isEqualTo(new ExtensionObject(NodeId.numeric(0, 886), 1, ByteString.copyOf(new byte[] {1, 2}), null));
    }

    @Test
    void aTypedVariantBringsItsType() {
        assertThat(ValueReader.readTypedVariant(json("{\"type\":11,\"value\":1}"), "args[0]"))
                .isEqualTo(Variant.scalar(BuiltinType.DOUBLE, 1.0));
        assertThat(ValueReader.readTypedVariant(json("{\"type\":6,\"value\":[1,2],\"dimensions\":[]}"), "args[0]"))
                .isEqualTo(Variant.array(BuiltinType.INT32, List.of(1, 2)));
        assertThat(ValueReader.readTypedVariant(
                        json("{\"type\":24,\"value\":[{\"type\":1,\"value\":true},{\"type\":24,\"value\":null}]}"),
                        "args[0]"))
                .isEqualTo(Variant.array(
                        BuiltinType.VARIANT, List.of(Variant.scalar(BuiltinType.BOOLEAN, true), Variant.NULL)));
        assertThat(ValueReader.readTypedVariant(json("{\"type\":24,\"value\":null,\"dimensions\":null}"), "args[0]"))
                .isEqualTo(Variant.NULL);

        CommandException unknown = catchThrowableOfType(
                CommandException.class,
                () -> ValueReader.readTypedVariant(json("{\"type\":26,\"value\":1}"), "args[0]"));
        assertThat(unknown.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
        assertThat(unknown.messageText()).isEqualTo("args[0].type: got 26, expected a BuiltinType, 1 to 25");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"id\":85} | i=85",
                "{\"ns\":2,\"id\":4294967295,\"type\":\"numeric\"} | ns=2;i=4294967295",
                "{\"ns\":1.0,\"id\":\"Speed\",\"type\":\"string\"} | ns=1;s=Speed",
                "{\"ns\":1,\"id\":\"72962B91-FA75-4AE6-8D28-B404DC7DAF63\",\"type\":\"guid\"} | ns=1;g=72962b91-fa75-4ae6-8d28-b404dc7daf63",
                "{\"ns\":1,\"id\":\"00ff\",\"type\":\"opaque\"} | ns=1;b=AP8=",
                "\"ns=2;s=a;b=c\" | ns=2;s=a;b=c",
                "\"ns=1;b=AP8=\" | ns=1;b=AP8=",
                "{\"v\":\"ns=1;b=00ff\"} | ns=1;b=AP8=",
                "\"nsu=http://example.org/plant;s=Speed\" | nsu=http://example.org/plant;s=Speed",
                "{\"ns\":0,\"id\":5,\"type\":\"numeric\",\"nsu\":\"urn:x\",\"serverIndex\":0} | nsu=urn:x;i=5"
            })
    void aNodeIdComesInEveryShape(String json, String expected) {
        NodeReference reference = ValueReader.readNodeReference(json(json), "nodeId");

        assertThat(reference).hasToString(expected);
        assertThat(NodeReference.parse(reference.toString())).isEqualTo(reference);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5 | invalid_argument",
                "[1] | invalid_argument",
                "{} | invalid_argument",
                "[] | invalid_argument",
                "{\"ns\":-1,\"id\":1} | invalid_argument",
                "{\"ns\":65536,\"id\":1} | invalid_argument",
                "{\"ns\":\"0\",\"id\":1} | invalid_argument",
                "{\"id\":\"x\"} | invalid_argument",
                "{\"id\":4294967296} | invalid_argument",
                "{\"id\":1,\"type\":\"string\"} | invalid_argument",
                "{\"id\":1,\"type\":\"weird\"} | invalid_argument",
                "{\"id\":\"0\",\"type\":\"opaque\"} | InvalidNodeIdException",
                "{\"id\":\"zz\",\"type\":\"opaque\"} | InvalidNodeIdException",
                "{\"id\":\"1-2\",\"type\":\"guid\"} | InvalidNodeIdException",
                "\"\" | InvalidNodeIdException",
                "\"Speed\" | InvalidNodeIdException",
                "\"ns=2\" | InvalidNodeIdException",
                "\"ns=70000;i=1\" | InvalidNodeIdException",
                "\"i=4294967296\" | InvalidNodeIdException",
                "\"i=-1\" | InvalidNodeIdException",
                "\"ns=1;b=00ff0\" | InvalidNodeIdException",
                "{\"v\":\"nsu=urn:x;i=1\"} | InvalidNodeIdException"
            })
    void aBadNodeIdIsRefused(String json, String errorType) {
        CommandException error =
                catchThrowableOfType(CommandException.class, () -> ValueReader.readNodeReference(json(json), "nodeId"));

        assertThat(error.type().wireName()).isEqualTo(errorType);
    }

    @Test
    void answersInAWrongShapeAreEncodingErrors() {
        for (String answer : List.of(
                "5",
                "{\"value\":300,\"type\":3}",
                "{\"value\":1}",
                "{\"value\":[[1]],\"type\":6}",
                "{\"value\":1,\"type\":6,\"statusCode\":-1}",
                "{\"value\":\"x\",\"type\":17}")) {
            CommandException error =
                    catchThrowableOfType(CommandException.class, () -> ValueReader.readDataValue(json(answer)));

            assertThat(error.type()).as(answer).isEqualTo(ErrorType.ENCODING);
        }
    }

    // Recorded from the reference: what older daemons answer reads too.
    @Test
    void aRecordedAnswerReads() {
        DataValue value = ValueReader.readDataValue(json("{\"value\":9007199254740993,\"type\":8,\"dimensions\":null,"
                + "\"statusCode\":0,\"sourceTimestamp\":\"2024-01-02T03:04:05+00:00\",\"serverTimestamp\":null}"));

        assertThat(value)
                .isEqualTo(new DataValue(
                        Variant.scalar(BuiltinType.INT64, 9007199254740993L),
                        StatusCode.GOOD,
                        DateTime.of(Instant.parse("2024-01-02T03:04:05Z")),
                        null));
    }

    @Test
    void referencesToOtherServersKeepTheirUri() {
        JsonValue json = json("{\"ns\":0,\"id\":5,\"type\":\"numeric\",\"nsu\":\"urn:x\",\"serverIndex\":3}");

        assertThat(ValueReader.readExpandedNodeId(json, "nodeId"))
                .isEqualTo(new ExpandedNodeId(NodeId.numeric(0, 5), "urn:x", 3));
        assertThat(ValueReader.readNodeReference(json, "nodeId"))
                .isEqualTo(new NamespacedNodeId("urn:x", NodeId.numeric(0, 5).identifier()));
    }

    @Test
    void integersOfMoreDigitsThanAnyTypeAreRefusedQuickly() {
        CommandException error = catchThrowableOfType(
                CommandException.class,
                () -> ValueReader.readScalar(new JsonValue.Str("9".repeat(60_000)), BuiltinType.UINT64, "value"));

        assertThat(error.messageText()).hasSizeLessThan(200);
        assertThat(ValueReader.readScalar(json("0"), BuiltinType.UINT64, "value"))
                .isEqualTo(BigInteger.ZERO);
        assertThat(ValueReader.readScalar(json("\"72962b91-fa75-4ae6-8d28-b404dc7daf63\""), BuiltinType.GUID, "value"))
                .isEqualTo(UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63"));
    }

    private static Variant read(String json, String type, int valueRank) {
        return ValueReader.readVariant(json(json), type(type), valueRank, "value");
    }

    private static BuiltinType type(String name) {
        return BuiltinType.ofName(name).orElseThrow();
    }

    private static JsonValue json(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return JsonReader.readValue(bytes, 0, bytes.length);
    }
}
