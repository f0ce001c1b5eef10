package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;

/**
 * Results with their status: a code, and the bits that say how a value came about (Part 13, 5.3.3; Part 4, 7.39). The bits
 * count only with the info type DataValue, which is always set beside them. A Bad result has no value, and of the bits
 * Partial at most.
 */
final class ResultStatus {
    static final long GOOD = 0;
    static final long UNCERTAIN = 0x40A4_0000L;
    static final long BAD = 0x8000_0000L;
    static final long NO_DATA = 0x809B_0000L;
    static final long INVALID_INPUTS = 0x80D6_0000L;

    static final long RAW = 0;
    static final long CALCULATED = 0x01;
    static final long INTERPOLATED = 0x02;
    static final long PARTIAL = 0x04;
    static final long MULTI_VALUE = 0x10;

    private static final long INFO_TYPE_DATA_VALUE = 0x400;
    private static final long HISTORIAN_BITS = 0x1F;
    private static final long BOUND_NOT_FOUND = 0x80D7_0000L;
    private static final long BOUND_NOT_SUPPORTED = 0x80D8_0000L;
    private static final long CODE = 0xFFFF_0000L;

    private ResultStatus() {}

    /** Whether a value with this status is no recorded one, but stands for a bound that is not given. */
    static boolean isMissingBound(StatusCode status) {
        return isBoundNotFound(status) || (status.value() & CODE) == BOUND_NOT_SUPPORTED;
    }

    /** Whether a value with this status says that nothing comes before or after. */
    static boolean isBoundNotFound(StatusCode status) {
        return (status.value() & CODE) == BOUND_NOT_FOUND;
    }

    /** Whether a value with this status says that there are no data from then on. */
    static boolean isNoData(StatusCode status) {
        return (status.value() & CODE) == NO_DATA;
    }

    static long goodUnless(boolean uncertain) {
        return uncertain ? UNCERTAIN : GOOD;
    }

    /**
     * A result.
     *
     * @param bits of the above, summed up
     * @param time in ticks
     */
    static DataValue of(Variant value, long code, long bits, long time) {
        if (code >= BAD) {
            return bad(code, bits, time);
        }
        Object content = value.value();
        if (content != null && Numbers.isNaN(content)) {
            return bad(INVALID_INPUTS, bits, time);
        }
        return stamped(value, code, bits, time);
    }

    /** A result that is a number of its own type. */
    static DataValue of(double value, long code, long bits, long time) {
        return of(Variant.scalar(BuiltinType.DOUBLE, value), code, bits, time);
    }

    /** A result without a value. */
    static DataValue bad(long code, long bits, long time) {
        return stamped(Variant.NULL, code, bits & PARTIAL, time);
    }

    /** A raw value as a result: its own value and status. */
    static DataValue raw(DataValue sample, long bits, long time) {
        StatusCode status = sample.statusCode();
        return stamped(status.isBad() ? Variant.NULL : sample.variant(), status.value() & ~HISTORIAN_BITS, bits, time);
    }

    private static DataValue stamped(Variant value, long code, long bits, long time) {
        DateTime timestamp = new DateTime(time);
        long status = bits == 0 ? code : code | bits | INFO_TYPE_DATA_VALUE;
        return new DataValue(value, new StatusCode(status), timestamp, timestamp);
    }
}
