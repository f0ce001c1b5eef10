package io.github.opcuasm.protocol.type;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A sequence of octets (Part 6, 5.1.2): immutable, equal by content. */
public final class ByteString {
    public static final ByteString EMPTY = new ByteString(new byte[0]);

    private static final HexFormat HEX = HexFormat.of();

    private final byte[] bytes;

    private ByteString(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of {@code bytes}. */
    public static ByteString copyOf(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new ByteString(bytes.clone());
    }

    /**
     * The bytes behind strict base64 (RFC 4648, section 4): the standard alphabet, padded, without line breaks.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static ByteString fromBase64(String text) {
        if (text.length() % 4 != 0) {
            throw new IllegalArgumentException("base64 has a length that is a multiple of 4, got " + text.length());
        }
        byte[] decoded = Base64.getDecoder().decode(text);
        // The decoder lets stray bits behind the last octet pass: two texts would mean the same bytes.
        if (text.endsWith("=") && !text.endsWith(lastQuantum(decoded))) {
            throw new IllegalArgumentException("base64 has bits set behind its last octet");
        }
        return decoded.length == 0 ? EMPTY : new ByteString(decoded);
    }

    /**
     * The bytes behind pairs of hexadecimal digits, in any case.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static ByteString fromHex(String text) {
        return text.isEmpty() ? EMPTY : new ByteString(HEX.parseHex(text));
    }

    public int size() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** A read-only view of all bytes, without a copy. */
    public ByteBuffer asReadOnlyByteBuffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    public String toBase64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Lower-case hexadecimal digits, two for each byte. */
    public String toHex() {
        return HEX.formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof ByteString that && Arrays.equals(bytes, that.bytes));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The size alone: contents may be long or secret. */
    @Override
    public String toString() {
        return "ByteString[" + bytes.length + " bytes]";
    }

    private static String lastQuantum(byte[] decoded) {
        int tail = decoded.length % 3;
        return Base64.getEncoder().encodeToString(Arrays.copyOfRange(decoded, decoded.length - tail, decoded.length));
    }
}
