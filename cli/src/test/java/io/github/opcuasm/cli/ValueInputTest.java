package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueInputTest {
    private static final Instant NOW = Instant.parse("2026-05-15T10:30:00Z");

    private final ValueInput input = new ValueInput("VALUE", NOW, ZoneId.of("Europe/Berlin"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Boolean       | on                       | true
            Boolean       | 0                        | false
            Int32         | -5                       | -5
            UInt32        | 0xFFFFFFFF               | 4294967295
            UInt64        | 18446744073709551615     | 18446744073709551615
            Int16         | 3.0                      | 3.0
            Double        | nan                      | "NaN"
            Double        | -Infinity                | "-Infinity"
            Double        | -0                       | -0.0
            Float         | .5                       | 0.5
            Double        | 1e400000000              | 1E+400000000
            String        | 42                       | "42"
            String        | "42"                     | "42"
            String        | [not json                | "[not json"
            String        | "null"                   | "null"
            String        | null                     | null
            DateTime      | 2026-01-02T03:04:05.1234567+01:00 | "2026-01-02T03:04:05.1234567+01:00"
            DateTime      | 2026-05-15 10:30         | "2026-05-15T08:30:00Z"
            DateTime      | now                      | "2026-05-15T10:30:00Z"
            DateTime      | 2h                       | "2026-05-15T08:30:00Z"
            Guid          | {72962B91-FA75-4AE6-8D28-B404DC7DAF63} | "72962b91-fa75-4ae6-8d28-b404dc7daf63"
            ByteString    | AP8=                     | "AP8="
            ByteString    | hex:00:ff                | "AP8="
            ByteString    | ""                       | ""
            NodeId        | ns=2;s=a=b               | "ns=2;s=a=b"
            NodeId        | {"ns":2,"id":1}          | {"ns":2,"id":1}
            QualifiedName | 2:Speed                  | {"ns":2,"name":"Speed"}
            QualifiedName | 0:1:x                    | {"ns":0,"name":"1:x"}
            LocalizedText | Grüße                    | {"locale":null,"text":"Grüße"}
            StatusCode    | Bad_NodeIdUnknown        | 2150891520
            StatusCode    | BadNodeIdUnknown         | 2150891520
            StatusCode    | 0x80340000               | 2150891520
            Int32         | [1,2]                    | [1,2]
            Int32         | [[1,2],[3,4]]            | [[1,2],[3,4]]
            NodeId        | ["i=85","ns=2;s=x"]      | ["i=85","ns=2;s=x"]
            """)
    void textIsReadByItsType(String type, String text, String expected) {
        JsonValue value =
                input.parse(text, ValueType.of(BuiltinType.ofName(type).orElseThrow()));

        assertThat(Json.text(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Boolean    | yes      | true or false
            Int32      | abc      | a whole number such as 42
            Double     | 1,5      | a number such as 12.5, NaN or Infinity
            DateTime   | tomorrow | a time such as 2026-05-15T10:30:00Z
            Guid       | 12       | 8-4-4-4-12 hexadecimal digits
            ByteString | ü        | base64, hex:00ff or @FILE
            NodeId     | Speed    | a node id such as ns=2;s=Speed
            StatusCode | Bad_NodeIdUnkown | did you mean Bad_NodeIdUnknown?
            ExtensionObject | 5   | its fields as JSON
            """)
    void whatDoesNotFitIsAnsweredWithWhatWould(String type, String text, String expected) {
        ValueType given = ValueType.of(BuiltinType.ofName(type).orElseThrow());

        assertThatThrownBy(() -> input.parse(text, given))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("VALUE: got ")
                .hasMessageContaining(text)
                .hasMessageContaining(expected);
    }

    @Test
    void arrayNeedsNoBracketsWhereOneIsExpected() {
        ValueType array = new ValueType(BuiltinType.STRING, 1, null, Map.of());
        ValueType scalar = new ValueType(BuiltinType.STRING, ValueType.SCALAR, null, Map.of());

        assertThat(Json.text(input.parse("a, b,c", array))).isEqualTo("[\"a\",\"b\",\"c\"]");
        assertThat(Json.text(input.parse("[\"a\"]", array))).isEqualTo("[\"a\"]");
        assertThat(Json.text(input.parse("[\"a\"]", scalar))).isEqualTo("\"[\\\"a\\\"]\"");
    }

    @Test
    void enumerationIsWrittenByNameNumberAndAsItIsShown() {
        Map<BigInteger, String> names = Map.of(BigInteger.ZERO, "Red", BigInteger.TWO, "Blue");
        ValueType color = new ValueType(BuiltinType.INT32, ValueType.SCALAR, null, names);

        for (String text : new String[] {"Blue", "blue", "2", "Blue (2)"}) {
            assertThat(Json.text(input.parse(text, color))).as(text).isEqualTo("2");
        }
    }

    @Test
    void bytesComeFromAFile(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("bytes"), new byte[] {0, -1});
        ValueType bytes = ValueType.of(BuiltinType.BYTE_STRING);

        assertThat(Json.text(input.parse("@" + file, bytes))).isEqualTo("\"AP8=\"");
        assertThatThrownBy(() -> input.parse("@" + file + "x", bytes))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("cannot read");
    }
}
