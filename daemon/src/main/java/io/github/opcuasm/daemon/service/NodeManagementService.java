package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.datatype.ValueType;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesResponse;
import org.jspecify.annotations.Nullable;

/**
 * The NodeManagement service set (Part 4, 5.8). Everything is looked up and encoded before the first item is sent; what is
 * sent is sent once ({@link ChangeBatches}). What the server says of an item is part of the result.
 */
public final class NodeManagementService {
    private static final ChangeBatches<
                    AddNodesItem, AddNodesResponse, org.eclipse.milo.opcua.stack.core.types.structured.AddNodesResult>
            ADD_NODES = new ChangeBatches<>(
                    AddNodesResponse.class,
                    (header, items) -> new AddNodesRequest(header, items.toArray(AddNodesItem[]::new)),
                    AddNodesResponse::getResults);
    private static final ChangeBatches<
                    DeleteNodesItem, DeleteNodesResponse, org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode>
            DELETE_NODES = new ChangeBatches<>(
                    DeleteNodesResponse.class,
                    (header, items) -> new DeleteNodesRequest(header, items.toArray(DeleteNodesItem[]::new)),
                    DeleteNodesResponse::getResults);
    private static final ChangeBatches<
                    AddReferencesItem,
                    AddReferencesResponse,
                    org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode>
            ADD_REFERENCES = new ChangeBatches<>(
                    AddReferencesResponse.class,
                    (header, items) -> new AddReferencesRequest(header, items.toArray(AddReferencesItem[]::new)),
                    AddReferencesResponse::getResults);
    private static final ChangeBatches<
                    DeleteReferencesItem,
                    DeleteReferencesResponse,
                    org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode>
            DELETE_REFERENCES = new ChangeBatches<>(
                    DeleteReferencesResponse.class,
                    (header, items) -> new DeleteReferencesRequest(header, items.toArray(DeleteReferencesItem[]::new)),
                    DeleteReferencesResponse::getResults);

    public NodeManagementService() {}

    /**
     * Adds nodes, in order: a later one may be the child of an earlier one whose id was asked for.
     *
     * @return what became of each
     */
    public CompletableFuture<List<AddNodesResult>> addNodes(CallContext context, List<NewNode> nodes) {
        Batches.requireSome(nodes, "nodes");
        SessionState.Active active = context.requireActive();
        return InOrder.each(nodes, node -> item(context, node))
                .thenCompose(items ->
                        ADD_NODES.send(context, active, items, limit(context), NodeManagementService::addNodesResult));
    }

    /** Deletes nodes; one status code each. */
    public CompletableFuture<List<StatusCode>> deleteNodes(CallContext context, List<NodeToDelete> nodes) {
        Batches.requireSome(nodes, "nodes");
        SessionState.Active active = context.requireActive();
        NamespaceTable namespaces = context.namespaces();
        List<DeleteNodesItem> items = nodes.stream()
                .map(node -> new DeleteNodesItem(
                        TypeMapper.toMilo(node.nodeId(), namespaces), node.deleteTargetReferences()))
                .toList();
        return DELETE_NODES.send(context, active, items, limit(context), TypeMapper::toWire);
    }

    /** Adds references; one status code each. */
    public CompletableFuture<List<StatusCode>> addReferences(CallContext context, List<NewReference> references) {
        Batches.requireSome(references, "references");
        SessionState.Active active = context.requireActive();
        NamespaceTable namespaces = context.namespaces();
        List<AddReferencesItem> items = references.stream()
                .map(reference -> new AddReferencesItem(
                        TypeMapper.toMilo(reference.sourceNodeId(), namespaces),
                        TypeMapper.toMilo(reference.referenceTypeId(), namespaces),
                        reference.isForward(),
                        reference.targetServerUri(),
                        target(reference, namespaces),
                        milo(reference.targetNodeClass())))
                .toList();
        return ADD_REFERENCES.send(context, active, items, limit(context), TypeMapper::toWire);
    }

    /** Deletes references; one status code each. */
    public CompletableFuture<List<StatusCode>> deleteReferences(
            CallContext context, List<ReferenceToDelete> references) {
        Batches.requireSome(references, "references");
        SessionState.Active active = context.requireActive();
        NamespaceTable namespaces = context.namespaces();
        List<DeleteReferencesItem> items = references.stream()
                .map(reference -> new DeleteReferencesItem(
                        TypeMapper.toMilo(reference.sourceNodeId(), namespaces),
                        TypeMapper.toMilo(reference.referenceTypeId(), namespaces),
                        reference.isForward(),
                        expanded(reference.targetNodeId(), namespaces),
                        reference.deleteBidirectional()))
                .toList();
        return DELETE_REFERENCES.send(context, active, items, limit(context), TypeMapper::toWire);
    }

    private static CompletableFuture<AddNodesItem> item(CallContext context, NewNode node) {
        NamespaceTable namespaces = context.namespaces();
        NodeReference requested = node.requestedNewNodeId();
        NodeReference typeDefinition = node.typeDefinition();
        return value(context, node)
                .thenApply(value -> new AddNodesItem(
                        expanded(node.parentNodeId(), namespaces),
                        TypeMapper.toMilo(node.referenceTypeId(), namespaces),
                        requested == null ? ExpandedNodeId.NULL_VALUE : expanded(requested, namespaces),
                        TypeMapper.toMilo(node.browseName()),
                        milo(node.nodeClass()),
                        ExtensionObject.encode(
                                context.session().encodingContext(),
                                new NewNodeAttributes(node, value.orElse(null), namespaces).structure()),
                        typeDefinition == null ? ExpandedNodeId.NULL_VALUE : expanded(typeDefinition, namespaces)));
    }

    /** Of the type beside it, else of that which the new node says it has: nobody else can be asked. */
    private static CompletableFuture<Optional<Variant>> value(CallContext context, NewNode node) {
        if (!(node.attributes().get(NodeAttribute.VALUE) instanceof NewNodeValue given)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Variant typed = given.typed();
        if (typed != null) {
            return context.encoded(typed, given.name()).thenApply(Optional::of);
        }
        NodeId dataType = node.attributes().get(NodeAttribute.DATA_TYPE_ID) instanceof NodeReference named
                ? context.local(named)
                : NodeId.NULL;
        int rank =
                node.attributes().get(NodeAttribute.VALUE_RANK) instanceof Integer known ? known : WriteType.ANY_RANK;
        return context.types()
                .typeOf(context, dataType)
                .thenCompose(declared -> AttributeService.encoded(
                        context,
                        given.plain(),
                        new WriteType(builtinType(declared, dataType, given), declared, rank),
                        given.name()))
                .thenApply(Optional::of);
    }

    private static BuiltinType builtinType(@Nullable ValueType declared, NodeId dataType, NewNodeValue given) {
        if (declared == null || declared.builtinType() == BuiltinType.VARIANT) {
            throw new CommandException(
                    ErrorType.WRITE_TYPE_DETECTION,
                    given.name() + ": got " + given.plain().excerpt() + " without a type, and the dataType beside it, "
                            + dataType + ", "
                            + (declared == null ? "is none that the server describes" : "is abstract")
                            + "; give {\"type\",\"value\"}, or a dataType such as i=11");
        }
        return declared.builtinType();
    }

    private static AddNodesResult addNodesResult(
            org.eclipse.milo.opcua.stack.core.types.structured.AddNodesResult result) {
        return new AddNodesResult(
                TypeMapper.toWire(result.getStatusCode()), TypeMapper.toWire(result.getAddedNodeId()));
    }

    private static @Nullable Long limit(CallContext context) {
        return context.session().serverInfo().maxNodesPerNodeManagement();
    }

    private static ExpandedNodeId expanded(NodeReference node, NamespaceTable namespaces) {
        return TypeMapper.toMilo(node, namespaces).expanded();
    }

    /** On another server a URI counts that this one need not have: it travels as it came. */
    private static ExpandedNodeId target(NewReference reference, NamespaceTable namespaces) {
        return reference.targetServerUri() != null && reference.targetNodeId() instanceof NamespacedNodeId named
                ? TypeMapper.toMilo(new io.github.opcuasm.protocol.type.ExpandedNodeId(
                        new NodeId(0, named.identifier()), named.namespaceUri(), 0))
                : expanded(reference.targetNodeId(), namespaces);
    }

    private static org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass milo(NodeClass nodeClass) {
        return org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass.from(nodeClass.value());
    }
}
