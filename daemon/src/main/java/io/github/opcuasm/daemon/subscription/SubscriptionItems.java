package io.github.opcuasm.daemon.subscription;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The monitored items of one subscription that were created through this daemon, and their triggering links. Ids of items
 * are ours and stay; what the server calls an item is the same as long as nobody else is called so, until the subscription
 * is created anew. From then on only what is known here has a name there, and an item that the server could not create (yet)
 * has none: it is <em>missing</em>.
 *
 * <p>Confined to the session's event loop.
 */
public final class SubscriptionItems {
    /** No server calls an item so (Part 4, 7.19): a request that names it is told that there is no such item. */
    private static final long NO_ITEM = 0;

    private final Map<Long, MonitoredItemDefinition> definitions = new LinkedHashMap<>(4);
    private final Map<Long, Long> serverItemIds = new HashMap<>(2);
    private final Set<Long> missing = new LinkedHashSet<>(2);
    private final Map<Long, Set<Long>> links = new LinkedHashMap<>(1);
    private boolean renamed;

    /** The definition of an item; null if it is not known here. */
    public @Nullable MonitoredItemDefinition definition(long itemId) {
        return definitions.get(itemId);
    }

    /** All of them by id, in the order of their creation. */
    Map<Long, MonitoredItemDefinition> all() {
        return definitions;
    }

    int size() {
        return definitions.size();
    }

    /**
     * The server granted an item. As many are remembered as the server grants.
     *
     * @return what callers call it: what the server calls it, unless another item is called so
     */
    public long add(long serverItemId, MonitoredItemDefinition definition) {
        long itemId = freeId(serverItemId);
        definitions.put(itemId, definition);
        name(itemId, serverItemId);
        return itemId;
    }

    /**
     * The server granted an item of a subscription that has been created anew meanwhile: it is missing.
     *
     * @param wanted what it shall be called, unless another item is called so
     * @return what callers call it
     */
    public long addMissing(long wanted, MonitoredItemDefinition definition) {
        long itemId = freeId(wanted);
        definitions.put(itemId, definition);
        forsake(itemId);
        return itemId;
    }

    private long freeId(long wanted) {
        long itemId = wanted;
        while (definitions.containsKey(itemId)) {
            itemId = ManagedSubscription.after(itemId);
        }
        return itemId;
    }

    /** The server created a missing item. */
    void created(long itemId, long serverItemId, MonitoredItemDefinition definition) {
        if (definitions.replace(itemId, definition) != null) {
            missing.remove(itemId);
            name(itemId, serverItemId);
        }
    }

    private void name(long itemId, long serverItemId) {
        if (renamed || itemId != serverItemId) {
            serverItemIds.put(itemId, serverItemId);
        }
    }

    /** The server changed an item. */
    void change(long itemId, ItemParameters parameters) {
        definitions.computeIfPresent(itemId, (id, before) -> before.with(parameters));
    }

    /** The item is gone. */
    void remove(long itemId) {
        definitions.remove(itemId);
        serverItemIds.remove(itemId);
        missing.remove(itemId);
        links.remove(itemId);
        links.values().forEach(linked -> linked.remove(itemId));
    }

    /** What the server calls an item: the same for one that was not created through this daemon; 0 if it has none. */
    public long serverItemId(long itemId) {
        Long named = serverItemIds.get(itemId);
        return named != null ? named : renamed || missing.contains(itemId) ? NO_ITEM : itemId;
    }

    /** What the server does not have, in the order of its creation. */
    Set<Long> missing() {
        return missing;
    }

    /** Whether the server does not have an item that is known here. */
    public boolean isMissing(long itemId) {
        return missing.contains(itemId);
    }

    /** The server does not have this item any more. */
    void forsake(long itemId) {
        if (definitions.containsKey(itemId)) {
            serverItemIds.remove(itemId);
            missing.add(itemId);
        }
    }

    /** The server has none of them any more. */
    void createdAnew() {
        renamed = true;
        serverItemIds.clear();
        missing.clear();
        missing.addAll(definitions.keySet());
    }

    /** Items that are reported when another one is, by that one. */
    Map<Long, Set<Long>> linksByTriggering() {
        return links;
    }

    void link(long triggering, long linked, boolean isLinked) {
        Set<Long> all = links.computeIfAbsent(triggering, any -> new LinkedHashSet<>(2));
        if (isLinked) {
            all.add(linked);
        } else {
            all.remove(linked);
        }
    }

    List<RememberedSubscription.Item> remembered() {
        List<RememberedSubscription.Item> items = new ArrayList<>(definitions.size());
        definitions.forEach((itemId, definition) ->
                items.add(new RememberedSubscription.Item(itemId, serverItemId(itemId), definition)));
        return items;
    }

    List<RememberedSubscription.Link> links() {
        List<RememberedSubscription.Link> all = new ArrayList<>();
        links.forEach((triggering, linked) ->
                linked.forEach(item -> all.add(new RememberedSubscription.Link(triggering, item))));
        return all;
    }

    void restore(List<RememberedSubscription.Item> items, List<RememberedSubscription.Link> itsLinks) {
        // What it was not told of may be there, under any id, unless the server was asked for ids anew before.
        renamed = items.stream().anyMatch(item -> item.itemId() != item.serverItemId());
        for (RememberedSubscription.Item item : items) {
            definitions.put(item.itemId(), item.definition());
            if (item.serverItemId() == NO_ITEM) {
                missing.add(item.itemId());
            } else {
                name(item.itemId(), item.serverItemId());
            }
        }
        itsLinks.forEach(link -> link(link.triggering(), link.linked(), true));
    }

    void takeOver(SubscriptionItems before) {
        renamed = before.renamed;
        definitions.putAll(before.definitions);
        serverItemIds.putAll(before.serverItemIds);
        missing.addAll(before.missing);
        before.links.forEach((triggering, linked) -> links.put(triggering, new LinkedHashSet<>(linked)));
    }
}
