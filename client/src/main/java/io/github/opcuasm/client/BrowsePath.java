package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A way from a node over browse names (Part 4, 7.7).
 *
 * @param elements at least one
 */
public record BrowsePath(NodeReference startingNode, List<Element> elements) {

    /**
     * One step.
     *
     * @param referenceTypeId null: hierarchical references (i=33)
     * @param includeSubtypes of the reference type too
     */
    public record Element(
            @Nullable NodeReference referenceTypeId,
            boolean isInverse,
            boolean includeSubtypes,
            QualifiedName targetName) {}

    public BrowsePath {
        elements = List.copyOf(elements);
    }

    /** Along hierarchical references. */
    public static BrowsePath of(NodeReference startingNode, QualifiedName... names) {
        List<Element> elements = new ArrayList<>();
        for (QualifiedName name : names) {
            elements.add(new Element(null, false, true, name));
        }
        return new BrowsePath(startingNode, elements);
    }

    Map<String, Object> members() {
        List<Map<String, @Nullable Object>> relativePath = new ArrayList<>();
        for (Element element : elements) {
            Map<String, @Nullable Object> step = new LinkedHashMap<>();
            step.put("referenceTypeId", element.referenceTypeId());
            step.put("isInverse", element.isInverse());
            step.put("includeSubtypes", element.includeSubtypes());
            step.put("targetName", element.targetName());
            relativePath.add(step);
        }
        return Map.of("startingNodeId", startingNode, "relativePath", relativePath);
    }
}
