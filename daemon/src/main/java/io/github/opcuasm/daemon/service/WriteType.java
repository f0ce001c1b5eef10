package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.BuiltinType;

/**
 * What a variable takes.
 *
 * @param valueRank as Part 3, 5.6.2: -3 scalar or one dimension, -2 any, -1 scalar, 0 one or more dimensions, n &gt; 0
 *     that many
 */
record WriteType(BuiltinType type, int valueRank) {}
