package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Makes value types of descriptions that refer to each other by node id.
 *
 * <p>A structure is usable only if all its fields are, and types may contain themselves. So all structures are taken for
 * usable first, those with a field of an unusable type are dropped, and whoever contains what was dropped; the rest get
 * shapes, which are then connected. What is not among the descriptions is looked up among the types known already.
 * Used once, by one thread.
 */
final class ShapeBuilder {
    private static final int MAX_CLIMB = 64;
    private static final int MAX_OPTIONAL_FIELDS = 32;
    private static final List<DataTypeDescription.Field> OPTION_SET_FIELDS = List.of(
            new DataTypeDescription.Field("Value", NodeIds.ByteString, -1, false),
            new DataTypeDescription.Field("ValidBits", NodeIds.ByteString, -1, false));

    private final Map<NodeId, DataTypeDescription> descriptions;
    private final Function<NodeId, @Nullable ValueType> known;
    private final Map<NodeId, DataTypeDescription.Fields> structures = new HashMap<>();
    private final Map<NodeId, StructureShape> shapes = new HashMap<>();

    /** @param known the types that need no description; null for those that do */
    ShapeBuilder(Map<NodeId, DataTypeDescription> descriptions, Function<NodeId, @Nullable ValueType> known) {
        this.descriptions = descriptions;
        this.known = known;
    }

    /** The types whose values can be decoded, by the id of the data type. */
    Map<NodeId, ValueType> build() {
        descriptions.keySet().forEach(this::addIfStructure);
        dropUnusable();
        structures.forEach((id, structure) -> shapes.put(id, shell(id, structure)));
        shapes.forEach((id, shape) -> shape.complete(fields(structures.get(id))));
        markHolders();
        Map<NodeId, ValueType> types = new HashMap<>();
        for (NodeId id : descriptions.keySet()) {
            ValueType type = typeOf(id);
            if (type != null) {
                types.put(id, type);
            }
        }
        return types;
    }

    /** Each structure is checked once, and again for each type dropped that it contains. */
    private void dropUnusable() {
        Map<NodeId, Set<NodeId>> containers = new HashMap<>();
        structures.forEach((id, structure) -> structure
                .fields()
                .forEach(field -> containers
                        .computeIfAbsent(field.dataType(), contained -> new HashSet<>())
                        .add(id)));
        Deque<NodeId> unusable = new ArrayDeque<>();
        structures.forEach((id, structure) -> {
            if (!isUsable(structure)) {
                unusable.add(id);
            }
        });
        while (!unusable.isEmpty()) {
            NodeId id = unusable.remove();
            if (structures.remove(id) != null) {
                containers.getOrDefault(id, Set.of()).stream()
                        .filter(container -> contains(structures.get(container), id))
                        .forEach(unusable::add);
            }
        }
    }

    /** Whether a field is of the type itself, and not of one that stands for its subtypes. */
    private static boolean contains(DataTypeDescription.@Nullable Fields structure, NodeId id) {
        return structure != null
                && structure.fields().stream()
                        .anyMatch(field -> field.dataType().equals(id) && !allowsSubtypes(structure.layout(), field));
    }

    /** Goes from the shapes that say so themselves to those that contain them. */
    private void markHolders() {
        Map<StructureShape, List<StructureShape>> containers = new HashMap<>();
        Deque<StructureShape> holders = new ArrayDeque<>();
        for (StructureShape shape : shapes.values()) {
            for (StructureShape.Field field : shape.fields()) {
                if (field.type() instanceof StructureShape contained) {
                    containers
                            .computeIfAbsent(contained, unseen -> new ArrayList<>())
                            .add(shape);
                }
            }
            if (shape.hasFieldForOthers()) {
                holders.add(shape);
            }
        }
        while (!holders.isEmpty()) {
            StructureShape holder = holders.remove();
            if (!holder.mayHoldOthers()) {
                holder.setMayHoldOthers();
                holders.addAll(containers.getOrDefault(holder, List.of()));
            }
        }
    }

    private void addIfStructure(NodeId id) {
        DataTypeDescription description = descriptions.get(id);
        if (description == null || description.isAbstract()) {
            return;
        }
        if (description.structure() != null) {
            structures.put(id, description.structure());
        } else if (isOptionSet(id)) {
            structures.put(id, new DataTypeDescription.Fields(Layout.STRUCTURE, OPTION_SET_FIELDS));
        }
    }

    /** Part 3, 8.40: an option set that is a structure, described by the names of its bits. */
    private boolean isOptionSet(NodeId id) {
        NodeId ancestor = id;
        for (int climbed = 0; climbed < MAX_CLIMB && ancestor != null; climbed++) {
            if (ancestor.equals(NodeIds.OptionSet)) {
                return true;
            }
            DataTypeDescription description = descriptions.get(ancestor);
            ancestor = description == null ? null : description.supertype();
        }
        return false;
    }

    private boolean isUsable(DataTypeDescription.Fields structure) {
        Set<String> names = new HashSet<>();
        int optional = 0;
        for (DataTypeDescription.Field field : structure.fields()) {
            boolean subtyped = allowsSubtypes(structure.layout(), field);
            ValueType type = subtyped ? envelope(field.dataType()) : simpleOrKnown(field.dataType());
            boolean hasType = type != null || (!subtyped && structures.containsKey(field.dataType()));
            if (!hasType || field.name().isEmpty() || !names.add(field.name())) {
                return false;
            }
            // A rank that leaves the dimensions open says nothing about the bytes, but for a Variant, which says it
            // itself.
            boolean anyRank = type != null && type.builtinType() == BuiltinType.VARIANT && field.valueRank() < 0;
            if (field.valueRank() != -1 && field.valueRank() < 1 && !anyRank) {
                return false;
            }
            optional += field.isOptional() ? 1 : 0;
        }
        return structure.layout() != Layout.WITH_OPTIONAL_FIELDS || optional <= MAX_OPTIONAL_FIELDS;
    }

    private StructureShape shell(NodeId id, DataTypeDescription.Fields structure) {
        DataTypeDescription description = descriptions.get(id);
        NodeId encodingId = description == null ? null : description.encodingId();
        StructureShape.Kind kind = switch (structure.layout()) {
            case STRUCTURE, WITH_SUBTYPED_VALUES -> StructureShape.Kind.PLAIN;
            case WITH_OPTIONAL_FIELDS -> StructureShape.Kind.OPTIONAL_FIELDS;
            case UNION, UNION_WITH_SUBTYPED_VALUES -> StructureShape.Kind.UNION;
        };
        return new StructureShape(TypeMapper.toWire(id), TypeMapper.toWire(encodingId), kind);
    }

    private List<StructureShape.Field> fields(DataTypeDescription.@Nullable Fields structure) {
        List<StructureShape.Field> fields = new ArrayList<>();
        if (structure == null) {
            return fields;
        }
        for (DataTypeDescription.Field field : structure.fields()) {
            boolean subtyped = allowsSubtypes(structure.layout(), field);
            ValueType type = subtyped ? envelope(field.dataType()) : typeOf(field.dataType());
            if (type == null) {
                throw new IllegalStateException("field " + field.name() + " has no type");
            }
            boolean optional = structure.layout() == Layout.WITH_OPTIONAL_FIELDS && field.isOptional();
            int rank = field.valueRank() >= 1 ? field.valueRank() : -1;
            fields.add(new StructureShape.Field(field.name(), type, rank, optional));
        }
        return fields;
    }

    private static boolean allowsSubtypes(Layout layout, DataTypeDescription.Field field) {
        return field.isOptional()
                && (layout == Layout.WITH_SUBTYPED_VALUES || layout == Layout.UNION_WITH_SUBTYPED_VALUES);
    }

    /** Part 6, 5.2.6: a field that allows subtypes is an ExtensionObject if it is a structure, else a Variant. */
    private @Nullable ValueType envelope(NodeId dataType) {
        BuiltinType kind = kindOf(dataType);
        return kind == null
                ? null
                : new ValueType.Simple(
                        kind == BuiltinType.EXTENSION_OBJECT ? BuiltinType.EXTENSION_OBJECT : BuiltinType.VARIANT);
    }

    /** The built-in type of Variants with this type, though its fields may be unknown. */
    private @Nullable BuiltinType kindOf(NodeId id) {
        NodeId ancestor = id;
        for (int climbed = 0; climbed < MAX_CLIMB && ancestor != null; climbed++) {
            ValueType type = known.apply(ancestor);
            if (type != null) {
                return type.builtinType();
            }
            DataTypeDescription description = descriptions.get(ancestor);
            if (description != null && description.structure() != null) {
                return BuiltinType.EXTENSION_OBJECT;
            }
            ancestor = description == null ? null : description.supertype();
        }
        return null;
    }

    private @Nullable ValueType typeOf(NodeId id) {
        StructureShape shape = shapes.get(id);
        return shape != null ? shape : simpleOrKnown(id);
    }

    /** Everything but the structures that are being built. */
    private @Nullable ValueType simpleOrKnown(NodeId id) {
        return simpleOrKnown(id, 0);
    }

    private @Nullable ValueType simpleOrKnown(NodeId id, int climbed) {
        DataTypeDescription description = descriptions.get(id);
        if (description == null) {
            return known.apply(id);
        }
        if (description.structure() != null) {
            return description.isAbstract() ? new ValueType.Simple(BuiltinType.EXTENSION_OBJECT) : null;
        }
        NodeId supertype = description.supertype();
        ValueType parent = supertype == null || climbed == MAX_CLIMB ? null : simpleOrKnown(supertype, climbed + 1);
        if (parent instanceof ValueType.Enumeration enumeration) {
            Set<Long> constants = description.constants();
            return constants == null ? enumeration : new ValueType.Enumeration(constants);
        }
        if (parent instanceof ValueType.Simple simple) {
            boolean isOpen =
                    simple.builtinType() == BuiltinType.EXTENSION_OBJECT || simple.builtinType() == BuiltinType.VARIANT;
            // A concrete structure, or number, without a definition: nobody knows how it is encoded.
            return isOpen && !description.isAbstract() ? null : simple;
        }
        return null;
    }
}
