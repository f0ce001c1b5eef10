package io.github.opcuasm.daemon.aggregate;

import static io.github.opcuasm.daemon.aggregate.Values.CALCULATED;
import static io.github.opcuasm.daemon.aggregate.Values.INTERPOLATED;
import static io.github.opcuasm.daemon.aggregate.Values.INVALID_INPUTS;
import static io.github.opcuasm.daemon.aggregate.Values.MULTI_VALUE;
import static io.github.opcuasm.daemon.aggregate.Values.NO_DATA;
import static io.github.opcuasm.daemon.aggregate.Values.PARTIAL;
import static io.github.opcuasm.daemon.aggregate.Values.SUB_NORMAL;
import static io.github.opcuasm.daemon.aggregate.Values.UNCERTAIN;
import static io.github.opcuasm.daemon.aggregate.Values.at;
import static io.github.opcuasm.daemon.aggregate.Values.bad;
import static io.github.opcuasm.daemon.aggregate.Values.good;
import static io.github.opcuasm.daemon.aggregate.Values.sample;
import static io.github.opcuasm.daemon.aggregate.Values.uncertain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the annex has no figures for: types, edges, intervals that count backwards, values that are no numbers. */
final class AggregatorTest {
    private static final AggregateConfiguration DEFAULT = AggregateConfiguration.DEFAULT;
    private static final AggregateConfiguration STEPPED = new AggregateConfiguration(true, 100, 100, false, true);
    private static final AggregateConfiguration SLOPED_ON = new AggregateConfiguration(true, 100, 100, true, false);
    private static final AggregateConfiguration UNCERTAIN_COUNTS =
            new AggregateConfiguration(false, 100, 100, false, false);

    /** Data go on before and behind what is asked for. */
    private static final List<DataValue> TENS =
            List.of(good(-10, 0), good(0, 10), good(10, 30), good(20, 20), good(30, 50), good(40, 50));

    private static List<DataValue> all(
            AggregateFunction function, List<DataValue> values, double from, double to, double interval) {
        return Aggregator.aggregate(values, ProcessingIntervals.of(at(from), at(to), interval), function, DEFAULT);
    }

    private static DataValue one(AggregateFunction function, List<DataValue> values, double from, double to) {
        return one(function, values, from, to, DEFAULT);
    }

    private static DataValue one(
            AggregateFunction function,
            List<DataValue> values,
            double from,
            double to,
            AggregateConfiguration configuration) {
        List<DataValue> results =
                Aggregator.aggregate(values, ProcessingIntervals.of(at(from), at(to), 0), function, configuration);
        assertThat(results).hasSize(1);
        return results.get(0);
    }

    private static void assertIs(DataValue result, @Nullable Object value, long status) {
        assertThat(result.variant().value()).isEqualTo(value);
        assertThat(result.statusCode().hex()).isEqualTo(new StatusCode(status).hex());
    }

    @Test
    void rangeDeltaAndTotalAreOfTheInterval() {
        assertIs(one(AggregateFunction.RANGE, TENS, 0, 40), 40.0, CALCULATED);
        assertIs(one(AggregateFunction.DELTA, TENS, 10, 30), -10.0, CALCULATED);
        assertIs(one(AggregateFunction.TOTAL, TENS, 0, 20), 450.0, CALCULATED);
        assertIs(one(AggregateFunction.TIME_AVERAGE, TENS, 0, 20), 22.5, CALCULATED);
    }

    /** 5.4.3.25 and 5.4.3.26: samples as they are, with their own time. */
    @Test
    void startAndEndAreSamplesWithTheirTime() {
        List<DataValue> values = List.of(good(-1, 1), uncertain(2, 5), good(3, 6), bad(7), good(11, 9));

        DataValue start = one(AggregateFunction.START, values, 0, 10);
        DataValue end = one(AggregateFunction.END, values, 0, 10);

        assertIs(start, 5.0, UNCERTAIN);
        assertThat(start.sourceTimestamp()).isEqualTo(at(2)).isEqualTo(start.serverTimestamp());
        assertIs(end, null, Values.BAD);
        assertThat(end.sourceTimestamp()).isEqualTo(at(7));
        assertIs(one(AggregateFunction.START, values, 4, 6), null, NO_DATA);
    }

    /** 5.4.3.27: what is skipped at either end makes it Uncertain, what is Bad in the middle does not. */
    @Test
    void deltaIsUncertainIfSamplesAreSkippedAtItsEnds() {
        List<DataValue> values = List.of(good(-1, 0), bad(0), good(2, 5), bad(3), good(4, 8), good(11, 9));

        assertIs(one(AggregateFunction.DELTA, values, 0, 10), 3.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.DELTA, values, 2, 10), 3.0, CALCULATED);
        assertIs(one(AggregateFunction.DELTA, values, 4, 10), 0.0, CALCULATED);
        assertIs(one(AggregateFunction.DELTA, values, 3, 4), null, NO_DATA);
    }

    @Test
    void rangeGoesByGoodSamplesAndUncertainOnesBeyondThemShow() {
        List<DataValue> beyond = List.of(good(-1, 0), good(1, 5), uncertain(2, 9), good(3, 7), good(11, 0));
        List<DataValue> between = List.of(good(-1, 0), good(1, 5), uncertain(2, 6), good(3, 7), good(11, 0));

        assertIs(one(AggregateFunction.RANGE, beyond, 0, 10, UNCERTAIN_COUNTS), 2.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.RANGE, between, 0, 10, UNCERTAIN_COUNTS), 2.0, CALCULATED);
        assertIs(one(AggregateFunction.RANGE, between, 0, 10), 2.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.MAXIMUM, beyond, 0, 10, UNCERTAIN_COUNTS), 7.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.MINIMUM, beyond, 0, 10, UNCERTAIN_COUNTS), 5.0, CALCULATED);
    }

    @Test
    void extremesThatOccurMoreThanOnceSaySo() {
        assertIs(one(AggregateFunction.MAXIMUM, TENS, 0, 45), 50.0, CALCULATED | PARTIAL | MULTI_VALUE);
        assertIs(one(AggregateFunction.MINIMUM, TENS, 0, 40), 10.0, 0);
        assertIs(one(AggregateFunction.MINIMUM, List.of(good(0, 1), good(1, 1), good(5, 3)), 0, 5), 1.0, MULTI_VALUE);
    }

    @Test
    void extremesOnTheBeginAreRawAndSmallerOnesDoNotCount() {
        List<DataValue> values = List.of(good(0, 5), good(3, 7), good(6, 7), good(9, 1));
        List<DataValue> rising = List.of(good(-1, 1), good(1, 1), good(2, 1), good(3, 9), good(10, 1));

        assertIs(one(AggregateFunction.MAXIMUM, values, 6, 0), 7.0, MULTI_VALUE);
        assertIs(one(AggregateFunction.MAXIMUM, rising, 0, 9), 9.0, CALCULATED);
    }

    @Test
    void badValuesAmongGoodOnesMakeTheTimeAverageUncertain() {
        List<DataValue> values = List.of(good(0, 0), good(2, 4), bad(5), good(8, 4), good(10, 0));

        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 0, 10), 3.2, SUB_NORMAL | CALCULATED);
    }

    /** 5.4.2.2: the later edge begins an interval that counts backwards, and is in it. */
    @Test
    void backwardIntervalsHoldTheirLaterEdge() {
        List<DataValue> counts = all(AggregateFunction.COUNT, TENS, 30, 0, 20_000);
        List<DataValue> starts = all(AggregateFunction.START, TENS, 30, 0, 20_000);

        assertThat(counts).extracting(DataValue::sourceTimestamp).containsExactly(at(30), at(10));
        assertThat(counts).extracting(each -> each.variant().value()).containsExactly(2, 1);
        assertThat(starts).extracting(DataValue::sourceTimestamp).containsExactly(at(20), at(10));
        assertIs(one(AggregateFunction.END, TENS, 10, 0), 30.0, 0);
        assertIs(one(AggregateFunction.INTERPOLATE, TENS, 5, 0), 20.0, INTERPOLATED);
        assertIs(one(AggregateFunction.DELTA, TENS, 30, 0), 20.0, CALCULATED);
        assertIs(one(AggregateFunction.MAXIMUM, TENS, 30, 0), 50.0, 0);
    }

    @Test
    void lastIntervalIsWhatIsLeft() {
        List<DataValue> results = all(AggregateFunction.DURATION_GOOD, TENS, 0, 25, 10_000);

        assertThat(results).extracting(each -> each.variant().value()).containsExactly(10_000.0, 10_000.0, 5_000.0);
        assertThat(results)
                .allSatisfy(each -> assertThat(each.statusCode().value()).isEqualTo(CALCULATED));
    }

    /** 3.1.8: behind the data the last value holds, or the line of the last two goes on. */
    @Test
    void extrapolationHoldsOrGoesOn() {
        List<DataValue> values = List.of(good(0, 10), good(10, 30));

        assertIs(one(AggregateFunction.INTERPOLATE, values, 20, 30), 30.0, SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.INTERPOLATE, values, 20, 30, SLOPED_ON), 50.0, SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 10, 20, SLOPED_ON), 40.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.TOTAL, values, 10, 20), 300.0, SUB_NORMAL | CALCULATED);
        assertIs(
                one(AggregateFunction.INTERPOLATE, List.of(good(0, 4)), 20, 30, SLOPED_ON),
                4.0,
                SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.INTERPOLATE, values, -5, 0), null, NO_DATA);
    }

    @Test
    void timeBeforeTheDataIsNotCovered() {
        List<DataValue> values = List.of(good(6, 10), good(10, 30), good(20, 30));

        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 0, 10), 20.0, SUB_NORMAL | CALCULATED | PARTIAL);
        assertIs(one(AggregateFunction.TOTAL, values, 0, 10), 80.0, SUB_NORMAL | CALCULATED | PARTIAL);
        assertIs(one(AggregateFunction.PERCENT_GOOD, values, 0, 10), 40.0, CALCULATED | PARTIAL);
        assertIs(one(AggregateFunction.DURATION_BAD, values, 0, 10), 6_000.0, CALCULATED | PARTIAL);
    }

    /** A line of many Bad values between two Good ones is drawn as if they were not there, and is Uncertain. */
    @Test
    void boundsReachPastBadValues() {
        List<DataValue> values = List.of(good(0, 0), bad(1), bad(2), bad(8), good(10, 100));

        assertIs(one(AggregateFunction.INTERPOLATE, values, 5, 6), 50.0, SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.INTERPOLATE, values, 5, 6, STEPPED), 0.0, SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.INTERPOLATE, values, 0.5, 6, STEPPED), 0.0, INTERPOLATED);
        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 4, 6), 50.0, SUB_NORMAL | CALCULATED);
    }

    @ParameterizedTest
    @EnumSource(AggregateFunction.class)
    void withoutDataEveryIntervalIsBadNoData(AggregateFunction function) {
        List<DataValue> placeholders = List.of(sample(3, Variant.NULL, NO_DATA), sample(4, Variant.NULL, 0x80D7_0000L));

        for (List<DataValue> none : List.of(List.<DataValue>of(), placeholders)) {
            List<DataValue> results = all(function, none, 0, 10, 5_000);

            assertThat(results).hasSize(2);
            assertIs(results.get(0), null, NO_DATA);
            assertThat(results).extracting(DataValue::sourceTimestamp).containsExactly(at(0), at(5));
        }
    }

    @Test
    void integersOf64BitsKeepAllOfThem() {
        long large = Long.MAX_VALUE - 1;
        List<DataValue> longs = List.of(
                sample(0, BuiltinType.INT64, large - 1),
                sample(2, BuiltinType.INT64, large),
                sample(4, BuiltinType.INT64, large - 3),
                sample(8, BuiltinType.INT64, large - 2));

        assertIs(one(AggregateFunction.MAXIMUM, longs, 0, 8), large, CALCULATED);
        assertIs(one(AggregateFunction.MINIMUM, longs, 0, 8), large - 3, CALCULATED);
        assertIs(one(AggregateFunction.START, longs, 0, 8), large - 1, 0);
        assertIs(one(AggregateFunction.END, longs, 0, 8), large - 3, 0);
        assertIs(one(AggregateFunction.DELTA, longs, 0, 8), -2L, CALCULATED);
        assertIs(one(AggregateFunction.RANGE, longs, 0, 8), 3L, CALCULATED);
        assertIs(one(AggregateFunction.INTERPOLATE, longs, 3, 8), large - 1, INTERPOLATED);
    }

    @Test
    void unsigned64BitsAreExactToo() {
        BigInteger top = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
        List<DataValue> values = List.of(
                sample(0, BuiltinType.UINT64, top.subtract(BigInteger.TWO)),
                sample(2, BuiltinType.UINT64, top),
                sample(4, BuiltinType.UINT64, BigInteger.ZERO));

        assertIs(one(AggregateFunction.MAXIMUM, values, 0, 3), top, CALCULATED);
        assertIs(one(AggregateFunction.RANGE, values, 0, 3), BigInteger.TWO, CALCULATED);
        assertIs(one(AggregateFunction.INTERPOLATE, values, 1, 3), top.subtract(BigInteger.ONE), INTERPOLATED);
    }

    /** What the type of the source cannot hold comes in a wider one, not cut. */
    @Test
    void differencesThatDoNotFitAreWidened() {
        DataValue fall = one(
                AggregateFunction.DELTA,
                List.of(
                        sample(0, BuiltinType.UINT32, 5L),
                        sample(1, BuiltinType.UINT32, 3L),
                        sample(9, BuiltinType.UINT32, 0L)),
                0,
                9);
        DataValue span = one(
                AggregateFunction.RANGE,
                List.of(
                        sample(0, BuiltinType.INT64, Long.MIN_VALUE),
                        sample(1, BuiltinType.INT64, Long.MAX_VALUE),
                        sample(9, BuiltinType.INT64, 0L)),
                0,
                9);

        assertThat(fall.variant()).isEqualTo(Variant.scalar(BuiltinType.INT16, (short) -2));
        assertThat(span.variant().type()).isEqualTo(BuiltinType.UINT64);
        assertThat(span.variant().value())
                .isEqualTo(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));
    }

    @Test
    void resultsHaveTheTypeOfTheSourceOrTheirOwn() {
        List<DataValue> values = List.of(
                sample(0, BuiltinType.INT16, (short) 1),
                sample(1, BuiltinType.INT16, (short) 4),
                sample(4, BuiltinType.INT16, (short) 2));

        assertThat(one(AggregateFunction.RANGE, values, 0, 4).variant())
                .isEqualTo(Variant.scalar(BuiltinType.INT16, (short) 3));
        assertThat(one(AggregateFunction.INTERPOLATE, values, 0.5, 4).variant())
                .isEqualTo(Variant.scalar(BuiltinType.INT16, (short) 3));
        assertThat(one(AggregateFunction.AVERAGE, values, 0, 4).variant())
                .isEqualTo(Variant.scalar(BuiltinType.DOUBLE, 2.5));
        assertThat(one(AggregateFunction.COUNT, values, 0, 4).variant())
                .isEqualTo(Variant.scalar(BuiltinType.INT32, 2));
        assertThat(one(AggregateFunction.DURATION_GOOD, values, 0, 4).variant())
                .isEqualTo(Variant.scalar(BuiltinType.DOUBLE, 4_000.0));
    }

    /** A.1.4: Booleans hold, whatever the configuration says; for a number they are 0 or 1. */
    @Test
    void booleansAreSteppedNumbers() {
        List<DataValue> values = List.of(
                sample(0, BuiltinType.BOOLEAN, true),
                sample(6, BuiltinType.BOOLEAN, false),
                sample(10, BuiltinType.BOOLEAN, true));

        assertIs(one(AggregateFunction.INTERPOLATE, values, 5, 10), true, INTERPOLATED);
        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 0, 10), 0.6, CALCULATED);
        assertIs(one(AggregateFunction.AVERAGE, values, 0, 10), 0.5, CALCULATED);
        assertIs(one(AggregateFunction.MAXIMUM, values, 0, 10), true, 0);
        assertIs(one(AggregateFunction.DELTA, values, 0, 10), (short) -1, CALCULATED);
    }

    @Test
    void textsAreCountedAndHeldButNotCalculatedWith() {
        List<DataValue> values = List.of(
                sample(0, BuiltinType.STRING, "on"),
                sample(6, BuiltinType.STRING, "off"),
                sample(10, BuiltinType.STRING, "on"));

        assertIs(one(AggregateFunction.COUNT, values, 0, 10), 2, CALCULATED);
        assertIs(one(AggregateFunction.PERCENT_GOOD, values, 0, 10), 100.0, CALCULATED);
        assertIs(one(AggregateFunction.END, values, 0, 10), "off", 0);
        assertIs(one(AggregateFunction.INTERPOLATE, values, 5, 10), "on", INTERPOLATED);
        for (AggregateFunction function : List.of(
                AggregateFunction.AVERAGE,
                AggregateFunction.MINIMUM,
                AggregateFunction.MAXIMUM,
                AggregateFunction.RANGE,
                AggregateFunction.DELTA,
                AggregateFunction.TIME_AVERAGE,
                AggregateFunction.TOTAL,
                AggregateFunction.STANDARD_DEVIATION)) {
            assertIs(one(function, values, 0, 10), null, INVALID_INPUTS);
        }
    }

    @Test
    void nanIsAsGoodAsBadAndInfinityIsAValue() {
        List<DataValue> nan = List.of(good(0, 1), good(1, Double.NaN), good(2, 3), good(9, 3));
        List<DataValue> infinite = List.of(good(0, 1), good(1, Double.POSITIVE_INFINITY), good(9, 3));

        assertIs(one(AggregateFunction.MINIMUM, nan, 0, 9), 1.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.AVERAGE, nan, 0, 9), 2.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.COUNT, nan, 0, 9), 3, CALCULATED);
        assertIs(one(AggregateFunction.INTERPOLATE, nan, 1, 9), 2.0, SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.MAXIMUM, infinite, 0, 9), Double.POSITIVE_INFINITY, CALCULATED);
        assertIs(one(AggregateFunction.AVERAGE, infinite, 0, 9), Double.POSITIVE_INFINITY, CALCULATED);
        assertIs(one(AggregateFunction.STANDARD_DEVIATION, infinite, 0, 9), null, INVALID_INPUTS);
    }

    @Test
    void averagesOfTheLargestNumbersDoNotOverflow() {
        List<DataValue> values = List.of(good(0, Double.MAX_VALUE), good(1, Double.MAX_VALUE), good(9, 0));

        assertIs(one(AggregateFunction.AVERAGE, values, 0, 9), Double.MAX_VALUE, CALCULATED);
    }

    @Test
    void valuesMayComeInAnyOrder() {
        List<DataValue> shuffled = new ArrayList<>(List.of(TENS.get(3), TENS.get(0), TENS.get(5)));
        shuffled.addAll(List.of(TENS.get(1), TENS.get(4), TENS.get(2)));

        for (AggregateFunction function : AggregateFunction.values()) {
            assertThat(all(function, shuffled, 0, 40, 7_000)).isEqualTo(all(function, TENS, 0, 40, 7_000));
        }
    }

    /** Each counts, and the last one holds from then on. */
    @Test
    void valuesOfTheSameTimeStayInTheirOrder() {
        List<DataValue> values = List.of(good(0, 1), good(5, 1), good(5, 9), good(10, 9));

        assertIs(one(AggregateFunction.COUNT, values, 0, 10), 3, CALCULATED);
        assertIs(one(AggregateFunction.INTERPOLATE, values, 5, 10), 9.0, 0);
        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 0, 10), 5.0, CALCULATED);
        assertThat(all(AggregateFunction.TIME_AVERAGE, values, 0, 10, 5_000))
                .extracting(each -> each.variant().value())
                .containsExactly(1.0, 9.0);
    }

    @Test
    void serverTimestampStandsInForTheSources() {
        DataValue received = new DataValue(Variant.scalar(BuiltinType.DOUBLE, 3.0), StatusCode.GOOD, null, at(1));
        DataValue without = DataValue.of(Variant.scalar(BuiltinType.DOUBLE, 3.0));

        assertIs(one(AggregateFunction.COUNT, List.of(received, good(9, 1)), 0, 9), 1, CALCULATED | PARTIAL);
        assertThatThrownBy(() -> one(AggregateFunction.COUNT, List.of(received, without), 0, 9))
                .isInstanceOfSatisfying(CommandException.class, e -> {
                    assertThat(e.type()).isEqualTo(ErrorType.INVALID_ARGUMENT);
                    assertThat(e).hasMessageStartingWith("items[1].sourceTimestamp: got nothing");
                });
    }

    @Test
    void bitsOfTheSourceThatSayHowItCameAboutAreDropped() {
        DataValue interpolated = sample(1, Variant.scalar(BuiltinType.DOUBLE, 3.0), 0x0000_0402L);

        assertIs(one(AggregateFunction.START, List.of(good(0, 0), interpolated, good(9, 0)), 1, 9), 3.0, 0x400);
    }

    @Test
    void timestampsBeyondTheEndOfTimeAreNoTrap() {
        List<DataValue> results = Aggregator.aggregate(
                List.of(good(0, 1)),
                ProcessingIntervals.of(at(0), DateTime.MAX, 0),
                AggregateFunction.DURATION_GOOD,
                DEFAULT);

        assertIs(results.get(0), 1.0, CALCULATED | PARTIAL);
    }

    /** 5.4.3.31: what is Good stays so until the next sample, however Bad that is, and in whatever pieces it is asked for. */
    @Test
    void goodValueIsGoodUntilTheNextSample() {
        List<DataValue> values = List.of(good(0, 1), bad(20), good(40, 1));

        assertThat(all(AggregateFunction.PERCENT_GOOD, values, 0, 20, 5_000))
                .extracting(each -> each.variant().value())
                .containsExactly(100.0, 100.0, 100.0, 100.0);
        assertThat(all(AggregateFunction.DURATION_BAD, values, 0, 40, 10_000))
                .extracting(each -> each.variant().value())
                .containsExactly(0.0, 0.0, 10_000.0, 10_000.0);
        assertIs(
                all(AggregateFunction.DURATION_GOOD, List.of(good(0, 1), uncertain(20, 1), good(40, 1)), 10, 30, 0)
                        .get(0),
                10_000.0,
                CALCULATED);
    }

    /** A.29: where Uncertain does not count as Bad, the simple bound is neither Good nor Bad. */
    @Test
    void boundBeforeABadValueIsNeitherGoodNorBadWhereUncertainIsNotBad() {
        List<DataValue> values = List.of(good(0, 1), bad(20), good(40, 1));

        assertIs(one(AggregateFunction.DURATION_GOOD, values, 10, 20, UNCERTAIN_COUNTS), 0.0, CALCULATED);
        assertIs(one(AggregateFunction.DURATION_BAD, values, 10, 20, UNCERTAIN_COUNTS), 0.0, CALCULATED);
    }

    /** Tables 17 and 19: no start bound, a partial interval; the Bad sample before it is none. */
    @Test
    void areaThatBeginsInsideIsPartialThoughABadValueComesBefore() {
        List<DataValue> before = List.of(bad(0), good(7, 10), good(20, 10));
        List<DataValue> inside = List.of(bad(2), good(7, 10), good(20, 10));

        assertIs(one(AggregateFunction.TIME_AVERAGE, before, 5, 10), 10.0, SUB_NORMAL | CALCULATED | PARTIAL);
        assertIs(one(AggregateFunction.TOTAL, before, 5, 10), 30.0, SUB_NORMAL | CALCULATED | PARTIAL);
        assertThat(all(AggregateFunction.TIME_AVERAGE, inside, 0, 15, 5_000))
                .extracting(each -> each.statusCode().value())
                .containsExactly(NO_DATA, SUB_NORMAL | CALCULATED | PARTIAL, CALCULATED);
    }

    @Test
    void noDataBetweenTwoValuesIsAGap() {
        List<DataValue> values = List.of(good(0, 5), sample(10, Variant.NULL, NO_DATA), good(100, 5));

        assertIs(one(AggregateFunction.DURATION_GOOD, values, 0, 100), 10_000.0, CALCULATED);
        assertIs(one(AggregateFunction.DURATION_BAD, values, 50, 100), 50_000.0, CALCULATED);
        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 0, 100), 5.0, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.INTERPOLATE, values, 50, 100), 5.0, SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.COUNT, values, 0, 100), 1, SUB_NORMAL | CALCULATED);
    }

    /** As the first entry of the annex: where the data begin and end is where the values do. */
    @Test
    void noDataBeforeAndBehindAllValuesIsNoGap() {
        List<DataValue> values =
                List.of(sample(-5, Variant.NULL, NO_DATA), good(0, 5), good(10, 5), sample(20, Variant.NULL, NO_DATA));

        for (AggregateFunction function : AggregateFunction.values()) {
            assertThat(all(function, values, -10, 30, 7_000))
                    .isEqualTo(all(function, List.of(good(0, 5), good(10, 5)), -10, 30, 7_000));
        }
    }

    @Test
    void finiteValuesGiveNoInfinity() {
        List<DataValue> opposite = List.of(good(0, -1.7e308), good(10, 1.7e308));
        List<DataValue> large = List.of(good(0, 1e300), good(36_000, 1e300));
        List<DataValue> wide = List.of(good(0, 1e200), good(1, -1e200), good(9, 0));

        assertIs(one(AggregateFunction.TIME_AVERAGE, opposite, 0, 10), 0.0, CALCULATED);
        assertThat(Numbers.toDouble(
                        one(AggregateFunction.TOTAL, large, 0, 36_000).variant().value()))
                .isCloseTo(3.6e304, withinPercentage(1e-9));
        assertThat(Numbers.toDouble(one(AggregateFunction.STANDARD_DEVIATION, wide, 0, 5)
                        .variant()
                        .value()))
                .isCloseTo(Math.sqrt(2) * 1e200, withinPercentage(1e-9));
        assertIs(one(AggregateFunction.RANGE, opposite, 0, 10.1), null, INVALID_INPUTS | PARTIAL);
        assertIs(
                one(AggregateFunction.TOTAL, List.of(good(0, 1.7e308), good(10, 1.7e308)), 0, 10),
                null,
                INVALID_INPUTS);
    }

    @Test
    void noLineLeadsToOrFromInfinity() {
        List<DataValue> rising = List.of(good(0, 5), good(10, Double.POSITIVE_INFINITY));
        List<DataValue> falling = List.of(good(0, Double.POSITIVE_INFINITY), good(10, 5));

        assertIs(one(AggregateFunction.INTERPOLATE, rising, 5, 10), null, INVALID_INPUTS);
        assertIs(one(AggregateFunction.INTERPOLATE, falling, 5, 10), null, INVALID_INPUTS);
        assertIs(one(AggregateFunction.INTERPOLATE, falling, 0, 10), Double.POSITIVE_INFINITY, 0);
    }

    @Test
    void lineBehindTheDataIsDrawnThroughAnEarlierTime() {
        List<DataValue> values = List.of(good(0, 0), good(10, 10), good(10, 10), good(10, 10));

        assertIs(one(AggregateFunction.INTERPOLATE, values, 20, 30, SLOPED_ON), 20.0, SUB_NORMAL | INTERPOLATED);
    }

    @Test
    void badValueOfTheSameTimeMakesWhatIsDrawnFromTheOtherUncertain() {
        List<DataValue> values = List.of(good(0, 0), good(5, 1), bad(5), good(10, 10));

        assertIs(one(AggregateFunction.INTERPOLATE, values, 5, 10), 1.0, SUB_NORMAL | INTERPOLATED);
        assertIs(one(AggregateFunction.TIME_AVERAGE, values, 5, 10), 5.5, SUB_NORMAL | CALCULATED);
        assertIs(one(AggregateFunction.DURATION_GOOD, values, 5, 10), 0.0, CALCULATED);
    }

    @Test
    void usableIsWhatAFunctionCanCalculateWith() {
        assertThat(Aggregator.isUsable(good(0, 1), AggregateFunction.TOTAL, true))
                .isTrue();
        assertThat(Aggregator.isUsable(good(0, Double.NaN), AggregateFunction.INTERPOLATE, true))
                .isFalse();
        assertThat(Aggregator.isUsable(sample(0, BuiltinType.STRING, "on"), AggregateFunction.INTERPOLATE, true))
                .isTrue();
        assertThat(Aggregator.isUsable(sample(0, BuiltinType.STRING, "on"), AggregateFunction.TOTAL, true))
                .isFalse();
        assertThat(Aggregator.isUsable(uncertain(0, 1), AggregateFunction.TOTAL, true))
                .isFalse();
        assertThat(Aggregator.isUsable(uncertain(0, 1), AggregateFunction.TOTAL, false))
                .isTrue();
    }
}
