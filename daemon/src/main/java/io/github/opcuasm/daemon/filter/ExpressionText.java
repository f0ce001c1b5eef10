package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.daemon.filter.FilterExpression.Operation;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.util.List;

/** Expressions as {@link WhereParser} reads them, with parentheses only where their operands would bind otherwise. */
final class ExpressionText {
    private static final int OR = 1;
    private static final int AND = 2;
    private static final int NOT = 3;
    private static final int COMPARISON = 4;
    private static final int BITWISE_OR = 5;
    private static final int BITWISE_AND = 6;
    private static final int OPERAND = 7;

    private ExpressionText() {}

    static String of(FilterExpression expression) {
        if (expression instanceof Operation operation) {
            return operation(operation);
        } else if (expression instanceof FilterExpression.Field field) {
            return field.field().text();
        } else if (expression instanceof FilterExpression.Literal literal) {
            return literal.text();
        } else if (expression instanceof FilterExpression.Node node) {
            return FieldText.nodeId(node.nodeId());
        }
        return ((FilterExpression.Type) expression).type().text();
    }

    private static String operation(Operation operation) {
        List<FilterExpression> operands = operation.operands();
        String sign = operation.operation().sign();
        return switch (operation.operation()) {
            case EQUALS, LESS_THAN, LESS_THAN_OR_EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL, LIKE ->
                compared(operands.get(0)) + " " + sign + " " + compared(operands.get(1));
            case BETWEEN ->
                compared(operands.get(0)) + " between " + compared(operands.get(1)) + " and "
                        + compared(operands.get(2));
            case IN_LIST ->
                compared(operands.get(0)) + " in ("
                        + String.join(
                                ", ",
                                operands.stream()
                                        .skip(1)
                                        .map(ExpressionText::compared)
                                        .toList())
                        + ")";
            case IS_NULL -> compared(operands.get(0)) + " is null";
            case NOT -> "not " + within(operands.get(0), NOT);
            case OF_TYPE -> "ofType(" + of(operands.get(0)) + ")";
            case CAST -> "cast(" + of(operands.get(0)) + " as " + dataType(operands.get(1)) + ")";
            case AND, OR, BITWISE_AND, BITWISE_OR -> {
                int level = level(operation) + 1;
                yield String.join(
                        " " + sign + " ",
                        operands.stream().map(operand -> within(operand, level)).toList());
            }
        };
    }

    private static String compared(FilterExpression operand) {
        return within(operand, BITWISE_OR);
    }

    private static String within(FilterExpression operand, int level) {
        return level(operand) < level ? "(" + of(operand) + ")" : of(operand);
    }

    private static int level(FilterExpression expression) {
        if (!(expression instanceof Operation operation)) {
            return OPERAND;
        }
        return switch (operation.operation()) {
            case OR -> OR;
            case AND -> AND;
            case NOT -> NOT;
            case BITWISE_OR -> BITWISE_OR;
            case BITWISE_AND -> BITWISE_AND;
            case OF_TYPE, CAST -> OPERAND;
            default -> COMPARISON;
        };
    }

    private static String dataType(FilterExpression type) {
        BuiltinType builtin = WhereParser.builtinType(type);
        return builtin == null ? of(type) : builtin.displayName();
    }
}
