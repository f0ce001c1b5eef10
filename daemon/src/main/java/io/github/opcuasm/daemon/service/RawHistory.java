package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.daemon.aggregate.Aggregator;
import io.github.opcuasm.daemon.aggregate.ProcessingIntervals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * The raw values that an aggregate is made of: those of the time range, with their bounds. A bound is the very next value
 * outside; where a function needs a usable one and that is none, up to {@value #NEIGHBOURS} values further out are read, and
 * so they are where a server does not give bounds, whether it says so or not. Only a bound that is not found
 * (Bad_BoundNotFound) is believed not to be there. Bad_NoData may be a gap or the end of the data: what lies behind it tells.
 */
final class RawHistory {
    /** How far a usable value is looked for; more Bad ones in a row count as the end of the data. */
    private static final int NEIGHBOURS = 100;

    private static final int ALL = 0;

    /** Statuses that refuse the kind of read, not this one: nothing is known of the values. */
    private static final Set<Long> CANNOT_READ_OUTSIDE = Set.of(
            StatusCodes.Bad_HistoryOperationUnsupported,
            StatusCodes.Bad_HistoryOperationInvalid,
            StatusCodes.Bad_InvalidTimestampArgument,
            StatusCodes.Bad_InvalidArgument);

    private final Source source;
    private final ProcessingIntervals intervals;
    private final AggregateFunction function;
    private final boolean uncertainIsBad;
    private final boolean sloped;
    /** Whether the very next value will not do where it is not usable. */
    private final boolean reaching;

    /** Where the values are read. */
    @FunctionalInterface
    interface Source {
        /**
         * As {@link HistoryService#readRaw}.
         *
         * @param start null: backwards from {@code end}
         * @param end null: forwards from {@code start}
         * @param count at most so many; 0 = all
         */
        CompletableFuture<List<DataValue>> read(
                @Nullable DateTime start, @Nullable DateTime end, int count, boolean withBounds);
    }

    RawHistory(
            Source source,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateConfiguration configuration) {
        this.source = source;
        this.intervals = intervals;
        this.function = function;
        this.uncertainIsBad = configuration.treatUncertainAsBad();
        this.sloped = configuration.useSlopedExtrapolation();
        this.reaching = Aggregator.isExtrapolated(function);
    }

    CompletableFuture<List<DataValue>> read() {
        return otherwise(
                        range(true),
                        Set.of(StatusCodes.Bad_BoundNotSupported, StatusCodes.Bad_BoundNotFound),
                        status -> range(false))
                .thenCompose(this::around)
                .thenApply(RawHistory::timed);
    }

    private CompletableFuture<List<DataValue>> range(boolean withBounds) {
        return otherwise(
                source.read(intervals.earliest(), intervals.latest(), ALL, withBounds),
                withBounds
                        ? Set.of(StatusCodes.Bad_NoData)
                        : Set.of(StatusCodes.Bad_NoData, StatusCodes.Bad_BoundNotFound),
                status -> CompletableFuture.completedFuture(List.of()));
    }

    /** What lies behind goes first: only where that is not usable a line may have to go on there. */
    private CompletableFuture<List<DataValue>> around(List<DataValue> values) {
        List<DataValue> samples = values.stream()
                .filter(value -> !Aggregator.isMissingBound(value))
                .toList();
        return outside(needsLater(values), intervals.latest(), null).thenCompose(later -> {
            boolean goesOn = Stream.concat(samples.stream(), later.stream())
                    .noneMatch(sample -> isAfter(sample) && isUsable(sample));
            return outside(needsEarlier(values, goesOn), null, intervals.earliest())
                    .thenApply(earlier -> joined(earlier, samples, later));
        });
    }

    private boolean needsLater(List<DataValue> values) {
        if (values.stream().anyMatch(value -> Aggregator.isBoundNotFound(value) && isAfter(value))) {
            return false;
        }
        List<DataValue> after =
                values.stream().filter(value -> isData(value) && isAfter(value)).toList();
        return after.isEmpty() || (reaching && after.stream().noneMatch(this::isUsable));
    }

    /** @param goesOn whether the last line goes on behind the data, before the range ends */
    private boolean needsEarlier(List<DataValue> values, boolean goesOn) {
        if (values.stream().anyMatch(value -> Aggregator.isBoundNotFound(value) && isBefore(value))) {
            return false;
        }
        List<DataValue> before = values.stream()
                .filter(value -> isData(value) && isBefore(value))
                .toList();
        if (before.isEmpty() || (reaching && before.stream().noneMatch(this::isUsable))) {
            return true;
        }
        return reaching && sloped && goesOn && !hasLine(values);
    }

    private boolean hasLine(List<DataValue> values) {
        return values.stream()
                        .filter(value -> isData(value) && isUsable(value))
                        .map(RawHistory::timeOf)
                        .distinct()
                        .limit(2)
                        .count()
                == 2;
    }

    private static boolean isData(DataValue value) {
        return !Aggregator.isMissingBound(value) && !Aggregator.isNoData(value);
    }

    private boolean isBefore(DataValue value) {
        return timeOf(value).compareTo(intervals.earliest()) <= 0;
    }

    private boolean isAfter(DataValue value) {
        return timeOf(value).compareTo(intervals.latest()) >= 0;
    }

    private boolean isUsable(DataValue value) {
        return Aggregator.isUsable(value, function, uncertainIsBad);
    }

    private CompletableFuture<List<DataValue>> outside(
            boolean wanted, @Nullable DateTime start, @Nullable DateTime end) {
        if (!wanted) {
            return CompletableFuture.completedFuture(List.of());
        }
        CompletableFuture<List<DataValue>> found = otherwise(
                source.read(start, end, NEIGHBOURS, false),
                Set.of(StatusCodes.Bad_NoData, StatusCodes.Bad_BoundNotFound),
                status -> CompletableFuture.completedFuture(List.of()));
        return otherwise(
                found,
                CANNOT_READ_OUTSIDE,
                status -> CompletableFuture.failedFuture(OpcUaErrors.service(
                        "The server refused to read the last values " + (start == null ? "before" : "behind")
                                + " the time range, which the aggregate needs",
                        status)));
    }

    /** What was read, or what takes its place if the server refused it with one of these statuses. */
    private static CompletableFuture<List<DataValue>> otherwise(
            CompletableFuture<List<DataValue>> read,
            Set<Long> statuses,
            LongFunction<CompletableFuture<List<DataValue>>> instead) {
        return read.handle((values, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(values);
                    }
                    Throwable cause = OpcUaErrors.unwrap(failure);
                    Long status = cause instanceof CommandException refusal ? refusal.statusCode() : null;
                    return status != null && statuses.contains(status)
                            ? instead.apply(status)
                            : CompletableFuture.<List<DataValue>>failedFuture(new CompletionException(cause));
                })
                .thenCompose(values -> values);
    }

    /** What was read further out may hold once more what is there already. */
    private static List<DataValue> joined(List<DataValue> earlier, List<DataValue> samples, List<DataValue> later) {
        if (earlier.isEmpty() && later.isEmpty()) {
            return samples;
        }
        List<DataValue> all = new ArrayList<>(earlier.size() + samples.size() + later.size());
        DateTime first = samples.isEmpty() ? DateTime.MAX : timeOf(samples.get(0));
        for (int i = earlier.size() - 1; i >= 0; i--) {
            if (!Aggregator.isMissingBound(earlier.get(i))
                    && timeOf(earlier.get(i)).compareTo(first) < 0) {
                all.add(earlier.get(i));
            }
        }
        all.addAll(samples);
        DateTime last = all.isEmpty() ? DateTime.NULL : timeOf(all.get(all.size() - 1));
        for (DataValue value : later) {
            if (!Aggregator.isMissingBound(value) && timeOf(value).compareTo(last) > 0) {
                all.add(value);
            }
        }
        return all;
    }

    private static List<DataValue> timed(List<DataValue> values) {
        values.forEach(RawHistory::timeOf);
        return values;
    }

    private static DateTime timeOf(DataValue value) {
        DateTime time = Aggregator.timeOf(value);
        if (time == null) {
            throw OpcUaErrors.service(
                    "The server's history has a value without a timestamp", StatusCodes.Bad_InvalidTimestamp);
        }
        return time;
    }
}
