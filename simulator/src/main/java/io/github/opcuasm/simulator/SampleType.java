package io.github.opcuasm.simulator;

import java.util.Collection;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned;
import org.jspecify.annotations.Nullable;

/**
 * The type of the samples of a history, which those computed from them share. Whole numbers are rounded. What the type
 * cannot hold, as an unsigned one a falling difference, comes in the first of Int16, Int32 and Int64 that can.
 *
 * @param example a value of that type; null or any other for Double
 */
record SampleType(@Nullable Object example) {
    static SampleType of(Collection<HistorySample> samples) {
        return samples.stream()
                .filter(sample -> !sample.isBad())
                .findFirst()
                .map(sample -> new SampleType(sample.value()))
                .orElse(new SampleType(null));
    }

    /** Whether there is nothing between two values (Part 13, A.1.4). */
    boolean isBoolean() {
        return example instanceof Boolean;
    }

    Object from(double number) {
        long whole = Math.round(number);
        if (example instanceof Float) {
            return (float) number;
        }
        if (isBoolean()) {
            return whole == 0 || whole == 1 ? (Object) (whole == 1) : signed(whole);
        }
        if (example instanceof Byte) {
            return whole == (byte) whole ? (Object) (byte) whole : signed(whole);
        }
        if (example instanceof Integer) {
            return whole == (int) whole ? (Object) (int) whole : signed(whole);
        }
        if (example instanceof Short) {
            return signed(whole);
        }
        if (example instanceof Long) {
            return whole;
        }
        return isUnsigned() ? unsigned(whole) : number;
    }

    private boolean isUnsigned() {
        return example instanceof UByte
                || example instanceof UShort
                || example instanceof UInteger
                || example instanceof ULong;
    }

    private Object unsigned(long whole) {
        if (example instanceof UByte && whole >= 0 && whole <= UByte.MAX_VALUE) {
            return Unsigned.ubyte(whole);
        }
        if (example instanceof UShort && whole >= 0 && whole <= UShort.MAX_VALUE) {
            return Unsigned.ushort((int) whole);
        }
        if (example instanceof UInteger && whole >= 0 && whole <= UInteger.MAX_VALUE) {
            return Unsigned.uint(whole);
        }
        return example instanceof ULong && whole >= 0 ? Unsigned.ulong(whole) : signed(whole);
    }

    private static Object signed(long whole) {
        if (whole == (short) whole) {
            return (short) whole;
        }
        return whole == (int) whole ? (Object) (int) whole : (Object) whole;
    }
}
