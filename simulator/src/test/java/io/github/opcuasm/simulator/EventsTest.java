package io.github.opcuasm.simulator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaMonitoredItem;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaSubscription;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.FilterOperator;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.LiteralOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EventsTest {
    private static final NodeId NOTIFIER = Simulator.node("Events/Notifier");
    private static final NodeId MACHINE_EVENT = Simulator.node("Events/MachineEventType");
    private static final NodeId ALARM = Simulator.node("Alarms/HighTemperature");

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeEach
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterEach
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void eventsReachItemsOnTheirNotifierAndOnTheServer() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> notifier = items.add(NOTIFIER, messages());
        BlockingQueue<Variant[]> server = items.add(NodeIds.Server, messages());
        BlockingQueue<Variant[]> alarms = items.add(Simulator.node("Alarms"), messages());

        ByteString eventId = simulator.events().emit("A belt broke", 700);
        simulator.events().activateAlarm(95);

        Variant[] event = next(notifier);
        assertThat(event)
                .containsExactly(
                        new Variant(eventId),
                        new Variant(NodeIds.BaseEventType),
                        new Variant("Events/Notifier"),
                        new Variant(LocalizedText.english("A belt broke")),
                        new Variant(ushort(700)));
        assertThat(next(server)).containsExactly(event);
        assertThat(next(server)[1]).isEqualTo(new Variant(NodeIds.ExclusiveLimitAlarmType));
        assertThat(next(alarms)[1]).isEqualTo(new Variant(NodeIds.ExclusiveLimitAlarmType));
        assertThat(notifier).isEmpty();
    }

    @Test
    void ownEventTypeHasOwnFields() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> events = items.add(
                NOTIFIER,
                filter(
                        List.of(
                                field(MACHINE_EVENT, new QualifiedName(2, "Machine")),
                                field(MACHINE_EVENT, new QualifiedName(2, "Count")),
                                field(NodeIds.BaseEventType, new QualifiedName(0, "EventType"))),
                        new ContentFilter(null)));

        simulator.events().emit("Something else", 1);
        simulator.events().emitMachineEvent("Jammed", 300, "Press 4", 17);

        assertThat(next(events)).startsWith(Variant.NULL_VALUE, Variant.NULL_VALUE);
        assertThat(next(events))
                .containsExactly(new Variant("Press 4"), new Variant(uint(17)), new Variant(MACHINE_EVENT));
    }

    @Test
    void whereClauseSelectsTypes() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> machines = items.add(NodeIds.Server, ofType(MACHINE_EVENT));
        BlockingQueue<Variant[]> conditions = items.add(NodeIds.Server, ofType(NodeIds.ConditionType));

        simulator.events().emit("Neither", 1);
        simulator.events().emitMachineEvent("Machine", 1, "Press 4", 1);
        simulator.events().activateAlarm(95);

        assertThat(next(machines)[0]).isEqualTo(new Variant(LocalizedText.english("Machine")));
        assertThat(next(conditions)[0])
                .isEqualTo(new Variant(LocalizedText.english("The temperature is above its limit")));
        assertThat(machines).isEmpty();
        assertThat(conditions).isEmpty();
    }

    @Test
    void methodRaisesEvents() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> events = items.add(NOTIFIER, messages());

        CallMethodResult raised = raise("From afar", 5);
        CallMethodResult refused = raise("Too severe", 1_001);

        assertThat(raised.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(next(events)[0]).isEqualTo(raised.getOutputArguments()[0]);
        assertThat(refused.getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(refused.getInputArgumentResults())
                .containsExactly(StatusCode.GOOD, new StatusCode(StatusCodes.Bad_OutOfRange));
        assertThat(events).isEmpty();
    }

    @Test
    void alarmTellsEachChangeOfItsState() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> states = items.add(NodeIds.Server, conditions());

        simulator.events().activateAlarm(95);
        simulator.events().deactivateAlarm(60);
        simulator.events().acknowledgeAlarm("Seen");

        assertThat(next(states)).containsExactly(state(true, false, true));
        assertThat(next(states)).containsExactly(state(false, false, true));
        assertThat(next(states)).containsExactly(state(false, true, false));
        assertThat(TestClients.readNow(client, "Alarms/Temperature").value().value())
                .isEqualTo(60.0);
        assertThat(TestClients.readNow(client, "Alarms/HighTemperature/Comment")
                        .value()
                        .value())
                .isEqualTo(LocalizedText.english("Seen"));
    }

    @Test
    void clientsAcknowledgeTheLatestEventOnce() throws Exception {
        simulator.events().activateAlarm(95);
        ByteString eventId = simulator.events().activateAlarm(96);

        CallMethodResult unknown = acknowledge(ByteString.of(new byte[] {1}));
        CallMethodResult first = acknowledge(eventId);
        Object acknowledged = TestClients.readNow(client, "Alarms/HighTemperature/EventId")
                .value()
                .value();
        assertThat(acknowledged).isInstanceOf(ByteString.class);
        CallMethodResult second = acknowledge((ByteString) requireNonNull(acknowledged));

        assertThat(unknown.getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_EventIdUnknown);
        assertThat(first.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(second.getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_ConditionBranchAlreadyAcked);
        assertThat(TestClients.readNow(client, "Alarms/HighTemperature/AckedState/Id")
                        .value()
                        .value())
                .isEqualTo(true);
    }

    @Test
    void eventsHaveTheTypeSourceAndSeverityThatWasAskedFor() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> events = items.add(NOTIFIER, messages());

        ByteString eventId = simulator.events().emit(NodeIds.SystemEventType, "Boiler", "Too hot", 777);

        assertThat(next(events))
                .containsExactly(
                        new Variant(eventId),
                        new Variant(NodeIds.SystemEventType),
                        new Variant("Boiler"),
                        new Variant(LocalizedText.english("Too hot")),
                        new Variant(ushort(777)));
    }

    // Part 9, 5.7.2: a condition may want to be confirmed after it was acknowledged.
    @Test
    void anAlarmThatWantsConfirmationIsRetainedUntilThen() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> states = items.add(NodeIds.Server, conditions());
        simulator.events().alarmWantsConfirmation(true);
        simulator.events().activateAlarm(95);
        simulator.events().deactivateAlarm(60);
        ByteString eventId = simulator.events().acknowledgeAlarm("Seen");

        CallMethodResult first = confirm(ByteString.of(new byte[] {1}));
        CallMethodResult second = confirm(eventId);

        assertThat(first.getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_EventIdUnknown);
        assertThat(second.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(next(states)).containsExactly(state(true, false, true));
        assertThat(next(states)).containsExactly(state(false, false, true));
        assertThat(next(states)).containsExactly(state(false, true, true));
        assertThat(next(states)).containsExactly(state(false, true, false));
        assertThat(TestClients.readNow(client, "Alarms/HighTemperature/ConfirmedState/Id")
                        .value()
                        .value())
                .isEqualTo(true);
        simulator.events().confirmAlarm("Again");
        assertThat(next(states)).containsExactly(state(false, true, false));
    }

    // Part 9, 5.5.7: between start and end come the retained conditions, to this subscription only.
    @Test
    void refreshTellsRetainedConditions() throws Exception {
        simulator.events().activateAlarm(95);
        Items items = new Items();
        Items others = new Items();
        BlockingQueue<Variant[]> refreshed = items.add(NodeIds.Server, messages());
        BlockingQueue<Variant[]> other = others.add(NodeIds.Server, messages());

        CallMethodResult result = call(
                NodeIds.ConditionType,
                NodeIds.ConditionType_ConditionRefresh,
                new Variant(items.subscription.getSubscriptionId().orElseThrow()));

        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(next(refreshed)[1]).isEqualTo(new Variant(NodeIds.RefreshStartEventType));
        assertThat(next(refreshed)[1]).isEqualTo(new Variant(NodeIds.ExclusiveLimitAlarmType));
        assertThat(next(refreshed)[1]).isEqualTo(new Variant(NodeIds.RefreshEndEventType));
        simulator.events().emit("The first", 1);
        assertThat(next(other)[3]).isEqualTo(new Variant(LocalizedText.english("The first")));
    }

    // Milo by itself delivers once more after each modification.
    @Test
    void modifiedItemsGetEachEventOnce() throws Exception {
        Items items = new Items();
        BlockingQueue<Variant[]> events = items.add(NodeIds.Server, messages());
        items.subscription.getMonitoredItems().get(0).setQueueSize(uint(50));
        items.subscription.synchronizeMonitoredItems();

        simulator.events().emit("One", 1);
        simulator.events().emit("Two", 1);

        assertThat(next(events)[3]).isEqualTo(new Variant(LocalizedText.english("One")));
        assertThat(next(events)[3]).isEqualTo(new Variant(LocalizedText.english("Two")));
    }

    @Test
    void impossibleEventsAreRefused() {
        assertThatThrownBy(() -> simulator.events().emit("x", 0)).isInstanceOf(IllegalArgumentException.class);
        simulator.stop();
        assertThatThrownBy(() -> simulator.events().emit("x", 1)).isInstanceOf(IllegalStateException.class);
    }

    private CallMethodResult raise(String message, int severity) throws UaException {
        return call(
                Simulator.node("Methods"),
                Simulator.node("Methods/RaiseEvent"),
                new Variant(message),
                new Variant(ushort(severity)));
    }

    private CallMethodResult acknowledge(ByteString eventId) throws UaException {
        return call(
                ALARM,
                NodeIds.AcknowledgeableConditionType_Acknowledge,
                new Variant(eventId),
                new Variant(LocalizedText.english("Seen")));
    }

    private CallMethodResult confirm(ByteString eventId) throws UaException {
        return call(
                ALARM,
                NodeIds.AcknowledgeableConditionType_Confirm,
                new Variant(eventId),
                new Variant(LocalizedText.english("Done")));
    }

    private CallMethodResult call(NodeId objectId, NodeId methodId, Variant... arguments) throws UaException {
        return client.call(List.of(new CallMethodRequest(objectId, methodId, arguments)))
                .getResults()[0];
    }

    private static Variant[] next(BlockingQueue<Variant[]> events) throws InterruptedException {
        Variant[] event = events.poll(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(event).as("an event").isNotNull();
        return event;
    }

    private static Variant[] state(boolean active, boolean acknowledged, boolean retain) {
        return new Variant[] {
            new Variant(ALARM),
            new Variant("HighTemperature"),
            new Variant(active),
            new Variant(acknowledged),
            new Variant(retain)
        };
    }

    private static EventFilter messages() {
        return filter(
                Stream.of("EventId", "EventType", "SourceName", "Message", "Severity")
                        .map(name -> field(NodeIds.BaseEventType, new QualifiedName(0, name)))
                        .toList(),
                new ContentFilter(null));
    }

    private EventFilter ofType(NodeId type) {
        ExtensionObject operand =
                ExtensionObject.encode(client.getStaticEncodingContext(), new LiteralOperand(new Variant(type)));
        return filter(
                List.of(field(NodeIds.BaseEventType, new QualifiedName(0, "Message"))),
                new ContentFilter(new ContentFilterElement[] {
                    new ContentFilterElement(FilterOperator.OfType, new ExtensionObject[] {operand})
                }));
    }

    // Part 9, 5.5.2.13: the condition's id is the NodeId attribute of the condition itself.
    private EventFilter conditions() {
        return filter(
                List.of(
                        new SimpleAttributeOperand(
                                NodeIds.ConditionType, new QualifiedName[0], AttributeId.NodeId.uid(), null),
                        field(NodeIds.ConditionType, new QualifiedName(0, "ConditionName")),
                        field(
                                NodeIds.AlarmConditionType,
                                new QualifiedName(0, "ActiveState"),
                                new QualifiedName(0, "Id")),
                        field(
                                NodeIds.AcknowledgeableConditionType,
                                new QualifiedName(0, "AckedState"),
                                new QualifiedName(0, "Id")),
                        field(NodeIds.ConditionType, new QualifiedName(0, "Retain"))),
                new ContentFilter(null));
    }

    private static EventFilter filter(List<SimpleAttributeOperand> select, ContentFilter where) {
        return new EventFilter(select.toArray(SimpleAttributeOperand[]::new), where);
    }

    private static SimpleAttributeOperand field(NodeId type, QualifiedName... path) {
        return new SimpleAttributeOperand(type, path, AttributeId.Value.uid(), null);
    }

    /** Event items of one subscription. */
    private final class Items {
        private final OpcUaSubscription subscription = new OpcUaSubscription(client, 20.0);

        private Items() throws UaException {
            subscription.create();
        }

        BlockingQueue<Variant[]> add(NodeId notifier, EventFilter filter) throws Exception {
            BlockingQueue<Variant[]> received = new LinkedBlockingQueue<>();
            OpcUaMonitoredItem item = OpcUaMonitoredItem.newEventItem(notifier, filter);
            item.setQueueSize(uint(100));
            item.setEventValueListener((from, values) -> received.add(values));
            subscription.addMonitoredItem(item);
            subscription.synchronizeMonitoredItems();
            return received;
        }
    }
}
