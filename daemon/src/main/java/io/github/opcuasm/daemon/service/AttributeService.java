package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.jspecify.annotations.Nullable;

/** Read and Write (Part 4, 5.11). */
public final class AttributeService {
    private static final int VALUE = 13;
    private static final ChangeBatches<
                    WriteValue, WriteResponse, org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode>
            WRITES = new ChangeBatches<>(
                    WriteResponse.class,
                    (header, values) -> new WriteRequest(header, values.toArray(WriteValue[]::new)),
                    WriteResponse::getResults);

    private final WriteTypeDetection writeTypes;

    /** @param ticker tells how old a remembered write type is */
    public AttributeService(Ticker ticker) {
        this.writeTypes = new WriteTypeDetection(this, ticker);
    }

    /** Forgets which types the variables of this server take; the next write asks anew. */
    public void forget(CallContext context) {
        writeTypes.forget(context);
    }

    /** Forgets which type one variable takes. */
    public void forget(CallContext context, NodeReference nodeId) {
        writeTypes.forget(context, context.local(nodeId));
    }

    /** Reads one attribute; a bad status is part of the result. */
    public CompletableFuture<DataValue> read(CallContext context, ReadItem item) {
        return readBatch(context, List.of(item)).thenApply(values -> {
            if (values.size() != 1) {
                throw OpcUaErrors.service(
                        "The server answered 1 item with " + values.size(), StatusCodes.Bad_UnexpectedError);
            }
            return values.get(0);
        });
    }

    /** Reads attributes, in as many calls as the server's limits ask for; a bad status is part of each result. */
    public CompletableFuture<List<DataValue>> readMulti(CallContext context, List<ReadItem> items) {
        Batches.requireSome(items, "items");
        int size = Batches.size(
                context.config().batchSize(), context.session().serverInfo().maxNodesPerRead());
        return Batches.run(items, size, (slice, start) -> readBatch(context, slice));
    }

    /**
     * Writes attributes. Every value is checked before the first one is sent; what does not fit fails the whole request.
     *
     * @return one status code an item, in order
     */
    public CompletableFuture<List<StatusCode>> write(CallContext context, List<WriteItem> items) {
        Batches.requireSome(items, "items");
        SessionState.Active active = context.requireActive();
        return InOrder.each(items, item -> writeValue(context, item))
                .thenCompose(values -> WRITES.send(
                        context,
                        active,
                        values,
                        context.session().serverInfo().maxNodesPerWrite(),
                        TypeMapper::toWire));
    }

    /**
     * What is sent for a value that a caller gave.
     *
     * @param name of the value in messages
     * @return fails with {@code WriteTypeMismatchException} if it does not fit the type
     */
    static CompletableFuture<Variant> encoded(CallContext context, JsonValue given, WriteType type, String name) {
        Variant value = ValueReader.readVariant(given, type.type(), type.valueRank(), name);
        return context.types().encode(context, value, type.declared(), name);
    }

    private CompletableFuture<List<DataValue>> readBatch(CallContext context, List<ReadItem> items) {
        // Names are resolved when the request leaves: it may have waited for a session that numbers its namespaces
        // anew.
        return context.read(
                        ReadResponse.class,
                        header -> new ReadRequest(
                                header, 0.0, TimestampsToReturn.Both, readValueIds(items, context.namespaces())))
                .thenCompose(response -> {
                    var results = response.getResults() == null
                            ? List.<org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable DataValue>of()
                            : Arrays.asList(response.getResults());
                    return context.prepared(results).thenApply(types -> {
                        List<DataValue> values = new ArrayList<>(results.size());
                        results.forEach(result -> values.add(TypeMapper.toWire(result, types)));
                        return values;
                    });
                });
    }

    private static ReadValueId[] readValueIds(List<ReadItem> items, NamespaceTable namespaces) {
        ReadValueId[] nodes = new ReadValueId[items.size()];
        for (int i = 0; i < nodes.length; i++) {
            ReadItem item = items.get(i);
            nodes[i] = new ReadValueId(
                    TypeMapper.toMilo(item.nodeId(), namespaces),
                    uint(item.attributeId()),
                    null,
                    QualifiedName.NULL_VALUE);
        }
        return nodes;
    }

    /** Of the type beside a value, else of that which the variable takes; fails if nobody says what that is. */
    CompletableFuture<WriteType> typeOf(CallContext context, WriteItem item) {
        BuiltinType given = item.type();
        if (given != null) {
            return CompletableFuture.completedFuture(new WriteType(given, null, WriteType.ANY_RANK));
        }
        if (!context.config().autoDetectWriteType() || item.attributeId() != VALUE) {
            throw new CommandException(
                    ErrorType.WRITE_TYPE_DETECTION,
                    item.name() + " has no type beside it, and "
                            + (item.attributeId() == VALUE
                                    ? "autoDetectWriteType is false"
                                    : "only the type of a Value can be found out")
                            + "; give one");
        }
        return writeTypes.of(context, context.local(item.nodeId()));
    }

    private CompletableFuture<WriteValue> writeValue(CallContext context, WriteItem item) {
        NodeId nodeId = TypeMapper.toMilo(item.nodeId(), context.namespaces());
        return typeOf(context, item)
                .thenCompose(type -> encoded(context, item.value(), type, item.name()))
                .thenApply(encoded -> new WriteValue(
                        nodeId,
                        uint(item.attributeId()),
                        null,
                        org.eclipse.milo.opcua.stack.core.types.builtin.DataValue.valueOnly(
                                TypeMapper.toMilo(encoded))));
    }
}
