package io.github.opcuasm.simulator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** The published figures of Part 13, one by one, by name and value of status. */
final class AnnexFiguresTest {
    private static final double ROUNDED = 0.0005;

    private static final Map<String, NodeId> AGGREGATES = Map.ofEntries(
            Map.entry("Interpolative", NodeIds.AggregateFunction_Interpolative),
            Map.entry("Minimum", NodeIds.AggregateFunction_Minimum),
            Map.entry("Maximum", NodeIds.AggregateFunction_Maximum),
            Map.entry("Average", NodeIds.AggregateFunction_Average),
            Map.entry("Count", NodeIds.AggregateFunction_Count),
            Map.entry("TimeAverage", NodeIds.AggregateFunction_TimeAverage),
            Map.entry("DurationGood", NodeIds.AggregateFunction_DurationGood),
            Map.entry("DurationBad", NodeIds.AggregateFunction_DurationBad),
            Map.entry("PercentGood", NodeIds.AggregateFunction_PercentGood),
            Map.entry("VarianceSample", NodeIds.AggregateFunction_StandardDeviationSample));

    private static final Map<String, Long> STATUS = Map.of(
            "Good", StatusCodes.Good,
            "Bad", StatusCodes.Bad,
            "BadNoData", StatusCodes.Bad_NoData,
            "Uncertain", StatusCodes.Uncertain,
            "UncertainDataSubNormal", StatusCodes.Uncertain_DataSubNormal);

    private static final Map<String, Integer> BITS =
            Map.of("Raw", 0, "Calculated", 1, "Interpolated", 2, "Partial", 4, "MultipleValues", 0x10);

    @ParameterizedTest(name = "{1} of {0} at {3}")
    @CsvFileSource(resources = "/part13-annex-a.csv", maxCharsPerColumn = 100)
    void aggregatesAreThoseOfTheAnnex(
            String history, String aggregate, double interval, String time, String value, String status, String bits)
            throws Exception {
        DataValue result = resultAt(time, processed(history, aggregate, interval));

        if (value == null) {
            assertThat(result.value().isNull()).isTrue();
        } else {
            double number = number(result);
            assertThat(aggregate.equals("VarianceSample") ? number * number : number)
                    .isCloseTo(number(value), within(ROUNDED));
        }
        assertThat(Long.toHexString(result.statusCode().getValue()))
                .isEqualTo(Long.toHexString(requireNonNull(STATUS.get(status)) | infoBits(bits)));
    }

    private static List<DataValue> processed(String history, String aggregate, double interval) throws Exception {
        AnnexHistories.AnnexHistory annex = AnnexHistories.all().stream()
                .filter(one -> one.name().equals(history))
                .findFirst()
                .orElseThrow();
        return new HistoryAggregates(annex.store(), annex.settings())
                .processed(
                        requireNonNull(AGGREGATES.get(aggregate)),
                        new DateTime(AnnexHistories.NOON),
                        new DateTime(AnnexHistories.NOON.plusSeconds(100)),
                        interval);
    }

    private static DataValue resultAt(String time, List<DataValue> results) {
        String[] parts = time.split(":", -1);
        DateTime wanted =
                new DateTime(AnnexHistories.NOON.plusSeconds(60 * Long.parseLong(parts[0]) + Long.parseLong(parts[1])));
        return results.stream()
                .filter(result -> wanted.equals(result.sourceTime()))
                .findFirst()
                .orElseThrow();
    }

    private static double number(DataValue result) {
        Object value = requireNonNull(result.value().value());
        return value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).doubleValue();
    }

    private static double number(String value) {
        return value.equals("TRUE") ? 1 : value.equals("FALSE") ? 0 : Double.parseDouble(value);
    }

    private static long infoBits(String bits) {
        int sum = 0;
        if (bits != null) {
            for (String bit : bits.split("\\|", -1)) {
                sum |= requireNonNull(BITS.get(bit));
            }
        }
        return sum == 0 ? 0 : 0x400 | sum;
    }
}
