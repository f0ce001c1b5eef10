package io.github.opcuasm.daemon.datatype;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/** Walks the subtypes of Structure and Enumeration, level by level, and asks for what it finds. Used once. */
final class TypeTree {
    private static final int MAX_TYPES = 10_000;
    private static final int TYPES_AT_A_TIME = 1_000;

    private final TypeNodes nodes;
    private final StandardTypes standard;
    private final Set<NodeId> seen = new LinkedHashSet<>();

    /**
     * What was found.
     *
     * @param count data types that can be decoded or checked
     * @param types by the ids of data types and of encodings
     */
    record Found(int count, Map<NodeId, ValueType> types) {}

    TypeTree(TypeNodes nodes, StandardTypes standard) {
        this.nodes = nodes;
        this.standard = standard;
    }

    /** @param namespaceIndex null = all but 0 */
    CompletableFuture<Found> resolve(@Nullable Integer namespaceIndex, Function<NodeId, @Nullable ValueType> known) {
        return walk(List.of(NodeIds.Structure, NodeIds.Enumeration)).thenCompose(done -> {
            List<NodeId> wanted = seen.stream()
                    .filter(id -> namespaceIndex == null
                            ? id.getNamespaceIndex().intValue() != 0
                            : id.getNamespaceIndex().intValue() == namespaceIndex)
                    .toList();
            Map<NodeId, ValueType> types = new HashMap<>();
            return inTurns(wanted, 0, known, types).thenApply(all -> {
                int count = (int) wanted.stream()
                        .filter(id -> isDescribed(types.getOrDefault(id, standard.of(id))))
                        .count();
                return new Found(count, types);
            });
        });
    }

    private static boolean isDescribed(@Nullable ValueType type) {
        return type instanceof StructureShape || type instanceof ValueType.Enumeration;
    }

    private CompletableFuture<Void> walk(List<NodeId> level) {
        if (level.isEmpty() || seen.size() >= MAX_TYPES) {
            return CompletableFuture.completedFuture(null);
        }
        return nodes.subtypes(level).thenCompose(found -> {
            List<NodeId> next = new ArrayList<>();
            for (NodeId id : found) {
                if (seen.size() < MAX_TYPES && seen.add(id)) {
                    next.add(id);
                }
            }
            return walk(next);
        });
    }

    private CompletableFuture<Void> inTurns(
            List<NodeId> wanted, int from, Function<NodeId, @Nullable ValueType> known, Map<NodeId, ValueType> types) {
        if (from >= wanted.size()) {
            return CompletableFuture.completedFuture(null);
        }
        int to = Math.min(wanted.size(), from + TYPES_AT_A_TIME);
        Set<NodeId> some = new HashSet<>(wanted.subList(from, to));
        some.removeIf(id -> standard.of(id) != null);
        Function<NodeId, @Nullable ValueType> knownNow = id -> {
            ValueType found = types.get(id);
            return found != null ? found : known.apply(id);
        };
        return new TypeResolution(nodes, knownNow).ofDataTypes(some).thenCompose(found -> {
            types.putAll(found);
            return inTurns(wanted, to, known, types);
        });
    }
}
