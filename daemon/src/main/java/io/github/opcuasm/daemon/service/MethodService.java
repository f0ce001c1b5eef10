package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.eclipse.milo.opcua.stack.core.types.structured.CallRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/** Call (Part 4, 5.12). */
public final class MethodService {

    /**
     * Calls a method: once, now or not at all. A method may do anything, so none is ever repeated, or sent to a session
     * that was restored in the meantime.
     *
     * @param objectId the object or type that the method is called on
     * @return what the method gave, also with a bad status; fails with {@code ServiceException} only if the server refused
     *     the service. Each failure tells the outcome
     */
    public CompletableFuture<CallResult> call(
            CallContext context, NodeReference objectId, NodeReference methodId, List<Variant> inputArguments) {
        SessionState.Active active = context.requireActive();
        return encoded(context, inputArguments)
                .thenCompose(arguments -> send(context, active, objectId, methodId, arguments))
                .thenCompose(response -> result(context, only(response)));
    }

    private static CompletableFuture<CallResponse> send(
            CallContext context,
            SessionState.Active active,
            NodeReference objectId,
            NodeReference methodId,
            List<Variant> inputArguments) {
        var arguments = inputArguments.stream()
                .map(TypeMapper::toMilo)
                .toArray(org.eclipse.milo.opcua.stack.core.types.builtin.Variant[]::new);
        return context.change(
                active,
                CallResponse.class,
                header -> request(
                        header,
                        TypeMapper.toMilo(objectId, context.namespaces()),
                        TypeMapper.toMilo(methodId, context.namespaces()),
                        arguments));
    }

    /** The call of one method. */
    static CallRequest request(
            RequestHeader header,
            NodeId objectId,
            NodeId methodId,
            org.eclipse.milo.opcua.stack.core.types.builtin.Variant... inputArguments) {
        return new CallRequest(
                header, new CallMethodRequest[] {new CallMethodRequest(objectId, methodId, inputArguments)});
    }

    /**
     * What the server answered the call of one method.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code ServiceException} with outcome {@code unknown} if that is
     *     not one result
     */
    static CallMethodResult only(CallResponse response) {
        CallMethodResult[] results = response.getResults();
        if (results == null || results.length != 1 || results[0] == null) {
            throw OpcUaErrors.service("The server answered the call without a result", StatusCodes.Bad_UnexpectedError)
                    .withOutcome(Outcome.UNKNOWN);
        }
        return results[0];
    }

    /** Structures that come as fields need the server's types: all of them, before anything is sent. */
    private static CompletableFuture<List<Variant>> encoded(CallContext context, List<Variant> arguments) {
        return InOrder.each(
                IntStream.range(0, arguments.size()).boxed().toList(),
                index -> context.encoded(arguments.get(index), "inputArguments[" + index + "]"));
    }

    private static CompletableFuture<CallResult> result(CallContext context, CallMethodResult result) {
        var codes = result.getInputArgumentResults();
        var outputs = result.getOutputArguments();
        List<StatusCode> inputArgumentResults = codes == null
                ? List.of()
                : Arrays.stream(codes).map(TypeMapper::toWire).toList();
        List<org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable Variant> values =
                outputs == null ? List.of() : Arrays.asList(outputs);
        return context.preparedVariants(values)
                .thenApply(types -> new CallResult(
                        TypeMapper.toWire(result.getStatusCode()),
                        inputArgumentResults,
                        values.stream()
                                .map(output -> TypeMapper.toWire(output, types))
                                .toList()));
    }
}
