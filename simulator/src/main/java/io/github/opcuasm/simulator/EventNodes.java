package io.github.opcuasm.simulator;

import static io.github.opcuasm.simulator.SimulatedMethod.scalar;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.core.QualifiedProperty;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.items.EventItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.methods.InvalidArgumentException;
import org.eclipse.milo.opcua.sdk.server.model.objects.BaseEventTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectTypeNode;
import org.eclipse.milo.opcua.sdk.server.subscriptions.Subscription;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;

/**
 * The nodes that notify of events, and the way of an event to the items that want it.
 *
 * <p>An event node lives while it is fired, since items evaluate their filters against nodes; the alarm's node
 * lives as long as the server. An event goes to every enabled event item on its notifier and on the Server object,
 * found in the subscriptions at that moment: Milo's own list of listeners takes an item once more at each
 * ModifyMonitoredItems and misses those that were created disabled.
 */
final class EventNodes {
    static final String EVENTS = "Events";
    static final String NOTIFIER = "Events/Notifier";
    static final String MACHINE_EVENT = "Events/MachineEventType";

    private static final int SUBSCRIBE_TO_EVENTS = 1;
    private static final int HISTORY_READ = 4;
    private static final int HISTORY_WRITE = 8;
    private static final int MAX_SEVERITY = 1_000;
    private static final QualifiedProperty<String> MACHINE = new QualifiedProperty<>(
            Simulator.NAMESPACE_URI, "Machine", NodeIds.String.expanded(), ValueRanks.Scalar, String.class);
    private static final QualifiedProperty<UInteger> COUNT = new QualifiedProperty<>(
            Simulator.NAMESPACE_URI, "Count", NodeIds.UInt32.expanded(), ValueRanks.Scalar, UInteger.class);

    private final OpcUaServer server;
    private final NodeBuilder nodes;
    private final NodeId notifier;
    private final NodeId machineEvent;
    private final HighTemperatureAlarm alarm;

    EventNodes(
            OpcUaServer server,
            NodeBuilder nodes,
            MethodNodes methods,
            UaObjectNode methodsObject,
            HistoryNodes history) {
        this.server = server;
        this.nodes = nodes;
        this.notifier = addNotifier(history);
        this.machineEvent = addMachineEventType();
        this.alarm = HighTemperatureAlarm.addTo(nodes, this, methods);
        methods.add(
                nodes,
                methodsObject,
                SimulatedMethod.of(
                        "RaiseEvent",
                        List.of(
                                scalar("Message", OpcUaDataType.String, "The event's message"),
                                scalar("Severity", OpcUaDataType.UInt16, "1 to 1000")),
                        List.of(scalar("EventId", OpcUaDataType.ByteString, "The event's id")),
                        this::raise));
        methods.install(
                NodeIds.ConditionType,
                NodeIds.ConditionType_ConditionRefresh,
                SimulatedMethod.of(
                        "ConditionRefresh",
                        List.of(scalar("SubscriptionId", OpcUaDataType.UInt32, "")),
                        List.of(),
                        this::refresh));
    }

    HighTemperatureAlarm alarm() {
        return alarm;
    }

    ByteString emit(String message, int severity) {
        return emit(notifier, NodeIds.BaseEventType, message, severity, event -> {});
    }

    ByteString emitMachineEvent(String message, int severity, String machine, int count) {
        return emit(notifier, machineEvent, message, severity, event -> {
            event.setProperty(MACHINE, machine);
            event.setProperty(COUNT, uint(count));
        });
    }

    ByteString emit(NodeId type, String sourceName, String message, int severity) {
        return emit(notifier, type, message, severity, event -> event.setSourceName(sourceName));
    }

    static UShort severity(int severity) {
        if (severity < 1 || severity > MAX_SEVERITY) {
            throw new IllegalArgumentException("A severity is between 1 and 1000, was " + severity);
        }
        return ushort(severity);
    }

    static ByteString newEventId() {
        UUID id = UUID.randomUUID();
        return ByteString.of(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array());
    }

    /** Hands an event to the items on this notifier and on the Server object. */
    void fire(NodeId source, BaseEventTypeNode event) {
        server.getSubscriptions().values().stream()
                .flatMap(EventNodes::eventItems)
                .filter(item -> {
                    NodeId monitored = item.getReadValueId().getNodeId();
                    return monitored.equals(source) || monitored.equals(NodeIds.Server);
                })
                .forEach(item -> item.onEvent(event));
    }

    private ByteString emit(
            NodeId source, NodeId type, String message, int severity, Consumer<BaseEventTypeNode> fields) {
        UShort checked = severity(severity);
        BaseEventTypeNode event = create(type, source, message, checked);
        try {
            fields.accept(event);
            fire(source, event);
            return event.getEventId();
        } finally {
            event.delete();
        }
    }

    private BaseEventTypeNode create(NodeId type, NodeId source, String message, UShort severity) {
        try {
            BaseEventTypeNode event = server.getEventFactory().createEvent(new NodeId(1, UUID.randomUUID()), type);
            event.setBrowseName(new QualifiedName(1, "Event"));
            event.setDisplayName(LocalizedText.english("Event"));
            event.setEventId(newEventId());
            event.setEventType(type);
            event.setSourceNode(source);
            event.setSourceName(source.getIdentifier().toString());
            event.setTime(nodes.now());
            event.setReceiveTime(nodes.now());
            event.setMessage(LocalizedText.english(message));
            event.setSeverity(severity);
            return event;
        } catch (UaException e) {
            throw new IllegalStateException("No event of " + type.toParseableString() + " can be made", e);
        }
    }

    private CompletableFuture<List<Variant>> raise(Session session, List<Variant> arguments) throws UaException {
        int severity = ((UShort) Objects.requireNonNull(arguments.get(1).value())).intValue();
        if (severity < 1 || severity > MAX_SEVERITY) {
            throw new InvalidArgumentException(
                    new StatusCode[] {StatusCode.GOOD, new StatusCode(StatusCodes.Bad_OutOfRange)});
        }
        Object message = arguments.get(0).value();
        return CompletableFuture.completedFuture(
                List.of(new Variant(emit(message == null ? "" : message.toString(), severity))));
    }

    /** Tells the items of one subscription of the conditions that are retained (Part 9, 5.5.7). */
    private CompletableFuture<List<Variant>> refresh(Session session, List<Variant> arguments) throws UaException {
        UInteger id = (UInteger) Objects.requireNonNull(arguments.get(0).value());
        Subscription subscription = session.getSubscriptionManager().getSubscription(id);
        if (subscription == null) {
            throw new UaException(StatusCodes.Bad_SubscriptionIdInvalid);
        }
        List<EventItem> items = eventItems(subscription).toList();
        BaseEventTypeNode start = create(NodeIds.RefreshStartEventType, NodeIds.Server, "Refresh starts", severity(1));
        BaseEventTypeNode end = create(NodeIds.RefreshEndEventType, NodeIds.Server, "Refresh ends", severity(1));
        try {
            items.forEach(item -> item.onEvent(start));
            items.stream()
                    .filter(item -> {
                        NodeId monitored = item.getReadValueId().getNodeId();
                        return monitored.equals(alarm.notifier()) || monitored.equals(NodeIds.Server);
                    })
                    .forEach(alarm::refresh);
            items.forEach(item -> item.onEvent(end));
        } finally {
            start.delete();
            end.delete();
        }
        return CompletableFuture.completedFuture(List.of());
    }

    private static Stream<EventItem> eventItems(Subscription subscription) {
        List<? extends MonitoredItem> items;
        synchronized (subscription) { // The lock under which Milo changes the map that it hands out.
            items = List.copyOf(subscription.getMonitoredItems().values());
        }
        return items.stream()
                .filter(item -> item instanceof EventItem && item.isSamplingEnabled())
                .map(EventItem.class::cast);
    }

    private NodeId addNotifier(HistoryNodes history) {
        NodeBuilder.Folder folder = nodes.folderOf(EVENTS);
        UaObjectNode object = folder.object("Notifier", ubyte(SUBSCRIBE_TO_EVENTS));
        UaObjectNode storing = folder.object("History", ubyte(SUBSCRIBE_TO_EVENTS | HISTORY_READ | HISTORY_WRITE));
        for (UaObjectNode source : List.of(object, storing)) {
            source.addReference(new Reference(
                    source.getNodeId(), NodeIds.HasNotifier, NodeIds.Server.expanded(), Reference.Direction.INVERSE));
        }
        history.addEventsOf(nodes, storing);
        return object.getNodeId();
    }

    private NodeId addMachineEventType() {
        UaObjectTypeNode type = new UaObjectTypeNode(
                nodes.context(),
                nodes.id(MACHINE_EVENT),
                nodes.name("MachineEventType"),
                LocalizedText.english("MachineEventType"),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                false);
        nodes.context().getNodeManager().addNode((UaNode) type);
        type.addReference(new Reference(
                type.getNodeId(), NodeIds.HasSubtype, NodeIds.BaseEventType.expanded(), Reference.Direction.INVERSE));
        for (UaNode field : List.of(
                nodes.property(type, nodes.name("Machine"), NodeIds.String, ""),
                nodes.property(type, nodes.name("Count"), NodeIds.UInt32, UInteger.MIN))) {
            field.addReference(new Reference(
                    field.getNodeId(),
                    NodeIds.HasModellingRule,
                    NodeIds.ModellingRule_Mandatory.expanded(),
                    Reference.Direction.FORWARD));
        }
        server.getObjectTypeManager()
                .registerObjectType(type.getNodeId(), BaseEventTypeNode.class, BaseEventTypeNode::new);
        return type.getNodeId();
    }
}
