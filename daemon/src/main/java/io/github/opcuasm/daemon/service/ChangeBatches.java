package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Changes of many items in as many service calls as the server asks for. All go to one activation, each is sent once, and
 * none after one that failed. When a call fails, those before it may have been carried out, so that nobody may take the
 * whole for not sent: the outcome is {@code unknown} from the second call on, and wherever an answer leaves open which
 * items were changed.
 *
 * @param <I> an item, as it is sent
 * @param <T> the response
 * @param <A> what it says of an item
 * @param request of some items
 * @param results of a response; null if it has none
 */
record ChangeBatches<I, T extends UaResponseMessageType, A>(
        Class<T> responseType,
        BiFunction<RequestHeader, List<I>, UaRequestMessageType> request,
        Function<T, A @Nullable []> results) {

    /**
     * Sends all of them.
     *
     * @param active what the request is bound to
     * @param serverLimit items in one call; null = any number
     * @param toWire of what a response says of an item
     * @return one result an item, in order
     */
    <R> CompletableFuture<List<R>> send(
            CallContext context,
            SessionState.Active active,
            List<I> items,
            @Nullable Long serverLimit,
            Function<? super A, R> toWire) {
        int size = Batches.size(context.config().batchSize(), serverLimit);
        return Batches.run(
                items,
                size,
                (slice, start) -> change(context, active, slice)
                        .thenApply(response -> each(results.apply(response), slice.size(), toWire))
                        .exceptionally(failure -> {
                            throw start == 0 ? new CompletionException(OpcUaErrors.unwrap(failure)) : partly(failure);
                        }));
    }

    /** What refuses a call before it is sent fails it like any other, so that the calls before it are not forgotten. */
    private CompletableFuture<T> change(CallContext context, SessionState.Active active, List<I> slice) {
        try {
            return context.change(active, responseType, header -> request.apply(header, slice));
        } catch (CommandException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static <A, R> List<R> each(A @Nullable [] results, int items, Function<? super A, R> toWire) {
        if (results == null || results.length != items) {
            throw OpcUaErrors.service(
                            "The server did not answer each of " + items + " items", StatusCodes.Bad_UnexpectedError)
                    .withOutcome(Outcome.UNKNOWN);
        }
        List<R> each = new ArrayList<>(items);
        for (A result : results) {
            each.add(toWire.apply(result));
        }
        return each;
    }

    /** Earlier calls may have been carried out. */
    private static RuntimeException partly(Throwable failure) {
        Throwable cause = OpcUaErrors.unwrap(failure);
        return cause instanceof CommandException command
                ? command.withOutcome(Outcome.UNKNOWN)
                : new CompletionException(cause);
    }
}
