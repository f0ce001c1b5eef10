package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What servers say about aggregates: the {@code HA Configuration} of a node (Part 11, 5.2.2; Part 13, 4.2.1) with its
 * Stepped, its AggregateConfiguration and its AggregateFunctions; and the functions of the server as a whole, those of
 * HistoryServerCapabilities, else of ServerCapabilities. One TranslateBrowsePaths, one Read and one Browse each, then it is
 * remembered.
 *
 * <p>What a server does not have, or refuses to tell, is absent: configurations are optional, and aggregates can be made
 * without them.
 */
final class HistoricalConfigurations {
    private static final int VALUE = 13;
    private static final NodeId AGGREGATES = NodeId.numeric(0, 44);
    private static final NodeId HIERARCHICAL = NodeId.numeric(0, 33);
    private static final NodeId HISTORY_SERVER_FUNCTIONS = NodeId.numeric(0, 11201);
    private static final NodeId SERVER_FUNCTIONS = NodeId.numeric(0, 2997);

    /** The properties, in the order of their values; the functions come behind them. */
    private static final List<List<String>> PATHS = List.of(
            List.of("HA Configuration", "Stepped"),
            List.of("HA Configuration", "AggregateConfiguration", "TreatUncertainAsBad"),
            List.of("HA Configuration", "AggregateConfiguration", "PercentDataBad"),
            List.of("HA Configuration", "AggregateConfiguration", "PercentDataGood"),
            List.of("HA Configuration", "AggregateConfiguration", "UseSlopedExtrapolation"),
            List.of("HA Configuration", "AggregateFunctions"));

    private static final int FUNCTIONS = PATHS.size() - 1;
    private static final DataValue ABSENT = DataValue.of(Variant.NULL);

    private final AttributeService attributes;
    private final ViewService views;
    private final AggregateService.Memory memory;

    /**
     * Of one node.
     *
     * @param configuration with the defaults for what is absent
     * @param functions the aggregates that it lists; empty if it does not list any
     */
    record Historical(AggregateConfiguration configuration, List<NodeId> functions) {}

    HistoricalConfigurations(AttributeService attributes, ViewService views, AggregateService.Memory memory) {
        this.attributes = attributes;
        this.views = views;
        this.memory = memory;
    }

    CompletableFuture<Historical> of(CallContext context, NodeReference node) {
        return memory.get(context, node, () -> ask(context, node)).thenApply(HistoricalConfigurations::historical);
    }

    /** Whether the server has the function for the node. */
    CompletableFuture<Boolean> isOffered(
            CallContext context, NodeReference node, Historical historical, AggregateFunction function) {
        if (!historical.functions().isEmpty()) {
            return CompletableFuture.completedFuture(historical.functions().contains(function.nodeId()));
        }
        return memory.get(context, HISTORY_SERVER_FUNCTIONS, () -> askServer(context))
                .thenApply(values -> nodeIds(values.get(0)).contains(function.nodeId()));
    }

    private CompletableFuture<List<DataValue>> ask(CallContext context, NodeReference node) {
        List<BrowsePath> paths =
                PATHS.stream().map(names -> new BrowsePath(node, steps(names))).toList();
        return told(() -> views.translateBrowsePaths(context, paths), List.<BrowsePathResult>of())
                .thenCompose(results -> {
                    List<@Nullable NodeId> targets = new ArrayList<>();
                    for (int i = 0; i < PATHS.size(); i++) {
                        targets.add(i < results.size() ? target(results.get(i)) : null);
                    }
                    return properties(context, targets.subList(0, FUNCTIONS))
                            .thenCompose(values -> functions(context, targets.get(FUNCTIONS))
                                    .thenApply(functions -> {
                                        List<DataValue> all = new ArrayList<>(values);
                                        all.add(asValue(functions));
                                        return all;
                                    }));
                });
    }

    private CompletableFuture<List<DataValue>> askServer(CallContext context) {
        return functions(context, HISTORY_SERVER_FUNCTIONS)
                .thenCompose(found -> found.isEmpty()
                        ? functions(context, SERVER_FUNCTIONS)
                        : CompletableFuture.completedFuture(found))
                .thenApply(found -> List.of(asValue(found)));
    }

    private CompletableFuture<List<DataValue>> properties(CallContext context, List<@Nullable NodeId> nodes) {
        List<ReadItem> items = new ArrayList<>();
        for (NodeId node : nodes) {
            if (node != null) {
                items.add(new ReadItem(node, VALUE));
            }
        }
        DataValue[] values = new DataValue[nodes.size()];
        Arrays.fill(values, ABSENT);
        if (items.isEmpty()) {
            return CompletableFuture.completedFuture(List.of(values));
        }
        return told(() -> attributes.readMulti(context, items), List.<DataValue>of())
                .thenApply(read -> {
                    int next = 0;
                    for (int i = 0; i < values.length; i++) {
                        if (nodes.get(i) != null && next < read.size()) {
                            values[i] = read.get(next++);
                        }
                    }
                    return List.of(values);
                });
    }

    private CompletableFuture<List<NodeId>> functions(CallContext context, @Nullable NodeId folder) {
        if (folder == null) {
            return CompletableFuture.completedFuture(List.of());
        }
        return told(
                () -> views.browseAll(context, new BrowseRequestItem(folder, 0, HIERARCHICAL, true, 0))
                        .thenApply(references -> references.stream()
                                .filter(reference -> reference.nodeId().isLocal())
                                .map(reference -> reference.nodeId().nodeId())
                                .toList()),
                List.<NodeId>of());
    }

    /** What the server says; {@code otherwise} if it answers that it does not. */
    private static <T> CompletableFuture<T> told(Supplier<CompletableFuture<T>> ask, T otherwise) {
        return ask.get().exceptionally(failure -> {
            if (OpcUaErrors.unwrap(failure) instanceof CommandException refusal
                    && (refusal.type() == ErrorType.SERVICE || refusal.type() == ErrorType.SERVICE_UNSUPPORTED)) {
                return otherwise;
            }
            throw new CompletionException(OpcUaErrors.unwrap(failure));
        });
    }

    private static List<BrowsePath.Element> steps(List<String> names) {
        return names.stream()
                .map(name -> new BrowsePath.Element(AGGREGATES, false, true, new QualifiedName(0, name)))
                .toList();
    }

    private static @Nullable NodeId target(BrowsePathResult result) {
        for (BrowsePathTarget target : result.targets()) {
            if (target.targetId().isLocal() && target.remainingPathIndex() == ViewService.WHOLE_PATH) {
                return target.targetId().nodeId();
            }
        }
        return null;
    }

    private static Historical historical(List<DataValue> values) {
        Integer bad = percent(values.get(2));
        Integer good = percent(values.get(3));
        AggregateConfiguration otherwise = AggregateConfiguration.DEFAULT;
        boolean fit = AggregateConfiguration.fit(
                bad == null ? otherwise.percentDataBad() : bad, good == null ? otherwise.percentDataGood() : good);
        AggregateOptions told = new AggregateOptions(
                flag(values.get(1)),
                fit ? bad : null,
                fit ? good : null,
                flag(values.get(4)),
                flag(values.get(0)),
                null);
        return new Historical(told.over(otherwise), nodeIds(values.get(FUNCTIONS)));
    }

    private static @Nullable Boolean flag(DataValue value) {
        return goodValue(value) instanceof Boolean flag ? flag : null;
    }

    private static @Nullable Integer percent(DataValue value) {
        return goodValue(value) instanceof Number number && number.intValue() <= 100
                ? (Integer) number.intValue()
                : null;
    }

    private static @Nullable Object goodValue(DataValue value) {
        return value.statusCode().isGood() ? value.variant().value() : null;
    }

    private static DataValue asValue(List<NodeId> nodeIds) {
        return DataValue.of(Variant.array(BuiltinType.NODE_ID, nodeIds));
    }

    private static List<NodeId> nodeIds(DataValue value) {
        List<NodeId> found = new ArrayList<>();
        for (Object element : value.variant().elements()) {
            if (element instanceof NodeId nodeId) {
                found.add(nodeId);
            }
        }
        return found;
    }
}
