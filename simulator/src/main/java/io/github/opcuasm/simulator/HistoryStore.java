package io.github.opcuasm.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.HistoryUpdateType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
import org.eclipse.milo.opcua.stack.core.types.structured.ModificationInfo;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one variable by source timestamp, one at most for each, and those that were there before they were
 * replaced or deleted. Samples may come and go while others read: a read sees each sample or not, never half of one.
 * Changes exclude each other.
 *
 * <p>There are {@link #MAX_SAMPLES} samples at most, more are refused, and the last {@link #MAX_MODIFIED} modified
 * ones.
 *
 * <p>Reading backwards is reading forwards in the opposite order: both run over the same code, with the map or
 * with its descending view. In that order a range includes its first time and excludes its last.
 */
final class HistoryStore {
    static final int MAX_SAMPLES = 100_000;
    static final int MAX_MODIFIED = 10_000;

    private final ConcurrentSkipListMap<Long, DataValue> samples = new ConcurrentSkipListMap<>();
    private final Deque<ModifiedSample> modified = new ArrayDeque<>();
    private final AggregateSettings settings;

    HistoryStore(AggregateSettings settings) {
        this.settings = settings;
    }

    /** How aggregates of these samples are computed unless a request says otherwise. */
    AggregateSettings settings() {
        return settings;
    }

    /** The source timestamp of a sample, in 100 ns since 1601. */
    static long timeOf(DataValue sample) {
        DateTime time = sample.sourceTime();
        if (time == null) {
            throw new IllegalArgumentException("A sample has a source timestamp");
        }
        return time.utcTime();
    }

    /** Inserts a sample or replaces the one of the same source timestamp, without a trace. */
    synchronized void put(DataValue sample) {
        samples.put(timeOf(sample), sample);
    }

    /**
     * Inserts, replaces or does what is possible of both (Part 11, 6.9.2).
     *
     * @return the operation's status
     */
    synchronized long put(DataValue sample, PerformUpdateType how, Modifier modifier) {
        long time = timeOf(sample);
        boolean there = samples.containsKey(time);
        if (there && how == PerformUpdateType.Insert) {
            return StatusCodes.Bad_EntryExists;
        }
        if (!there && how == PerformUpdateType.Replace) {
            return StatusCodes.Bad_NoEntryExists;
        }
        if (!there && samples.size() >= MAX_SAMPLES) {
            return StatusCodes.Bad_ResourceUnavailable;
        }
        DataValue before = samples.put(time, sample);
        if (before != null) {
            remember(
                    before,
                    modifier.by(
                            how == PerformUpdateType.Replace ? HistoryUpdateType.Replace : HistoryUpdateType.Update));
        }
        if (how != PerformUpdateType.Update) {
            return StatusCodes.Good;
        }
        return there ? StatusCodes.Good_EntryReplaced : StatusCodes.Good_EntryInserted;
    }

    /**
     * Deletes the samples of a time, including its start and excluding its end unless both are the same.
     *
     * @return whether there were any
     */
    synchronized boolean delete(DateTime start, DateTime end, Modifier modifier) {
        NavigableMap<Long, DataValue> range = samples.subMap(start.utcTime(), true, end.utcTime(), start.equals(end));
        List<DataValue> deleted = List.copyOf(range.values());
        range.clear();
        deleted.forEach(sample -> remember(sample, modifier.by(HistoryUpdateType.Delete)));
        return !deleted.isEmpty();
    }

    /** As {@link #delete}, of the modified samples alone. */
    synchronized boolean deleteModified(DateTime start, DateTime end) {
        return modified.removeIf(entry ->
                entry.time() == start.utcTime() || (entry.time() > start.utcTime() && entry.time() < end.utcTime()));
    }

    /**
     * Deletes the sample of one time and what it was before (Part 11, 6.9.6.2).
     *
     * @return whether there was either
     */
    synchronized boolean deleteAt(DateTime time, Modifier modifier) {
        boolean wasModified = deleteModified(time, time);
        return delete(time, time, modifier) || wasModified;
    }

    private void remember(DataValue sample, ModificationInfo modification) {
        if (modified.size() >= MAX_MODIFIED) {
            modified.removeFirst();
        }
        modified.addLast(new ModifiedSample(sample, modification));
    }

    /**
     * Modified samples (Part 11, 6.5.3.3) of a time as {@link #raw} has it, without bounds; of the same time, that of
     * the latest modification first.
     */
    synchronized List<ModifiedSample> modified(@Nullable DateTime start, @Nullable DateTime end) {
        NavigableMap<Long, List<ModifiedSample>> ascending = new TreeMap<>();
        modified.descendingIterator()
                .forEachRemaining(entry -> ascending
                        .computeIfAbsent(entry.time(), time -> new ArrayList<>())
                        .add(entry));
        DateTime first = start != null ? start : requireEnd(end);
        DateTime last = start != null ? end : null;
        boolean backwards = start == null || (end != null && start.utcTime() > end.utcTime());
        NavigableMap<Long, List<ModifiedSample>> ordered = backwards ? ascending.descendingMap() : ascending;
        var range = last == null
                ? ordered.tailMap(first.utcTime(), true)
                : ordered.subMap(first.utcTime(), true, last.utcTime(), last.equals(first));
        return range.values().stream().flatMap(List::stream).toList();
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

    /**
     * Who changes a history, and when.
     *
     * @param user null for an anonymous one
     */
    record Modifier(DateTime time, @Nullable String user) {
        ModificationInfo by(HistoryUpdateType type) {
            return new ModificationInfo(time, type, user);
        }
    }
}
