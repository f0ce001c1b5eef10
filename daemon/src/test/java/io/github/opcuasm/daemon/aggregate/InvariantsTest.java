package io.github.opcuasm.daemon.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for any data: random ones of all qualities, by a seed that a failure names. */
final class InvariantsTest {
    private static final int RUNS = Integer.getInteger("aggregate.runs", 40);
    private static final double LAST = 60;

    static List<Long> seeds() {
        List<Long> seeds = new ArrayList<>();
        for (long seed = 1; seed <= RUNS; seed++) {
            seeds.add(seed);
        }
        return seeds;
    }

    /** Random data, configuration and intervals. */
    private static final class Case {
        private final Random random;
        private final List<DataValue> values = new ArrayList<>();
        private final AggregateConfiguration configuration;
        private final double interval;

        Case(long seed, boolean whole) {
            random = new Random(seed);
            double time = whole ? -5 : random.nextInt(20) - 10;
            double end = whole ? LAST + 5 : 30 + random.nextInt(40);
            while (time < end) {
                int kind = random.nextInt(10);
                // Often the same, so that extremes repeat.
                double value = random.nextInt(12) - 4 + (kind == 9 ? 0.1 : 0);
                values.add(
                        kind == 0
                                ? Values.bad(time)
                                : kind == 1 ? Values.uncertain(time, value) : Values.good(time, value));
                // Some on the edges, some between them.
                time += random.nextBoolean() ? 1 + random.nextInt(4) : random.nextInt(1, 3_000) / 1_000.0;
            }
            int bad = random.nextInt(101);
            configuration = new AggregateConfiguration(
                    random.nextBoolean(),
                    bad,
                    100 - bad + random.nextInt(bad + 1),
                    random.nextBoolean(),
                    random.nextBoolean());
            interval = 1_000 * (1 + random.nextInt(9)) + (random.nextBoolean() ? 1 / 3.0 : 0);
        }

        List<DataValue> results(AggregateFunction function, double from, double to, double length) {
            return results(function, from, to, length, configuration);
        }

        List<DataValue> results(
                AggregateFunction function, double from, double to, double length, AggregateConfiguration other) {
            return Aggregator.aggregate(
                    values, ProcessingIntervals.of(Values.at(from), Values.at(to), length), function, other);
        }

        List<DataValue> results(AggregateFunction function) {
            return results(function, 0, LAST, interval);
        }
    }

    private static @Nullable Double number(DataValue result) {
        Object value = result.variant().value();
        return value == null ? null : (Double) Numbers.toDouble(value);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void averageIsBetweenMinimumAndMaximum(long seed) {
        Case data = new Case(seed, false);

        List<DataValue> averages = data.results(AggregateFunction.AVERAGE);
        List<DataValue> minima = data.results(AggregateFunction.MINIMUM);
        List<DataValue> maxima = data.results(AggregateFunction.MAXIMUM);
        List<DataValue> ranges = data.results(AggregateFunction.RANGE);

        for (int i = 0; i < averages.size(); i++) {
            Double average = number(averages.get(i));
            Double minimum = number(minima.get(i));
            Double maximum = number(maxima.get(i));
            if (average != null) {
                assertThat(minimum).isNotNull();
                assertThat(average).isBetween(minimum, maximum);
            }
            if (minimum != null && maximum != null) {
                assertThat(number(ranges.get(i))).isEqualTo(maximum - minimum);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void durationsAreNoLongerThanTheInterval(long seed) {
        Case data = new Case(seed, false);

        List<DataValue> good = data.results(AggregateFunction.DURATION_GOOD);
        List<DataValue> bad = data.results(AggregateFunction.DURATION_BAD);
        List<DataValue> percent = data.results(AggregateFunction.PERCENT_GOOD);

        assertThat(good).anySatisfy(each -> assertThat(number(each)).isPositive());
        for (int i = 0; i < good.size(); i++) {
            Double goodMs = number(good.get(i));
            Double badMs = number(bad.get(i));
            if (goodMs != null && badMs != null) {
                assertThat(goodMs).isNotNegative();
                assertThat(badMs).isNotNegative();
                assertThat(goodMs + badMs).isLessThanOrEqualTo(data.interval + 0.0001);
                assertThat(number(percent.get(i))).isBetween(0.0, 100.0);
            }
        }
    }

    /**
     * Inside the data each moment is Good or Bad where Uncertain counts as Bad, and nothing gets lost between intervals,
     * stepped or sloped. Where it does not, that holds for what is Bad.
     */
    @ParameterizedTest
    @MethodSource("seeds")
    void splittingLosesNothing(long seed) {
        Case data = new Case(seed, true);
        boolean stepped = data.configuration.stepped();
        AggregateConfiguration strict = new AggregateConfiguration(true, 100, 100, false, stepped);

        double good = sum(data.results(AggregateFunction.DURATION_GOOD, 0, LAST, data.interval, strict));
        double bad = sum(data.results(AggregateFunction.DURATION_BAD, 0, LAST, data.interval, strict));
        double whole = sum(data.results(AggregateFunction.DURATION_GOOD, 0, LAST, 0, strict));
        double wholeBad = sum(data.results(AggregateFunction.DURATION_BAD, 0, LAST, 0, strict));
        double badOfAny = sum(data.results(AggregateFunction.DURATION_BAD));
        double wholeBadOfAny = sum(data.results(AggregateFunction.DURATION_BAD, 0, LAST, 0));
        double counted = sum(data.results(AggregateFunction.COUNT, 0, LAST, data.interval, lenient()));
        double countedWhole = sum(data.results(AggregateFunction.COUNT, 0, LAST, 0, lenient()));

        assertThat(good + bad).isCloseTo(LAST * 1_000, within(1e-3));
        assertThat(good).isCloseTo(whole, within(1e-3));
        assertThat(bad).isCloseTo(wholeBad, within(1e-3));
        assertThat(badOfAny).isCloseTo(wholeBadOfAny, within(1e-3));
        assertThat(counted).isEqualTo(countedWhole);
    }

    /** The area of a line is the sum of its parts, provided that it begins with a usable value. */
    @ParameterizedTest
    @MethodSource("seeds")
    void totalIsTheSumOfItsParts(long seed) {
        Case data = new Case(seed, true);
        data.values.add(0, Values.good(-10, 1));

        double parts = sum(data.results(AggregateFunction.TOTAL));
        double whole = sum(data.results(AggregateFunction.TOTAL, 0, LAST, 0));
        double average = sum(data.results(AggregateFunction.TIME_AVERAGE, 0, LAST, 0));

        assertThat(parts).isCloseTo(whole, within(1e-6));
        assertThat(average * LAST).isCloseTo(whole, within(1e-6));
    }

    /** Time runs the other way, and nothing lies on an edge: the same figures, the latest first. */
    @ParameterizedTest
    @MethodSource("seeds")
    void backwardsIsForwardsFromTheOtherEnd(long seed) {
        Case data = new Case(seed, false);
        double odd = 0.000_000_3;
        double length = 6 * 1_000.0;

        for (AggregateFunction function : AggregateFunction.values()) {
            List<DataValue> forwards = data.results(function, odd, LAST + odd, length);
            List<DataValue> backwards = data.results(function, LAST + odd, odd, length);
            assertThat(backwards).hasSameSizeAs(forwards);
            for (int i = 0; i < forwards.size(); i++) {
                DataValue there = backwards.get(i);
                DataValue here = forwards.get(forwards.size() - 1 - i);
                if (function != AggregateFunction.INTERPOLATE) {
                    assertThat(there.variant()).as("%s %s", function, i).isEqualTo(here.variant());
                    assertThat(there.statusCode()).as("%s %s", function, i).isEqualTo(here.statusCode());
                }
            }
        }
        List<DataValue> forwards = data.results(AggregateFunction.INTERPOLATE, odd, LAST + odd, length);
        List<DataValue> backwards = data.results(AggregateFunction.INTERPOLATE, LAST + odd, odd, length);
        for (int i = 1; i < forwards.size(); i++) {
            assertThat(backwards.get(forwards.size() - i)).isEqualTo(forwards.get(i));
        }
    }

    /** One interval after the other is what all of them at once are. */
    @ParameterizedTest
    @MethodSource("seeds")
    void intervalsDoNotKnowOfEachOther(long seed) {
        Case data = new Case(seed, false);

        for (AggregateFunction function : AggregateFunction.values()) {
            List<DataValue> together = data.results(function, 0, LAST, 6_000);
            for (int i = 0; i < together.size(); i++) {
                assertThat(data.results(function, 6.0 * i, 6.0 * (i + 1), 0))
                        .as("%s %s", function, i)
                        .containsExactly(together.get(i));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyResultIsStampedAndBadOnesHaveNoValue(long seed) {
        Case data = new Case(seed, false);

        for (AggregateFunction function : AggregateFunction.values()) {
            for (DataValue result : data.results(function)) {
                DateTime time = Objects.requireNonNull(result.sourceTimestamp());
                assertThat(time).isEqualTo(result.serverTimestamp());
                assertThat(Values.secondsOf(time)).isBetween(0.0, LAST);
                assertThat(result.statusCode().isBad())
                        .isEqualTo(result.variant().value() == null);
                if (result.statusCode().isBad()) {
                    assertThat(result.statusCode().value() & 0x1B).isZero();
                }
            }
        }
    }

    private static AggregateConfiguration lenient() {
        // Counts must not become Bad.
        return new AggregateConfiguration(false, 100, 0, false, false);
    }

    private static double sum(List<DataValue> results) {
        double sum = 0;
        for (DataValue result : results) {
            Double number = number(result);
            sum += number == null ? 0 : number;
        }
        return sum;
    }
}
