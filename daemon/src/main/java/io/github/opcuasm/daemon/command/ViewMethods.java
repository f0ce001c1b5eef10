package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.BrowsePath;
import io.github.opcuasm.daemon.service.BrowseRequestItem;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** The methods of the View service set. */
final class ViewMethods {
    private static final NodeId ROOT = NodeId.numeric(0, 84);

    /** What a browse without a type follows, as in the reference; {@code i=31} asks for all references. */
    private static final NodeId HIERARCHICAL_REFERENCES = NodeId.numeric(0, 33);

    private static final int MAX_DEPTH = 1_000_000;

    private final ViewService views;
    private final CachedAnswers answers;

    ViewMethods(ViewService views, CachedAnswers answers) {
        this.views = views;
        this.answers = answers;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading("browse", (context, p) -> cached("browse", context, p, views::browse));
        rows.reading("browseAll", (context, p) -> cached("browseAll", context, p, views::browseAll));
        rows.taking("browseWithContinuation", (context, p) -> views.browseWithContinuation(context, browseItem(p, 2)));
        rows.taking(
                "browseNext",
                (context, p) ->
                        views.browseNext(context, p.get(0, "continuationPoint").text()));
        rows.reading("browseRecursive", (context, p) -> {
            BrowseRequestItem item = browseItem(p, 3);
            int maxDepth =
                    p.get(2, "maxDepth").whole(-1, MAX_DEPTH, context.config().defaultBrowseMaxDepth());
            return views.browseRecursive(context, item, maxDepth);
        });
        rows.reading(
                "translateBrowsePaths",
                (context, p) -> views.translateBrowsePaths(
                        context,
                        p.get(0, "browsePaths").requiredList().stream()
                                .map(ViewMethods::browsePath)
                                .toList()));
        rows.reading("resolveNodeId", (context, p) -> {
            String path = p.get(0, "path").text();
            NodeReference start = p.get(1, "startingNodeId").nodeId(ROOT);
            return answers.get(
                    context,
                    start,
                    "resolveNodeId " + path,
                    CachedAnswers.NODE_ID,
                    p.get(2, "useCache").flag(true),
                    () -> views.resolveNodeId(context, path, start));
        });
    }

    private CompletableFuture<List<ReferenceDescription>> cached(
            String method,
            CallContext context,
            Params p,
            BiFunction<CallContext, BrowseRequestItem, CompletableFuture<List<ReferenceDescription>>> browse) {
        BrowseRequestItem item = browseItem(p, 2);
        return answers.get(
                context,
                item.nodeId(),
                method + " " + item,
                CachedAnswers.REFERENCES,
                p.get(5, "useCache").flag(true),
                () -> browse.apply(context, item));
    }

    /** @param filter index of the first of the parameters that say which references are wanted */
    private static BrowseRequestItem browseItem(Params p, int filter) {
        int mask = 0;
        for (Argument nodeClass : p.get(filter + 2, "nodeClasses").list()) {
            int bit = nodeClass.whole(0, 128);
            if (Integer.bitCount(bit) > 1) {
                throw nodeClass.misfit("a node class: 1, 2, 4, 8, 16, 32, 64 or 128");
            }
            mask |= bit;
        }
        return new BrowseRequestItem(
                p.get(0, "nodeId").nodeId(),
                p.get(1, "direction").whole(0, 2, 0),
                p.get(filter, "referenceTypeId").nodeId(HIERARCHICAL_REFERENCES),
                p.get(filter + 1, "includeSubtypes").flag(true),
                mask);
    }

    private static BrowsePath browsePath(Argument path) {
        return new BrowsePath(
                path.member("startingNodeId").nodeId(),
                path.member("relativePath").requiredList().stream()
                        .map(element -> new BrowsePath.Element(
                                element.member("referenceTypeId").nodeId(HIERARCHICAL_REFERENCES),
                                element.member("isInverse").flag(false),
                                element.member("includeSubtypes").flag(true),
                                element.member("targetName").qualifiedName()))
                        .toList());
    }
}
