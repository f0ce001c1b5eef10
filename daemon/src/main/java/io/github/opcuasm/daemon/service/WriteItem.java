package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NodeReference;
import org.jspecify.annotations.Nullable;

/**
 * One attribute to write (Part 4, 5.11.4).
 *
 * @param value as the caller gave it
 * @param type null = found out from the node
 * @param attributeId 1 to 27; 13 is Value
 * @param name of the value in messages: {@code value}, {@code items[3].value}
 */
public record WriteItem(
        NodeReference nodeId, JsonValue value, @Nullable BuiltinType type, int attributeId, String name) {}
