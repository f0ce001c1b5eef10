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
import java.util.function.Predicate;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Finds out about some types of a server, and about all that their fields need.
 *
 * <p>It goes in rounds, each for all types that are open at the time: their definitions in one Read; for those whose
 * definition does not say it, supertype and encoding in one Browse each. What these name and is not known yet is open in
 * the next round. So the number of calls follows the depth of the types and not how many there are. Rounds and types are
 * bounded; what is cut off stays unknown, with all that contains it. Used once.
 */
final class TypeResolution {
    private static final int MAX_ROUNDS = 64;
    private static final int MAX_TYPES = 2_000;

    private final TypeNodes nodes;
    private final Function<NodeId, @Nullable ValueType> known;
    private final Map<NodeId, NodeId> typeOfEncoding = new HashMap<>();
    private final Map<NodeId, DataTypeDescription> descriptions = new HashMap<>();

    /** @param known the types that need not be asked for */
    TypeResolution(TypeNodes nodes, Function<NodeId, @Nullable ValueType> known) {
        this.nodes = nodes;
        this.known = known;
    }

    /**
     * Resolves.
     *
     * @param ids of data types or of encodings
     * @return the types that can be decoded, by the ids of data types and of encodings, those asked for among them
     */
    CompletableFuture<Map<NodeId, ValueType>> of(Set<NodeId> ids) {
        return nodes.ofEncodings(List.copyOf(ids)).thenCompose(found -> {
            typeOfEncoding.putAll(found);
            Set<NodeId> open = new LinkedHashSet<>();
            ids.forEach(id -> open.add(found.getOrDefault(id, id)));
            return rounds(open, 0).thenApply(done -> build());
        });
    }

    /** As {@link #of}, of ids that are certainly none of encodings. */
    CompletableFuture<Map<NodeId, ValueType>> ofDataTypes(Set<NodeId> ids) {
        return rounds(ids, 0).thenApply(done -> build());
    }

    private CompletableFuture<Void> rounds(Set<NodeId> named, int round) {
        List<NodeId> open = named.stream()
                .filter(id -> !descriptions.containsKey(id) && (round == 0 || known.apply(id) == null))
                .limit(Math.max(0, MAX_TYPES - descriptions.size()))
                .toList();
        if (open.isEmpty() || round == MAX_ROUNDS) {
            return CompletableFuture.completedFuture(null);
        }
        return nodes.describe(open).thenCompose(found -> {
            List<NodeId> withoutParent = select(found, description -> description.structure() == null);
            List<NodeId> withoutEncoding = select(
                    found,
                    description -> description.encodingId() == null
                            && !description.isAbstract()
                            && (description.structure() != null || description.constants() != null));
            return nodes.supertypes(withoutParent)
                    .thenCompose(parents -> nodes.binaryEncodings(withoutEncoding)
                            .thenCompose(encodings -> {
                                found.forEach((id, description) ->
                                        descriptions.put(id, description.with(parents.get(id), encodings.get(id))));
                                return rounds(namedBy(open), round + 1);
                            }));
        });
    }

    private Set<NodeId> namedBy(List<NodeId> types) {
        Set<NodeId> named = new LinkedHashSet<>();
        for (NodeId type : types) {
            DataTypeDescription description = descriptions.get(type);
            if (description != null && description.structure() != null) {
                description.structure().fields().forEach(field -> named.add(field.dataType()));
            } else if (description != null && description.supertype() != null) {
                named.add(description.supertype());
            }
        }
        return named;
    }

    private Map<NodeId, ValueType> build() {
        Map<NodeId, ValueType> types = new HashMap<>(new ShapeBuilder(descriptions, known).build());
        Set<NodeId> dataTypes = new HashSet<>(types.keySet());
        for (NodeId id : dataTypes) {
            DataTypeDescription description = descriptions.get(id);
            ValueType type = types.get(id);
            if (type instanceof StructureShape && description != null && description.encodingId() != null) {
                types.put(description.encodingId(), type);
            }
        }
        typeOfEncoding.forEach((encoding, id) -> {
            ValueType type = types.get(id);
            if (type instanceof StructureShape) {
                types.put(encoding, type);
            }
        });
        return types;
    }

    private static List<NodeId> select(Map<NodeId, DataTypeDescription> found, Predicate<DataTypeDescription> which) {
        List<NodeId> selected = new ArrayList<>();
        found.forEach((id, description) -> {
            if (which.test(description)) {
                selected.add(id);
            }
        });
        return selected;
    }
}
