package io.github.opcuasm.daemon.subscription;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServiceCall;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DateTime;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MonitoringMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifySubscriptionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifySubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoringParameters;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SetPublishingModeRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.SetPublishingModeResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SetTriggeringRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.SetTriggeringResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service calls that subscriptions need beside what callers ask for. Each goes out on the present activation of the
 * session or not at all: a new session may give the same id to somebody else. Futures complete on the session's event loop,
 * within {@link #BOUND}.
 */
public final class SubscriptionRequests {
    private static final int MOST_CREATED = 64;
    private static final int MOST_UNDELETED = 1_000;
    static final Duration BOUND = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionRequests.class);

    private final OpcUaSession session;
    private final Ticker ticker;
    private final Map<Long, DateTime> createdAt = new LinkedHashMap<>(2);
    private final Set<Long> undeleted = new LinkedHashSet<>(0);

    SubscriptionRequests(OpcUaSession session, Ticker ticker) {
        this.session = session;
        this.ticker = ticker;
    }

    /** Sends a request on the present activation or not at all; fails with {@code not_sent} if there is none. */
    public <T extends UaResponseMessageType> CompletableFuture<T> once(
            Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
        return session.state() instanceof SessionState.Active active
                ? session.submit(
                        new ServiceCall<>(responseType, message, active, ticker.read() + BOUND.toNanos(), 0, 0))
                : CompletableFuture.failedFuture(session.notActive());
    }

    /** CreateSubscription; who calls it has an {@link Arrival} under way. */
    public CompletableFuture<CreateSubscriptionResponse> create(SubscriptionParameters asked) {
        return once(CreateSubscriptionResponse.class, header -> createRequest(header, asked))
                .whenComplete((response, failure) -> {
                    if (response != null && response.getSubscriptionId() != null) {
                        DateTime at =
                                TypeMapper.toWire(response.getResponseHeader().getTimestamp());
                        createdAt.put(response.getSubscriptionId().longValue(), at);
                        if (createdAt.size() > MOST_CREATED) {
                            createdAt.remove(createdAt.keySet().iterator().next());
                        }
                    }
                });
    }

    /** When the server created what was asked for a moment ago, by its own clock; none if that is not known. Told once. */
    DateTime takeCreationTime(long serverId) {
        DateTime at = createdAt.remove(serverId);
        return at == null ? DateTime.NULL : at;
    }

    /** As it is sent. */
    public static CreateSubscriptionRequest createRequest(RequestHeader header, SubscriptionParameters asked) {
        return new CreateSubscriptionRequest(
                header,
                asked.publishingInterval(),
                uint(asked.lifetimeCount()),
                uint(asked.maxKeepAliveCount()),
                uint(asked.maxNotificationsPerPublish()),
                asked.publishingEnabled(),
                ubyte(asked.priority()));
    }

    /** CreateMonitoredItems for at least one item; source and server timestamps are asked for. */
    public CompletableFuture<CreateMonitoredItemsResponse> createItems(
            long serverId, List<MonitoredItemDefinition> items) {
        return once(CreateMonitoredItemsResponse.class, header -> createItemsRequest(header, serverId, items));
    }

    /** As it is sent. */
    public static CreateMonitoredItemsRequest createItemsRequest(
            RequestHeader header, long serverId, List<MonitoredItemDefinition> items) {
        return new CreateMonitoredItemsRequest(
                header,
                uint(serverId),
                TimestampsToReturn.Both,
                items.stream().map(SubscriptionRequests::toMilo).toArray(MonitoredItemCreateRequest[]::new));
    }

    private static MonitoredItemCreateRequest toMilo(MonitoredItemDefinition item) {
        return new MonitoredItemCreateRequest(
                new ReadValueId(item.nodeId(), uint(item.attributeId()), null, QualifiedName.NULL_VALUE),
                MonitoringMode.from(item.monitoringMode()),
                toMilo(item.parameters()));
    }

    /** As they are sent. */
    public static MonitoringParameters toMilo(ItemParameters parameters) {
        return new MonitoringParameters(
                uint(parameters.clientHandle()),
                parameters.samplingInterval(),
                parameters.filter(),
                uint(parameters.queueSize()),
                parameters.discardOldest());
    }

    /** DeleteMonitoredItems. */
    public CompletableFuture<DeleteMonitoredItemsResponse> deleteItems(long serverId, Collection<Long> serverItemIds) {
        return once(
                DeleteMonitoredItemsResponse.class,
                header -> new DeleteMonitoredItemsRequest(header, uint(serverId), ids(serverItemIds)));
    }

    /** SetTriggering: these items are reported when that one is. */
    CompletableFuture<SetTriggeringResponse> link(
            long serverId, long triggeringServerItemId, Collection<Long> linkedServerItemIds) {
        return once(
                SetTriggeringResponse.class,
                header -> new SetTriggeringRequest(
                        header,
                        uint(serverId),
                        uint(triggeringServerItemId),
                        ids(linkedServerItemIds),
                        new UInteger[0]));
    }

    /** TransferSubscriptions, without initial values; who calls it has an {@link Arrival} under way. */
    CompletableFuture<TransferSubscriptionsResponse> transfer(Collection<Long> serverIds) {
        return once(
                TransferSubscriptionsResponse.class,
                header -> new TransferSubscriptionsRequest(header, ids(serverIds), false));
    }

    /** Republish. */
    CompletableFuture<RepublishResponse> republish(long serverId, long sequenceNumber) {
        return once(
                RepublishResponse.class, header -> new RepublishRequest(header, uint(serverId), uint(sequenceNumber)));
    }

    /** ModifySubscription to what it was asked to be. */
    CompletableFuture<ModifySubscriptionResponse> modify(long serverId, SubscriptionParameters asked) {
        return once(
                ModifySubscriptionResponse.class,
                header -> new ModifySubscriptionRequest(
                        header,
                        uint(serverId),
                        asked.publishingInterval(),
                        uint(asked.lifetimeCount()),
                        uint(asked.maxKeepAliveCount()),
                        uint(asked.maxNotificationsPerPublish()),
                        ubyte(asked.priority())));
    }

    /** SetPublishingMode. */
    CompletableFuture<SetPublishingModeResponse> publishing(long serverId, boolean enabled) {
        return once(
                SetPublishingModeResponse.class,
                header -> new SetPublishingModeRequest(header, enabled, ids(List.of(serverId))));
    }

    /** Read, of values as they are now, without timestamps. */
    CompletableFuture<ReadResponse> read(List<ReadValueId> nodes) {
        return once(
                ReadResponse.class,
                header -> new ReadRequest(header, 0.0, TimestampsToReturn.Neither, nodes.toArray(ReadValueId[]::new)));
    }

    /** DeleteSubscriptions of one that may be there; whatever comes of it, the future completes. */
    CompletableFuture<Void> deleteIfThere(long serverId) {
        return once(
                        DeleteSubscriptionsResponse.class,
                        header -> new DeleteSubscriptionsRequest(header, ids(List.of(serverId))))
                .handle((response, failure) -> {
                    logFailure(List.of(serverId), failure);
                    return null;
                });
    }

    /**
     * DeleteSubscriptions of what nobody has any more; nobody waits for the answer. What the session is not there for is
     * deleted when it is {@link #restored back}. One that is missed is found by its next message, or ends with its lifetime.
     */
    void delete(List<Long> serverIds) {
        if (serverIds.isEmpty()) {
            return;
        }
        if (!(session.state() instanceof SessionState.Active)) {
            keep(serverIds);
            return;
        }
        once(DeleteSubscriptionsResponse.class, header -> new DeleteSubscriptionsRequest(header, ids(serverIds)))
                .whenComplete((response, failure) -> {
                    logFailure(serverIds, failure);
                    if (failure != null
                            && OpcUaErrors.unwrap(failure) instanceof CommandException error
                            && error.type() == ErrorType.CONNECTION) {
                        keep(serverIds);
                        if (session.state() instanceof SessionState.Active) {
                            Runnable unused = session.schedule(this::deleteKept, PAUSE);
                        }
                    }
                });
    }

    private void keep(List<Long> serverIds) {
        for (Long serverId : serverIds) {
            if (undeleted.size() < MOST_UNDELETED) {
                undeleted.add(serverId);
            }
        }
    }

    /**
     * The session is active again: what could not be deleted is deleted now.
     *
     * @param anew whether it is another one: it has none of them, and may call others so
     */
    void restored(boolean anew) {
        if (anew) {
            undeleted.clear();
        }
        deleteKept();
    }

    private void deleteKept() {
        List<Long> serverIds = List.copyOf(undeleted);
        undeleted.clear();
        delete(serverIds);
    }

    private static void logFailure(List<Long> serverIds, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.debug(
                    "Subscriptions {} could not be deleted: {}",
                    serverIds,
                    OpcUaErrors.unwrap(failure).toString());
        }
    }

    private static UInteger[] ids(Collection<Long> ids) {
        return ids.stream().map(id -> uint(id)).toArray(UInteger[]::new);
    }
}
