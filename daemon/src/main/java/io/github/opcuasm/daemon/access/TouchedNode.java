package io.github.opcuasm.daemon.access;

import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node that a request changes or calls, with both names of its namespace where they are known.
 *
 * @param index null if the server has no such namespace, or nobody asked it
 * @param uri null if the server has no namespace of this index, or nobody asked it
 * @param text as the caller named it
 */
public record TouchedNode(@Nullable Integer index, @Nullable String uri, Identifier identifier, String text) {
    private static final String STANDARD_NAMESPACE = "http://opcfoundation.org/UA/";

    /**
     * The node that a caller names.
     *
     * @param namespaceUris of the server, by index; empty if it was not asked
     */
    public static TouchedNode of(NodeReference node, List<String> namespaceUris) {
        if (node instanceof NamespacedNodeId named) {
            int index =
                    named.namespaceUri().equals(STANDARD_NAMESPACE) ? 0 : namespaceUris.indexOf(named.namespaceUri());
            return new TouchedNode(
                    index < 0 ? null : index, named.namespaceUri(), node.identifier(), shown(node.toString()));
        }
        int index = ((NodeId) node).namespaceIndex();
        String uri = index == 0
                ? STANDARD_NAMESPACE
                : index < namespaceUris.size() && !namespaceUris.get(index).isEmpty() ? namespaceUris.get(index) : null;
        return new TouchedNode(index, uri, node.identifier(), shown(node.toString()));
    }

    private static String shown(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }
}
