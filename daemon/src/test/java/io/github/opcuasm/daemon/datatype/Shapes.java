package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/** Descriptions of types, as a server gives them, and the shapes that they make. */
final class Shapes {
    private final StandardTypes standard = new StandardTypes();
    private final Map<NodeId, DataTypeDescription> descriptions = new LinkedHashMap<>();

    static NodeId id(String name) {
        return new NodeId(2, name);
    }

    static NodeId encoding(String name) {
        return new NodeId(2, name + "/binary");
    }

    static DataTypeDescription.Field field(String name, NodeId type) {
        return new DataTypeDescription.Field(name, type, -1, false);
    }

    static DataTypeDescription.Field array(String name, NodeId type, int rank) {
        return new DataTypeDescription.Field(name, type, rank, false);
    }

    static DataTypeDescription.Field optional(String name, NodeId type) {
        return new DataTypeDescription.Field(name, type, -1, true);
    }

    Shapes structure(String name, Layout layout, DataTypeDescription.Field... fields) {
        descriptions.put(
                id(name),
                new DataTypeDescription(
                        new DataTypeDescription.Fields(layout, Arrays.asList(fields)),
                        null,
                        false,
                        NodeIds.Structure,
                        encoding(name)));
        return this;
    }

    Shapes type(String name, @Nullable NodeId supertype, boolean isAbstract, @Nullable Set<Long> constants) {
        descriptions.put(id(name), new DataTypeDescription(null, constants, isAbstract, supertype, null));
        return this;
    }

    Map<NodeId, ValueType> all() {
        return new ShapeBuilder(descriptions, standard::of).build();
    }

    StructureShape shape(String name) {
        return (StructureShape) Objects.requireNonNull(all().get(id(name)));
    }
}
