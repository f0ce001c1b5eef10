package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.eclipse.milo.opcua.stack.core.types.structured.CallRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * The methods of files and directories, called: each is sent once. What changes the plant goes out on the activation that
 * its request is bound to, and its failures carry an outcome. What only moves within an open file may wait for a session
 * that is being restored, since the file stays open with it, but never reaches another session.
 */
final class FileCalls {
    private static final long BAD = 0x8000_0000L;

    private static final Set<Long> CLOSED =
            Set.of(StatusCodes.Bad_InvalidArgument, StatusCodes.Bad_NodeIdUnknown, StatusCodes.Bad_SessionIdInvalid);

    private final FileNodes nodes;

    FileCalls(FileNodes nodes) {
        this.nodes = nodes;
    }

    /**
     * What a method gave.
     *
     * @param done the outcome of what fails for what it gave; null for what has none
     */
    record Outputs(
            FileOperation operation,
            List<@Nullable Variant> values,
            @Nullable Outcome done) {
        /** Null if there is none. */
        @Nullable
        Object value(int index) {
            Variant output = index < values.size() ? values.get(index) : null;
            return output == null ? null : output.value();
        }

        /** @throws CommandException {@code ServiceException} if it is not there, or not of this class */
        <T> T get(int index, Class<T> type) {
            Object value = value(index);
            if (!type.isInstance(value)) {
                throw without(type.getSimpleName());
            }
            return type.cast(value);
        }

        /**
         * A file handle; servers give it in other integer types too.
         *
         * @throws CommandException {@code ServiceException} if it is not there, or fits no UInt32
         */
        long handle(int index) {
            if (value(index) instanceof Number number && !(number instanceof Float || number instanceof Double)) {
                long handle = number.longValue();
                if (handle >= 0 && handle <= UInteger.MAX_VALUE) {
                    return handle;
                }
            }
            throw without("file handle (UInt32), so that the file may stay open until the OPC UA session ends");
        }

        private CommandException without(String what) {
            CommandException error =
                    operation.refused("the server answered without a " + what, StatusCodes.Bad_UnknownResponse);
            return done == null ? error : error.withOutcome(done);
        }
    }

    /** As {@link #change}, where the caller knows what the node shows. */
    CompletableFuture<Outputs> change(
            CallContext context,
            SessionState.Active active,
            FileOperation operation,
            FileNode node,
            FileMethod method,
            Function<NamespaceTable, Variant[]> arguments) {
        return context.change(active, CallResponse.class, header -> request(header, context, node, method, arguments))
                .thenApply(response -> changed(context, operation, response));
    }

    /** Calls a method of a file or directory that changes something. */
    CompletableFuture<Outputs> change(
            CallContext context,
            FileOperation operation,
            NodeReference node,
            FileMethod method,
            Function<NamespaceTable, Variant[]> arguments) {
        SessionState.Active active = context.requireActive();
        return nodes.find(context, node)
                .thenCompose(found -> change(context, active, operation, found, method, arguments));
    }

    /**
     * Calls a method that gives something which has to be given back if nobody takes it.
     *
     * @param found is told of the node before the method is called
     * @param late takes what came after the returned future had failed
     */
    CompletableFuture<Outputs> changeThatGives(
            CallContext context,
            FileOperation operation,
            NodeReference node,
            FileMethod method,
            Function<NamespaceTable, Variant[]> arguments,
            Consumer<FileNode> found,
            Consumer<Outputs> late) {
        SessionState.Active active = context.requireActive();
        return nodes.find(context, node)
                .thenCompose(shown -> {
                    found.accept(shown);
                    return context.changeThatGives(
                            active,
                            CallResponse.class,
                            header -> request(header, context, shown, method, arguments),
                            response -> {
                                CallMethodResult result = MethodService.only(response);
                                if (!isBad(result)) {
                                    late.accept(outputs(operation, result, Outcome.UNKNOWN));
                                }
                            });
                })
                .thenApply(response -> changed(context, operation, response));
    }

    /** Calls a method of an open file that changes nothing but that. */
    CompletableFuture<Outputs> onOpen(
            CallContext context,
            FileOperation operation,
            OpenFiles.OpenFile file,
            FileMethod method,
            Variant... arguments) {
        return nodes.find(context, operation.node())
                .thenCompose(node -> context.once(CallResponse.class, header -> {
                    file.requireOpen(operation, context.session());
                    return MethodService.request(header, file.nodeId(), node.method(method), arguments);
                }))
                .thenApply(response -> succeeded(context, operation, response, null));
    }

    static Variant handleOf(OpenFiles.OpenFile file) {
        return Variant.ofUInt32(uint(file.fileHandle()));
    }

    private static CallRequest request(
            RequestHeader header,
            CallContext context,
            FileNode node,
            FileMethod method,
            Function<NamespaceTable, Variant[]> arguments) {
        return MethodService.request(header, node.nodeId(), node.method(method), arguments.apply(context.namespaces()));
    }

    /** What was sent and refused may have had an effect all the same. */
    private Outputs changed(CallContext context, FileOperation operation, CallResponse response) {
        try {
            return succeeded(context, operation, response, Outcome.UNKNOWN);
        } catch (CommandException e) {
            throw e.withOutcome(Outcome.UNKNOWN);
        }
    }

    private Outputs succeeded(
            CallContext context, FileOperation operation, CallResponse response, @Nullable Outcome done) {
        CallMethodResult result = MethodService.only(response);
        long status = result.getStatusCode().getValue();
        if (isBad(result)) {
            if (status == StatusCodes.Bad_MethodInvalid) {
                nodes.forget(context, operation.node());
            }
            throw operation.refused(status);
        }
        return outputs(operation, result, done);
    }

    /** Whether a Close that is refused with this status had nothing to close: any other may leave the file open. */
    static boolean isClosed(long status) {
        return CLOSED.contains(status);
    }

    static boolean isBad(CallMethodResult result) {
        return result.getStatusCode().getValue() >= BAD;
    }

    private static Outputs outputs(FileOperation operation, CallMethodResult result, @Nullable Outcome done) {
        Variant[] values = result.getOutputArguments();
        return new Outputs(operation, values == null ? List.of() : Arrays.asList(values), done);
    }
}
