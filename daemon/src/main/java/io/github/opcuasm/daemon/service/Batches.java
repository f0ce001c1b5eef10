package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/** Cuts long lists of items into service calls that the server takes, one after the other. */
final class Batches {
    private Batches() {}

    /**
     * How many items one call may have.
     *
     * @param configured null = the server's limit, 0 = no batching, else at most so many
     * @param serverLimit null = none given
     */
    static int size(@Nullable Integer configured, @Nullable Long serverLimit) {
        if (configured != null && configured == 0) {
            return Integer.MAX_VALUE;
        }
        long byServer = serverLimit == null ? Integer.MAX_VALUE : serverLimit;
        long byConfig = configured == null ? Integer.MAX_VALUE : configured;
        return (int) Math.max(1, Math.min(byServer, byConfig));
    }

    /**
     * Refuses an empty list, as servers do.
     *
     * @param what they are, for the message
     */
    static void requireSome(List<?> items, String what) {
        if (items.isEmpty()) {
            throw OpcUaErrors.service("There are no " + what, StatusCodes.Bad_NothingToDo);
        }
    }

    /** One service call for some of the items. */
    @FunctionalInterface
    interface Call<I, R> {
        /**
         * Handles one slice.
         *
         * @param start index of the slice's first item in the whole list
         */
        CompletableFuture<List<R>> run(List<I> slice, int start);
    }

    /**
     * Runs {@code call} on each slice of {@code items} in turn and joins the results.
     *
     * @return fails with {@code ServiceException} if a slice's result has another length than the slice
     */
    static <I, R> CompletableFuture<List<R>> run(List<I> items, int size, Call<I, R> call) {
        return from(items, 0, size, call, new ArrayList<>(items.size()));
    }

    private static <I, R> CompletableFuture<List<R>> from(
            List<I> items, int start, int size, Call<I, R> call, List<R> results) {
        int end = (int) Math.min(items.size(), (long) start + size);
        List<I> slice = items.subList(start, end);
        return call.run(slice, start).thenCompose(part -> {
            if (part.size() != slice.size()) {
                throw OpcUaErrors.service(
                        "The server answered " + slice.size() + " items with " + part.size(),
                        StatusCodes.Bad_UnexpectedError);
            }
            results.addAll(part);
            return end == items.size()
                    ? CompletableFuture.completedFuture(results)
                    : from(items, end, size, call, results);
        });
    }
}
