package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePath;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePathElement;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsResponse;
import org.jspecify.annotations.Nullable;

/** Browse, BrowseNext and TranslateBrowsePathsToNodeIds (Part 4, 5.9), and what is made of them. */
public final class ViewService {
    private static final long BAD = 0x8000_0000L;
    static final long WHOLE_PATH = 0xFFFF_FFFFL;

    private final BrowseCalls calls;
    private final GatheredPages gathered;
    private final ContinuationPoints continuationPoints;

    /** @param ticker tells how old a continuation point is */
    public ViewService(Ticker ticker, GatheredPages gathered) {
        this.gathered = gathered;
        this.calls = new BrowseCalls(new UnawaitedCalls(ticker));
        this.continuationPoints = new ContinuationPoints(calls, ticker);
    }

    /** One page, as long as the server makes it. A continuation point is given back to the server at once. */
    public CompletableFuture<List<ReferenceDescription>> browse(CallContext context, BrowseRequestItem item) {
        return firstPage(context, item).thenApply(page -> {
            ServerPoint more = page.more();
            if (more != null) {
                calls.release(context.session(), List.of(more));
            }
            return page.references();
        });
    }

    /** All pages, up to {@value RecursiveBrowse#MAX_REFERENCES} references; {@code overloaded} beyond. */
    public CompletableFuture<List<ReferenceDescription>> browseAll(CallContext context, BrowseRequestItem item) {
        GatheredPages.Share share = gathered.begin();
        return share.endWith(
                firstPage(context, item).thenCompose(page -> remaining(context, page, new ArrayList<>(), share)));
    }

    /** One page, and what the next one is asked with. */
    public CompletableFuture<BrowseResultSet> browseWithContinuation(CallContext context, BrowseRequestItem item) {
        return firstPage(context, item).thenApply(page -> resultSet(context, page));
    }

    /**
     * The page behind a continuation point of {@link #browseWithContinuation} or of this. It may come from another
     * connection, but works on its own handle only, and once.
     *
     * @return fails with {@code ServiceException} Bad_ContinuationPointInvalid for any other text
     */
    public CompletableFuture<BrowseResultSet> browseNext(CallContext context, String continuationPoint) {
        ServerPoint point = continuationPoints.take(context.handle(), continuationPoint);
        return calls.next(context, List.of(point))
                .thenApply(pages -> resultSet(context, pages.get(0).orFail()));
    }

    /**
     * The tree below a node; see {@link RecursiveBrowse}.
     *
     * @param maxDepth how many references deep: 1 (or 0) = those of the node itself, -1 = as deep as it gets, which is
     *     {@value RecursiveBrowse#MAX_DEPTH}
     */
    public CompletableFuture<List<BrowseNode>> browseRecursive(
            CallContext context, BrowseRequestItem item, int maxDepth) {
        int depth = maxDepth < 0 ? RecursiveBrowse.MAX_DEPTH : Math.min(maxDepth, RecursiveBrowse.MAX_DEPTH);
        return new RecursiveBrowse(calls, context, item, Math.max(1, depth), gathered.begin()).run();
    }

    /** Follows paths, in as many calls as the server's limits ask for; a bad status is part of each result. */
    public CompletableFuture<List<BrowsePathResult>> translateBrowsePaths(CallContext context, List<BrowsePath> paths) {
        if (paths.isEmpty()) {
            throw OpcUaErrors.service("There are no paths", StatusCodes.Bad_NothingToDo);
        }
        int size = Batches.size(
                context.config().batchSize(), context.session().serverInfo().maxNodesPerTranslateBrowsePaths());
        return Batches.run(paths, size, (slice, start) -> translateBatch(context, slice));
    }

    /**
     * The node at the end of a path like {@code /Objects/2:Folder/2:Var}; the first one if there are several.
     *
     * @return fails with {@code InvalidNodeIdException} for a malformed path, and with {@code ServiceException}
     *     Bad_NoMatch, naming the first step that leads nowhere, if there is no such node
     */
    public CompletableFuture<NodeId> resolveNodeId(CallContext context, String path, NodeReference startingNodeId) {
        BrowsePathText text = BrowsePathText.parse(path);
        BrowsePath whole = text.from(startingNodeId);
        return translateBrowsePaths(context, List.of(whole)).thenCompose(results -> {
            BrowsePathResult result = results.get(0);
            long status = result.statusCode().value();
            if (status == StatusCodes.Bad_NoMatch && whole.elements().size() > 1) {
                return missingStep(context, whole).thenApply(step -> {
                    throw noMatch(text, step);
                });
            }
            if (status == StatusCodes.Bad_NoMatch) {
                throw noMatch(text, 0);
            }
            if (status >= BAD) {
                throw OpcUaErrors.service("Failed to resolve " + text.shown(), status);
            }
            return CompletableFuture.completedFuture(target(text, result));
        });
    }

    private CompletableFuture<List<ReferenceDescription>> remaining(
            CallContext context, BrowseCalls.Page page, List<ReferenceDescription> found, GatheredPages.Share share) {
        found.addAll(page.references());
        ServerPoint more = page.more();
        try {
            share.add((long) page.references().size() * RecursiveBrowse.REFERENCE_WEIGHT);
            if (more != null && found.size() > RecursiveBrowse.MAX_REFERENCES) {
                throw RecursiveBrowse.tooMany();
            }
        } catch (CommandException e) {
            if (more != null) {
                calls.release(context.session(), List.of(more));
            }
            throw e;
        }
        if (more == null) {
            return CompletableFuture.completedFuture(found);
        }
        return calls.next(context, List.of(more))
                .thenCompose(pages -> remaining(context, pages.get(0).orFail(), found, share));
    }

    private CompletableFuture<BrowseCalls.Page> firstPage(CallContext context, BrowseRequestItem item) {
        return calls.browse(context, List.of(item))
                .thenApply(pages -> pages.get(0).orFail());
    }

    private BrowseResultSet resultSet(CallContext context, BrowseCalls.Page page) {
        ServerPoint more = page.more();
        if (more == null) {
            return new BrowseResultSet(page.references(), null);
        }
        if (context.isAbandoned()) {
            calls.release(context.session(), List.of(more));
            return new BrowseResultSet(page.references(), null);
        }
        return new BrowseResultSet(page.references(), continuationPoints.keep(context.handle(), more));
    }

    private static CompletableFuture<List<BrowsePathResult>> translateBatch(
            CallContext context, List<BrowsePath> paths) {
        return context.read(
                        TranslateBrowsePathsToNodeIdsResponse.class,
                        header -> new TranslateBrowsePathsToNodeIdsRequest(
                                header,
                                paths.stream()
                                        .map(path -> toMilo(path, context.namespaces()))
                                        .toArray(org.eclipse.milo.opcua.stack.core.types.structured.BrowsePath[]::new)))
                .thenApply(response -> {
                    var results = response.getResults();
                    NamespaceTable namespaces = context.namespaces();
                    return results == null
                            ? List.of()
                            : Arrays.stream(results)
                                    .map(result -> toWire(result, namespaces))
                                    .toList();
                });
    }

    private static org.eclipse.milo.opcua.stack.core.types.structured.BrowsePath toMilo(
            BrowsePath path, NamespaceTable namespaces) {
        return new org.eclipse.milo.opcua.stack.core.types.structured.BrowsePath(
                TypeMapper.toMilo(path.startingNodeId(), namespaces),
                new RelativePath(path.elements().stream()
                        .map(element -> new RelativePathElement(
                                TypeMapper.toMilo(element.referenceTypeId(), namespaces),
                                element.isInverse(),
                                element.includeSubtypes(),
                                TypeMapper.toMilo(element.targetName())))
                        .toArray(RelativePathElement[]::new)));
    }

    private static BrowsePathResult toWire(
            org.eclipse.milo.opcua.stack.core.types.structured.@Nullable BrowsePathResult result,
            NamespaceTable namespaces) {
        if (result == null) {
            throw OpcUaErrors.service("The server answered a path without a result", StatusCodes.Bad_UnexpectedError);
        }
        var found = result.getTargets();
        List<BrowsePathTarget> targets = new ArrayList<>(found == null ? 0 : found.length);
        if (found != null) {
            for (var target : found) {
                var remaining = target.getRemainingPathIndex();
                targets.add(new BrowsePathTarget(
                        TypeMapper.toWire(target.getTargetId(), namespaces),
                        remaining == null ? WHOLE_PATH : remaining.longValue()));
            }
        }
        return new BrowsePathResult(TypeMapper.toWire(result.getStatusCode()), targets);
    }

    private static NodeId target(BrowsePathText text, BrowsePathResult result) {
        for (BrowsePathTarget target : result.targets()) {
            if (target.remainingPathIndex() == WHOLE_PATH && target.targetId().isLocal()) {
                return target.targetId().nodeId();
            }
        }
        throw OpcUaErrors.service(
                "Failed to resolve " + text.shown()
                        + (result.targets().isEmpty() ? "" : ", which leads to another server"),
                StatusCodes.Bad_NoMatch);
    }

    /** Index of the first step that leads nowhere: all shorter paths in one more call. */
    private CompletableFuture<Integer> missingStep(CallContext context, BrowsePath whole) {
        int last = whole.elements().size() - 1;
        List<BrowsePath> shorter =
                IntStream.rangeClosed(1, last).mapToObj(whole::prefix).toList();
        return translateBrowsePaths(context, shorter).thenApply(results -> {
            for (int i = 0; i < last; i++) {
                if (results.get(i).statusCode().value() >= BAD) {
                    return i;
                }
            }
            return last;
        });
    }

    private static CommandException noMatch(BrowsePathText text, int step) {
        return OpcUaErrors.service(
                "Failed to resolve " + text.shown() + ", there is no " + text.shown(step), StatusCodes.Bad_NoMatch);
    }
}
