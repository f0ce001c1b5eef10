package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.datatype.ValueType;
import io.github.opcuasm.protocol.type.BuiltinType;
import org.jspecify.annotations.Nullable;

/**
 * What a variable takes.
 *
 * @param type of the Variant
 * @param declared the variable's data type; null if the caller gave a built-in type, which the server shall judge
 * @param valueRank as Part 3, 5.6.2: -3 scalar or one dimension, -2 any, -1 scalar, 0 one or more dimensions, n &gt; 0
 *     that many
 */
record WriteType(BuiltinType type, @Nullable ValueType declared, int valueRank) {
    static final int ANY_RANK = -2;
}
