package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.DoubleBinaryOperator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * Values computed from a history: interpolated ones and the aggregates Interpolative, Average, Minimum, Maximum
 * and Count of Part 13.
 *
 * <p>The rules, whatever AggregateConfiguration a client sends: Bad samples count for nothing, Uncertain ones
 * count as any; either makes a result Uncertain_DataSubNormal. Before the first sample and after the last one
 * there is Bad_NoData. An interval includes its first time, which is the result's timestamp, and excludes its
 * last; backwards the later time is the first. A last interval that is cut short has the Partial bit. Average is
 * the mean of the samples, not weighted by time.
 */
final class HistoryAggregates {
    /** Intervals of one read; more are Bad_AggregateInvalidInputs. */
    static final int MAX_INTERVALS = 100_000;

    static final List<NodeId> SUPPORTED = List.of(
            NodeIds.AggregateFunction_Interpolative,
            NodeIds.AggregateFunction_Average,
            NodeIds.AggregateFunction_Minimum,
            NodeIds.AggregateFunction_Maximum,
            NodeIds.AggregateFunction_Count);

    private static final double TICKS_PER_MILLISECOND = 10_000;

    /** The historian bits of a status, Part 4, 7.39.1: info type DataValue, and how the value came about. */
    private static final long CALCULATED = 0x401;

    private static final long INTERPOLATED = 0x402;
    private static final long PARTIAL = 0x404;

    private final HistoryStore store;

    HistoryAggregates(HistoryStore store) {
        this.store = store;
    }

    /**
     * The value at a time: the sample of that time, else between its neighbours.
     *
     * @param simpleBounds whether the neighbours are the next samples of any quality, rather than the next usable
     *     ones (Part 13, 3.1.9 and 3.1.10)
     */
    DataValue at(long time, boolean simpleBounds) {
        NavigableMap<Long, DataValue> samples = store.samples(false);
        DataValue exact = samples.get(time);
        if (exact != null) {
            return exact;
        }
        Neighbour before = neighbour(samples.headMap(time, false).descendingMap(), simpleBounds);
        Neighbour after = neighbour(samples.tailMap(time, false), simpleBounds);
        if (before == null || after == null || !before.usable()) {
            return value(null, StatusCodes.Bad_NoData, time);
        }
        boolean sound = before.sound() && (store.stepped() || after.sound());
        Object value =
                store.stepped() || !after.usable() ? before.sample().value().value() : between(before, after, time);
        return value(value, (sound ? StatusCodes.Good : StatusCodes.Uncertain_DataSubNormal) | INTERPOLATED, time);
    }

    /**
     * One value for each interval from start to end.
     *
     * @param interval in milliseconds; 0 makes the whole time one interval
     * @throws UaException Bad_AggregateNotSupported, Bad_AggregateInvalidInputs
     */
    List<DataValue> processed(NodeId aggregate, DateTime start, DateTime end, double interval) throws UaException {
        if (!SUPPORTED.contains(aggregate)) {
            throw new UaException(StatusCodes.Bad_AggregateNotSupported);
        }
        boolean backwards = start.utcTime() > end.utcTime();
        long whole = Math.abs(end.utcTime() - start.utcTime());
        long step = interval == 0 ? whole : Math.round(interval * TICKS_PER_MILLISECOND);
        if (start.equals(end) || !(interval >= 0) || step <= 0 || whole / step >= MAX_INTERVALS) {
            throw new UaException(StatusCodes.Bad_AggregateInvalidInputs);
        }
        List<DataValue> values = new ArrayList<>();
        for (long offset = 0; offset < whole; offset += step) {
            long length = Math.min(step, whole - offset);
            long first = backwards ? start.utcTime() - offset : start.utcTime() + offset;
            long last = backwards ? first - length : first + length;
            DataValue value = aggregate.equals(NodeIds.AggregateFunction_Interpolative)
                    ? at(first, false)
                    : aggregated(aggregate, first, last, backwards);
            boolean partial = length < step && !value.statusCode().isBad();
            values.add(
                    partial ? value.withStatus(new StatusCode(value.statusCode().getValue() | PARTIAL)) : value);
        }
        return values;
    }

    private DataValue aggregated(NodeId aggregate, long first, long last, boolean backwards) {
        NavigableMap<Long, DataValue> ordered = store.samples(backwards);
        Collection<DataValue> samples = ordered.subMap(first, true, last, false).values();
        boolean outside = ordered.lowerKey(last) == null || ordered.ceilingKey(first) == null;
        List<DataValue> usable =
                samples.stream().filter(sample -> !sample.statusCode().isBad()).toList();
        Object value = aggregate.equals(NodeIds.AggregateFunction_Count)
                ? (Integer) usable.size()
                : reduced(aggregate, usable);
        if (outside || value == null) {
            return value(null, StatusCodes.Bad_NoData, first);
        }
        boolean sound = samples.stream().allMatch(sample -> sample.statusCode().isGood());
        return value(value, (sound ? StatusCodes.Good : StatusCodes.Uncertain_DataSubNormal) | CALCULATED, first);
    }

    private static @Nullable Object reduced(NodeId aggregate, List<DataValue> usable) {
        if (usable.isEmpty()) {
            return null;
        }
        if (aggregate.equals(NodeIds.AggregateFunction_Average)) {
            return usable.stream().mapToDouble(HistoryAggregates::number).sum() / usable.size();
        }
        DoubleBinaryOperator better = aggregate.equals(NodeIds.AggregateFunction_Minimum) ? Math::min : Math::max;
        double best = usable.stream()
                .mapToDouble(HistoryAggregates::number)
                .reduce(better)
                .orElseThrow();
        return usable.stream()
                .filter(sample -> number(sample) == best)
                .findFirst()
                .map(sample -> sample.value().value())
                .orElse(best);
    }

    private static double number(DataValue sample) {
        return sample.value().value() instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    private static double between(Neighbour before, Neighbour after, long time) {
        double share = (double) (time - before.time()) / (after.time() - before.time());
        return number(before.sample()) + share * (number(after.sample()) - number(before.sample()));
    }

    private static DataValue value(@Nullable Object value, long status, long time) {
        DateTime timestamp = new DateTime(time);
        return new DataValue(
                value == null ? Variant.NULL_VALUE : new Variant(value), new StatusCode(status), timestamp, timestamp);
    }

    /** The nearest sample of this view, or the nearest usable one; none if there is no sample at all. */
    private static @Nullable Neighbour neighbour(NavigableMap<Long, DataValue> outwards, boolean anyQuality) {
        Neighbour nearest = null;
        for (Map.Entry<Long, DataValue> entry : outwards.entrySet()) {
            Neighbour next = new Neighbour(entry.getKey(), entry.getValue(), nearest == null);
            if (anyQuality || next.usable()) {
                return next;
            }
            nearest = nearest == null ? next : nearest;
        }
        return nearest;
    }

    private record Neighbour(long time, DataValue sample, boolean nearest) {
        boolean usable() {
            return !sample.statusCode().isBad();
        }

        boolean sound() {
            return nearest && sample.statusCode().isGood();
        }
    }
}
