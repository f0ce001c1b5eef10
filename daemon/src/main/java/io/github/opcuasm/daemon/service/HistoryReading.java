package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.opcua.WireDecoder;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * One history read, of values, processed or modified values, or events ({@link HistoryContent}), from its first answer to
 * its last. Continuation points are followed until there is none, the count asked for is reached, or a bound is; whatever
 * ends it early gives the open point back. As with BrowseNext, a request with a continuation point is not repeated and goes
 * to no other session: values would be missing without a sign.
 */
final class HistoryReading<D extends UaStructuredType, T> {
    /** Values or events in one answer. */
    static final int MAX_VALUES = 1_000_000;

    /** A value with two timestamps, apart from the bytes of its own. */
    private static final int VALUE_WEIGHT = 256;

    private static final long BAD = 0x8000_0000L;

    private final HistoryContent<D, T> content;
    private final UnawaitedCalls unawaited;
    private final CallContext context;
    private final NodeReference nodeId;
    private final long limit;
    private final GatheredPages.Share gathered;
    private final List<T> found = new ArrayList<>();
    private final AtomicReference<@Nullable ServerInfo> sentOn = new AtomicReference<>();

    /** @param limit how many values or events are asked for; 0 = all */
    HistoryReading(
            HistoryContent<D, T> content,
            UnawaitedCalls unawaited,
            CallContext context,
            NodeReference nodeId,
            long limit,
            GatheredPages.Share gathered) {
        this.content = content;
        this.unawaited = unawaited;
        this.context = context;
        this.nodeId = nodeId;
        this.limit = limit;
        this.gathered = gathered;
    }

    /** @param details what is asked for, in the namespaces of the session that it goes to */
    CompletableFuture<List<T>> run(Function<NamespaceTable, UaStructuredType> details) {
        return gathered.endWith(context.read(HistoryReadResponse.class, header -> request(header, details, null, false))
                .thenCompose(response -> takeIn(response, details)));
    }

    private CompletableFuture<List<T>> takeIn(
            HistoryReadResponse response, Function<NamespaceTable, UaStructuredType> details) {
        HistoryReadResult result = only(response.getResults());
        long status = TypeMapper.toWire(result.getStatusCode()).value();
        if (status >= BAD) {
            throw OpcUaErrors.service("The server refused the history read", status);
        }
        ServerPoint more = ServerPoint.of(result.getContinuationPoint(), Objects.requireNonNull(sentOn.get()));
        return addEntries(result.getHistoryData(), more != null)
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        release(more, details);
                    }
                })
                .thenCompose(done -> goOn(more, details));
    }

    private CompletableFuture<List<T>> goOn(
            @Nullable ServerPoint more, Function<NamespaceTable, UaStructuredType> details) {
        if (more == null) {
            return CompletableFuture.completedFuture(found);
        }
        if (limit > 0 && found.size() >= limit) {
            release(more, details);
            return CompletableFuture.completedFuture(found);
        }
        return next(more, details);
    }

    private CompletableFuture<List<T>> next(ServerPoint more, Function<NamespaceTable, UaStructuredType> details) {
        CompletableFuture<HistoryReadResponse> answer;
        try {
            answer = context.once(HistoryReadResponse.class, header -> request(header, details, more, false));
        } catch (CommandException e) {
            release(more, details);
            throw e;
        }
        return answer.whenComplete((response, failure) -> {
                    if (failure != null) {
                        release(more, details);
                    }
                })
                .thenCompose(response -> takeIn(response, details));
    }

    private void release(@Nullable ServerPoint more, Function<NamespaceTable, UaStructuredType> details) {
        if (more != null) {
            unawaited.send(
                    context.session(), HistoryReadResponse.class, header -> request(header, details, more, true));
        }
    }

    private HistoryReadRequest request(
            RequestHeader header,
            Function<NamespaceTable, UaStructuredType> details,
            @Nullable ServerPoint more,
            boolean release) {
        OpcUaSession session = context.session();
        ServerInfo server = session.serverInfo();
        if (more != null && !more.belongsTo(server)) {
            throw OpcUaErrors.service(
                    "The session that the rest of the " + content.plural() + " belong to is gone; read again",
                    StatusCodes.Bad_ContinuationPointInvalid);
        }
        sentOn.set(server);
        return new HistoryReadRequest(
                header,
                ExtensionObject.encode(session.encodingContext(), details.apply(server.namespaces())),
                content.timestamps(),
                release,
                new HistoryReadValueId[] {
                    new HistoryReadValueId(
                            TypeMapper.toMilo(nodeId, server.namespaces()),
                            null,
                            QualifiedName.NULL_VALUE,
                            more == null ? ByteString.NULL_VALUE : more.bytes())
                });
    }

    private static HistoryReadResult only(HistoryReadResult @Nullable [] results) {
        if (results == null || results.length != 1 || results[0] == null) {
            throw OpcUaErrors.service(
                    "The server answered the history read without a result", StatusCodes.Bad_UnexpectedError);
        }
        return results[0];
    }

    private CompletableFuture<@Nullable Void> addEntries(@Nullable ExtensionObject data, boolean moreToCome) {
        if (data == null || data.isNull()) {
            return CompletableFuture.completedFuture(null);
        }
        D page;
        try {
            page = page(data);
        } catch (CommandException e) {
            return CompletableFuture.failedFuture(e);
        }
        return content.mapping(context, page).thenApply(entries -> {
            int wanted = limit == 0 ? Integer.MAX_VALUE : (int) Math.min(limit, Integer.MAX_VALUE) - found.size();
            int count = Math.min(content.entries(page), wanted);
            for (int i = 0; i < count; i++) {
                found.add(entries.apply(i));
            }
            refuseTooMuch(moreToCome);
            return null;
        });
    }

    private D page(ExtensionObject data) {
        if (data instanceof ExtensionObject.Binary binary) {
            gathered.add(binary.getBody().length());
        }
        D page = decoded(data);
        gathered.add(content.values(page) * VALUE_WEIGHT);
        return page;
    }

    private D decoded(ExtensionObject data) {
        UaStructuredType structure;
        try {
            structure = WireDecoder.decode(data, context.session().encodingContext());
        } catch (UaSerializationException e) {
            throw OpcUaErrors.service(
                    "The server's history data cannot be decoded",
                    e.getStatusCode().getValue());
        }
        if (content.structure().isInstance(structure)) {
            return content.structure().cast(structure);
        }
        throw OpcUaErrors.service(
                "The server answered the history read with something else than "
                        + content.structure().getSimpleName(),
                StatusCodes.Bad_UnknownResponse);
    }

    private void refuseTooMuch(boolean moreToCome) {
        if (found.size() > MAX_VALUES || (found.size() == MAX_VALUES && moreToCome && limit != MAX_VALUES)) {
            throw new CommandException(
                    ErrorType.OVERLOADED,
                    "There are more than " + MAX_VALUES + " " + content.plural()
                            + "; narrow the time range, or ask for at most so many");
        }
    }
}
