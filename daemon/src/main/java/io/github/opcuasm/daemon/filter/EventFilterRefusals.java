package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.FilterOperator;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElementResult;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFilterResult;
import org.eclipse.milo.opcua.stack.core.types.structured.LiteralOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server says against parts of an event filter (Part 4, 7.22.3). It may do so and grant the item all the same: some
 * servers then send nulls for the fields that they do not know, others send no event at all.
 */
public final class EventFilterRefusals {
    private static final Logger LOG = LoggerFactory.getLogger(EventFilterRefusals.class);

    /** A reader needs no more to see what is wrong. */
    private static final int MAX_MESSAGES = 20;

    private static final int MAX_LENGTH = 200;

    private final List<String> messages = new ArrayList<>();

    private EventFilterRefusals() {}

    /**
     * The parts that were refused, each with its status; operands that are conditions of their own show as {@code …}.
     *
     * @param filter as it was sent; anything but an EventFilter has no parts
     * @param result of the item; anything but an EventFilterResult says nothing
     * @return empty if nothing was refused
     */
    public static List<String> of(@Nullable ExtensionObject filter, @Nullable ExtensionObject result) {
        EventFilterRefusals refusals = new EventFilterRefusals();
        if (decoded(result) instanceof EventFilterResult answer && decoded(filter) instanceof EventFilter asked) {
            refusals.addFields(asked, answer);
            refusals.addWhere(asked, answer);
        }
        return List.copyOf(refusals.messages);
    }

    private static @Nullable Object decoded(@Nullable ExtensionObject body) {
        try {
            return body == null || body.isNull() ? null : body.decode(DefaultEncodingContext.INSTANCE);
        } catch (RuntimeException e) {
            LOG.debug("A filter's result cannot be read: {}", e.toString());
            return null;
        }
    }

    private void addFields(EventFilter asked, EventFilterResult answer) {
        var fields = asked.getSelectClauses();
        var results = answer.getSelectClauseResults();
        for (int i = 0; fields != null && results != null && i < Math.min(fields.length, results.length); i++) {
            add("selectFields[" + i + "]: " + text(fields[i]), results[i]);
        }
    }

    private void addWhere(EventFilter asked, EventFilterResult answer) {
        ContentFilterElement[] elements = asked.getWhereClause().getElements();
        ContentFilterElementResult[] results = answer.getWhereClauseResult() == null
                ? null
                : answer.getWhereClauseResult().getElementResults();
        for (int i = 0; elements != null && results != null && i < Math.min(elements.length, results.length); i++) {
            if (results[i] != null) {
                addElement(elements[i], results[i]);
            }
        }
    }

    private void addElement(ContentFilterElement element, ContentFilterElementResult result) {
        List<String> operands = Arrays.stream(Objects.requireNonNull(element.getFilterOperands()))
                .map(operand -> text(decoded(operand)))
                .toList();
        add("where: " + text(element.getFilterOperator(), operands), result.getStatusCode());
        var statuses = result.getOperandStatusCodes();
        for (int i = 0; statuses != null && i < Math.min(operands.size(), statuses.length); i++) {
            add("where: " + operands.get(i), statuses[i]);
        }
    }

    private static String text(FilterOperator operator, List<String> operands) {
        String sign = Arrays.stream(FilterOperation.values())
                .filter(operation -> operation.wire() == operator)
                .map(FilterOperation::sign)
                .findFirst()
                .orElse(operator.name());
        return switch (operator) {
            case Not -> sign + " " + operands.get(0);
            case IsNull -> operands.get(0) + " " + sign;
            case OfType, Cast -> sign + "(" + String.join(", ", operands) + ")";
            case Between -> operands.get(0) + " " + sign + " " + operands.get(1) + " and " + operands.get(2);
            case InList -> operands.get(0) + " in (" + String.join(", ", operands.subList(1, operands.size())) + ")";
            default -> String.join(" " + sign + " ", operands);
        };
    }

    private static String text(@Nullable Object operand) {
        if (operand instanceof SimpleAttributeOperand field) {
            var path = field.getBrowsePath();
            String names = path == null
                    ? ""
                    : String.join(
                            "/",
                            Arrays.stream(path)
                                    .map(name -> FieldText.step(TypeMapper.toWire(name)))
                                    .toList());
            int attribute = field.getAttributeId().intValue();
            return attribute == EventField.VALUE
                    ? names
                    : names + "@" + AttributeId.from(attribute).map(Enum::name).orElse("?");
        }
        if (operand instanceof LiteralOperand literal) {
            Object value = literal.getValue().value();
            return value instanceof String string
                    ? FieldText.quoted(string)
                    : value instanceof NodeId nodeId ? nodeId.toParseableString() : String.valueOf(value);
        }
        return "…";
    }

    private void add(String part, org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable StatusCode given) {
        StatusCode status = given == null ? StatusCode.GOOD : TypeMapper.toWire(given);
        if (status.isBad() && messages.size() < MAX_MESSAGES) {
            messages.add(
                    (part.length() <= MAX_LENGTH ? part : part.substring(0, MAX_LENGTH - 1) + "…") + ": " + status);
        }
    }
}
