package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A reference to be deleted (Part 4, 5.8.5).
 *
 * @param isForward from the source to the target; else the other way round
 * @param deleteBidirectional whether the opposite reference of the target goes with it
 */
public record ReferenceToDelete(
        NodeReference sourceNodeId,
        NodeReference referenceTypeId,
        boolean isForward,
        NodeReference targetNodeId,
        boolean deleteBidirectional) {

    /** A forward reference, and its opposite. */
    public static ReferenceToDelete of(NodeReference source, NodeReference referenceType, NodeReference target) {
        return new ReferenceToDelete(source, referenceType, true, target, true);
    }

    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("sourceNodeId", sourceNodeId);
        members.put("referenceTypeId", referenceTypeId);
        members.put("isForward", isForward);
        members.put("targetNodeId", targetNodeId);
        members.put("deleteBidirectional", deleteBidirectional);
        return members;
    }
}
