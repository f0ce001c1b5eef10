package io.github.opcuasm.simulator;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEventFieldList;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateEventDetails;
import org.jspecify.annotations.Nullable;

/**
 * Updates of stored events (Part 11, 6.9.4 and 6.9.7). The select clauses name the fields of which each event has
 * values: EventType and Time in any case, EventId to replace one. An event is replaced as a whole. Fields that its
 * type does not have are left out, which is Good_DataIgnored.
 */
final class EventUpdates {
    private static final int HISTORY_WRITE = 8;

    private static final Map<String, Class<?>> TYPES = Map.of(
            "EventId", ByteString.class,
            "EventType", NodeId.class,
            "SourceNode", NodeId.class,
            "SourceName", String.class,
            "Time", DateTime.class,
            "ReceiveTime", DateTime.class,
            "Message", LocalizedText.class,
            "Severity", UShort.class);

    private final OpcUaServer server;
    private final SimulatorNamespace namespace;
    private final HistoryNodes history;

    EventUpdates(OpcUaServer server, SimulatorNamespace namespace, HistoryNodes history) {
        this.server = server;
        this.namespace = namespace;
        this.history = history;
    }

    List<Long> put(UpdateEventDetails details) throws UaException {
        EventHistory events = writable(details.getNodeId());
        PerformUpdateType how = HistoryUpdates.checked(details.getPerformInsertReplace());
        HistoryEventFieldList[] rows = HistoryUpdates.given(details.getEventData());
        List<List<QualifiedName>> fields = fields(details.getFilter(), how);
        Predicate<HistoricalEvent> replaceable = replaceable(details.getFilter(), how);
        return Stream.of(rows)
                .map(row -> put(events, fields, row.getEventFields(), how, replaceable))
                .toList();
    }

    /** Bad_NoData if none of the events exists, Bad_EventIdUnknown for those that do not if others do. */
    List<Long> delete(DeleteEventDetails details) throws UaException {
        EventHistory events = writable(details.getNodeId());
        List<Long> results = Stream.of(HistoryUpdates.given(details.getEventIds()))
                .map(id -> events.delete(id) ? StatusCodes.Good : StatusCodes.Bad_EventIdUnknown)
                .toList();
        if (!results.contains(StatusCodes.Good)) {
            throw new UaException(StatusCodes.Bad_NoData);
        }
        return results;
    }

    private List<List<QualifiedName>> fields(@Nullable EventFilter filter, PerformUpdateType how) throws UaException {
        SimpleAttributeOperand[] clauses = filter == null ? null : filter.getSelectClauses();
        if (clauses == null || clauses.length == 0) {
            throw new UaException(StatusCodes.Bad_ArgumentsMissing);
        }
        for (SimpleAttributeOperand clause : clauses) {
            if (!AttributeId.Value.uid().equals(clause.getAttributeId())) {
                throw new UaException(StatusCodes.Bad_EventFilterInvalid);
            }
        }
        List<List<QualifiedName>> fields =
                Arrays.stream(clauses).map(EventQuery::pathOf).toList();
        boolean complete = fields.contains(HistoricalEvent.EVENT_TYPE)
                && fields.contains(HistoricalEvent.TIME)
                && (how != PerformUpdateType.Replace || fields.contains(HistoricalEvent.EVENT_ID));
        if (!complete) {
            throw new UaException(StatusCodes.Bad_ArgumentsMissing);
        }
        return fields;
    }

    /** A where clause says which events may be replaced; there is nothing for it to say of new ones. */
    private Predicate<HistoricalEvent> replaceable(EventFilter filter, PerformUpdateType how) throws UaException {
        ContentFilter where = filter.getWhereClause();
        boolean any = where == null || where.getElements() == null || where.getElements().length == 0;
        if (any) {
            return event -> true;
        }
        if (how != PerformUpdateType.Replace) {
            throw new UaException(StatusCodes.Bad_InvalidArgument);
        }
        return new EventQuery(server, filter)::matches;
    }

    private long put(
            EventHistory events,
            List<List<QualifiedName>> fields,
            Variant @Nullable [] values,
            PerformUpdateType how,
            Predicate<HistoricalEvent> replaceable) {
        if (values == null || values.length != fields.size()) {
            return StatusCodes.Bad_InvalidArgument;
        }
        Map<List<QualifiedName>, Variant> given = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            if (!hasItsType(fields.get(i), values[i])) {
                return StatusCodes.Bad_TypeMismatch;
            }
            given.put(fields.get(i), values[i]);
        }
        if (!(valueOf(given, HistoricalEvent.EVENT_TYPE) instanceof NodeId type)
                || valueOf(given, HistoricalEvent.TIME) == null) {
            return StatusCodes.Bad_ArgumentsMissing;
        }
        if (!EventQuery.isA(server, type, NodeIds.BaseEventType)) {
            return StatusCodes.Bad_TypeDefinitionInvalid;
        }
        if (!(valueOf(given, HistoricalEvent.EVENT_ID) instanceof ByteString id) || id.isNull()) {
            if (how == PerformUpdateType.Replace) {
                return StatusCodes.Bad_ArgumentsMissing;
            }
            given.put(HistoricalEvent.EVENT_ID, new Variant(EventNodes.newEventId()));
        }
        boolean ignored = given.keySet().removeIf(path -> !hasField(type, path));
        long status = events.put(new HistoricalEvent(given), how, replaceable);
        return ignored && status >> 31 == 0 ? StatusCodes.Good_DataIgnored : status;
    }

    private static boolean hasItsType(List<QualifiedName> path, Variant value) {
        Class<?> type = path.size() == 1 && path.get(0).namespaceIndex().intValue() == 0
                ? TYPES.get(path.get(0).name())
                : null;
        return type == null || value.value() == null || type.isInstance(value.value());
    }

    private static @Nullable Object valueOf(Map<List<QualifiedName>, Variant> given, List<QualifiedName> path) {
        return given.getOrDefault(path, Variant.NULL_VALUE).value();
    }

    /** Whether a type or one above it has components or properties of these names, one below the other. */
    private boolean hasField(NodeId type, List<QualifiedName> path) {
        NodeId at = type;
        while (at != null) {
            UaNode node = server.getAddressSpaceManager().getManagedNode(at).orElse(null);
            if (node == null) {
                return false;
            }
            if (!path.isEmpty() && leadsOn(node, path)) {
                return true;
            }
            at = server.getAddressSpaceManager().getManagedReferences(at).stream()
                    .filter(Reference.SUBTYPE_OF)
                    .flatMap(reference -> reference.getTargetNodeId().toNodeId(server.getNamespaceTable()).stream())
                    .findFirst()
                    .orElse(null);
        }
        return false;
    }

    private boolean leadsOn(UaNode node, List<QualifiedName> path) {
        if (path.isEmpty()) {
            return true;
        }
        return server.getAddressSpaceManager().getManagedReferences(node.getNodeId()).stream()
                .filter(reference -> reference.isForward() && isPart(reference.getReferenceTypeId()))
                .flatMap(reference -> reference.getTargetNodeId().toNodeId(server.getNamespaceTable()).stream())
                .flatMap(target -> server.getAddressSpaceManager().getManagedNode(target).stream())
                .anyMatch(part ->
                        part.getBrowseName().equals(path.get(0)) && leadsOn(part, path.subList(1, path.size())));
    }

    private static boolean isPart(NodeId referenceType) {
        return referenceType.equals(NodeIds.HasProperty) || referenceType.equals(NodeIds.HasComponent);
    }

    private EventHistory writable(NodeId nodeId) throws UaException {
        UaNode found = namespace.find(nodeId);
        if (found == null) {
            throw new UaException(StatusCodes.Bad_NodeIdUnknown);
        }
        EventHistory events = history.events(nodeId);
        if (events == null || !(found instanceof UaObjectNode object)) {
            throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
        }
        if ((object.getEventNotifier().intValue() & HISTORY_WRITE) == 0) {
            throw new UaException(StatusCodes.Bad_UserAccessDenied);
        }
        return events;
    }
}
