package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;
import org.jspecify.annotations.Nullable;

/**
 * What to browse (Part 4, 5.9.2).
 *
 * @param direction 0 forward, 1 inverse, 2 both
 * @param referenceTypeId null = references of all types
 * @param nodeClassMask sum of node classes; 0 = all
 */
public record BrowseRequestItem(
        NodeReference nodeId,
        int direction,
        @Nullable NodeReference referenceTypeId,
        boolean includeSubtypes,
        int nodeClassMask) {

    /** The same at another node. */
    BrowseRequestItem at(NodeReference other) {
        return new BrowseRequestItem(other, direction, referenceTypeId, includeSubtypes, nodeClassMask);
    }
}
