package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.BrowseRequestItem;
import io.github.opcuasm.daemon.service.ViewService;

/** The methods of the View service set. */
final class ViewMethods {
    private final ViewService views;

    ViewMethods(ViewService views) {
        this.views = views;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading("browse", (context, p) -> views.browse(context, browseItem(p)));
        rows.reading("browseAll", (context, p) -> views.browseAll(context, browseItem(p)));
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
