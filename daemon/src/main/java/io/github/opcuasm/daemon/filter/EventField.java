package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.List;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.jspecify.annotations.Nullable;

/**
 * A field of events: browse names from the event type to the field (Part 4, 7.7.4.5). Events that do not have the field get
 * a null for it.
 *
 * @param type events of other types, and not of its subtypes, get a null; null = any event has it that has such a path
 * @param path {@code ConditionId} alone stands for the NodeId of the condition itself, which has no browse name (Part 9,
 *     5.5.2); empty for the event itself
 * @param attributeId 13 is the value
 */
public record EventField(@Nullable EventType type, List<QualifiedName> path, int attributeId) {
    static final int VALUE = 13;
    static final int MAX_DEPTH = 16;

    private static final int NODE_ID = 1;
    private static final List<QualifiedName> CONDITION_ID = List.of(new QualifiedName(0, "ConditionId"));

    public EventField {
        path = List.copyOf(path);
    }

    /** A field of BaseEventType. */
    public static EventField standard(String name) {
        return new EventField(null, List.of(new QualifiedName(0, name)), VALUE);
    }

    /**
     * Reads {@code Severity}, {@code 2:Batch/2:Line 1}, {@code AlarmConditionType::ActiveState/Id},
     * {@code i=2782::@NodeId} or {@code Prompt@DisplayName}: names in namespace 0 unless an index stands before them, one
     * behind the other; before them the type that defines the field, and behind them an attribute other than the value.
     * Names with one of these signs stand in double quotes.
     *
     * @param name of the parameter, for messages
     * @throws CommandException {@code invalid_argument} or {@code InvalidNodeIdException}
     */
    public static EventField parse(String text, String name) {
        return FieldText.parse(text, name);
    }

    boolean isValue() {
        return attributeId == VALUE;
    }

    /** As {@link #parse} and where clauses read it. */
    public String text() {
        return FieldText.print(this);
    }

    /** The same with its type as {@code known} says it. */
    public EventField withType(UnaryOperator<EventType> known) {
        return type == null ? this : new EventField(known.apply(type), path, attributeId);
    }

    /**
     * As it is sent.
     *
     * @throws CommandException {@code InvalidNodeIdException} if the server does not have the type's namespace
     */
    public SimpleAttributeOperand operand(NamespaceTable namespaces) {
        if (type == null && path.equals(CONDITION_ID)) {
            return operand(NodeIds.ConditionType, List.of(), NODE_ID);
        }
        return operand(type == null ? NodeIds.BaseEventType : nodeId(type, namespaces), path, attributeId);
    }

    static NodeId nodeId(EventType type, NamespaceTable namespaces) {
        if (type instanceof EventType.Known known) {
            return TypeMapper.toMilo(known.nodeId(), namespaces);
        }
        throw new IllegalStateException("The type " + type.text() + " was not looked for before the filter was sent");
    }

    private static SimpleAttributeOperand operand(NodeId type, List<QualifiedName> path, int attributeId) {
        return new SimpleAttributeOperand(
                type,
                path.stream()
                        .map(TypeMapper::toMilo)
                        .toArray(org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName[]::new),
                AttributeId.from(attributeId).orElseThrow().uid(),
                null);
    }
}
