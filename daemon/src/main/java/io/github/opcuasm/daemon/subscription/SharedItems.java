package io.github.opcuasm.daemon.subscription;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.filter.EventFilterRefusals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The items of one {@link SharedSubscription}: found by what was asked for, to share them, and by their client handles, to
 * sort out what comes. A client handle is never used again within a subscription, so that what the server still says of a
 * deleted item is nobody's.
 *
 * <p>Confined to the session's event loop.
 */
final class SharedItems {
    private static final Logger LOG = LoggerFactory.getLogger(SharedItems.class);

    private final SubscriptionRequests requests;
    private final Map<MonitoredItemDefinition, SharedItem> byKey = new HashMap<>();
    private final Map<UInteger, SharedItem> byHandle = new HashMap<>();
    private final List<Long> leftovers = new ArrayList<>(0);
    private long leftoversEpoch;
    private long lastHandle;

    SharedItems(SubscriptionRequests requests) {
        this.requests = requests;
    }

    /** The item that the server calls so; null if there is none any more. */
    @Nullable
    SharedItem find(@Nullable UInteger clientHandle) {
        return byHandle.get(clientHandle);
    }

    /** One result for each, in their order; fails if the server could not be asked. */
    CompletableFuture<List<MonitoredItemResult>> follow(
            ManagedSubscription subscription, StreamMember member, List<StreamHub.Wanted> wanted) {
        List<SharedItem> fresh = new ArrayList<>();
        List<CompletableFuture<MonitoredItemResult>> results = new ArrayList<>();
        for (StreamHub.Wanted each : wanted) {
            MonitoredItemDefinition key = SharedItem.key(each.definition());
            SharedItem item = byKey.get(key);
            if (item == null) {
                item = new SharedItem(SharedItem.called(key, ++lastHandle));
                byKey.put(key, item);
                byHandle.put(uint(lastHandle), item);
                fresh.add(item);
            }
            item.followers().add(new SharedItem.Follower(member, each.clientHandle()));
            if (!member.items().contains(item)) {
                member.items().add(item);
            }
            results.add(item.granted());
        }
        if (!fresh.isEmpty()) {
            create(subscription, fresh);
        }
        return CompletableFuture.allOf(results.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> results.stream().map(CompletableFuture::join).toList());
    }

    private void create(ManagedSubscription subscription, List<SharedItem> fresh) {
        requests.createItems(
                        subscription.serverId(),
                        fresh.stream().map(SharedItem::definition).toList())
                .whenComplete((response, failure) -> created(subscription, fresh, response, failure));
    }

    private void created(
            ManagedSubscription subscription,
            List<SharedItem> fresh,
            @Nullable CreateMonitoredItemsResponse response,
            @Nullable Throwable failure) {
        MonitoredItemCreateResult[] results = response == null ? null : response.getResults();
        if (results == null || results.length != fresh.size()) {
            CommandException error = failure != null && OpcUaErrors.unwrap(failure) instanceof CommandException known
                    ? known
                    : OpcUaErrors.service(
                            "The server did not say what became of items", StatusCodes.Bad_UnknownResponse);
            fresh.forEach(this::remove);
            fresh.forEach(item -> item.granted().completeExceptionally(error));
            return;
        }
        List<SharedItem> unused = new ArrayList<>(0);
        for (int i = 0; i < results.length; i++) {
            SharedItem item = fresh.get(i);
            MonitoredItemResult result = result(subscription, item, results[i]);
            if (result.statusCode().isBad()) {
                remove(item);
            } else {
                item.grantedAs(result.monitoredItemId());
                if (item.followers().isEmpty()) {
                    unused.add(item);
                }
            }
            item.granted().complete(result);
        }
        delete(subscription, unused);
    }

    private static MonitoredItemResult result(
            ManagedSubscription subscription, SharedItem item, @Nullable MonitoredItemCreateResult result) {
        if (result == null) {
            return new MonitoredItemResult(new StatusCode(StatusCodes.Bad_UnknownResponse), 0, 0, 0);
        }
        StatusCode status = TypeMapper.toWire(result.getStatusCode());
        UInteger serverItemId = result.getMonitoredItemId();
        UInteger queueSize = result.getRevisedQueueSize();
        Double samplingInterval = result.getRevisedSamplingInterval();
        return new MonitoredItemResult(
                status,
                status.isBad() || serverItemId == null
                        ? 0
                        : subscription.addItem(serverItemId.longValue(), item.definition()),
                samplingInterval == null ? 0 : samplingInterval,
                queueSize == null ? 0 : queueSize.longValue(),
                EventFilterRefusals.of(item.definition().parameters().filter(), result.getFilterResult()));
    }

    /** A stream wants its items no longer; those that nobody else wants are deleted, now or when the server granted them. */
    void leave(ManagedSubscription subscription, StreamMember member) {
        List<SharedItem> unused = new ArrayList<>(0);
        for (SharedItem item : member.items()) {
            item.forget(member);
            if (item.followers().isEmpty() && item.itemId() != null) {
                unused.add(item);
            }
        }
        delete(subscription, unused);
    }

    private void delete(ManagedSubscription subscription, List<SharedItem> unused) {
        List<Long> serverIds = new ArrayList<>(unused.size());
        for (SharedItem item : unused) {
            Long itemId = item.itemId();
            if (itemId != null) {
                serverIds.add(subscription.serverItemId(itemId));
                subscription.removeItem(itemId);
            }
            remove(item);
        }
        deleteOnServer(subscription, serverIds);
    }

    private void deleteOnServer(ManagedSubscription subscription, List<Long> serverIds) {
        if (serverIds.isEmpty()) {
            return;
        }
        long epoch = subscription.epoch();
        requests.deleteItems(subscription.serverId(), serverIds).whenComplete((response, failure) -> {
            if (failure != null) {
                LOG.debug(
                        "Items {} of subscription {} could not be deleted yet: {}",
                        serverIds,
                        subscription.id(),
                        OpcUaErrors.unwrap(failure).toString());
                leftovers.addAll(serverIds);
                leftoversEpoch = epoch;
            }
        });
    }

    /** Deletes what could not be deleted while the server was away, unless the subscription is another one now. */
    void deleteLeftovers(ManagedSubscription subscription) {
        List<Long> serverIds = List.copyOf(leftovers);
        leftovers.clear();
        if (leftoversEpoch == subscription.epoch()) {
            deleteOnServer(subscription, serverIds);
        }
    }

    /** The subscription is over: who waits for items is told. */
    void fail(CommandException error) {
        List<SharedItem> all = List.copyOf(byHandle.values());
        byKey.clear();
        byHandle.clear();
        all.forEach(item -> item.granted().completeExceptionally(error));
    }

    private void remove(SharedItem item) {
        byKey.remove(SharedItem.key(item.definition()), item);
        byHandle.remove(uint(item.definition().parameters().clientHandle()), item);
    }
}
