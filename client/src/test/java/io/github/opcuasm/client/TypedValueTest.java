package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TypedValueTest {
    private static final BigInteger MAX_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final UUID GUID = UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63");

    private enum Mode implements IntSupplier {
        OFF(0),
        ON(7),
        FAULT(-1);

        private final int number;

        Mode(int number) {
            this.number = number;
        }

        @Override
        public int getAsInt() {
            return number;
        }
    }

    private static TypedValue scalar(BuiltinType type, Object value) {
        return TypedValue.of(Variant.scalar(type, value));
    }

    private static Arguments row(BuiltinType type, Object value, Class<?> target, Object expected) {
        return Arguments.of(scalar(type, value), target, expected);
    }

    static Stream<Arguments> conversions() {
        return Stream.of(
                row(BuiltinType.BOOLEAN, true, boolean.class, true),
                row(BuiltinType.BOOLEAN, true, Boolean.class, true),
                row(BuiltinType.SBYTE, (byte) -128, byte.class, (byte) -128),
                row(BuiltinType.BYTE, (short) 127, byte.class, (byte) 127),
                row(BuiltinType.BYTE, (short) 255, int.class, 255),
                row(BuiltinType.UINT16, 32_767, short.class, (short) 32_767),
                row(BuiltinType.INT32, Integer.MIN_VALUE, int.class, Integer.MIN_VALUE),
                row(BuiltinType.INT32, 7, Long.class, 7L),
                row(BuiltinType.INT32, 7, double.class, 7.0),
                row(BuiltinType.UINT32, 0xFFFF_FFFFL, long.class, 0xFFFF_FFFFL),
                row(BuiltinType.INT64, Long.MIN_VALUE, long.class, Long.MIN_VALUE),
                row(BuiltinType.INT64, Long.MAX_VALUE, BigInteger.class, BigInteger.valueOf(Long.MAX_VALUE)),
                row(BuiltinType.INT64, 1L << 53, double.class, 9_007_199_254_740_992.0),
                row(BuiltinType.UINT64, MAX_UINT64, BigInteger.class, MAX_UINT64),
                row(BuiltinType.UINT64, MAX_UINT64, BigDecimal.class, new BigDecimal(MAX_UINT64)),
                row(BuiltinType.UINT64, BigInteger.valueOf(Long.MAX_VALUE), long.class, Long.MAX_VALUE),
                row(BuiltinType.FLOAT, 0.1f, float.class, 0.1f),
                row(BuiltinType.FLOAT, 3.25f, double.class, 3.25),
                row(BuiltinType.FLOAT, 0.1f, BigDecimal.class, new BigDecimal("0.1")),
                row(BuiltinType.DOUBLE, 0.1, BigDecimal.class, new BigDecimal("0.1")),
                row(BuiltinType.DOUBLE, 3.0, int.class, 3),
                row(BuiltinType.DOUBLE, Double.NaN, double.class, Double.NaN),
                row(BuiltinType.DOUBLE, Double.NEGATIVE_INFINITY, float.class, Float.NEGATIVE_INFINITY),
                row(BuiltinType.STRING, "text", String.class, "text"),
                row(BuiltinType.XML_ELEMENT, new XmlElement("<a/>"), String.class, "<a/>"),
                row(
                        BuiltinType.DATE_TIME,
                        DateTime.of(Instant.parse("2026-05-15T10:30:00.1234567Z")),
                        Instant.class,
                        Instant.parse("2026-05-15T10:30:00.1234567Z")),
                row(BuiltinType.GUID, GUID, UUID.class, GUID),
                row(BuiltinType.BYTE_STRING, ByteString.copyOf(new byte[] {1, -1}), byte[].class, new byte[] {1, -1}),
                row(BuiltinType.NODE_ID, NodeId.text(2, "Speed"), NodeId.class, NodeId.text(2, "Speed")),
                row(
                        BuiltinType.EXPANDED_NODE_ID,
                        ExpandedNodeId.local(NodeId.numeric(0, 85)),
                        NodeId.class,
                        NodeId.numeric(0, 85)),
                row(
                        BuiltinType.STATUS_CODE,
                        new StatusCode(0x80340000L),
                        StatusCode.class,
                        new StatusCode(0x80340000L)),
                row(
                        BuiltinType.QUALIFIED_NAME,
                        new QualifiedName(2, "a"),
                        QualifiedName.class,
                        new QualifiedName(2, "a")),
                row(
                        BuiltinType.LOCALIZED_TEXT,
                        new LocalizedText("en", "a"),
                        LocalizedText.class,
                        new LocalizedText("en", "a")),
                row(BuiltinType.INT32, 7, Mode.class, Mode.ON),
                row(BuiltinType.DOUBLE, 7.0, Mode.class, Mode.ON),
                row(BuiltinType.DOUBLE, -0.0, int.class, 0),
                row(BuiltinType.STRING, "OFF", Mode.class, Mode.OFF),
                row(BuiltinType.INT64, Long.MAX_VALUE, JsonValue.class, new JsonValue.Num("9223372036854775807")),
                row(BuiltinType.INT32, 7, Object.class, 7));
    }

    @ParameterizedTest
    @MethodSource("conversions")
    void aValueIsWhatIsAskedForWhereItFits(TypedValue value, Class<?> target, Object expected) {
        assertThat((Object) value.as(target)).isEqualTo(expected);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                row(BuiltinType.UINT64, BigInteger.ONE.shiftLeft(63), long.class, "BigInteger.class"),
                row(BuiltinType.INT64, (1L << 53) + 1, double.class, "without loss"),
                row(BuiltinType.INT64, Long.MAX_VALUE, double.class, "without loss"),
                row(BuiltinType.INT32, (1 << 24) + 1, float.class, "without loss"),
                row(BuiltinType.INT64, 1L << 31, int.class, "long.class"),
                row(BuiltinType.BYTE, (short) 128, byte.class, "without loss"),
                row(BuiltinType.UINT16, 65_535, short.class, "without loss"),
                row(BuiltinType.DOUBLE, 2.5, int.class, "double.class"),
                row(BuiltinType.DOUBLE, 1e300, long.class, "double.class"),
                row(BuiltinType.DOUBLE, 0.1, float.class, "without loss"),
                row(BuiltinType.DOUBLE, Double.NaN, BigDecimal.class, "without loss"),
                row(BuiltinType.DOUBLE, Double.POSITIVE_INFINITY, long.class, "without loss"),
                row(BuiltinType.DOUBLE, 7.7, Mode.class, "does not fit Mode"),
                row(BuiltinType.DOUBLE, Double.NaN, Mode.class, "does not fit Mode"),
                row(BuiltinType.INT64, (1L << 32) + 7, Mode.class, "does not fit Mode"),
                row(BuiltinType.UINT64, MAX_UINT64, Mode.class, "does not fit Mode"),
                row(BuiltinType.STRING, "12", int.class, "does not fit int"),
                row(BuiltinType.INT32, 12, String.class, "does not fit String"),
                row(BuiltinType.INT32, 1, boolean.class, "does not fit boolean"),
                row(BuiltinType.LOCALIZED_TEXT, new LocalizedText("en", "a"), String.class, "does not fit String"),
                row(
                        BuiltinType.EXPANDED_NODE_ID,
                        new ExpandedNodeId(NodeId.numeric(0, 1), "urn:other", 0),
                        NodeId.class,
                        "does not fit NodeId"),
                row(BuiltinType.INT32, 3, Mode.class, "none of its constants"),
                row(BuiltinType.STRING, "BROKEN", Mode.class, "no such constant"),
                row(BuiltinType.INT32, 3, int[].class, "does not fit int[]"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatDoesNotFitIsRefusedWithTheWayOut(TypedValue value, Class<?> target, Object hint) {
        assertThatThrownBy(() -> value.as(target))
                .isInstanceOf(ValueConversionException.class)
                .hasMessageStartingWith("value: ")
                .hasMessageContaining((String) hint);
    }

    @Test
    void arraysBecomeArraysAndLists() {
        TypedValue doubles = TypedValue.of(Variant.array(BuiltinType.DOUBLE, List.of(1.5, -2.5)));
        TypedValue texts = TypedValue.of(Variant.array(BuiltinType.STRING, Arrays.asList("a", null)));
        TypedValue bytes = TypedValue.of(Variant.array(BuiltinType.BYTE, List.of((short) 0, (short) 255)));
        TypedValue wide = TypedValue.of(Variant.array(BuiltinType.INT64, List.of(1L, 1L << 40)));

        assertThat(doubles.as(double[].class)).containsExactly(1.5, -2.5);
        assertThat(doubles.asList(Double.class)).containsExactly(1.5, -2.5);
        assertThat((List<?>) doubles.as(List.class)).isEqualTo(List.of(1.5, -2.5));
        assertThat(texts.as(String[].class)).containsExactly("a", null);
        assertThat(bytes.as(byte[].class)).containsExactly(0, -1);
        assertThat(bytes.as(int[].class)).containsExactly(0, 255);
        assertThatThrownBy(() -> wide.as(int[].class)).isInstanceOf(ValueConversionException.class);
        assertThatThrownBy(() -> doubles.as(double.class)).hasMessageContaining("ask for double[].class");
    }

    @Test
    void aMatrixBecomesArraysOfArrays() {
        TypedValue matrix =
                TypedValue.of(Variant.matrix(BuiltinType.INT32, List.of(11, 12, 13, 21, 22, 23), List.of(2, 3)));
        List<Integer> cells = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            cells.add(i);
        }
        TypedValue cube = TypedValue.of(Variant.matrix(BuiltinType.INT32, cells, List.of(2, 3, 4)));

        assertThat(matrix.as(int[][].class)).isDeepEqualTo(new int[][] {{11, 12, 13}, {21, 22, 23}});
        assertThat(matrix.as(double[][].class)[1]).containsExactly(21, 22, 23);
        assertThat((List<?>) matrix.as(List.class)).isEqualTo(List.of(List.of(11, 12, 13), List.of(21, 22, 23)));
        assertThat(cube.as(int[][][].class)[1][2]).containsExactly(20, 21, 22, 23);
        assertThat(Json.text(cube.as(JsonValue.class))).startsWith("[[[0,1,2,3],[4,5,6,7],");
        assertThatThrownBy(() -> matrix.as(int[].class)).hasMessageContaining("matrix [2, 3]");
        assertThatThrownBy(() -> matrix.as(int[][][].class)).isInstanceOf(ValueConversionException.class);
        assertThatThrownBy(() -> matrix.asList(Integer.class)).hasMessageContaining("array of arrays");
    }

    @Test
    void variantsInAnArrayAreWhatTheyHold() {
        TypedValue mixed = TypedValue.of(Variant.array(
                BuiltinType.VARIANT,
                List.of(Variant.scalar(BuiltinType.INT32, 1), Variant.scalar(BuiltinType.STRING, "two"))));

        assertThat(mixed.as(Object[].class)).hasSize(2);
        assertThat(mixed.asList(JsonValue.class).stream().map(String::valueOf).toList())
                .containsExactly("{type=6, value=1}", "{type=12, value=\"two\"}");
    }

    @Test
    void aStructureIsItsFieldsOrItsBytes() {
        var point = new ExtensionObject(
                NodeId.numeric(2, 3010),
                1,
                ByteString.EMPTY,
                Map.of("X", 1.5, "Big", MAX_UINT64, "Tags", List.of("a")));
        var unknown = new ExtensionObject(NodeId.numeric(2, 3010), 1, ByteString.EMPTY, null);

        TypedValue known = scalar(BuiltinType.EXTENSION_OBJECT, point);

        assertThat((Object) known.as(Map.class)).isEqualTo(Map.of("X", 1.5, "Big", MAX_UINT64, "Tags", List.of("a")));
        assertThat(Json.text(known.as(JsonValue.class))).contains("\"Big\":18446744073709551615");
        assertThat(known.as(ExtensionObject.class)).isSameAs(point);
        assertThatThrownBy(() -> scalar(BuiltinType.EXTENSION_OBJECT, unknown).as(Map.class))
                .hasMessageContaining("ExtensionObject.class");
    }

    @Test
    void noValueIsAskedForAsOptional() {
        TypedValue nothing = TypedValue.of(Variant.NULL);
        TypedValue nullText = TypedValue.of(Variant.scalar(BuiltinType.STRING, null));
        TypedValue noTime = scalar(BuiltinType.DATE_TIME, DateTime.NULL);
        TypedValue nullArray = TypedValue.of(Variant.nullArray(BuiltinType.DOUBLE));

        assertThat(nothing.isNull()).isTrue();
        assertThat(nothing.asOptional(int.class)).isEmpty();
        assertThat(nullText.asOptional(String.class)).isEmpty();
        assertThat(noTime.asOptional(Instant.class)).isEmpty();
        assertThat(nullArray.asOptional(double[].class)).isEmpty();
        assertThatThrownBy(() -> nullText.as(String.class)).hasMessageContaining("asOptional");
    }

    @Test
    void aBadStatusIsNoValue() {
        var bad = new ReadResult(
                "ns=2;s=Speed",
                new DataValue(Variant.scalar(BuiltinType.INT32, 1), new StatusCode(0x80340000L), null, null));

        assertThatThrownBy(() -> bad.as(int.class)).isInstanceOfSatisfying(BadStatusException.class, e -> {
            assertThat(e.node()).isEqualTo("ns=2;s=Speed");
            assertThat(e.statusCode().value()).isEqualTo(0x80340000L);
            assertThat(e).hasMessage("ns=2;s=Speed: Bad_NodeIdUnknown (0x80340000)");
        });
        assertThat(bad.statusCode().isBad()).isTrue();
        assertThat(bad.value().as(int.class)).isEqualTo(1);
    }

    @Test
    void anUncertainStatusIsAValue() {
        var uncertain = new ReadResult(
                "i=1",
                new DataValue(
                        Variant.scalar(BuiltinType.INT32, 1),
                        new StatusCode(0x40000000L),
                        DateTime.of(Instant.EPOCH),
                        DateTime.NULL));

        assertThat(uncertain.as(int.class)).isEqualTo(1);
        assertThat(uncertain.sourceTimestamp()).contains(Instant.EPOCH);
        assertThat(uncertain.serverTimestamp()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(classes = {Object.class, List.class, int[][].class, JsonValue.class})
    void aMatrixOfNothingWithCountlessRowsIsRefusedUnlessAsAVariant(Class<?> target) {
        Variant hostile = Variant.matrix(BuiltinType.INT32, List.of(), List.of(Integer.MAX_VALUE, 0));
        Variant empty = Variant.matrix(BuiltinType.INT32, List.of(), List.of(2, 0));

        assertThatThrownBy(() -> TypedValue.of(hostile).as(target))
                .isInstanceOf(ValueConversionException.class)
                .hasMessageContaining("Variant.class");
        assertThat(TypedValue.of(hostile).as(Variant.class)).isEqualTo(hostile);
        assertThat(TypedValue.of(empty).as(int[][].class)).isEqualTo(new int[2][0]);
    }
}
