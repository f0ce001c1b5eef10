package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.daemon.aggregate.Aggregator;
import io.github.opcuasm.daemon.aggregate.ProcessingIntervals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * The raw values that an aggregate is made of: those of the time range, with their bounds. A bound is the very next value
 * outside; where a function needs a usable one and that is Bad, up to {@value #NEIGHBOURS} values further out are read, and
 * so they are where a server does not give bounds, whether it says so or not. One that says that there is none is believed.
 */
final class RawHistory {
    /** How far a usable value is looked for; more Bad ones in a row count as the end of the data. */
    private static final int NEIGHBOURS = 100;

    private static final int ALL = 0;

    private final HistoryService history;
    private final CallContext context;
    private final NodeReference node;
    private final ProcessingIntervals intervals;
    private final boolean uncertainIsBad;
    /** How many usable values are needed on either side; 0 where the very next one will do. */
    private final int usableBefore;

    private final int usableAfter;

    RawHistory(
            HistoryService history,
            CallContext context,
            NodeReference node,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateConfiguration configuration) {
        this.history = history;
        this.context = context;
        this.node = node;
        this.intervals = intervals;
        this.uncertainIsBad = configuration.treatUncertainAsBad();
        boolean reaching = Aggregator.isExtrapolated(function);
        this.usableBefore = !reaching ? 0 : configuration.useSlopedExtrapolation() ? 2 : 1;
        this.usableAfter = reaching ? 1 : 0;
    }

    CompletableFuture<List<DataValue>> read() {
        return range(true)
                .handle((values, failure) -> {
                    if (failure == null) {
                        return around(values);
                    }
                    if (OpcUaErrors.unwrap(failure) instanceof CommandException refusal
                            && refusal.statusCode() != null
                            && refusal.statusCode() == StatusCodes.Bad_BoundNotSupported) {
                        return range(false).thenCompose(this::around);
                    }
                    return CompletableFuture.<List<DataValue>>failedFuture(
                            new CompletionException(OpcUaErrors.unwrap(failure)));
                })
                .thenCompose(values -> values)
                .thenApply(RawHistory::timed);
    }

    private CompletableFuture<List<DataValue>> range(boolean withBounds) {
        return history.readRaw(context, node, intervals.earliest(), intervals.latest(), ALL, withBounds);
    }

    private CompletableFuture<List<DataValue>> around(List<DataValue> values) {
        List<DataValue> samples = values.stream().filter(Aggregator::isSample).toList();
        boolean told = values.size() > samples.size();
        boolean noneBefore = told && !Aggregator.isSample(values.get(0));
        boolean noneAfter = told && !Aggregator.isSample(values.get(values.size() - 1));
        List<DataValue> before = samples.stream().filter(this::isBefore).toList();
        List<DataValue> after = samples.stream().filter(this::isAfter).toList();
        return outside(!noneBefore && isTooLittle(before, usableBefore), null, intervals.earliest())
                .thenCompose(earlier -> outside(!noneAfter && isTooLittle(after, usableAfter), intervals.latest(), null)
                        .thenApply(later -> joined(earlier, samples, later)));
    }

    private boolean isBefore(DataValue sample) {
        return timeOf(sample).compareTo(intervals.earliest()) <= 0;
    }

    private boolean isAfter(DataValue sample) {
        return timeOf(sample).compareTo(intervals.latest()) >= 0;
    }

    private boolean isTooLittle(List<DataValue> bounds, int usable) {
        return bounds.isEmpty() || bounds.stream().filter(this::isUsable).count() < usable;
    }

    private boolean isUsable(DataValue sample) {
        StatusCode status = sample.statusCode();
        return status.isGood() || (status.isUncertain() && !uncertainIsBad);
    }

    private CompletableFuture<List<DataValue>> outside(
            boolean wanted, @Nullable DateTime start, @Nullable DateTime end) {
        return wanted
                ? history.readRaw(context, node, start, end, NEIGHBOURS, false)
                : CompletableFuture.completedFuture(List.of());
    }

    /** What was read further out may hold once more what is there already. */
    private static List<DataValue> joined(List<DataValue> earlier, List<DataValue> samples, List<DataValue> later) {
        if (earlier.isEmpty() && later.isEmpty()) {
            return samples;
        }
        List<DataValue> all = new ArrayList<>(earlier.size() + samples.size() + later.size());
        DateTime first = samples.isEmpty() ? DateTime.MAX : timeOf(samples.get(0));
        for (int i = earlier.size() - 1; i >= 0; i--) {
            if (timeOf(earlier.get(i)).compareTo(first) < 0) {
                all.add(earlier.get(i));
            }
        }
        all.addAll(samples);
        DateTime last = all.isEmpty() ? DateTime.NULL : timeOf(all.get(all.size() - 1));
        for (DataValue value : later) {
            if (timeOf(value).compareTo(last) > 0) {
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
