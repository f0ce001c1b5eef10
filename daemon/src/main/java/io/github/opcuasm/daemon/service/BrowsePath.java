package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.List;

/**
 * A way from one node to others by browse names (Part 4, 7.6).
 *
 * @param elements none is an error that the server tells
 */
public record BrowsePath(NodeReference startingNodeId, List<Element> elements) {

    /**
     * One step.
     *
     * @param referenceTypeId which references to follow
     * @param isInverse whether to follow them backwards
     * @param targetName browse name of the node that it leads to
     */
    public record Element(
            NodeReference referenceTypeId, boolean isInverse, boolean includeSubtypes, QualifiedName targetName) {}

    /** The first {@code length} steps. */
    BrowsePath prefix(int length) {
        return new BrowsePath(startingNodeId, elements.subList(0, length));
    }
}
