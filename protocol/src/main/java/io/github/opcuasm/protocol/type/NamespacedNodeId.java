package io.github.opcuasm.protocol.type;

/**
 * A node named by the URI of its namespace, to be resolved against the server's namespace array.
 *
 * @param namespaceUri not empty
 */
public record NamespacedNodeId(String namespaceUri, Identifier identifier) implements NodeReference {
    public NamespacedNodeId {
        if (namespaceUri.isEmpty()) {
            throw new IllegalArgumentException("namespaceUri: got an empty string, expected a URI");
        }
    }

    /** {@code nsu=http://example.org/plant;s=Speed}, with {@code %} and {@code ;} of the URI escaped as %25 and %3B. */
    @Override
    public String toString() {
        return "nsu=" + NodeIdText.escapeUri(namespaceUri) + ";" + identifier.text();
    }
}
