package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tree below one node, breadth first, several nodes in each call.
 *
 * <ul>
 *   <li>Of all references to one node, the first that is met gets its children, and that one is nearest to the root; the
 *       others appear without. So cycles end, and what is cut off by the depth is as little as can be.
 *   <li>All pages of one batch are followed before the next batch is sent. Nodes that a server refuses for want of
 *       continuation points come again, one by one, when those of their batch are used up.
 *   <li>A node that is known only by a reference and cannot be browsed (gone, hidden, not allowed) has no children; it
 *       does not fail the rest of the tree.
 *   <li>The number of references is bounded. Whatever ends the search early gives the open continuation points back.
 *   <li>Namespace indices in the tree belong to one session: a session created anew on the way ends the search.
 * </ul>
 *
 * <p>Used once, for one query; after the first call only on the session's event loop.
 */
final class RecursiveBrowse {
    static final int MAX_DEPTH = 256;
    static final int MAX_REFERENCES = 100_000;

    /** Roughly what one reference takes on the heap. */
    static final int REFERENCE_WEIGHT = 512;

    private static final int NODES_PER_CALL = 100;

    /** What a server says of a node that a reference leads to but that cannot be browsed. */
    private static final Set<Long> NOT_BROWSABLE = Set.of(
            StatusCodes.Bad_NodeIdUnknown,
            StatusCodes.Bad_NodeIdInvalid,
            StatusCodes.Bad_NodeNotInView,
            StatusCodes.Bad_NotReadable,
            StatusCodes.Bad_UserAccessDenied);

    private final BrowseCalls calls;
    private final CallContext context;
    private final BrowseRequestItem root;
    private final int maxDepth;
    private final GatheredPages.Share gathered;
    private final List<BrowseNode> tree = new ArrayList<>();
    private final CompletableFuture<List<BrowseNode>> result = new CompletableFuture<>();
    private final Set<NodeId> met = new HashSet<>();
    private final Deque<Open> waiting = new ArrayDeque<>();
    private final Deque<Open> again = new ArrayDeque<>();
    private final Deque<Paging> paging = new ArrayDeque<>();
    private @Nullable ServerInfo session;
    private int references;

    /**
     * @param root where to begin, and how to browse there and everywhere below
     * @param maxDepth 1 = the root's references only; at most {@link #MAX_DEPTH}
     */
    RecursiveBrowse(
            BrowseCalls calls,
            CallContext context,
            BrowseRequestItem root,
            int maxDepth,
            GatheredPages.Share gathered) {
        this.calls = calls;
        this.gathered = gathered;
        this.context = context;
        this.root = root;
        this.maxDepth = maxDepth;
    }

    /** A node to be browsed; what is found goes into {@code children}, which are {@code depth} references from the root. */
    private record Open(NodeReference nodeId, int depth, List<BrowseNode> children) {}

    /** A node that has more pages. */
    private record Paging(Open node, ServerPoint more) {}

    CompletableFuture<List<BrowseNode>> run() {
        if (root.nodeId() instanceof NodeId nodeId) {
            met.add(nodeId);
        }
        waiting.add(new Open(root.nodeId(), 1, tree));
        nextNodes();
        return gathered.endWith(result);
    }

    private void nextNodes() {
        List<Open> batch = again.isEmpty() ? take(waiting, nodesPerCall()) : take(again, 1);
        if (batch.isEmpty()) {
            result.complete(tree);
            return;
        }
        List<BrowseRequestItem> items =
                batch.stream().map(open -> root.at(open.nodeId())).toList();
        proceed(() -> calls.browse(context, items, session), pages -> {
            session = pages.get(0).session();
            keepPoints(batch, pages);
            for (int i = 0; i < batch.size(); i++) {
                if (pages.get(i).statusCode() == StatusCodes.Bad_NoContinuationPoints && batch.size() > 1) {
                    again.add(batch.get(i));
                } else {
                    takeIn(batch.get(i), pages.get(i));
                }
            }
            nextPages();
        });
    }

    private void nextPages() {
        if (paging.isEmpty()) {
            nextNodes();
            return;
        }
        List<Paging> batch = take(paging, nodesPerCall());
        proceed(() -> calls.next(context, batch.stream().map(Paging::more).toList()), pages -> {
            List<Open> nodes = batch.stream().map(Paging::node).toList();
            keepPoints(nodes, pages);
            for (int i = 0; i < nodes.size(); i++) {
                takeIn(nodes.get(i), pages.get(i).orFail());
            }
            nextPages();
        });
    }

    /** First of all, so that a page that cannot be taken in leaves none of its batch behind on the server. */
    private void keepPoints(List<Open> nodes, List<BrowseCalls.Page> pages) {
        for (int i = 0; i < nodes.size(); i++) {
            ServerPoint more = pages.get(i).more();
            if (more != null) {
                paging.add(new Paging(nodes.get(i), more));
            }
        }
    }

    /** Adds a page's references to the tree, and what they lead to, to the nodes that are still to be browsed. */
    private void takeIn(Open node, BrowseCalls.Page page) {
        boolean mayHaveNone = node.depth() > 1 && NOT_BROWSABLE.contains(page.statusCode());
        List<ReferenceDescription> found = (mayHaveNone ? page : page.orFail()).references();
        gathered.add((long) found.size() * REFERENCE_WEIGHT);
        for (ReferenceDescription reference : found) {
            if (++references > MAX_REFERENCES) {
                throw tooMany();
            }
            boolean follow = node.depth() < maxDepth
                    && isBrowsable(reference)
                    && met.add(reference.nodeId().nodeId());
            List<BrowseNode> children = follow ? new ArrayList<>() : List.of();
            node.children().add(new BrowseNode(reference, children));
            if (follow) {
                waiting.add(new Open(reference.nodeId().nodeId(), node.depth() + 1, children));
            }
        }
    }

    /** The error for more references than one answer may hold. */
    static CommandException tooMany() {
        return new CommandException(
                ErrorType.OVERLOADED,
                "There are more than " + MAX_REFERENCES
                        + " references; narrow the browse by reference type, node class or depth, or begin further down");
    }

    /** A node on another server, or in a namespace that this one has no index for, cannot be browsed here. */
    private static boolean isBrowsable(ReferenceDescription reference) {
        return reference.nodeId().isLocal() && !reference.nodeId().nodeId().isNull();
    }

    private void proceed(
            Supplier<CompletableFuture<List<BrowseCalls.Page>>> call, Consumer<List<BrowseCalls.Page>> then) {
        CompletableFuture<List<BrowseCalls.Page>> answer;
        try {
            answer = call.get();
        } catch (RuntimeException e) {
            fail(e);
            return;
        }
        answer.whenComplete((pages, failure) -> {
            if (failure != null) {
                fail(OpcUaErrors.unwrap(failure));
                return;
            }
            try {
                then.accept(pages);
            } catch (RuntimeException e) {
                fail(e);
            }
        });
    }

    private void fail(Throwable cause) {
        calls.release(context.session(), paging.stream().map(Paging::more).toList());
        paging.clear();
        result.completeExceptionally(cause);
    }

    private int nodesPerCall() {
        Integer configured = context.config().batchSize();
        return Math.min(
                NODES_PER_CALL,
                Batches.size(
                        configured == null || configured == 0 ? null : configured,
                        context.session().serverInfo().maxNodesPerBrowse()));
    }

    private static <T> List<T> take(Deque<T> from, int atMost) {
        List<T> taken = new ArrayList<>(Math.min(atMost, from.size()));
        while (taken.size() < atMost && !from.isEmpty()) {
            taken.add(from.removeFirst());
        }
        return taken;
    }
}
