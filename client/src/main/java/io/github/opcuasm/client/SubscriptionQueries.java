package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.ResultReader;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods of subscriptions and monitored items (protocol, section 5), one row each. */
final class SubscriptionQueries {
    private SubscriptionQueries() {}

    static Query<SubscriptionResult> createSubscription(SubscriptionParameters parameters) {
        return Query.changing(
                "createSubscription",
                ResultReader::subscriptionResult,
                Results.millis(parameters.publishingInterval()),
                parameters.lifetimeCount(),
                parameters.maxKeepAliveCount(),
                parameters.maxNotificationsPerPublish(),
                parameters.publishingEnabled(),
                parameters.priority());
    }

    static Query<List<MonitoredItemResult>> createMonitoredItems(
            long subscriptionId, List<MonitoredItemRequest> items) {
        return Query.bound(
                "createMonitoredItems",
                json -> Results.list(json, ResultReader::monitoredItemResult),
                subscriptionId,
                items.stream().map(MonitoredItemRequest::members).toList());
    }

    static Query<MonitoredItemResult> createEventMonitoredItem(long subscriptionId, EventRequest event) {
        return Query.bound(
                "createEventMonitoredItem",
                ResultReader::monitoredItemResult,
                subscriptionId,
                event.node(),
                event.selectFields(),
                event.clientHandle() == null ? 1 : event.clientHandle(),
                event.where());
    }

    static Query<List<MonitoredItemModifyResult>> modifyMonitoredItems(
            long subscriptionId, List<MonitoredItemChange> changes) {
        return Query.bound(
                "modifyMonitoredItems",
                json -> Results.list(json, ResultReader::monitoredItemModifyResult),
                subscriptionId,
                changes.stream().map(MonitoredItemChange::members).toList());
    }

    static Query<SetTriggeringResult> setTriggering(
            long subscriptionId, long triggeringItemId, List<Long> linksToAdd, List<Long> linksToRemove) {
        return Query.bound(
                "setTriggering",
                ResultReader::setTriggeringResult,
                subscriptionId,
                triggeringItemId,
                linksToAdd,
                linksToRemove);
    }

    static Query<List<StatusCode>> deleteMonitoredItems(long subscriptionId, List<Long> monitoredItemIds) {
        return Query.bound("deleteMonitoredItems", Results::statusCodes, subscriptionId, monitoredItemIds);
    }

    static Query<StatusCode> deleteSubscription(long subscriptionId) {
        return Query.bound("deleteSubscription", Results::statusCode, subscriptionId);
    }

    static Query<PublishResult> publish(
            List<Acknowledgement> acknowledgements, @Nullable List<Long> subscriptionIds, @Nullable Duration maxWait) {
        List<@Nullable Object> params = new ArrayList<>();
        params.add(acknowledgements.stream().map(Acknowledgement::members).toList());
        if (subscriptionIds != null || maxWait != null) {
            params.add(subscriptionIds);
            params.add(maxWait == null ? null : maxWait.toMillis());
        }
        return Query.bound("publish", ResultReader::publishResult, params.toArray());
    }

    static Query<List<TransferResult>> transferSubscriptions(List<Long> subscriptionIds, boolean sendInitialValues) {
        return Query.changing(
                "transferSubscriptions",
                json -> Results.list(json, ResultReader::transferResult),
                subscriptionIds,
                sendInitialValues);
    }

    static Query<RepublishResult> republish(long subscriptionId, long sequenceNumber) {
        return Query.bound("republish", ResultReader::republishResult, subscriptionId, sequenceNumber);
    }
}
