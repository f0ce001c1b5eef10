package io.github.opcuasm.simulator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.AggregateConfiguration;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadAtTimeDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadProcessedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Times are seconds relative to the start, S; Ramp has the value n at S - 1200 + n. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HistoryTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final String RAMP = "History/Ramp";
    private static final String STEPS = "History/Steps";

    private final Simulator simulator = Simulator.builder()
            .clock(InstantSource.fixed(START.plusMillis(250)))
            .build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterEach
    void resetLimits() {
        simulator.limits().reset();
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void rampHasASampleForEverySecondBeforeTheStart() throws Exception {
        List<DataValue> values = values(read(RAMP, raw(at(-1_200), at(0), 0, false)));

        assertThat(values).hasSize(1_200);
        assertThat(numbers(values))
                .containsExactlyElementsOf(
                        IntStream.range(0, 1_200).mapToObj(n -> (double) n).toList());
        assertThat(times(values))
                .containsExactlyElementsOf(
                        IntStream.range(-1_200, 0).mapToObj(HistoryTest::at).toList());
        assertThat(values).allMatch(value -> value.statusCode().isGood());
    }

    // Part 11, 6.4.3.2: the first time is part of the range, the last one is not; bounds are at or around them.
    @ParameterizedTest
    @CsvSource({
        "-10, -7, false, 1190 1191 1192",
        "-10, -7, true, 1190 1191 1192 1193",
        "-10.5, -7.5, false, 1190 1191 1192",
        "-10.5, -7.5, true, 1189 1190 1191 1192 1193",
        "-7, -10, false, 1193 1192 1191",
        "-7, -10, true, 1193 1192 1191 1190",
        "-7, -7, false, 1193",
        "-7, -7, true, 1193",
        "-7.5, -7.5, true, 1192 1193",
    })
    void rangeIsReadInTheDirectionOfItsTimes(double start, double end, boolean bounds, String expected)
            throws Exception {
        List<DataValue> values = values(read(RAMP, raw(at(start), at(end), 0, bounds)));

        assertThat(numbers(values))
                .containsExactlyElementsOf(
                        Stream.of(expected.split(" ")).map(Double::valueOf).toList());
    }

    @Test
    void missingBoundsAreTold() throws Exception {
        List<DataValue> values = values(read(RAMP, raw(at(-1), at(10), 0, true)));

        assertThat(values).hasSize(2);
        assertThat(values.get(1).statusCode().getValue()).isEqualTo(StatusCodes.Bad_BoundNotFound);
        assertThat(values.get(1).sourceTime()).isEqualTo(at(10));
    }

    @Test
    void oneTimeAndANumberReadFromThereOn() throws Exception {
        List<DataValue> forwards = values(read(RAMP, raw(at(-10), null, 3, false)));
        List<DataValue> backwards = values(read(RAMP, raw(null, at(-10), 3, false)));

        assertThat(numbers(forwards)).containsExactly(1190.0, 1191.0, 1192.0);
        assertThat(numbers(backwards)).containsExactly(1190.0, 1189.0, 1188.0);
    }

    @Test
    void insufficientRangesAreRefused() throws Exception {
        assertStatus(StatusCodes.Bad_HistoryOperationInvalid, read(RAMP, raw(null, null, 3, false)));
        assertStatus(StatusCodes.Bad_HistoryOperationInvalid, read(RAMP, raw(at(-10), null, 0, false)));
    }

    @Test
    void pagesFollowBehindContinuationPoints() throws Exception {
        simulator.limits().maxHistoryValuesPerNode(500);
        ReadRawModifiedDetails details = raw(at(-1_200), at(0), 0, false);

        List<List<DataValue>> pages = new ArrayList<>();
        HistoryReadResult page = read(RAMP, details);
        pages.add(values(page));
        while (page.getContinuationPoint().isNotNull()) {
            page = proceed(client, RAMP, details, page.getContinuationPoint(), false);
            pages.add(values(page));
        }

        assertThat(pages).extracting(List::size).containsExactly(500, 500, 200);
        assertThat(numbers(pages.stream().flatMap(List::stream).toList()))
                .containsExactlyElementsOf(
                        IntStream.range(0, 1_200).mapToObj(n -> (double) n).toList());
    }

    @Test
    void numberOfValuesIsAPageOfARange() throws Exception {
        ReadRawModifiedDetails details = raw(at(-5), at(0), 3, false);

        HistoryReadResult first = read(RAMP, details);
        HistoryReadResult second = proceed(client, RAMP, details, first.getContinuationPoint(), false);

        assertThat(numbers(values(first))).containsExactly(1195.0, 1196.0, 1197.0);
        assertThat(numbers(values(second))).containsExactly(1198.0, 1199.0);
        assertThat(second.getContinuationPoint().isNull()).isTrue();
    }

    @Test
    void continuationPointsServeOnceAndTheirOwnSessionAndNode() throws Exception {
        OpcUaClient other = clients.connect(simulator);
        ReadRawModifiedDetails details = raw(at(-5), at(0), 1, false);
        ByteString point = read(RAMP, details).getContinuationPoint();

        assertStatus(StatusCodes.Bad_ContinuationPointInvalid, proceed(other, RAMP, details, point, false));
        assertStatus(StatusCodes.Bad_ContinuationPointInvalid, proceed(client, STEPS, details, point, false));
        assertStatus(StatusCodes.Good, proceed(client, RAMP, details, point, false));
        assertStatus(StatusCodes.Bad_ContinuationPointInvalid, proceed(client, RAMP, details, point, false));
    }

    @Test
    void releasedContinuationPointsAreGone() throws Exception {
        ReadRawModifiedDetails details = raw(at(-5), at(0), 1, false);
        ByteString point = read(RAMP, details).getContinuationPoint();

        HistoryReadResult released = proceed(client, RAMP, details, point, true);

        assertStatus(StatusCodes.Good, released);
        assertThat(released.getContinuationPoint().isNull()).isTrue();
        assertStatus(StatusCodes.Bad_ContinuationPointInvalid, proceed(client, RAMP, details, point, false));
    }

    @Test
    void continuationPointsAreBoundedForEachSession() throws Exception {
        OpcUaClient greedy = clients.connect(simulator);
        ReadRawModifiedDetails details = raw(at(-5), at(0), 1, false);
        for (int i = 0; i < HistoryContinuations.MAX_PER_SESSION; i++) {
            assertStatus(StatusCodes.Good, proceed(greedy, RAMP, details, ByteString.NULL_VALUE, false));
        }

        assertStatus(
                StatusCodes.Bad_NoContinuationPoints, proceed(greedy, RAMP, details, ByteString.NULL_VALUE, false));

        assertStatus(StatusCodes.Good, read(RAMP, details));
    }

    @Test
    void stepsHaveGapsAndSamplesOfEveryQuality() throws Exception {
        List<DataValue> values = values(read(STEPS, raw(at(-1_200), at(0), 0, false)));

        assertThat(values).hasSize(110);
        assertThat(values.get(2).value().value()).isEqualTo(2);
        assertThat(values.get(3).statusCode().getValue()).isEqualTo(StatusCodes.Bad_SensorFailure);
        assertThat(values.get(3).value().isNull()).isTrue();
        assertThat(values.get(6).statusCode().getValue()).isEqualTo(StatusCodes.Uncertain_LastUsableValue);
        assertThat(values.get(49).value().value()).isEqualTo(49);
        assertThat(values.get(50).value().value()).isEqualTo(60);
    }

    @Test
    void emptyHistoryIsGoodWithoutData() throws Exception {
        HistoryReadResult result = read("History/Empty", raw(at(-1_200), at(0), 0, false));

        assertStatus(StatusCodes.Good_NoData, result);
        assertThat(values(result)).isEmpty();
    }

    @Test
    void nodesWithoutReadableHistorySayWhy() throws Exception {
        ReadRawModifiedDetails details = raw(at(-10), at(0), 0, false);
        List<HistoryReadResult> results = readAll(
                client,
                details,
                false,
                Stream.of(
                                Simulator.node("History/Denied"),
                                Simulator.node("Scalars/Int32"),
                                Simulator.node("History"),
                                Simulator.node("History/Missing"),
                                NodeIds.Server_ServerStatus_CurrentTime,
                                Simulator.node(RAMP))
                        .map(nodeId -> valueId(nodeId, ByteString.NULL_VALUE))
                        .toList());

        assertThat(results)
                .extracting(result -> result.getStatusCode().getValue())
                .containsExactly(
                        StatusCodes.Bad_UserAccessDenied,
                        StatusCodes.Bad_HistoryOperationUnsupported,
                        StatusCodes.Bad_HistoryOperationUnsupported,
                        StatusCodes.Bad_NodeIdUnknown,
                        StatusCodes.Bad_HistoryOperationUnsupported,
                        StatusCodes.Good);
    }

    // Part 11, 6.5.3.3: bounds make no sense among modified values.
    @Test
    void modifiedValuesAreReadWithoutBounds() throws Exception {
        assertStatus(
                StatusCodes.Good_NoData, read(RAMP, new ReadRawModifiedDetails(true, at(-10), at(0), uint(0), false)));
        assertStatus(
                StatusCodes.Bad_InvalidArgument,
                read(RAMP, new ReadRawModifiedDetails(true, at(-10), at(0), uint(0), true)));
    }

    @Test
    void onlyTheTimestampsAskedForAreReturned() throws Exception {
        HistoryReadResult result = client.historyRead(
                        raw(at(-1), at(0), 0, false),
                        TimestampsToReturn.Server,
                        false,
                        List.of(valueId(Simulator.node(RAMP), ByteString.NULL_VALUE)))
                .getResults()[0];

        assertThat(values(result).get(0).serverTime()).isEqualTo(at(-1));
        assertThat(values(result).get(0).sourceTime()).isIn(null, DateTime.NULL_VALUE);
        assertFails(
                StatusCodes.Bad_TimestampsToReturnInvalid,
                () -> client.historyRead(
                        raw(at(-1), at(0), 0, false),
                        TimestampsToReturn.Neither,
                        false,
                        List.of(valueId(Simulator.node(RAMP), ByteString.NULL_VALUE))));
    }

    @Test
    void rampIsInterpolatedInStraightLines() throws Exception {
        List<DataValue> values =
                values(read(RAMP, new ReadAtTimeDetails(new DateTime[] {at(-10), at(-9.5), at(-1_201), at(5)}, true)));

        assertThat(values.get(0).value().value()).isEqualTo(1190.0);
        assertThat(values.get(0).statusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(values.get(1).value().value()).isEqualTo(1190.5);
        assertThat(values.get(1).statusCode().getValue()).isEqualTo(StatusCodes.Good | 0x402);
        assertThat(values.get(1).sourceTime()).isEqualTo(at(-9.5));
        assertThat(values.subList(2, 4)).allMatch(value -> value.statusCode().getValue() == StatusCodes.Bad_NoData);
    }

    // Sample 3 is bad: simple bounds see it, interpolated bounds look past it to sample 2.
    @Test
    void stepsHoldTheirLastValue() throws Exception {
        DateTime[] afterSamples2And3 = {at(-1_175), at(-1_165)};

        List<DataValue> simple = values(read(STEPS, new ReadAtTimeDetails(afterSamples2And3, true)));
        List<DataValue> usable = values(read(STEPS, new ReadAtTimeDetails(afterSamples2And3, false)));

        assertThat(simple.get(0).value().value()).isEqualTo(2);
        assertThat(simple.get(0).statusCode().getValue()).isEqualTo(StatusCodes.Good | 0x402);
        assertThat(simple.get(1).statusCode().getValue()).isEqualTo(StatusCodes.Bad_NoData);
        assertThat(usable.get(1).value().value()).isEqualTo(2);
        assertThat(usable.get(1).statusCode().getValue()).isEqualTo(StatusCodes.Uncertain_DataSubNormal | 0x402);
    }

    @Test
    void aggregatesAreComputedForEachInterval() throws Exception {
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Average, -20, 0)))
                .containsExactly(1184.5, 1194.5);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Minimum, -20, 0)))
                .containsExactly(1180.0, 1190.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Maximum, -20, 0)))
                .containsExactly(1189.0, 1199.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Count, -20, 0)))
                .containsExactly(10.0, 10.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Interpolative, -20.5, -0.5)))
                .containsExactly(1179.5, 1189.5);
        assertThat(times(processed(RAMP, NodeIds.AggregateFunction_Average, -20, 0)))
                .containsExactly(at(-20), at(-10));
        assertThat(processed(RAMP, NodeIds.AggregateFunction_Average, -20, 0))
                .allMatch(value -> value.statusCode().getValue() == (StatusCodes.Good | 0x401));
    }

    @Test
    void aggregatesRunBackwardsToo() throws Exception {
        List<DataValue> values = processed(RAMP, NodeIds.AggregateFunction_Average, -1, -21);

        assertThat(numbers(values)).containsExactly(1194.5, 1184.5);
        assertThat(times(values)).containsExactly(at(-1), at(-11));
    }

    @Test
    void aggregatesTellPartialBadAndMissingIntervals() throws Exception {
        List<DataValue> partial = processed(RAMP, NodeIds.AggregateFunction_Count, -15, 0);
        List<DataValue> bad = processed(STEPS, NodeIds.AggregateFunction_Count, -1_170, -1_160);
        List<DataValue> missing = processed(RAMP, NodeIds.AggregateFunction_Average, 0, 10);

        assertThat(partial.get(1).value().value()).isEqualTo(5);
        assertThat(partial.get(1).statusCode().getValue()).isEqualTo(StatusCodes.Good | 0x405);
        assertThat(bad.get(0).value().isNull()).isTrue();
        assertThat(bad.get(0).statusCode().getValue()).isEqualTo(StatusCodes.Bad);
        assertThat(missing.get(0).statusCode().getValue()).isEqualTo(StatusCodes.Bad_NoData);
    }

    @Test
    void wrongAggregatesAreRefused() throws Exception {
        assertStatus(
                StatusCodes.Bad_AggregateNotSupported,
                read(RAMP, processing(at(-20), at(0), 10_000, NodeIds.AggregateFunction_WorstQuality)));
        assertStatus(
                StatusCodes.Bad_InvalidArgument,
                read(RAMP, processing(at(-20), at(-20), 10_000, NodeIds.AggregateFunction_Count)));
        assertStatus(
                StatusCodes.Bad_InvalidArgument,
                read(RAMP, processing(at(-20), DateTime.NULL_VALUE, 10_000, NodeIds.AggregateFunction_Count)));
        assertStatus(
                StatusCodes.Bad_AggregateInvalidInputs,
                read(RAMP, processing(at(-20), at(0), 0.001, NodeIds.AggregateFunction_Count)));
        assertStatus(
                StatusCodes.Bad_AggregateListMismatch,
                read(
                        RAMP,
                        processing(
                                at(-20),
                                at(0),
                                10_000,
                                NodeIds.AggregateFunction_Count,
                                NodeIds.AggregateFunction_Count)));
    }

    // Part 13, 5.4.3.1
    @ParameterizedTest
    @EnumSource(
            value = TimestampsToReturn.class,
            names = {"Server", "Both"})
    void aggregatesHaveASourceTimestampAlone(TimestampsToReturn others) throws Exception {
        ReadProcessedDetails details = processing(at(-20), at(0), 10_000, NodeIds.AggregateFunction_Count);

        HistoryReadResult[] refused = client.historyRead(
                        details, others, false, List.of(valueId(Simulator.node(RAMP), ByteString.NULL_VALUE)))
                .getResults();

        assertThat(refused)
                .singleElement()
                .satisfies(result -> assertStatus(StatusCodes.Bad_TimestampsToReturnInvalid, result));
        assertThat(values(read(RAMP, details)))
                .allSatisfy(value -> assertThat(value.serverTime()).isEqualTo(DateTime.NULL_VALUE));
    }

    // Part 13, 5.4.2.2: the later time is part of an interval that is read backwards.
    @Test
    void aggregatesTakeTheirBeginAndNotTheirEnd() throws Exception {
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Start, -20, -10)))
                .containsExactly(1180.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_End, -20, -10)))
                .containsExactly(1189.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Start, -10, -20)))
                .containsExactly(1181.0);
        assertThat(times(processed(RAMP, NodeIds.AggregateFunction_End, -10, -20)))
                .containsExactly(at(-10));
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Total, -20, -10)))
                .containsExactly(11_850.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_TimeAverage, -10, -20)))
                .containsExactly(1185.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Range, -20, -10)))
                .containsExactly(9.0);
        assertThat(numbers(processed(RAMP, NodeIds.AggregateFunction_Delta, -10, -20)))
                .containsExactly(9.0);
    }

    @Test
    void theirTypeIsThatOfTheSamples() throws Exception {
        List<DataValue> ranges = processed(STEPS, NodeIds.AggregateFunction_Range, -1_200, -1_190);

        assertThat(ranges.get(0).value().value()).isEqualTo(0);
        assertThat(ranges.get(0).statusCode().getValue()).isEqualTo(StatusCodes.Good | 0x401);
    }

    // Samples 2 and 3 of Steps: a Good one and a Bad one.
    @Test
    void configurationOfARequestTakesTheNodesPlace() throws Exception {
        NodeId[] count = {NodeIds.AggregateFunction_Count};

        HistoryReadResult strict = read(
                STEPS,
                new ReadProcessedDetails(
                        at(-1_180),
                        at(-1_160),
                        20_000.0,
                        count,
                        new AggregateConfiguration(false, true, ubyte(50), ubyte(50), false)));
        HistoryReadResult standard = read(STEPS, processing(at(-1_180), at(-1_160), 20_000, count));
        HistoryReadResult contradictory = read(
                STEPS,
                new ReadProcessedDetails(
                        at(-1_180),
                        at(-1_160),
                        20_000.0,
                        count,
                        new AggregateConfiguration(false, true, ubyte(40), ubyte(50), false)));

        assertThat(values(strict).get(0).statusCode().getValue()).isEqualTo(StatusCodes.Bad);
        assertThat(values(standard).get(0).statusCode().getValue())
                .isEqualTo(StatusCodes.Uncertain_DataSubNormal | 0x401);
        assertStatus(StatusCodes.Bad_AggregateInvalidInputs, contradictory);
    }

    @Test
    void valuesGoOnAfterTheLastSampleAsTheConfigurationSays() throws Exception {
        NodeId[] interpolative = {NodeIds.AggregateFunction_Interpolative};

        HistoryReadResult held = read(RAMP, processing(at(9), at(10), 0, interpolative));
        HistoryReadResult sloped = read(
                RAMP,
                new ReadProcessedDetails(
                        at(9),
                        at(10),
                        0.0,
                        interpolative,
                        new AggregateConfiguration(false, true, ubyte(100), ubyte(100), true)));

        assertThat(numbers(values(held))).containsExactly(1199.0);
        assertThat(numbers(values(sloped))).containsExactly(1209.0);
        assertThat(values(sloped).get(0).statusCode().getValue())
                .isEqualTo(StatusCodes.Uncertain_DataSubNormal | 0x402);
    }

    @Test
    void aServerWithoutAggregatesOffersNone() throws Exception {
        try (Simulator plain = Simulator.builder().withoutAggregates().build()) {
            plain.start();
            OpcUaClient connected = clients.connect(plain);

            HistoryReadResult refused = proceed(
                    connected,
                    RAMP,
                    processing(at(-20), at(0), 10_000, NodeIds.AggregateFunction_Count),
                    ByteString.NULL_VALUE,
                    false);
            ReferenceDescription[] offered = connected
                    .browse(new BrowseDescription(
                            NodeIds.HistoryServerCapabilities_AggregateFunctions,
                            BrowseDirection.Forward,
                            NodeIds.Organizes,
                            true,
                            uint(0),
                            uint(63)))
                    .getReferences();

            assertStatus(StatusCodes.Bad_AggregateNotSupported, refused);
            assertThat(offered).isNullOrEmpty();
        }
    }

    @Test
    void configurationStandsInTheAddressSpace() throws Exception {
        String aggregation = "History/Historian3/HA Configuration/AggregateConfiguration/";

        assertThat(TestClients.readNow(client, aggregation + "PercentDataBad")
                        .value()
                        .value())
                .isEqualTo(ubyte(50));
        assertThat(TestClients.readNow(
                                client,
                                "History/Historian1/HA Configuration/AggregateConfiguration/TreatUncertainAsBad")
                        .value()
                        .value())
                .isEqualTo(false);
    }

    @Test
    void attributesTellThatThereIsAHistory() throws Exception {
        assertThat(attribute(RAMP, AttributeId.Historizing)).isEqualTo(true);
        assertThat(attribute(RAMP, AttributeId.AccessLevel)).isEqualTo(ubyte(5));
        assertThat(attribute("History/Denied", AttributeId.AccessLevel)).isEqualTo(ubyte(5));
        assertThat(attribute("History/Denied", AttributeId.UserAccessLevel)).isEqualTo(ubyte(1));
        assertThat(attribute("Scalars/Int32", AttributeId.Historizing)).isEqualTo(false);
        assertThat(TestClients.readNow(client, STEPS + "/HA Configuration/Stepped")
                        .value()
                        .value())
                .isEqualTo(true);
    }

    private List<DataValue> processed(String path, NodeId aggregate, double start, double end) throws Exception {
        return values(read(path, processing(at(start), at(end), 10_000, aggregate)));
    }

    private static ReadProcessedDetails processing(
            DateTime start, DateTime end, double interval, NodeId... aggregates) {
        return new ReadProcessedDetails(
                start, end, interval, aggregates, new AggregateConfiguration(true, false, ubyte(0), ubyte(0), false));
    }

    private static ReadRawModifiedDetails raw(
            @Nullable DateTime start, @Nullable DateTime end, int number, boolean bounds) {
        return new ReadRawModifiedDetails(
                false,
                start == null ? DateTime.NULL_VALUE : start,
                end == null ? DateTime.NULL_VALUE : end,
                uint(number),
                bounds);
    }

    private HistoryReadResult read(String path, HistoryReadDetails details) throws UaException {
        return proceed(client, path, details, ByteString.NULL_VALUE, false);
    }

    private static HistoryReadResult proceed(
            OpcUaClient client, String path, HistoryReadDetails details, ByteString point, boolean release)
            throws UaException {
        return readAll(client, details, release, List.of(valueId(Simulator.node(path), point)))
                .get(0);
    }

    private static List<HistoryReadResult> readAll(
            OpcUaClient client, HistoryReadDetails details, boolean release, List<HistoryReadValueId> nodes)
            throws UaException {
        TimestampsToReturn timestamps =
                details instanceof ReadProcessedDetails ? TimestampsToReturn.Source : TimestampsToReturn.Both;
        return Arrays.asList(
                client.historyRead(details, timestamps, release, nodes).getResults());
    }

    private static HistoryReadValueId valueId(NodeId nodeId, ByteString point) {
        return new HistoryReadValueId(nodeId, null, QualifiedName.NULL_VALUE, point);
    }

    private List<DataValue> values(HistoryReadResult result) {
        HistoryData data = (HistoryData) result.getHistoryData().decode(client.getStaticEncodingContext());
        DataValue[] values = data.getDataValues();
        return values == null ? List.of() : List.of(values);
    }

    private static List<Double> numbers(List<DataValue> values) {
        return values.stream()
                .map(value -> ((Number) requireNonNull(value.value().value())).doubleValue())
                .toList();
    }

    private static List<DateTime> times(List<DataValue> values) {
        return values.stream().map(DataValue::sourceTime).toList();
    }

    private @Nullable Object attribute(String path, AttributeId attribute) throws UaException {
        return client.read(
                        0,
                        TimestampsToReturn.Neither,
                        List.of(new ReadValueId(Simulator.node(path), attribute.uid(), null, QualifiedName.NULL_VALUE)))
                .getResults()[0]
                .value()
                .value();
    }

    private static DateTime at(double seconds) {
        return new DateTime(START.plusMillis(Math.round(seconds * 1_000)));
    }

    private static void assertStatus(long status, HistoryReadResult result) {
        assertThat(result.getStatusCode().getValue()).isEqualTo(status);
    }

    private static void assertFails(long status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                .orElseThrow()
                                .getValue())
                        .isEqualTo(status));
    }
}
