package io.github.opcuasm.protocol.type;

/**
 * One reference that Browse found (Part 4, 7.30).
 *
 * @param nodeClass the target's class as a bit of the mask: 1 Object, 2 Variable, 4 Method, 8 ObjectType, 16
 *     VariableType, 32 ReferenceType, 64 DataType, 128 View; 0 if unknown
 * @param typeDefinition {@link ExpandedNodeId#NULL} for targets without one
 */
public record ReferenceDescription(
        NodeId referenceTypeId,
        boolean isForward,
        ExpandedNodeId nodeId,
        QualifiedName browseName,
        LocalizedText displayName,
        int nodeClass,
        ExpandedNodeId typeDefinition) {}
