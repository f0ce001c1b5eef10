package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic on the values of Variants, in the type of the source. Integers are calculated exactly, 64 bits of them too;
 * what does not fit the type of the source (the fall of a UInt32, the range of Int64 values) comes in the first of Int16,
 * Int32, Int64, UInt64 and Double that holds it. A Boolean is 0 or 1, and what is 0 or 1 again a Boolean.
 */
final class Numbers {
    private static final List<BuiltinType> WIDER =
            List.of(BuiltinType.INT16, BuiltinType.INT32, BuiltinType.INT64, BuiltinType.UINT64);

    private Numbers() {}

    static boolean isNumber(@Nullable Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static boolean isNaN(Object value) {
        return (value instanceof Double number && number.isNaN()) || (value instanceof Float single && single.isNaN());
    }

    static boolean isInfinite(@Nullable Object value) {
        return (value instanceof Double number && number.isInfinite())
                || (value instanceof Float single && single.isInfinite());
    }

    /** @throws IllegalArgumentException if it is no number */
    static double toDouble(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        throw new IllegalArgumentException("value: got " + value + ", expected a number");
    }

    /** By value, whatever the types; no two zeros. */
    static int compare(Variant one, Variant other) {
        Object a = one.value();
        Object b = other.value();
        if (isWhole(a) && isWhole(b)) {
            return a instanceof BigInteger || b instanceof BigInteger
                    ? whole(a).compareTo(whole(b))
                    : Long.compare(small(a), small(b));
        }
        double x = toDouble(a);
        double y = toDouble(b);
        return x < y ? -1 : x > y ? 1 : 0;
    }

    /** {@code one - other}, in the type of {@code one} if it fits. */
    static Variant difference(Variant one, Variant other) {
        if (isWhole(one.value()) && isWhole(other.value())) {
            return fitting(whole(one.value()).subtract(whole(other.value())), one.type());
        }
        return floating(toDouble(one.value()) - toDouble(other.value()), one.type());
    }

    /**
     * The value at {@code time} of the line through two samples, in the type of the first; whole numbers are rounded to the
     * nearest, halves away from 0.
     *
     * @param time may lie outside
     */
    static Variant line(long fromTime, Variant from, long toTime, Variant to, long time) {
        if (isWhole(from.value()) && isWhole(to.value())) {
            BigInteger start = whole(from.value());
            BigInteger width = BigInteger.valueOf(toTime - fromTime);
            BigInteger rise = whole(to.value()).subtract(start).multiply(BigInteger.valueOf(time - fromTime));
            BigDecimal value = new BigDecimal(start.multiply(width).add(rise))
                    .divide(new BigDecimal(width), 0, RoundingMode.HALF_UP);
            return fitting(value.toBigInteger(), from.type());
        }
        return floating(line(fromTime, toDouble(from.value()), toTime, toDouble(to.value()), time), from.type());
    }

    /**
     * As the other, for numbers. Between the two samples it stays between their values. There is no line to or from
     * infinity: NaN.
     */
    static double line(long fromTime, double from, long toTime, double to, long time) {
        if (Double.isInfinite(from) || Double.isInfinite(to)) {
            return Double.NaN;
        }
        if (from == to) {
            return from;
        }
        double share = (double) (time - fromTime) / (toTime - fromTime);
        double value = from + share * (to - from);
        if (Double.isInfinite(value) && Double.isInfinite(to - from)) {
            // Only their difference is too large.
            value = from * (1 - share) + to * share;
        }
        boolean inside = share >= 0 && share <= 1;
        return inside ? Math.max(Math.min(value, Math.max(from, to)), Math.min(from, to)) : value;
    }

    private static boolean isWhole(@Nullable Object value) {
        return isNumber(value) && !(value instanceof Double) && !(value instanceof Float);
    }

    private static long small(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : (long) toDouble(value);
    }

    private static BigInteger whole(@Nullable Object value) {
        return value instanceof BigInteger big ? big : BigInteger.valueOf(small(value));
    }

    private static Variant floating(double value, @Nullable BuiltinType source) {
        boolean single = source == BuiltinType.FLOAT && (Double.isInfinite(value) || !Float.isInfinite((float) value));
        return single ? Variant.scalar(BuiltinType.FLOAT, (float) value) : Variant.scalar(BuiltinType.DOUBLE, value);
    }

    private static Variant fitting(BigInteger value, @Nullable BuiltinType source) {
        Variant fit = source == null ? null : in(source, value);
        for (BuiltinType wider : WIDER) {
            fit = fit == null ? in(wider, value) : fit;
        }
        return fit == null ? Variant.scalar(BuiltinType.DOUBLE, value.doubleValue()) : fit;
    }

    /** Null if the type does not hold it. */
    private static @Nullable Variant in(BuiltinType type, BigInteger value) {
        Object scalar = scalar(type, value);
        return scalar == null ? null : Variant.scalar(type, scalar);
    }

    private static @Nullable Object scalar(BuiltinType type, BigInteger value) {
        int bits = value.bitLength();
        boolean positive = value.signum() >= 0;
        return switch (type) {
            case BOOLEAN -> (positive && bits <= 1) ? (Boolean) value.equals(BigInteger.ONE) : null;
            case SBYTE -> bits < 8 ? value.byteValue() : null;
            case BYTE -> positive && bits <= 8 ? value.shortValue() : null;
            case INT16 -> bits < 16 ? value.shortValue() : null;
            case UINT16 -> positive && bits <= 16 ? value.intValue() : null;
            case INT32 -> bits < 32 ? value.intValue() : null;
            case UINT32 -> positive && bits <= 32 ? value.longValue() : null;
            case INT64 -> bits < 64 ? value.longValue() : null;
            case UINT64 -> positive && bits <= 64 ? value : null;
            default -> null;
        };
    }
}
