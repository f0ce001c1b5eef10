package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Collects browse paths for one request ({@link ViewServices#browsePaths}). Not thread-safe. */
public final class BrowsePaths {
    private final SessionQueries session;
    private final List<BrowsePath> paths = new ArrayList<>();

    BrowsePaths(SessionQueries session) {
        this.session = session;
    }

    /** From a node along hierarchical references to nodes of these names. */
    public BrowsePaths path(NodeReference startingNode, QualifiedName... names) {
        return path(BrowsePath.of(startingNode, names));
    }

    public BrowsePaths path(BrowsePath path) {
        paths.add(path);
        return this;
    }

    private Query<List<BrowsePathResult>> query() {
        return Queries.translateBrowsePaths(List.copyOf(paths));
    }

    /** Where they lead, in their order. */
    public List<BrowsePathResult> execute() {
        return session.query(query());
    }

    /** The same without waiting. */
    public CompletableFuture<List<BrowsePathResult>> executeAsync() {
        return session.queryAsync(query());
    }
}
