package io.github.opcuasm.daemon.subscription;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.opcua.OpcUaSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the items of a silent subscription are now, to compare it with what they were last told to be, or, where that
 * is not known, with what the first of these reads found. At most {@value #MOST_ITEMS} items a read, each read others if
 * there are more. Confined to the session's event loop.
 */
final class SpotRead {
    static final int MOST_ITEMS = 100;
    private static final int EVENT_NOTIFIER = 12;
    private static final int REPORTING = 2;
    private static final long MOST_SAMPLING_MILLIS = 60_000;

    /** Statuses of the read itself, which say nothing of the item. */
    private static final Set<Long> UNREADABLE = Set.of(
            StatusCodes.Bad_UserAccessDenied,
            StatusCodes.Bad_NotReadable,
            StatusCodes.Bad_TooManyOperations,
            StatusCodes.Bad_Timeout);

    private static final ReadValueId SERVER_STATE =
            new ReadValueId(NodeIds.Server_ServerStatus_State, AttributeId.Value.uid(), null, QualifiedName.NULL_VALUE);

    private final OpcUaSession session;
    private final SubscriptionRequests requests;
    private final ManagedSubscription subscription;
    private final Map<Long, DataValue> found = new HashMap<>(2);
    private int from;

    /** What a read says of a subscription that says nothing. */
    enum Finding {
        /** Nothing had to be reported. */
        SAME,
        /** Something had to be reported. */
        CHANGED,
        /** The server answers, which is all that can be known. */
        ALIVE
    }

    /** One item that can be compared. */
    private record Spot(long itemId, MonitoredItemDefinition definition, Deadband deadband) {}

    SpotRead(OpcUaSession session, SubscriptionRequests requests, ManagedSubscription subscription) {
        this.session = session;
        this.requests = requests;
        this.subscription = subscription;
    }

    /** How long the server may take to notice a change, and to report it. */
    Duration reportingTime() {
        double millis = subscription.granted().publishingInterval();
        for (Spot spot : spots()) {
            millis = Math.max(
                    millis,
                    subscription.granted().publishingInterval()
                            + Math.min(
                                    MOST_SAMPLING_MILLIS,
                                    spot.definition().parameters().samplingInterval()));
        }
        return Duration.ofMillis((long) Math.min(Math.max(millis, 0), MOST_SAMPLING_MILLIS * 2));
    }

    /** Fails if the server does not answer. */
    CompletableFuture<Finding> read() {
        List<Spot> spots = next(spots());
        if (spots.isEmpty()) {
            return requests.read(List.of(SERVER_STATE)).thenApply(response -> Finding.ALIVE);
        }
        List<ReadValueId> nodes = spots.stream()
                .map(spot -> new ReadValueId(
                        spot.definition().nodeId(),
                        uint(spot.definition().attributeId()),
                        null,
                        QualifiedName.NULL_VALUE))
                .toList();
        return requests.read(nodes).thenApply(response -> compare(spots, response.getResults()));
    }

    private List<Spot> spots() {
        SubscriptionParameters asked = subscription.asked();
        if (asked != null && !asked.publishingEnabled()) {
            return List.of();
        }
        List<Spot> spots = new ArrayList<>();
        subscription.items().all().forEach((itemId, definition) -> {
            MonitoredItemDefinition here = definition.in(session.serverInfo().namespaces());
            if (here != null
                    && here.attributeId() != EVENT_NOTIFIER
                    && here.monitoringMode() == REPORTING
                    && !subscription.items().isMissing(itemId)) {
                Deadband deadband = Deadband.of(here.parameters().filter(), session.encodingContext());
                if (deadband != null) {
                    spots.add(new Spot(itemId, here, deadband));
                }
            }
        });
        return spots;
    }

    private List<Spot> next(List<Spot> all) {
        Long limit = session.serverInfo().maxNodesPerRead();
        int most = limit == null ? MOST_ITEMS : (int) Math.min(MOST_ITEMS, limit);
        if (all.size() <= most) {
            return all;
        }
        List<Spot> some = new ArrayList<>(most);
        for (int i = 0; i < most; i++) {
            some.add(all.get((from + i) % all.size()));
        }
        from = (from + most) % all.size();
        return some;
    }

    private Finding compare(List<Spot> spots, DataValue @Nullable [] values) {
        Map<Long, DataValue> told = told();
        Finding finding = Finding.SAME;
        for (int i = 0; i < spots.size(); i++) {
            DataValue now = values == null || i >= values.length ? null : values[i];
            if (now == null
                    || (now.getStatusCode() != null
                            && UNREADABLE.contains(now.getStatusCode().getValue()))) {
                continue;
            }
            Spot spot = spots.get(i);
            DataValue before = told.get(spot.itemId());
            if (before == null) {
                before = found.putIfAbsent(spot.itemId(), now);
            }
            if (before != null && !spot.deadband().isSame(before, now)) {
                finding = Finding.CHANGED;
            }
        }
        return finding;
    }

    /** What items were last told to be, as far as it is known: a client handle may stand for several of them. */
    private Map<Long, DataValue> told() {
        Map<Long, DataValue> byHandle = subscription.lastTold().values(session.encodingContext());
        Map<Long, Long> itemOf = new HashMap<>();
        subscription
                .items()
                .all()
                .forEach((itemId, definition) ->
                        itemOf.merge(definition.parameters().clientHandle(), itemId, (one, other) -> -1L));
        Map<Long, DataValue> byItem = new HashMap<>();
        byHandle.forEach((handle, value) -> {
            Long itemId = itemOf.get(handle);
            if (itemId != null && itemId >= 0) {
                byItem.put(itemId, value);
            }
        });
        return byItem;
    }
}
