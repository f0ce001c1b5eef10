package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Collects what shall be written in one request ({@link AttributeServices#writeMulti()}). Not thread-safe. */
public final class WriteMulti {
    private final SessionQueries session;
    private final List<Map<String, @Nullable Object>> items = new ArrayList<>();

    WriteMulti(SessionQueries session) {
        this.session = session;
    }

    /** A node's value, of the type that the variable has; what is taken, {@link AttributeServices#write} says. */
    public WriteMulti value(NodeReference node, @Nullable Object value) {
        return attribute(node, AttributeId.VALUE, value, null);
    }

    public WriteMulti value(String node, @Nullable Object value) {
        return value(Nodes.parse(node), value);
    }

    /** A node's value as this type. */
    public WriteMulti value(NodeReference node, @Nullable Object value, BuiltinType type) {
        return attribute(node, AttributeId.VALUE, value, type);
    }

    public WriteMulti value(String node, @Nullable Object value, BuiltinType type) {
        return value(Nodes.parse(node), value, type);
    }

    /**
     * An attribute of a node.
     *
     * @param type null: as the attribute has it
     */
    public WriteMulti attribute(
            NodeReference node, AttributeId attribute, @Nullable Object value, @Nullable BuiltinType type) {
        Map<String, @Nullable Object> item = new LinkedHashMap<>();
        item.put("nodeId", node);
        item.put("attributeId", attribute);
        item.putAll(Queries.written(value, type));
        items.add(item);
        return this;
    }

    private Query<List<StatusCode>> query() {
        return Queries.writeMulti(List.copyOf(items));
    }

    /**
     * Writes, once: what the server said of each, in the order of the calls above.
     *
     * @throws RequestFailedException.WriteTypeMismatch if a value does not fit its variable: nothing was sent
     */
    public List<StatusCode> execute() {
        return session.query(query());
    }

    /** The same without waiting. */
    public CompletableFuture<List<StatusCode>> executeAsync() {
        return session.queryAsync(query());
    }
}
