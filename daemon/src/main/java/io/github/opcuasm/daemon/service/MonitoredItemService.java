package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.subscription.ItemParameters;
import io.github.opcuasm.daemon.subscription.OwnedSubscription;
import io.github.opcuasm.daemon.subscription.SessionSubscriptions;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MonitoringMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifyMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ModifyMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemModifyRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoringParameters;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
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
        requireItems(items);
        List<ItemParameters> parameters =
                items.stream().map(item -> parameters(context, item)).toList();
        return send(
                context,
                subscriptionId,
                CreateMonitoredItemsResponse.class,
                (header, subscription) -> new CreateMonitoredItemsRequest(
                        header,
                        uint(subscriptionId),
                        TimestampsToReturn.Both,
                        createRequests(context, items, parameters)),
                (response, subscription) -> created(response, subscription, parameters));
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
                filter == null ? null : filter.encoded(context.session().encodingContext()));
    }

    private static MonitoredItemCreateRequest[] createRequests(
            CallContext context, List<MonitoredItem> items, List<ItemParameters> parameters) {
        MonitoredItemCreateRequest[] requests = new MonitoredItemCreateRequest[items.size()];
        for (int i = 0; i < requests.length; i++) {
            MonitoredItem item = items.get(i);
            requests[i] = new MonitoredItemCreateRequest(
                    new ReadValueId(
                            TypeMapper.toMilo(item.nodeId(), context.namespaces()),
                            uint(item.attributeId()),
                            null,
                            QualifiedName.NULL_VALUE),
                    MonitoringMode.from(item.monitoringMode()),
                    toMilo(parameters.get(i)));
        }
        return requests;
    }

    private static List<MonitoredItemResult> created(
            CreateMonitoredItemsResponse response, OwnedSubscription subscription, List<ItemParameters> parameters) {
        var results = response.getResults();
        requireResults(results, parameters.size());
        List<MonitoredItemResult> items = new ArrayList<>(results.length);
        for (int i = 0; i < results.length; i++) {
            MonitoredItemResult item = new MonitoredItemResult(
                    TypeMapper.toWire(results[i].getStatusCode()),
                    SubscriptionService.number(results[i].getMonitoredItemId()),
                    SubscriptionService.number(results[i].getRevisedSamplingInterval()),
                    SubscriptionService.number(results[i].getRevisedQueueSize()));
            if (!item.statusCode().isBad()) {
                subscription.putItem(item.monitoredItemId(), parameters.get(i));
            }
            items.add(item);
        }
        return items;
    }

    /** ModifyMonitoredItems; what a change leaves out stays as it was asked for here. */
    public CompletableFuture<List<MonitoredItemModifyResult>> modify(
            CallContext context, long subscriptionId, List<MonitoredItemChange> changes) {
        requireItems(changes);
        EncodingContext encoding = context.session().encodingContext();
        return send(
                context,
                subscriptionId,
                ModifyMonitoredItemsResponse.class,
                (header, subscription) -> new ModifyMonitoredItemsRequest(
                        header,
                        uint(subscriptionId),
                        TimestampsToReturn.Both,
                        changes.stream()
                                .map(change -> new MonitoredItemModifyRequest(
                                        uint(change.monitoredItemId()), toMilo(merged(change, subscription, encoding))))
                                .toArray(MonitoredItemModifyRequest[]::new)),
                (response, subscription) -> modified(response, subscription, changes, encoding));
    }

    private static ItemParameters merged(
            MonitoredItemChange change, OwnedSubscription subscription, EncodingContext encoding) {
        ItemParameters known = subscription.item(change.monitoredItemId());
        ItemParameters before = known == null ? UNKNOWN_ITEM : known;
        return new ItemParameters(
                or(change.clientHandle(), before.clientHandle()),
                or(change.samplingInterval(), before.samplingInterval()),
                or(change.queueSize(), before.queueSize()),
                or(change.discardOldest(), before.discardOldest()),
                change.filter() == null ? before.filter() : change.filter().encoded(encoding));
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    private static List<MonitoredItemModifyResult> modified(
            ModifyMonitoredItemsResponse response,
            OwnedSubscription subscription,
            List<MonitoredItemChange> changes,
            EncodingContext encoding) {
        var results = response.getResults();
        requireResults(results, changes.size());
        List<MonitoredItemModifyResult> items = new ArrayList<>(results.length);
        for (int i = 0; i < results.length; i++) {
            MonitoredItemModifyResult item = new MonitoredItemModifyResult(
                    TypeMapper.toWire(results[i].getStatusCode()),
                    SubscriptionService.number(results[i].getRevisedSamplingInterval()),
                    SubscriptionService.number(results[i].getRevisedQueueSize()));
            if (!item.statusCode().isBad()) {
                MonitoredItemChange change = changes.get(i);
                subscription.putItem(change.monitoredItemId(), merged(change, subscription, encoding));
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
                        header, uint(subscriptionId), uint(triggeringItemId), ids(linksToAdd), ids(linksToRemove)),
                (response, subscription) -> new SetTriggeringResult(
                        codes(response.getAddResults(), linksToAdd.size()),
                        codes(response.getRemoveResults(), linksToRemove.size())));
    }

    /** DeleteMonitoredItems. */
    public CompletableFuture<List<StatusCode>> delete(
            CallContext context, long subscriptionId, List<Long> monitoredItemIds) {
        requireItems(monitoredItemIds);
        return send(
                context,
                subscriptionId,
                DeleteMonitoredItemsResponse.class,
                (header, subscription) ->
                        new DeleteMonitoredItemsRequest(header, uint(subscriptionId), ids(monitoredItemIds)),
                (response, subscription) -> {
                    List<StatusCode> codes = codes(response.getResults(), monitoredItemIds.size());
                    monitoredItemIds.forEach(subscription::removeItem);
                    return codes;
                });
    }

    private <T extends UaResponseMessageType, R> CompletableFuture<R> send(
            CallContext context,
            long subscriptionId,
            Class<T> responseType,
            BiFunction<RequestHeader, OwnedSubscription, UaRequestMessageType> request,
            BiFunction<T, OwnedSubscription, R> result) {
        SessionSubscriptions here = subscriptions.of(context.session());
        return context.once(
                        responseType, header -> request.apply(header, here.require(context.handle(), subscriptionId)))
                .handleAsync(
                        (response, failure) -> {
                            SubscriptionService.forgetUnknown(here, context.handle(), subscriptionId, failure);
                            T answer = SubscriptionService.answered(response, failure);
                            return result.apply(answer, here.require(context.handle(), subscriptionId));
                        },
                        here.executor());
    }

    private static MonitoringParameters toMilo(ItemParameters parameters) {
        ExtensionObject filter = parameters.filter();
        return new MonitoringParameters(
                uint(parameters.clientHandle()),
                parameters.samplingInterval(),
                filter,
                uint(parameters.queueSize()),
                parameters.discardOldest());
    }

    private static UInteger[] ids(List<Long> ids) {
        return ids.stream().map(id -> uint(id)).toArray(UInteger[]::new);
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
