package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static io.github.opcuasm.daemon.service.ServiceFixture.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ramp has the values 0 to 1199, one a second, up to a second before the simulator's start. */
final class HistoryServiceTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    private static final long AVERAGE = 2342;

    private final ServiceFixture fixture =
            new ServiceFixture(Simulator.builder().clock(InstantSource.fixed(START)));
    private final HistoryService history = new HistoryService(Ticker.SYSTEM, new GatheredPages(Long.MAX_VALUE));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void allPagesGiveAllValuesInOrder() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxHistoryValuesPerNode(100);

        List<DataValue> values = resultOf(raw(context, "Ramp", before(1200), before(0), 0));

        assertThat(numbers(values))
                .isEqualTo(IntStream.range(0, 1200).mapToObj(i -> (double) i).toList());
        assertThat(values.get(0).sourceTimestamp()).isEqualTo(before(1200));
        assertThat(values.get(0).serverTimestamp()).isNotNull();
        assertThat(fixture.simulator.counters().received(Service.HISTORY_READ)).isEqualTo(12);
    }

    @Test
    void countIsTheWholeNumberOfValuesNotThatOfAPage() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxHistoryValuesPerNode(100);

        List<DataValue> values = resultOf(raw(context, "Ramp", before(1200), before(0), 250));

        assertThat(values).hasSize(250);
        assertThat(numbers(values).get(249)).isEqualTo(249.0);
    }

    @Test
    void endBeforeStartGivesTheNewestFirst() throws Exception {
        CallContext context = fixture.context("{}");

        List<DataValue> reversed = resultOf(raw(context, "Ramp", before(0), before(1200), 3));
        List<DataValue> withoutStart = resultOf(raw(context, "Ramp", null, before(0), 2));
        List<DataValue> withoutEnd = resultOf(raw(context, "Ramp", before(1200), null, 2));

        assertThat(numbers(reversed)).containsExactly(1199.0, 1198.0, 1197.0);
        assertThat(numbers(withoutStart)).containsExactly(1199.0, 1198.0);
        assertThat(numbers(withoutEnd)).containsExactly(0.0, 1.0);
    }

    @Test
    void statusOfAValueStaysWithTheValue() throws Exception {
        CallContext context = fixture.context("{}");

        List<DataValue> values = resultOf(raw(context, "Steps", before(1200), before(1120), 0));

        assertThat(values.stream().map(value -> value.statusCode().value()))
                .contains(0L, StatusCodes.Bad_SensorFailure, StatusCodes.Uncertain_LastUsableValue);
    }

    @Test
    void noDataIsNoValues() throws Exception {
        CallContext context = fixture.context("{}");

        assertThat(resultOf(raw(context, "Empty", before(1200), before(0), 0))).isEmpty();
        assertThat(resultOf(raw(context, "Ramp", before(5000), before(4000), 0)))
                .isEmpty();
    }

    @Test
    void averagesComeOnePerInterval() throws Exception {
        CallContext context = fixture.context("{}");

        List<DataValue> values = resultOf(history.readProcessed(
                context, node("History/Ramp"), before(1200), before(1160), 10_000, standard(AVERAGE)));

        assertThat(values).hasSize(4);
        assertThat(values.get(0).variant().value()).isInstanceOf(Double.class);
        // Part 13, 5.4.3.1: no other timestamp can be asked for.
        assertThat(values.get(1).sourceTimestamp()).isEqualTo(before(1190));
        assertThat(values.get(1).serverTimestamp()).isNull();
    }

    @Test
    void valuesAtTimesComeOnePerTime() throws Exception {
        CallContext context = fixture.context("{}");

        List<DataValue> values =
                resultOf(history.readAtTime(context, node("History/Ramp"), List.of(before(1200), before(1000))));

        assertThat(numbers(values)).containsExactly(0.0, 200.0);
    }

    @Test
    void refusedReadIsAServiceException() throws Exception {
        CallContext context = fixture.context("{}");

        assertThat(status(raw(context, "Denied", before(9), before(0), 0))).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(status(raw(context, "Nowhere", before(9), before(0), 0))).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(status(raw(context, "Ramp", null, null, 0))).isEqualTo(StatusCodes.Bad_HistoryOperationInvalid);
        assertThat(status(history.readRaw(context, node("Scalars/Int32"), before(9), before(0), 0, false)))
                .isEqualTo(StatusCodes.Bad_HistoryOperationUnsupported);
        assertThat(failureOf(history.readProcessed(
                                context, node("History/Ramp"), before(9), before(0), 1000, standard(1)))
                        .type())
                .isEqualTo(ErrorType.SERVICE);
    }

    @Test
    void noTimesAreNothingToDo() throws Exception {
        CallContext context = fixture.context("{}");

        CommandException failure = catchThrowableOfType(
                CommandException.class, () -> history.readAtTime(context, node("History/Ramp"), List.of()));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_NothingToDo);
    }

    @Test
    void valuesThatTakeTooMuchMemoryAreRefusedAndTheRestIsReleased() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxHistoryValuesPerNode(10);
        HistoryService narrow = new HistoryService(Ticker.SYSTEM, new GatheredPages(5_000));

        CommandException failure =
                failureOf(narrow.readRaw(context, node("History/Ramp"), before(1200), before(0), 0, false));

        assertThat(failure.type()).isEqualTo(ErrorType.OVERLOADED);
        assertThat(failure).hasMessageContaining("ask for less at a time");
        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.HISTORY_READ))
                .isEqualTo(3));
    }

    @Test
    void readStopsWhenThePeerIsGone() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxHistoryValuesPerNode(10);
        Fault withheld = fixture.simulator.faults().withholdAnswers(Service.HISTORY_READ);
        CompletableFuture<List<DataValue>> values = raw(context, "Ramp", before(1200), before(0), 0);
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));

        context.abandon();
        withheld.close();

        assertThat(failureOf(values).type()).isEqualTo(ErrorType.CANCELLED);
        // The one more is what gives the continuation point back.
        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.HISTORY_READ))
                .isEqualTo(2));
    }

    @Test
    void serverThatDoesNotAnswerIsGivenUp() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':3}");
        fixture.simulator.faults().hang(Service.HISTORY_READ);

        CommandException failure = failureOf(raw(context, "Ramp", before(9), before(0), 0));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
    }

    private CompletableFuture<List<DataValue>> raw(
            CallContext context, String name, @Nullable DateTime start, @Nullable DateTime end, long count) {
        return history.readRaw(context, node("History/" + name), start, end, count, false);
    }

    private static @Nullable Long status(CompletableFuture<List<DataValue>> read) {
        CommandException failure = failureOf(read);
        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        return failure.statusCode();
    }

    private static DateTime before(int seconds) {
        return DateTime.of(START.minusSeconds(seconds));
    }

    private static List<Double> numbers(List<DataValue> values) {
        return values.stream()
                .map(value -> (Double) Objects.requireNonNull(value.variant().value()))
                .toList();
    }
}
