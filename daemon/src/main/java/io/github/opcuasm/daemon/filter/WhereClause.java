package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.daemon.filter.FilterExpression.Operation;
import io.github.opcuasm.protocol.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.jspecify.annotations.Nullable;

/**
 * Which events are reported (docs/filters.md), as {@code Severity >= 500 and ofType(AlarmConditionType)}. Immutable; two
 * are equal if they are written alike but for blanks, case of keywords and needless parentheses.
 */
public final class WhereClause {
    private final FilterExpression root;

    private WhereClause(FilterExpression root) {
        this.root = root;
    }

    /**
     * Reads one.
     *
     * @param name of the parameter, for messages
     * @throws CommandException {@code invalid_argument}, saying at which character (the first is 1) what was expected
     */
    public static WhereClause parse(String text, String name) {
        return new WhereClause(WhereParser.parse(text, name));
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return ExpressionText.of(root);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WhereClause where && root.equals(where.root);
    }

    @Override
    public int hashCode() {
        return root.hashCode();
    }

    /** Every type that it names. */
    public void eachType(Consumer<EventType> types) {
        eachType(root, types);
    }

    /** The same with each type as {@code known} says it. */
    public WhereClause withTypes(UnaryOperator<EventType> known) {
        return new WhereClause(withTypes(root, known));
    }

    /** As it is sent; all its types have been looked for. */
    public ContentFilter encoded(EncodingContext context, NamespaceTable namespaces) {
        return ContentFilterElements.of(root).encoded(context, namespaces);
    }

    private static void eachType(FilterExpression expression, Consumer<EventType> types) {
        if (expression instanceof Operation operation) {
            operation.operands().forEach(operand -> eachType(operand, types));
        } else if (expression instanceof FilterExpression.Type type) {
            types.accept(type.type());
        } else if (expression instanceof FilterExpression.Field field) {
            EventType type = field.field().type();
            if (type != null) {
                types.accept(type);
            }
        }
    }

    private static FilterExpression withTypes(FilterExpression expression, UnaryOperator<EventType> known) {
        if (expression instanceof Operation operation) {
            List<FilterExpression> operands =
                    new ArrayList<>(operation.operands().size());
            operation.operands().forEach(operand -> operands.add(withTypes(operand, known)));
            return new Operation(operation.operation(), operands);
        } else if (expression instanceof FilterExpression.Type type) {
            return new FilterExpression.Type(known.apply(type.type()));
        } else if (expression instanceof FilterExpression.Field field) {
            return new FilterExpression.Field(field.field().withType(known));
        }
        return expression;
    }
}
