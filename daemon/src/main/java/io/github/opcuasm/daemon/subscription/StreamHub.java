package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of one OPC UA session. Those of one principal with equal subscription parameters share a subscription on the
 * server, equal items one monitored item; nothing else is shared.
 *
 * <p>Confined to the session's event loop, but for {@link #leave}.
 */
public final class StreamHub {
    private static final Logger LOG = LoggerFactory.getLogger(StreamHub.class);

    private final OpcUaSession session;
    private final SessionSubscriptions subscriptions;
    private final StructureTypes types;
    private final Ticker ticker;
    private final Map<Sharing, SharedSubscription> shared = new HashMap<>(2);
    private final Map<NotificationStream, Joined> streams = new HashMap<>(4);
    private final Set<SessionHandle> watched = new HashSet<>(2);

    /** Who may share what. */
    private record Sharing(String owner, SubscriptionParameters parameters) {}

    /** A stream and what it shares. */
    private record Joined(StreamMember member, SharedSubscription subscription) {}

    /**
     * An item of a stream.
     *
     * @param clientHandle by which the stream knows it
     */
    public record Wanted(MonitoredItemDefinition definition, long clientHandle) {}

    /**
     * What a stream was granted.
     *
     * @param items one for each that was wanted, in their order
     */
    public record Granted(long subscriptionId, GrantedParameters parameters, List<MonitoredItemResult> items) {}

    StreamHub(OpcUaSession session, SessionSubscriptions subscriptions, StructureTypes types, Ticker ticker) {
        this.session = session;
        this.subscriptions = subscriptions;
        this.types = types;
        this.ticker = ticker;
    }

    /**
     * Gives a stream what it wants. Events may come to it before this completes.
     *
     * @return fails if the server could not be asked, or refuses the subscription; then the stream has {@link #leave left}
     */
    public CompletableFuture<Granted> join(
            SessionHandle handle, SubscriptionParameters parameters, List<Wanted> wanted, NotificationStream stream) {
        if (stream.isDiscarded()) {
            return CompletableFuture.failedFuture(
                    new CommandException(ErrorType.CANCELLED, "The peer went away before its stream began"));
        }
        watch(handle);
        Sharing sharing = new Sharing(handle.owner(), parameters);
        SharedSubscription known = shared.get(sharing);
        SharedSubscription subscription = known == null ? added(sharing) : known;
        StreamMember member = new StreamMember(handle, stream);
        streams.put(stream, new Joined(member, subscription));
        subscription.join(member);
        if (known == null) {
            subscription.create();
        }
        return subscription
                .created()
                .thenCompose(managed -> subscription
                        .follow(member, wanted)
                        .thenApply(items -> new Granted(managed.id(), managed.granted(), items)))
                .whenComplete((granted, failure) -> {
                    if (failure != null) {
                        leave(stream);
                    }
                });
    }

    private SharedSubscription added(Sharing sharing) {
        SharedSubscription added = new SharedSubscription(
                session,
                subscriptions,
                types,
                ticker,
                sharing.owner(),
                sharing.parameters(),
                gone -> shared.remove(sharing, gone));
        shared.put(sharing, added);
        return added;
    }

    /** A stream has no reader any more, whatever has become of it; from any thread. */
    public void leave(NotificationStream stream) {
        stream.discard();
        try {
            subscriptions.executor().execute(() -> {
                Joined joined = streams.remove(stream);
                if (joined != null) {
                    joined.subscription().leave(joined.member());
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("The daemon ends");
        }
    }

    /** The streams of a handle end with it. */
    private void watch(SessionHandle handle) {
        if (watched.add(handle)) {
            handle.onEnd(() -> {
                try {
                    subscriptions.executor().execute(() -> ended(handle));
                } catch (RejectedExecutionException e) {
                    LOG.debug("The daemon ends");
                }
            });
        }
    }

    private void ended(SessionHandle handle) {
        watched.remove(handle);
        for (Map.Entry<NotificationStream, Joined> stream : new ArrayList<>(streams.entrySet())) {
            if (stream.getValue().member().handle() == handle) {
                streams.remove(stream.getKey());
                stream.getKey().end(error(new CommandException(ErrorType.CONNECTION, "The session was closed")));
                stream.getValue().subscription().leave(stream.getValue().member());
            }
        }
    }

    /** As events tell it. */
    static StreamEvent.StreamError error(CommandException error) {
        Long code = error.statusCode();
        return new StreamEvent.StreamError(
                error.type().wireName(), error.messageText(), code == null ? null : new StatusCode(code));
    }
}
