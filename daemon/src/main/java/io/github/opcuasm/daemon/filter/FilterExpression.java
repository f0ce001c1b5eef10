package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.Variant;
import java.util.List;

/** A where clause or a part of one. Equal expressions mean the same; {@link ExpressionText} writes them. */
sealed interface FilterExpression {

    /**
     * An operator with its operands.
     *
     * @param operands of {@code and}, {@code or}, {@code &} and {@code |} two or more
     */
    record Operation(FilterOperation operation, List<FilterExpression> operands) implements FilterExpression {
        public Operation {
            operands = List.copyOf(operands);
        }
    }

    /** What the event says. */
    record Field(EventField field) implements FilterExpression {}

    /**
     * A value.
     *
     * @param value as it is sent
     * @param text as it is written; a plain {@code 500} is of the type of what it is compared with
     */
    record Literal(Variant value, String text) implements FilterExpression {}

    /** A NodeId as a value. */
    record Node(NodeReference nodeId) implements FilterExpression {}

    /** What {@code ofType} asks for. */
    record Type(EventType type) implements FilterExpression {}
}
