package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reference to be added (Part 4, 5.8.3).
 *
 * @param isForward from the source to the target; else the other way round
 * @param targetServerUri of the server that has the target; null = this one
 * @param targetNodeClass what the target is; the server compares
 */
public record ReferenceToAdd(
        NodeReference sourceNodeId,
        NodeReference referenceTypeId,
        boolean isForward,
        @Nullable String targetServerUri,
        NodeReference targetNodeId,
        NodeClass targetNodeClass) {

    /** From one node of this server to another. */
    public static ReferenceToAdd of(
            NodeReference source, NodeReference referenceType, NodeReference target, NodeClass targetNodeClass) {
        return new ReferenceToAdd(source, referenceType, true, null, target, targetNodeClass);
    }

    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("sourceNodeId", sourceNodeId);
        members.put("referenceTypeId", referenceTypeId);
        members.put("isForward", isForward);
        if (targetServerUri != null) {
            members.put("targetServerUri", targetServerUri);
        }
        members.put("targetNodeId", targetNodeId);
        members.put("targetNodeClass", targetNodeClass);
        return members;
    }
}
