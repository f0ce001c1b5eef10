package io.github.opcuasm.daemon.filter;

import org.eclipse.milo.opcua.stack.core.types.enumerated.FilterOperator;

/**
 * The operators that where clauses of events may have (Part 4, 7.7.3), as text writes them. There is no operator for
 * "not equal": text's {@code !=} is {@code not} of {@code =}.
 */
enum FilterOperation {
    EQUALS("=", FilterOperator.Equals, true),
    LESS_THAN("<", FilterOperator.LessThan, true),
    LESS_THAN_OR_EQUAL("<=", FilterOperator.LessThanOrEqual, true),
    GREATER_THAN(">", FilterOperator.GreaterThan, true),
    GREATER_THAN_OR_EQUAL(">=", FilterOperator.GreaterThanOrEqual, true),
    LIKE("like", FilterOperator.Like, true),
    BETWEEN("between", FilterOperator.Between, true),
    IN_LIST("in", FilterOperator.InList, true),
    IS_NULL("is null", FilterOperator.IsNull, true),
    NOT("not", FilterOperator.Not, true),
    AND("and", FilterOperator.And, true),
    OR("or", FilterOperator.Or, true),
    OF_TYPE("ofType", FilterOperator.OfType, true),
    CAST("cast", FilterOperator.Cast, false),
    BITWISE_AND("&", FilterOperator.BitwiseAnd, false),
    BITWISE_OR("|", FilterOperator.BitwiseOr, false);

    private final String sign;
    private final FilterOperator wire;
    private final boolean isCondition;

    FilterOperation(String sign, FilterOperator wire, boolean isCondition) {
        this.sign = sign;
        this.wire = wire;
        this.isCondition = isCondition;
    }

    String sign() {
        return sign;
    }

    FilterOperator wire() {
        return wire;
    }

    /** Whether its result is true or false. */
    boolean isCondition() {
        return isCondition;
    }

    /** Whether it takes two operands, and text any number of them, from left to right. */
    boolean isChained() {
        return this == AND || this == OR || this == BITWISE_AND || this == BITWISE_OR;
    }
}
