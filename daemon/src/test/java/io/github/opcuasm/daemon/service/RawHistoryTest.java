package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.daemon.aggregate.Aggregator;
import io.github.opcuasm.daemon.aggregate.ProcessingIntervals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of archives that give bounds in one way or another, by seconds. The range asked for is 15 to 20. */
final class RawHistoryTest {
    private static final DateTime START = DateTime.of(Instant.parse("2026-01-01T12:00:00Z"));
    private static final ProcessingIntervals RANGE = ProcessingIntervals.of(at(15), at(20), 0);
    private static final List<DataValue> FIVES = List.of(good(0, 5), good(10, 5), good(30, 5), good(40, 5));

    /** How a server deals with bounds. */
    private enum Bounds {
        GIVEN,
        IGNORED,
        NOT_SUPPORTED_VALUE,
        NOT_SUPPORTED_RESULT,
        NOT_FOUND_RESULT
    }

    /** An archive, and what it was asked. */
    private static final class Archive implements RawHistory.Source {
        private final List<DataValue> values;
        private final Bounds bounds;
        private final long nothing;
        private final List<String> asked = new ArrayList<>();

        /** @param nothing with what it answers a read without values; Good = none */
        Archive(List<DataValue> values, Bounds bounds, long nothing) {
            this.values = values;
            this.bounds = bounds;
            this.nothing = nothing;
        }

        @Override
        public CompletableFuture<List<DataValue>> read(
                @Nullable DateTime start, @Nullable DateTime end, int count, boolean withBounds) {
            asked.add(start == null ? "before" : end == null ? "behind" : withBounds ? "bounded" : "range");
            if (withBounds && bounds == Bounds.NOT_SUPPORTED_RESULT) {
                return refused(StatusCodes.Bad_BoundNotSupported);
            }
            if (withBounds && bounds == Bounds.NOT_FOUND_RESULT) {
                return refused(StatusCodes.Bad_BoundNotFound);
            }
            List<DataValue> found = new ArrayList<>(values.stream()
                    .filter(value -> start == null || time(value).compareTo(start) >= 0)
                    .filter(value -> end == null || time(value).compareTo(end) < 0)
                    .sorted(
                            start == null
                                    ? Comparator.comparing(RawHistoryTest::time).reversed()
                                    : Comparator.comparing(RawHistoryTest::time))
                    .limit(count == 0 ? Integer.MAX_VALUE : count)
                    .toList());
            if (withBounds && bounds != Bounds.IGNORED && start != null && end != null) {
                if (found.isEmpty() || !time(found.get(0)).equals(start)) {
                    found.add(
                            0,
                            bound(
                                    start,
                                    values.stream()
                                            .filter(value -> time(value).compareTo(start) < 0)
                                            .reduce((a, b) -> b)
                                            .orElse(null)));
                }
                found.add(bound(
                        end,
                        values.stream()
                                .filter(value -> time(value).compareTo(end) >= 0)
                                .findFirst()
                                .orElse(null)));
            }
            return found.isEmpty() && nothing != 0 ? refused(nothing) : CompletableFuture.completedFuture(found);
        }

        private DataValue bound(DateTime time, @Nullable DataValue value) {
            if (bounds == Bounds.NOT_SUPPORTED_VALUE) {
                return new DataValue(Variant.NULL, new StatusCode(StatusCodes.Bad_BoundNotSupported), time, null);
            }
            return value != null
                    ? value
                    : new DataValue(Variant.NULL, new StatusCode(StatusCodes.Bad_BoundNotFound), time, null);
        }

        private static CompletableFuture<List<DataValue>> refused(long status) {
            return CompletableFuture.failedFuture(OpcUaErrors.service("The server refused the history read", status));
        }
    }

    private static DateTime at(double seconds) {
        return new DateTime(START.ticks() + Math.round(seconds * 10_000_000));
    }

    private static DateTime time(DataValue value) {
        return Objects.requireNonNull(Aggregator.timeOf(value));
    }

    private static DataValue good(double seconds, double value) {
        return new DataValue(Variant.scalar(BuiltinType.DOUBLE, value), StatusCode.GOOD, at(seconds), null);
    }

    private static DataValue without(double seconds, long status) {
        return new DataValue(Variant.NULL, new StatusCode(status), at(seconds), null);
    }

    private static List<DataValue> read(Archive archive, AggregateFunction function, boolean sloped) throws Exception {
        return resultOf(new RawHistory(archive, RANGE, function, configuration(sloped)).read());
    }

    /** What comes out of what was read; that is the same as out of the whole archive, or too little was read. */
    private static DataValue result(Archive archive, AggregateFunction function, boolean sloped) throws Exception {
        List<DataValue> read = read(archive, function, sloped);
        DataValue result = Aggregator.aggregate(read, RANGE, function, configuration(sloped))
                .get(0);
        assertThat(result)
                .isEqualTo(Aggregator.aggregate(archive.values, RANGE, function, configuration(sloped))
                        .get(0));
        return result;
    }

    private static AggregateConfiguration configuration(boolean sloped) {
        return new AggregateConfiguration(true, 100, 100, sloped, false);
    }

    @ParameterizedTest
    @EnumSource(Bounds.class)
    void boundsAreFoundHoweverTheServerDealsWithThem(Bounds bounds) throws Exception {
        for (AggregateFunction function : AggregateFunction.values()) {
            Archive archive = new Archive(FIVES, bounds, StatusCodes.Bad_NoData);

            DataValue result = result(archive, function, false);

            if (function == AggregateFunction.INTERPOLATE) {
                assertThat(result.variant().value()).isEqualTo(5.0);
            }
            if (bounds == Bounds.GIVEN) {
                assertThat(archive.asked).containsExactly("bounded");
            }
        }
    }

    /** No data are no failure; before them there are none, behind them a value holds. */
    @ParameterizedTest
    @ValueSource(longs = {0, 0x809B_0000L, 0x80D7_0000L})
    void archiveThatIsEmptyThereIsNoFailure(long nothing) throws Exception {
        for (Bounds bounds : Bounds.values()) {
            Archive empty = new Archive(List.of(), bounds, nothing);
            Archive earlier = new Archive(List.of(good(0, 7)), bounds, nothing);
            Archive later = new Archive(List.of(good(30, 7)), bounds, nothing);

            assertThat(read(empty, AggregateFunction.TOTAL, true)).isEmpty();
            assertThat(result(earlier, AggregateFunction.INTERPOLATE, false)
                            .variant()
                            .value())
                    .isEqualTo(7.0);
            assertThat(result(later, AggregateFunction.INTERPOLATE, false)
                            .statusCode()
                            .value())
                    .isEqualTo(StatusCodes.Bad_NoData);
        }
    }

    @Test
    void boundThatIsNotFoundIsBelieved() throws Exception {
        Archive archive = new Archive(List.of(good(16, 7)), Bounds.GIVEN, 0);

        assertThat(read(archive, AggregateFunction.TOTAL, false)).containsExactly(good(16, 7));
        assertThat(archive.asked).containsExactly("bounded");
    }

    /** A gap is one wherever the range begins: only what lies behind it tells it from the end of the data. */
    @Test
    void gapAsABoundIsLookedBehind() throws Exception {
        List<DataValue> gaps = List.of(
                good(0, 5), without(15, StatusCodes.Bad_NoData), without(25, StatusCodes.Bad_NoData), good(40, 5));
        List<DataValue> ends = List.of(without(10, StatusCodes.Bad_NoData), good(16, 5));

        for (AggregateFunction function : AggregateFunction.values()) {
            assertThat(result(new Archive(gaps, Bounds.GIVEN, 0), function, false))
                    .isNotNull();
            assertThat(result(new Archive(ends, Bounds.GIVEN, 0), function, false))
                    .isNotNull();
        }
        assertThat(result(new Archive(gaps, Bounds.GIVEN, 0), AggregateFunction.DURATION_BAD, false)
                        .variant()
                        .value())
                .isEqualTo(5_000.0);
    }

    @Test
    void boundThatCannotBeCalculatedWithIsPassedOver() throws Exception {
        List<DataValue> values = List.of(good(0, 5), good(10, Double.NaN), good(20, 5), good(30, 5));
        Archive archive = new Archive(values, Bounds.GIVEN, 0);

        DataValue result = result(archive, AggregateFunction.INTERPOLATE, false);

        assertThat(result.variant().value()).isEqualTo(5.0);
        assertThat(result.statusCode().value()).isEqualTo(0x40A4_0402L);
        assertThat(archive.asked).containsExactly("bounded", "before");
    }

    @Test
    void badValuesAreSkippedUpToAHundred() throws Exception {
        Archive near = new Archive(behindBad(99), Bounds.GIVEN, 0);
        Archive far = new Archive(behindBad(100), Bounds.GIVEN, 0);

        List<DataValue> found = read(near, AggregateFunction.INTERPOLATE, false);
        List<DataValue> ended = read(far, AggregateFunction.INTERPOLATE, false);

        assertThat(found).isEqualTo(near.values).doesNotHaveDuplicates();
        assertThat(ended).doesNotContain(good(0, 5)).hasSize(101);
    }

    private static List<DataValue> behindBad(int count) {
        return Stream.of(
                        Stream.of(good(0, 5)),
                        IntStream.rangeClosed(1, count).mapToObj(i -> without(i / 10.0, StatusCodes.Bad)),
                        Stream.of(good(30, 5)))
                .flatMap(values -> values)
                .toList();
    }

    /** The second value before is for the line that goes on behind the last one, where the range has no two of its own. */
    @Test
    void lineThatGoesOnIsReadOnlyWhereItIsNeeded() throws Exception {
        Archive inside = new Archive(FIVES, Bounds.GIVEN, 0);
        Archive behind = new Archive(List.of(good(0, 1), good(10, 2)), Bounds.GIVEN, 0);
        Archive both = new Archive(List.of(good(0, 1), good(10, 2), good(16, 3)), Bounds.GIVEN, 0);

        assertThat(result(inside, AggregateFunction.INTERPOLATE, true).variant().value())
                .isEqualTo(5.0);
        assertThat(result(behind, AggregateFunction.INTERPOLATE, true).variant().value())
                .isEqualTo(2.5);
        assertThat(result(both, AggregateFunction.TOTAL, true).variant().value())
                .isNotNull();

        assertThat(inside.asked).containsExactly("bounded");
        assertThat(behind.asked).containsExactly("bounded", "before");
        assertThat(both.asked).containsExactly("bounded");
    }

    @Test
    void serverThatReadsNothingOutsideIsNamed() {
        RawHistory.Source source = (start, end, count, withBounds) -> start == null || end == null
                ? Archive.refused(StatusCodes.Bad_InvalidTimestampArgument)
                : CompletableFuture.completedFuture(List.of());

        CommandException error =
                failureOf(new RawHistory(source, RANGE, AggregateFunction.INTERPOLATE, configuration(false)).read());

        assertThat(error.messageText()).contains("behind the time range").contains("Bad_InvalidTimestampArgument");
    }

    @Test
    void otherRefusalsArePassedOn() {
        RawHistory.Source source = (start, end, count, withBounds) -> Archive.refused(StatusCodes.Bad_UserAccessDenied);

        CommandException error =
                failureOf(new RawHistory(source, RANGE, AggregateFunction.COUNT, configuration(false)).read());

        assertThat(error.statusCode()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
    }
}
