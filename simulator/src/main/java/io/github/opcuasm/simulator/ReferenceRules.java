package io.github.opcuasm.simulator;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.UaNodeManager;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaReferenceTypeNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.jspecify.annotations.Nullable;

/**
 * Which references Part 3, 7 allows between nodes: the reference type is known and not abstract, and what HasSubtype,
 * HasProperty, HasComponent and Organizes say about the classes of their ends holds for their subtypes too. Types that
 * clients added count, hence the types are looked up in the address space and not in Milo's cached trees.
 */
final class ReferenceRules {
    private static final int MAX_DEPTH = 100;
    private static final Set<NodeClass> TYPES =
            EnumSet.of(NodeClass.ObjectType, NodeClass.VariableType, NodeClass.ReferenceType, NodeClass.DataType);
    private static final Set<NodeClass> WHOLES =
            EnumSet.of(NodeClass.Object, NodeClass.ObjectType, NodeClass.Variable, NodeClass.VariableType);
    private static final Set<NodeClass> ORGANIZERS = EnumSet.of(NodeClass.Object, NodeClass.ObjectType, NodeClass.View);
    private static final Set<NodeClass> METHOD_OWNERS = EnumSet.of(NodeClass.Object, NodeClass.ObjectType);

    private final OpcUaServer server;

    ReferenceRules(OpcUaServer server) {
        this.server = server;
    }

    /**
     * Checks a reference that would be added.
     *
     * @param targetType the type definition of the target, if it has one
     * @throws UaException Bad_ReferenceTypeIdInvalid, Bad_ReferenceNotAllowed
     */
    void require(NodeId referenceType, NodeClass source, NodeClass target, @Nullable NodeId targetType)
            throws UaException {
        UaReferenceTypeNode type = requireType(referenceType);
        if (type.getIsAbstract() || !allows(referenceType, source, target, targetType)) {
            throw new UaException(StatusCodes.Bad_ReferenceNotAllowed);
        }
    }

    /** @throws UaException Bad_ReferenceTypeIdInvalid if it is not a reference type */
    UaReferenceTypeNode requireType(@Nullable NodeId referenceType) throws UaException {
        if (referenceType != null
                && server.getAddressSpaceManager().getManagedNode(referenceType).orElse(null)
                        instanceof UaReferenceTypeNode node) {
            return node;
        }
        throw new UaException(StatusCodes.Bad_ReferenceTypeIdInvalid);
    }

    boolean isHierarchical(NodeId referenceType) {
        return isSubtype(referenceType, NodeIds.HierarchicalReferences);
    }

    private boolean allows(NodeId referenceType, NodeClass source, NodeClass target, @Nullable NodeId targetType) {
        if (isSubtype(referenceType, NodeIds.HasSubtype)) {
            return source == target && TYPES.contains(source);
        }
        boolean property = targetType != null && isSubtype(targetType, NodeIds.PropertyType);
        if (isSubtype(referenceType, NodeIds.HasProperty)) {
            return target == NodeClass.Variable && property;
        }
        if (isSubtype(referenceType, NodeIds.HasComponent)) {
            return !property
                    && (target == NodeClass.Method
                            ? METHOD_OWNERS.contains(source)
                            : WHOLES.contains(source)
                                    && (target == NodeClass.Variable
                                            || (target == NodeClass.Object && METHOD_OWNERS.contains(source))));
        }
        if (isSubtype(referenceType, NodeIds.Organizes)) {
            return ORGANIZERS.contains(source);
        }
        return !isSubtype(referenceType, NodeIds.HasTypeDefinition);
    }

    /** Whether a type is another one or below it. */
    boolean isSubtype(NodeId type, NodeId ancestor) {
        NodeId current = type;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            if (current.equals(ancestor)) {
                return true;
            }
            Optional<NodeId> above = supertype(current);
            if (above.isEmpty()) {
                return false;
            }
            current = above.get();
        }
        return false;
    }

    Optional<NodeId> supertype(NodeId type) {
        return server
                .getAddressSpaceManager()
                .getManagedReferences(
                        type,
                        reference -> reference.isInverse()
                                && reference.getReferenceTypeId().equals(NodeIds.HasSubtype))
                .stream()
                .map(this::target)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /**
     * Adds a reference and its inverse, where they are not there yet: one of them may be left of a deletion that asked
     * for one direction only, and Milo would keep it twice.
     */
    void link(UaNodeManager nodeManager, Reference reference) {
        if (!exists(nodeManager, reference)) {
            nodeManager.addReference(reference);
        }
        reference
                .invert(server.getNamespaceTable())
                .filter(inverse -> !exists(nodeManager, inverse))
                .ifPresent(nodeManager::addReference);
    }

    /** Whether the node manager keeps this reference. */
    boolean exists(UaNodeManager nodeManager, Reference reference) {
        return !nodeManager
                .getReferences(reference.getSourceNodeId(), reference::equals)
                .isEmpty();
    }

    /** The local id of a reference's target, or null. */
    @Nullable
    NodeId target(Reference reference) {
        return reference.getTargetNodeId().toNodeId(server.getNamespaceTable()).orElse(null);
    }

    /** The type definition of a node, or null if it has none. */
    @Nullable
    NodeId typeOf(UaNode node) {
        return server
                .getAddressSpaceManager()
                .getManagedReferences(
                        node.getNodeId(),
                        reference -> reference.isForward()
                                && reference.getReferenceTypeId().equals(NodeIds.HasTypeDefinition))
                .stream()
                .map(this::target)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
