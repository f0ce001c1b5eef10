package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;
import org.jspecify.annotations.Nullable;

/**
 * A reference to add (Part 4, 5.8.3).
 *
 * @param targetServerUri the server that has the target; null = this one
 * @param targetNodeClass the server may not be able to find out itself
 */
public record NewReference(
        NodeReference sourceNodeId,
        NodeReference referenceTypeId,
        boolean isForward,
        @Nullable String targetServerUri,
        NodeReference targetNodeId,
        NodeClass targetNodeClass) {}
