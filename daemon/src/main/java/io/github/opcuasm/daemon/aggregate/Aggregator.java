package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one value of each interval (Part 13, 5.4). The intervals are walked in the order of time, backward ones from their
 * end, and so are the samples beside them: each edge finds its place from where the last one was, and a bound finds its
 * neighbours without a search, so that the work grows with the number of values plus the number of intervals.
 *
 * <p>Values outside the intervals are bounds: what comes before the first interval and behind the last one is looked at, as
 * far as a function needs it. Where the data begin and end is where the given values do.
 */
public final class Aggregator {
    private final Samples samples;
    private final ProcessingIntervals intervals;
    private final Calculation calculation;
    private final boolean goesOn;

    private Aggregator(
            List<DataValue> values,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateConfiguration configuration) {
        this.intervals = intervals;
        this.samples = new Samples(values, use(function), configuration.treatUncertainAsBad());
        this.calculation = calculation(samples, function, configuration);
        this.goesOn = isExtrapolated(function);
    }

    /**
     * The aggregate of each interval, in their order.
     *
     * @param values by their source timestamp, else their server timestamp, in any order; those of the same time in theirs
     * @throws CommandException {@code invalid_argument} for a value without any timestamp: {@code items[3].sourceTimestamp}
     */
    public static List<DataValue> aggregate(
            List<DataValue> values,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateConfiguration configuration) {
        return new Aggregator(values, intervals, function, configuration).run();
    }

    /** When a value was taken, as {@link #aggregate} sees it; null if it does not say. */
    public static @Nullable DateTime timeOf(DataValue value) {
        return Samples.timeOf(value);
    }

    /** Whether a value stands for a bound that is not given, and is none itself. */
    public static boolean isMissingBound(DataValue value) {
        return ResultStatus.isMissingBound(value.statusCode());
    }

    /** Whether a value says that nothing comes before, or after it. */
    public static boolean isBoundNotFound(DataValue value) {
        return ResultStatus.isBoundNotFound(value.statusCode());
    }

    /** Whether a value says that there are no data from then on: a gap, or the end of them. */
    public static boolean isNoData(DataValue value) {
        return ResultStatus.isNoData(value.statusCode());
    }

    /** Whether a function can use a value: neither its status nor what it is forbids that. */
    public static boolean isUsable(DataValue value, AggregateFunction function, boolean uncertainIsBad) {
        return Samples.isUsable(value, use(function), uncertainIsBad);
    }

    /**
     * Whether bounds reach past Bad values to the next usable ones, and the function goes on behind the data (Part 13,
     * 3.1.8): what lies outside the time range may matter beyond the very next value.
     */
    public static boolean isExtrapolated(AggregateFunction function) {
        return function == AggregateFunction.INTERPOLATE
                || function == AggregateFunction.TIME_AVERAGE
                || function == AggregateFunction.TOTAL;
    }

    private List<DataValue> run() {
        int count = intervals.count();
        boolean forwards = intervals.isForwards();
        DataValue[] results = new DataValue[count];
        Edge lower = edge(intervals.edge(forwards ? 0 : count), 0);
        for (int i = 0; i < count; i++) {
            int place = forwards ? i : count - 1 - i;
            Edge upper = edge(intervals.edge(forwards ? i + 1 : place), lower.to());
            results[place] = result(new Interval(lower, upper, forwards));
            lower = upper;
        }
        return Arrays.asList(results);
    }

    private DataValue result(Interval interval) {
        if (interval.isBeforeData() || (interval.isBehindData(samples) && !goesOn)) {
            return ResultStatus.bad(ResultStatus.NO_DATA, ResultStatus.RAW, interval.begin());
        }
        DataValue result = calculation.of(interval);
        boolean tooLarge = Numbers.isInfinite(result.variant().value()) && !mayBeInfinite(interval);
        return tooLarge
                ? ResultStatus.bad(
                        ResultStatus.INVALID_INPUTS, result.statusCode().value(), interval.begin())
                : result;
    }

    /** Whether a sample of the interval is infinite, or one that its bounds are made of. */
    private boolean mayBeInfinite(Interval interval) {
        int bound = Math.max(0, samples.usableBefore(interval.lower().to()));
        int from = Math.max(0, Math.min(interval.first(), samples.usableBefore(bound)));
        int to =
                Math.max(interval.end() - 1, samples.usableFrom(interval.upper().from()));
        for (int i = from; i <= to && i < samples.size(); i++) {
            if (Numbers.isInfinite(samples.value(i).variant().value())) {
                return true;
            }
        }
        return false;
    }

    /** @param from a place that is not behind it */
    private Edge edge(long time, int from) {
        int first = from;
        while (first < samples.size() && samples.time(first) < time) {
            first++;
        }
        int behind = first;
        while (behind < samples.size() && samples.time(behind) == time) {
            behind++;
        }
        return new Edge(time, first, behind);
    }

    private static Samples.Use use(AggregateFunction function) {
        return switch (function) {
            case COUNT, START, END, DURATION_GOOD, DURATION_BAD, PERCENT_GOOD -> Samples.Use.STATUS;
            case INTERPOLATE -> Samples.Use.VALUE;
            case MINIMUM, MAXIMUM, AVERAGE, TIME_AVERAGE, TOTAL, RANGE, DELTA, STANDARD_DEVIATION -> Samples.Use.NUMBER;
        };
    }

    private static Calculation calculation(
            Samples samples, AggregateFunction function, AggregateConfiguration configuration) {
        boolean slopedExtrapolation = configuration.useSlopedExtrapolation();
        Bounds bounds = new Bounds(samples, configuration.stepped(), slopedExtrapolation);
        return switch (function) {
            case INTERPOLATE -> new Interpolation(samples, bounds);
            case MINIMUM, MAXIMUM, RANGE -> new Extremes(samples, function);
            case AVERAGE, COUNT, STANDARD_DEVIATION -> new Counted(samples, configuration, function);
            case TIME_AVERAGE, TOTAL ->
                new TimeWeighted(
                        samples,
                        new Bounds(samples, false, slopedExtrapolation),
                        function == AggregateFunction.TIME_AVERAGE);
            case DURATION_GOOD, DURATION_BAD, PERCENT_GOOD ->
                new Durations(samples, bounds, configuration.treatUncertainAsBad(), function);
            case START, END, DELTA -> new Ends(samples, function);
        };
    }
}
