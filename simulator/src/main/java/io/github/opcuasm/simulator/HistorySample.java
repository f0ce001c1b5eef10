package io.github.opcuasm.simulator;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.jspecify.annotations.Nullable;

/**
 * A raw value as aggregates see it: a number of one of three qualities. What is no number, or Boolean, is Bad.
 *
 * @param time in 100 ns since 1601
 */
record HistorySample(long time, DataValue data) {
    private static final long CODE = 0xFFFF0000L;

    /** The samples of a history by time, without those that only say that there is no data. */
    static NavigableMap<Long, HistorySample> of(Map<Long, DataValue> history) {
        NavigableMap<Long, HistorySample> samples = new TreeMap<>();
        history.forEach((time, data) -> {
            long code = data.statusCode().getValue() & CODE;
            if (code != StatusCodes.Bad_NoData && code != StatusCodes.Bad_BoundNotFound) {
                samples.put(time, new HistorySample(time, data));
            }
        });
        return samples;
    }

    boolean isGood() {
        return data.statusCode().isGood() && hasNumber();
    }

    boolean isUncertain() {
        return data.statusCode().isUncertain() && hasNumber();
    }

    boolean isBad() {
        return !isGood() && !isUncertain();
    }

    /** Whether this counts as Bad by these settings. */
    boolean isBad(AggregateSettings settings) {
        return isBad() || (settings.treatUncertainAsBad() && isUncertain());
    }

    double number() {
        Object value = data.value().value();
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    @Nullable
    Object value() {
        return data.value().value();
    }

    private boolean hasNumber() {
        return value() instanceof Number || value() instanceof Boolean;
    }
}
