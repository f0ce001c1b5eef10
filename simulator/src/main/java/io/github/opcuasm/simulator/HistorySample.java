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

    /**
     * The samples of a history by time. Bad_NoData before the first and behind the last of them is where the data begin
     * and end (so annex A takes it); in between it is a gap, and as Bad as any other.
     */
    static NavigableMap<Long, HistorySample> of(Map<Long, DataValue> history) {
        NavigableMap<Long, HistorySample> samples = new TreeMap<>();
        history.forEach((time, data) -> {
            if (code(data) != StatusCodes.Bad_BoundNotFound) {
                samples.put(time, new HistorySample(time, data));
            }
        });
        while (!samples.isEmpty() && code(samples.firstEntry().getValue().data()) == StatusCodes.Bad_NoData) {
            samples.pollFirstEntry();
        }
        while (!samples.isEmpty() && code(samples.lastEntry().getValue().data()) == StatusCodes.Bad_NoData) {
            samples.pollLastEntry();
        }
        return samples;
    }

    private static long code(DataValue data) {
        return data.statusCode().getValue() & CODE;
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
