package io.github.opcuasm.simulator;

import static io.github.opcuasm.simulator.SimulatedMethod.scalar;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.items.EventItem;
import org.eclipse.milo.opcua.sdk.server.model.objects.ExclusiveLimitAlarmTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;

/**
 * Alarms/HighTemperature, an ExclusiveLimitAlarmType (Part 9, 5.8.19) on Alarms/Temperature with a HighLimit of 80.
 * Its node is the event that each change of its state fires, so the NodeId of the condition is that of the event.
 * It is retained while it is active, not acknowledged or not confirmed.
 */
final class HighTemperatureAlarm {
    static final String ALARMS = "Alarms";
    static final double LIMIT = 80;

    private static final UShort SEVERITY = EventNodes.severity(800);

    private final NodeBuilder nodes;
    private final EventNodes events;
    private final NodeId notifier;
    private final UaVariableNode temperature;
    private final ExclusiveLimitAlarmTypeNode node;
    private boolean active;
    private boolean acknowledged = true;
    private boolean confirmed = true;
    private boolean confirmationWanted;

    private HighTemperatureAlarm(
            NodeBuilder nodes,
            EventNodes events,
            NodeId notifier,
            UaVariableNode temperature,
            ExclusiveLimitAlarmTypeNode node) {
        this.nodes = nodes;
        this.events = events;
        this.notifier = notifier;
        this.temperature = temperature;
        this.node = node;
    }

    static HighTemperatureAlarm addTo(NodeBuilder nodes, EventNodes events, MethodNodes methods) {
        NodeBuilder.Folder folder = nodes.folderOf(ALARMS);
        UaObjectNode object = folder.node();
        object.setEventNotifier(ubyte(1));
        object.addReference(new Reference(
                object.getNodeId(), NodeIds.HasNotifier, NodeIds.Server.expanded(), Reference.Direction.INVERSE));
        UaVariableNode temperature = folder.readOnly("Temperature", OpcUaDataType.Double, 20.0);
        ExclusiveLimitAlarmTypeNode node = new Instances(
                        nodes.context(), Set.of("HighLimit", "ConfirmedState", "Confirm"))
                .create(
                        nodes.id("Alarms/HighTemperature"),
                        NodeIds.ExclusiveLimitAlarmType,
                        ExclusiveLimitAlarmTypeNode.class);
        node.setBrowseName(nodes.name("HighTemperature"));
        node.setDisplayName(LocalizedText.english("HighTemperature"));
        object.addReference(new Reference(
                object.getNodeId(), NodeIds.HasComponent, node.getNodeId().expanded(), true));
        object.addReference(new Reference(
                object.getNodeId(),
                NodeIds.HasEventSource,
                temperature.getNodeId().expanded(),
                true));
        temperature.addReference(new Reference(
                temperature.getNodeId(), NodeIds.HasCondition, node.getNodeId().expanded(), true));
        HighTemperatureAlarm alarm = new HighTemperatureAlarm(nodes, events, object.getNodeId(), temperature, node);
        alarm.fillIn();
        SimulatedMethod acknowledge = SimulatedMethod.of(
                "Acknowledge",
                List.of(
                        scalar("EventId", OpcUaDataType.ByteString, "The event to acknowledge"),
                        scalar("Comment", OpcUaDataType.LocalizedText, "Why")),
                List.of(),
                alarm::acknowledge);
        methods.install(node.getNodeId(), NodeIds.AcknowledgeableConditionType_Acknowledge, acknowledge);
        methods.install(node.getNodeId(), nodes.id("Alarms/HighTemperature/Acknowledge"), acknowledge);
        SimulatedMethod confirm = SimulatedMethod.of(
                "Confirm",
                List.of(
                        scalar("EventId", OpcUaDataType.ByteString, "The event to confirm"),
                        scalar("Comment", OpcUaDataType.LocalizedText, "Why")),
                List.of(),
                alarm::confirm);
        methods.install(node.getNodeId(), NodeIds.AcknowledgeableConditionType_Confirm, confirm);
        methods.install(node.getNodeId(), nodes.id("Alarms/HighTemperature/Confirm"), confirm);
        return alarm;
    }

    /** The object of which the alarm is an event. */
    NodeId notifier() {
        return notifier;
    }

    synchronized ByteString activate(double value) {
        temperature.setValue(nodes.good(value));
        active = true;
        acknowledged = false;
        confirmed = true;
        return fire("The temperature is above its limit");
    }

    synchronized ByteString deactivate(double value) {
        temperature.setValue(nodes.good(value));
        active = false;
        return fire("The temperature is below its limit");
    }

    synchronized ByteString acknowledge(String comment) {
        acknowledged = true;
        confirmed = !confirmationWanted;
        node.setComment(LocalizedText.english(comment));
        return fire("Acknowledged");
    }

    synchronized void wantsConfirmation(boolean wanted) {
        confirmationWanted = wanted;
    }

    synchronized ByteString confirm(String comment) {
        confirmed = true;
        node.setComment(LocalizedText.english(comment));
        return fire("Confirmed");
    }

    /** Tells one item of the alarm as it is, if it is retained. */
    synchronized void refresh(EventItem item) {
        if (active || !acknowledged || !confirmed) {
            item.onEvent(node);
        }
    }

    private synchronized CompletableFuture<List<Variant>> acknowledge(Session session, List<Variant> arguments)
            throws UaException {
        requireLatest(arguments);
        if (acknowledged) {
            throw new UaException(StatusCodes.Bad_ConditionBranchAlreadyAcked);
        }
        acknowledge(comment(arguments));
        return CompletableFuture.completedFuture(List.of());
    }

    private synchronized CompletableFuture<List<Variant>> confirm(Session session, List<Variant> arguments)
            throws UaException {
        requireLatest(arguments);
        if (confirmed) {
            throw new UaException(StatusCodes.Bad_ConditionBranchAlreadyConfirmed);
        }
        confirm(comment(arguments));
        return CompletableFuture.completedFuture(List.of());
    }

    private void requireLatest(List<Variant> arguments) throws UaException {
        if (!node.getEventId().equals(arguments.get(0).value())) {
            throw new UaException(StatusCodes.Bad_EventIdUnknown);
        }
    }

    private static String comment(List<Variant> arguments) {
        return arguments.get(1).value() instanceof LocalizedText text && text.text() != null ? text.text() : "";
    }

    private ByteString fire(String message) {
        ByteString eventId = EventNodes.newEventId();
        node.setEventId(eventId);
        node.setTime(nodes.now());
        node.setReceiveTime(nodes.now());
        node.setMessage(LocalizedText.english(message));
        showState();
        events.fire(notifier, node);
        return eventId;
    }

    private void fillIn() {
        node.setEventId(EventNodes.newEventId());
        node.setEventType(NodeIds.ExclusiveLimitAlarmType);
        node.setSourceNode(temperature.getNodeId());
        node.setSourceName("Temperature");
        node.setTime(nodes.now());
        node.setReceiveTime(nodes.now());
        node.setMessage(LocalizedText.english("The temperature is below its limit"));
        node.setSeverity(SEVERITY);
        node.setConditionClassId(NodeIds.ProcessConditionClassType);
        node.setConditionClassName(LocalizedText.english("ProcessConditionClassType"));
        node.setConditionName("HighTemperature");
        node.setBranchId(NodeId.NULL_VALUE);
        node.setEnabledState(LocalizedText.english("Enabled"));
        node.getEnabledStateNode().setId(true);
        node.setQuality(StatusCode.GOOD);
        node.setLastSeverity(SEVERITY);
        node.setComment(LocalizedText.NULL_VALUE);
        node.setClientUserId("");
        node.setInputNode(temperature.getNodeId());
        node.setSuppressedOrShelved(false);
        node.setHighLimit(LIMIT);
        showState();
    }

    private void showState() {
        node.setActiveState(LocalizedText.english(active ? "Active" : "Inactive"));
        node.getActiveStateNode().setId(active);
        node.setAckedState(LocalizedText.english(acknowledged ? "Acknowledged" : "Unacknowledged"));
        node.getAckedStateNode().setId(acknowledged);
        node.setConfirmedState(LocalizedText.english(confirmed ? "Confirmed" : "Unconfirmed"));
        node.getConfirmedStateNode().setId(confirmed);
        node.setRetain(active || !acknowledged || !confirmed);
        node.getLimitStateNode().setCurrentState(active ? LocalizedText.english("High") : LocalizedText.NULL_VALUE);
        node.getLimitStateNode()
                .getCurrentStateNode()
                .setId(active ? NodeIds.ExclusiveLimitStateMachineType_High : NodeId.NULL_VALUE);
    }
}
