package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.util.Map;

/**
 * A node to be deleted (Part 4, 5.8.4).
 *
 * @param deleteTargetReferences whether references of other nodes to it go with it
 */
public record NodeToDelete(NodeReference nodeId, boolean deleteTargetReferences) {

    /** With the references to it. */
    public static NodeToDelete of(NodeReference nodeId) {
        return new NodeToDelete(nodeId, true);
    }

    /** As {@link #of(NodeReference)}, the node in text form. */
    public static NodeToDelete of(String nodeId) {
        return of(Nodes.parse(nodeId));
    }

    Map<String, Object> members() {
        return Map.of("nodeId", nodeId, "deleteTargetReferences", deleteTargetReferences);
    }
}
