package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which references of a node a browse gives (Part 4, 5.9.2).
 *
 * @param referenceTypeId null: hierarchical references (i=33)
 * @param includeSubtypes of the reference type too
 * @param nodeClasses of the targets; none = all
 * @param useCache take what the daemon remembers of the server; pages and trees are always asked for
 */
public record BrowseOptions(
        BrowseDirection direction,
        @Nullable NodeReference referenceTypeId,
        boolean includeSubtypes,
        Set<NodeClass> nodeClasses,
        boolean useCache) {
    /** Hierarchical references forward, to nodes of all classes, from the cache where it has them. */
    public static final BrowseOptions DEFAULTS = new BrowseOptions(BrowseDirection.FORWARD, null, true, Set.of(), true);

    public BrowseOptions {
        nodeClasses = Set.copyOf(nodeClasses);
    }

    public BrowseOptions withDirection(BrowseDirection value) {
        return new BrowseOptions(value, referenceTypeId, includeSubtypes, nodeClasses, useCache);
    }

    public BrowseOptions withReferenceType(@Nullable NodeReference value) {
        return new BrowseOptions(direction, value, includeSubtypes, nodeClasses, useCache);
    }

    public BrowseOptions withSubtypes(boolean value) {
        return new BrowseOptions(direction, referenceTypeId, value, nodeClasses, useCache);
    }

    public BrowseOptions withNodeClasses(NodeClass... values) {
        return new BrowseOptions(direction, referenceTypeId, includeSubtypes, Set.of(values), useCache);
    }

    public BrowseOptions withCache(boolean value) {
        return new BrowseOptions(direction, referenceTypeId, includeSubtypes, nodeClasses, value);
    }

    /** In the order of their numbers. */
    List<NodeClass> nodeClassList() {
        return nodeClasses.isEmpty() ? List.of() : List.copyOf(EnumSet.copyOf(nodeClasses));
    }
}
