package io.github.opcuasm.simulator;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.UaNodeManager;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesItem;
import org.jspecify.annotations.Nullable;

/**
 * References that clients add and delete (Part 4, 5.8.3 and 5.8.5). The source is one of {@link ManagedNodes}, the
 * target any node of the server but Managed/Locked. Both directions are added; a type definition or the reference to
 * the only parent is not deleted: Bad_NoDeleteRights.
 */
final class ManagedReferences {
    /** References that clients may have added at a time; more are refused with Bad_ResourceUnavailable. */
    static final int MAX_ADDED = 10_000;

    private final OpcUaServer server;
    private final UaNodeManager nodeManager;
    private final NodeBuilder nodes;
    private final ReferenceRules rules;
    private final ManagedNodes managed;
    private final Set<Reference> added = new HashSet<>();

    ManagedReferences(
            OpcUaServer server,
            UaNodeManager nodeManager,
            NodeBuilder nodes,
            ReferenceRules rules,
            ManagedNodes managed) {
        this.server = server;
        this.nodeManager = nodeManager;
        this.nodes = nodes;
        this.rules = rules;
        this.managed = managed;
    }

    /** @throws UaException with the operation's status */
    void add(AddReferencesItem item) throws UaException {
        synchronized (managed) {
            UaNode source = requireSource(item.getSourceNodeId());
            NodeId type = rules.requireType(item.getReferenceTypeId()).getNodeId();
            String uri = item.getTargetServerUri();
            if (uri != null && !uri.isEmpty() && !uri.equals(Simulator.APPLICATION_URI)) {
                throw new UaException(StatusCodes.Bad_ServerUriInvalid);
            }
            UaNode target = local(item.getTargetNodeId())
                    .flatMap(server.getAddressSpaceManager()::getManagedNode)
                    .orElseThrow(() -> new UaException(StatusCodes.Bad_TargetNodeIdInvalid));
            if (target.getNodeClass() != item.getTargetNodeClass()) {
                throw new UaException(StatusCodes.Bad_NodeClassInvalid);
            }
            requireAccess(source, target.getNodeId());
            if (source.getNodeId().equals(target.getNodeId())) {
                throw new UaException(StatusCodes.Bad_InvalidSelfReference);
            }
            UaNode from = item.getIsForward() ? source : target;
            UaNode to = item.getIsForward() ? target : source;
            rules.require(type, from.getNodeClass(), to.getNodeClass(), rules.typeOf(to));
            if (NodeIds.HasSubtype.equals(type)
                    && (rules.supertype(to.getNodeId()).isPresent()
                            || rules.isSubtype(from.getNodeId(), to.getNodeId()))) {
                // A type has one supertype and is not below itself.
                throw new UaException(StatusCodes.Bad_ReferenceNotAllowed);
            }
            Reference reference =
                    new Reference(source.getNodeId(), type, target.getNodeId().expanded(), item.getIsForward());
            if (exists(reference)) {
                throw new UaException(StatusCodes.Bad_DuplicateReferenceNotAllowed);
            }
            if (added.size() >= MAX_ADDED) {
                added.removeIf(old -> !exists(old));
            }
            if (added.size() >= MAX_ADDED) {
                throw new UaException(StatusCodes.Bad_ResourceUnavailable);
            }
            added.add(reference);
            rules.link(nodeManager, reference);
            followTypes(type);
        }
    }

    /** @throws UaException with the operation's status */
    void delete(DeleteReferencesItem item) throws UaException {
        synchronized (managed) {
            UaNode source = requireSource(item.getSourceNodeId());
            NodeId type = rules.requireType(item.getReferenceTypeId()).getNodeId();
            ExpandedNodeId given = item.getTargetNodeId();
            if (given != null && !given.isLocal()) {
                throw new UaException(StatusCodes.Bad_ServerIndexInvalid);
            }
            NodeId target = local(given).orElseThrow(() -> new UaException(StatusCodes.Bad_TargetNodeIdInvalid));
            requireAccess(source, target);
            Reference reference = new Reference(source.getNodeId(), type, target.expanded(), item.getIsForward());
            if (!exists(reference)) {
                throw new UaException(StatusCodes.Bad_TargetNodeIdInvalid);
            }
            NodeId child = item.getIsForward() ? target : source.getNodeId();
            if (NodeIds.HasTypeDefinition.equals(type)
                    || (rules.isHierarchical(type) && managed.isManaged(child) && parents(child) < 2)) {
                throw new UaException(StatusCodes.Bad_NoDeleteRights);
            }
            if (item.getDeleteBidirectional()) {
                nodeManager.removeReferences(reference, server.getNamespaceTable());
            } else {
                nodeManager.removeReference(reference);
            }
            added.remove(reference);
            followTypes(type);
        }
    }

    private UaNode requireSource(@Nullable NodeId id) throws UaException {
        UaNode source = id == null
                ? null
                : server.getAddressSpaceManager().getManagedNode(id).orElse(null);
        if (source == null) {
            throw new UaException(StatusCodes.Bad_SourceNodeIdInvalid);
        }
        return source;
    }

    private void requireAccess(UaNode source, NodeId target) throws UaException {
        if (!managed.isManaged(source.getNodeId()) || target.equals(nodes.id(ManagedNodes.LOCKED))) {
            throw new UaException(StatusCodes.Bad_UserAccessDenied);
        }
    }

    private Optional<NodeId> local(@Nullable ExpandedNodeId id) {
        return id == null || id.isNull() || !id.isLocal() ? Optional.empty() : id.toNodeId(server.getNamespaceTable());
    }

    private boolean exists(Reference reference) {
        return rules.exists(nodeManager, reference);
    }

    private long parents(NodeId child) {
        return nodeManager.getReferences(child).stream()
                .filter(reference -> reference.isInverse() && rules.isHierarchical(reference.getReferenceTypeId()))
                .count();
    }

    private void followTypes(NodeId referenceType) {
        if (NodeIds.HasSubtype.equals(referenceType)) {
            server.updateReferenceTypeTree();
            server.updateDataTypeTree();
            server.updateObjectTypeTree();
            server.updateVariableTypeTree();
        }
    }
}
