package io.github.opcuasm.protocol.type;

/**
 * What became of one node that was to be added (Part 4, 5.8.2).
 *
 * @param addedNodeId {@link NodeId#NULL} where the node was refused
 */
public record AddNodesResult(StatusCode statusCode, NodeId addedNodeId) {}
