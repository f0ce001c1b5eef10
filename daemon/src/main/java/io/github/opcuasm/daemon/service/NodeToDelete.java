package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;

/**
 * A node to delete (Part 4, 5.8.4).
 *
 * @param deleteTargetReferences whether references to it go too; those from it always do
 */
public record NodeToDelete(NodeReference nodeId, boolean deleteTargetReferences) {}
