package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
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

/** Browse and BrowseNext (Part 4, 5.9.2 and 5.9.3). */
public final class ViewService {
    private static final int ALL_FIELDS = 63;
    private static final int MAX_REFERENCES = 100_000;
    private static final ViewDescription NO_VIEW =
            new ViewDescription(NodeId.NULL_VALUE, DateTime.NULL_VALUE, UInteger.MIN);

    /** One page, as long as the server makes it. A continuation point is given back to the server at once. */
    public CompletableFuture<List<ReferenceDescription>> browse(CallContext context, BrowseRequestItem item) {
        return firstPage(context, item).thenApply(page -> {
            if (page.hasMore()) {
                release(context, page.continuationPoint());
            }
            return page.references();
        });
    }

    /** All pages. */
    public CompletableFuture<List<ReferenceDescription>> browseAll(CallContext context, BrowseRequestItem item) {
        return firstPage(context, item).thenCompose(page -> remaining(context, page, new ArrayList<>()));
    }

    private CompletableFuture<List<ReferenceDescription>> remaining(
            CallContext context, Page page, List<ReferenceDescription> found) {
        found.addAll(page.references());
        if (!page.hasMore()) {
            return CompletableFuture.completedFuture(found);
        }
        if (found.size() > MAX_REFERENCES) {
            release(context, page.continuationPoint());
            throw new CommandException(
                    ErrorType.OVERLOADED,
                    "The node has more than " + MAX_REFERENCES + " references; narrow the browse by type or class");
        }
        return browseNext(context, page.continuationPoint(), false)
                .thenCompose(next -> remaining(context, next, found));
    }

    private static CompletableFuture<Page> firstPage(CallContext context, BrowseRequestItem item) {
        return context.read(
                        BrowseResponse.class,
                        header -> new BrowseRequest(header, NO_VIEW, UInteger.MIN, new BrowseDescription[] {
                            description(item, context.namespaces())
                        }))
                .thenApply(response -> page("browse", response.getResults(), context.namespaces()));
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

    private static CompletableFuture<Page> browseNext(
            CallContext context, ByteString continuationPoint, boolean release) {
        return context.read(
                        BrowseNextResponse.class,
                        header -> new BrowseNextRequest(header, release, new ByteString[] {continuationPoint}))
                .thenApply(response -> page("browse", response.getResults(), context.namespaces()));
    }

    /** Nobody waits for it; a server that does not hear of it forgets the continuation point by itself. */
    private static void release(CallContext context, ByteString continuationPoint) {
        browseNext(context, continuationPoint, true);
    }

    private static Page page(String what, BrowseResult @Nullable [] results, NamespaceTable namespaces) {
        if (results == null || results.length != 1 || results[0] == null) {
            throw OpcUaErrors.service(
                    "The server answered the " + what + " without a result", StatusCodes.Bad_UnexpectedError);
        }
        BrowseResult result = results[0];
        long status =
                result.getStatusCode() == null ? 0 : result.getStatusCode().getValue();
        if (status >= 0x8000_0000L) {
            throw OpcUaErrors.service("The server refused the " + what, status);
        }
        List<ReferenceDescription> references = new ArrayList<>();
        if (result.getReferences() != null) {
            for (var reference : result.getReferences()) {
                references.add(TypeMapper.toWire(reference, namespaces));
            }
        }
        ByteString more = result.getContinuationPoint();
        return new Page(references, more == null ? ByteString.NULL_VALUE : more);
    }

    private record Page(List<ReferenceDescription> references, ByteString continuationPoint) {
        boolean hasMore() {
            return continuationPoint.isNotNull() && continuationPoint.length() > 0;
        }
    }
}
