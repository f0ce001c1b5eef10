package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.StructureValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A structure or union: its fields and how they are laid out. Types may contain themselves, so a shape is made first and
 * gets its fields before anybody else sees it; from then on it never changes, and what it refers to stays with it even
 * when the server's types are asked for anew.
 */
public final class StructureShape implements ValueType {
    /** How the fields follow each other (Part 6, 5.2.6 to 5.2.8). */
    enum Kind {
        /** All fields, one after the other. */
        PLAIN,
        /** A mask of the optional ones that are there, then the fields. */
        OPTIONAL_FIELDS,
        /** The number of the one field that is there, then that. */
        UNION
    }

    /**
     * One field.
     *
     * @param valueRank -1 a scalar, 1 an array, 2 and more that many dimensions
     * @param optional only in structures with optional fields
     */
    record Field(String name, ValueType type, int valueRank, boolean optional) {}

    private final NodeId typeId;
    private final NodeId encodingId;
    private final Kind kind;
    private List<Field> fields = List.of();
    private boolean mayHoldOthers;
    private StructureValue.Layout layout = new StructureValue.Layout(List.of(), List.of());

    /** @param encodingId of the binary encoding; null node id if the server does not tell */
    StructureShape(NodeId typeId, NodeId encodingId, Kind kind) {
        this.typeId = typeId;
        this.encodingId = encodingId;
        this.kind = kind;
    }

    /** Called once, before the shape is published. */
    void complete(List<Field> all) {
        fields = List.copyOf(all);
        List<@Nullable BuiltinType> types = new ArrayList<>(all.size());
        for (Field field : all) {
            types.add(
                    field.type() instanceof StructureShape ? null : field.type().builtinType());
        }
        layout = new StructureValue.Layout(fields.stream().map(Field::name).toList(), types);
    }

    NodeId typeId() {
        return typeId;
    }

    NodeId encodingId() {
        return encodingId;
    }

    Kind kind() {
        return kind;
    }

    List<Field> fields() {
        return fields;
    }

    StructureValue.Layout layout() {
        return layout;
    }

    @Override
    public BuiltinType builtinType() {
        return BuiltinType.EXTENSION_OBJECT;
    }

    /** Whether values of other structure types may be somewhere in it. */
    boolean mayHoldOthers() {
        return mayHoldOthers;
    }

    /** Called before the shape is published, if some of its fields is such or holds such. */
    void setMayHoldOthers() {
        mayHoldOthers = true;
    }

    /** Whether some field says so by its own type, or by one that was known before. */
    boolean hasFieldForOthers() {
        return fields.stream()
                .anyMatch(field -> field.type() instanceof StructureShape nested
                        ? nested.mayHoldOthers
                        : switch (field.type().builtinType()) {
                            case EXTENSION_OBJECT, VARIANT, DATA_VALUE -> true;
                            default -> false;
                        });
    }

    @Override
    public String toString() {
        return typeId.toString();
    }
}
