package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.ServiceCall;
import io.github.opcuasm.daemon.opcua.ServiceCalls;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.subscription.NotificationStream;
import io.github.opcuasm.daemon.subscription.StreamHub;
import io.github.opcuasm.daemon.subscription.StreamHubs;
import io.github.opcuasm.daemon.subscription.StructureTypes;
import io.github.opcuasm.daemon.subscription.SubscriptionParameters;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;

/** Subscriptions whose messages a peer gets as they come ({@link StreamHub}). */
public final class StreamService {
    /** Of the heap, for messages that wait for readers of all streams. */
    private static final int HEAP_SHARE = 8;

    private final StreamHubs hubs;

    /** @param contexts of queries, whose knowledge of the servers' types is shared */
    public StreamService(SubscriptionRegistry subscriptions, CallContexts contexts, Ticker ticker) {
        this.hubs = new StreamHubs(
                subscriptions,
                new Types(contexts, ticker),
                ticker,
                Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** A stream that nothing comes of yet. */
    public NotificationStream stream() {
        return hubs.stream();
    }

    /**
     * Gives a stream its items, on the handle's session; that is waited for, within the query's deadline.
     *
     * @return what was granted; events may come before that. Fails if nothing was: then nothing will come
     */
    public CompletableFuture<StreamHub.Granted> begin(
            CallContext context,
            SubscriptionParameters parameters,
            List<MonitoredItem> items,
            NotificationStream stream) {
        OpcUaSession session = context.session();
        CompletableFuture<Void> active = session.state() instanceof SessionState.Active
                ? CompletableFuture.completedFuture(null)
                : session.ensureActive(context.nextDeadline());
        return active.thenComposeAsync(
                ready -> hubs.of(session).join(context.handle(), parameters, wanted(context, items), stream),
                session.executor());
    }

    /** By the namespaces that the session has now. */
    private static List<StreamHub.Wanted> wanted(CallContext context, List<MonitoredItem> items) {
        return items.stream()
                .map(item -> new StreamHub.Wanted(MonitoredItemService.definition(context, item), item.clientHandle()))
                .toList();
    }

    /** Nobody reads a stream any more; from any thread. */
    public void end(OpcUaSession session, NotificationStream stream) {
        hubs.of(session).leave(stream);
    }

    /** Types that are asked for on nobody's behalf. */
    private record Types(CallContexts contexts, Ticker ticker) implements StructureTypes {
        @Override
        public CompletableFuture<ServerTypes> prepared(OpcUaSession session, List<@Nullable Variant> values) {
            return contexts.registries().of(session).prepare(new Unattended(session, ticker), values);
        }

        @Override
        public ServerTypes known(OpcUaSession session) {
            return contexts.registries().of(session);
        }
    }

    /** Requests of the daemon's own, each with its own deadline. */
    private record Unattended(OpcUaSession session, Ticker ticker) implements ServiceCalls {
        private static final Duration PATIENCE = Duration.ofSeconds(5);

        @Override
        public Duration patience() {
            return PATIENCE;
        }

        @Override
        public <T extends UaResponseMessageType> CompletableFuture<T> read(
                Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
            return submit(responseType, message, 1);
        }

        @Override
        public <T extends UaResponseMessageType> CompletableFuture<T> once(
                Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
            return submit(responseType, message, 0);
        }

        private <T extends UaResponseMessageType> CompletableFuture<T> submit(
                Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message, int retries) {
            return session.submit(
                    new ServiceCall<>(responseType, message, null, ticker.read() + PATIENCE.toNanos(), 0, retries));
        }
    }
}
