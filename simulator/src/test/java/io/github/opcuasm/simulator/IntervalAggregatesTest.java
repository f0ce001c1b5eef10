package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What no figure of the annex shows. Times are seconds after {@link #START}, samples a second apart. */
final class IntervalAggregatesTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    // Part 13, A.1.4: there is nothing between true and false.
    @Test
    void booleansHoldAndFall() throws Exception {
        HistoryStore store = history(good(true), good(true), good(false), good(false));

        DataValue average = over(store, NodeIds.AggregateFunction_TimeAverage, 1, 3);
        DataValue delta = over(store, NodeIds.AggregateFunction_Delta, 1, 3);

        assertThat(average.value().value()).isEqualTo(0.5);
        assertThat(delta.value().value()).isEqualTo((short) -1);
    }

    @Test
    void unsignedNumbersFallToSignedOnes() throws Exception {
        HistoryStore store = history(good(uint(7)), good(uint(70_000)), good(uint(0)));

        assertThat(over(store, NodeIds.AggregateFunction_Delta, 1, 3).value().value())
                .isEqualTo(-70_000);
        assertThat(over(store, NodeIds.AggregateFunction_Range, 1, 3).value().value())
                .isEqualTo(uint(70_000));
    }

    @Test
    void wholeNumbersAreRoundedBetweenSamples() throws Exception {
        HistoryStore store = history(good(1), good(2), good(6));

        assertThat(over(store, NodeIds.AggregateFunction_Interpolative, 1.7, 2)
                        .value()
                        .value())
                .isEqualTo(5);
    }

    @Test
    void extremesTellThatTheyOccurMoreThanOnceAndWhereTheIntervalBegins() throws Exception {
        HistoryStore store = history(good(1.0), good(5.0), good(3.0), good(5.0), good(1.0));

        DataValue forwards = over(store, NodeIds.AggregateFunction_Maximum, 0.5, 3.5);
        DataValue backwards = over(store, NodeIds.AggregateFunction_Maximum, 3, 0.5);

        assertThat(forwards.statusCode().getValue()).isEqualTo(StatusCodes.Good | 0x411);
        assertThat(backwards.statusCode().getValue()).isEqualTo(StatusCodes.Good | 0x410);
    }

    @Test
    void uncertainExtremeMakesTheResultUncertain() throws Exception {
        HistoryStore store = history(good(1.0), sample(9.0, StatusCodes.Uncertain), good(3.0), good(4.0));
        AggregateSettings tolerant = new AggregateSettings(false, false, 100, 100, false);

        DataValue maximum = over(store, tolerant, NodeIds.AggregateFunction_Maximum, 0, 3);
        DataValue minimum = over(store, tolerant, NodeIds.AggregateFunction_Minimum, 0, 3);

        assertThat(maximum.value().value()).isEqualTo(3.0);
        assertThat(maximum.statusCode().getValue()).isEqualTo(StatusCodes.Uncertain_DataSubNormal | 0x401);
        assertThat(minimum.statusCode().getValue()).isEqualTo(StatusCodes.Good);
    }

    @Test
    void deltaIsUncertainIfItsEndsAreNotTheFirstAndTheLastSample() throws Exception {
        HistoryStore inTheMiddle = history(good(1.0), sample(2.0, StatusCodes.Bad), good(5.0), good(5.0));
        HistoryStore first = history(sample(1.0, StatusCodes.Bad), good(2.0), good(5.0), good(5.0));

        assertThat(over(inTheMiddle, NodeIds.AggregateFunction_Delta, 0, 3)
                        .statusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Good | 0x401);
        assertThat(over(first, NodeIds.AggregateFunction_Delta, 0, 3)
                        .statusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Uncertain_DataSubNormal | 0x401);
    }

    @Test
    void startAndEndAreSamplesOfAnyQuality() throws Exception {
        HistoryStore store = history(sample(1.0, StatusCodes.Bad_SensorFailure), good(2.0), good(3.0), good(4.0));

        DataValue start = over(store, NodeIds.AggregateFunction_Start, 0, 3);
        DataValue end = over(store, NodeIds.AggregateFunction_End, 0, 3);

        assertThat(start.statusCode().getValue()).isEqualTo(StatusCodes.Bad_SensorFailure);
        assertThat(start.value().isNull()).isTrue();
        assertThat(end.value().value()).isEqualTo(3.0);
        assertThat(end.sourceTime()).isEqualTo(at(2));
        assertThat(end.statusCode()).isEqualTo(StatusCode.GOOD);
    }

    @Test
    void whatIsNoNumberCannotBeCalculatedWith() throws Exception {
        HistoryStore store = history(good(1.0), good(Double.NaN), good(3.0), good(4.0));

        for (NodeId aggregate : List.of(
                NodeIds.AggregateFunction_Average,
                NodeIds.AggregateFunction_Maximum,
                NodeIds.AggregateFunction_Total)) {
            DataValue result = over(store, aggregate, 0, 3);

            assertThat(result.value().isNull()).isTrue();
            assertThat(result.statusCode().getValue()).isEqualTo(StatusCodes.Bad_AggregateInvalidInputs);
        }
    }

    /** 5.4.3.31: the first region has the status of the last sample until then, so that parts add up. */
    @Test
    void durationsOfPartsAddUpToTheWhole() throws Exception {
        HistoryStore store = history(good(1.0), good(2.0), sample(3.0, StatusCodes.Bad), good(4.0), good(5.0));

        double first = number(over(store, NodeIds.AggregateFunction_DurationGood, 0, 1.5));
        double second = number(over(store, NodeIds.AggregateFunction_DurationGood, 1.5, 4));
        double bad = number(over(store, NodeIds.AggregateFunction_DurationBad, 1.5, 4));

        assertThat(first + second).isEqualTo(number(over(store, NodeIds.AggregateFunction_DurationGood, 0, 4)));
        assertThat(bad).isEqualTo(1_000.0);
    }

    @Test
    void noDataIsAGapBetweenSamplesAndNothingAroundThem() throws Exception {
        HistoryStore store = history(
                sample(null, StatusCodes.Bad_NoData),
                good(5.0),
                sample(null, StatusCodes.Bad_NoData),
                good(5.0),
                good(5.0),
                sample(null, StatusCodes.Bad_NoData));

        DataValue average = over(store, NodeIds.AggregateFunction_TimeAverage, 1, 4);
        DataValue early = over(store, NodeIds.AggregateFunction_Count, 0, 1);

        assertThat(number(over(store, NodeIds.AggregateFunction_DurationBad, 1, 4)))
                .isEqualTo(1_000.0);
        assertThat(average.value().value()).isEqualTo(5.0);
        assertThat(average.statusCode().getValue()).isEqualTo(StatusCodes.Uncertain_DataSubNormal | 0x401);
        assertThat(early.statusCode().getValue()).isEqualTo(StatusCodes.Bad_NoData);
        assertThat(number(over(store, NodeIds.AggregateFunction_DurationGood, 4, 8)))
                .isEqualTo(1.0);
    }

    private static double number(DataValue result) {
        return ((Number) Objects.requireNonNull(result.value().value())).doubleValue();
    }

    private static DataValue over(HistoryStore store, NodeId aggregate, double start, double end) throws UaException {
        return over(store, store.settings(), aggregate, start, end);
    }

    private static DataValue over(
            HistoryStore store, AggregateSettings settings, NodeId aggregate, double start, double end)
            throws UaException {
        return new HistoryAggregates(store, settings)
                .processed(aggregate, at(start), at(end), 0)
                .get(0);
    }

    private static HistoryStore history(DataValue... samples) {
        HistoryStore store = new HistoryStore(AggregateSettings.standard(false));
        for (int i = 0; i < samples.length; i++) {
            store.put(samples[i].withSourceTime(at(i)));
        }
        return store;
    }

    private static DataValue good(Object value) {
        return sample(value, StatusCodes.Good);
    }

    private static DataValue sample(@Nullable Object value, long status) {
        return new DataValue(new Variant(value), new StatusCode(status), null, null);
    }

    private static DateTime at(double seconds) {
        return new DateTime(START.plusMillis(Math.round(seconds * 1_000)));
    }
}
