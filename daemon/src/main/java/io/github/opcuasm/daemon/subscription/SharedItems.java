package io.github.opcuasm.daemon.subscription;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.filter.EventFilterRefusals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The items of one {@link SharedSubscription}: found by what was asked for, to share them, and by their client handles, to
 * sort out what comes. A client handle is never used again within a subscription, so that what the server still says of a
 * deleted item is nobody's.
 *
 * <p>The server is asked only while it has the subscription, set up; what has to be done meanwhile waits for that. Items are
 * created in batches of at most {@value MissingItems#MOST_AT_ONCE}, or of half as many each time that the server takes fewer.
 *
 * <p>Confined to the session's event loop.
 */
final class SharedItems {
    private static final Logger LOG = LoggerFactory.getLogger(SharedItems.class);

    private final SessionSubscriptions subscriptions;
    private final SubscriptionRequests requests;
    private final Ticker ticker;
    private final Map<MonitoredItemDefinition, SharedItem> byKey = new HashMap<>();
    private final Map<UInteger, SharedItem> byHandle = new HashMap<>();
    private final List<Long> leftovers = new ArrayList<>(0);
    private long leftoversCreation;
    private int atOnce = MissingItems.MOST_AT_ONCE;
    private long lastHandle;

    /**
     * Items that the server is to create.
     *
     * @param deadline the ticker's nanoseconds, for the subscription to be set up
     */
    private record Batches(ManagedSubscription subscription, Deque<List<SharedItem>> waiting, long deadline) {}

    SharedItems(SessionSubscriptions subscriptions, Ticker ticker) {
        this.subscriptions = subscriptions;
        this.requests = subscriptions.requests();
        this.ticker = ticker;
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
        Deque<List<SharedItem>> waiting = new ArrayDeque<>();
        for (int from = 0; from < fresh.size(); from += atOnce) {
            waiting.addLast(fresh.subList(from, Math.min(fresh.size(), from + atOnce)));
        }
        next(new Batches(subscription, waiting, ticker.read() + SubscriptionRequests.BOUND.toNanos()));
    }

    private void next(Batches batches) {
        ManagedSubscription subscription = batches.subscription();
        if (subscription.isEstablished()) {
            send(batches);
            return;
        }
        subscriptions.setUp().established(subscription, batches.deadline()).whenComplete((established, failure) -> {
            if (failure == null) {
                next(batches);
            } else {
                batches.waiting().forEach(batch -> refuse(batch, failure));
            }
        });
    }

    private void send(Batches batches) {
        List<SharedItem> batch = batches.waiting().pollFirst();
        if (batch == null) {
            return;
        }
        List<SharedItem> wanted = batch.stream().filter(this::isWanted).toList();
        if (wanted.isEmpty()) {
            send(batches);
            return;
        }
        ManagedSubscription subscription = batches.subscription();
        long creation = subscription.creation();
        requests.createItems(
                        subscription.serverId(),
                        wanted.stream().map(SharedItem::definition).toList())
                .whenComplete((response, failure) -> {
                    MonitoredItemCreateResult[] results = response == null ? null : response.getResults();
                    if (results != null && results.length == wanted.size()) {
                        created(subscription, wanted, results, subscription.creation() == creation);
                    } else if (failure == null || !isSentAgain(batches, wanted, failure)) {
                        refuse(wanted, failure);
                    }
                    next(batches);
                });
    }

    /** False if all who wanted it have left meanwhile: then it is forgotten. */
    private boolean isWanted(SharedItem item) {
        if (item.followers().isEmpty()) {
            remove(item);
            item.granted().cancel(false);
        }
        return !item.granted().isDone();
    }

    /** Whether a failure means that items were not created, and can be otherwise. */
    private boolean isSentAgain(Batches batches, List<SharedItem> items, Throwable failure) {
        Long code = OpcUaErrors.unwrap(failure) instanceof CommandException known ? known.statusCode() : null;
        if (code == null) {
            return false;
        }
        if (code == StatusCodes.Bad_SubscriptionIdInvalid) {
            subscriptions.unknownToServer(batches.subscription());
            batches.waiting().addFirst(items);
            return !batches.subscription().isEstablished() || ticker.read() - batches.deadline() < 0;
        }
        if (MissingItems.TOO_MUCH_AT_ONCE.contains(code) && items.size() > 1) {
            atOnce = Math.max(1, items.size() / 2);
            batches.waiting().addFirst(items.subList(atOnce, items.size()));
            batches.waiting().addFirst(items.subList(0, atOnce));
            return true;
        }
        return false;
    }

    private void refuse(List<SharedItem> items, @Nullable Throwable failure) {
        CommandException error = failure != null && OpcUaErrors.unwrap(failure) instanceof CommandException known
                ? known
                : OpcUaErrors.service("The server did not say what became of items", StatusCodes.Bad_UnknownResponse);
        items.forEach(this::remove);
        items.forEach(item -> item.granted().completeExceptionally(error));
    }

    /** @param isOfThis whether this is about what the subscription is on the server now */
    private void created(
            ManagedSubscription subscription,
            List<SharedItem> items,
            @Nullable MonitoredItemCreateResult[] results,
            boolean isOfThis) {
        List<SharedItem> unused = new ArrayList<>(0);
        List<Long> ofBefore = new ArrayList<>(0);
        for (int i = 0; i < results.length; i++) {
            SharedItem item = items.get(i);
            MonitoredItemResult result = result(subscription, item, results[i], isOfThis);
            if (result.statusCode().isBad()) {
                remove(item);
            } else {
                item.grantedAs(result.monitoredItemId());
                if (item.followers().isEmpty()) {
                    unused.add(item);
                } else if (!isOfThis) {
                    ofBefore.add(result.monitoredItemId());
                }
            }
            item.granted().complete(result);
        }
        delete(subscription, unused);
        if (!ofBefore.isEmpty()) {
            subscriptions.setUp().setUpAgain(subscription, ofBefore);
        }
    }

    private static MonitoredItemResult result(
            ManagedSubscription subscription,
            SharedItem item,
            @Nullable MonitoredItemCreateResult result,
            boolean isOfThis) {
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
                        : isOfThis
                                ? subscription.addItem(serverItemId.longValue(), item.definition())
                                : subscription.items().addMissing(serverItemId.longValue(), item.definition()),
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
                if (!subscription.items().isMissing(itemId)) {
                    serverIds.add(subscription.serverItemId(itemId));
                }
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
        long creation = subscription.creation();
        if (!subscription.isEstablished()) {
            keep(serverIds, creation);
            return;
        }
        requests.deleteItems(subscription.serverId(), serverIds).whenComplete((response, failure) -> {
            if (failure != null) {
                LOG.debug(
                        "Items {} of subscription {} could not be deleted yet: {}",
                        serverIds,
                        subscription.id(),
                        OpcUaErrors.unwrap(failure).toString());
                keep(serverIds, creation);
            }
        });
    }

    private void keep(List<Long> serverIds, long creation) {
        if (leftoversCreation != creation) {
            leftovers.clear();
            leftoversCreation = creation;
        }
        leftovers.addAll(serverIds);
    }

    /** Deletes what could not be deleted while the server was away, unless the subscription is another one now. */
    void deleteLeftovers(ManagedSubscription subscription) {
        List<Long> serverIds = List.copyOf(leftovers);
        leftovers.clear();
        if (leftoversCreation == subscription.creation()) {
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
