package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Looking around on a server (Part 4, 5.9). Each call has an asynchronous twin: see {@link SessionQueries}. */
public sealed interface ViewServices extends SessionQueries permits ManagedClient {

    /** The server's first page of a node's hierarchical references; {@link #browseAll} has all. */
    default List<ReferenceDescription> browse(NodeReference node) {
        return browse(node, BrowseOptions.DEFAULTS);
    }

    default CompletableFuture<List<ReferenceDescription>> browseAsync(NodeReference node) {
        return browseAsync(node, BrowseOptions.DEFAULTS);
    }

    /** As {@link #browse(NodeReference)}, the node in text form. */
    default List<ReferenceDescription> browse(String node) {
        return browse(Nodes.parse(node));
    }

    default CompletableFuture<List<ReferenceDescription>> browseAsync(String node) {
        return browseAsync(Nodes.parse(node));
    }

    /** The server's first page of a node's references. */
    default List<ReferenceDescription> browse(NodeReference node, BrowseOptions options) {
        return query(Queries.browse("browse", node, options));
    }

    default CompletableFuture<List<ReferenceDescription>> browseAsync(NodeReference node, BrowseOptions options) {
        return queryAsync(Queries.browse("browse", node, options));
    }

    /** All hierarchical references of a node. */
    default List<ReferenceDescription> browseAll(NodeReference node) {
        return browseAll(node, BrowseOptions.DEFAULTS);
    }

    default CompletableFuture<List<ReferenceDescription>> browseAllAsync(NodeReference node) {
        return browseAllAsync(node, BrowseOptions.DEFAULTS);
    }

    /** All references of a node. */
    default List<ReferenceDescription> browseAll(NodeReference node, BrowseOptions options) {
        return query(Queries.browse("browseAll", node, options));
    }

    default CompletableFuture<List<ReferenceDescription>> browseAllAsync(NodeReference node, BrowseOptions options) {
        return queryAsync(Queries.browse("browseAll", node, options));
    }

    /** A page of references, and what the next one is asked with ({@link #browseNext}). */
    default BrowseResultSet browseWithContinuation(NodeReference node, BrowseOptions options) {
        return query(Queries.browseWithContinuation(node, options));
    }

    default CompletableFuture<BrowseResultSet> browseWithContinuationAsync(NodeReference node, BrowseOptions options) {
        return queryAsync(Queries.browseWithContinuation(node, options));
    }

    /** The next page. A continuation point works once, for 10 minutes, on the session that it is of. */
    default BrowseResultSet browseNext(String continuationPoint) {
        return query(Queries.browseNext(continuationPoint));
    }

    default CompletableFuture<BrowseResultSet> browseNextAsync(String continuationPoint) {
        return queryAsync(Queries.browseNext(continuationPoint));
    }

    /**
     * What is below a node, as a tree. A node that is met again has no children the second time.
     *
     * @param maxDepth 1 = its own references; -1 = 256; null = {@code defaultBrowseMaxDepth} of the session
     */
    default List<BrowseNode> browseRecursive(NodeReference node, @Nullable Integer maxDepth, BrowseOptions options) {
        return query(Queries.browseRecursive(node, maxDepth, options));
    }

    default CompletableFuture<List<BrowseNode>> browseRecursiveAsync(
            NodeReference node, @Nullable Integer maxDepth, BrowseOptions options) {
        return queryAsync(Queries.browseRecursive(node, maxDepth, options));
    }

    /** Browse paths in one request, results in order: {@code browsePaths().path(start, names…).execute()}. */
    default BrowsePaths browsePaths() {
        return new BrowsePaths(this);
    }

    /** Where browse paths lead (Part 4, 5.9.4), in their order; one that leads nowhere has a bad status. */
    default List<BrowsePathResult> translateBrowsePaths(List<BrowsePath> paths) {
        return query(Queries.translateBrowsePaths(paths));
    }

    default CompletableFuture<List<BrowsePathResult>> translateBrowsePathsAsync(List<BrowsePath> paths) {
        return queryAsync(Queries.translateBrowsePaths(paths));
    }

    /**
     * The node at the end of a path of browse names: {@code /Objects/2:Line1/2:Speed}.
     *
     * @throws RequestFailedException.Service if a step does not exist (Bad_NoMatch); the message names it
     */
    default NodeId resolveNodeId(String path) {
        return resolveNodeId(path, null, true);
    }

    default CompletableFuture<NodeId> resolveNodeIdAsync(String path) {
        return resolveNodeIdAsync(path, null, true);
    }

    /**
     * The node at the end of a path of browse names.
     *
     * @param start where it begins; null = the root
     * @param useCache take what the daemon remembers
     */
    default NodeId resolveNodeId(String path, @Nullable NodeReference start, boolean useCache) {
        return query(Queries.resolveNodeId(path, start, useCache));
    }

    default CompletableFuture<NodeId> resolveNodeIdAsync(String path, @Nullable NodeReference start, boolean useCache) {
        return queryAsync(Queries.resolveNodeId(path, start, useCache));
    }

    /**
     * Has the daemon learn the server's structures and enumerations.
     *
     * @param namespaceIndex of these alone; null = all but namespace 0
     * @return how many there are
     */
    default long discoverDataTypes(@Nullable Integer namespaceIndex, boolean useCache) {
        return query(Queries.discoverDataTypes(namespaceIndex, useCache));
    }

    default CompletableFuture<Long> discoverDataTypesAsync(@Nullable Integer namespaceIndex, boolean useCache) {
        return queryAsync(Queries.discoverDataTypes(namespaceIndex, useCache));
    }
}
