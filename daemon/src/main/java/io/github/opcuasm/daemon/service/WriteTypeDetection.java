package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.datatype.ValueType;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a variable takes, so that a plain JSON value can be written: reads DataType and ValueRank, and asks the
 * server's types what the DataType is. Where it is abstract (Number, BaseDataType), or the server does not describe it, the
 * type of the current value counts, and is asked for each time, because the next value may be of another. The rest is
 * remembered for a while, and only as long as the session that was asked lives: a server that was restarted may have
 * changed.
 */
final class WriteTypeDetection {
    private static final int DATA_TYPE = 14;
    private static final int VALUE_RANK = 15;
    private static final int VALUE = 13;
    private static final int SCALAR_OR_ONE_DIMENSION = -3;

    private final AttributeService attributes;
    private final NodeMemory<Variable> remembered;

    /**
     * What a variable says about itself. What its data type is, the registry remembers, which also notices changes.
     *
     * @param current the type of its value; null if it has none
     */
    private record Variable(
            NodeId dataType, int valueRank, @Nullable BuiltinType current) {}

    WriteTypeDetection(AttributeService attributes, Ticker ticker) {
        this.attributes = attributes;
        this.remembered = new NodeMemory<>(ticker);
    }

    /** Fails with {@code WriteTypeDetectionException} if the server does not tell. */
    CompletableFuture<WriteType> of(CallContext context, NodeId nodeId) {
        ServerInfo server = context.session().serverInfo();
        Variable known = remembered.get(server, nodeId);
        if (known != null) {
            return typeOf(context, nodeId, known);
        }
        List<ReadItem> items =
                List.of(new ReadItem(nodeId, DATA_TYPE), new ReadItem(nodeId, VALUE_RANK), new ReadItem(nodeId, VALUE));
        return attributes.readMulti(context, items).thenCompose(values -> {
            Variable variable = variable(nodeId, values);
            return typeOf(context, nodeId, variable).thenApply(type -> {
                ValueType declared = type.declared();
                if (declared != null && declared.builtinType() != BuiltinType.VARIANT) {
                    remembered.put(server, nodeId, variable);
                }
                return type;
            });
        });
    }

    /** Forgets what the variables of this session said; the next write asks anew. */
    void forget(CallContext context) {
        remembered.forget(context.session().serverInfo());
    }

    /** Forgets what one of them said. */
    void forget(CallContext context, NodeId nodeId) {
        remembered.forget(context.session().serverInfo(), nodeId);
    }

    private static Variable variable(NodeId nodeId, List<DataValue> values) {
        if (!(values.get(0).variant().value() instanceof NodeId dataType)) {
            throw undetected(
                    nodeId,
                    "its DataType cannot be read (" + values.get(0).statusCode().name() + ")");
        }
        int valueRank = values.get(1).variant().value() instanceof Integer rank && rank >= SCALAR_OR_ONE_DIMENSION
                ? rank
                : WriteType.ANY_RANK;
        return new Variable(dataType, valueRank, values.get(2).variant().type());
    }

    private static CompletableFuture<WriteType> typeOf(CallContext context, NodeId nodeId, Variable variable) {
        return context.types().typeOf(context, variable.dataType()).thenApply(declared -> {
            if (declared != null && declared.builtinType() != BuiltinType.VARIANT) {
                return new WriteType(declared.builtinType(), declared, variable.valueRank());
            }
            BuiltinType current = variable.current();
            if (current != null) {
                return new WriteType(current, declared, variable.valueRank());
            }
            throw undetected(
                    nodeId,
                    declared == null
                            ? "the server does not describe its DataType " + variable.dataType()
                                    + ", and it has no value now"
                            : "its DataType is abstract and it has no value now");
        });
    }

    private static CommandException undetected(NodeId nodeId, String why) {
        return new CommandException(
                ErrorType.WRITE_TYPE_DETECTION,
                "The type of " + nodeId + " could not be found out: " + why + "; give the type with the value");
    }
}
