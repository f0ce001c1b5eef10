package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;

/**
 * A reference to delete (Part 4, 5.8.5).
 *
 * @param deleteBidirectional whether the reference in the other direction goes too
 */
public record ReferenceToDelete(
        NodeReference sourceNodeId,
        NodeReference referenceTypeId,
        boolean isForward,
        NodeReference targetNodeId,
        boolean deleteBidirectional) {}
