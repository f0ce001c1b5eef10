package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PaddingTest {
    @ParameterizedTest
    @CsvSource({"16,1", "214,1", "470,2"})
    void fillsBlocksAndIsFoundAgain(int blockBytes, int sizeBytes) throws Exception {
        for (int body = 0; body < 2 * blockBytes; body++) {
            ByteBuf chunk = Unpooled.buffer().writeZero(body);

            Padding.write(chunk, body, blockBytes, sizeBytes);

            byte[] bytes = ByteBufUtil.getBytes(chunk);
            assertThat(bytes.length % blockBytes).isZero();
            assertThat(bytes.length - body).isLessThanOrEqualTo(blockBytes + sizeBytes);
            assertThat(Padding.bodyEnd(bytes, 0, bytes.length, sizeBytes)).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "0002", "020203", "030202", "ff", "ffffff"})
    void mustBeWhatItSays(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> Padding.bodyEnd(bytes, 0, bytes.length, 1)).isInstanceOf(UaException.class);
    }

    @Test
    void ofTwoBytesMustBeWhatItSays() {
        byte[] bytes = new byte[300];

        bytes[299] = 2;

        assertThatThrownBy(() -> Padding.bodyEnd(bytes, 0, 300, 2)).isInstanceOf(UaException.class);
    }
}
