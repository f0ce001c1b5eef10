package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * The aggregates of one interval (Part 13, 5.4.3). The interval includes its begin and excludes its end; read
 * backwards, the begin is the later time. What is computed runs from the earlier time to the later one either way.
 *
 * <p>Three things make a result's status: its severity, by the rule of each aggregate; how it came about (Raw,
 * Calculated or Interpolated); and Partial, where the data begin after the interval does or end before. A Bad result
 * has no value, and of the bits Partial alone. Where the text and the figures of annex A contradict each other, the
 * figures count: Uncertain samples are good data nowhere.
 */
final class IntervalAggregates {
    static final Map<NodeId, Function<IntervalAggregates, DataValue>> SUPPORTED = supported();

    /** Information bits of a status, Part 4, 7.39.1; they hold with the info type DataValue. */
    private static final int INFO_TYPE_DATA_VALUE = 0x400;

    private static final long HISTORIAN_BITS = 0x1F;
    private static final int RAW = 0;
    private static final int CALCULATED = 1;
    private static final int INTERPOLATED = 2;
    private static final int PARTIAL = 4;
    private static final int MULTIPLE_VALUES = 0x10;

    private static final double TICKS_PER_SECOND = 10_000_000;
    private static final long TICKS_PER_MILLISECOND = 10_000;
    private static final double PERCENT = 100;

    private final NavigableMap<Long, HistorySample> samples;
    private final BoundingValues bounds;
    private final AggregateSettings settings;
    private final long begin;
    private final long early;
    private final long late;
    private final List<HistorySample> inside;
    private final List<HistorySample> good;
    private final SampleType type;

    /** @param samples all of the history, not empty */
    IntervalAggregates(NavigableMap<Long, HistorySample> samples, AggregateSettings settings, long begin, long end) {
        this.samples = samples;
        this.settings = settings;
        this.bounds = new BoundingValues(samples, settings);
        this.begin = begin;
        this.early = Math.min(begin, end);
        this.late = Math.max(begin, end);
        boolean forwards = begin <= end;
        this.inside =
                List.copyOf(samples.subMap(early, forwards, late, !forwards).values());
        this.good = inside.stream().filter(HistorySample::isGood).toList();
        this.type = SampleType.of(samples.values());
    }

    private static Map<NodeId, Function<IntervalAggregates, DataValue>> supported() {
        Map<NodeId, Function<IntervalAggregates, DataValue>> all = new LinkedHashMap<>();
        all.put(NodeIds.AggregateFunction_Interpolative, IntervalAggregates::interpolative);
        all.put(NodeIds.AggregateFunction_Average, within(IntervalAggregates::average));
        all.put(NodeIds.AggregateFunction_TimeAverage, interval -> interval.area(true));
        all.put(NodeIds.AggregateFunction_Total, interval -> interval.area(false));
        all.put(NodeIds.AggregateFunction_Minimum, within(interval -> interval.extreme(false)));
        all.put(NodeIds.AggregateFunction_Maximum, within(interval -> interval.extreme(true)));
        all.put(NodeIds.AggregateFunction_Range, within(IntervalAggregates::range));
        all.put(NodeIds.AggregateFunction_Count, within(IntervalAggregates::count));
        all.put(NodeIds.AggregateFunction_Start, within(interval -> interval.raw(0)));
        all.put(NodeIds.AggregateFunction_End, within(interval -> interval.raw(interval.inside.size() - 1)));
        all.put(NodeIds.AggregateFunction_Delta, within(IntervalAggregates::delta));
        all.put(
                NodeIds.AggregateFunction_DurationGood,
                within(interval -> interval.calculated(interval.milliseconds(Quality.GOOD), StatusCodes.Good)));
        all.put(
                NodeIds.AggregateFunction_DurationBad,
                within(interval -> interval.calculated(interval.milliseconds(Quality.BAD), StatusCodes.Good)));
        all.put(NodeIds.AggregateFunction_PercentGood, within(IntervalAggregates::percentGood));
        all.put(NodeIds.AggregateFunction_StandardDeviationSample, within(IntervalAggregates::standardDeviation));
        return Collections.unmodifiableMap(all);
    }

    /** For aggregates that have no result where there are no data yet or no more. */
    private static Function<IntervalAggregates, DataValue> within(Function<IntervalAggregates, DataValue> aggregate) {
        return interval -> interval.isOutside() ? interval.noData(0) : aggregate.apply(interval);
    }

    /** A result for each interval of a history without any samples. */
    static DataValue noData(long time) {
        return value(null, StatusCodes.Bad_NoData, time);
    }

    private DataValue interpolative() {
        BoundingValues.Bound bound = bounds.interpolated(begin, settings.stepped());
        HistorySample sample = bound.sample();
        return sample != null
                ? result(sample.value(), bound.status() & ~HISTORIAN_BITS, RAW)
                : result(bound.exists() ? asSource(bound.number()) : null, bound.status(), INTERPOLATED);
    }

    private DataValue average() {
        return good.isEmpty() ? noData(0) : result(mean(), statusByCount(), CALCULATED);
    }

    private DataValue count() {
        return calculated(good.size(), statusByCount());
    }

    /** The percentages of the configuration, over the number of samples (Part 13, 5.4.3.2.1). */
    private long statusByCount() {
        int all = inside.size();
        long bad = inside.stream().filter(HistorySample::isBad).count();
        if (bad > 0 && bad * PERCENT / all >= settings.percentDataBad()) {
            return StatusCodes.Bad;
        }
        return all == 0 || good.size() * PERCENT / all >= settings.percentDataGood()
                ? StatusCodes.Good
                : StatusCodes.Uncertain_DataSubNormal;
    }

    /**
     * The area under usable values in value times seconds, or the mean height of it. Straight lines join them, also
     * where the history is stepped (Part 13, 5.4.3.6); Booleans alone hold.
     */
    private DataValue area(boolean mean) {
        List<Point> points = new ArrayList<>();
        boolean held = type.isBoolean();
        BoundingValues.Bound first = bounds.interpolated(early, held);
        BoundingValues.Bound last = bounds.interpolated(late, held);
        boolean sound = first.isGood() && last.isGood();
        if (first.exists()) {
            points.add(new Point(early, first.number()));
        }
        for (HistorySample sample : samples.subMap(early, false, late, false).values()) {
            sound &= sample.isGood();
            if (!sample.isBad(settings)) {
                points.add(new Point(sample.time(), sample.number()));
            }
        }
        if (last.exists()) {
            points.add(new Point(late, last.number()));
        }
        double area = 0;
        for (int i = 1; i < points.size(); i++) {
            area += points.get(i - 1).areaTo(points.get(i), held);
        }
        if (points.size() < 2) {
            return noData(0);
        }
        double seconds = (late - points.get(0).time()) / TICKS_PER_SECOND;
        return result(mean ? area / seconds : area, sound(sound), CALCULATED | (first.exists() ? 0 : PARTIAL));
    }

    private DataValue extreme(boolean highest) {
        if (good.isEmpty()) {
            return noData(partial());
        }
        double extreme = extremeOf(highest);
        if (Double.isNaN(extreme)) {
            return calculated(extreme, StatusCodes.Good);
        }
        List<HistorySample> there =
                good.stream().filter(sample -> sample.number() == extreme).toList();
        boolean sound = !anyBad() && !uncertainBeyond(extreme, highest);
        boolean onBegin = there.stream().anyMatch(sample -> sample.time() == begin);
        int origin = sound && onBegin ? RAW : CALCULATED;
        return result(
                there.get(0).value(), sound(sound), origin | (there.size() > 1 ? MULTIPLE_VALUES : 0) | partial());
    }

    private DataValue range() {
        if (good.isEmpty()) {
            return noData(partial());
        }
        double highest = extremeOf(true);
        double lowest = extremeOf(false);
        boolean sound = !anyBad() && !uncertainBeyond(highest, true) && !uncertainBeyond(lowest, false);
        return calculated(asSource(highest - lowest), sound(sound));
    }

    private double extremeOf(boolean highest) {
        return good.stream()
                .mapToDouble(HistorySample::number)
                .reduce(highest ? Math::max : Math::min)
                .orElse(Double.NaN);
    }

    private boolean anyBad() {
        return inside.stream().anyMatch(sample -> sample.isBad(settings));
    }

    private boolean uncertainBeyond(double extreme, boolean above) {
        return inside.stream()
                .filter(HistorySample::isUncertain)
                .anyMatch(sample -> above ? sample.number() > extreme : sample.number() < extreme);
    }

    /** A sample of the interval as it is, of whatever quality. */
    private DataValue raw(int index) {
        if (inside.isEmpty()) {
            return noData(partial());
        }
        HistorySample sample = inside.get(index);
        long status = sample.data().statusCode().getValue() & ~HISTORIAN_BITS;
        boolean bad = sample.data().statusCode().isBad();
        return value(bad ? null : sample.value(), withBits(status, partial()), sample.time());
    }

    private DataValue delta() {
        if (good.isEmpty()) {
            return noData(partial());
        }
        boolean sound = inside.get(0).isGood() && inside.get(inside.size() - 1).isGood();
        double difference = good.get(good.size() - 1).number() - good.get(0).number();
        return calculated(asSource(difference), sound(sound));
    }

    private DataValue percentGood() {
        double width = (Math.min(late, endOfData()) - early) / (double) TICKS_PER_MILLISECOND;
        return calculated(milliseconds(Quality.GOOD) / width * PERCENT, StatusCodes.Good);
    }

    /**
     * How long the data of the interval were of this quality. Each value counts until the next one, also where it is
     * sloped, and the last sample of all counts for a millisecond. What the interval begins with is the last sample
     * until then (Part 13, 5.4.3.31), so that parts add up; only where Uncertain does not count as Bad it is the
     * simple bound, by the figures of A.29.
     */
    private double milliseconds(Quality wanted) {
        long ticks = 0;
        long from = early;
        Quality quality = firstQuality();
        for (HistorySample sample : samples.subMap(early, false, late, false).values()) {
            ticks += quality == wanted ? sample.time() - from : 0;
            from = sample.time();
            quality = qualityOf(sample);
        }
        ticks += quality == wanted ? Math.min(late, endOfData()) - from : 0;
        return ticks / (double) TICKS_PER_MILLISECOND;
    }

    private Quality firstQuality() {
        HistorySample before = bounds.atOrBefore(early);
        if (before == null) {
            return Quality.BAD;
        }
        if (settings.treatUncertainAsBad() || before.time() == early) {
            return qualityOf(before);
        }
        BoundingValues.Bound bound = bounds.simple(early);
        if (bound.isGood()) {
            return Quality.GOOD;
        }
        return bound.exists() ? Quality.UNCERTAIN : Quality.BAD;
    }

    private Quality qualityOf(HistorySample sample) {
        if (sample.isGood()) {
            return Quality.GOOD;
        }
        return sample.isBad(settings) ? Quality.BAD : Quality.UNCERTAIN;
    }

    private DataValue standardDeviation() {
        if (good.isEmpty()) {
            return noData(partial());
        }
        double mean = mean();
        double squares = sum(sample -> (sample.number() - mean) * (sample.number() - mean));
        double deviation = good.size() == 1 ? 0 : Math.sqrt(squares / (good.size() - 1));
        return calculated(deviation, sound(good.size() == inside.size()));
    }

    private double mean() {
        return sum(HistorySample::number) / good.size();
    }

    private double sum(ToDoubleFunction<HistorySample> term) {
        return good.stream().mapToDouble(term).sum();
    }

    private boolean isOutside() {
        boolean forwards = begin == early;
        long first = samples.firstKey();
        long last = samples.lastKey();
        return forwards ? late <= first || early > last : late < first || early >= last;
    }

    /** Whether more data may still come into this interval, before the first sample or after the last. */
    private int partial() {
        long first = samples.firstKey();
        long last = samples.lastKey();
        boolean firstInside = !inside.isEmpty() && inside.get(0).time() == first;
        boolean lastInside = !inside.isEmpty() && inside.get(inside.size() - 1).time() == last;
        return (firstInside && first > early) || (lastInside && last < late) ? PARTIAL : 0;
    }

    private long endOfData() {
        return samples.lastKey() + TICKS_PER_MILLISECOND;
    }

    private static long sound(boolean sound) {
        return sound ? StatusCodes.Good : StatusCodes.Uncertain_DataSubNormal;
    }

    private DataValue noData(int bits) {
        return result(null, StatusCodes.Bad_NoData, bits);
    }

    private DataValue calculated(Object value, long status) {
        return result(value, status, CALCULATED | partial());
    }

    private DataValue result(@Nullable Object value, long status, int bits) {
        boolean noNumber = bits != RAW && value instanceof Double number && number.isNaN();
        if (noNumber) {
            return result(null, StatusCodes.Bad_AggregateInvalidInputs, bits);
        }
        boolean bad = new StatusCode(status).isBad();
        return value(bad ? null : value, withBits(status, bad ? bits & PARTIAL : bits), begin);
    }

    private static long withBits(long status, int bits) {
        return bits == RAW ? status : status | INFO_TYPE_DATA_VALUE | bits;
    }

    private static DataValue value(@Nullable Object value, long status, long time) {
        DateTime timestamp = new DateTime(time);
        return new DataValue(
                value == null ? Variant.NULL_VALUE : new Variant(value), new StatusCode(status), timestamp, timestamp);
    }

    private Object asSource(double number) {
        return type.from(number);
    }

    private enum Quality {
        GOOD,
        UNCERTAIN,
        BAD
    }

    private record Point(long time, double number) {
        double areaTo(Point next, boolean held) {
            double height = held ? number : (number + next.number) / 2;
            return height * ((next.time - time) / TICKS_PER_SECOND);
        }
    }
}
