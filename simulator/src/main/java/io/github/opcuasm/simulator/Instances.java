package io.github.opcuasm.simulator;

import java.util.Set;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNodeContext;
import org.eclipse.milo.opcua.sdk.server.nodes.factories.BrowsePath;
import org.eclipse.milo.opcua.sdk.server.nodes.factories.NodeFactory;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;

/**
 * Makes objects of the types of namespace 0 with their mandatory components, whose ids are the object's and the
 * names that lead to them, joined by slashes.
 */
final class Instances extends NodeFactory {
    private final Set<String> optional;

    /** @param optional names of optional components to make besides */
    Instances(UaNodeContext context, Set<String> optional) {
        super(context);
        this.optional = optional;
    }

    /** An object with this id; the caller gives it its names and its place. */
    <T extends UaNode> T create(NodeId nodeId, NodeId type, Class<T> node) {
        try {
            return node.cast(createNode(nodeId, type, new InstantiationCallback() {
                @Override
                public boolean includeOptionalNode(NodeId componentType, QualifiedName name) {
                    return optional.contains(name.name());
                }
            }));
        } catch (UaException e) {
            throw new IllegalStateException("No instance of " + type.toParseableString() + " can be made", e);
        }
    }

    @Override
    protected NodeId instanceNodeId(NodeId rootNodeId, BrowsePath browsePath) {
        return new NodeId(rootNodeId.getNamespaceIndex(), rootNodeId.getIdentifier() + browsePath.join("/", false));
    }
}
