package io.github.opcuasm.daemon.command;

import java.util.concurrent.CompletableFuture;

/** The methods that make the daemon forget what it learnt about a server. */
final class CacheMethods {
    private final CachedAnswers answers;

    CacheMethods(CachedAnswers answers) {
        this.answers = answers;
    }

    void addTo(MethodTable.Rows rows) {
        rows.add(new MethodTable.Method("invalidateCache", false, MethodTable.Reach.QUERY, (context, p) -> {
            answers.forget(context, p.get(0, "nodeId").nodeId());
            return CompletableFuture.completedFuture(null);
        }));
        rows.telling("flushCache", context -> {
            answers.forget(context);
            return null;
        });
    }
}
