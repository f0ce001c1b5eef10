package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.Nullable;

/**
 * A node that may live in a namespace or on a server that the speaking server has no index for (Part 4, 7.16).
 *
 * @param nodeId namespace index 0 if {@code namespaceUri} is given
 * @param namespaceUri null if the namespace is known by its index
 * @param serverIndex 0 to 2^32 - 1; 0 is the server itself
 */
public record ExpandedNodeId(NodeId nodeId, @Nullable String namespaceUri, long serverIndex) {
    public static final ExpandedNodeId NULL = new ExpandedNodeId(NodeId.NULL, null, 0);

    public ExpandedNodeId {
        if (namespaceUri != null && (namespaceUri.isEmpty() || nodeId.namespaceIndex() != 0)) {
            throw new IllegalArgumentException(
                    "namespaceUri: got \"" + namespaceUri + "\", expected a URI beside namespace index 0, or none");
        }
        if (serverIndex < 0 || serverIndex > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("serverIndex: got " + serverIndex + ", expected 0 to 4294967295");
        }
    }

    /** A node of the server itself. */
    public static ExpandedNodeId local(NodeId nodeId) {
        return new ExpandedNodeId(nodeId, null, 0);
    }

    /** Whether {@link #nodeId} says it all. */
    public boolean isLocal() {
        return namespaceUri == null && serverIndex == 0;
    }

    /** The standard text form: {@code svr=1;nsu=http://example.org/plant;s=Speed}. */
    @Override
    public String toString() {
        String server = serverIndex == 0 ? "" : "svr=" + serverIndex + ";";
        return namespaceUri == null
                ? server + nodeId
                : server + new NamespacedNodeId(namespaceUri, nodeId.identifier());
    }
}
