package io.github.opcuasm.daemon.datatype;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.ServiceCalls;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseNextRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseNextResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server about its DataType nodes, on behalf of one call and within its deadline: many nodes a service call, but
 * not more than the server takes. What the server does not tell about a node is absent; only a call that fails as a whole
 * fails.
 *
 * <p>What it asks is by the namespace indices of the registry it asks for, so nothing goes to a session that numbers them
 * otherwise, or to another run of the server: then it fails. A page that follows is asked for once and on the session only
 * that granted its point (Part 4, 5.9.3); points that nobody follows are given back.
 */
final class TypeNodes {
    private static final int NODES_PER_CALL = 100;
    private static final int MAX_PAGES = 1_000;
    private static final int NAME = 8;
    private static final String BINARY = "Default Binary";
    private static final ViewDescription NO_VIEW =
            new ViewDescription(NodeId.NULL_VALUE, DateTime.NULL_VALUE, UInteger.MIN);

    private final ServiceCalls calls;
    private final DefinitionReader definitions;
    private final TypeRegistry registry;

    /** @param registry that the answers are for */
    TypeNodes(ServiceCalls calls, DefinitionReader definitions, TypeRegistry registry) {
        this.calls = calls;
        this.definitions = definitions;
        this.registry = registry;
    }

    /** The data types that these encodings are of; without those that are no encodings. */
    CompletableFuture<Map<NodeId, NodeId>> ofEncodings(List<NodeId> encodings) {
        return browse(encodings, BrowseDirection.Inverse, NodeIds.HasEncoding).thenApply(this::first);
    }

    /** The direct supertype of each, where there is one. */
    CompletableFuture<Map<NodeId, NodeId>> supertypes(List<NodeId> types) {
        return browse(types, BrowseDirection.Inverse, NodeIds.HasSubtype).thenApply(this::first);
    }

    /** The direct subtypes of all of them. */
    CompletableFuture<List<NodeId>> subtypes(List<NodeId> types) {
        return browse(types, BrowseDirection.Forward, NodeIds.HasSubtype)
                .thenApply(found -> found.values().stream()
                        .flatMap(List::stream)
                        .map(this::target)
                        .filter(NodeId::isNotNull)
                        .toList());
    }

    /** The binary encoding of each, where there is one. */
    CompletableFuture<Map<NodeId, NodeId>> binaryEncodings(List<NodeId> types) {
        return browse(types, BrowseDirection.Forward, NodeIds.HasEncoding).thenApply(found -> {
            Map<NodeId, NodeId> encodings = new LinkedHashMap<>();
            found.forEach((type, references) -> references.stream()
                    .filter(TypeNodes::isBinary)
                    .findFirst()
                    .ifPresent(encoding -> encodings.put(type, target(encoding))));
            return encodings;
        });
    }

    /** What each node says in its attributes DataTypeDefinition and IsAbstract. */
    CompletableFuture<Map<NodeId, DataTypeDescription>> describe(List<NodeId> types) {
        List<ReadValueId> items = new ArrayList<>(2 * types.size());
        for (NodeId type : types) {
            items.add(item(type, AttributeId.DataTypeDefinition));
            items.add(item(type, AttributeId.IsAbstract));
        }
        Long limit = info().maxNodesPerRead();
        return inTurns(items, limit, (slice, from) -> read(slice)).thenApply(values -> {
            Map<NodeId, DataTypeDescription> descriptions = new LinkedHashMap<>();
            for (int i = 0; i < types.size(); i++) {
                boolean isAbstract = Boolean.TRUE.equals(content(values.get(2 * i + 1)));
                Object definition = content(values.get(2 * i));
                descriptions.put(
                        types.get(i),
                        definition instanceof ExtensionObject object
                                ? definitions.read(object, isAbstract)
                                : new DataTypeDescription(null, null, isAbstract, null, null));
            }
            return descriptions;
        });
    }

    private static ReadValueId item(NodeId node, AttributeId attribute) {
        return new ReadValueId(node, attribute.uid(), null, QualifiedName.NULL_VALUE);
    }

    private static @Nullable Object content(@Nullable DataValue value) {
        return value == null || value.getValue() == null
                ? null
                : value.getValue().getValue();
    }

    private CompletableFuture<List<DataValue>> read(List<ReadValueId> items) {
        return call(() -> calls.read(ReadResponse.class, header -> {
                    requireSameServer();
                    return new ReadRequest(header, 0.0, TimestampsToReturn.Neither, items.toArray(ReadValueId[]::new));
                }))
                .thenApply(response -> sameNumber(response.getResults(), items.size()));
    }

    private CompletableFuture<Map<NodeId, List<ReferenceDescription>>> browse(
            List<NodeId> nodes, BrowseDirection direction, NodeId referenceType) {
        return inTurns(nodes, info().maxNodesPerBrowse(), (slice, from) -> browseSlice(slice, direction, referenceType))
                .thenApply(found -> {
                    Map<NodeId, List<ReferenceDescription>> references = new LinkedHashMap<>();
                    for (int i = 0; i < nodes.size(); i++) {
                        references.put(nodes.get(i), found.get(i));
                    }
                    return references;
                });
    }

    private CompletableFuture<List<List<ReferenceDescription>>> browseSlice(
            List<NodeId> nodes, BrowseDirection direction, NodeId referenceType) {
        BrowseDescription[] items = nodes.stream()
                .map(node -> new BrowseDescription(node, direction, referenceType, false, UInteger.MIN, uint(NAME)))
                .toArray(BrowseDescription[]::new);
        AtomicReference<@Nullable ServerInfo> sentOn = new AtomicReference<>();
        return call(() -> calls.read(BrowseResponse.class, header -> {
                    sentOn.set(requireSameServer());
                    return new BrowseRequest(header, NO_VIEW, UInteger.MIN, items);
                }))
                .thenCompose(response -> {
                    List<BrowseResult> results = sameNumber(response.getResults(), nodes.size());
                    List<List<ReferenceDescription>> found = new ArrayList<>();
                    results.forEach(result -> found.add(new ArrayList<>()));
                    return remaining(Objects.requireNonNull(sentOn.get()), results, found, 0);
                });
    }

    /** Follows the continuation points of all of the nodes at once. */
    private CompletableFuture<List<List<ReferenceDescription>>> remaining(
            ServerInfo grantedBy, List<BrowseResult> page, List<List<ReferenceDescription>> found, int pages) {
        List<List<ReferenceDescription>> unfinished = new ArrayList<>();
        List<ByteString> points = new ArrayList<>();
        for (int i = 0; i < page.size(); i++) {
            BrowseResult result = page.get(i);
            if (pages > 0 && (result == null || isBad(result))) {
                throw new CommandException(ErrorType.CONNECTION, "The server broke off the browse of its types");
            }
            if (result != null && result.getReferences() != null) {
                found.get(i).addAll(Arrays.asList(result.getReferences()));
            }
            ByteString point = result == null ? null : result.getContinuationPoint();
            if (point != null && point.isNotNull() && point.length() > 0) {
                unfinished.add(found.get(i));
                points.add(point);
            }
        }
        if (points.isEmpty()) {
            return CompletableFuture.completedFuture(found);
        }
        if (pages == MAX_PAGES) {
            release(grantedBy, points);
            throw new CommandException(ErrorType.OVERLOADED, "The server's type tree has no end");
        }
        return next(grantedBy, points, false)
                .whenComplete((response, failure) -> {
                    if (failure != null) {
                        release(grantedBy, points);
                    }
                })
                .thenCompose(response ->
                        remaining(grantedBy, sameNumber(response.getResults(), points.size()), unfinished, pages + 1))
                .thenApply(done -> found);
    }

    private CompletableFuture<BrowseNextResponse> next(ServerInfo grantedBy, List<ByteString> points, boolean release) {
        return call(() -> calls.once(BrowseNextResponse.class, header -> {
            if (!grantedBy.isOfSameSession(info())) {
                throw new CommandException(ErrorType.CONNECTION, "The session that the next page belongs to is gone");
            }
            return new BrowseNextRequest(header, release, points.toArray(ByteString[]::new));
        }));
    }

    /** Nobody waits for that; a session that is gone has taken its points along. */
    private void release(ServerInfo grantedBy, List<ByteString> points) {
        if (grantedBy.isOfSameSession(info())) {
            next(grantedBy, points, true);
        }
    }

    private static boolean isBad(BrowseResult result) {
        return result.getStatusCode() != null && result.getStatusCode().isBad();
    }

    private Map<NodeId, NodeId> first(Map<NodeId, List<ReferenceDescription>> found) {
        Map<NodeId, NodeId> targets = new LinkedHashMap<>();
        found.forEach((node, references) -> {
            NodeId target = references.isEmpty() ? NodeId.NULL_VALUE : target(references.get(0));
            if (target.isNotNull()) {
                targets.put(node, target);
            }
        });
        return targets;
    }

    private static boolean isBinary(@Nullable ReferenceDescription reference) {
        QualifiedName name = reference == null ? null : reference.getBrowseName();
        return name != null && BINARY.equals(name.getName());
    }

    /** Null node id for a node of another server, which type nodes never are. */
    private NodeId target(@Nullable ReferenceDescription reference) {
        return reference == null || reference.getNodeId() == null
                ? NodeId.NULL_VALUE
                : reference.getNodeId().toNodeId(registry.namespaces()).orElse(NodeId.NULL_VALUE);
    }

    /** What the session that a request goes to says of itself. */
    private ServerInfo requireSameServer() {
        ServerInfo session = info();
        if (!registry.isOf(session)) {
            throw new CommandException(
                    ErrorType.CONNECTION, "The server was restarted or changed while its types were being asked for");
        }
        return session;
    }

    private ServerInfo info() {
        return calls.session().serverInfo();
    }

    private static <T> List<T> sameNumber(T @Nullable [] results, int items) {
        if (results == null || results.length != items) {
            throw OpcUaErrors.service(
                    "The server did not answer each of " + items + " items", StatusCodes.Bad_UnexpectedError);
        }
        return Arrays.asList(results);
    }

    private interface Call<T> {
        CompletableFuture<T> send();
    }

    /** A call that is over may refuse at once. */
    private static <T> CompletableFuture<T> call(Call<T> call) {
        try {
            return call.send();
        } catch (CommandException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static <I, R> CompletableFuture<List<R>> inTurns(
            List<I> items, @Nullable Long limit, BiFunction<List<I>, Integer, CompletableFuture<List<R>>> call) {
        int size = (int) Math.max(1, limit == null ? NODES_PER_CALL : Math.min(limit, NODES_PER_CALL));
        return inTurns(items, 0, size, call, new ArrayList<>(items.size()));
    }

    private static <I, R> CompletableFuture<List<R>> inTurns(
            List<I> items,
            int from,
            int size,
            BiFunction<List<I>, Integer, CompletableFuture<List<R>>> call,
            List<R> results) {
        if (from >= items.size()) {
            return CompletableFuture.completedFuture(results);
        }
        int to = Math.min(items.size(), from + size);
        return call.apply(items.subList(from, to), from).thenCompose(part -> {
            results.addAll(part);
            return inTurns(items, to, size, call, results);
        });
    }
}
