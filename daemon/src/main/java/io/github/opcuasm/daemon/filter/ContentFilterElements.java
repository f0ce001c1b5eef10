package io.github.opcuasm.daemon.filter;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.filter.FilterExpression.Operation;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.ElementOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.LiteralOperand;

/**
 * A where clause as the list that a server takes (Part 4, 7.7.1): the first element is the whole, and what is an operand of
 * another stands behind it. Chains of {@code and}, of which an element takes two, are halved until they fit: a server that
 * evaluates them by recursion is not led deeper than the logarithm of their length.
 */
final class ContentFilterElements {
    private static final FilterExpression TRUE = new FilterExpression.Literal(
            io.github.opcuasm.protocol.type.Variant.scalar(BuiltinType.BOOLEAN, true), "true");

    /** By their index. A place is taken before those of the operands, so that they lie behind it. */
    private final List<Element> elements = new ArrayList<>();

    /**
     * One element.
     *
     * @param part what it stands for
     * @param operands literals and fields, or the index of another element
     */
    private record Element(Operation part, List<Object> operands) {}

    private ContentFilterElements() {}

    static ContentFilterElements of(FilterExpression root) {
        ContentFilterElements all = new ContentFilterElements();
        all.add(
                root instanceof Operation operation
                        ? operation
                        : new Operation(FilterOperation.EQUALS, List.of(root, TRUE)));
        return all;
    }

    ContentFilter encoded(EncodingContext context, NamespaceTable namespaces) {
        return new ContentFilter(elements.stream()
                .map(element -> new ContentFilterElement(
                        element.part().operation().wire(),
                        element.operands().stream()
                                .map(operand -> ExtensionObject.encode(context, operand(operand, namespaces)))
                                .toArray(ExtensionObject[]::new)))
                .toArray(ContentFilterElement[]::new));
    }

    private int add(Operation part) {
        int index = elements.size();
        List<Object> operands = new ArrayList<>();
        elements.add(new Element(part, operands));
        List<FilterExpression> given = part.operands();
        if (part.operation().isChained() && given.size() > 2) {
            int middle = given.size() / 2;
            operands.add(half(part, given.subList(0, middle)));
            operands.add(half(part, given.subList(middle, given.size())));
        } else {
            given.forEach(operand -> operands.add(operandOf(operand)));
        }
        return index;
    }

    private Object half(Operation chain, List<FilterExpression> some) {
        return operandOf(some.size() == 1 ? some.get(0) : new Operation(chain.operation(), some));
    }

    private Object operandOf(FilterExpression operand) {
        return operand instanceof Operation operation ? (Object) add(operation) : operand;
    }

    private static UaStructuredType operand(Object operand, NamespaceTable namespaces) {
        if (operand instanceof Integer index) {
            return new ElementOperand(uint(index));
        } else if (operand instanceof FilterExpression.Field field) {
            return field.field().operand(namespaces);
        } else if (operand instanceof FilterExpression.Literal literal) {
            return new LiteralOperand(TypeMapper.toMilo(literal.value()));
        } else if (operand instanceof FilterExpression.Node node) {
            return new LiteralOperand(new Variant(TypeMapper.toMilo(node.nodeId(), namespaces)));
        }
        return new LiteralOperand(new Variant(EventField.nodeId(((FilterExpression.Type) operand).type(), namespaces)));
    }
}
