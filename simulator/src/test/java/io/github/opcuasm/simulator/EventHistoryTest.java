package io.github.opcuasm.simulator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.FilterOperator;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ElementOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEvent;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEventFieldList;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.LiteralOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateEventDetails;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Times are seconds relative to the start; stored event n was at n - 10 and has the severity 100 * (n + 1). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EventHistoryTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final NodeId HISTORY = Simulator.node("Events/History");
    private static final ContentFilter ALL = new ContentFilter(null);
    private static final List<String> ID = List.of("EventId");
    private static final List<String> WRITTEN = List.of("EventId", "EventType", "Time", "Message");

    private final Simulator simulator =
            Simulator.builder().clock(InstantSource.fixed(START)).build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    /** What tests insert is after the start. */
    @AfterEach
    void forget() throws Exception {
        simulator.limits().reset();
        ByteString[] inserted = rows(read(at(0), at(1_000), 0, ID, ALL)).stream()
                .map(row -> (ByteString) row.get(0))
                .toArray(ByteString[]::new);
        if (inserted.length > 0) {
            update(new DeleteEventDetails(HISTORY, inserted));
        }
        assertThat(rows(read(at(-20), at(1_000), 0, ID, ALL))).hasSize(10);
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void storedEventsAreReadWithTheFieldsOfTheSelectClauses() throws Exception {
        List<List<Object>> rows = rows(read(
                at(-3), at(0), 0, List.of("Time", "Severity", "SourceName", "EventType", "Message", "Missing"), ALL));

        assertThat(rows).hasSize(3);
        assertThat(rows.get(0))
                .containsExactly(
                        at(-3),
                        ushort(800),
                        "Events/History",
                        NodeIds.BaseEventType,
                        LocalizedText.english("Event 7"),
                        null);
    }

    @Test
    void eventsAreReadBackwardsAndByNumber() throws Exception {
        assertThat(times(read(at(-8), at(-10), 0, List.of("Time"), ALL))).containsExactly(at(-8), at(-9));
        assertThat(times(read(at(-4), null, 2, List.of("Time"), ALL))).containsExactly(at(-4), at(-3));
        assertThat(times(read(null, at(-4), 2, List.of("Time"), ALL))).containsExactly(at(-4), at(-5));
        assertThat(read(null, null, 2, List.of("Time"), ALL).getStatusCode().getValue())
                .isEqualTo(StatusCodes.Bad_HistoryOperationInvalid);
    }

    @Test
    void eventsComeInPages() throws Exception {
        simulator.limits().maxHistoryValuesPerNode(6);
        ReadEventDetails all = details(at(-10), at(0), 0, List.of("Time"), ALL);

        HistoryReadResult first = read(all, ByteString.NULL_VALUE);
        HistoryReadResult second = read(all, first.getContinuationPoint());

        assertThat(times(first)).hasSize(6);
        assertThat(times(second)).containsExactly(at(-4), at(-3), at(-2), at(-1));
        assertThat(second.getContinuationPoint().isNull()).isTrue();
    }

    @Test
    void whereClausesChooseEvents() throws Exception {
        assertThat(severities(element(FilterOperator.GreaterThanOrEqual, field("Severity"), literal(900))))
                .containsExactly(900, 1_000);
        assertThat(severities(element(FilterOperator.Between, field("Severity"), literal(250), literal(400L))))
                .containsExactly(300, 400);
        assertThat(severities(element(FilterOperator.InList, field("Severity"), literal("100"), literal(700))))
                .containsExactly(100, 700);
        assertThat(severities(element(FilterOperator.Like, field("Message"), literal("E%t [37]"))))
                .containsExactly(400, 800);
        assertThat(severities(element(FilterOperator.Equals, field("Time"), literal(at(-10)))))
                .containsExactly(100);
        assertThat(severities(element(FilterOperator.OfType, literal(NodeIds.SystemEventType))))
                .isEmpty();
        assertThat(severities(element(FilterOperator.IsNull, field("Missing")))).hasSize(10);
        assertThat(severities(
                        element(FilterOperator.Or, later(1), later(2)),
                        element(FilterOperator.LessThan, field("Severity"), literal(200)),
                        element(FilterOperator.And, later(3), later(4)),
                        element(FilterOperator.GreaterThan, field("Severity"), literal(800)),
                        element(FilterOperator.Not, later(5)),
                        element(FilterOperator.Equals, field("Severity"), literal(900.0))))
                .containsExactly(100, 1_000);
    }

    // Part 4, 7.7.4.2: an element names later ones only, so that there are no circles.
    @Test
    void wrongFiltersAreRefused() throws Exception {
        assertWhereRefused(
                StatusCodes.Bad_FilterOperatorUnsupported, element(FilterOperator.RelatedTo, literal(1), literal(1)));
        assertWhereRefused(StatusCodes.Bad_FilterOperandInvalid, element(FilterOperator.Not, later(0)));
        assertWhereRefused(StatusCodes.Bad_FilterOperandCountMismatch, element(FilterOperator.Equals, literal(1)));
        assertThat(read(at(-10), at(0), 0, List.of(), ALL).getStatusCode().getValue())
                .isEqualTo(StatusCodes.Bad_EventFilterInvalid);
    }

    @Test
    void eventsAreInsertedReplacedAndUpdated() throws Exception {
        assertThat(put(PerformUpdateType.Insert, WRITTEN, List.of(event("a", 1, "one"), event("a", 1, "again"))))
                .containsExactly(StatusCodes.Good, StatusCodes.Bad_EntryExists);
        assertThat(put(PerformUpdateType.Replace, WRITTEN, List.of(event("a", 2, "two"), event("b", 2, "two"))))
                .containsExactly(StatusCodes.Good, StatusCodes.Bad_NoEntryExists);
        assertThat(put(PerformUpdateType.Update, WRITTEN, List.of(event("a", 3, "three"), event("c", 4, "four"))))
                .containsExactly(StatusCodes.Good_EntryReplaced, StatusCodes.Good_EntryInserted);

        assertThat(rows(read(at(0), at(10), 0, List.of("Time", "Message"), ALL)))
                .containsExactly(
                        List.of(at(3), LocalizedText.english("three")), List.of(at(4), LocalizedText.english("four")));
    }

    @Test
    void insertedEventsWithoutAnIdGetOne() throws Exception {
        List<Object> row = Arrays.asList(null, NodeIds.BaseEventType, at(1), LocalizedText.english("new"));

        assertThat(put(PerformUpdateType.Insert, WRITTEN, List.of(row, row)))
                .containsExactly(StatusCodes.Good, StatusCodes.Good);

        assertThat(rows(read(at(0), at(10), 0, ID, ALL))).hasSize(2).doesNotHaveDuplicates();
    }

    // Part 11, 6.9.4.2.
    @Test
    void eventsNeedTypeAndTimeAndFieldsOfTheirType() throws Exception {
        Object id = ByteString.of(new byte[] {1});
        List<String> fields = List.of("EventId", "EventType", "Time", "Machine");

        assertThat(put(
                        PerformUpdateType.Insert,
                        fields,
                        List.of(
                                Arrays.asList(id, NodeIds.BaseEventType, null, null),
                                List.of(id, NodeIds.Server, at(1), "press"),
                                List.of(id, NodeIds.BaseEventType, "now", "press"),
                                List.of(id, NodeIds.BaseEventType, at(1), "press"))))
                .containsExactly(
                        StatusCodes.Bad_ArgumentsMissing,
                        StatusCodes.Bad_TypeDefinitionInvalid,
                        StatusCodes.Bad_TypeMismatch,
                        StatusCodes.Good_DataIgnored);
        assertRefused(
                StatusCodes.Bad_ArgumentsMissing,
                updating(
                        PerformUpdateType.Insert,
                        List.of("EventId", "EventType"),
                        List.of(List.of(id, NodeIds.Server))));
        assertRefused(
                StatusCodes.Bad_ArgumentsMissing,
                updating(
                        PerformUpdateType.Replace,
                        List.of("EventType", "Time"),
                        List.of(List.of(NodeIds.BaseEventType, at(1)))));
        assertRefused(
                StatusCodes.Bad_InvalidArgument,
                updating(PerformUpdateType.Remove, WRITTEN, List.of(event("a", 1, "one"))));
        assertRefused(StatusCodes.Bad_InvalidArgument, updating(PerformUpdateType.Insert, WRITTEN, List.of()));
    }

    @Test
    void fieldsOfOtherTypesAreStoredWithThem() throws Exception {
        SimpleAttributeOperand machine = new SimpleAttributeOperand(
                Simulator.node("Events/MachineEventType"),
                new QualifiedName[] {new QualifiedName(2, "Machine")},
                AttributeId.Value.uid(),
                null);
        SimpleAttributeOperand[] clauses = {select("EventType"), select("Time"), machine};
        Variant[] row = Stream.of(Simulator.node("Events/MachineEventType"), at(1), "press")
                .map(Variant::new)
                .toArray(Variant[]::new);

        HistoryUpdateResult inserted = update(new UpdateEventDetails(
                HISTORY, PerformUpdateType.Insert, new EventFilter(clauses, ALL), new HistoryEventFieldList[] {
                    new HistoryEventFieldList(row)
                }));
        HistoryReadResult read = read(
                new ReadEventDetails(
                        uint(0), at(-1), at(10), new EventFilter(new SimpleAttributeOperand[] {machine}, ALL)),
                ByteString.NULL_VALUE);

        assertThat(operations(inserted)).containsExactly(StatusCodes.Good);
        assertThat(rows(read)).containsExactly(Arrays.asList((Object) null), List.of("press"));
    }

    // Part 11, 6.9.7.2.
    @Test
    void eventsAreDeletedByTheirIds() throws Exception {
        put(PerformUpdateType.Insert, WRITTEN, List.of(event("a", 1, "one")));

        HistoryUpdateResult some = update(new DeleteEventDetails(HISTORY, new ByteString[] {id("a"), id("b")}));

        assertThat(operations(some)).containsExactly(StatusCodes.Good, StatusCodes.Bad_EventIdUnknown);
        assertThat(rows(read(at(0), at(10), 0, ID, ALL))).isEmpty();
        assertRefused(StatusCodes.Bad_NoData, new DeleteEventDetails(HISTORY, new ByteString[] {id("a")}));
    }

    @Test
    void notifiersWithoutHistorySaySo() throws Exception {
        for (Map.Entry<String, Long> refused : Map.of(
                        "Events/Notifier", StatusCodes.Bad_HistoryOperationUnsupported,
                        "History/Editable", StatusCodes.Bad_HistoryOperationUnsupported,
                        "Events/Missing", StatusCodes.Bad_NodeIdUnknown)
                .entrySet()) {
            NodeId nodeId = Simulator.node(refused.getKey());
            HistoryReadResult read =
                    read(nodeId, details(at(-10), at(0), 0, List.of("Time"), ALL), ByteString.NULL_VALUE);

            assertThat(read.getStatusCode().getValue()).isEqualTo(refused.getValue());
            assertRefused(refused.getValue(), new DeleteEventDetails(nodeId, new ByteString[] {id("a")}));
        }
    }

    @Test
    void attributesTellThatThereIsAHistory() throws Exception {
        Object notifier = client.read(
                        0,
                        TimestampsToReturn.Neither,
                        List.of(new ReadValueId(
                                HISTORY, AttributeId.EventNotifier.uid(), null, QualifiedName.NULL_VALUE)))
                .getResults()[0]
                .value()
                .value();
        Object filter = TestClients.readNow(client, "Events/History/HistoricalEventFilter")
                .value()
                .value();

        assertThat(notifier).isEqualTo(ubyte(13));
        assertThat(((ExtensionObject) requireNonNull(filter)).decode(client.getStaticEncodingContext()))
                .isInstanceOf(EventFilter.class);
    }

    @Test
    void storeIsBounded() {
        EventHistory store = new EventHistory();
        for (int i = 0; i < EventHistory.MAX_EVENTS; i++) {
            assertThat(insert(store, "event " + i)).isEqualTo(StatusCodes.Good);
        }

        assertThat(insert(store, "one more")).isEqualTo(StatusCodes.Bad_ResourceUnavailable);
    }

    private static long insert(EventHistory store, String id) {
        HistoricalEvent event = new HistoricalEvent(Map.of(
                HistoricalEvent.EVENT_ID, new Variant(id(id)),
                HistoricalEvent.EVENT_TYPE, new Variant(NodeIds.BaseEventType),
                HistoricalEvent.TIME, new Variant(at(1))));
        return store.put(event, PerformUpdateType.Insert, replaced -> true);
    }

    private void assertWhereRefused(long status, ContentFilterElement... where) throws UaException {
        HistoryReadResult result = read(at(-10), at(0), 0, List.of("Time"), new ContentFilter(where));

        assertThat(result.getStatusCode().getValue()).isEqualTo(status);
    }

    private void assertRefused(long status, HistoryUpdateDetails details) throws UaException {
        HistoryUpdateResult result = update(details);

        assertThat(result.getStatusCode().getValue()).isEqualTo(status);
        assertThat(operations(result)).isEmpty();
    }

    private List<Long> put(PerformUpdateType how, List<String> fields, List<List<Object>> rows) throws UaException {
        HistoryUpdateResult result = update(updating(how, fields, rows));

        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        return operations(result);
    }

    private static UpdateEventDetails updating(PerformUpdateType how, List<String> fields, List<List<Object>> rows) {
        return new UpdateEventDetails(
                HISTORY,
                how,
                filter(fields, ALL),
                rows.stream()
                        .map(row -> new HistoryEventFieldList(
                                row.stream().map(Variant::new).toArray(Variant[]::new)))
                        .toArray(HistoryEventFieldList[]::new));
    }

    private HistoryUpdateResult update(HistoryUpdateDetails details) throws UaException {
        return requireNonNull(client.historyUpdate(List.of(details)).getResults())[0];
    }

    private static List<Long> operations(HistoryUpdateResult result) {
        StatusCode[] operations = result.getOperationResults();
        return operations == null
                ? List.of()
                : Stream.of(operations).map(StatusCode::getValue).toList();
    }

    private List<Integer> severities(ContentFilterElement... where) throws UaException {
        return rows(read(at(-10), at(0), 0, List.of("Severity"), new ContentFilter(where))).stream()
                .map(row -> ((Number) row.get(0)).intValue())
                .toList();
    }

    private List<Object> times(HistoryReadResult result) {
        return rows(result).stream().map(row -> row.get(0)).toList();
    }

    private List<List<Object>> rows(HistoryReadResult result) {
        HistoryEvent events = (HistoryEvent) result.getHistoryData().decode(client.getStaticEncodingContext());
        HistoryEventFieldList[] rows = events.getEvents();
        return rows == null
                ? List.of()
                : Stream.of(rows)
                        .map(row -> Stream.of(requireNonNull(row.getEventFields()))
                                .map(Variant::value)
                                .toList())
                        .toList();
    }

    private HistoryReadResult read(
            @Nullable DateTime start, @Nullable DateTime end, int number, List<String> fields, ContentFilter where)
            throws UaException {
        return read(details(start, end, number, fields, where), ByteString.NULL_VALUE);
    }

    private HistoryReadResult read(ReadEventDetails details, ByteString point) throws UaException {
        return read(HISTORY, details, point);
    }

    private HistoryReadResult read(NodeId nodeId, ReadEventDetails details, ByteString point) throws UaException {
        return requireNonNull(client.historyRead(
                        details,
                        TimestampsToReturn.Both,
                        false,
                        List.of(new HistoryReadValueId(nodeId, null, QualifiedName.NULL_VALUE, point)))
                .getResults())[0];
    }

    private static ReadEventDetails details(
            @Nullable DateTime start, @Nullable DateTime end, int number, List<String> fields, ContentFilter where) {
        return new ReadEventDetails(
                uint(number),
                start == null ? DateTime.NULL_VALUE : start,
                end == null ? DateTime.NULL_VALUE : end,
                filter(fields, where));
    }

    private static EventFilter filter(List<String> fields, ContentFilter where) {
        return new EventFilter(
                fields.stream().map(EventHistoryTest::select).toArray(SimpleAttributeOperand[]::new), where);
    }

    private static SimpleAttributeOperand select(String field) {
        return new SimpleAttributeOperand(
                NodeIds.BaseEventType,
                new QualifiedName[] {new QualifiedName(0, field)},
                AttributeId.Value.uid(),
                null);
    }

    private ContentFilterElement element(FilterOperator operator, UaStructuredType... operands) {
        return new ContentFilterElement(
                operator,
                Stream.of(operands)
                        .map(operand -> ExtensionObject.encode(client.getStaticEncodingContext(), operand))
                        .toArray(ExtensionObject[]::new));
    }

    private static UaStructuredType field(String name) {
        return select(name);
    }

    private static UaStructuredType literal(Object value) {
        return new LiteralOperand(new Variant(value));
    }

    private static UaStructuredType later(int index) {
        return new ElementOperand(uint(index));
    }

    private static List<Object> event(String id, int seconds, String message) {
        return List.of(id(id), NodeIds.BaseEventType, at(seconds), LocalizedText.english(message));
    }

    private static ByteString id(String id) {
        return ByteString.of(id.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static DateTime at(int seconds) {
        return new DateTime(START.plusSeconds(seconds));
    }
}
