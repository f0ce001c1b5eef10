package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reading, writing and calls (Part 4, 5.11 and 5.12). Each has an asynchronous twin: see {@link SessionQueries}. */
public sealed interface AttributeServices extends SessionQueries permits ManagedClient {

    /** Reads a node's value. A node that does not exist is a bad {@link ReadResult#statusCode}, no exception. */
    default ReadResult read(NodeReference node) {
        return read(node, AttributeId.VALUE);
    }

    default CompletableFuture<ReadResult> readAsync(NodeReference node) {
        return readAsync(node, AttributeId.VALUE);
    }

    /** Reads the value of the node with this id as text: {@code ns=2;s=Speed}, {@code nsu=http://example.org/;s=Speed}. */
    default ReadResult read(String node) {
        return read(Nodes.parse(node));
    }

    default CompletableFuture<ReadResult> readAsync(String node) {
        return readAsync(Nodes.parse(node));
    }

    /** Reads an attribute of a node; from the daemon's cache where the session was opened with {@code readMetadataCache}. */
    default ReadResult read(NodeReference node, AttributeId attribute) {
        return read(node, attribute, false);
    }

    default CompletableFuture<ReadResult> readAsync(NodeReference node, AttributeId attribute) {
        return readAsync(node, attribute, false);
    }

    /** As {@link #read(NodeReference, AttributeId)}, the node in text form. */
    default ReadResult read(String node, AttributeId attribute) {
        return read(Nodes.parse(node), attribute);
    }

    default CompletableFuture<ReadResult> readAsync(String node, AttributeId attribute) {
        return readAsync(Nodes.parse(node), attribute);
    }

    /**
     * Reads an attribute of a node.
     *
     * @param refresh ask the server whatever the cache has
     */
    default ReadResult read(NodeReference node, AttributeId attribute, boolean refresh) {
        return query(Queries.read(node, attribute, refresh));
    }

    default CompletableFuture<ReadResult> readAsync(NodeReference node, AttributeId attribute, boolean refresh) {
        return queryAsync(Queries.read(node, attribute, refresh));
    }

    /** Several attributes in one request, results in order: {@code readMulti().value(a).attribute(b, DISPLAY_NAME).execute()}. */
    default ReadMulti readMulti() {
        return new ReadMulti(this);
    }

    /** The values of these nodes, in their order. */
    default List<ReadResult> readMulti(List<? extends NodeReference> nodes) {
        return readMulti().values(nodes).execute();
    }

    default CompletableFuture<List<ReadResult>> readMultiAsync(List<? extends NodeReference> nodes) {
        return readMulti().values(nodes).executeAsync();
    }

    /**
     * Writes a value; the daemon finds out the type that the variable has. Sent once.
     *
     * @param value what {@link Json#of} takes; a {@link Variant} or {@link TypedValue} is written with its own type
     * @return what the server said; a refusal is no exception
     * @throws RequestFailedException.WriteTypeMismatch if the value does not fit the variable: nothing was sent
     */
    default StatusCode write(NodeReference node, @Nullable Object value) {
        return write(node, value, null);
    }

    default CompletableFuture<StatusCode> writeAsync(NodeReference node, @Nullable Object value) {
        return writeAsync(node, value, null);
    }

    /** As {@link #write(NodeReference, Object)}, the node in text form. */
    default StatusCode write(String node, @Nullable Object value) {
        return write(Nodes.parse(node), value);
    }

    default CompletableFuture<StatusCode> writeAsync(String node, @Nullable Object value) {
        return writeAsync(Nodes.parse(node), value);
    }

    /**
     * Writes a value as this type; whether the variable takes it is for the server to say. Sent once.
     *
     * @param type null: as the variable has it
     */
    default StatusCode write(NodeReference node, @Nullable Object value, @Nullable BuiltinType type) {
        return query(Queries.write(node, value, type));
    }

    default CompletableFuture<StatusCode> writeAsync(
            NodeReference node, @Nullable Object value, @Nullable BuiltinType type) {
        return queryAsync(Queries.write(node, value, type));
    }

    /** As {@link #write(NodeReference, Object, BuiltinType)}, the node in text form. */
    default StatusCode write(String node, @Nullable Object value, @Nullable BuiltinType type) {
        return write(Nodes.parse(node), value, type);
    }

    default CompletableFuture<StatusCode> writeAsync(String node, @Nullable Object value, @Nullable BuiltinType type) {
        return writeAsync(Nodes.parse(node), value, type);
    }

    /** Several values in one request, status codes in order: {@code writeMulti().value(a, 1).value(b, 2.5).execute()}. */
    default WriteMulti writeMulti() {
        return new WriteMulti(this);
    }

    /**
     * Calls a method of an object; sent once. A bad status of the method is part of the result, no exception.
     *
     * @param arguments each with its type
     */
    default CallResult call(NodeReference object, NodeReference method, Variant... arguments) {
        return query(Queries.call(object, method, List.of(arguments)));
    }

    default CompletableFuture<CallResult> callAsync(NodeReference object, NodeReference method, Variant... arguments) {
        return queryAsync(Queries.call(object, method, List.of(arguments)));
    }
}
