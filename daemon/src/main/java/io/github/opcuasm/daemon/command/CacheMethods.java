package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.TypeService;
import java.util.concurrent.CompletableFuture;

/** The methods that make the daemon forget what it learnt about a server. */
final class CacheMethods {
    private final CachedAnswers answers;
    private final TypeService types;

    CacheMethods(CachedAnswers answers, TypeService types) {
        this.answers = answers;
        this.types = types;
    }

    void addTo(MethodTable.Rows rows) {
        rows.add(new MethodTable.Method("invalidateCache", false, MethodTable.Reach.QUERY, (context, p) -> {
            answers.forget(context, p.get(0, "nodeId").nodeId());
            return CompletableFuture.completedFuture(null);
        }));
        rows.telling("flushCache", context -> {
            answers.forget(context);
            types.forget(context);
            return null;
        });
    }
}
