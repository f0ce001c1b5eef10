package io.github.opcuasm.simulator;

import java.util.List;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.PerformUpdateType;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteAtTimeDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteRawModifiedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryUpdateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateDataDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.UpdateStructureDataDetails;

/**
 * HistoryUpdate (Part 4, 5.11.5 and Part 11, 6.9) of the simulator's own nodes: of data and of events, one at a time.
 * What is replaced or deleted becomes a modified sample; events leave no trace. Structures and annotations are
 * Bad_HistoryOperationUnsupported.
 *
 * <p>A status of a node means that nothing was done; without one, each value, time or event has its own.
 */
final class HistoryUpdates {
    private final SimulatorNamespace namespace;
    private final HistoryNodes history;
    private final EventUpdates events;

    HistoryUpdates(SimulatorNamespace namespace, HistoryNodes history, EventUpdates events) {
        this.namespace = namespace;
        this.history = history;
        this.events = events;
    }

    HistoryUpdateResult update(Session session, HistoryUpdateDetails details) {
        try {
            return result(StatusCodes.Good, operations(session, details));
        } catch (UaException e) {
            return result(e.getStatusCode().getValue(), List.of());
        }
    }

    static HistoryUpdateResult result(long status, List<Long> operations) {
        return new HistoryUpdateResult(
                new StatusCode(status),
                operations.stream().map(StatusCode::new).toArray(StatusCode[]::new),
                new DiagnosticInfo[0]);
    }

    private List<Long> operations(Session session, HistoryUpdateDetails details) throws UaException {
        HistoryStore.Modifier modifier = new HistoryStore.Modifier(history.now(), session.getClientUserId());
        if (details instanceof UpdateDataDetails update) {
            return put(update, modifier);
        }
        if (details instanceof DeleteRawModifiedDetails delete) {
            return delete(delete, modifier);
        }
        if (details instanceof DeleteAtTimeDetails delete) {
            return deleteAt(delete, modifier);
        }
        if (details instanceof UpdateEventDetails update) {
            return events.put(update);
        }
        if (details instanceof DeleteEventDetails delete) {
            return events.delete(delete);
        }
        throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
    }

    private List<Long> put(UpdateDataDetails details, HistoryStore.Modifier modifier) throws UaException {
        Writable node = writable(details.getNodeId());
        PerformUpdateType how = checked(details.getPerformInsertReplace());
        return Stream.of(given(details.getUpdateValues()))
                .map(value -> put(node, value, how, modifier))
                .toList();
    }

    private static long put(Writable node, DataValue value, PerformUpdateType how, HistoryStore.Modifier modifier) {
        DateTime time = value.sourceTime();
        if (time == null || time.isNull()) {
            return StatusCodes.Bad_InvalidTimestamp;
        }
        Variant variant = value.value();
        Object of = variant == null ? null : variant.value();
        if (of == null ? !value.statusCode().isBad() : !node.type().isInstance(of)) {
            return StatusCodes.Bad_TypeMismatch;
        }
        DateTime server = value.serverTime();
        boolean arrived = server != null && server.isValid();
        return node.store().put(arrived ? value : value.withServerTime(modifier.time()), how, modifier);
    }

    private List<Long> delete(DeleteRawModifiedDetails details, HistoryStore.Modifier modifier) throws UaException {
        HistoryStore store = writable(details.getNodeId()).store();
        DateTime start = details.getStartTime();
        DateTime end = details.getEndTime();
        if (start.isNull() || end.isNull() || start.utcTime() > end.utcTime()) {
            throw new UaException(StatusCodes.Bad_InvalidTimestampArgument);
        }
        boolean any = Boolean.TRUE.equals(details.getIsDeleteModified())
                ? store.deleteModified(start, end)
                : store.delete(start, end, modifier);
        if (!any) {
            throw new UaException(StatusCodes.Bad_NoData);
        }
        return List.of();
    }

    private List<Long> deleteAt(DeleteAtTimeDetails details, HistoryStore.Modifier modifier) throws UaException {
        HistoryStore store = writable(details.getNodeId()).store();
        return Stream.of(given(details.getReqTimes()))
                .map(time -> store.deleteAt(time, modifier) ? StatusCodes.Good : StatusCodes.Bad_NoEntryExists)
                .toList();
    }

    /** The node whose history is to change; each kind of details has a field of its own for it. */
    static NodeId nodeOf(HistoryUpdateDetails details) {
        if (details instanceof UpdateDataDetails update) {
            return update.getNodeId();
        }
        if (details instanceof UpdateStructureDataDetails update) {
            return update.getNodeId();
        }
        if (details instanceof UpdateEventDetails update) {
            return update.getNodeId();
        }
        if (details instanceof DeleteRawModifiedDetails delete) {
            return delete.getNodeId();
        }
        if (details instanceof DeleteAtTimeDetails delete) {
            return delete.getNodeId();
        }
        return details instanceof DeleteEventDetails delete ? delete.getNodeId() : NodeId.NULL_VALUE;
    }

    /** What is to be done, which there has to be some of. */
    static <T> T[] given(T[] operations) throws UaException {
        if (operations == null || operations.length == 0) {
            throw new UaException(StatusCodes.Bad_InvalidArgument);
        }
        return operations;
    }

    /** How to update; deleting has requests of its own (Part 11, 6.9.2 and 6.9.4). */
    static PerformUpdateType checked(PerformUpdateType how) throws UaException {
        if (how == null || how == PerformUpdateType.Remove) {
            throw new UaException(StatusCodes.Bad_InvalidArgument);
        }
        return how;
    }

    private Writable writable(NodeId nodeId) throws UaException {
        UaNode found = namespace.find(nodeId);
        if (found == null) {
            throw new UaException(StatusCodes.Bad_NodeIdUnknown);
        }
        HistoryStore store = history.store(nodeId);
        if (store == null || !(found instanceof UaVariableNode variable)) {
            throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
        }
        if ((variable.getUserAccessLevel().intValue() & AccessLevel.HistoryWrite.getValue()) == 0) {
            throw new UaException(StatusCodes.Bad_UserAccessDenied);
        }
        return new Writable(store, OpcUaDataType.getBackingClass(variable.getDataType()));
    }

    /**
     * A history that this user may change.
     *
     * @param type what its values are in Java
     */
    private record Writable(HistoryStore store, Class<?> type) {}
}
