package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.Acknowledgement;
import io.github.opcuasm.daemon.subscription.Arrival;
import io.github.opcuasm.daemon.subscription.Delivery;
import io.github.opcuasm.daemon.subscription.Gap;
import io.github.opcuasm.daemon.subscription.GrantedParameters;
import io.github.opcuasm.daemon.subscription.ManagedSubscription;
import io.github.opcuasm.daemon.subscription.Message;
import io.github.opcuasm.daemon.subscription.NotificationData;
import io.github.opcuasm.daemon.subscription.SessionSubscriptions;
import io.github.opcuasm.daemon.subscription.SubscriptionConsumer;
import io.github.opcuasm.daemon.subscription.SubscriptionParameters;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.daemon.subscription.SubscriptionRequests;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Subscription service set (Part 4, 5.14). Handles may share an OPC UA session; each has its own subscriptions, and
 * another's are to it as unknown as those that do not exist.
 */
public final class SubscriptionService {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionService.class);

    private final SubscriptionRegistry subscriptions;

    public SubscriptionService(SubscriptionRegistry subscriptions) {
        this.subscriptions = subscriptions;
    }

    /** CreateSubscription. The subscription belongs to the handle and ends with it. */
    public CompletableFuture<SubscriptionResult> create(CallContext context, SubscriptionParameters wanted) {
        SessionSubscriptions here = here(context);
        Arrival arrival = here.arrival();
        return context.once(CreateSubscriptionResponse.class, header -> {
                    arrival.begin();
                    return SubscriptionRequests.createRequest(header, wanted);
                })
                .handleAsync(
                        (response, failure) -> {
                            try {
                                return created(context, here, wanted, answered(response, failure));
                            } finally {
                                arrival.end();
                            }
                        },
                        here.executor())
                .thenCompose(result -> result);
    }

    /**
     * CreateSubscription, for a consumer of the daemon's own. It outlasts the handle unless the consumer {@link
     * SessionSubscriptions#drop drops} it then.
     */
    public CompletableFuture<ManagedSubscription> create(
            CallContext context, SubscriptionParameters wanted, SubscriptionConsumer consumer) {
        SessionSubscriptions here = here(context);
        Arrival arrival = here.arrival();
        return context.once(CreateSubscriptionResponse.class, header -> {
                    arrival.begin();
                    return SubscriptionRequests.createRequest(header, wanted);
                })
                .handleAsync(
                        (response, failure) -> {
                            try {
                                CreateSubscriptionResponse answer = answered(response, failure);
                                ManagedSubscription subscription = here.adopt(
                                        number(answer.getSubscriptionId()),
                                        context.handle().owner(),
                                        wanted,
                                        GrantedParameters.of(answer),
                                        List.of(),
                                        false,
                                        consumer);
                                here.start(subscription);
                                return subscription;
                            } finally {
                                arrival.end();
                            }
                        },
                        here.executor());
    }

    /** What a message says, mapped; the types of structures in it are found out first. */
    public static CompletableFuture<List<Notification>> notifications(CallContext context, Message message) {
        return notifications(context, message.data());
    }

    private static CompletableFuture<SubscriptionResult> created(
            CallContext context,
            SessionSubscriptions here,
            SubscriptionParameters asked,
            CreateSubscriptionResponse response) {
        long serverId = number(response.getSubscriptionId());
        GrantedParameters granted = GrantedParameters.of(response);
        if (context.isAbandoned()) {
            // Nobody learns its id.
            here.discard(serverId);
            return CompletableFuture.completedFuture(result(serverId, granted));
        }
        ManagedSubscription subscription = here.mailboxes().adopt(context.handle(), serverId, asked, granted);
        subscription.toldAllUntil(TypeMapper.toWire(response.getResponseHeader().getTimestamp()));
        return here.mailboxes()
                .kept(context.handle(), subscription)
                .thenApply(kept -> result(subscription.id(), granted));
    }

    private static SubscriptionResult result(long id, GrantedParameters granted) {
        return new SubscriptionResult(
                id, granted.publishingInterval(), granted.lifetimeCount(), granted.maxKeepAliveCount());
    }

    /** DeleteSubscriptions for one; a subscription that the handle does not have is a status, not an error. */
    public CompletableFuture<StatusCode> delete(CallContext context, long subscriptionId) {
        SessionSubscriptions here = here(context);
        SessionHandle handle = context.handle();
        Supplier<ManagedSubscription> which = () -> here.mailboxes().require(handle, subscriptionId);
        long deadline = context.deadlineAfter(context.config().opcuaTimeout());
        return onceEstablished(
                        here,
                        which,
                        deadline,
                        known -> context.once(DeleteSubscriptionsResponse.class, header -> {
                            long serverId = requireEstablished(which).serverId();
                            return new DeleteSubscriptionsRequest(header, new UInteger[] {uint(serverId)});
                        }))
                .handleAsync(
                        (response, failure) -> {
                            if (isUnknownSubscription(failure)) {
                                return new StatusCode(StatusCodes.Bad_SubscriptionIdInvalid);
                            }
                            var results = answered(response, failure).getResults();
                            StatusCode status = TypeMapper.toWire(only(results));
                            if (!status.isBad() || status.value() == StatusCodes.Bad_SubscriptionIdInvalid) {
                                here.mailboxes().deleted(handle, subscriptionId);
                            }
                            return status;
                        },
                        here.executor());
    }

    /**
     * The next message of the handle's subscriptions; while none comes, what a keep-alive would say.
     *
     * @param subscriptionIds whose messages; null = all of the handle
     * @param maxWait null = the handle's {@code opcuaTimeout}
     */
    public CompletableFuture<PublishResult> publish(
            CallContext context,
            List<Acknowledgement> acknowledgements,
            @Nullable Set<Long> subscriptionIds,
            @Nullable Duration maxWait) {
        SessionSubscriptions here = here(context);
        Duration wait = maxWait == null ? context.config().opcuaTimeout() : maxWait;
        CompletableFuture<Delivery> delivery = here.mailboxes()
                .publish(
                        context.handle(),
                        acknowledgements,
                        subscriptionIds,
                        context.connection(),
                        context.deadlineAfter(wait));
        context.onAbandoned(() -> here.mailboxes().withdraw(delivery));
        return delivery.thenCompose(message -> notifications(context, message.data())
                .thenApply(notifications -> new PublishResult(
                        message.subscriptionId(),
                        message.sequenceNumber(),
                        message.moreNotifications(),
                        notifications,
                        message.availableSequenceNumbers(),
                        message.epoch(),
                        message.dropped(),
                        gap(message.gap()))));
    }

    private static PublishResult.@Nullable Gap gap(@Nullable Gap gap) {
        return gap == null ? null : new PublishResult.Gap(time(gap.from()), time(gap.to()), gap.reason());
    }

    private static @Nullable DateTime time(DateTime time) {
        return time.isNull() ? null : time;
    }

    private static CompletableFuture<List<Notification>> notifications(
            CallContext context, List<? extends @Nullable ExtensionObject> data) {
        List<UaStructuredType> decoded =
                NotificationData.decode(data, context.session().encodingContext());
        return context.preparedVariants(NotificationData.values(decoded))
                .thenApply(types -> NotificationData.toWire(decoded, types));
    }

    /**
     * A message of the handle's own subscription again, from its mailbox or by Republish; not one that was acknowledged.
     */
    public CompletableFuture<RepublishResult> republish(CallContext context, long subscriptionId, long sequenceNumber) {
        SessionSubscriptions here = here(context);
        return CompletableFuture.supplyAsync(
                        () -> Optional.ofNullable(
                                here.mailboxes().find(context.handle(), subscriptionId, sequenceNumber)),
                        here.executor())
                .thenCompose(found -> found.isPresent()
                        ? republished(context, found.get())
                        : republishByServer(context, here, subscriptionId, sequenceNumber));
    }

    private static CompletableFuture<RepublishResult> republished(CallContext context, Message message) {
        return notifications(context, message.data())
                .thenApply(notifications ->
                        new RepublishResult(message.sequenceNumber(), time(message.publishTime()), notifications));
    }

    private static CompletableFuture<RepublishResult> republishByServer(
            CallContext context, SessionSubscriptions here, long subscriptionId, long sequenceNumber) {
        Supplier<ManagedSubscription> which = () -> here.mailboxes().require(context.handle(), subscriptionId);
        long deadline = context.deadlineAfter(context.config().opcuaTimeout());
        return onceEstablished(
                        here, which, deadline, known -> republish(context, here, which, subscriptionId, sequenceNumber))
                .thenCompose(response -> republished(context, response));
    }

    private static CompletableFuture<RepublishResponse> republish(
            CallContext context,
            SessionSubscriptions here,
            Supplier<ManagedSubscription> which,
            long subscriptionId,
            long sequenceNumber) {
        return context.read(RepublishResponse.class, header -> {
                    ManagedSubscription subscription = requireEstablished(which);
                    if (subscription.isAcknowledged(sequenceNumber)) {
                        throw OpcUaErrors.service(
                                "Message " + sequenceNumber + " was acknowledged", StatusCodes.Bad_MessageNotAvailable);
                    }
                    return new RepublishRequest(header, uint(subscription.serverId()), uint(sequenceNumber));
                })
                .handleAsync(
                        (response, failure) -> {
                            forgetUnknown(here, context.handle(), subscriptionId, failure);
                            return answered(response, failure);
                        },
                        here.executor());
    }

    private static CompletableFuture<RepublishResult> republished(CallContext context, RepublishResponse response) {
        NotificationMessage message = response.getNotificationMessage();
        if (message == null) {
            throw OpcUaErrors.service("The server sent no NotificationMessage", StatusCodes.Bad_UnknownResponse);
        }
        ExtensionObject[] data = message.getNotificationData();
        DateTime time = TypeMapper.toWire(message.getPublishTime());
        return notifications(context, data == null ? List.of() : Arrays.asList(data))
                .thenApply(notifications -> new RepublishResult(
                        number(message.getSequenceNumber()), time.ticks() <= 0 ? null : time, notifications));
    }

    /**
     * TransferSubscriptions: the subscriptions become the handle's. What another handle on the same session owns only
     * changes its owner here, with the messages that wait; the server would not be asked to give a session what it has. Nor
     * is it asked for what belongs to a principal whose handles the caller may not use, or to a stream: that is as unknown
     * as what does not exist.
     *
     * @param ids at least one
     * @return one result for each id; fails only while nothing has changed its owner here: after that, what the server
     *     could not be asked about has the status of that failure
     */
    public CompletableFuture<List<TransferResult>> transfer(
            CallContext context, List<Long> ids, boolean sendInitialValues) {
        if (ids.isEmpty()) {
            throw OpcUaErrors.service("There are no subscriptions to transfer", StatusCodes.Bad_NothingToDo);
        }
        SessionSubscriptions here = here(context);
        return CompletableFuture.supplyAsync(() -> moved(here, context, ids), here.executor())
                .thenComposeAsync(
                        moved -> {
                            if (sendInitialValues) {
                                moved.forEach((id, result) -> resendIfMoved(context, id, result));
                            }
                            List<Long> others = ids.stream()
                                    .filter(id -> !moved.containsKey(id))
                                    .distinct()
                                    .toList();
                            if (others.isEmpty()) {
                                return CompletableFuture.completedFuture(moved);
                            }
                            return transferFromElsewhere(context, here, others, sendInitialValues)
                                    .handle((results, failure) -> {
                                        Map<Long, TransferResult> all = results == null && anyMoved(moved)
                                                ? failed(others, failure)
                                                : answered(results, failure);
                                        all.putAll(moved);
                                        return all;
                                    });
                        },
                        here.executor())
                .thenApply(results -> ids.stream().map(results::get).toList());
    }

    private static boolean anyMoved(Map<Long, TransferResult> moved) {
        return moved.values().stream().anyMatch(result -> !result.statusCode().isBad());
    }

    private void resendIfMoved(CallContext context, long id, TransferResult result) {
        if (!result.statusCode().isBad()) {
            resendData(
                    context,
                    here(context).mailboxes().require(context.handle(), id).serverId());
        }
    }

    /** What need not be asked for: by id, what changed its owner here, and what cannot be had. */
    private static Map<Long, TransferResult> moved(SessionSubscriptions here, CallContext context, List<Long> ids) {
        Map<Long, TransferResult> results = new HashMap<>();
        for (Long id : ids) {
            if (here.isForeign(id, context.caller()) || here.isInternal(id)) {
                results.put(id, unknown());
                continue;
            }
            List<Long> available = here.mailboxes().move(id, context.handle());
            if (available != null) {
                results.put(id, new TransferResult(StatusCode.GOOD, available));
            }
        }
        return results;
    }

    private static TransferResult unknown() {
        return new TransferResult(new StatusCode(StatusCodes.Bad_SubscriptionIdInvalid), List.of());
    }

    private static Map<Long, TransferResult> failed(List<Long> ids, @Nullable Throwable failure) {
        Throwable cause = failure == null ? null : OpcUaErrors.unwrap(failure);
        Long code = cause instanceof CommandException command ? command.statusCode() : null;
        StatusCode status = new StatusCode(code == null ? StatusCodes.Bad_CommunicationError : code);
        LOG.info(
                "Subscriptions {} could not be transferred, others of the same call were: {}",
                ids,
                String.valueOf(cause));
        Map<Long, TransferResult> results = new HashMap<>();
        ids.forEach(id -> results.put(id, new TransferResult(status, List.of())));
        return results;
    }

    private CompletableFuture<Map<Long, TransferResult>> transferFromElsewhere(
            CallContext context, SessionSubscriptions here, List<Long> ids, boolean sendInitialValues) {
        return subscriptions
                .elsewhere(ids, context.session())
                .thenComposeAsync(
                        known -> transferFromElsewhere(context, here, ids, known, sendInitialValues), here.executor());
    }

    /** @param known those that another session of ours has; what is no handle's there is not asked for */
    private CompletableFuture<Map<Long, TransferResult>> transferFromElsewhere(
            CallContext context,
            SessionSubscriptions here,
            List<Long> wanted,
            Map<Long, ManagedSubscription> known,
            boolean sendInitialValues) {
        List<Long> ids = wanted.stream()
                .filter(id -> !known.containsKey(id) || known.get(id).isOfMailbox())
                .toList();
        Map<Long, TransferResult> refused = new HashMap<>();
        wanted.forEach(id -> refused.put(id, unknown()));
        refused.keySet().removeAll(Set.copyOf(ids));
        if (ids.isEmpty()) {
            return CompletableFuture.completedFuture(refused);
        }
        Arrival arrival = here.arrival();
        return context.once(TransferSubscriptionsResponse.class, header -> {
                    arrival.begin();
                    return new TransferSubscriptionsRequest(
                            header,
                            ids.stream().map(id -> uint(serverId(id, known))).toArray(UInteger[]::new),
                            sendInitialValues);
                })
                .handleAsync(
                        (response, failure) -> {
                            try {
                                Map<Long, TransferResult> results =
                                        transferred(context, here, ids, known, answered(response, failure));
                                results.putAll(refused);
                                return results;
                            } finally {
                                arrival.end();
                            }
                        },
                        here.executor());
    }

    private static long serverId(long id, Map<Long, ManagedSubscription> known) {
        ManagedSubscription subscription = known.get(id);
        return subscription == null ? id : subscription.serverId();
    }

    private Map<Long, TransferResult> transferred(
            CallContext context,
            SessionSubscriptions here,
            List<Long> ids,
            Map<Long, ManagedSubscription> known,
            TransferSubscriptionsResponse response) {
        var results = response.getResults();
        if (results == null || results.length != ids.size()) {
            throw unanswered(ids.size());
        }
        Map<Long, TransferResult> transferred = new HashMap<>();
        for (int i = 0; i < results.length; i++) {
            long id = ids.get(i);
            StatusCode status = TypeMapper.toWire(results[i] == null ? null : results[i].getStatusCode());
            List<Long> available =
                    SessionSubscriptions.numbers(results[i] == null ? null : results[i].getAvailableSequenceNumbers());
            TransferResult result = new TransferResult(status, available);
            if (!status.isBad()) {
                long serverId = serverId(id, known);
                // Created meanwhile for somebody else, and its id was guessed.
                boolean guessed = here.isForeign(id, context.caller());
                if (guessed) {
                    here.refuse(serverId);
                    result = unknown();
                } else {
                    here.mailboxes().adoptTransferred(context.handle(), serverId, known.get(id), available);
                }
                subscriptions.transferred(serverId, context.session());
            }
            transferred.put(id, result);
        }
        return transferred;
    }

    /** What sendInitialValues means where no service transfers anything (Part 5, 9.2). A server need not have it. */
    private static void resendData(CallContext context, long serverId) {
        CallMethodRequest call = new CallMethodRequest(
                NodeIds.Server, NodeIds.Server_ResendData, new Variant[] {new Variant(uint(serverId))});
        context.once(CallResponse.class, header -> new CallRequest(header, new CallMethodRequest[] {call}))
                .whenComplete((response, failure) -> {
                    if (failure != null) {
                        LOG.debug(
                                "ResendData failed: {}",
                                OpcUaErrors.unwrap(failure).toString());
                    }
                });
    }

    private SessionSubscriptions here(CallContext context) {
        return subscriptions.of(context.session());
    }

    /**
     * Sends something to a subscription of the handle once the server has it, set up; again if it was not when the request
     * was to leave, or if the server said that it does not know the subscription and that is created anew. Each time nothing
     * has been done yet.
     */
    static <R> CompletableFuture<R> onceEstablished(
            SessionSubscriptions here,
            Supplier<ManagedSubscription> which,
            long deadline,
            Function<ManagedSubscription, CompletableFuture<R>> request) {
        return CompletableFuture.supplyAsync(which, here.executor())
                .thenCompose(subscription -> here.setUp()
                        .established(subscription, deadline)
                        .thenCompose(established -> request.apply(subscription))
                        .handleAsync(
                                (result, failure) ->
                                        failure != null && isNotEstablished(failure) && !subscription.isEstablished()
                                                ? onceEstablished(here, which, deadline, request)
                                                : result != null
                                                        ? CompletableFuture.completedFuture(result)
                                                        : CompletableFuture.<R>failedFuture(
                                                                OpcUaErrors.unwrap(Objects.requireNonNull(failure))),
                                here.executor())
                        .thenCompose(Function.identity()));
    }

    /** The subscription, for a request that leaves now. */
    static ManagedSubscription requireEstablished(Supplier<ManagedSubscription> which) {
        ManagedSubscription subscription = which.get();
        if (!subscription.isEstablished()) {
            throw OpcUaErrors.service("The subscription is being set up again", StatusCodes.Bad_SubscriptionIdInvalid);
        }
        return subscription;
    }

    private static boolean isNotEstablished(Throwable failure) {
        return isUnknownSubscription(failure);
    }

    /** A response, or the failure thrown as it came. */
    static <T> T answered(@Nullable T response, @Nullable Throwable failure) {
        if (response == null) {
            Throwable cause = OpcUaErrors.unwrap(failure == null ? new IllegalStateException("no answer") : failure);
            throw cause instanceof CommandException command ? command : new CompletionException(cause);
        }
        return response;
    }

    /** A server that does not know the subscription any more shall not be asked again. */
    static void forgetUnknown(
            SessionSubscriptions here, SessionHandle handle, long subscriptionId, @Nullable Throwable failure) {
        if (isUnknownSubscription(failure)) {
            here.mailboxes().unknownToServer(handle, subscriptionId);
        }
    }

    static CommandException unanswered(int items) {
        return OpcUaErrors.service(
                "The server did not answer each of " + items + " items", StatusCodes.Bad_UnexpectedError);
    }

    static boolean isUnknownSubscription(@Nullable Throwable failure) {
        return failure != null
                && OpcUaErrors.unwrap(failure) instanceof CommandException command
                && Long.valueOf(StatusCodes.Bad_SubscriptionIdInvalid).equals(command.statusCode());
    }

    private static <T> T only(T @Nullable [] results) {
        if (results == null || results.length != 1) {
            throw unanswered(1);
        }
        return results[0];
    }

    static long number(@Nullable UInteger number) {
        return number == null ? 0 : number.longValue();
    }

    static double number(@Nullable Double number) {
        return number == null || !Double.isFinite(number) ? 0 : number;
    }
}
