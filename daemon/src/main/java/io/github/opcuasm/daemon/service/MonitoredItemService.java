package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.filter.EventFilterRefusals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.subscription.ItemParameters;
import io.github.opcuasm.daemon.subscription.ManagedSubscription;
import io.github.opcuasm.daemon.subscription.MonitoredItemDefinition;
import io.github.opcuasm.daemon.subscription.SessionSubscriptions;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.daemon.subscription.SubscriptionRequests;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifyMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifyMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemModifyRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SetTriggeringRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.SetTriggeringResponse;
import org.jspecify.annotations.Nullable;

/**
 * The MonitoredItem service set (Part 4, 5.13), on the handle's own subscriptions. Each method is one service call: a bad
 * item is a status in the result, a fault fails the whole. Whose subscription it is, is looked at when the request leaves:
 * it may have waited for a session that numbers its subscriptions anew.
 */
public final class MonitoredItemService {
    private static final int EVENT_NOTIFIER = 12;
    private static final ItemParameters UNKNOWN_ITEM = new ItemParameters(0, 250.0, 1, true, null);

    private final SubscriptionRegistry subscriptions;

    public MonitoredItemService(SubscriptionRegistry subscriptions) {
        this.subscriptions = subscriptions;
    }

    /** CreateMonitoredItems; source and server timestamps are asked for. */
    public CompletableFuture<List<MonitoredItemResult>> create(
            CallContext context, long subscriptionId, List<MonitoredItem> items) {
        return create(context, () -> require(context, subscriptionId), items);
    }

    /** As {@link #create(CallContext, long, List)}, in a subscription that has another consumer than a mailbox. */
    public CompletableFuture<List<MonitoredItemResult>> create(
            CallContext context, Supplier<ManagedSubscription> which, List<MonitoredItem> items) {
        requireItems(items);
        // Made when the request leaves: by the namespaces of the session that it goes out on.
        List<MonitoredItemDefinition> definitions = new ArrayList<>(items.size());
        return send(
                context,
                which,
                CreateMonitoredItemsResponse.class,
                (header, subscription) -> {
                    definitions.clear();
                    items.forEach(item -> definitions.add(definition(context, item)));
                    return SubscriptionRequests.createItemsRequest(header, subscription.serverId(), definitions);
                },
                (response, subscription, isOfThis) -> {
                    List<MonitoredItemResult> results = created(response, subscription, definitions, isOfThis);
                    setUpAgainIfOld(context, subscription, isOfThis, goodItems(results));
                    return results;
                });
    }

    private static ItemParameters parameters(CallContext context, MonitoredItem item) {
        MonitoringFilter filter = item.filter() == null && item.attributeId() == EVENT_NOTIFIER
                ? MonitoringFilter.Event.DEFAULT
                : item.filter();
        return new ItemParameters(
                item.clientHandle(),
                item.samplingInterval(),
                item.queueSize(),
                item.discardOldest(),
                filter == null ? null : filter.encoded(context.session().encodingContext(), context.namespaces()));
    }

    /** An item as it can be created, also anew. */
    static MonitoredItemDefinition definition(CallContext context, MonitoredItem item) {
        NodeId nodeId = TypeMapper.toMilo(item.nodeId(), context.namespaces());
        return new MonitoredItemDefinition(
                nodeId,
                context.namespaces().get(nodeId.getNamespaceIndex()),
                item.attributeId(),
                item.monitoringMode(),
                parameters(context, item));
    }

    private static List<MonitoredItemResult> created(
            CreateMonitoredItemsResponse response,
            ManagedSubscription subscription,
            List<MonitoredItemDefinition> definitions,
            boolean isOfThis) {
        var results = response.getResults();
        requireResults(results, definitions.size());
        List<MonitoredItemResult> items = new ArrayList<>(results.length);
        for (int i = 0; i < results.length; i++) {
            StatusCode status = TypeMapper.toWire(results[i].getStatusCode());
            long serverItemId = SubscriptionService.number(results[i].getMonitoredItemId());
            items.add(new MonitoredItemResult(
                    status,
                    status.isBad() ? serverItemId : added(subscription, serverItemId, definitions.get(i), isOfThis),
                    SubscriptionService.number(results[i].getRevisedSamplingInterval()),
                    SubscriptionService.number(results[i].getRevisedQueueSize()),
                    EventFilterRefusals.of(definitions.get(i).parameters().filter(), results[i].getFilterResult())));
        }
        return items;
    }

    private static long added(
            ManagedSubscription subscription, long serverItemId, MonitoredItemDefinition definition, boolean isOfThis) {
        return isOfThis
                ? subscription.addItem(serverItemId, definition)
                : subscription.items().addMissing(serverItemId, definition);
    }

    private static List<Long> goodItems(List<MonitoredItemResult> results) {
        return results.stream()
                .filter(item -> !item.statusCode().isBad())
                .map(MonitoredItemResult::monitoredItemId)
                .toList();
    }

    /** What was done to what the subscription was on the server before is done once more to what it is now. */
    private void setUpAgainIfOld(
            CallContext context, ManagedSubscription subscription, boolean isOfThis, List<Long> itemIds) {
        if (!isOfThis) {
            subscriptions.of(context.session()).setUp().setUpAgain(subscription, itemIds);
        }
    }

    /** ModifyMonitoredItems; what a change leaves out stays as it was asked for here. */
    public CompletableFuture<List<MonitoredItemModifyResult>> modify(
            CallContext context, long subscriptionId, List<MonitoredItemChange> changes) {
        requireItems(changes);
        return send(
                context,
                subscriptionId,
                ModifyMonitoredItemsResponse.class,
                (header, subscription) -> new ModifyMonitoredItemsRequest(
                        header,
                        uint(subscription.serverId()),
                        TimestampsToReturn.Both,
                        changes.stream()
                                .map(change -> new MonitoredItemModifyRequest(
                                        uint(subscription.serverItemId(change.monitoredItemId())),
                                        SubscriptionRequests.toMilo(merged(context, change, subscription))))
                                .toArray(MonitoredItemModifyRequest[]::new)),
                (response, subscription, isOfThis) -> {
                    List<MonitoredItemModifyResult> results = modified(context, response, subscription, changes);
                    setUpAgainIfOld(
                            context,
                            subscription,
                            isOfThis,
                            changes.stream()
                                    .map(MonitoredItemChange::monitoredItemId)
                                    .toList());
                    return results;
                });
    }

    private static ItemParameters merged(
            CallContext context, MonitoredItemChange change, ManagedSubscription subscription) {
        MonitoringFilter filter = change.filter();
        MonitoredItemDefinition known = subscription.item(change.monitoredItemId());
        ItemParameters before = known == null ? UNKNOWN_ITEM : known.parameters();
        return new ItemParameters(
                or(change.clientHandle(), before.clientHandle()),
                or(change.samplingInterval(), before.samplingInterval()),
                or(change.queueSize(), before.queueSize()),
                or(change.discardOldest(), before.discardOldest()),
                filter == null
                        ? before.filter()
                        : filter.encoded(context.session().encodingContext(), context.namespaces()));
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    private static List<MonitoredItemModifyResult> modified(
            CallContext context,
            ModifyMonitoredItemsResponse response,
            ManagedSubscription subscription,
            List<MonitoredItemChange> changes) {
        var results = response.getResults();
        requireResults(results, changes.size());
        List<MonitoredItemModifyResult> items = new ArrayList<>(results.length);
        for (int i = 0; i < results.length; i++) {
            MonitoredItemChange change = changes.get(i);
            ItemParameters changed = merged(context, change, subscription);
            MonitoredItemModifyResult item = new MonitoredItemModifyResult(
                    TypeMapper.toWire(results[i].getStatusCode()),
                    SubscriptionService.number(results[i].getRevisedSamplingInterval()),
                    SubscriptionService.number(results[i].getRevisedQueueSize()),
                    EventFilterRefusals.of(changed.filter(), results[i].getFilterResult()));
            if (!item.statusCode().isBad()) {
                subscription.changeItem(change.monitoredItemId(), changed);
            }
            items.add(item);
        }
        return items;
    }

    /** SetTriggering: the items linked to {@code triggeringItemId} are reported when it is. */
    public CompletableFuture<SetTriggeringResult> setTriggering(
            CallContext context,
            long subscriptionId,
            long triggeringItemId,
            List<Long> linksToAdd,
            List<Long> linksToRemove) {
        return send(
                context,
                subscriptionId,
                SetTriggeringResponse.class,
                (header, subscription) -> new SetTriggeringRequest(
                        header,
                        uint(subscription.serverId()),
                        uint(subscription.serverItemId(triggeringItemId)),
                        ids(linksToAdd, subscription),
                        ids(linksToRemove, subscription)),
                (response, subscription, isOfThis) -> {
                    List<StatusCode> added = codes(response.getAddResults(), linksToAdd.size());
                    List<StatusCode> removed = codes(response.getRemoveResults(), linksToRemove.size());
                    link(subscription, triggeringItemId, linksToAdd, added, true);
                    link(subscription, triggeringItemId, linksToRemove, removed, false);
                    setUpAgainIfOld(context, subscription, isOfThis, List.of(triggeringItemId));
                    return new SetTriggeringResult(added, removed);
                });
    }

    private static void link(
            ManagedSubscription subscription,
            long triggeringItemId,
            List<Long> linkedItemIds,
            List<StatusCode> results,
            boolean isLinked) {
        for (int i = 0; i < results.size(); i++) {
            if (!results.get(i).isBad()) {
                subscription.link(triggeringItemId, linkedItemIds.get(i), isLinked);
            }
        }
    }

    /** DeleteMonitoredItems. */
    public CompletableFuture<List<StatusCode>> delete(
            CallContext context, long subscriptionId, List<Long> monitoredItemIds) {
        requireItems(monitoredItemIds);
        return send(
                context,
                subscriptionId,
                DeleteMonitoredItemsResponse.class,
                (header, subscription) -> new DeleteMonitoredItemsRequest(
                        header, uint(subscription.serverId()), ids(monitoredItemIds, subscription)),
                (response, subscription, isOfThis) -> {
                    List<StatusCode> codes = codes(response.getResults(), monitoredItemIds.size());
                    // Created anew meanwhile: deleted there too.
                    setUpAgainIfOld(context, subscription, isOfThis, monitoredItemIds);
                    monitoredItemIds.forEach(subscription::removeItem);
                    return codes;
                });
    }

    private <T extends UaResponseMessageType, R> CompletableFuture<R> send(
            CallContext context,
            long subscriptionId,
            Class<T> responseType,
            BiFunction<RequestHeader, ManagedSubscription, UaRequestMessageType> request,
            ResultMapping<T, R> result) {
        return send(context, () -> require(context, subscriptionId), responseType, request, result);
    }

    /** @param which the subscription, or throws why it cannot be used now */
    private <T extends UaResponseMessageType, R> CompletableFuture<R> send(
            CallContext context,
            Supplier<ManagedSubscription> which,
            Class<T> responseType,
            BiFunction<RequestHeader, ManagedSubscription, UaRequestMessageType> request,
            ResultMapping<T, R> result) {
        SessionSubscriptions here = subscriptions.of(context.session());
        long deadline = context.deadlineAfter(context.config().opcuaTimeout());
        return SubscriptionService.onceEstablished(here, which, deadline, subscription -> {
            // What it was when the request left: it may be created anew before the answer is here.
            long[] creation = {subscription.creation()};
            return context.once(responseType, header -> {
                        ManagedSubscription now = SubscriptionService.requireEstablished(which);
                        creation[0] = now.creation();
                        return request.apply(header, now);
                    })
                    .handleAsync(
                            (response, failure) -> {
                                if (SubscriptionService.isUnknownSubscription(failure)) {
                                    here.unknownToServer(subscription);
                                }
                                T answer = SubscriptionService.answered(response, failure);
                                ManagedSubscription now = which.get();
                                return result.apply(answer, now, now.creation() == creation[0]);
                            },
                            here.executor());
        });
    }

    /** What becomes of an answer. */
    private interface ResultMapping<T, R> {
        /** @param isOfThis whether it is about what the subscription is on the server now */
        R apply(T response, ManagedSubscription subscription, boolean isOfThis);
    }

    private ManagedSubscription require(CallContext context, long subscriptionId) {
        return subscriptions.of(context.session()).mailboxes().require(context.handle(), subscriptionId);
    }

    private static UInteger[] ids(List<Long> itemIds, ManagedSubscription subscription) {
        return itemIds.stream().map(id -> uint(subscription.serverItemId(id))).toArray(UInteger[]::new);
    }

    private static List<StatusCode> codes(
            org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode @Nullable [] codes, int expected) {
        if (expected == 0 && codes == null) {
            return List.of();
        }
        requireResults(codes, expected);
        return Arrays.stream(codes).map(TypeMapper::toWire).toList();
    }

    private static void requireResults(@Nullable Object @Nullable [] results, int expected) {
        if (results == null
                || results.length != expected
                || Arrays.asList(results).contains(null)) {
            throw SubscriptionService.unanswered(expected);
        }
    }

    private static void requireItems(List<?> items) {
        if (items.isEmpty()) {
            throw OpcUaErrors.service("There are no items", StatusCodes.Bad_NothingToDo);
        }
    }
}
