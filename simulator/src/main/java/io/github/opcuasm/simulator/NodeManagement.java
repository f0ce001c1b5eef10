package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.sdk.server.servicesets.AbstractServiceSet.createResponseHeader;

import java.util.Arrays;
import java.util.function.Function;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.diagnostics.ServiceCounter;
import org.eclipse.milo.opcua.sdk.server.diagnostics.SessionDiagnostics;
import org.eclipse.milo.opcua.sdk.server.servicesets.NodeManagementServiceSet;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesResult;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesResponse;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * The NodeManagement services (Part 4, 5.8). The operations of a request are carried out in its order, so that one may
 * name a node that an earlier one added; each has its own result.
 */
final class NodeManagement implements NodeManagementServiceSet {
    private static final DiagnosticInfo[] NO_DIAGNOSTICS = new DiagnosticInfo[0];

    private final OpcUaServer server;
    private final Limits limits;
    private final ManagedNodes nodes;
    private final ManagedReferences references;

    NodeManagement(OpcUaServer server, Limits limits, ManagedNodes nodes, ManagedReferences references) {
        this.server = server;
        this.limits = limits;
        this.nodes = nodes;
        this.references = references;
    }

    @FunctionalInterface
    private interface Change<T> {
        void apply(T item) throws UaException;
    }

    @Override
    public AddNodesResponse onAddNodes(ServiceRequestContext context, AddNodesRequest request) throws UaException {
        AddNodesItem[] items = request.getNodesToAdd();
        begin(context, request, items, SessionDiagnostics::getAddNodesCount);
        return new AddNodesResponse(
                createResponseHeader(request),
                Arrays.stream(items).map(this::added).toArray(AddNodesResult[]::new),
                NO_DIAGNOSTICS);
    }

    private AddNodesResult added(AddNodesItem item) {
        try {
            return new AddNodesResult(StatusCode.GOOD, nodes.add(item));
        } catch (UaException e) {
            return new AddNodesResult(e.getStatusCode(), NodeId.NULL_VALUE);
        }
    }

    @Override
    public DeleteNodesResponse onDeleteNodes(ServiceRequestContext context, DeleteNodesRequest request)
            throws UaException {
        begin(context, request, request.getNodesToDelete(), SessionDiagnostics::getDeleteNodesCount);
        return new DeleteNodesResponse(
                createResponseHeader(request), each(request.getNodesToDelete(), nodes::delete), NO_DIAGNOSTICS);
    }

    @Override
    public AddReferencesResponse onAddReferences(ServiceRequestContext context, AddReferencesRequest request)
            throws UaException {
        begin(context, request, request.getReferencesToAdd(), SessionDiagnostics::getAddReferencesCount);
        return new AddReferencesResponse(
                createResponseHeader(request), each(request.getReferencesToAdd(), references::add), NO_DIAGNOSTICS);
    }

    @Override
    public DeleteReferencesResponse onDeleteReferences(ServiceRequestContext context, DeleteReferencesRequest request)
            throws UaException {
        begin(context, request, request.getReferencesToDelete(), SessionDiagnostics::getDeleteReferencesCount);
        return new DeleteReferencesResponse(
                createResponseHeader(request),
                each(request.getReferencesToDelete(), references::delete),
                NO_DIAGNOSTICS);
    }

    private void begin(
            ServiceRequestContext context,
            UaRequestMessageType request,
            Object @Nullable [] items,
            Function<SessionDiagnostics, ServiceCounter> counter)
            throws UaException {
        Session session = server.getSessionManager().getSession(context, request.getRequestHeader());
        counter.apply(session.getSessionDiagnostics()).incrementTotalCount();
        session.getSessionDiagnostics().getTotalRequestCount().incrementTotalCount();
        if (items == null || items.length == 0) {
            throw new UaException(StatusCodes.Bad_NothingToDo);
        }
        int limit = limits.operations(OperationLimit.MAX_NODES_PER_NODE_MANAGEMENT);
        if (limit > 0 && items.length > limit) {
            throw new UaException(StatusCodes.Bad_TooManyOperations);
        }
    }

    private static <T> StatusCode[] each(T[] items, Change<T> change) {
        return Arrays.stream(items)
                .map(item -> {
                    try {
                        change.apply(item);
                        return StatusCode.GOOD;
                    } catch (UaException e) {
                        return e.getStatusCode();
                    }
                })
                .toArray(StatusCode[]::new);
    }
}
