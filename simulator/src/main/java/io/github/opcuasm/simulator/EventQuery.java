package io.github.opcuasm.simulator;

import java.util.Arrays;
import java.util.List;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.events.EventContentFilter;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.jspecify.annotations.Nullable;

/** Which stored events a read wants, and which of their fields (Part 4, 7.22.3). */
final class EventQuery {
    private final OpcUaServer server;
    private final SimpleAttributeOperand[] fields;
    private final EventConditions conditions;

    /** @throws UaException Bad_EventFilterInvalid or, for its where clause, a code that says more */
    EventQuery(OpcUaServer server, @Nullable EventFilter filter) throws UaException {
        SimpleAttributeOperand[] clauses = filter == null ? null : filter.getSelectClauses();
        if (filter == null || clauses == null || clauses.length == 0) {
            throw new UaException(StatusCodes.Bad_EventFilterInvalid);
        }
        this.server = server;
        this.fields = clauses;
        this.conditions = new EventConditions(server, filter.getWhereClause(), this::valueOf);
    }

    boolean matches(HistoricalEvent event) {
        return conditions.hold(event);
    }

    /** The values of the select clauses. */
    Variant[] select(HistoricalEvent event) {
        return Arrays.stream(fields).map(field -> valueOf(event, field)).toArray(Variant[]::new);
    }

    /** The names that lead to a field. */
    static List<QualifiedName> pathOf(SimpleAttributeOperand operand) {
        QualifiedName[] path = operand.getBrowsePath();
        return path == null ? List.of() : List.of(path);
    }

    /** Whether a type of events is another one or below it. */
    static boolean isA(OpcUaServer server, NodeId type, NodeId other) {
        return type.equals(other) || EventContentFilter.subtypeOf(type, other, server);
    }

    private Variant valueOf(HistoricalEvent event, SimpleAttributeOperand operand) {
        NodeId type = operand.getTypeDefinitionId();
        boolean ofType =
                type == null || type.isNull() || type.equals(NodeIds.BaseEventType) || isA(server, event.type(), type);
        return ofType && AttributeId.Value.uid().equals(operand.getAttributeId())
                ? event.field(pathOf(operand))
                : Variant.NULL_VALUE;
    }
}
