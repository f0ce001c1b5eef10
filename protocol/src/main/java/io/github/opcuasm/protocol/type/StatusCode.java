package io.github.opcuasm.protocol.type;

import java.util.Locale;

/**
 * What came of an operation, or how good a value is (Part 4, 7.39): severity and code in the upper 16 bits, details of
 * the value in the lower.
 *
 * @param value unsigned, 0 to 2^32 - 1
 */
public record StatusCode(long value) {
    public static final StatusCode GOOD = new StatusCode(0);

    public StatusCode {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("statusCode: got " + value + ", expected 0 to 4294967295");
        }
    }

    public boolean isGood() {
        return severity() == 0;
    }

    public boolean isUncertain() {
        return severity() == 1;
    }

    /** Neither good nor uncertain; the reserved severity counts as bad. */
    public boolean isBad() {
        return severity() >= 2;
    }

    /** {@code 0x80340000}. */
    public String hex() {
        return String.format(Locale.ROOT, "0x%08X", value);
    }

    /** {@code Bad_NodeIdUnknown}, whatever the details in the lower bits; {@link #hex} for a code not in our table. */
    public String name() {
        String name = StatusCodeNames.of((int) (value >>> 16));
        return name == null ? hex() : name;
    }

    /** Name and hex: {@code Bad_NodeIdUnknown (0x80340000)}. */
    @Override
    public String toString() {
        String name = name();
        return name.startsWith("0x") ? name : name + " (" + hex() + ")";
    }

    private int severity() {
        return (int) (value >>> 30);
    }
}
