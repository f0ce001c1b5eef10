package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DateTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the items that the server lacks of subscriptions which it has: all of one that was created anew, in batches of at
 * most {@value #MOST_AT_ONCE}, or of half as many each time a server takes fewer. Nodes are found by the URI of their
 * namespace.
 *
 * <p>What the server does not take, or has no namespace for, is logged once, stays known to callers, and is tried again with
 * growing pauses. When it succeeds at last, its consumer is told a gap.
 *
 * <p>Confined to the session's event loop.
 */
final class MissingItems {
    static final int MOST_AT_ONCE = 200;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    static final Set<Long> TOO_MUCH_AT_ONCE = Set.of(
            StatusCodes.Bad_TooManyOperations,
            StatusCodes.Bad_RequestTooLarge,
            StatusCodes.Bad_ResponseTooLarge,
            StatusCodes.Bad_EncodingLimitsExceeded);
    private static final Logger LOG = LoggerFactory.getLogger(MissingItems.class);

    private final OpcUaSession session;
    private final SubscriptionRequests requests;
    private final Pauses pauses;
    private final Map<ManagedSubscription, Retry> retries = new HashMap<>(1);
    private final Map<ManagedSubscription, Set<Long>> logged = new HashMap<>(1);
    private int atOnce = MOST_AT_ONCE;

    /** That a subscription lacks items, since when by the server's clock, and when it is tried again. */
    private static final class Retry {
        private final DateTime since;
        private int failures;
        private Runnable cancelTimer = () -> {};

        Retry(DateTime since) {
            this.since = since;
        }
    }

    /** One creation of all that is missing. */
    private static final class Pass {
        private final ManagedSubscription subscription;
        private final long serverId;
        private final SessionState on;
        private final Deque<List<Long>> batches = new ArrayDeque<>();
        private DateTime at = DateTime.NULL;

        Pass(ManagedSubscription subscription, long serverId, SessionState on) {
            this.subscription = subscription;
            this.serverId = serverId;
            this.on = on;
        }
    }

    MissingItems(OpcUaSession session, SubscriptionRequests requests, RandomGenerator random) {
        this.session = session;
        this.requests = requests;
        this.pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE, random);
    }

    /**
     * Creates what is missing and sets the triggering links.
     *
     * @param serverId what the server calls the subscription
     * @return the time of the server's last answer, {@link DateTime#NULL} if it was asked nothing; fails if the server does
     *     not know the subscription, or the connection to it does not last
     */
    CompletableFuture<DateTime> create(ManagedSubscription subscription, long serverId) {
        Pass pass = new Pass(subscription, serverId, session.state());
        NamespaceTable namespaces = session.serverInfo().namespaces();
        Map<String, List<Long>> unresolved = new LinkedHashMap<>();
        List<Long> resolved = new ArrayList<>();
        for (Long itemId : subscription.items().missing()) {
            MonitoredItemDefinition definition = subscription.items().definition(itemId);
            if (definition != null && definition.in(namespaces) == null) {
                unresolved
                        .computeIfAbsent(String.valueOf(definition.namespaceUri()), uri -> new ArrayList<>())
                        .add(itemId);
            } else {
                resolved.add(itemId);
            }
        }
        add(pass, resolved);
        // By themselves: the session asks the server for its namespaces again before it sends one of these.
        unresolved.values().forEach(itemIds -> add(pass, itemIds));
        return nextBatch(pass)
                .thenCompose(created -> created == 0 ? CompletableFuture.completedFuture(null) : link(pass))
                .thenApply(linked -> pass.at);
    }

    private void add(Pass pass, List<Long> itemIds) {
        for (int from = 0; from < itemIds.size(); from += atOnce) {
            pass.batches.addLast(List.copyOf(itemIds.subList(from, Math.min(itemIds.size(), from + atOnce))));
        }
    }

    /** How many were created. */
    private CompletableFuture<Integer> nextBatch(Pass pass) {
        List<Long> itemIds = pass.batches.pollFirst();
        if (itemIds == null) {
            return CompletableFuture.completedFuture(0);
        }
        List<Long> sent = new ArrayList<>();
        List<MonitoredItemDefinition> definitions = new ArrayList<>();
        return requests.once(CreateMonitoredItemsResponse.class, header -> {
                    sent.clear();
                    definitions.clear();
                    itemIds.forEach(itemId -> resolve(pass.subscription, itemId, sent, definitions));
                    return SubscriptionRequests.createItemsRequest(header, pass.serverId, definitions);
                })
                .handle((response, failure) -> {
                    if (response != null) {
                        pass.at = TypeMapper.toWire(response.getResponseHeader().getTimestamp());
                        return take(pass, sent, definitions, response.getResults());
                    }
                    refused(pass, itemIds, OpcUaErrors.unwrap(Objects.requireNonNull(failure)));
                    return 0;
                })
                .thenCompose(created -> nextBatch(pass).thenApply(others -> created + others));
    }

    /** As the item is called on this session; nothing if it was deleted meanwhile. */
    private void resolve(
            ManagedSubscription subscription, long itemId, List<Long> sent, List<MonitoredItemDefinition> definitions) {
        MonitoredItemDefinition known = subscription.items().definition(itemId);
        if (known != null && subscription.items().isMissing(itemId)) {
            MonitoredItemDefinition here = known.in(session.serverInfo().namespaces());
            if (here == null) {
                throw new CommandException(
                        ErrorType.INVALID_NODE_ID, "the server has no namespace " + known.namespaceUri());
            }
            sent.add(itemId);
            definitions.add(here);
        }
    }

    private int take(
            Pass pass,
            List<Long> sent,
            List<MonitoredItemDefinition> definitions,
            MonitoredItemCreateResult @Nullable [] results) {
        int created = 0;
        for (int i = 0; i < sent.size(); i++) {
            MonitoredItemCreateResult result = results == null || i >= results.length ? null : results[i];
            long status = result == null || result.getStatusCode() == null
                    ? StatusCodes.Bad_UnexpectedError
                    : result.getStatusCode().getValue();
            if (result == null || status >= 0x8000_0000L || result.getMonitoredItemId() == null) {
                logOnce(pass.subscription, sent.get(i), OpcUaErrors.describe(status));
            } else {
                long serverItemId = result.getMonitoredItemId().longValue();
                if (pass.subscription.items().isMissing(sent.get(i))) {
                    pass.subscription.items().created(sent.get(i), serverItemId, definitions.get(i));
                    created++;
                } else {
                    // Deleted while it was created.
                    requests.deleteItems(pass.serverId, List.of(serverItemId)).exceptionally(failure -> null);
                }
            }
        }
        return created;
    }

    /** Throws what ends the pass; else the next batch follows. */
    private void refused(Pass pass, List<Long> itemIds, Throwable cause) {
        CommandException error = cause instanceof CommandException known ? known : null;
        Long code = error == null ? null : error.statusCode();
        if (error == null
                || session.state() != pass.on
                || error.type() == ErrorType.CONNECTION
                || (code != null && code == StatusCodes.Bad_SubscriptionIdInvalid)) {
            throw error == null ? new IllegalStateException(cause) : error;
        }
        if (code != null && TOO_MUCH_AT_ONCE.contains(code) && itemIds.size() > 1) {
            atOnce = Math.max(1, itemIds.size() / 2);
            pass.batches.addFirst(itemIds.subList(atOnce, itemIds.size()));
            pass.batches.addFirst(itemIds.subList(0, atOnce));
            return;
        }
        String why = error.messageText();
        itemIds.forEach(itemId -> logOnce(pass.subscription, itemId, why));
    }

    private void logOnce(ManagedSubscription subscription, long itemId, String why) {
        MonitoredItemDefinition definition = subscription.items().definition(itemId);
        if (definition != null
                && logged.computeIfAbsent(subscription, any -> new HashSet<>()).add(itemId)) {
            LOG.warn(
                    "Item {} of subscription {} on {} ({}) could not be created again, it is tried until it can: {}",
                    itemId,
                    subscription.id(),
                    session.server(),
                    definition.nodeId().toParseableString(),
                    why);
        }
    }

    /** All links again: what is linked already stays so. */
    private CompletableFuture<Void> link(Pass pass) {
        CompletableFuture<Void> linked = CompletableFuture.completedFuture(null);
        SubscriptionItems items = pass.subscription.items();
        for (Map.Entry<Long, Set<Long>> link : items.linksByTriggering().entrySet()) {
            long triggering = items.serverItemId(link.getKey());
            Collection<Long> there = link.getValue().stream()
                    .filter(itemId -> !items.isMissing(itemId))
                    .map(items::serverItemId)
                    .toList();
            if (!items.isMissing(link.getKey()) && !there.isEmpty()) {
                linked = linked.thenCompose(before -> requests.link(pass.serverId, triggering, there))
                        .handle((response, failure) -> {
                            if (failure != null) {
                                LOG.warn(
                                        "Items of subscription {} on {} could not be linked again: {}",
                                        pass.subscription.id(),
                                        session.server(),
                                        OpcUaErrors.unwrap(failure).toString());
                            }
                            return null;
                        });
            }
        }
        return linked;
    }

    /** Tries again what is missing of an established subscription, if anything is, from now on. */
    void watch(ManagedSubscription subscription) {
        if (subscription.items().missing().isEmpty()) {
            forget(subscription);
        } else if (!retries.containsKey(subscription)) {
            Retry retry = new Retry(subscription.order().upTo());
            retries.put(subscription, retry);
            arm(subscription, retry);
        }
    }

    /** As {@link #watch}, at once. */
    void hurry(ManagedSubscription subscription) {
        watch(subscription);
        Retry retry = retries.get(subscription);
        if (retry != null) {
            retry.cancelTimer.run();
            retry(subscription, retry);
        }
    }

    /** The session is lost: it begins again when it is back. */
    void pause() {
        retries.values().forEach(retry -> retry.cancelTimer.run());
        retries.clear();
    }

    /** The subscription is over, or is created anew. */
    void forget(ManagedSubscription subscription) {
        Retry retry = retries.remove(subscription);
        if (retry != null) {
            retry.cancelTimer.run();
        }
        if (subscription.items().missing().isEmpty()) {
            logged.remove(subscription);
        }
    }

    /** The subscription is over. */
    void over(ManagedSubscription subscription) {
        forget(subscription);
        logged.remove(subscription);
    }

    private void arm(ManagedSubscription subscription, Retry retry) {
        retry.cancelTimer = session.schedule(() -> retry(subscription, retry), pauses.after(++retry.failures));
    }

    private void retry(ManagedSubscription subscription, Retry retry) {
        if (retries.get(subscription) != retry || !subscription.isEstablished()) {
            return;
        }
        int before = subscription.items().missing().size();
        create(subscription, subscription.serverId()).whenComplete((at, failure) -> {
            if (retries.get(subscription) != retry) {
                return;
            }
            int created = before - subscription.items().missing().size();
            if (failure == null && created > 0) {
                tellGap(subscription, retry, at, created);
            }
            if (subscription.items().missing().isEmpty()) {
                forget(subscription);
            } else {
                arm(subscription, retry);
            }
        });
    }

    private static void tellGap(ManagedSubscription subscription, Retry retry, DateTime at, int created) {
        DateTime from = retry.since.isNull() || retry.since.compareTo(at) > 0 ? at : retry.since;
        String what = created == 1 ? "1 item" : created + " items";
        subscription
                .consumer()
                .gap(subscription, new Gap(from, at, what + " could only now be created on the server again"));
    }
}
