package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions by their services (Part 4, 5.13 and 5.14), for programs that come and go: the daemon keeps the messages until
 * somebody asks for them. A program that stays is better off with {@link ManagedClient#monitor}. Each call has an
 * asynchronous twin: see {@link SessionQueries}.
 *
 * <p>A subscription belongs to its session. When the session had to be opened again, these calls fail with {@link
 * RequestFailedException.SessionNotFound} and are not repeated on the new one.
 */
public sealed interface SubscriptionServices extends SessionQueries permits ManagedClient {

    /** Creates a subscription without items. */
    default SubscriptionResult createSubscription(SubscriptionParameters parameters) {
        return query(SubscriptionQueries.createSubscription(parameters));
    }

    default CompletableFuture<SubscriptionResult> createSubscriptionAsync(SubscriptionParameters parameters) {
        return queryAsync(SubscriptionQueries.createSubscription(parameters));
    }

    /** Creates items, results in order; one that is refused fails alone. */
    default List<MonitoredItemResult> createMonitoredItems(long subscriptionId, List<MonitoredItemRequest> items) {
        return query(SubscriptionQueries.createMonitoredItems(subscriptionId, items));
    }

    default CompletableFuture<List<MonitoredItemResult>> createMonitoredItemsAsync(
            long subscriptionId, List<MonitoredItemRequest> items) {
        return queryAsync(SubscriptionQueries.createMonitoredItems(subscriptionId, items));
    }

    /** Creates an item that reports events. */
    default MonitoredItemResult createEventMonitoredItem(long subscriptionId, EventRequest event) {
        return query(SubscriptionQueries.createEventMonitoredItem(subscriptionId, event));
    }

    default CompletableFuture<MonitoredItemResult> createEventMonitoredItemAsync(
            long subscriptionId, EventRequest event) {
        return queryAsync(SubscriptionQueries.createEventMonitoredItem(subscriptionId, event));
    }

    /** Changes items, results in order. */
    default List<MonitoredItemModifyResult> modifyMonitoredItems(
            long subscriptionId, List<MonitoredItemChange> changes) {
        return query(SubscriptionQueries.modifyMonitoredItems(subscriptionId, changes));
    }

    default CompletableFuture<List<MonitoredItemModifyResult>> modifyMonitoredItemsAsync(
            long subscriptionId, List<MonitoredItemChange> changes) {
        return queryAsync(SubscriptionQueries.modifyMonitoredItems(subscriptionId, changes));
    }

    /** Has an item make others report, which only sample. */
    default SetTriggeringResult setTriggering(
            long subscriptionId, long triggeringItemId, List<Long> linksToAdd, List<Long> linksToRemove) {
        return query(SubscriptionQueries.setTriggering(subscriptionId, triggeringItemId, linksToAdd, linksToRemove));
    }

    default CompletableFuture<SetTriggeringResult> setTriggeringAsync(
            long subscriptionId, long triggeringItemId, List<Long> linksToAdd, List<Long> linksToRemove) {
        return queryAsync(
                SubscriptionQueries.setTriggering(subscriptionId, triggeringItemId, linksToAdd, linksToRemove));
    }

    /** Deletes items, status codes in order. */
    default List<StatusCode> deleteMonitoredItems(long subscriptionId, List<Long> monitoredItemIds) {
        return query(SubscriptionQueries.deleteMonitoredItems(subscriptionId, monitoredItemIds));
    }

    default CompletableFuture<List<StatusCode>> deleteMonitoredItemsAsync(
            long subscriptionId, List<Long> monitoredItemIds) {
        return queryAsync(SubscriptionQueries.deleteMonitoredItems(subscriptionId, monitoredItemIds));
    }

    /** Deletes a subscription and what waits of it. */
    default StatusCode deleteSubscription(long subscriptionId) {
        return query(SubscriptionQueries.deleteSubscription(subscriptionId));
    }

    default CompletableFuture<StatusCode> deleteSubscriptionAsync(long subscriptionId) {
        return queryAsync(SubscriptionQueries.deleteSubscription(subscriptionId));
    }

    /**
     * The next message of any of the session's subscriptions, a keep-alive if there is none in time.
     *
     * @param acknowledgements of messages that need not be kept any longer
     */
    default PublishResult publish(Acknowledgement... acknowledgements) {
        return publish(List.of(acknowledgements), null, null);
    }

    default CompletableFuture<PublishResult> publishAsync(Acknowledgement... acknowledgements) {
        return publishAsync(List.of(acknowledgements), null, null);
    }

    /**
     * The next message.
     *
     * @param subscriptionIds of these alone; null = of all
     * @param maxWait null = the session's {@code opcuaTimeout}
     * @throws RequestFailedException.Service with Bad_NoSubscription if there is no subscription
     */
    default PublishResult publish(
            List<Acknowledgement> acknowledgements, @Nullable List<Long> subscriptionIds, @Nullable Duration maxWait) {
        return query(SubscriptionQueries.publish(acknowledgements, subscriptionIds, maxWait));
    }

    default CompletableFuture<PublishResult> publishAsync(
            List<Acknowledgement> acknowledgements, @Nullable List<Long> subscriptionIds, @Nullable Duration maxWait) {
        return queryAsync(SubscriptionQueries.publish(acknowledgements, subscriptionIds, maxWait));
    }

    /** Takes over subscriptions of other sessions (Part 4, 5.14.7), results in order. */
    default List<TransferResult> transferSubscriptions(List<Long> subscriptionIds, boolean sendInitialValues) {
        return query(SubscriptionQueries.transferSubscriptions(subscriptionIds, sendInitialValues));
    }

    default CompletableFuture<List<TransferResult>> transferSubscriptionsAsync(
            List<Long> subscriptionIds, boolean sendInitialValues) {
        return queryAsync(SubscriptionQueries.transferSubscriptions(subscriptionIds, sendInitialValues));
    }

    /** A message that was given before and is not acknowledged. */
    default RepublishResult republish(long subscriptionId, long sequenceNumber) {
        return query(SubscriptionQueries.republish(subscriptionId, sequenceNumber));
    }

    default CompletableFuture<RepublishResult> republishAsync(long subscriptionId, long sequenceNumber) {
        return queryAsync(SubscriptionQueries.republish(subscriptionId, sequenceNumber));
    }
}
