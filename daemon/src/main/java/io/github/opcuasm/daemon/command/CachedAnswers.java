package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.cache.CacheKey;
import io.github.opcuasm.daemon.cache.CachedKind;
import io.github.opcuasm.daemon.cache.MetadataCache;
import io.github.opcuasm.daemon.service.AggregateService;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultReader;
import io.github.opcuasm.protocol.json.ResultWriter;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The answers that methods may take from the cache (protocol, section 5). A question is asked anew when the server numbers
 * its namespaces in another way: every index in an old answer would be wrong.
 */
final class CachedAnswers {
    static final CachedKind<List<ReferenceDescription>> REFERENCES = kind(json ->
            elements(json).stream().map(ValueReader::readReferenceDescription).toList());
    static final CachedKind<NodeId> NODE_ID = kind(json -> ValueReader.readNodeId(json, "nodeId"));
    static final CachedKind<List<EndpointDescription>> ENDPOINTS = kind(json ->
            elements(json).stream().map(ResultReader::endpointDescription).toList());

    private static final CachedKind<List<DataValue>> VALUES = new CachedKind<>(
            Weight::of,
            values -> values.stream().noneMatch(value -> value.statusCode().isBad()),
            ResultWriter::write,
            json -> elements(json).stream().map(ValueReader::readDataValue).toList());

    /** A bad status may pass; a structure in a file would lose the types of its fields. */
    static final CachedKind<DataValue> ATTRIBUTE = new CachedKind<>(
            Weight::of,
            value -> value.statusCode().isGood() && !mayHoldStructures(value),
            ResultWriter::write,
            ValueReader::readDataValue);

    private final MetadataCache cache;

    CachedAnswers(MetadataCache cache) {
        this.cache = cache;
    }

    /**
     * @param node what it is about; null for none
     * @param question the method and all its other parameters
     */
    <T> CompletableFuture<T> get(
            CallContext context,
            @Nullable NodeReference node,
            String question,
            CachedKind<T> kind,
            boolean useCache,
            Supplier<CompletableFuture<T>> ask) {
        if (node != null && !context.knows(node)) {
            // A namespace that came since the session began: who asks the server looks for it there.
            return ask.get();
        }
        return cache.get(
                new CacheKey(
                        context.handle().cacheScope(),
                        node == null ? "" : context.local(node).toString(),
                        question + "\n" + context.namespaceUris()),
                kind,
                useCache,
                ask);
    }

    /** Remembers the event types of servers, as it does references. */
    EventTypeNames.Memory eventTypes() {
        return (context, node, useCache, ask) -> get(context, node, "eventTypes", REFERENCES, useCache, ask);
    }

    /** Remembers what servers say about aggregates. */
    AggregateService.Memory aggregates() {
        return (context, node, question, ask) -> get(context, node, "aggregates: " + question, VALUES, true, ask);
    }

    /** Forgets what this server and identity said about a node. */
    void forget(CallContext context, NodeReference node) {
        if (context.knows(node)) {
            cache.forget(context.handle().cacheScope(), context.local(node).toString());
        }
    }

    /** Forgets all that this server and identity said. */
    void forget(CallContext context) {
        cache.forget(context.handle().cacheScope());
    }

    private static boolean mayHoldStructures(DataValue value) {
        BuiltinType type = value.variant().type();
        return type == BuiltinType.EXTENSION_OBJECT || type == BuiltinType.VARIANT || type == BuiltinType.DATA_VALUE;
    }

    private static <T> CachedKind<T> kind(Function<JsonValue, T> reader) {
        return new CachedKind<>(Weight::of, value -> true, ResultWriter::write, reader);
    }

    private static List<JsonValue> elements(JsonValue json) {
        List<JsonValue> elements = json.asArray();
        return elements == null ? List.of() : elements;
    }
}
