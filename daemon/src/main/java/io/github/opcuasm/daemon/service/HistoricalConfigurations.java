package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * What servers say about aggregates: the {@code HA Configuration} of a node (Part 11, 5.2.2; Part 13, 4.2.1) with its
 * Stepped, its AggregateConfiguration and its AggregateFunctions, or where it has none the server's
 * {@code DefaultHAConfiguration} (Part 11, 5.7.3); and the functions of the server as a whole, those of
 * HistoryServerCapabilities, else of ServerCapabilities. One TranslateBrowsePaths, one Read and one Browse each, then it is
 * remembered.
 *
 * <p>What a server does not have is absent: configurations are optional, and aggregates can be made without them. What it
 * does not let this user see, or has no value for now, is absent this time: that may pass, and is not remembered. Any other
 * refusal fails the request, as results by a wrong configuration would look like right ones.
 */
final class HistoricalConfigurations {
    private static final int VALUE = 13;
    private static final NodeId AGGREGATES = NodeId.numeric(0, 44);
    private static final NodeId HIERARCHICAL = NodeId.numeric(0, 33);
    private static final NodeId SERVER = NodeId.numeric(0, 2253);
    private static final NodeId HISTORY_SERVER_FUNCTIONS = NodeId.numeric(0, 11201);
    private static final NodeId SERVER_FUNCTIONS = NodeId.numeric(0, 2997);

    private static final BrowsePath.Element OWN = step(AGGREGATES, "HA Configuration");
    private static final BrowsePath.Element DEFAULT = step(HIERARCHICAL, "DefaultHAConfiguration");

    /** Below a configuration: itself, then the properties in the order of their values, then the functions. */
    private static final List<List<String>> PATHS = List.of(
            List.of(),
            List.of("Stepped"),
            List.of("AggregateConfiguration", "TreatUncertainAsBad"),
            List.of("AggregateConfiguration", "PercentDataBad"),
            List.of("AggregateConfiguration", "PercentDataGood"),
            List.of("AggregateConfiguration", "UseSlopedExtrapolation"),
            List.of("AggregateFunctions"));

    private static final int STEPPED = 1;
    private static final int UNCERTAIN = 2;
    private static final int PERCENT_BAD = 3;
    private static final int PERCENT_GOOD = 4;
    private static final int SLOPED = 5;
    private static final int FUNCTIONS = 6;

    private static final DataValue ABSENT = DataValue.of(Variant.NULL);

    /** Statuses that say that a server has no such thing; others may pass. */
    private static final Set<Long> HAS_NOT = Set.of(
            StatusCodes.Bad_NoMatch,
            StatusCodes.Bad_NodeIdUnknown,
            StatusCodes.Bad_NodeIdInvalid,
            StatusCodes.Bad_ReferenceTypeIdInvalid,
            StatusCodes.Bad_AttributeIdInvalid,
            StatusCodes.Bad_NotReadable,
            StatusCodes.Bad_ServiceUnsupported,
            StatusCodes.Bad_NotSupported,
            StatusCodes.Bad_NotImplemented);

    private final AddressSpace space;
    private final AggregateService.Memory memory;

    /** What is asked of a server. */
    interface AddressSpace {
        CompletableFuture<List<BrowsePathResult>> translate(CallContext context, List<BrowsePath> paths);

        CompletableFuture<List<DataValue>> read(CallContext context, List<ReadItem> items);

        CompletableFuture<List<ReferenceDescription>> browse(CallContext context, BrowseRequestItem item);

        static AddressSpace of(AttributeService attributes, ViewService views) {
            return new AddressSpace() {
                @Override
                public CompletableFuture<List<BrowsePathResult>> translate(
                        CallContext context, List<BrowsePath> paths) {
                    return views.translateBrowsePaths(context, paths);
                }

                @Override
                public CompletableFuture<List<DataValue>> read(CallContext context, List<ReadItem> items) {
                    return attributes.readMulti(context, items);
                }

                @Override
                public CompletableFuture<List<ReferenceDescription>> browse(
                        CallContext context, BrowseRequestItem item) {
                    return views.browseAll(context, item);
                }
            };
        }
    }

    /**
     * Of one node.
     *
     * @param configuration with the defaults for what is absent
     * @param functions the aggregates that it lists; empty if it does not list any
     */
    record Historical(AggregateConfiguration configuration, List<NodeId> functions) {}

    HistoricalConfigurations(AddressSpace space, AggregateService.Memory memory) {
        this.space = space;
        this.memory = memory;
    }

    CompletableFuture<Historical> of(CallContext context, NodeReference node) {
        return memory.get(context, node, "configuration", () -> ask(context, node, OWN))
                .thenCompose(own -> flag(at(own, 0)) != null
                        ? CompletableFuture.completedFuture(own)
                        : memory.get(context, SERVER, "default configuration", () -> ask(context, SERVER, DEFAULT)))
                .thenApply(HistoricalConfigurations::historical);
    }

    /** Whether the server has the function for the node. */
    CompletableFuture<Boolean> isOffered(
            CallContext context, NodeReference node, Historical historical, AggregateFunction function) {
        if (!historical.functions().isEmpty()) {
            return CompletableFuture.completedFuture(historical.functions().contains(function.nodeId()));
        }
        return memory.get(context, HISTORY_SERVER_FUNCTIONS, "functions", () -> askServer(context))
                .thenApply(values -> values.stream()
                        .map(HistoricalConfigurations::nodeIds)
                        .filter(functions -> !functions.isEmpty())
                        .findFirst()
                        .map(functions -> functions.contains(function.nodeId()))
                        .orElse(false));
    }

    /** In the order of {@link #PATHS}: true if there is a configuration, the properties, the functions. */
    private CompletableFuture<List<DataValue>> ask(
            CallContext context, NodeReference node, BrowsePath.Element configuration) {
        List<BrowsePath> paths = PATHS.stream()
                .map(names -> new BrowsePath(node, steps(configuration, names)))
                .toList();
        return told(
                        () -> space.translate(context, paths),
                        status -> Collections.nCopies(PATHS.size(), new BrowsePathResult(status, List.of())))
                .thenCompose(results -> {
                    List<@Nullable NodeId> targets = new ArrayList<>();
                    DataValue[] values = new DataValue[PATHS.size()];
                    for (int i = 0; i < values.length; i++) {
                        targets.add(i < results.size() ? target(results.get(i)) : null);
                        values[i] = targets.get(i) == null && i < results.size()
                                ? without(results.get(i).statusCode())
                                : ABSENT;
                    }
                    if (targets.get(0) != null) {
                        values[0] = DataValue.of(Variant.scalar(BuiltinType.BOOLEAN, true));
                    }
                    return readInto(context, targets, values)
                            .thenCompose(done -> functions(context, targets.get(FUNCTIONS)))
                            .thenApply(functions -> {
                                values[FUNCTIONS] = targets.get(FUNCTIONS) == null ? values[FUNCTIONS] : functions;
                                return List.of(values);
                            });
                });
    }

    /** Those of HistoryServerCapabilities, and where it lists none those of ServerCapabilities. */
    private CompletableFuture<List<DataValue>> askServer(CallContext context) {
        return functions(context, HISTORY_SERVER_FUNCTIONS)
                .thenCompose(found -> nodeIds(found).isEmpty()
                        ? functions(context, SERVER_FUNCTIONS).thenApply(others -> List.of(found, others))
                        : CompletableFuture.completedFuture(List.of(found)));
    }

    private CompletableFuture<@Nullable Void> readInto(
            CallContext context, List<@Nullable NodeId> targets, DataValue[] values) {
        List<ReadItem> items = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = STEPPED; i <= SLOPED; i++) {
            NodeId target = targets.get(i);
            if (target != null) {
                items.add(new ReadItem(target, VALUE));
                places.add(i);
            }
        }
        if (items.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return told(() -> space.read(context, items), status -> Collections.nCopies(items.size(), without(status)))
                .thenAccept(read -> {
                    for (int i = 0; i < Math.min(read.size(), items.size()); i++) {
                        StatusCode status = read.get(i).statusCode();
                        values[places.get(i)] = status.isBad() ? without(status) : read.get(i);
                    }
                });
    }

    private CompletableFuture<DataValue> functions(CallContext context, @Nullable NodeId folder) {
        if (folder == null) {
            return CompletableFuture.completedFuture(ABSENT);
        }
        return told(
                () -> space.browse(context, new BrowseRequestItem(folder, 0, HIERARCHICAL, true, 0))
                        .thenApply(references -> asValue(references.stream()
                                .filter(reference -> reference.nodeId().isLocal())
                                .map(reference -> reference.nodeId().nodeId())
                                .toList())),
                HistoricalConfigurations::without);
    }

    /** What the server says; {@code otherwise} if it has no such thing, or none for this user. */
    private static <T> CompletableFuture<T> told(
            Supplier<CompletableFuture<T>> ask, Function<StatusCode, T> otherwise) {
        return ask.get().exceptionally(failure -> {
            Throwable cause = OpcUaErrors.unwrap(failure);
            Long status = cause instanceof CommandException refusal ? refusal.statusCode() : null;
            if (status != null && (HAS_NOT.contains(status) || status == StatusCodes.Bad_UserAccessDenied)) {
                return otherwise.apply(new StatusCode(status));
            }
            throw new CompletionException(cause);
        });
    }

    /** What stands for something that was not told: with a Bad status if that may pass. */
    private static DataValue without(StatusCode status) {
        return status.isBad() && !HAS_NOT.contains(status.value())
                ? new DataValue(Variant.NULL, status, null, null)
                : ABSENT;
    }

    private static BrowsePath.Element step(NodeId referenceType, String name) {
        return new BrowsePath.Element(referenceType, false, true, new QualifiedName(0, name));
    }

    private static List<BrowsePath.Element> steps(BrowsePath.Element configuration, List<String> names) {
        List<BrowsePath.Element> steps = new ArrayList<>();
        steps.add(configuration);
        names.forEach(name -> steps.add(step(AGGREGATES, name)));
        return List.copyOf(steps);
    }

    private static @Nullable NodeId target(BrowsePathResult result) {
        for (BrowsePathTarget target : result.targets()) {
            if (target.targetId().isLocal() && target.remainingPathIndex() == ViewService.WHOLE_PATH) {
                return target.targetId().nodeId();
            }
        }
        return null;
    }

    /** What comes out of a file need not be what was put in. */
    private static DataValue at(List<DataValue> values, int place) {
        return place < values.size() ? values.get(place) : ABSENT;
    }

    private static Historical historical(List<DataValue> values) {
        Integer bad = percent(at(values, PERCENT_BAD));
        Integer good = percent(at(values, PERCENT_GOOD));
        AggregateConfiguration otherwise = AggregateConfiguration.DEFAULT;
        boolean fit = AggregateConfiguration.fit(
                bad == null ? otherwise.percentDataBad() : bad, good == null ? otherwise.percentDataGood() : good);
        AggregateOptions told = new AggregateOptions(
                flag(at(values, UNCERTAIN)),
                fit ? bad : null,
                fit ? good : null,
                flag(at(values, SLOPED)),
                flag(at(values, STEPPED)),
                null);
        return new Historical(told.over(otherwise), nodeIds(at(values, FUNCTIONS)));
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
