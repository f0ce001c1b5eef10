package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.sdk.server.servicesets.AbstractServiceSet.createResponseHeader;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.methods.InvalidArgumentException;
import org.eclipse.milo.opcua.sdk.server.servicesets.MethodServiceSet;
import org.eclipse.milo.opcua.sdk.server.servicesets.impl.DefaultMethodServiceSet;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.eclipse.milo.opcua.stack.core.types.structured.CallRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallResponse;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;

/**
 * Call (Part 4, 5.12.2) for the simulator's own methods, answered when the last of them is done while no thread
 * waits; Milo's methods run on its threads to their end. The methods of a request begin in its order.
 *
 * <p>Operations on other objects go to Milo one by one: given several of which it allows some only, it executes
 * them all.
 */
final class SimulatorMethods {
    private static final DiagnosticInfo[] NO_DIAGNOSTICS = new DiagnosticInfo[0];

    private final OpcUaServer server;
    private final SimulatorNamespace namespace;
    private final MethodNodes methods;
    private final Calls log;
    private final MethodServiceSet foreign;

    SimulatorMethods(OpcUaServer server, SimulatorNamespace namespace, MethodNodes methods, Calls log) {
        this.server = server;
        this.namespace = namespace;
        this.methods = methods;
        this.log = log;
        this.foreign = new DefaultMethodServiceSet(server);
    }

    CompletableFuture<UaResponseMessageType> call(ServiceRequestContext context, CallRequest request) {
        try {
            return callAll(context, request);
        } catch (UaException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<UaResponseMessageType> callAll(ServiceRequestContext context, CallRequest request)
            throws UaException {
        Session session = server.getSessionManager().getSession(context, request.getRequestHeader());
        session.getSessionDiagnostics().getCallCount().incrementTotalCount();
        session.getSessionDiagnostics().getTotalRequestCount().incrementTotalCount();
        CallMethodRequest[] operations = request.getMethodsToCall();
        if (operations == null || operations.length == 0) {
            throw new UaException(StatusCodes.Bad_NothingToDo);
        }
        if (operations.length
                > server.getConfig().getLimits().getMaxNodesPerMethodCall().longValue()) {
            throw new UaException(StatusCodes.Bad_TooManyOperations);
        }
        List<CompletableFuture<CallMethodResult>> results = new ArrayList<>(operations.length);
        for (CallMethodRequest operation : operations) {
            results.add(isOwn(operation) ? execute(session, operation) : delegate(context, request, operation));
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenApply(done -> new CallResponse(
                        createResponseHeader(request),
                        results.stream().map(CompletableFuture::join).toArray(CallMethodResult[]::new),
                        NO_DIAGNOSTICS));
    }

    private boolean isOwn(CallMethodRequest operation) {
        NodeId objectId = operation.getObjectId();
        return namespace.owns(objectId) || methods.has(objectId, operation.getMethodId());
    }

    private CompletableFuture<CallMethodResult> execute(Session session, CallMethodRequest operation) {
        NodeId objectId = operation.getObjectId();
        List<Variant> arguments = argumentsOf(operation);
        try {
            if (namespace.owns(objectId) && namespace.find(objectId) == null) {
                throw new UaException(StatusCodes.Bad_NodeIdUnknown);
            }
            SimulatedMethod method = methods.find(objectId, operation.getMethodId());
            CallMethodResult refusal = method.refusal(arguments);
            if (refusal != null) {
                return CompletableFuture.completedFuture(refusal);
            }
            log.add(new MethodCall(objectId, operation.getMethodId(), arguments));
            return method.behaviour()
                    .call(session, arguments)
                    .thenApply(outputs -> succeeded(arguments, outputs))
                    .exceptionally(SimulatorMethods::failed);
        } catch (UaException e) {
            return CompletableFuture.completedFuture(failed(e));
        }
    }

    private static CallMethodResult failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof InvalidArgumentException invalid) {
            return SimulatedMethod.invalid(invalid.getInputArgumentResults());
        }
        return cause instanceof UaException refused
                ? SimulatedMethod.failed(refused.getStatusCode())
                : SimulatedMethod.failed(StatusCodes.Bad_InternalError);
    }

    private CompletableFuture<CallMethodResult> delegate(
            ServiceRequestContext context, CallRequest request, CallMethodRequest operation) throws UaException {
        CallResponse response = foreign.onCall(
                context, new CallRequest(request.getRequestHeader(), new CallMethodRequest[] {operation}));
        return CompletableFuture.completedFuture(Objects.requireNonNull(response.getResults())[0]);
    }

    private static List<Variant> argumentsOf(CallMethodRequest operation) {
        Variant[] arguments = operation.getInputArguments();
        return arguments == null ? List.of() : Arrays.asList(arguments);
    }

    private static CallMethodResult succeeded(List<Variant> arguments, List<Variant> outputs) {
        StatusCode[] argumentResults = new StatusCode[arguments.size()];
        Arrays.fill(argumentResults, StatusCode.GOOD);
        return new CallMethodResult(StatusCode.GOOD, argumentResults, NO_DIAGNOSTICS, outputs.toArray(Variant[]::new));
    }
}
