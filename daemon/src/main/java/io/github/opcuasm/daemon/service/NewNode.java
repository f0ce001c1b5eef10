package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node to add (Part 4, 5.8.2).
 *
 * @param requestedNewNodeId null = the server chooses
 * @param typeDefinition of an Object or Variable; null for all others
 * @param attributes what is sent of those that its class has
 * @param specified which of them the server shall take; of all others it takes what the type definition says, or chooses
 */
public record NewNode(
        NodeReference parentNodeId,
        NodeReference referenceTypeId,
        @Nullable NodeReference requestedNewNodeId,
        QualifiedName browseName,
        NodeClass nodeClass,
        @Nullable NodeReference typeDefinition,
        Map<NodeAttribute, Object> attributes,
        Set<NodeAttribute> specified) {
    public NewNode {
        specified = Set.copyOf(specified);
        Map<NodeAttribute, Object> copy = new EnumMap<>(NodeAttribute.class);
        copy.putAll(attributes);
        attributes = Collections.unmodifiableMap(copy);
    }
}
