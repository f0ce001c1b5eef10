package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Changing the address space (Part 4, 5.8): nodes and references, for servers that let clients do so; others answer with {@link
 * RequestFailedException.ServiceUnsupported}. Each call has an asynchronous twin: see {@link SessionQueries}. All are sent once;
 * what the server says of each node or reference is a result, no exception, in the order of the parameters.
 */
public sealed interface NodeManagementServices extends SessionQueries permits ManagedClient {

    /**
     * Adds nodes.
     *
     * @return for each what became of it, and its id, which is {@code NodeId.NULL} where it was refused
     */
    default List<AddNodesResult> addNodes(List<NodeToAdd> nodes) {
        return query(NodeManagementQueries.addNodes(nodes));
    }

    default CompletableFuture<List<AddNodesResult>> addNodesAsync(List<NodeToAdd> nodes) {
        return queryAsync(NodeManagementQueries.addNodes(nodes));
    }

    /** Adds one node. */
    default AddNodesResult addNode(NodeToAdd node) {
        return query(NodeManagementQueries.addNode(node));
    }

    default CompletableFuture<AddNodesResult> addNodeAsync(NodeToAdd node) {
        return queryAsync(NodeManagementQueries.addNode(node));
    }

    /** Deletes nodes. What is below them stays, or goes, as the server has it. */
    default List<StatusCode> deleteNodes(List<NodeToDelete> nodes) {
        return query(NodeManagementQueries.deleteNodes(nodes));
    }

    default CompletableFuture<List<StatusCode>> deleteNodesAsync(List<NodeToDelete> nodes) {
        return queryAsync(NodeManagementQueries.deleteNodes(nodes));
    }

    /** Adds references between nodes. */
    default List<StatusCode> addReferences(List<ReferenceToAdd> references) {
        return query(NodeManagementQueries.addReferences(references));
    }

    default CompletableFuture<List<StatusCode>> addReferencesAsync(List<ReferenceToAdd> references) {
        return queryAsync(NodeManagementQueries.addReferences(references));
    }

    /** Deletes references between nodes. */
    default List<StatusCode> deleteReferences(List<ReferenceToDelete> references) {
        return query(NodeManagementQueries.deleteReferences(references));
    }

    default CompletableFuture<List<StatusCode>> deleteReferencesAsync(List<ReferenceToDelete> references) {
        return queryAsync(NodeManagementQueries.deleteReferences(references));
    }
}
