package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.UaNodeManager;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectTypeNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableTypeNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesItem;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that clients added (Part 4, 5.8.2 and 5.8.4): below the folder Managed and below nodes added before. All
 * other nodes are out of reach, Managed/Locked among them: Bad_UserAccessDenied.
 *
 * <p>An object or variable comes with the mandatory components of its type. A node goes with its last parent: what
 * {@link #delete} leaves without one is deleted too, so that every added node can be reached and counts for the bound
 * only while it can. Ids that the server chooses are numbers that no node has. Guarded by this object.
 */
final class ManagedNodes {
    static final String MANAGED = "Managed";
    static final String LOCKED = "Managed/Locked";

    /** Nodes that clients may have added at a time; more are refused with Bad_ResourceUnavailable. */
    static final int MAX_ADDED = 2_000;

    private static final int MAX_NAME_LENGTH = 512;
    private static final int MAX_ID_LENGTH = 4_096;
    private static final long FIRST_CHOSEN = 1_000_000;

    private final OpcUaServer server;
    private final UaNodeManager nodeManager;
    private final NodeBuilder nodes;
    private final ReferenceRules rules;
    private final NewNodes newNodes;
    private final Set<NodeId> added = new HashSet<>();
    private final Deque<Reference> left = new ArrayDeque<>();
    private final NodeId managed;
    private long next = FIRST_CHOSEN;

    ManagedNodes(OpcUaServer server, UaNodeManager nodeManager, NodeBuilder nodes, ReferenceRules rules) {
        this.server = server;
        this.nodeManager = nodeManager;
        this.nodes = nodes;
        this.rules = rules;
        this.newNodes = new NewNodes(server, nodes, rules);
        UaObjectNode folder = nodes.folderOf(MANAGED, NodeIds.FolderType);
        this.managed = folder.getNodeId();
        UaObjectNode locked = new UaObjectNode(
                nodes.context(),
                nodes.id(LOCKED),
                nodes.name("Locked"),
                LocalizedText.english("Locked"),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                UByte.MIN);
        insert(locked, NodeIds.FolderType, managed, NodeIds.Organizes);
    }

    /**
     * Adds a node.
     *
     * @return its id
     * @throws UaException with the operation's status
     */
    synchronized NodeId add(AddNodesItem item) throws UaException {
        UaNode parent = local(item.getParentNodeId())
                .flatMap(server.getAddressSpaceManager()::getManagedNode)
                .orElseThrow(() -> new UaException(StatusCodes.Bad_ParentNodeIdInvalid));
        if (!isManaged(parent.getNodeId())) {
            throw new UaException(StatusCodes.Bad_UserAccessDenied);
        }
        NodeId referenceType = rules.requireType(item.getReferenceTypeId()).getNodeId();
        NodeClass nodeClass = item.getNodeClass();
        if (nodeClass == null || nodeClass == NodeClass.Unspecified) {
            throw new UaException(StatusCodes.Bad_NodeClassInvalid);
        }
        QualifiedName name = requireName(item.getBrowseName());
        NodeId id = requested(item.getRequestedNewNodeId());
        UaNode type = requireTypeDefinition(nodeClass, item.getTypeDefinition());
        if (!rules.isHierarchical(referenceType)) {
            throw new UaException(StatusCodes.Bad_ReferenceNotAllowed);
        }
        rules.require(referenceType, parent.getNodeClass(), nodeClass, type == null ? null : type.getNodeId());
        if (isTaken(name, parent.getNodeId(), referenceType)) {
            throw new UaException(StatusCodes.Bad_BrowseNameDuplicated);
        }
        GivenAttributes given =
                GivenAttributes.of(nodeClass, item.getNodeAttributes(), server.getStaticEncodingContext());
        NodeId newId = id == null ? chosen() : id;
        UaNode node = newNodes.create(nodeClass, newId, name, given, type);
        List<Components.Part> parts =
                type == null ? List.of() : new Components(server, rules).of(nodes, node, type.getNodeId());
        if (added.size() + 1 + parts.size() > MAX_ADDED) {
            throw new UaException(StatusCodes.Bad_ResourceUnavailable);
        }
        added.add(newId);
        insert(node, type == null ? null : type.getNodeId(), parent.getNodeId(), referenceType);
        for (Components.Part part : parts) {
            added.add(part.node().getNodeId());
            insert(part.node(), part.type(), part.parent(), part.referenceType());
        }
        followTypes(nodeClass);
        return newId;
    }

    /** @throws UaException with the operation's status */
    synchronized void delete(DeleteNodesItem item) throws UaException {
        NodeId id = item.getNodeId();
        if (id == null || id.isNull()) {
            throw new UaException(StatusCodes.Bad_NodeIdInvalid);
        }
        UaNode node = server.getAddressSpaceManager()
                .getManagedNode(id)
                .orElseThrow(() -> new UaException(StatusCodes.Bad_NodeIdUnknown));
        if (id.equals(managed)) {
            throw new UaException(StatusCodes.Bad_NoDeleteRights);
        }
        if (!isManaged(id)) {
            throw new UaException(StatusCodes.Bad_UserAccessDenied);
        }
        if (isUsedAsType(node)) {
            throw new UaException(StatusCodes.Bad_NoDeleteRights);
        }
        remove(node, item.getDeleteTargetReferences());
    }

    /** Whether clients may change the references of a node. */
    synchronized boolean isManaged(NodeId id) {
        return id.equals(managed) || added.contains(id);
    }

    private void remove(UaNode node, boolean withTargets) {
        NodeId id = node.getNodeId();
        List<Reference> references = nodeManager.getReferences(id);
        nodeManager.removeNode(id);
        added.remove(id);
        List<NodeId> below = new ArrayList<>();
        for (Reference reference : references) {
            if (reference.isForward() && rules.isHierarchical(reference.getReferenceTypeId())) {
                NodeId child = rules.target(reference);
                if (child != null && added.contains(child)) {
                    below.add(child);
                }
            }
            if (withTargets) {
                nodeManager.removeReferences(reference, server.getNamespaceTable());
            } else {
                nodeManager.removeReference(reference);
                reference.invert(server.getNamespaceTable()).ifPresent(this::leave);
            }
        }
        for (NodeId child : below) {
            UaNode orphan = nodeManager.get(child);
            if (orphan != null && !hasParent(child) && !isUsedAsType(orphan)) {
                remove(orphan, withTargets);
            }
        }
        followTypes(node.getNodeClass());
    }

    /** Of references to nodes that are gone, only so many stay. */
    private void leave(Reference reference) {
        left.addLast(reference);
        if (left.size() > MAX_ADDED) {
            nodeManager.removeReference(left.removeFirst());
        }
    }

    private boolean hasParent(NodeId id) {
        return nodeManager.getReferences(id).stream()
                .filter(reference -> reference.isInverse() && rules.isHierarchical(reference.getReferenceTypeId()))
                .map(rules::target)
                .filter(Objects::nonNull)
                .anyMatch(parent -> !parent.equals(id)
                        && server.getAddressSpaceManager()
                                .getManagedNode(parent)
                                .isPresent());
    }

    /** A type with instances or subtypes, or a reference type of references, does not go before them. */
    private boolean isUsedAsType(UaNode node) {
        return nodeManager.getReferences(node.getNodeId()).stream()
                .anyMatch(reference ->
                        (reference.isInverse() && reference.getReferenceTypeId().equals(NodeIds.HasTypeDefinition))
                                || (reference.isForward()
                                        && reference.getReferenceTypeId().equals(NodeIds.HasSubtype)));
    }

    /** A type of namespace 0 is told nothing of its instances, of which it may have thousands. */
    private void insert(UaNode node, @Nullable NodeId type, NodeId parent, NodeId referenceType) {
        nodeManager.addNode(node);
        if (type != null) {
            Reference typeDefinition =
                    new Reference(node.getNodeId(), NodeIds.HasTypeDefinition, type.expanded(), true);
            if (type.getNamespaceIndex().equals(nodes.namespace())) {
                rules.link(nodeManager, typeDefinition);
            } else {
                nodeManager.addReference(typeDefinition);
            }
        }
        rules.link(nodeManager, new Reference(node.getNodeId(), referenceType, parent.expanded(), false));
    }

    /** Whether a parent of the simulator already has a child of this name by this type of reference. */
    private boolean isTaken(QualifiedName name, NodeId parent, NodeId referenceType) {
        return nodeManager
                .getReferences(
                        parent,
                        reference -> reference.isForward()
                                && reference.getReferenceTypeId().equals(referenceType))
                .stream()
                .map(rules::target)
                .filter(Objects::nonNull)
                .flatMap(id -> nodeManager.getNode(id).stream())
                .anyMatch(child -> child.getBrowseName().equals(name));
    }

    private Optional<NodeId> local(@Nullable ExpandedNodeId id) {
        return id == null || !id.isLocal() ? Optional.empty() : id.toNodeId(server.getNamespaceTable());
    }

    private QualifiedName requireName(@Nullable QualifiedName name) throws UaException {
        if (name == null
                || name.name() == null
                || name.name().isEmpty()
                || name.name().length() > MAX_NAME_LENGTH
                || server.getNamespaceTable().get(name.namespaceIndex()) == null) {
            throw new UaException(StatusCodes.Bad_BrowseNameInvalid);
        }
        return name;
    }

    /** The id that the client wants, or null if the server may choose. */
    private @Nullable NodeId requested(@Nullable ExpandedNodeId wanted) throws UaException {
        if (wanted == null || wanted.isNull()) {
            return null;
        }
        NodeId id = local(wanted).orElseThrow(() -> new UaException(StatusCodes.Bad_NodeIdRejected));
        String path = String.valueOf(id.getIdentifier());
        if (!id.getNamespaceIndex().equals(nodes.namespace())
                || path.isEmpty()
                || path.length() > MAX_ID_LENGTH
                || path.startsWith(FileNodes.FILES + "/")) {
            throw new UaException(StatusCodes.Bad_NodeIdRejected);
        }
        if (nodeManager.containsNode(id)) {
            throw new UaException(StatusCodes.Bad_NodeIdExists);
        }
        return id;
    }

    private NodeId chosen() {
        NodeId id;
        do {
            id = new NodeId(nodes.namespace(), uint(next++));
        } while (nodeManager.containsNode(id));
        return id;
    }

    private @Nullable UaNode requireTypeDefinition(NodeClass nodeClass, @Nullable ExpandedNodeId given)
            throws UaException {
        boolean missing = given == null || given.isNull();
        if (nodeClass != NodeClass.Object && nodeClass != NodeClass.Variable) {
            if (missing) {
                return null;
            }
            throw new UaException(StatusCodes.Bad_TypeDefinitionInvalid);
        }
        UaNode type = missing
                ? null
                : local(given)
                        .flatMap(server.getAddressSpaceManager()::getManagedNode)
                        .orElse(null);
        boolean fits = nodeClass == NodeClass.Object
                ? type instanceof UaObjectTypeNode objectType && !objectType.getIsAbstract()
                : type instanceof UaVariableTypeNode variableType && !variableType.getIsAbstract();
        if (!fits) {
            throw new UaException(StatusCodes.Bad_TypeDefinitionInvalid);
        }
        return type;
    }

    /** Milo keeps trees of types, by which it filters references at browsing, for example. */
    private void followTypes(NodeClass changed) {
        switch (changed) {
            case ReferenceType -> server.updateReferenceTypeTree();
            case DataType -> server.updateDataTypeTree();
            case ObjectType -> server.updateObjectTypeTree();
            case VariableType -> server.updateVariableTypeTree();
            default -> {
                return;
            }
        }
    }
}
