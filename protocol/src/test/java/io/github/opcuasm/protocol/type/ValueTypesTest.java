package io.github.opcuasm.protocol.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ValueTypesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "i=0",
                "i=4294967295",
                "ns=65535;i=1",
                "ns=2;s=Speed",
                "s=",
                "s=a;ns=1;i=2",
                "ns=1;g=72962b91-fa75-4ae6-8d28-b404dc7daf63",
                "b=AQI=",
                "ns=1;b="
            })
    void theTextFormOfANodeIdReadsBack(String text) {
        assertThat(NodeId.parse(text)).hasToString(text);
        assertThat(NodeReference.parse(text)).isEqualTo(NodeId.parse(text));
    }

    @Test
    void opaqueIdentifiersAreHexadecimalInTypedValues() {
        NodeId nodeId = NodeId.opaque(1, ByteString.fromHex("00ff"));

        assertThat(nodeId.toTypedString()).isEqualTo("ns=1;b=00ff");
        assertThat(NodeId.parseTyped("ns=1;b=00FF")).isEqualTo(nodeId);
        assertThat(nodeId).hasToString("ns=1;b=AP8=");
    }

    @Test
    void aNamespaceUriMayHoldTheSeparator() {
        NamespacedNodeId nodeId = new NamespacedNodeId("http://x/50%;y", new Identifier.Text("z"));

        assertThat(nodeId).hasToString("nsu=http://x/50%25%3By;s=z");
        assertThat(NodeReference.parse(nodeId.toString())).isEqualTo(nodeId);
    }

    @Test
    void aNodeIdByUriIsNoNodeIdByIndex() {
        assertThatThrownBy(() -> NodeId.parse("nsu=urn:x;i=1")).hasMessageContaining("instead of nsu=");
    }

    @Test
    void theNullNodeIdsAreThoseOfPartThree() {
        assertThat(List.of("i=0", "s=", "g=00000000-0000-0000-0000-000000000000", "b="))
                .allMatch(text -> NodeId.parse(text).isNull());
        assertThat(List.of("i=1", "ns=1;i=0", "s=x"))
                .noneMatch(text -> NodeId.parse(text).isNull());
    }

    @Test
    void timesConvertExactlyAndClamp() {
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            DateTime time = new DateTime(1 + (long) (random.nextDouble() * 2_650_467_743_990_000_000L));

            assertThat(DateTime.of(time.toInstant())).isEqualTo(time);
        }
        assertThat(DateTime.of(Instant.EPOCH).ticks()).isEqualTo(116_444_736_000_000_000L);
        assertThat(DateTime.of(Instant.MIN)).isEqualTo(DateTime.NULL);
        assertThat(DateTime.of(Instant.MAX)).isEqualTo(DateTime.MAX);
        assertThat(DateTime.of(Instant.parse("9999-12-31T23:59:58.9999999Z")).toInstant())
                .isEqualTo(Instant.parse("9999-12-31T23:59:58.9999999Z"));
        assertThat(DateTime.MAX.toInstant()).isEqualTo(DateTime.MAX_INSTANT);
        assertThat(new DateTime(Long.MIN_VALUE).toInstant()).isEqualTo(DateTime.MIN_INSTANT);
    }

    @Test
    void statusCodesHaveSeverityAndName() {
        StatusCode unknownNode = new StatusCode(0x80340000L);

        assertThat(unknownNode.isBad()).isTrue();
        assertThat(unknownNode).hasToString("Bad_NodeIdUnknown (0x80340000)");
        assertThat(new StatusCode(0x80340480L).name()).isEqualTo("Bad_NodeIdUnknown");
        assertThat(new StatusCode(0x40000000L).isUncertain()).isTrue();
        assertThat(StatusCode.GOOD.isGood()).isTrue();
        assertThat(StatusCode.GOOD.name()).isEqualTo("Good");
        assertThat(new StatusCode(0x8FFF0000L).name()).isEqualTo("0x8FFF0000");
        assertThat(new StatusCode(0xC0000000L).isBad()).isTrue();
        assertThatThrownBy(() -> new StatusCode(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void builtinTypesAreFoundByIdAndName() {
        for (int id = 1; id <= 25; id++) {
            BuiltinType type = BuiltinType.of(id).orElseThrow();

            assertThat(type.id()).isEqualTo(id);
            assertThat(BuiltinType.ofName(type.displayName().toUpperCase(java.util.Locale.ROOT)))
                    .contains(type);
        }
        assertThat(BuiltinType.of(0)).isEmpty();
        assertThat(BuiltinType.of(26)).isEmpty();
        assertThat(BuiltinType.ofName("Number")).isEmpty();
    }

    @Test
    void aVariantRefusesWhatItsTypeCannotHold() {
        List<Runnable> wrong = List.of(
                () -> Variant.scalar(BuiltinType.BYTE, (short) 256),
                () -> Variant.scalar(BuiltinType.BYTE, (short) -1),
                () -> Variant.scalar(BuiltinType.INT32, 5L),
                () -> Variant.scalar(BuiltinType.UINT32, -1L),
                () -> Variant.scalar(BuiltinType.UINT64, BigInteger.ONE.shiftLeft(64)),
                () -> Variant.scalar(BuiltinType.VARIANT, Variant.NULL),
                () -> new Variant(null, 5, null),
                () -> Variant.matrix(BuiltinType.INT32, List.of(1, 2, 3), List.of(2, 2)),
                () -> Variant.matrix(BuiltinType.INT32, List.of(), List.of(65_536, 65_536)),
                () -> Variant.matrix(BuiltinType.INT32, List.of(), List.of(-1, 0)),
                () -> new Variant(BuiltinType.INT32, 5, List.of(1)));

        assertThat(wrong)
                .allSatisfy(make -> assertThatThrownBy(make::run).isInstanceOf(IllegalArgumentException.class));
    }

    @Test
    void aNullArrayIsNeitherEmptyNorANullScalar() {
        Variant nullArray = Variant.nullArray(BuiltinType.STRING);

        assertThat(nullArray.isArray()).isTrue();
        assertThat(nullArray.isNullArray()).isTrue();
        assertThat(nullArray.elements()).isEmpty();
        assertThat(nullArray).isNotEqualTo(Variant.array(BuiltinType.STRING, List.of()));
        assertThat(nullArray).isNotEqualTo(Variant.scalar(BuiltinType.STRING, null));
    }

    @Test
    void viewsOfArraysAreListsLikeAnyOther() {
        assertThat(ArrayView.ofInts(new int[] {1, 2})).isEqualTo(List.of(1, 2)).hasSameHashCodeAs(List.of(1, 2));
        assertThat(ArrayView.ofBytes(new byte[] {-1})).containsExactly((byte) -1);
        assertThat(ArrayView.ofBooleans(new boolean[] {true})).containsExactly(true);
        assertThat(ArrayView.ofShorts(new short[] {7})).containsExactly((short) 7);
        assertThat(ArrayView.ofFloats(new float[] {0.5f})).containsExactly(0.5f);
        assertThatThrownBy(() -> ArrayView.ofLongs(new long[] {1}).get(1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void byteStringsAreImmutableAndHideTheirContent() {
        byte[] bytes = {1, 2};
        ByteString string = ByteString.copyOf(bytes);

        bytes[0] = 9;
        string.toByteArray()[1] = 9;

        assertThat(string).isEqualTo(ByteString.fromHex("0102")).isEqualTo(ByteString.fromBase64("AQI="));
        assertThat(string).hasToString("ByteString[2 bytes]");
    }
}
