package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.Argument;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against bytes written by hand from Part 6, 5.2. */
final class WireDecoderTest {
    // 5.2.5: the length -1 is null; other negative lengths mean the same to a tolerant reader.
    @ParameterizedTest
    @ValueSource(strings = {"86 ffffffff", "86 feffffff", "86 00000080", "c6 ffffffff 00000000"})
    void aNullArrayKeepsItsType(String hex) {
        assertThat(variant(hex)).isEqualTo(new TypedNull(BuiltinType.INT32, true));
    }

    // 5.2.2.4, 5.2.2.7, 5.2.2.8
    @Test
    void nullStringsKeepTheirType() {
        assertThat(variant("0c ffffffff")).isEqualTo(new TypedNull(BuiltinType.STRING, false));
        assertThat(variant("0f ffffffff")).isEqualTo(new TypedNull(BuiltinType.BYTE_STRING, false));
        assertThat(variant("10 ffffffff")).isEqualTo(new TypedNull(BuiltinType.XML_ELEMENT, false));
        assertThat(variant("0c 00000000")).isEqualTo("");
        assertThat(variant("00")).isNull();
    }

    // 5.2.2.16: the ids 26 to 31 are reserved, and read as ByteString.
    @ParameterizedTest
    @ValueSource(ints = {26, 27, 28, 29, 30, 31})
    void reservedTypesAreByteStrings(int id) {
        String scalar = String.format("%02x 01000000 aa", id);
        String array = String.format("%02x 01000000 01000000 aa", id | 0x80);
        ByteString bytes = ByteString.of(new byte[] {(byte) 0xAA});

        assertThat(variant(scalar)).isEqualTo(bytes);
        assertThat(variant(array)).isEqualTo(new ByteString[] {bytes});
    }

    // 5.2.2.16: bits 0 to 5 are the type, 6 dimensions, 7 array.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "20 00000000", // type 32
                "3f 00000000", // type 63
                "80 00000000", // an array of nothing
                "46 01000000", // dimensions without an array
                "18 01 01", // a Variant in a Variant
                "0c feffffff", // a String of length -2
                "0f feffffff",
                "16 00 00 03", // an ExtensionObject of encoding 3
                "11 06 00 00", // a NodeId of format 6
                "06 0000", // bytes missing
                "",
            })
    void whatPartSixDoesNotKnowIsRefused(String hex) {
        assertInvalid(() -> variant(hex));
    }

    @Test
    void variantsMayStandInArraysOnly() {
        Object value = variant("98 02000000 0101 86ffffffff");

        assertThat(value).isEqualTo(new Variant[] {
            new Variant(true), new Variant(new TypedNull(BuiltinType.INT32, true))
        });
    }

    @Test
    void dataValuesAndDiagnosticInfosInVariantsAreRead() {
        assertThat(variant("17 03 0101 00003480")).isInstanceOfSatisfying(DataValue.class, value -> {
            assertThat(value.value()).isEqualTo(new Variant(true));
            assertThat(value.statusCode().value()).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        });
        assertThat(variant("19 00")).isEqualTo(DiagnosticInfo.NULL_VALUE);
        assertThat(variant("19 41 05000000 00")).isEqualTo(new DiagnosticInfo(-1, 5, -1, -1, null, null, null));
    }

    @Test
    void matricesAreRowByRow() {
        assertThat(variant("c6 02000000 01000000 02000000 02000000 01000000 02000000"))
                .isEqualTo(new Matrix(new Integer[] {1, 2}, new int[] {1, 2}, OpcUaDataType.Int32));
        assertThat(variant("c6 00000000 02000000 00000000 03000000"))
                .isEqualTo(new Matrix(new Integer[0], new int[] {0, 3}, OpcUaDataType.Int32));
        assertThat(variant("c6 01000000 07000000 01000000 01000000")).isEqualTo(new Integer[] {7});
        assertThat(variant("c6 01000000 07000000 ffffffff")).isEqualTo(new Integer[] {7});
    }

    // 5.2.2.16: inconsistent dimensions are a decoding error.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "c6 01000000 07000000 02000000 02000000 02000000",
                "c6 01000000 07000000 02000000 00000000 01000000",
                "c6 01000000 07000000 01000000 02000000",
                "c6 ffffffff 01000000 02000000",
                // 65536 * 65536 is 0 in 32 bits
                "c6 00000000 02000000 00000100 00000100",
                // 2^31 - 1 three times
                "c6 00000000 03000000 ffffff7f ffffff7f ffffff7f",
                "c6 00000000 ffffff7f 01000000",
            })
    void dimensionsThatContradictTheElementsAreRefused(String hex) {
        assertInvalid(() -> variant(hex));
    }

    // The value shapes of the protocol: U+FFFD for what is not UTF-8.
    @Test
    void brokenUtf8IsReplaced() {
        assertThat(variant("0c 04000000 61ff62c3")).isEqualTo("a\uFFFDb\uFFFD");
        assertThat(variant("10 02000000 61ff")).isEqualTo(XmlElement.of("a\uFFFD"));
        assertThat(variant("15 03 01000000 ff 01000000 ff")).isEqualTo(new LocalizedText("\uFFFD", "\uFFFD"));
    }

    // 5.2.2.1: any other byte than 0 is true.
    @Test
    void booleansAreByTheirValue() {
        assertThat(variant("81 03000000 00 01 02")).isEqualTo(new Boolean[] {false, true, true});
    }

    // 5.2.2.5: 100 ns since 1601, 64 bit; nothing is computed from them here.
    @Test
    void dateTimesOfAnyValueAreRead() {
        assertThat(variant("0d ffffffffffffff7f")).isEqualTo(new DateTime(Long.MAX_VALUE));
        assertThat(variant("0d 0000000000000080")).isEqualTo(new DateTime(Long.MIN_VALUE));
    }

    // 5.2.2.15: a type without a body is not the same as no type.
    @Test
    void anExtensionObjectWithoutABodyKeepsItsType() {
        assertThat(variant("16 0101 0001 00")).isEqualTo(ExtensionObject.of(ByteString.NULL_VALUE, new NodeId(1, 256)));
        assertThat(variant("16 0000 00")).isEqualTo(ExtensionObject.of(ByteString.NULL_VALUE, NodeId.NULL_VALUE));
    }

    // 5.2.2.16 and 5.2.2.12: at least 100 levels, and an error above what is supported (here 128).
    @Test
    void nestingIsBounded() {
        String variants = "98 01000000 ";
        String dataValues = "17 01 ";
        String diagnosticInfos = "40 ";

        assertThat(variant(variants.repeat(100) + "0101")).isInstanceOf(Variant[].class);
        assertInvalid(() -> variant(variants.repeat(200_000) + "0101"));
        assertInvalid(() -> variant(dataValues.repeat(200_000) + "0101"));
        assertInvalid(() -> variant("19 " + diagnosticInfos.repeat(1_000_000) + "00"));
        assertThat(decoder(diagnosticInfos.repeat(100) + "00").decodeDiagnosticInfo("d"))
                .isNotNull();
    }

    @Test
    void bodiesWithinBodiesCountAsNesting() {
        WireDecoder decoder = decoder("00");

        assertInvalid(() -> {
            WireDecoder inner = decoder;
            for (int i = 0; i < 1000; i++) {
                inner = inner.nested(Unpooled.EMPTY_BUFFER);
            }
        });
    }

    @Test
    void arraysOfStructuresHaveTheStructuresClass() {
        assertThat(decoder("01000000 00 00 01 00 00 0000 ffffffff 00 01000000 00 00")
                        .decodeStructArray("References", ReferenceDescription.TYPE_ID))
                .isInstanceOf(ReferenceDescription[].class)
                .hasSize(1);
        assertThat(decoder("ffffffff").decodeStructArray("References", Argument.TYPE_ID))
                .isNull();
    }

    // 5.2.5: the dimensions, then the elements.
    @Test
    void matrixFieldsCarryTheirDimensionsFirst() {
        assertThat(decoder("02000000 01000000 02000000 05000000 06000000").decodeMatrix("Grid", OpcUaDataType.UInt32))
                .isEqualTo(new Matrix(
                        new UInteger[] {UInteger.valueOf(5), UInteger.valueOf(6)},
                        new int[] {1, 2},
                        OpcUaDataType.UInt32));
        assertThat(decoder("ffffffff").decodeMatrix("Grid", OpcUaDataType.UInt32))
                .isNull();
        assertInvalid(() -> decoder("02000000 00000100 00000100").decodeMatrix("Grid", OpcUaDataType.UInt32));
    }

    @Test
    void aNullStringArrayIsNotAnEmptyOne() {
        assertThat(decoder("ffffffff").decodeStringArray("Names")).isNull();
        assertThat(decoder("00000000").decodeStringArray("Names")).isEmpty();
        assertThat(decoder("01000000 ffffffff").decodeStringArray("Names")).containsExactly((String) null);
    }

    private static @Nullable Object variant(String hex) {
        return decoder(hex).decodeVariant("value").value();
    }

    private static WireDecoder decoder(String hex) {
        ByteBuf bytes = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
        return WireDecoder.of(bytes, DefaultEncodingContext.INSTANCE);
    }

    private static void assertInvalid(ThrowingCallable decoding) {
        assertThatThrownBy(decoding)
                .isInstanceOfSatisfying(
                        UaSerializationException.class,
                        error -> assertThat(error.getStatusCode().value()).isEqualTo(StatusCodes.Bad_DecodingError));
    }
}
