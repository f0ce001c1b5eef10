package io.github.opcuasm.daemon.service;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Some bytes of a file, read as UTF-8.
 *
 * @param text what is complete
 * @param cut how many bytes at the end begin a character that goes on behind them, 0 to 3
 */
record FileText(String text, int cut) {

    /** @throws NotTextException if they are no UTF-8 */
    static FileText of(byte[] bytes) throws NotTextException {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        // Not the end of the input: an incomplete character stays in it instead of being malformed.
        CoderResult result = decoder.decode(in, out, false);
        if (result.isError()) {
            throw new NotTextException(in.position(), bytes[in.position()] & 0xFF);
        }
        return new FileText(out.flip().toString(), in.remaining());
    }

    /** Bytes that are no UTF-8. */
    static final class NotTextException extends Exception {
        private static final long serialVersionUID = 1L;

        /** @param at index of the first byte that fits no character */
        private NotTextException(int at, int value) {
            super(String.format(Locale.ROOT, "byte %d (0x%02X)", at, value));
        }
    }
}
