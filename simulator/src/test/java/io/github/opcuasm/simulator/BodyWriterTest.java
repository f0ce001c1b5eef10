package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.api.Test;

/** The examples of Part 6, 5.2.2, where it has one. */
final class BodyWriterTest {
    @Test
    void integersAreLittleEndian() {
        assertThat(hex(new BodyWriter().int16(0x0102).int32(1_000_000_000).int64(-2)))
                .isEqualTo("0201" + "00CA9A3B" + "FEFFFFFFFFFFFFFF");
    }

    @Test
    void floatsAreIeee754() {
        assertThat(hex(new BodyWriter().float32(-6.5f).float64(-0.0))).isEqualTo("0000D0C0" + "0000000000000080");
    }

    @Test
    void stringsCountTheirBytes() {
        assertThat(hex(new BodyWriter().string("\u6C34Boy").string("").string(null)))
                .isEqualTo("06000000" + "E6B0B4426F79" + "00000000" + "FFFFFFFF");
    }

    @Test
    void guidIsHalfSwapped() {
        assertThat(hex(new BodyWriter().guid(UUID.fromString("72962B91-FA75-4AE6-8D28-B404DC7DAF63"))))
                .isEqualTo("912B9672" + "75FA" + "E64A" + "8D28" + "B404DC7DAF63");
    }

    @Test
    void nodeIdsTakeTheirShortestForm() {
        assertThat(hex(new BodyWriter().standardId(72))).isEqualTo("0048");
        assertThat(hex(new BodyWriter().standardId(1025))).isEqualTo("01000104");
        assertThat(hex(new BodyWriter().stringId(1, "Hot\u6C34")))
                .isEqualTo("03" + "0100" + "06000000" + "486F74E6B0B4");
    }

    @Test
    void localizedTextSaysWhatItHas() {
        assertThat(hex(new BodyWriter().text(null, "x"))).isEqualTo("02" + "01000000" + "78");
        assertThat(hex(new BodyWriter().text("en", null))).isEqualTo("01" + "02000000" + "656E");
        assertThat(hex(new BodyWriter().text(null, null))).isEqualTo("00");
    }

    @Test
    void extensionObjectHasItsEncodingAndTheLengthOfItsBody() {
        assertThat(hex(new BodyWriter().extensionObject(new NodeId(2, "e"), new byte[] {7, 8})))
                .isEqualTo("03" + "0200" + "01000000" + "65" + "01" + "02000000" + "0708");
        assertThat(hex(new BodyWriter().nullExtensionObject())).isEqualTo("0000" + "00");
    }

    @Test
    void arraysCountTheirElements() {
        assertThat(hex(new BodyWriter()
                        .int32s(1, 2)
                        .strings("a", null)
                        .float64s()
                        .nullArray()))
                .isEqualTo("02000000" + "01000000" + "02000000" + "02000000" + "0100000061" + "FFFFFFFF" + "00000000"
                        + "FFFFFFFF");
    }

    private static String hex(BodyWriter writer) {
        return HexFormat.of().withUpperCase().formatHex(writer.toBytes());
    }
}
