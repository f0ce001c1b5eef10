package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.MonitoredItem;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.ManagedSubscription;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.StatusCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the items of one configured subscription, some at a time. One that the server refuses is logged, and again only
 * when the reason changes. As long as the reason is that the server does not know the node, or its namespace, or has no
 * room, it is tried again with pauses that grow from 5 s to 5 min; a call that the server refused as a whole likewise. After a
 * call whose answer was lost, the subscription is made anew: asking again might create its items twice.
 *
 * <p>A round goes through all that is missing. Creating all anew ends the round that is under way: each has a number, and
 * whatever comes of an earlier one is ignored. Confined to the session's event loop.
 */
final class ConfiguredItemCreation {
    static final int AT_ONCE = 500;

    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredItemCreation.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LAST_PAUSE = Duration.ofMinutes(5);
    private static final long BAD_NODE_ID_UNKNOWN = 0x80340000L;
    private static final long BAD_NODE_ID_INVALID = 0x80330000L;
    private static final long BAD_TOO_MANY_MONITORED_ITEMS = 0x80DB0000L;
    private static final String NO_NAMESPACE = "the server has no namespace of this URI";

    private final String connection;
    private final SessionHandle handle;
    private final Publishing publishing;
    private final List<MonitoredItem> all;
    private final Supplier<ManagedSubscription> subscription;
    private final Consumer<String> startOver;
    private final BooleanSupplier over;
    private final Map<MonitoredItem, String> reasons = new HashMap<>();
    private @Nullable String callFailure;
    private int round;
    private int created;
    private Duration pause = FIRST_PAUSE;

    /**
     * Creates nothing yet.
     *
     * @param subscription into which they belong, or throws that there is none now
     * @param startOver is told why nobody knows which items the subscription has: it has to be made anew
     * @param over whether nothing is to be done any more
     */
    ConfiguredItemCreation(
            String connection,
            SessionHandle handle,
            Publishing publishing,
            List<MonitoredItem> all,
            Supplier<ManagedSubscription> subscription,
            Consumer<String> startOver,
            BooleanSupplier over) {
        this.connection = connection;
        this.handle = handle;
        this.publishing = publishing;
        this.all = all;
        this.subscription = subscription;
        this.startOver = startOver;
        this.over = over;
    }

    /**
     * The subscription is new, and has none of them.
     *
     * @return after the first round, how many there are then
     */
    CompletableFuture<Integer> createAll() {
        round++;
        created = 0;
        pause = FIRST_PAUSE;
        return create(all);
    }

    private CompletableFuture<Integer> create(List<MonitoredItem> missing) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        next(round, new ArrayDeque<>(missing), new ArrayList<>(0), done);
        return done;
    }

    private void next(
            int mine, Deque<MonitoredItem> waiting, List<MonitoredItem> again, CompletableFuture<Integer> done) {
        if (mine != round || over.getAsBoolean()) {
            done.cancel(false);
            return;
        }
        CallContext context = publishing.context(handle);
        List<MonitoredItem> batch = new ArrayList<>();
        while (!waiting.isEmpty() && batch.size() < AT_ONCE) {
            // One whose types have to be looked for goes alone: it is not to fail the others.
            boolean alone = EventTypeNames.isNeededFor(waiting.element());
            if (alone && !batch.isEmpty()) {
                break;
            }
            MonitoredItem item = waiting.remove();
            if (context.knows(item.nodeId())) {
                batch.add(item);
            } else {
                refused(item, NO_NAMESPACE, true);
                again.add(item);
            }
            if (alone && !batch.isEmpty()) {
                break;
            }
        }
        if (batch.isEmpty()) {
            repeat(again);
            done.complete(created);
            return;
        }
        send(context, batch)
                .whenCompleteAsync(
                        (results, failure) -> {
                            if (mine == round && !over.getAsBoolean()) {
                                take(batch, results, failure, again);
                            }
                            next(mine, waiting, again, done);
                        },
                        handle.session().executor());
    }

    private CompletableFuture<List<MonitoredItemResult>> send(CallContext context, List<MonitoredItem> batch) {
        try {
            return publishing
                    .types()
                    .found(context, batch)
                    .thenCompose(found -> publishing.items().create(context, subscription, found));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void take(
            List<MonitoredItem> batch,
            @Nullable List<MonitoredItemResult> results,
            @Nullable Throwable failure,
            List<MonitoredItem> again) {
        if (results == null) {
            Throwable cause = failure == null ? new IllegalStateException("no answer") : OpcUaErrors.unwrap(failure);
            String why = cause instanceof CommandException error ? error.messageText() : cause.toString();
            if (cause instanceof CommandException error && error.type() == ErrorType.CONNECTION) {
                // The server may have created them, and would create them twice.
                round++;
                startOver.accept(why);
                return;
            }
            if (!why.equals(callFailure)) {
                callFailure = why;
                LOG.warn(
                        "Connection {}: {} items could not be created and are tried again: {}",
                        connection,
                        batch.size(),
                        why);
            }
            again.addAll(batch);
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            MonitoredItem item = batch.get(i);
            StatusCode status = results.get(i).statusCode();
            if (status.isBad()) {
                boolean repeated = isPassing(status.value());
                refused(item, OpcUaErrors.describe(status.value()), repeated);
                if (repeated) {
                    again.add(item);
                }
            } else {
                created++;
                if (!results.get(i).filterErrors().isEmpty()) {
                    LOG.warn(
                            "Connection {}: the server does not take all of the filter of {}, and may report nothing: {}",
                            connection,
                            item.nodeId(),
                            results.get(i).filterErrors());
                }
                if (reasons.remove(item) != null) {
                    LOG.info("Connection {}: {} is monitored now", connection, item.nodeId());
                }
            }
        }
    }

    private void refused(MonitoredItem item, String why, boolean repeated) {
        if (!why.equals(reasons.put(item, why))) {
            LOG.warn(
                    "Connection {}: {} cannot be monitored{}: {}",
                    connection,
                    item.nodeId(),
                    repeated ? " and is tried again" : "",
                    why);
        }
    }

    private void repeat(List<MonitoredItem> again) {
        if (again.isEmpty()) {
            return;
        }
        int mine = round;
        Runnable unused = handle.session().schedule(() -> repeat(mine, again), pause);
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(LAST_PAUSE) < 0 ? twice : LAST_PAUSE;
    }

    private void repeat(int mine, List<MonitoredItem> again) {
        if (mine == round) {
            var unused = create(again);
        }
    }

    private static boolean isPassing(long status) {
        return status == BAD_NODE_ID_UNKNOWN || status == BAD_NODE_ID_INVALID || status == BAD_TOO_MANY_MONITORED_ITEMS;
    }
}
