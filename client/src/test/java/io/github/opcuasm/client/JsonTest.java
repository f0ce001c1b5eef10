package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
    private enum Colour {
        RED
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of(Long.MIN_VALUE, "-9223372036854775808"),
                Arguments.of(new BigInteger("18446744073709551615"), "18446744073709551615"),
                Arguments.of(new BigDecimal("0.1"), "0.1"),
                Arguments.of(0.1f, "0.1"),
                Arguments.of(1e300, "1.0E300"),
                Arguments.of(Double.NaN, "\"NaN\""),
                Arguments.of(Float.NEGATIVE_INFINITY, "\"-Infinity\""),
                Arguments.of(new double[][] {{1.5}, {2.5}}, "[[1.5],[2.5]]"),
                Arguments.of(new long[] {1L << 60}, "[1152921504606846976]"),
                Arguments.of(new boolean[] {true}, "[true]"),
                Arguments.of(new String[] {"a", null}, "[\"a\",null]"),
                Arguments.of(new byte[] {0, -1}, "\"AP8=\""),
                Arguments.of(ByteString.copyOf(new byte[] {0, -1}), "\"AP8=\""),
                Arguments.of(Instant.parse("2026-05-15T10:30:00.1234567Z"), "\"2026-05-15T10:30:00.123456700Z\""),
                Arguments.of(
                        UUID.fromString("72962B91-FA75-4AE6-8D28-B404DC7DAF63"),
                        "\"72962b91-fa75-4ae6-8d28-b404dc7daf63\""),
                Arguments.of(NodeId.text(2, "Speed"), "{\"ns\":2,\"id\":\"Speed\",\"type\":\"string\"}"),
                Arguments.of(
                        NodeId.opaque(1, ByteString.copyOf(new byte[] {0, -1})),
                        "{\"ns\":1,\"id\":\"00ff\",\"type\":\"opaque\"}"),
                Arguments.of(NodeReference.parse("nsu=urn:a;s=b"), "\"nsu=urn:a;s=b\""),
                Arguments.of(new StatusCode(0x80340000L), "2150891520"),
                Arguments.of(new XmlElement("<a/>"), "\"<a/>\""),
                Arguments.of(DiagnosticInfo.PRESENT, "null"),
                Arguments.of(Colour.RED, "\"RED\""),
                Arguments.of(AttributeId.DISPLAY_NAME, "4"),
                Arguments.of(NodeClass.VIEW, "128"),
                Arguments.of(Map.of("X", List.of(1, 2.5)), "{\"X\":[1,2.5]}"));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void javaValuesAreWrittenWithAllTheirDigits(Object value, String expected) {
        assertThat(Json.text(Json.of(value))).isEqualTo(expected);
    }

    static Stream<DataValue> values() {
        return Stream.of(
                DataValue.of(Variant.NULL),
                DataValue.of(Variant.matrix(BuiltinType.INT32, List.of(1, 2, 3, 4), List.of(2, 2))),
                DataValue.of(Variant.scalar(BuiltinType.LOCALIZED_TEXT, new LocalizedText(null, "a"))),
                DataValue.of(Variant.scalar(BuiltinType.QUALIFIED_NAME, new QualifiedName(2, "a"))),
                DataValue.of(Variant.scalar(
                        BuiltinType.EXPANDED_NODE_ID, new ExpandedNodeId(NodeId.guid(0, new UUID(1, 2)), "urn:a", 3))),
                DataValue.of(Variant.scalar(
                        BuiltinType.EXTENSION_OBJECT,
                        new ExtensionObject(NodeId.numeric(2, 3), 1, ByteString.copyOf(new byte[] {1}), null))),
                DataValue.of(Variant.scalar(BuiltinType.UINT64, new BigInteger("18446744073709551615"))),
                new DataValue(
                        Variant.scalar(BuiltinType.FLOAT, Float.MIN_VALUE),
                        new StatusCode(0x40000000L),
                        DateTime.of(Instant.parse("2026-05-15T10:30:00.1234567Z")),
                        null));
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatIsWrittenReadsBackTheSame(DataValue value) {
        byte[] text = Json.text(Json.of(value)).getBytes(StandardCharsets.UTF_8);

        assertThat(ValueReader.readDataValue(JsonReader.readValue(text, 0, text.length)))
                .isEqualTo(value);
    }

    @Test
    void otherObjectsAreRefused() {
        assertThatThrownBy(() -> Json.of(new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Object");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "ab\ud83d", "\udc00x", "\ud83d\ud83d\ude00"})
    void halfASurrogatePairIsRefusedByItsPlaceAndNotByItsText(String text) {
        for (Object value : List.of(text, Map.of(text, 1), List.of(text), NodeId.text(1, text))) {
            assertThatThrownBy(() -> Json.text(Json.of(value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("text: got half of a surrogate pair, U+D")
                    .hasMessageContaining(" at index ")
                    .hasMessageNotContaining("ab");
        }
        assertThatThrownBy(() -> Json.of(text)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Json.text(Json.of("\ud83d\ude00"))).isEqualTo("\"\\uD83D\\uDE00\"");
    }
}
