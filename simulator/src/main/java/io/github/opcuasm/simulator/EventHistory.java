package io.github.opcuasm.simulator;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
import org.jspecify.annotations.Nullable;

/** The stored events of one notifier by EventId, {@link #MAX_EVENTS} at most; more are refused. */
final class EventHistory {
    static final int MAX_EVENTS = 10_000;

    private static final Comparator<HistoricalEvent> BY_TIME =
            Comparator.comparingLong(event -> event.time().utcTime());

    private final Map<ByteString, HistoricalEvent> events = new LinkedHashMap<>();

    /**
     * Inserts, replaces or does what is possible of both (Part 11, 6.9.4).
     *
     * @param replaceable which events may be replaced; others are as if they did not exist
     * @return the operation's status
     */
    synchronized long put(HistoricalEvent event, PerformUpdateType how, Predicate<HistoricalEvent> replaceable) {
        HistoricalEvent before = events.get(event.id());
        if (before != null && how == PerformUpdateType.Insert) {
            return StatusCodes.Bad_EntryExists;
        }
        if (how == PerformUpdateType.Replace && (before == null || !replaceable.test(before))) {
            return StatusCodes.Bad_NoEntryExists;
        }
        if (before == null && events.size() >= MAX_EVENTS) {
            return StatusCodes.Bad_ResourceUnavailable;
        }
        events.put(event.id(), event);
        if (how != PerformUpdateType.Update) {
            return StatusCodes.Good;
        }
        return before != null ? StatusCodes.Good_EntryReplaced : StatusCodes.Good_EntryInserted;
    }

    /** Whether there was an event of this id. */
    synchronized boolean delete(ByteString id) {
        return events.remove(id) != null;
    }

    /**
     * The events of a time, from its start to its end, which is not part of it; from the start on when there is no
     * end, backwards from the end when there is no start.
     *
     * @param start null for none
     * @param end null for none; not both may be null
     */
    synchronized List<HistoricalEvent> read(@Nullable DateTime start, @Nullable DateTime end) {
        boolean backwards = start == null || (end != null && start.utcTime() > end.utcTime());
        return events.values().stream()
                .filter(event -> isIn(event.time().utcTime(), start, end))
                .sorted(backwards ? BY_TIME.reversed() : BY_TIME)
                .toList();
    }

    private static boolean isIn(long time, @Nullable DateTime start, @Nullable DateTime end) {
        if (start == null) {
            return end != null && time <= end.utcTime();
        }
        long from = start.utcTime();
        if (end == null) {
            return time >= from;
        }
        long to = end.utcTime();
        return time == from || (from < to ? time > from && time < to : time < from && time > to);
    }
}
