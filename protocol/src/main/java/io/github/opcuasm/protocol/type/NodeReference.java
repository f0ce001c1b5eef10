package io.github.opcuasm.protocol.type;

/**
 * How a caller names a node: by the index of its namespace on one server ({@link NodeId}), or by the URI of its
 * namespace, which stays the same when a server orders its namespaces anew ({@link NamespacedNodeId}).
 */
public sealed interface NodeReference permits NodeId, NamespacedNodeId {

    /** The identifier within the namespace. */
    Identifier identifier();

    /**
     * Reads the standard text form (Part 6, 5.3.1.10): {@code i=85}, {@code ns=2;s=Speed},
     * {@code nsu=http://example.org/plant;s=Speed}; {@code g=} for a GUID, {@code b=} for base64.
     *
     * @throws io.github.opcuasm.protocol.CommandException InvalidNodeIdException for any other text
     */
    static NodeReference parse(String text) {
        return NodeIdText.parse(text);
    }
}
