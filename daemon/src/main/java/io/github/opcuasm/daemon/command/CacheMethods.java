package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.AttributeService;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.FileService;
import io.github.opcuasm.daemon.service.TypeService;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.concurrent.CompletableFuture;

/** The methods that make the daemon forget what it learnt about a server. */
final class CacheMethods {
    private final CachedAnswers answers;
    private final AttributeService attributes;
    private final TypeService types;
    private final FileService files;

    CacheMethods(CachedAnswers answers, AttributeService attributes, TypeService types, FileService files) {
        this.answers = answers;
        this.attributes = attributes;
        this.types = types;
        this.files = files;
    }

    void addTo(MethodTable.Rows rows) {
        rows.add(new MethodTable.Method("invalidateCache", MethodTable.Reach.QUERY, (context, p) -> {
            NodeReference nodeId = p.get(0, "nodeId").nodeId();
            answers.forget(context, nodeId);
            attributes.forget(context, nodeId);
            files.forget(context, nodeId);
            return CompletableFuture.completedFuture(null);
        }));
        rows.telling("flushCache", context -> {
            forgetNodes(context);
            types.forget(context);
            return null;
        });
    }

    /** Forgets what is known of the nodes of a server; their data types stay. */
    void forgetNodes(CallContext context) {
        answers.forget(context);
        attributes.forget(context);
        files.forget(context);
    }
}
