package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.BrowseRequestItem;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** The methods of the View service set. */
final class ViewMethods {
    private final ViewService views;
    private final CachedAnswers answers;

    ViewMethods(ViewService views, CachedAnswers answers) {
        this.views = views;
        this.answers = answers;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading("browse", (context, p) -> cached("browse", context, p, views::browse));
        rows.reading("browseAll", (context, p) -> cached("browseAll", context, p, views::browseAll));
    }

    private CompletableFuture<List<ReferenceDescription>> cached(
            String method,
            CallContext context,
            Params p,
            BiFunction<CallContext, BrowseRequestItem, CompletableFuture<List<ReferenceDescription>>> browse) {
        BrowseRequestItem item = browseItem(p);
        return answers.get(
                context,
                item.nodeId(),
                method + " " + item,
                CachedAnswers.REFERENCES,
                p.get(5, "useCache").flag(true),
                () -> browse.apply(context, item));
    }

    private static BrowseRequestItem browseItem(Params p) {
        int mask = 0;
        for (Argument nodeClass : p.get(4, "nodeClasses").list()) {
            int bit = nodeClass.whole(0, 128);
            if (Integer.bitCount(bit) > 1) {
                throw nodeClass.misfit("a node class: 1, 2, 4, 8, 16, 32, 64 or 128");
            }
            mask |= bit;
        }
        return new BrowseRequestItem(
                p.get(0, "nodeId").nodeId(),
                p.get(1, "direction").whole(0, 2, 0),
                p.get(2, "referenceTypeId").nodeIdOrNull(),
                p.get(3, "includeSubtypes").flag(true),
                mask);
    }
}
