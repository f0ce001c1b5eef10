package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureField;
import org.jspecify.annotations.Nullable;

/**
 * The types of namespace 0, which are the same on all servers and need not be asked for. Structures come from the
 * definitions that Milo's generated classes carry, each when it is first met; the others from a table here. Types that
 * are newer than both are unknown, and then the server is asked as for any other. Thread-safe, shared by all servers.
 */
final class StandardTypes {
    /** Subtypes of built-in types: the built-in type, then their ids (Part 3, 8; Part 5, 12; Part 14). */
    private static final Map<BuiltinType, List<Integer>> SUBTYPES = Map.ofEntries(
            Map.entry(BuiltinType.BYTE, List.of(15031, 15033)),
            Map.entry(BuiltinType.UINT16, List.of(95, 15904, 32251)),
            Map.entry(
                    BuiltinType.UINT32,
                    List.of(
                            94, 288, 289, 347, 15406, 15583, 15642, 15646, 15654, 15658, 17588, 18956, 20998, 23564,
                            24277, 24279, 25517, 31917)),
            Map.entry(BuiltinType.UINT64, List.of(11737)),
            Map.entry(BuiltinType.DOUBLE, List.of(290)),
            Map.entry(
                    BuiltinType.STRING,
                    List.of(291, 295, 12877, 12878, 12879, 12880, 12881, 23751, 24263, 25726, 31918)),
            Map.entry(BuiltinType.DATE_TIME, List.of(294)),
            Map.entry(BuiltinType.BYTE_STRING, List.of(30, 311, 521, 2000, 2001, 2002, 2003, 16307)),
            Map.entry(BuiltinType.NODE_ID, List.of(388)),
            // Abstract structures.
            Map.entry(
                    BuiltinType.EXTENSION_OBJECT,
                    List.of(
                            97, 316, 589, 12755, 12756, 14525, 15502, 15534, 15580, 15598, 15605, 15609, 15611, 15616,
                            15618, 15621, 15622, 15628, 15629, 15630, 18807, 18809, 18811, 18813, 23603, 23604, 23608)),
            // Number, Integer, UInteger.
            Map.entry(BuiltinType.VARIANT, List.of(26, 27, 28)));

    private static final Set<Integer> ENUMERATIONS = Set.of(
            29, 98, 120, 256, 257, 302, 303, 307, 315, 348, 576, 851, 852, 890, 11234, 11293, 11939, 12077, 12552,
            14647, 15008, 15632, 15874, 18595, 18947, 18949, 18951, 19723, 19730, 20408, 24210, 24212, 24214, 24216,
            24218, 24220, 24222, 24224, 32417, 32436);

    private static final int LAST_BUILTIN = 25;

    private final Map<Integer, ValueType> simple = new HashMap<>();
    private final Map<NodeId, StructureShape> structures = new ConcurrentHashMap<>();

    StandardTypes() {
        for (int id = 1; id <= LAST_BUILTIN; id++) {
            simple.put(id, new ValueType.Simple(BuiltinType.of(id).orElseThrow()));
        }
        SUBTYPES.forEach((type, ids) -> ids.forEach(id -> simple.put(id, new ValueType.Simple(type))));
        ENUMERATIONS.forEach(id -> simple.put(id, new ValueType.Enumeration(Set.of())));
    }

    /** The type with this id, or whose encoding has it; null if there is none in namespace 0, or none that is known here. */
    @Nullable
    ValueType of(NodeId id) {
        if (id.getNamespaceIndex().intValue() != 0 || !(id.getIdentifier() instanceof UInteger number)) {
            return null;
        }
        ValueType found = number.longValue() > Integer.MAX_VALUE ? null : simple.get(number.intValue());
        return found != null ? found : structure(id);
    }

    @Nullable
    StructureShape structure(NodeId id) {
        StructureShape known = structures.get(id);
        if (known != null || id.getNamespaceIndex().intValue() != 0) {
            return known;
        }
        Generated generated = Generated.of(id);
        if (generated == null) {
            return null;
        }
        build(generated);
        return structures.get(id);
    }

    /** With all structures that its fields need. Two threads that build the same make the same. */
    private void build(Generated first) {
        Map<NodeId, DataTypeDescription> descriptions = new HashMap<>();
        ArrayDeque<Generated> waiting = new ArrayDeque<>(List.of(first));
        while (!waiting.isEmpty()) {
            Generated next = waiting.remove();
            DataTypeDescription description = next.description();
            if (descriptions.putIfAbsent(next.typeId(), description) == null && description.structure() != null) {
                for (DataTypeDescription.Field field : description.structure().fields()) {
                    Generated nested = Generated.of(field.dataType());
                    if (nested != null) {
                        waiting.add(nested);
                    }
                }
            }
        }
        new ShapeBuilder(descriptions, this::simple).build().forEach((id, type) -> {
            if (type instanceof StructureShape shape) {
                structures.putIfAbsent(id, shape);
                DataTypeDescription description = descriptions.get(id);
                if (description != null && description.encodingId() != null) {
                    structures.putIfAbsent(description.encodingId(), shape);
                }
            }
        });
    }

    private @Nullable ValueType simple(NodeId id) {
        return id.getIdentifier() instanceof UInteger number && number.longValue() <= Integer.MAX_VALUE
                ? simple.get(number.intValue())
                : null;
    }

    /** One of Milo's generated classes. */
    private record Generated(Class<?> type, NodeId typeId, NodeId encodingId) {

        /** @param id of the data type or of an encoding */
        static @Nullable Generated of(NodeId id) {
            DataTypeCodec codec =
                    DefaultEncodingContext.INSTANCE.getDataTypeManager().getCodec(id);
            if (codec == null || Modifier.isAbstract(codec.getType().getModifiers())) {
                return null;
            }
            Class<?> type = codec.getType();
            try {
                return new Generated(type, constant(type, "TYPE_ID"), constant(type, "BINARY_ENCODING_ID"));
            } catch (ReflectiveOperationException e) {
                return null;
            }
        }

        private static NodeId constant(Class<?> type, String name) throws ReflectiveOperationException {
            return ((ExpandedNodeId) type.getField(name).get(null))
                    .toNodeId(new NamespaceTable())
                    .orElse(NodeId.NULL_VALUE);
        }

        DataTypeDescription description() {
            DataTypeDescription.Fields fields;
            try {
                fields = fields((StructureDefinition)
                        type.getMethod("definition", NamespaceTable.class).invoke(null, new NamespaceTable()));
            } catch (ReflectiveOperationException e) {
                fields = null;
            }
            return new DataTypeDescription(fields, null, false, null, encodingId);
        }

        private static DataTypeDescription.Fields fields(StructureDefinition definition) {
            List<DataTypeDescription.Field> fields = new ArrayList<>();
            for (StructureField field :
                    definition.getFields() == null ? new StructureField[0] : definition.getFields()) {
                String name = field.getName();
                fields.add(new DataTypeDescription.Field(
                        name == null ? "" : name, field.getDataType(), field.getValueRank(), field.getIsOptional()));
            }
            Layout layout = Layout.of(definition.getStructureType().getValue());
            return new DataTypeDescription.Fields(layout, fields);
        }
    }
}
