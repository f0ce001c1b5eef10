package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Collects what shall be read in one request ({@link AttributeServices#readMulti()}). The daemon splits it into as many
 * service calls as the server's limits ask for; one request holds some 700 nodes ({@code --max-frame-bytes}). Not thread-safe.
 */
public final class ReadMulti {
    private final SessionQueries session;
    private final List<NodeReference> nodes = new ArrayList<>();
    private final List<Map<String, Object>> items = new ArrayList<>();

    ReadMulti(SessionQueries session) {
        this.session = session;
    }

    /** A node's value. */
    public ReadMulti value(NodeReference node) {
        return attribute(node, AttributeId.VALUE);
    }

    public ReadMulti value(String node) {
        return value(Nodes.parse(node));
    }

    /** The values of these nodes. */
    public ReadMulti values(List<? extends NodeReference> all) {
        all.forEach(this::value);
        return this;
    }

    public ReadMulti attribute(NodeReference node, AttributeId attribute) {
        nodes.add(node);
        items.add(Map.of("nodeId", node, "attributeId", attribute));
        return this;
    }

    public ReadMulti attribute(String node, AttributeId attribute) {
        return attribute(Nodes.parse(node), attribute);
    }

    private Query<List<ReadResult>> query() {
        return Queries.readMulti(List.copyOf(nodes), items);
    }

    /**
     * Reads: the results in the order of the calls above. A node that does not exist is a bad status of its own result.
     *
     * @throws RequestFailedException.Service with Bad_NothingToDo if there is nothing to read
     */
    public List<ReadResult> execute() {
        return session.query(query());
    }

    /** The same without waiting. */
    public CompletableFuture<List<ReadResult>> executeAsync() {
        return session.queryAsync(query());
    }
}
