package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a value must be to fit a variable or an argument.
 *
 * @param builtin null if it is not known, or may be any
 * @param valueRank -1 a scalar, 1 and more that many dimensions, 0 one or more, -2 anything, -3 a scalar or one dimension
 *     (Part 3, 5.6.2)
 * @param dataType the NodeId of the data type; null if it is not known
 * @param names of an enumeration's numbers; empty if it is none
 */
record ValueType(
        @Nullable BuiltinType builtin,
        int valueRank,
        @Nullable JsonValue dataType,
        Map<BigInteger, String> names) {
    static final int ANY_RANK = -2;
    static final int SCALAR = -1;

    static ValueType of(@Nullable BuiltinType builtin) {
        return new ValueType(builtin, ANY_RANK, null, Map.of());
    }

    boolean isArray() {
        return valueRank >= 0;
    }

    boolean isScalar() {
        return valueRank == SCALAR;
    }

    /** What people call it: {@code Double}, {@code Int32[]}. */
    String shown() {
        String name = builtin != null && names.isEmpty()
                ? builtin.displayName()
                : dataType == null ? "any type" : Shown.nodeId(dataType);
        return name + (isArray() ? "[]" : "");
    }
}
