package io.github.opcuasm.simulator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.HistoryUpdateType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteAtTimeDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteRawModifiedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryModifiedData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ModificationInfo;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateDataDetails;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Times are seconds after {@link #START}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HistoryUpdateTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final NodeId EDITABLE = Simulator.node("History/Editable");
    private static final DateTime FIRST = at(0);
    private static final DateTime LAST = at(1_000_000);

    private final Simulator simulator = Simulator.builder()
            .clock(InstantSource.fixed(START))
            .secured(options ->
                    options.policies(SecurityPolicy.None).clearTextPasswords().user("mary", "secret"))
            .build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterEach
    void forget() throws Exception {
        simulator.limits().reset();
        update(new DeleteRawModifiedDetails(EDITABLE, false, FIRST, LAST));
        update(new DeleteRawModifiedDetails(EDITABLE, true, FIRST, LAST));
        assertThat(raw()).isEmpty();
        assertThat(modified().infos()).isEmpty();
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void insertedValuesAreReadInTheOrderOfTheirTimes() throws Exception {
        List<Long> results = put(PerformUpdateType.Insert, sample(2, 2.0), sample(1, 1.0));

        assertThat(results).containsExactly(StatusCodes.Good, StatusCodes.Good);
        assertThat(raw()).containsExactly(1.0, 2.0);
    }

    @Test
    void whatExistsIsNotInsertedAndWhatDoesNotIsNotReplaced() throws Exception {
        List<Long> inserted = put(PerformUpdateType.Insert, sample(1, 1.0), sample(1, 9.0));
        List<Long> replaced = put(PerformUpdateType.Replace, sample(1, 3.0), sample(2, 4.0));

        assertThat(inserted).containsExactly(StatusCodes.Good, StatusCodes.Bad_EntryExists);
        assertThat(replaced).containsExactly(StatusCodes.Good, StatusCodes.Bad_NoEntryExists);
        assertThat(raw()).containsExactly(3.0);
    }

    @Test
    void updateTellsWhatItDid() throws Exception {
        List<Long> results = put(PerformUpdateType.Update, sample(1, 1.0), sample(1, 2.0));

        assertThat(results).containsExactly(StatusCodes.Good_EntryInserted, StatusCodes.Good_EntryReplaced);
        assertThat(raw()).containsExactly(2.0);
    }

    @Test
    void valuesOfOtherTypesAndWithoutTimeAreRefusedOneByOne() throws Exception {
        List<Long> results = put(
                PerformUpdateType.Insert,
                sample(1, "one"),
                sample(2, new Double[] {1.0}),
                new DataValue(new Variant(1.0), StatusCode.GOOD, null, null),
                new DataValue(Variant.NULL_VALUE, StatusCode.GOOD, at(4), null),
                new DataValue(Variant.NULL_VALUE, StatusCode.BAD, at(5), null),
                sample(6, 6.0));

        assertThat(results)
                .containsExactly(
                        StatusCodes.Bad_TypeMismatch,
                        StatusCodes.Bad_TypeMismatch,
                        StatusCodes.Bad_InvalidTimestamp,
                        StatusCodes.Bad_TypeMismatch,
                        StatusCodes.Good,
                        StatusCodes.Good);
    }

    @Test
    void whatWasReplacedOrDeletedIsReadAsModified() throws Exception {
        put(PerformUpdateType.Insert, sample(1, 1.0), sample(2, 2.0), sample(3, 3.0));
        put(PerformUpdateType.Replace, sample(1, 1.5));
        put(PerformUpdateType.Update, sample(1, 1.7));
        assertThat(update(new DeleteRawModifiedDetails(EDITABLE, false, at(2), at(3)))
                        .getStatusCode())
                .isEqualTo(StatusCode.GOOD);

        Modified modified = modified();

        assertThat(raw()).containsExactly(1.7, 3.0);
        assertThat(modified.values()).containsExactly(1.5, 1.0, 2.0);
        assertThat(modified.infos())
                .extracting(ModificationInfo::getUpdateType)
                .containsExactly(HistoryUpdateType.Update, HistoryUpdateType.Replace, HistoryUpdateType.Delete);
        assertThat(modified.infos())
                .extracting(ModificationInfo::getModificationTime)
                .containsOnly(new DateTime(START));
    }

    @Test
    void modificationsHaveTheNameOfTheirUser() throws Exception {
        put(PerformUpdateType.Insert, sample(1, 1.0));
        put(PerformUpdateType.Replace, sample(1, 2.0));
        OpcUaClient mary = clients.connect(
                simulator,
                SecuredClient.of(SecurityPolicy.None, MessageSecurityMode.None).user("mary", "secret"));
        update(mary, new UpdateDataDetails(EDITABLE, PerformUpdateType.Replace, new DataValue[] {sample(1, 3.0)}));

        assertThat(modified().infos()).extracting(ModificationInfo::getUserName).containsExactly("mary", null);
    }

    @Test
    void modifiedValuesComeInPagesAndBackwardsToo() throws Exception {
        put(PerformUpdateType.Insert, sample(1, 1.0), sample(2, 2.0), sample(3, 3.0));
        put(PerformUpdateType.Replace, sample(1, 0.0), sample(2, 0.0), sample(3, 0.0));
        simulator.limits().maxHistoryValuesPerNode(2);
        ReadRawModifiedDetails backwards = new ReadRawModifiedDetails(true, at(10), at(0), uint(0), false);

        HistoryReadResult first = read(backwards, ByteString.NULL_VALUE);
        HistoryReadResult second = read(backwards, first.getContinuationPoint());

        assertThat(modified(first).values()).containsExactly(3.0, 2.0);
        assertThat(modified(second).values()).containsExactly(1.0);
        assertThat(second.getContinuationPoint().isNull()).isTrue();
    }

    @Test
    void deletedRangeExcludesItsEndUnlessItIsAMoment() throws Exception {
        put(PerformUpdateType.Insert, sample(1, 1.0), sample(2, 2.0), sample(3, 3.0), sample(4, 4.0));

        update(new DeleteRawModifiedDetails(EDITABLE, false, at(1), at(3)));
        assertThat(raw()).containsExactly(3.0, 4.0);

        update(new DeleteRawModifiedDetails(EDITABLE, false, at(4), at(4)));
        assertThat(raw()).containsExactly(3.0);
    }

    @Test
    void modifiedValuesAreDeletedAlone() throws Exception {
        put(PerformUpdateType.Insert, sample(1, 1.0));
        put(PerformUpdateType.Replace, sample(1, 2.0));

        HistoryUpdateResult deleted = update(new DeleteRawModifiedDetails(EDITABLE, true, at(0), at(10)));

        assertThat(deleted.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(raw()).containsExactly(2.0);
        assertThat(modified().infos()).isEmpty();
    }

    // Part 11, 6.9.6.2: what a value of these times was before goes as well.
    @Test
    void valuesAreDeletedAtTimes() throws Exception {
        put(PerformUpdateType.Insert, sample(1, 1.0), sample(2, 2.0));
        put(PerformUpdateType.Replace, sample(1, 1.5));

        HistoryUpdateResult deleted = update(new DeleteAtTimeDetails(EDITABLE, new DateTime[] {at(1), at(7)}));

        assertThat(operations(deleted)).containsExactly(StatusCodes.Good, StatusCodes.Bad_NoEntryExists);
        assertThat(raw()).containsExactly(2.0);
        assertThat(modified().values()).containsExactly(1.5);
    }

    @Test
    void wrongRequestsAreRefusedAsAWhole() throws Exception {
        DataValue[] one = {sample(1, 1.0)};

        assertRefused(
                StatusCodes.Bad_InvalidTimestampArgument, new DeleteRawModifiedDetails(EDITABLE, false, at(3), at(1)));
        assertRefused(
                StatusCodes.Bad_InvalidTimestampArgument,
                new DeleteRawModifiedDetails(EDITABLE, false, DateTime.NULL_VALUE, at(1)));
        assertRefused(StatusCodes.Bad_NoData, new DeleteRawModifiedDetails(EDITABLE, false, at(1), at(3)));
        assertRefused(StatusCodes.Bad_InvalidArgument, new DeleteAtTimeDetails(EDITABLE, new DateTime[0]));
        assertRefused(
                StatusCodes.Bad_InvalidArgument,
                new UpdateDataDetails(EDITABLE, PerformUpdateType.Insert, new DataValue[0]));
        assertRefused(StatusCodes.Bad_InvalidArgument, new UpdateDataDetails(EDITABLE, PerformUpdateType.Remove, one));
    }

    @Test
    void nodesWithoutWritableHistorySayWhy() throws Exception {
        List<HistoryUpdateResult> results = updateAll(
                client,
                Stream.of(
                                Simulator.node("History/ReadOnly"),
                                Simulator.node("History/Denied"),
                                Simulator.node("Scalars/Double"),
                                Simulator.node("Events/History"),
                                Simulator.node("History/Missing"),
                                NodeIds.Server_ServerStatus_CurrentTime,
                                EDITABLE)
                        .<HistoryUpdateDetails>map(nodeId -> new UpdateDataDetails(
                                nodeId, PerformUpdateType.Insert, new DataValue[] {sample(1, 1.0)}))
                        .toList());

        assertThat(results)
                .extracting(result -> result.getStatusCode().getValue())
                .containsExactly(
                        StatusCodes.Bad_UserAccessDenied,
                        StatusCodes.Bad_UserAccessDenied,
                        StatusCodes.Bad_HistoryOperationUnsupported,
                        StatusCodes.Bad_HistoryOperationUnsupported,
                        StatusCodes.Bad_NodeIdUnknown,
                        StatusCodes.Bad_HistoryOperationUnsupported,
                        StatusCodes.Good);
    }

    @Test
    void storesAreBounded() {
        HistoryStore store = new HistoryStore(AggregateSettings.standard(false));
        var modifier = new HistoryStore.Modifier(FIRST, null);
        for (int i = 0; i < HistoryStore.MAX_SAMPLES; i++) {
            store.put(sample(i, 0.0));
        }

        for (int i = 0; i <= HistoryStore.MAX_MODIFIED; i++) {
            assertThat(store.put(sample(i, 1.0), PerformUpdateType.Replace, modifier))
                    .isEqualTo(StatusCodes.Good);
        }

        assertThat(store.put(sample(-1, 1.0), PerformUpdateType.Insert, modifier))
                .isEqualTo(StatusCodes.Bad_ResourceUnavailable);
        assertThat(store.modified(FIRST, LAST)).hasSize(HistoryStore.MAX_MODIFIED);
        assertThat(store.modified(FIRST, FIRST)).isEmpty();
    }

    private void assertRefused(long status, HistoryUpdateDetails details) throws UaException {
        HistoryUpdateResult result = update(details);

        assertThat(result.getStatusCode().getValue()).isEqualTo(status);
        assertThat(operations(result)).isEmpty();
    }

    private List<Long> put(PerformUpdateType how, DataValue... values) throws UaException {
        HistoryUpdateResult result = update(new UpdateDataDetails(EDITABLE, how, values));

        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        return operations(result);
    }

    private HistoryUpdateResult update(HistoryUpdateDetails details) throws UaException {
        return update(client, details);
    }

    private static HistoryUpdateResult update(OpcUaClient client, HistoryUpdateDetails details) throws UaException {
        return updateAll(client, List.of(details)).get(0);
    }

    private static List<HistoryUpdateResult> updateAll(OpcUaClient client, List<HistoryUpdateDetails> details)
            throws UaException {
        return List.of(client.historyUpdate(details).getResults());
    }

    private static List<Long> operations(HistoryUpdateResult result) {
        StatusCode[] operations = result.getOperationResults();
        return operations == null
                ? List.of()
                : Stream.of(operations).map(StatusCode::getValue).toList();
    }

    private List<Object> raw() throws UaException {
        HistoryReadResult result =
                read(new ReadRawModifiedDetails(false, FIRST, LAST, uint(0), false), ByteString.NULL_VALUE);
        HistoryData data = (HistoryData) result.getHistoryData().decode(client.getStaticEncodingContext());
        return numbers(data.getDataValues());
    }

    private Modified modified() throws UaException {
        return modified(read(new ReadRawModifiedDetails(true, FIRST, LAST, uint(0), false), ByteString.NULL_VALUE));
    }

    private Modified modified(HistoryReadResult result) {
        HistoryModifiedData data =
                (HistoryModifiedData) result.getHistoryData().decode(client.getStaticEncodingContext());
        ModificationInfo[] infos = data.getModificationInfos();
        return new Modified(numbers(data.getDataValues()), infos == null ? List.of() : List.of(infos));
    }

    private HistoryReadResult read(ReadRawModifiedDetails details, ByteString point) throws UaException {
        return requireNonNull(client.historyRead(
                        details,
                        TimestampsToReturn.Source,
                        false,
                        List.of(new HistoryReadValueId(EDITABLE, null, QualifiedName.NULL_VALUE, point)))
                .getResults())[0];
    }

    private static List<Object> numbers(DataValue[] values) {
        List<Object> numbers = new ArrayList<>();
        if (values != null) {
            Stream.of(values).map(value -> value.value().value()).forEach(numbers::add);
        }
        return numbers;
    }

    private static DataValue sample(int seconds, Object value) {
        return new DataValue(new Variant(value), StatusCode.GOOD, at(seconds), null);
    }

    private static DateTime at(int seconds) {
        return new DateTime(START.plusSeconds(seconds));
    }

    private record Modified(List<Object> values, List<ModificationInfo> infos) {}
}
