package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the methods that files and directories have of their own, and how much a file takes at a time: one
 * TranslateBrowsePaths for everything, and for files one Read. What was found is remembered for a while, and only as long
 * as the session that was asked lives. Of a node that shows nothing, nothing is remembered.
 *
 * <p>The methods of a type may be called on any of its objects (Part 4, 5.12.2), so what an object does not show, or what
 * a server cannot be asked for, is called by the type's node.
 */
final class FileNodes {
    private static final int VALUE = 13;

    private static final NodeId HAS_COMPONENT = NodeId.numeric(0, 47);
    private static final NodeId HAS_PROPERTY = NodeId.numeric(0, 46);
    private static final NodeId SERVERS_MAX_BYTE_STRING_LENGTH = NodeId.numeric(0, 12_911);

    private static final FileMethod[] METHODS = FileMethod.values();

    private final ViewService views;
    private final AttributeService attributes;
    private final NodeMemory<FileNode> remembered;

    FileNodes(ViewService views, AttributeService attributes, Ticker ticker) {
        this.views = views;
        this.attributes = attributes;
        this.remembered = new NodeMemory<>(ticker);
    }

    /** At once if it is remembered. */
    CompletableFuture<FileNode> find(CallContext context, NodeReference node) {
        if (context.knows(node)) {
            FileNode known = remembered.get(context.session().serverInfo(), context.local(node));
            if (known != null) {
                return CompletableFuture.completedFuture(known);
            }
        }
        ServerInfo asked = context.session().serverInfo();
        return orNothing(views.translateBrowsePaths(context, paths(node)), List.of())
                .thenCompose(results -> found(context, asked, context.local(node), results));
    }

    /** What is remembered of a file of the session of which this was read; null if nothing is. */
    @Nullable
    FileNode known(ServerInfo session, org.eclipse.milo.opcua.stack.core.types.builtin.NodeId nodeId) {
        return remembered.get(session, TypeMapper.toWire(nodeId));
    }

    /** Forgets what this session's server said of all its files. */
    void forget(CallContext context) {
        remembered.forget(context.session().serverInfo());
    }

    /** Forgets what it said of one. */
    void forget(CallContext context, NodeReference node) {
        if (context.knows(node)) {
            remembered.forget(context.session().serverInfo(), context.local(node));
        }
    }

    private CompletableFuture<FileNode> found(
            CallContext context, ServerInfo asked, NodeId nodeId, List<BrowsePathResult> results) {
        Map<FileMethod, org.eclipse.milo.opcua.stack.core.types.builtin.NodeId> methods =
                new EnumMap<>(FileMethod.class);
        int at = 0;
        for (FileMethod method : METHODS) {
            for (int i = 0; i < method.browseNames().size(); i++, at++) {
                NodeId own = at < results.size() ? target(results.get(at)) : null;
                if (own != null) {
                    methods.putIfAbsent(method, TypeMapper.toMilo(own));
                }
            }
        }
        NodeId limit = at < results.size() ? target(results.get(at)) : null;
        return maxBytes(context, methods, limit).thenApply(maxBytes -> {
            FileNode node = new FileNode(TypeMapper.toMilo(nodeId), methods, maxBytes);
            if (!methods.isEmpty() && asked.isOfSameSession(context.session().serverInfo())) {
                remembered.put(asked, nodeId, node);
            }
            return node;
        });
    }

    /** Directories carry no content. */
    private CompletableFuture<@Nullable Long> maxBytes(
            CallContext context,
            Map<FileMethod, org.eclipse.milo.opcua.stack.core.types.builtin.NodeId> methods,
            @Nullable NodeId ofFile) {
        if (methods.containsKey(FileMethod.CREATE_FILE) && !methods.containsKey(FileMethod.OPEN)) {
            return CompletableFuture.completedFuture(null);
        }
        List<ReadItem> items = new ArrayList<>(2);
        items.add(new ReadItem(SERVERS_MAX_BYTE_STRING_LENGTH, VALUE));
        if (ofFile != null) {
            items.add(new ReadItem(ofFile, VALUE));
        }
        return orNothing(attributes.readMulti(context, items), List.<DataValue>of())
                .thenApply(FileNodes::least);
    }

    /** Of what is told; 0 tells nothing. */
    private static @Nullable Long least(List<DataValue> limits) {
        Long least = null;
        for (DataValue limit : limits) {
            if (limit.variant().value() instanceof Number number
                    && number.longValue() > 0
                    && (least == null || number.longValue() < least)) {
                least = number.longValue();
            }
        }
        return least;
    }

    private static List<BrowsePath> paths(NodeReference node) {
        List<BrowsePath> paths = new ArrayList<>(METHODS.length + 2);
        for (FileMethod method : METHODS) {
            for (String name : method.browseNames()) {
                paths.add(path(node, HAS_COMPONENT, name));
            }
        }
        paths.add(path(node, HAS_PROPERTY, "MaxByteStringLength"));
        return paths;
    }

    private static BrowsePath path(NodeReference node, NodeId referenceType, String name) {
        return new BrowsePath(
                node, List.of(new BrowsePath.Element(referenceType, false, true, new QualifiedName(0, name))));
    }

    private static @Nullable NodeId target(BrowsePathResult result) {
        if (result.statusCode().isGood()) {
            for (BrowsePathTarget target : result.targets()) {
                if (target.remainingPathIndex() == ViewService.WHOLE_PATH
                        && target.targetId().isLocal()) {
                    return target.targetId().nodeId();
                }
            }
        }
        return null;
    }

    /** What a server refuses to tell, or has no service for, is not known; that it does not answer is an error. */
    private static <T> CompletableFuture<T> orNothing(CompletableFuture<T> answer, T nothing) {
        return answer.exceptionally(failure -> {
            if (OpcUaErrors.unwrap(failure) instanceof CommandException error
                    && (error.type() == ErrorType.SERVICE || error.type() == ErrorType.SERVICE_UNSUPPORTED)) {
                return nothing;
            }
            throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
        });
    }
}
