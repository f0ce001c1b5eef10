package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * Values computed from a history: at times, and by aggregates over intervals (Part 13). The samples are those of the
 * moment at which this was made.
 *
 * <p>The time of a request is cut into intervals from its start on, backwards if the end is earlier (Part 13,
 * 5.4.2.2); the last one is shorter if they do not fit. Samples outside that time take part as bounds.
 */
final class HistoryAggregates {
    /** Intervals of one read; more are Bad_AggregateInvalidInputs. */
    static final int MAX_INTERVALS = 100_000;

    private static final double TICKS_PER_MILLISECOND = 10_000;

    private static final long INTERPOLATED = 0x402;

    private final HistoryStore store;
    private final AggregateSettings settings;
    private final NavigableMap<Long, HistorySample> samples;

    HistoryAggregates(HistoryStore store, AggregateSettings settings) {
        this.store = store;
        this.settings = settings;
        this.samples = HistorySample.of(store.samples(false));
    }

    /** The aggregates that are computed, in the order in which they are offered. */
    static Set<NodeId> supported() {
        return IntervalAggregates.SUPPORTED.keySet();
    }

    /**
     * The value at a time: the sample of that time, else between its neighbours.
     *
     * @param simpleBounds whether the neighbours are the next samples of any quality, rather than the next usable
     *     ones (Part 13, 3.1.8 and 3.1.9)
     */
    DataValue at(long time, boolean simpleBounds) {
        DataValue exact = store.samples(false).get(time);
        if (exact != null) {
            return exact;
        }
        BoundingValues bounds = new BoundingValues(samples, settings);
        BoundingValues.Bound bound = simpleBounds ? bounds.simple(time) : bounds.interpolated(time, settings.stepped());
        if (!bound.exists()) {
            return IntervalAggregates.noData(time);
        }
        DateTime timestamp = new DateTime(time);
        return new DataValue(
                new Variant(SampleType.of(samples.values()).from(bound.number())),
                new StatusCode(bound.status() | INTERPOLATED),
                timestamp,
                timestamp);
    }

    /**
     * One value for each interval from start to end.
     *
     * @param interval in milliseconds; 0 makes the whole time one interval
     * @throws UaException Bad_AggregateNotSupported, Bad_InvalidArgument without any time, Bad_AggregateInvalidInputs
     */
    List<DataValue> processed(NodeId aggregate, DateTime start, DateTime end, double interval) throws UaException {
        Function<IntervalAggregates, DataValue> function = IntervalAggregates.SUPPORTED.get(aggregate);
        if (function == null) {
            throw new UaException(StatusCodes.Bad_AggregateNotSupported);
        }
        if (start.equals(end)) {
            throw new UaException(StatusCodes.Bad_InvalidArgument);
        }
        boolean backwards = start.utcTime() > end.utcTime();
        long whole = Math.abs(end.utcTime() - start.utcTime());
        long step = interval == 0 ? whole : Math.round(interval * TICKS_PER_MILLISECOND);
        if (!(interval >= 0) || step <= 0 || whole / step >= MAX_INTERVALS) {
            throw new UaException(StatusCodes.Bad_AggregateInvalidInputs);
        }
        List<DataValue> values = new ArrayList<>();
        for (long offset = 0; offset < whole; offset += step) {
            long length = Math.min(step, whole - offset);
            long first = backwards ? start.utcTime() - offset : start.utcTime() + offset;
            long last = backwards ? first - length : first + length;
            values.add(
                    samples.isEmpty()
                            ? IntervalAggregates.noData(first)
                            : function.apply(new IntervalAggregates(samples, settings, first, last)));
        }
        return values;
    }
}
