package io.github.opcuasm.simulator;

import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.FilterOperator;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.ElementOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.LiteralOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.jspecify.annotations.Nullable;

/**
 * The where clause of a read of stored events (Part 4, 7.7), with every basic operator but Cast; Milo knows neither
 * And, Or, Like, Between nor InList. It is a tree over its elements, of which each names only later ones.
 *
 * <p>Logic has three values: what compares a null, or values that do not compare, is neither true nor false, and an
 * event passes only if the first element is true.
 */
final class EventConditions {
    private static final Set<FilterOperator> SUPPORTED =
            EnumSet.complementOf(EnumSet.of(FilterOperator.Cast, FilterOperator.InView, FilterOperator.RelatedTo));

    private static final Object[] NOTHING = {};

    private final OpcUaServer server;
    private final BiFunction<HistoricalEvent, SimpleAttributeOperand, Variant> fields;
    private final FilterOperator[] operators;
    private final Object[][] operands;

    /** @throws UaException if the clause cannot be evaluated, with the code of what is wrong with it */
    EventConditions(
            OpcUaServer server,
            @Nullable ContentFilter clause,
            BiFunction<HistoricalEvent, SimpleAttributeOperand, Variant> fields)
            throws UaException {
        ContentFilterElement[] elements = clause == null ? null : clause.getElements();
        int count = elements == null ? 0 : elements.length;
        this.server = server;
        this.fields = fields;
        this.operators = new FilterOperator[count];
        this.operands = new Object[count][];
        for (int i = 0; i < count; i++) {
            ContentFilterElement element = Objects.requireNonNull(elements)[i];
            if (element.getFilterOperator() == null || !SUPPORTED.contains(element.getFilterOperator())) {
                throw new UaException(StatusCodes.Bad_FilterOperatorUnsupported);
            }
            operators[i] = element.getFilterOperator();
            operands[i] = operandsOf(element, i, count);
            if (operands[i].length < fewestOperands(operators[i])) {
                throw new UaException(StatusCodes.Bad_FilterOperandCountMismatch);
            }
        }
    }

    boolean hold(HistoricalEvent event) {
        return operators.length == 0 || Boolean.TRUE.equals(evaluate(0, event));
    }

    private Object[] operandsOf(ContentFilterElement element, int index, int count) throws UaException {
        ExtensionObject[] encoded = element.getFilterOperands();
        Object[] decoded = encoded == null ? NOTHING : new Object[encoded.length];
        for (int i = 0; i < decoded.length; i++) {
            try {
                decoded[i] = Objects.requireNonNull(encoded)[i].decode(server.getStaticEncodingContext());
            } catch (UaSerializationException | NullPointerException e) {
                throw new UaException(StatusCodes.Bad_FilterOperandInvalid, e);
            }
            boolean known = decoded[i] instanceof LiteralOperand
                    || decoded[i] instanceof SimpleAttributeOperand
                    || (decoded[i] instanceof ElementOperand later
                            && later.getIndex().longValue() > index
                            && later.getIndex().longValue() < count);
            if (!known) {
                throw new UaException(StatusCodes.Bad_FilterOperandInvalid);
            }
        }
        return decoded;
    }

    private static int fewestOperands(FilterOperator operator) {
        return switch (operator) {
            case IsNull, Not, OfType -> 1;
            case Between -> 3;
            default -> 2;
        };
    }

    private @Nullable Object evaluate(int index, HistoricalEvent event) {
        FilterOperator operator = operators[index];
        Object first = value(index, 0, event);
        return switch (operator) {
            case IsNull -> first == null;
            case Not -> first instanceof Boolean flag ? !flag : null;
            case OfType -> first instanceof NodeId type && EventQuery.isA(server, event.type(), type);
            case And -> and(first, value(index, 1, event));
            case Or -> or(first, value(index, 1, event));
            case Equals -> equal(first, value(index, 1, event));
            case GreaterThan -> ordered(first, value(index, 1, event), order -> order > 0);
            case GreaterThanOrEqual -> ordered(first, value(index, 1, event), order -> order >= 0);
            case LessThan -> ordered(first, value(index, 1, event), order -> order < 0);
            case LessThanOrEqual -> ordered(first, value(index, 1, event), order -> order <= 0);
            case Between ->
                and(
                        ordered(first, value(index, 1, event), order -> order >= 0),
                        ordered(first, value(index, 2, event), order -> order <= 0));
            case InList -> inList(index, first, event);
            case Like -> like(first, value(index, 1, event));
            case BitwiseAnd -> bits(first, value(index, 1, event), true);
            case BitwiseOr -> bits(first, value(index, 1, event), false);
            default -> null;
        };
    }

    private @Nullable Object value(int index, int operand, HistoricalEvent event) {
        Object of = operands[index][operand];
        Object value;
        if (of instanceof LiteralOperand literal) {
            value = literal.getValue().value();
        } else if (of instanceof SimpleAttributeOperand attribute) {
            value = fields.apply(event, attribute).value();
        } else {
            value = evaluate(((ElementOperand) of).getIndex().intValue(), event);
        }
        return value instanceof LocalizedText text ? text.text() : value;
    }

    private @Nullable Boolean inList(int index, @Nullable Object wanted, HistoricalEvent event) {
        Boolean found = false;
        for (int i = 1; i < operands[index].length; i++) {
            found = or(found, equal(wanted, value(index, i, event)));
        }
        return found;
    }

    private static @Nullable Boolean and(@Nullable Object one, @Nullable Object other) {
        if (Boolean.FALSE.equals(one) || Boolean.FALSE.equals(other)) {
            return false;
        }
        return (one instanceof Boolean && other instanceof Boolean) ? true : null;
    }

    private static @Nullable Boolean or(@Nullable Object one, @Nullable Object other) {
        if (Boolean.TRUE.equals(one) || Boolean.TRUE.equals(other)) {
            return true;
        }
        return (one instanceof Boolean && other instanceof Boolean) ? false : null;
    }

    private static @Nullable Boolean equal(@Nullable Object one, @Nullable Object other) {
        if (one == null || other == null) {
            return null;
        }
        Boolean ordered = ordered(one, other, order -> order == 0);
        return ordered != null ? ordered : one.equals(other);
    }

    private static @Nullable Boolean ordered(@Nullable Object one, @Nullable Object other, IntPredicate order) {
        if (one instanceof DateTime time && other instanceof DateTime otherTime) {
            return order.test(Long.compare(time.utcTime(), otherTime.utcTime()));
        }
        if (one instanceof String text && other instanceof String otherText) {
            return order.test(text.compareTo(otherText));
        }
        BigDecimal number = number(one);
        BigDecimal otherNumber = number(other);
        return (number == null || otherNumber == null) ? null : order.test(number.compareTo(otherNumber));
    }

    /** A number, or the text of one (Part 4, 7.7.3 converts strings); no NaN and no infinity. */
    private static @Nullable BigDecimal number(@Nullable Object value) {
        if (!(value instanceof Number) && !(value instanceof String)) {
            return null;
        }
        try {
            return new BigDecimal(value.toString());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable Long bits(@Nullable Object one, @Nullable Object other, boolean and) {
        if (!(one instanceof Number number) || !(other instanceof Number mask)) {
            return null;
        }
        return and ? number.longValue() & mask.longValue() : number.longValue() | mask.longValue();
    }

    private static @Nullable Boolean like(@Nullable Object text, @Nullable Object pattern) {
        if (!(text instanceof String string) || !(pattern instanceof String like)) {
            return null;
        }
        try {
            return Pattern.compile(regex(like), Pattern.DOTALL).matcher(string).matches();
        } catch (PatternSyntaxException e) {
            return null;
        }
    }

    /** Part 4, table 119: % is any text, _ one character, [] and [^] one of a list, \ takes a meaning away. */
    private static String regex(String like) {
        StringBuilder regex = new StringBuilder();
        boolean listed = false;
        for (int i = 0; i < like.length(); i++) {
            char sign = like.charAt(i);
            if (sign == '\\' && i + 1 < like.length()) {
                regex.append(quoted(like.charAt(++i)));
            } else if (listed) {
                listed = sign != ']';
                boolean meant = sign == ']' || sign == '-' || (sign == '^' && like.charAt(i - 1) == '[');
                regex.append(meant ? String.valueOf(sign) : quoted(sign));
            } else if (sign == '[' && like.indexOf(']', i) > 0) {
                listed = true;
                regex.append('[');
            } else {
                regex.append(sign == '%' ? ".*" : sign == '_' ? "." : quoted(sign));
            }
        }
        return regex.toString();
    }

    private static String quoted(char sign) {
        return Character.isLetterOrDigit(sign) || Character.isSurrogate(sign) || Character.isWhitespace(sign)
                ? String.valueOf(sign)
                : "\\" + sign;
    }
}
