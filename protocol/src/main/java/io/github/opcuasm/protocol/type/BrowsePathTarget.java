package io.github.opcuasm.protocol.type;

/**
 * Where a browse path leads (Part 4, 5.9.4).
 *
 * @param remainingPathIndex the first element of the path that was not followed, because the target lives on another
 *     server; 4294967295 if all were
 */
public record BrowsePathTarget(ExpandedNodeId targetId, long remainingPathIndex) {}
