package io.github.opcuasm.daemon.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Does something with one item after the other, where it may have to wait for a server. */
final class InOrder {
    private InOrder() {}

    /**
     * The results of {@code step} for each item; the first that fails ends it. There is no step of recursion for those
     * that need not wait, so that thousands of items are no deep one.
     */
    static <I, O> CompletableFuture<List<O>> each(List<I> items, Function<I, CompletableFuture<O>> step) {
        return from(items, 0, step, new ArrayList<>(items.size()));
    }

    private static <I, O> CompletableFuture<List<O>> from(
            List<I> items, int index, Function<I, CompletableFuture<O>> step, List<O> done) {
        int next = index;
        while (next < items.size()) {
            CompletableFuture<O> result = step.apply(items.get(next));
            next++;
            if (!result.isDone() || result.isCompletedExceptionally()) {
                int following = next;
                return result.thenCompose(value -> {
                    done.add(value);
                    return from(items, following, step, done);
                });
            }
            done.add(result.join());
        }
        return CompletableFuture.completedFuture(done);
    }
}
