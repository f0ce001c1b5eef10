package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Instant;

/** Raw values of tests, by seconds since the noon of annex A. */
final class Values {
    static final long GOOD = 0;
    static final long UNCERTAIN = 0x4000_0000L;
    static final long BAD = 0x8000_0000L;
    static final long NO_DATA = 0x809B_0000L;
    static final long SUB_NORMAL = 0x40A4_0000L;
    static final long INVALID_INPUTS = 0x80D6_0000L;
    static final long CALCULATED = 0x401;
    static final long INTERPOLATED = 0x402;
    static final long PARTIAL = 0x404;
    static final long MULTI_VALUE = 0x410;

    private static final long NOON =
            DateTime.of(Instant.parse("2026-01-01T12:00:00Z")).ticks();

    private Values() {}

    static DateTime at(double seconds) {
        return new DateTime(NOON + Math.round(seconds * 10_000_000));
    }

    static double secondsOf(DateTime time) {
        return (time.ticks() - NOON) / 1e7;
    }

    static DataValue good(double seconds, double value) {
        return sample(seconds, Variant.scalar(BuiltinType.DOUBLE, value), GOOD);
    }

    static DataValue uncertain(double seconds, double value) {
        return sample(seconds, Variant.scalar(BuiltinType.DOUBLE, value), UNCERTAIN);
    }

    static DataValue bad(double seconds) {
        return sample(seconds, Variant.NULL, BAD);
    }

    static DataValue sample(double seconds, BuiltinType type, Object value) {
        return sample(seconds, Variant.scalar(type, value), GOOD);
    }

    static DataValue sample(double seconds, Variant value, long status) {
        return new DataValue(value, new StatusCode(status), at(seconds), null);
    }
}
