package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseNextRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseNextResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.jspecify.annotations.Nullable;

/**
 * The services Browse and BrowseNext themselves (Part 4, 5.9.2 and 5.9.3), for several nodes or continuation points a call.
 *
 * <p>Browse may be repeated after a lost connection. BrowseNext may not: the server moves on with the first one it sees,
 * and a second one would skip a page without a sign. Nor does one go to another session than the one that granted its
 * points.
 */
final class BrowseCalls {
    private static final int ALL_FIELDS = 63;
    private static final int POINTS_PER_RELEASE = 100;
    private static final long BAD = 0x8000_0000L;
    private static final ViewDescription NO_VIEW =
            new ViewDescription(NodeId.NULL_VALUE, DateTime.NULL_VALUE, UInteger.MIN);

    private final UnawaitedCalls unawaited;

    BrowseCalls(UnawaitedCalls unawaited) {
        this.unawaited = unawaited;
    }

    /**
     * What the server answered for one node.
     *
     * @param references none if the status is bad
     * @param more null on the last page
     * @param session what the server said of itself when the session was created that the page came on
     */
    record Page(
            long statusCode,
            List<ReferenceDescription> references,
            @Nullable ServerPoint more,
            ServerInfo session) {
        boolean isBad() {
            return statusCode >= BAD;
        }

        /** @throws CommandException if the server refused the node */
        Page orFail() {
            if (isBad()) {
                throw OpcUaErrors.service("The server refused the browse", statusCode);
            }
            return this;
        }
    }

    /** First pages, one for each item, in order. */
    CompletableFuture<List<Page>> browse(CallContext context, List<BrowseRequestItem> items) {
        return browse(context, items, null);
    }

    /**
     * First pages, one for each item, in order.
     *
     * @param onlyOn the session that the items' namespace indices come from; null if they do not come from the server
     */
    CompletableFuture<List<Page>> browse(
            CallContext context, List<BrowseRequestItem> items, @Nullable ServerInfo onlyOn) {
        AtomicReference<@Nullable ServerInfo> sentOn = new AtomicReference<>();
        return context.read(BrowseResponse.class, header -> {
                    ServerInfo session = context.session().serverInfo();
                    if (onlyOn != null && !onlyOn.isOfSameSession(session)) {
                        throw new CommandException(
                                ErrorType.CONNECTION,
                                "The session was created anew while the tree was being browsed; browse it again");
                    }
                    sentOn.set(session);
                    return new BrowseRequest(header, NO_VIEW, UInteger.MIN, descriptions(items, session.namespaces()));
                })
                .thenApply(
                        response -> pages(response.getResults(), items.size(), Objects.requireNonNull(sentOn.get())));
    }

    /** The pages that follow, one for each point, in order. The points are used up, also if this fails. */
    CompletableFuture<List<Page>> next(CallContext context, List<ServerPoint> points) {
        ServerInfo session = points.get(0).grantedBy();
        CompletableFuture<BrowseNextResponse> answer;
        try {
            answer = context.once(BrowseNextResponse.class, header -> {
                requireGranted(points, context.session());
                return new BrowseNextRequest(header, false, ServerPoint.bytes(points));
            });
        } catch (CommandException e) {
            release(context.session(), points);
            throw e;
        }
        return answer.whenComplete((response, failure) -> {
                    if (failure != null) {
                        release(context.session(), points);
                    }
                })
                .thenApply(response -> pages(response.getResults(), points.size(), session));
    }

    /** Gives points back that nobody will follow. Nobody waits for that. */
    void release(OpcUaSession session, List<ServerPoint> points) {
        int size = Math.min(
                POINTS_PER_RELEASE, Batches.size(null, session.serverInfo().maxNodesPerBrowse()));
        for (int start = 0; start < points.size(); start += size) {
            List<ServerPoint> some = points.subList(start, Math.min(points.size(), start + size));
            unawaited.send(session, BrowseNextResponse.class, header -> {
                requireGranted(some, session);
                return new BrowseNextRequest(header, true, ServerPoint.bytes(some));
            });
        }
    }

    private static void requireGranted(List<ServerPoint> points, OpcUaSession session) {
        for (ServerPoint point : points) {
            if (!point.belongsTo(session.serverInfo())) {
                throw OpcUaErrors.service(
                        "The session that the next page belongs to is gone; browse again",
                        StatusCodes.Bad_ContinuationPointInvalid);
            }
        }
    }

    private static BrowseDescription[] descriptions(List<BrowseRequestItem> items, NamespaceTable namespaces) {
        return items.stream().map(item -> description(item, namespaces)).toArray(BrowseDescription[]::new);
    }

    private static BrowseDescription description(BrowseRequestItem item, NamespaceTable namespaces) {
        NodeReference referenceType = item.referenceTypeId();
        return new BrowseDescription(
                TypeMapper.toMilo(item.nodeId(), namespaces),
                BrowseDirection.from(item.direction()),
                referenceType == null ? NodeId.NULL_VALUE : TypeMapper.toMilo(referenceType, namespaces),
                item.includeSubtypes(),
                uint(item.nodeClassMask()),
                uint(ALL_FIELDS));
    }

    private static List<Page> pages(BrowseResult @Nullable [] results, int expected, ServerInfo session) {
        if (results == null || results.length != expected) {
            throw OpcUaErrors.service(
                    "The server answered the browse of " + expected + " nodes with "
                            + (results == null ? 0 : results.length) + " results",
                    StatusCodes.Bad_UnexpectedError);
        }
        List<Page> pages = new ArrayList<>(results.length);
        for (BrowseResult result : results) {
            pages.add(page(result, session));
        }
        return pages;
    }

    private static Page page(@Nullable BrowseResult result, ServerInfo session) {
        if (result == null) {
            throw OpcUaErrors.service(
                    "The server answered the browse without a result", StatusCodes.Bad_UnexpectedError);
        }
        long status = TypeMapper.toWire(result.getStatusCode()).value();
        if (status >= BAD) {
            return new Page(status, List.of(), null, session);
        }
        var found = result.getReferences();
        List<ReferenceDescription> references = new ArrayList<>(found == null ? 0 : found.length);
        if (found != null) {
            for (var reference : found) {
                references.add(TypeMapper.toWire(reference, session.namespaces()));
            }
        }
        return new Page(status, references, ServerPoint.of(result.getContinuationPoint(), session), session);
    }
}
