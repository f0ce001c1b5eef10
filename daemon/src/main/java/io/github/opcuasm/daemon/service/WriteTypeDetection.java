package io.github.opcuasm.daemon.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a variable takes, so that a plain JSON value can be written: reads DataType and ValueRank, and climbs from
 * the DataType to the built-in type that carries it. Where the DataType is abstract (Number, BaseDataType), the type of
 * the current value counts. Remembered for a while, and only as long as the session that was asked lives: a server that
 * was restarted may have changed.
 */
final class WriteTypeDetection {
    private static final int DATA_TYPE = 14;
    private static final int VALUE_RANK = 15;
    private static final int VALUE = 13;
    private static final int ANY_RANK = -2;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_REMEMBERED = 10_000;
    private static final long ENUMERATION = 29;
    private static final long STRUCTURE = 22;

    /** BaseDataType, Number, Integer, UInteger: a variable of these holds one of several built-in types. */
    private static final List<Long> ABSTRACT = List.of(24L, 26L, 27L, 28L);

    private final AttributeService attributes;
    private final Cache<Key, WriteType> remembered;

    /** The server info is compared by identity, and each new OPC UA session has its own. */
    private record Key(NamespaceTable session, NodeId nodeId) {}

    WriteTypeDetection(AttributeService attributes, Ticker ticker) {
        this.attributes = attributes;
        this.remembered = Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .expireAfterWrite(Duration.ofMinutes(5))
                .ticker(ticker::read)
                .executor(Runnable::run)
                .build();
    }

    /** Fails with {@code WriteTypeDetectionException} if the server does not tell. */
    CompletableFuture<WriteType> of(CallContext context, NodeId nodeId) {
        ServerInfo server = context.session().serverInfo();
        Key key = new Key(server.namespaces(), nodeId);
        WriteType known = remembered.getIfPresent(key);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        List<ReadItem> items =
                List.of(new ReadItem(nodeId, DATA_TYPE), new ReadItem(nodeId, VALUE_RANK), new ReadItem(nodeId, VALUE));
        return attributes
                .readMulti(context, items)
                .thenCompose(values -> resolve(context, nodeId, values))
                .whenComplete((type, failure) -> {
                    if (type != null) {
                        remembered.put(key, type);
                    }
                });
    }

    private CompletableFuture<WriteType> resolve(CallContext context, NodeId nodeId, List<DataValue> values) {
        if (!(values.get(0).variant().value() instanceof NodeId dataType)) {
            throw undetected(
                    nodeId,
                    "its DataType cannot be read (" + values.get(0).statusCode().name() + ")");
        }
        int rank = values.get(1).variant().value() instanceof Integer given ? given : ANY_RANK;
        BuiltinType current = values.get(2).variant().type();
        return builtinType(context, dataType, 0).thenApply(found -> {
            if (found != null) {
                return new WriteType(found, rank);
            }
            if (current != null) {
                return new WriteType(current, rank);
            }
            throw undetected(nodeId, "its DataType is abstract and it has no value now");
        });
    }

    /** The built-in type that carries values of a data type; null if that is abstract. */
    private CompletableFuture<@Nullable BuiltinType> builtinType(CallContext context, NodeId dataType, int depth) {
        if (dataType.namespaceIndex() == 0 && dataType.identifier() instanceof Identifier.Numeric numeric) {
            long id = numeric.value();
            if (ABSTRACT.contains(id)) {
                return CompletableFuture.completedFuture(null);
            }
            if (id == ENUMERATION) {
                return CompletableFuture.completedFuture(BuiltinType.INT32);
            }
            if (id > 0 && id <= STRUCTURE) {
                return CompletableFuture.completedFuture(
                        BuiltinType.of((int) id).orElseThrow());
            }
        }
        if (depth == MAX_DEPTH) {
            throw undetected(dataType, "its supertypes lead nowhere");
        }
        return supertype(context, dataType).thenCompose(parent -> builtinType(context, parent, depth + 1));
    }

    private CompletableFuture<NodeId> supertype(CallContext context, NodeId dataType) {
        BrowseDescription upwards = new BrowseDescription(
                TypeMapper.toMilo(dataType),
                BrowseDirection.Inverse,
                NodeIds.HasSubtype,
                false,
                UInteger.MIN,
                UInteger.MIN);
        return context.read(
                        BrowseResponse.class,
                        header -> new BrowseRequest(
                                header,
                                new ViewDescription(
                                        org.eclipse.milo.opcua.stack.core.types.builtin.NodeId.NULL_VALUE,
                                        DateTime.NULL_VALUE,
                                        UInteger.MIN),
                                UInteger.MIN,
                                new BrowseDescription[] {upwards}))
                .thenApply(response -> {
                    BrowseResult[] results = response.getResults();
                    BrowseResult result = results == null || results.length != 1 ? null : results[0];
                    ReferenceDescription[] parents = result == null ? null : result.getReferences();
                    ByteString more = result == null ? null : result.getContinuationPoint();
                    boolean hasMore = more != null && more.isNotNull() && more.length() > 0;
                    if (parents == null || parents.length == 0 || hasMore) {
                        throw undetected(dataType, "its supertype cannot be browsed");
                    }
                    return TypeMapper.toWire(parents[0].getNodeId(), context.namespaces())
                            .nodeId();
                });
    }

    private static CommandException undetected(NodeId nodeId, String why) {
        return new CommandException(
                ErrorType.WRITE_TYPE_DETECTION,
                "The type of " + nodeId + " could not be found out: " + why + "; give the type with the value");
    }
}
