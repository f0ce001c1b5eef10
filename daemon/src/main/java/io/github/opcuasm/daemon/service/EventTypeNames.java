package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.filter.StandardEvents;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the event types that filters name and the specification does not: below BaseEventType, by their browse names. What
 * a server has there is asked for when a filter first names such a type, and remembered as other references are; a name
 * that is not among what is remembered is looked for once more on the server, since types may have been added.
 */
public final class EventTypeNames {
    private static final NodeId BASE_EVENT_TYPE = NodeId.numeric(0, 2041);
    private static final NodeId HAS_SUBTYPE = NodeId.numeric(0, 45);
    private static final int OBJECT_TYPE = 8;

    /** The specification's own types are seven deep. */
    private static final int MAX_DEPTH = 32;

    private final ViewService views;
    private final Memory memory;

    /** Where the types of a server may be remembered. */
    @FunctionalInterface
    public interface Memory {
        /** Remembers nothing. */
        Memory NONE = (context, node, useCache, ask) -> ask.get();

        /**
         * What is remembered, or what {@code ask} gives.
         *
         * @param node whose references they are
         * @param useCache false to ask in any case
         */
        CompletableFuture<List<ReferenceDescription>> get(
                CallContext context,
                NodeId node,
                boolean useCache,
                Supplier<CompletableFuture<List<ReferenceDescription>>> ask);
    }

    public EventTypeNames(ViewService views, Memory memory) {
        this.views = views;
        this.memory = memory;
    }

    /**
     * The items with the NodeIds of all types that their filters name; at once if there is nothing to look for.
     *
     * @return fails with {@code invalid_argument} for a name that the server does not have
     */
    public CompletableFuture<List<MonitoredItem>> found(CallContext context, List<MonitoredItem> items) {
        return lookUp(context, items.stream().map(MonitoredItem::filter).toList())
                .thenApply(types -> items.stream()
                        .map(item -> new MonitoredItem(
                                item.nodeId(),
                                item.attributeId(),
                                item.monitoringMode(),
                                item.clientHandle(),
                                item.samplingInterval(),
                                item.queueSize(),
                                item.discardOldest(),
                                with(types, item.filter())))
                        .toList());
    }

    /** As {@link #found(CallContext, List)}, of a filter for events that are not monitored. */
    public CompletableFuture<MonitoringFilter.Event> found(CallContext context, MonitoringFilter.Event filter) {
        return lookUp(context, List.of(filter)).thenApply(filter::withTypes);
    }

    /** As {@link #found(CallContext, List)}. */
    public CompletableFuture<List<MonitoredItemChange>> foundForChanges(
            CallContext context, List<MonitoredItemChange> changes) {
        return lookUp(context, changes.stream().map(MonitoredItemChange::filter).toList())
                .thenApply(types -> changes.stream()
                        .map(change -> new MonitoredItemChange(
                                change.monitoredItemId(),
                                change.samplingInterval(),
                                change.queueSize(),
                                change.clientHandle(),
                                change.discardOldest(),
                                with(types, change.filter())))
                        .toList());
    }

    /** Whether its filter names a type that is to be looked for. */
    public static boolean isNeededFor(MonitoredItem item) {
        return item.filter() instanceof MonitoringFilter.Event event
                && !event.typesToFind().isEmpty();
    }

    private static @Nullable MonitoringFilter with(
            Map<QualifiedName, NodeReference> types, @Nullable MonitoringFilter filter) {
        return filter instanceof MonitoringFilter.Event event ? event.withTypes(types) : filter;
    }

    private CompletableFuture<Map<QualifiedName, NodeReference>> lookUp(
            CallContext context, List<? extends @Nullable MonitoringFilter> filters) {
        Set<QualifiedName> names = new LinkedHashSet<>();
        for (MonitoringFilter filter : filters) {
            if (filter instanceof MonitoringFilter.Event event) {
                names.addAll(event.typesToFind());
            }
        }
        if (names.isEmpty()) {
            return CompletableFuture.completedFuture(Map.of());
        }
        return types(context, true).thenCompose(known -> {
            if (known.keySet().containsAll(names)) {
                return CompletableFuture.completedFuture(known);
            }
            return types(context, false).thenApply(present -> {
                names.removeAll(present.keySet());
                if (!names.isEmpty()) {
                    throw unknown(names.iterator().next(), present.keySet());
                }
                return present;
            });
        });
    }

    private CompletableFuture<Map<QualifiedName, NodeReference>> types(CallContext context, boolean useCache) {
        return memory.get(
                        context,
                        BASE_EVENT_TYPE,
                        useCache,
                        () -> views.browseRecursive(
                                        context,
                                        new BrowseRequestItem(BASE_EVENT_TYPE, 0, HAS_SUBTYPE, true, OBJECT_TYPE),
                                        MAX_DEPTH)
                                .thenApply(tree -> {
                                    List<ReferenceDescription> all = new ArrayList<>();
                                    flatten(tree, all);
                                    return all;
                                }))
                .thenApply(references -> byName(references, context.namespaceUris()));
    }

    private static void flatten(List<BrowseNode> nodes, List<ReferenceDescription> all) {
        for (BrowseNode node : nodes) {
            all.add(node.reference());
            flatten(node.children(), all);
        }
    }

    /** By URI where there is one: what is sent later may meet other indices. */
    private static Map<QualifiedName, NodeReference> byName(
            List<ReferenceDescription> references, List<String> namespaceUris) {
        Map<QualifiedName, NodeReference> types = new HashMap<>();
        for (ReferenceDescription reference : references) {
            if (reference.nodeId().isLocal()) {
                NodeId nodeId = reference.nodeId().nodeId();
                int index = nodeId.namespaceIndex();
                String uri = index > 0 && index < namespaceUris.size() ? namespaceUris.get(index) : "";
                types.putIfAbsent(
                        reference.browseName(),
                        uri.isEmpty() ? nodeId : new NamespacedNodeId(uri, nodeId.identifier()));
            }
        }
        return types;
    }

    private static CommandException unknown(QualifiedName name, Set<QualifiedName> present) {
        List<String> names = new ArrayList<>();
        present.stream()
                .filter(known -> known.name().equals(name.name()))
                .map(QualifiedName::toString)
                .forEach(names::add);
        String hint = names.isEmpty() ? nearest(name, present) : "; did you mean " + names.get(0) + "?";
        return new CommandException(
                ErrorType.INVALID_ARGUMENT, "filter: the server has no event type of the name " + name + hint);
    }

    private static String nearest(QualifiedName name, Set<QualifiedName> present) {
        List<String> names = new ArrayList<>(
                present.stream().map(QualifiedName::toString).sorted().toList());
        names.addAll(StandardEvents.typeNames());
        return NearestName.hint(name.toString(), names, "expected the browse name of a subtype of BaseEventType");
    }
}
