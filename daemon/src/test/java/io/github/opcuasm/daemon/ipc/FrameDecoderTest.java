package io.github.opcuasm.daemon.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
    private final FrameDecoder decoder = new FrameDecoder(10);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void framesAreTheSameHoweverTheBytesArrive(int pieceLength) {
        byte[] stream = "a\nbc\r\n\n0123456789\n0123456789\r\nä\n\r\n".getBytes(StandardCharsets.UTF_8);

        List<String> frames = new ArrayList<>();
        for (int from = 0; from < stream.length; from += pieceLength) {
            decoder.feed(Unpooled.copiedBuffer(stream, from, Math.min(pieceLength, stream.length - from)));
            for (byte[] frame = decoder.next(); frame != null; frame = decoder.next()) {
                frames.add(new String(frame, StandardCharsets.UTF_8));
            }
        }

        assertThat(frames).containsExactly("a", "bc", "", "0123456789", "0123456789", "ä", "");
        assertThat(decoder.heldBytes()).isZero();
    }

    @Test
    void aFrameIsRefusedAsSoonAsItPassesTheLimit() {
        decoder.feed(bytes("012345678"));
        assertThat(decoder.next()).isNull();

        decoder.feed(bytes("9x"));

        assertThatThrownBy(decoder::next).isInstanceOfSatisfying(CommandException.class, e -> {
            assertThat(e.type()).isEqualTo(ErrorType.PAYLOAD_TOO_LARGE);
            assertThat(e).hasMessage("Request frame exceeds maximum size of 10 bytes");
        });
    }

    @Test
    void onlyOneCarriageReturnBelongsToTheLineEnd() {
        decoder.feed(bytes("0123456789\r\r\n"));

        assertThatThrownBy(decoder::next).isInstanceOf(CommandException.class);
    }

    @Test
    void aCompleteFrameOfOneByteTooManyIsRefused() {
        decoder.feed(bytes("0123456789x\n"));

        assertThatThrownBy(decoder::next).isInstanceOf(CommandException.class);
    }

    @Test
    void whatWasReadIsReleased() {
        ByteBuf complete = bytes("a\nb\n");
        ByteBuf incomplete = bytes("c");

        decoder.feed(complete);
        decoder.next();
        assertThat(complete.refCnt()).isEqualTo(1);
        decoder.next();
        decoder.feed(incomplete);
        decoder.next();

        assertThat(complete.refCnt()).isZero();
        assertThat(incomplete.refCnt()).isZero();
    }

    @Test
    void releasingGivesUpWhatIsHeld() {
        ByteBuf unread = bytes("a\nb\n");
        decoder.feed(unread);
        decoder.next();

        decoder.release();

        assertThat(unread.refCnt()).isZero();
        assertThat(decoder.next()).isNull();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }
}
