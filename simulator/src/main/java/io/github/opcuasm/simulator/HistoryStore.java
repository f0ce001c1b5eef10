package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one variable by source timestamp, one at most for each. Samples may come and go while others
 * read: a read sees each sample or not, never half of one.
 *
 * <p>Reading backwards is reading forwards in the opposite order: both run over the same code, with the map or
 * with its descending view. In that order a range includes its first time and excludes its last.
 */
final class HistoryStore {
    private final ConcurrentSkipListMap<Long, DataValue> samples = new ConcurrentSkipListMap<>();
    private final boolean stepped;

    /** @param stepped whether a value holds until the next one, rather than moves to it in a straight line */
    HistoryStore(boolean stepped) {
        this.stepped = stepped;
    }

    boolean stepped() {
        return stepped;
    }

    /** Inserts a sample or replaces the one of the same source timestamp. */
    void put(DataValue sample) {
        DateTime time = sample.sourceTime();
        if (time == null) {
            throw new IllegalArgumentException("A sample has a source timestamp");
        }
        samples.put(time.utcTime(), sample);
    }

    /** The samples by time in 100 ns since 1601, from the earliest or, backwards, from the latest. */
    NavigableMap<Long, DataValue> samples(boolean backwards) {
        return backwards ? samples.descendingMap() : samples;
    }

    /**
     * Raw values (Part 11, 6.4.3): from start to end; from start on when there is no end; backwards from end when
     * there is no start. Bounds are values at both times or, failing these, the next ones outside.
     *
     * @param start null for none
     * @param end null for none; not both may be null
     */
    List<DataValue> raw(@Nullable DateTime start, @Nullable DateTime end, boolean bounds) {
        DateTime first = start != null ? start : requireEnd(end);
        DateTime last = start != null ? end : null;
        boolean backwards = start == null || (end != null && start.utcTime() > end.utcTime());
        NavigableMap<Long, DataValue> ordered = samples(backwards);
        List<DataValue> values = new ArrayList<>();
        if (bounds && !ordered.containsKey(first.utcTime())) {
            values.add(bound(ordered.lowerEntry(first.utcTime()), first));
        }
        if (last == null) {
            values.addAll(ordered.tailMap(first.utcTime(), true).values());
            return values;
        }
        boolean moment = last.equals(first);
        values.addAll(
                ordered.subMap(first.utcTime(), true, last.utcTime(), moment).values());
        if (bounds && !(moment && ordered.containsKey(first.utcTime()))) {
            values.add(bound(ordered.ceilingEntry(last.utcTime()), last));
        }
        return values;
    }

    private static DateTime requireEnd(@Nullable DateTime end) {
        if (end == null) {
            throw new IllegalArgumentException("A read of raw values has a start or an end");
        }
        return end;
    }

    private static DataValue bound(Map.@Nullable Entry<Long, DataValue> sample, DateTime time) {
        return sample != null
                ? sample.getValue()
                : new DataValue(Variant.NULL_VALUE, new StatusCode(StatusCodes.Bad_BoundNotFound), time, time);
    }
}
