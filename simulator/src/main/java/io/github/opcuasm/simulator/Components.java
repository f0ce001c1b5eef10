package io.github.opcuasm.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.nodes.UaMethodNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.jspecify.annotations.Nullable;

/**
 * The mandatory components that an instance has to have by its type and the types above it (Part 4, 5.8.2): copies of
 * the instance declarations, with ids that are the instance's and the names that lead to them, joined by slashes. Milo's
 * factory for instances keeps what it knows of a type for all servers of the process and for good, which is wrong for
 * types that clients add and delete.
 */
final class Components {
    private static final int MAX_PARTS = 1_000;

    private final OpcUaServer server;
    private final ReferenceRules rules;

    Components(OpcUaServer server, ReferenceRules rules) {
        this.server = server;
        this.rules = rules;
    }

    /**
     * A component to be added to its parent.
     *
     * @param type its type definition, null for a method
     */
    record Part(UaNode node, @Nullable NodeId type, NodeId parent, NodeId referenceType) {}

    /** Whose components are still to be copied: a type's, or those of the declaration that a part was copied from. */
    private record Task(UaNode instance, NodeId declaration, Set<QualifiedName> names) {}

    /**
     * The components of an instance, those of components included; a parent comes before its children.
     *
     * @throws UaException Bad_TypeDefinitionInvalid if there is no end to them, or an id is taken
     */
    List<Part> of(NodeBuilder nodes, UaNode instance, NodeId type) throws UaException {
        List<Part> parts = new ArrayList<>();
        Deque<Task> tasks = new ArrayDeque<>();
        addTypes(tasks, instance, type, new HashSet<>());
        while (!tasks.isEmpty()) {
            Task task = tasks.removeFirst();
            for (Reference reference : server.getAddressSpaceManager().getManagedReferences(task.declaration())) {
                UaNode declaration = mandatory(reference);
                if (declaration == null || !task.names().add(declaration.getBrowseName())) {
                    continue;
                }
                UaNode copy = copy(nodes, task.instance(), declaration);
                NodeId typeOfPart = rules.typeOf(declaration);
                parts.add(new Part(copy, typeOfPart, task.instance().getNodeId(), reference.getReferenceTypeId()));
                if (parts.size() > MAX_PARTS || nodes.context().getNodeManager().containsNode(copy.getNodeId())) {
                    throw new UaException(StatusCodes.Bad_TypeDefinitionInvalid);
                }
                Set<QualifiedName> names = new HashSet<>();
                tasks.addLast(new Task(copy, declaration.getNodeId(), names));
                if (typeOfPart != null) {
                    addTypes(tasks, copy, typeOfPart, names);
                }
            }
        }
        return parts;
    }

    /** A type comes before the one above it, whose declarations it may override. */
    private void addTypes(Deque<Task> tasks, UaNode instance, NodeId type, Set<QualifiedName> names) {
        Optional<NodeId> current = Optional.of(type);
        for (int depth = 0; current.isPresent() && depth < MAX_PARTS; depth++) {
            tasks.addLast(new Task(instance, current.get(), names));
            current = rules.supertype(current.get());
        }
    }

    private @Nullable UaNode mandatory(Reference reference) {
        if (!reference.isForward() || !rules.isSubtype(reference.getReferenceTypeId(), NodeIds.Aggregates)) {
            return null;
        }
        NodeId target = rules.target(reference);
        UaNode declaration = target == null
                ? null
                : server.getAddressSpaceManager().getManagedNode(target).orElse(null);
        return declaration != null
                        && declaration.getReferences().stream()
                                .anyMatch(rule -> NodeIds.HasModellingRule.equals(rule.getReferenceTypeId())
                                        && NodeIds.ModellingRule_Mandatory.equalTo(rule.getTargetNodeId()))
                ? declaration
                : null;
    }

    private static UaNode copy(NodeBuilder nodes, UaNode instance, UaNode declaration) throws UaException {
        NodeId id = nodes.id(instance.getNodeId().getIdentifier() + "/"
                + declaration.getBrowseName().name());
        if (declaration instanceof UaVariableNode variable) {
            return new UaVariableNode(
                    nodes.context(),
                    id,
                    variable.getBrowseName(),
                    variable.getDisplayName(),
                    variable.getDescription(),
                    variable.getWriteMask(),
                    variable.getUserWriteMask(),
                    variable.getValue(),
                    variable.getDataType(),
                    variable.getValueRank(),
                    variable.getArrayDimensions(),
                    variable.getAccessLevel(),
                    variable.getUserAccessLevel(),
                    0.0,
                    false);
        }
        if (declaration instanceof UaMethodNode method) {
            return new UaMethodNode(
                    nodes.context(),
                    id,
                    method.getBrowseName(),
                    method.getDisplayName(),
                    method.getDescription(),
                    method.getWriteMask(),
                    method.getUserWriteMask(),
                    method.isExecutable(),
                    method.isUserExecutable());
        }
        if (declaration instanceof UaObjectNode object) {
            return new UaObjectNode(
                    nodes.context(),
                    id,
                    object.getBrowseName(),
                    object.getDisplayName(),
                    object.getDescription(),
                    object.getWriteMask(),
                    object.getUserWriteMask(),
                    object.getEventNotifier());
        }
        throw new UaException(StatusCodes.Bad_TypeDefinitionInvalid);
    }
}
