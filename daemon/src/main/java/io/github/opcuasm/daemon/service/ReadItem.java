package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;

/**
 * One attribute to read (Part 4, 5.11.2).
 *
 * @param attributeId 1 to 27; 13 is Value
 */
public record ReadItem(NodeReference nodeId, int attributeId) {}
